"""One member of staff at a till, and the steps that several handlers take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from handlers.forms import Form
from handlers.merchant.screens import checked, undo_taking
from handlers.refusals import amount_example, words
from handlers.reply import show, wish_of
from handlers.screens import Screen
from handlers.till import screens
from handlers.till.states import TillForm
from locales.coins import cash_decimals_of
from locales.texts import Texts, decimals_of
from loyalty.errors import (
    AmountRefused,
    CustomerNotFound,
    InvalidPurchase,
    NotAllowed,
    OwnPurchase,
    ReceiptUsed,
    Refusal,
    SaleForgotten,
    VoucherRefused,
)
from loyalty.members import Member
from loyalty.merchants import Post, Right, with_right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.customers import Candidates, Face, is_code
from loyalty.services.till import Asked
from loyalty.vouchers import Voucher

Event = Message | CallbackQuery
Found = Face | Candidates | Voucher | Asked
NUMBER_LEAST = 4  # digits: fewer are no ending of a phone


@dataclass(frozen=True, slots=True)
class Desk:
    """Who stands there, and what they have at hand."""

    member: Member
    posts: Sequence[Post]
    texts: Texts
    club: Club
    run: Run
    state: Form

    @property
    def decimals(self) -> int:
        return decimals_of(self.club.programme.currency)

    @property
    def example(self) -> str:
        return amount_example(cash_decimals_of(self.club.programme.currency))

    def shops(self) -> list[Post]:
        """Where they may sell, each shop once."""
        return list({post.merchant_id: post for post in with_right(self.posts, Right.SELL)}.values())

    def shop(self, merchant_id: int) -> Post:
        """Raises NotAllowed where they do not sell, or no longer."""
        here = [post for post in self.shops() if post.merchant_id == merchant_id]
        if not here:
            raise NotAllowed(Right.SELL)
        return here[0]

    async def ask_shop(self, event: Event, given: str) -> None:
        """At which of several shops they are; what was typed is kept meanwhile."""
        await self.open(TillForm.shop, given=given)
        await show(event, screens.choose_shop(self.shops(), self.texts))

    async def ask_customer(self, event: Event, merchant_id: int, complaint: str | None = None) -> None:
        """Opens the form for the next customer."""
        post = self.shop(merchant_id)
        await self.open(TillForm.customer, merchant_id=merchant_id)
        await show(event, screens.ask_customer(post, self.texts, complaint))

    async def serve(self, event: Event, merchant_id: int, given: str) -> None:
        """Whoever or whatever was typed or scanned; where that is nobody, why, and the form is open."""
        try:
            found = await self.find(merchant_id, given)
        except (CustomerNotFound, OwnPurchase, VoucherRefused) as refusal:
            await self.ask_customer(event, merchant_id, self.words(refusal))
        else:
            await self.go_on(event, merchant_id, found)

    async def find(self, merchant_id: int, given: str) -> Found:
        return await self.run(self.club.till.find, self.member, merchant_id, given)

    async def go_on(self, event: Event, merchant_id: int, found: Found) -> None:
        """With whoever or whatever was found."""
        who, amount = (found.who, found.given) if isinstance(found, Asked) else (found, None)
        match who:
            case Face():
                await self.sell(event, merchant_id, who.id, amount)
            case Candidates():
                ids = [face.id for face in who.faces]
                await self.open(TillForm.customer, merchant_id=merchant_id, candidates=ids, amount=amount)
                await show(event, screens.choose_customer(who, merchant_id, self.member.zone, self.texts))
            case Voucher():
                await self.open(TillForm.customer, merchant_id=merchant_id)
                await show(event, checked(who, self.member, self.texts))

    async def sell(self, event: Event, merchant_id: int, customer_id: int, amount: str | None) -> None:
        """To a customer, for an amount that was typed already or is asked for now."""
        if amount is None:
            await self.ask_amount(event, merchant_id, customer_id)
        else:
            await self.propose(event, merchant_id, customer_id, amount)

    async def ask_amount(
        self,
        event: Event,
        merchant_id: int,
        customer_id: int,
        complaint: str | None = None,
        *,
        said: str = "",
        taken: Voucher | None = None,
    ) -> None:
        """`taken`: a voucher that was taken just now, and can be put back."""
        seen = await self.run(self.club.till.customer, self.member, merchant_id, customer_id)
        await self.open(TillForm.amount, merchant_id=merchant_id, customer_id=customer_id)
        screen = screens.ask_amount(seen, merchant_id, self.example, self.texts, complaint)
        await show(event, self._with_undo(screen, taken), said=said)

    async def propose(
        self,
        event: Event,
        merchant_id: int,
        customer_id: int,
        given: str,
        *,
        is_sure: bool = False,
        other: str | None = None,
        said: str = "",
        taken: Voucher | None = None,
    ) -> None:
        """The question that an amount leads to; if it leads to none, why, and the form is open. One that is many times
        what is usual here is asked about first, unless they said that it is right. `other`: whom it may mean."""
        till = self.club.till
        try:
            quote = await self.run(till.quote, self.member, merchant_id, customer_id, given, self.decimals)
        except (AmountRefused, InvalidPurchase, OwnPurchase, ReceiptUsed) as refusal:
            await self.ask_amount(event, merchant_id, customer_id, self.words(refusal), said=said, taken=taken)
            return
        if quote.usual_minor is not None and not is_sure:
            await self._ask_about(event, merchant_id, customer_id, given, screens.unusual(quote, self.texts))
            return
        # The same words handled again after a crash: the question that is in the chat already still counts.
        before, wish = await self.state.get_data(), wish_of(event)
        if (before.get("wish"), before.get("given")) == (wish, given):
            quote = replace(quote, nonce=before["nonce"])
        sale: dict[str, object] = {"merchant_id": merchant_id, "customer_id": customer_id, "given": given}
        sale |= {"nonce": quote.nonce, "wish": wish}
        await self.open(TillForm.amount, **sale, **({} if other is None else {"asked": other}))
        screen = screens.question(quote, merchant_id, self.texts, other)
        await show(event, self._with_undo(screen, taken), said=said)

    async def read(self, event: Event, merchant_id: int, customer_id: int, given: str) -> None:
        """What was typed where an amount is asked for. It may be the next customer: whoever has a queue types on."""
        number = as_number(given)
        if number is None:
            if await self._is_next(event, merchant_id, given):
                return
        elif await self.is_somebody(merchant_id, number):
            if number.startswith("0"):
                await self.serve(event, merchant_id, number)
                return
            if not cash_decimals_of(
                self.club.programme.currency
            ):  # there amounts have four digits every day, and the other way is beside them
                await self.propose(event, merchant_id, customer_id, given, other=number)
                return
            amount = self.texts.money(int(number) * 10**self.decimals, self.club.programme.currency)
            screen = screens.amount_or_customer(number, amount, merchant_id, self.texts)
            await self._ask_about(event, merchant_id, customer_id, given, screen)
            return
        await self.propose(event, merchant_id, customer_id, given)

    async def _is_next(self, event: Event, merchant_id: int, given: str) -> bool:
        """Serves the customer, or takes the voucher, that was typed instead of an amount."""
        if money_begins(given) or not await self.is_somebody(merchant_id, given):
            return False
        try:
            found = await self.find(merchant_id, given)
        except CustomerNotFound:
            return False
        await self.go_on(event, merchant_id, found)
        return True

    async def is_somebody(self, merchant_id: int, given: str) -> bool:
        """Whether it may be a customer or a voucher that was typed, where something else was asked for, or nothing."""
        return is_code(given) or await self.run(self.club.till.is_known, self.member, merchant_id, given)

    async def _ask_about(self, event: Event, merchant_id: int, customer_id: int, asked: str, screen: Screen) -> None:
        await self.open(TillForm.amount, merchant_id=merchant_id, customer_id=customer_id, asked=asked)
        await show(event, screen)

    def _with_undo(self, screen: Screen, taken: Voucher | None) -> Screen:
        if taken is None:
            return screen
        undo = undo_taking(taken, self.club.programme.till_undo_minutes, self.texts)
        return replace(screen, rows=[*screen.rows, [undo]])

    async def open(self, form: State, **data: object) -> None:
        await self.state.set_data(data)
        await self.state.set_state(form)

    async def sale(self) -> tuple[int, int]:
        """Shop and customer of the purchase that was begun. Raises SaleForgotten."""
        data = await self.state.get_data()
        if "customer_id" not in data:
            raise SaleForgotten
        return data["merchant_id"], data["customer_id"]

    def words(self, refusal: Refusal) -> str:
        return words(self.texts, refusal, self.member.zone)


def as_number(given: str) -> str | None:
    """The digits of a number that stands alone, without a mark in it: an amount, or the end of a phone."""
    text = unicodedata.normalize("NFKC", given).strip()
    return text if text.isascii() and text.isdecimal() and len(text) >= NUMBER_LEAST else None


def money_begins(given: str) -> bool:
    """Whether it begins as an amount does, so that it is read as one, with a receipt or a note behind it."""
    return re.match(r"\W{0,2}[\d.,']+(?:\s|$)", unicodedata.normalize("NFKC", given).strip()) is not None
