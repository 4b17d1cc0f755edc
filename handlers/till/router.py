"""The till: a customer, an amount, points; undo and refund."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.merchant.screens import no_picture, taken
from handlers.reply import show
from handlers.rewards.titles import voucher_title
from handlers.roles import MEMBER, staff_with
from handlers.till import returns, screens
from handlers.till.callbacks import BookSale, ChangeAmount, OpenTill, PickCustomer, ServeCard, TakeVoucher
from handlers.till.desk import Desk
from handlers.till.states import TillForm
from locales.texts import Texts
from loyalty.codes import as_typed
from loyalty.errors import CustomerNotFound, NotAllowed, SaleForgotten
from loyalty.members import Member
from loyalty.merchants import Post, Right
from loyalty.ports import Run
from loyalty.services import Club

CASHIER = staff_with(Right.SELL)
Posts = tuple[Post, ...]


def setup() -> Router:
    router = Router(name="till")
    router.message.register(till, Command("till"), flags=CASHIER)
    router.callback_query.register(open_till, OpenTill.filter(), flags=CASHIER)
    router.message.register(scanned, DeepLink("c"), flags=MEMBER)
    router.callback_query.register(serve_card, ServeCard.filter(), flags=CASHIER)
    router.message.register(customer, StateFilter(TillForm.customer), flags=CASHIER)
    router.callback_query.register(pick, PickCustomer.filter(), flags=CASHIER)
    router.message.register(amount, StateFilter(TillForm.amount), flags=CASHIER)
    router.callback_query.register(change_amount, ChangeAmount.filter(), flags=CASHIER)
    router.callback_query.register(take_voucher, TakeVoucher.filter(), flags=CASHIER)
    router.callback_query.register(book, BookSale.filter(), flags=CASHIER)
    returns.register(router)
    return router


async def till(
    message: Message,
    command: CommandObject,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """`/till` asks for the customer, `/till CODE` has one; who works at several shops says first at which."""
    desk = Desk(member, posts, texts, club, run, state)
    shops = desk.shops()
    if len(shops) > 1:
        await show(message, screens.choose_shop(shops, texts))
    elif command.args:
        await desk.serve(message, shops[0].merchant_id, command.args)
    else:
        await desk.ask_customer(message, shops[0].merchant_id)


async def open_till(
    query: CallbackQuery,
    callback_data: OpenTill,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await Desk(member, posts, texts, club, run, state).ask_customer(query, callback_data.merchant_id)


async def scanned(
    message: Message,
    payload: str,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """Somebody's phone opened the link in a card's QR."""
    desk = Desk(member, posts, texts, club, run, state)
    shops = desk.shops()
    if len(shops) == 1:
        await desk.serve(message, shops[0].merchant_id, f"c_{payload}")
        return
    try:
        owner_id: int | None = await run(club.till.card_owner, member, payload)
    except CustomerNotFound:
        owner_id = None
    if not shops:
        await show(message, screens.not_at_a_till(owner_id == member.id, texts))
    elif owner_id is None:
        raise CustomerNotFound("code")
    else:
        await show(message, screens.choose_shop(shops, texts, as_typed(payload)))


async def serve_card(
    query: CallbackQuery,
    callback_data: ServeCard,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    await desk.serve(query, callback_data.merchant_id, f"c_{callback_data.code}")


async def customer(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """What was typed into the form."""
    desk = Desk(member, posts, texts, club, run, state)
    merchant_id = (await state.get_data())["merchant_id"]
    try:
        if message.text is None:
            await desk.ask_customer(message, merchant_id, no_picture(texts))
        else:
            await desk.serve(message, merchant_id, message.text)
    except NotAllowed:
        await state.clear()
        raise


async def pick(
    query: CallbackQuery,
    callback_data: PickCustomer,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """One of those who were offered, and of nobody else: what a client makes up is no way to look at members."""
    data = await state.get_data()
    if callback_data.customer_id not in data.get("candidates", ()):
        raise SaleForgotten
    desk = Desk(member, posts, texts, club, run, state)
    await desk.ask_amount(query, data["merchant_id"], callback_data.customer_id)


async def amount(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """What was typed into the form: an amount, or another one than was asked about."""
    desk = Desk(member, posts, texts, club, run, state)
    merchant_id, customer_id = await desk.sale()
    try:
        await desk.propose(message, merchant_id, customer_id, message.text or "")
    except NotAllowed:
        await state.clear()
        raise


async def change_amount(
    query: CallbackQuery, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    await desk.ask_amount(query, *await desk.sale())


async def take_voucher(
    query: CallbackQuery,
    callback_data: TakeVoucher,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """The voucher is taken, and the purchase goes on where it stood."""
    voucher = await run(club.vouchers.use, member, callback_data.voucher_id)
    data = await state.get_data()
    if (data.get("merchant_id"), data.get("customer_id")) != (voucher.merchant_id, voucher.member_id):
        await show(query, taken(voucher, member, texts))
        return
    desk = Desk(member, posts, texts, club, run, state)
    said = texts("Done. {name} gets {title}.", name=voucher.first_name, title=voucher_title(voucher, texts))
    if "given" in data:
        await desk.propose(query, voucher.merchant_id, voucher.member_id, data["given"], said=said)
    else:
        await desk.ask_amount(query, voucher.merchant_id, voucher.member_id, said=said)


async def book(
    query: CallbackQuery,
    callback_data: BookSale,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """Books what the form has for this confirmation. Once the form is gone, it shows what was booked."""
    desk, data, nonce = Desk(member, posts, texts, club, run, state), await state.get_data(), callback_data.nonce
    if data.get("nonce") == nonce:
        merchant_id, customer_id = await desk.sale()
        booked = await run(club.till.book, member, merchant_id, customer_id, data["given"], desk.decimals, nonce)
        await state.clear()
    else:
        booked = await run(club.till.booked, member, nonce)
    await show(query, screens.done(booked, texts))
