"""What the owner types into the forms of the rule. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.earning import hours_screens, part_screens, screens, tag_screens, trial_screens
from handlers.earning.undo import undo
from handlers.refusals import words
from handlers.reply import show
from handlers.screens import Screen
from locales.texts import Texts, decimals_of
from loyalty.amounts import leading_money, money_minor
from loyalty.earn_rules import (
    Example,
    RulePart,
    at_minute,
    days_in,
    read_hours,
    read_rate,
    read_tag,
    read_whole,
)
from loyalty.earning import HappyHours
from loyalty.errors import EarnRuleIsFull, InvalidEarnRule, InvalidPurchase, NotFound, Refusal
from loyalty.members import Member, Tier
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.earn_rules import RuleCard

Complain = Callable[[RuleCard, str], Screen]


async def rate(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    merchant_id = (await state.get_data())["merchant_id"]
    currency = club.programme.currency
    read = read_rate(message.text or "", decimals_of(currency), club.programme.coin)

    def complain(seen: RuleCard, complaint: str) -> Screen:
        assert seen.rule is not None, "a rule never goes away"
        return screens.rate(seen, seen.rule, currency, texts, complaint)

    form = Form(message, merchant_id, member, texts, club, run, state, complain)
    if read is None:
        await form.misread()
    else:
        await form.change(run(club.earn_rules.set_rate, member, merchant_id, *read))


async def part(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    data = await state.get_data()
    merchant_id, which = data["merchant_id"], RulePart(data["part"])
    currency = club.programme.currency
    is_money = which is RulePart.MINIMUM
    text = message.text or ""
    number = money_minor(text, decimals_of(currency), club.programme.coin) if is_money else read_whole(text)

    def complain(seen: RuleCard, complaint: str) -> Screen:
        assert seen.rule is not None, "a rule never goes away"
        return part_screens.part(seen, seen.rule, which, currency, texts, complaint)

    form = Form(message, merchant_id, member, texts, club, run, state, complain)
    if number is None:
        await form.misread()
    else:
        await form.change(run(club.earn_rules.set_part, member, merchant_id, which, number))


async def times(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """Hours lead on to the percentage, unless it is there already."""
    data = await state.get_data()
    merchant_id, days = data["merchant_id"], data["days"]
    read = read_hours(message.text or "")

    def complain(seen: RuleCard, complaint: str) -> Screen:
        return hours_screens.ask_times(merchant_id, days, texts, complaint)

    form = Form(message, merchant_id, member, texts, club, run, state, complain)
    if read is None:
        await form.misread()
    elif read.percent is None:
        await state.clear()
        await show(message, hours_screens.ask_percent(merchant_id, days, read.starts, read.ends, texts))
    else:
        hours = HappyHours(read.percent, days_in(days), at_minute(read.starts), at_minute(read.ends))
        await form.change(run(club.earn_rules.add_hours, member, merchant_id, hours))


async def tag(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    merchant_id = (await state.get_data())["merchant_id"]
    read = read_tag(message.text or "")

    def complain(seen: RuleCard, complaint: str) -> Screen:
        assert seen.rule is not None, "a rule never goes away"
        return tag_screens.tags(seen, seen.rule, 0, texts, complaint)

    form = Form(message, merchant_id, member, texts, club, run, state, complain)
    if read is None:
        await form.misread()
    else:
        await form.change(run(club.earn_rules.set_tag, member, merchant_id, *read))


async def amount(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    data = await state.get_data()
    merchant_id = data["merchant_id"]
    coin = club.programme.coin
    read = leading_money(message.text or "", decimals_of(club.programme.currency), coin)

    def complain(seen: RuleCard, complaint: str) -> Screen:
        return trial_screens.ask_amount(merchant_id, texts, complaint)

    form = Form(message, merchant_id, member, texts, club, run, state, complain)
    if read is None:
        await form.misread()
        return
    minor, rest = read
    example = Example(minor, data["weekday"], data["minute"], Tier(data["tier"]))
    seen = await form.accepted(run(club.earn_rules.preview, member, merchant_id, example, words=rest))
    if seen is not None:
        await show(message, trial_screens.trial(seen, club.programme.currency, texts))


class Form:
    """One that is open. `complain` is its screen again, with what was wrong."""

    def __init__(
        self,
        message: Message,
        merchant_id: int,
        member: Member,
        texts: Texts,
        club: Club,
        run: Run,
        state: FSMContext,
        complain: Complain,
    ) -> None:
        self._message, self._merchant_id, self._member, self._texts = message, merchant_id, member, texts
        self._club, self._run, self._state, self._complain = club, run, state, complain

    async def misread(self) -> None:
        await self._again(screens.misread(self._texts))

    async def change(self, changing: Awaitable[RuleCard]) -> None:
        """Shows the card with the change."""
        seen = await self.accepted(changing)
        if seen is not None:
            await show(self._message, screens.card(seen, self._club.programme.currency, self._texts, undo(seen)))

    async def accepted(self, asked: Awaitable[RuleCard]) -> RuleCard | None:
        """What was asked for, and the form is closed. None: it was refused, and the form is open; what typing other
        words does not mend closes it and is raised."""
        try:
            seen = await asked
        except (InvalidEarnRule, InvalidPurchase, EarnRuleIsFull) as refusal:
            await self._again(words(self._texts, refusal, self._member.zone))
            return None
        except Refusal as refusal:
            if isinstance(refusal, NotFound) and refusal.noun == "tag":
                await self._again(words(self._texts, refusal, self._member.zone))
                return None
            await self._state.clear()
            raise
        await self._state.clear()
        return seen

    async def _again(self, complaint: str) -> None:
        try:
            seen = await self._run(self._club.earn_rules.card, self._member, self._merchant_id)
        except Refusal:
            await self._state.clear()  # the shop is somebody else's now
            raise
        await show(self._message, self._complain(seen, complaint))
