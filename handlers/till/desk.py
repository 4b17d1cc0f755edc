"""One member of staff at a till, and the steps that several handlers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from handlers.merchant.screens import checked
from handlers.refusals import amount_example, words
from handlers.reply import show
from handlers.till import screens
from handlers.till.states import TillForm
from locales.coins import cash_decimals_of
from locales.texts import Texts, decimals_of
from loyalty.errors import (
    AmountRefused,
    CustomerNotFound,
    InvalidPurchase,
    NotAllowed,
    ReceiptUsed,
    SaleForgotten,
    VoucherRefused,
)
from loyalty.members import Member
from loyalty.merchants import Post, Right, with_right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.customers import Candidates, Face
from loyalty.vouchers import Voucher

Event = Message | CallbackQuery


@dataclass(frozen=True, slots=True)
class Desk:
    """Who stands there, and what they have at hand."""

    member: Member
    posts: Sequence[Post]
    texts: Texts
    club: Club
    run: Run
    state: FSMContext

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

    async def ask_customer(self, event: Event, merchant_id: int, complaint: str | None = None) -> None:
        """Opens the form for the next customer."""
        post = self.shop(merchant_id)
        await self.open(TillForm.customer, merchant_id=merchant_id)
        await show(event, screens.ask_customer(post, self.texts, complaint))

    async def serve(self, event: Event, merchant_id: int, given: str) -> None:
        """Whoever or whatever was typed or scanned; where that is nobody, why, and the form is open."""
        try:
            found = await self.run(self.club.till.find, self.member, merchant_id, given)
        except (CustomerNotFound, VoucherRefused) as refusal:
            await self.ask_customer(event, merchant_id, self.words(refusal))
            return
        match found:
            case Face():
                await self.ask_amount(event, merchant_id, found.id)
            case Candidates():
                ids = [face.id for face in found.faces]
                await self.open(TillForm.customer, merchant_id=merchant_id, candidates=ids)
                await show(event, screens.choose_customer(found, merchant_id, self.texts))
            case Voucher():
                await self.open(TillForm.customer, merchant_id=merchant_id)
                await show(event, checked(found, self.member, self.texts))

    async def ask_amount(
        self, event: Event, merchant_id: int, customer_id: int, complaint: str | None = None, *, said: str = ""
    ) -> None:
        seen = await self.run(self.club.till.customer, self.member, merchant_id, customer_id)
        await self.open(TillForm.amount, merchant_id=merchant_id, customer_id=customer_id)
        screen = screens.ask_amount(seen, merchant_id, self.example, self.texts, complaint)
        await show(event, screen, said=said)

    async def propose(self, event: Event, merchant_id: int, customer_id: int, given: str, *, said: str = "") -> None:
        """The question that an amount leads to; if it leads to none, why, and the form is open."""
        till = self.club.till
        try:
            quote = await self.run(till.quote, self.member, merchant_id, customer_id, given, self.decimals)
        except (AmountRefused, InvalidPurchase, ReceiptUsed) as refusal:
            await self.ask_amount(event, merchant_id, customer_id, self.words(refusal), said=said)
            return
        await self.open(
            TillForm.amount, merchant_id=merchant_id, customer_id=customer_id, given=given, nonce=quote.nonce
        )
        await show(event, screens.question(quote, merchant_id, self.texts), said=said)

    async def open(self, form: State, **data: object) -> None:
        await self.state.set_data(data)
        await self.state.set_state(form)

    async def sale(self) -> tuple[int, int]:
        """Shop and customer of the purchase that was begun. Raises SaleForgotten."""
        data = await self.state.get_data()
        if "customer_id" not in data:
            raise SaleForgotten
        return data["merchant_id"], data["customer_id"]

    def words(self, refusal: AmountRefused | CustomerNotFound | InvalidPurchase | ReceiptUsed | VoucherRefused) -> str:
        return words(self.texts, refusal, self.member.zone)
