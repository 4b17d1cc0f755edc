"""What is typed into the forms of a segment. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from dataclasses import replace

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.coins import coin_of
from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import show
from handlers.screens import Screen
from handlers.segments import list_screens, screens
from handlers.segments.states import SegmentForm
from handlers.segments.value_screens import Values
from locales.texts import Texts
from loyalty.amounts import money_minor
from loyalty.currencies import Coin
from loyalty.errors import InvalidName, InvalidSegment, ListNameTaken, Refusal, SegmentChanged
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.segment_choices import Choice, Sort, number_of, read_days, read_not, read_points
from loyalty.services import Club
from loyalty.services.segments import Offered


async def value(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """A number, a span, an amount or a product, whichever the form asked for."""
    known = await state.get_data()
    broadcast_id, mark, where = known["broadcast_id"], known["mark"], known["where"]
    asked = Choice(Sort(known["sort"]), known["first"], known["second"], known["is_not"])
    currency = club.programme.currency
    try:
        offered = await run(club.segments.offered, member, broadcast_id, mark, asked.sort)
        choice, is_whole = _read(message.text or "", asked, offered, coin_of(currency))
        if choice is None:
            await show(message, _again(offered, where, asked, currency, texts).below(_misread(asked, texts)))
        elif is_whole:
            card = await run(club.segments.put, member, broadcast_id, mark, where, choice)
            await state.clear()
            await show(message, screens.card(card, currency, texts))
        else:
            step = {"sort": choice.sort.value, "first": choice.first, "second": 0, "is_not": choice.is_not}
            await open_form(state, SegmentForm.value, **{**known, **step})
            await show(message, _again(offered, where, choice, currency, texts))
    except InvalidSegment as refusal:
        complaint = words(texts, refusal, member.zone)
        await show(message, _again(offered, where, asked, currency, texts).below(complaint))
    except SegmentChanged as refusal:
        await state.clear()
        card = await run(club.segments.card, member, broadcast_id)
        await show(message, screens.card(card, currency, texts).below(words(texts, refusal, member.zone)))
    except Refusal:
        await state.clear()  # the draft is sent or gone, or somebody else's now
        raise


def _again(offered: Offered, where: str, asked: Choice, currency: str, texts: Texts) -> Screen:
    values = Values(offered.seen, where, asked, currency, texts)
    return values.screen(offered.products, offered.rewards, offered.lists)


def _read(text: str, asked: Choice, offered: Offered, coin: Coin) -> tuple[Choice | None, bool]:
    """What was chosen by it, and whether that is the whole condition; None if it cannot be read."""
    rest, is_not = read_not(text)
    match asked.sort:
        case Sort.POINTS:
            span = read_points(text)
            if span is None:
                return None, True
            most = 0 if span.most is None else span.most + 1
            return replace(asked, first=span.least, second=most), True
        case Sort.LAST | Sort.TAPPED:
            days = read_days(rest)
            return (None if not days else replace(asked, first=days, is_not=is_not)), True
        case Sort.SPENT if not asked.first:
            minor = money_minor(rest, coin.decimals, coin)
            return (None if not minor else replace(asked, first=minor, is_not=is_not)), False
        case Sort.PRODUCT | Sort.SPENT if asked.first:
            days = read_days(text)
            return (None if not days else replace(asked, second=days)), True
        case Sort.PRODUCT:
            tag = _product(text, offered)
            return (None if tag is None else replace(asked, first=number_of(tag), second=0)), False
        case Sort.PAIR:
            tag = _product(text, offered)
            if tag is None or number_of(tag) == asked.first:
                return None, True
            if asked.first:
                return replace(asked, second=number_of(tag)), True
            return replace(asked, first=number_of(tag), second=0), False
        case _:
            return None, True


def _product(text: str, offered: Offered) -> str | None:
    said = " ".join(text.casefold().split())
    return next((tag for tag in offered.products if tag.casefold() == said), None)


def _misread(asked: Choice, texts: Texts) -> str:
    match asked.sort:
        case Sort.PRODUCT | Sort.PAIR if not (asked.first and asked.sort is Sort.PRODUCT):
            return texts("No such product was sold here lately. Check the spelling, or choose one of these.")
        case Sort.POINTS:
            return texts("I could not read that. Type a whole number, such as 250, or a span, such as 100-500.")
        case Sort.SPENT if not asked.first:
            return texts("I could not read that. Type an amount, such as 75.")
        case _:
            return texts("I could not read that. Type a whole number of days, such as 45.")


async def name(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """Of a new list, or another one for a list."""
    known = await state.get_data()
    broadcast_id, mark, segment_id = known["broadcast_id"], known["mark"], known["segment_id"]
    given = message.text or ""
    try:
        if segment_id:
            card = await run(club.segments.rename, member, broadcast_id, segment_id, given)
        else:
            card = await run(club.segments.save, member, broadcast_id, mark, given)
    except ListNameTaken as refusal:
        if segment_id:
            complaint = words(texts, refusal, member.zone)
            await show(message, list_screens.ask_name(broadcast_id, texts, complaint=complaint))
        else:
            screen = list_screens.ask_overwrite(broadcast_id, mark, refusal.segment_id, refusal.name, texts)
            await show(message, screen)
    except (InvalidName, InvalidSegment) as refusal:
        complaint = words(texts, refusal, member.zone)
        await show(message, list_screens.ask_name(broadcast_id, texts, complaint=complaint))
    except SegmentChanged as refusal:
        await state.clear()
        now = await run(club.segments.card, member, broadcast_id)
        above = words(texts, refusal, member.zone)
        await show(message, screens.card(now, club.programme.currency, texts).below(above))
    except Refusal:
        await state.clear()
        raise
    else:
        await state.clear()
        await show(message, list_screens.one_list(card, club.programme.currency, texts))
