"""The till: a customer, an amount, points; undo and refund."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink, Recognised
from handlers.forms import Form
from handlers.merchant.screens import no_picture
from handlers.reply import show
from handlers.rewards.titles import voucher_title
from handlers.roles import MEMBER, staff_with
from handlers.till import returns, screens
from handlers.till.callbacks import (
    AskTake,
    BackToSale,
    BookSale,
    ChangeAmount,
    IsAmount,
    IsCustomer,
    OpenTill,
    PickCustomer,
    ServeCard,
    TakeVoucher,
)
from handlers.till.desk import Desk
from handlers.till.states import TillForm
from locales.texts import Texts
from loyalty.codes import as_typed
from loyalty.errors import CustomerNotFound, NotAllowed, NotFound, SaleForgotten
from loyalty.members import Member
from loyalty.merchants import Post, Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.vouchers import Voucher

CASHIER = staff_with(Right.SELL)
Posts = tuple[Post, ...]


def setup() -> Router:
    router = Router(name="till")
    router.message.register(till, Command("till"), flags=CASHIER)
    router.message.register(shop, StateFilter(TillForm.shop), flags=CASHIER)
    router.callback_query.register(open_till, OpenTill.filter(), flags=CASHIER)
    router.message.register(scanned, DeepLink("c"), flags=MEMBER)
    router.callback_query.register(serve_card, ServeCard.filter(), flags=CASHIER)
    router.message.register(customer, StateFilter(TillForm.customer), flags=CASHIER)
    router.callback_query.register(pick, PickCustomer.filter(), flags=CASHIER)
    router.message.register(amount, StateFilter(TillForm.amount), flags=CASHIER)
    router.callback_query.register(change_amount, ChangeAmount.filter(), flags=CASHIER)
    router.callback_query.register(is_amount, IsAmount.filter(), flags=CASHIER)
    router.callback_query.register(is_customer, IsCustomer.filter(), flags=CASHIER)
    router.callback_query.register(back_to_sale, BackToSale.filter(), flags=CASHIER)
    router.message.register(edited_too_late, StateFilter(TillForm.booked), flags=CASHIER)
    router.callback_query.register(ask_take, AskTake.filter(), flags=CASHIER)
    router.callback_query.register(take_voucher, TakeVoucher.filter(), flags=CASHIER)
    router.callback_query.register(book, BookSale.filter(), flags=CASHIER)
    returns.register(router)
    router.message.register(unasked, Recognised(), flags=MEMBER)
    return router


async def till(
    message: Message,
    command: CommandObject,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    """`/till` asks for the customer, `/till CODE` has one; who works at several shops says first at which."""
    desk = Desk(member, posts, texts, club, run, state)
    shops = desk.shops()
    if len(shops) > 1:
        await desk.ask_shop(message, command.args or "")
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
    state: Form,
) -> None:
    """Serves whom they typed before they said at which shop; anybody else who was served is left."""
    desk, given = Desk(member, posts, texts, club, run, state), (await state.get_data()).get("given")
    is_asked = await state.get_state() == TillForm.shop.state
    desk.shop(callback_data.merchant_id)
    if is_asked and given:
        await desk.serve(query, callback_data.merchant_id, given)
    else:
        if not is_asked:
            await state.clear()
        await desk.ask_customer(query, callback_data.merchant_id)


async def shop(message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form) -> None:
    """A customer was typed while it was still asked at which shop."""
    await Desk(member, posts, texts, club, run, state).ask_shop(message, message.text or "")


async def unasked(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """A card, a voucher or a customer that staff typed without opening the till first; nobody else's is looked at."""
    desk, given = Desk(member, posts, texts, club, run, state), message.text or ""
    shops = desk.shops()
    if not shops or not await desk.is_somebody(shops[0].merchant_id, given):
        raise SkipHandler
    if len(shops) > 1:
        await desk.ask_shop(message, given)
    else:
        await desk.serve(message, shops[0].merchant_id, given)


async def scanned(
    message: Message,
    payload: str,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
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
    state: Form,
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    await desk.serve(query, callback_data.merchant_id, f"c_{callback_data.code}")


async def customer(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
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
    state: Form,
) -> None:
    """One of those who were offered, and of nobody else: what a client makes up is no way to look at members."""
    data = await state.get_data()
    if callback_data.customer_id not in data.get("candidates", ()):
        raise SaleForgotten
    desk = Desk(member, posts, texts, club, run, state)
    await desk.sell(query, data["merchant_id"], callback_data.customer_id, data.get("amount"))


async def amount(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """What was typed into the form: an amount, or another one than was asked about."""
    desk = Desk(member, posts, texts, club, run, state)
    merchant_id, customer_id = await desk.sale()
    try:
        await desk.read(message, merchant_id, customer_id, message.text or "")
    except NotAllowed:
        await state.clear()
        raise


async def change_amount(
    query: CallbackQuery, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    await desk.ask_amount(query, *await desk.sale())


async def is_amount(
    query: CallbackQuery, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """What they were asked about is the amount."""
    desk, asked = Desk(member, posts, texts, club, run, state), await _asked(state)
    await desk.propose(query, *await desk.sale(), asked, is_sure=True)


async def is_customer(
    query: CallbackQuery, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """What they were asked about is the next customer."""
    desk, asked = Desk(member, posts, texts, club, run, state), await _asked(state)
    merchant_id, _ = await desk.sale()
    await desk.serve(query, merchant_id, asked)


async def _asked(state: Form) -> str:
    """Raises SaleForgotten."""
    asked = (await state.get_data()).get("asked")
    if asked is None:
        raise SaleForgotten
    return str(asked)


async def ask_take(
    query: CallbackQuery,
    callback_data: AskTake,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    sale = await _served(Desk(member, posts, texts, club, run, state))
    voucher = await run(club.till.voucher, member, *sale, callback_data.voucher_id)
    await show(query, screens.ask_take(voucher, member, texts))


async def take_voucher(
    query: CallbackQuery,
    callback_data: TakeVoucher,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    """A voucher of the customer who is served, and of nobody else, is taken, and the purchase goes on where it stood.
    Raises NotFound, VoucherRefused."""
    desk = Desk(member, posts, texts, club, run, state)
    voucher = await run(club.till.take, member, *await _served(desk), callback_data.voucher_id)
    said = texts("Done. {name} gets {title}.", name=voucher.first_name, title=voucher_title(voucher, texts))
    await _go_on(query, desk, said, voucher)


async def _served(desk: Desk) -> tuple[int, int]:
    """Shop and customer. Raises NotFound where nobody is served any more: nothing was to be booked."""
    try:
        return await desk.sale()
    except SaleForgotten as forgotten:
        raise NotFound("sale") from forgotten


async def back_to_sale(
    query: CallbackQuery, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    await _go_on(query, Desk(member, posts, texts, club, run, state))


async def _go_on(query: CallbackQuery, desk: Desk, said: str = "", taken: Voucher | None = None) -> None:
    """With the purchase as it stood."""
    merchant_id, customer_id = await desk.sale()
    data = await desk.state.get_data()
    if "given" in data:
        await desk.propose(query, merchant_id, customer_id, data["given"], is_sure=True, said=said, taken=taken)
    else:
        await desk.ask_amount(query, merchant_id, customer_id, said=said, taken=taken)


async def book(
    query: CallbackQuery,
    callback_data: BookSale,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    """Books what the form has for this confirmation, and waits for the next customer. Once the form has gone on, it
    shows what was booked."""
    desk, data, nonce = Desk(member, posts, texts, club, run, state), await state.get_data(), callback_data.nonce
    if data.get("nonce") == nonce:
        merchant_id, customer_id = await desk.sale()
        booked = await run(club.till.book, member, merchant_id, customer_id, data["given"], desk.decimals, nonce)
        message_id = await state.last_message()
        await desk.open(TillForm.customer, merchant_id=merchant_id)
        if message_id is not None:
            await state.answers(message_id, TillForm.booked, purchase_id=booked.sold.purchase.id)
    else:
        booked = await run(club.till.booked, member, nonce)
    await show(query, screens.done(booked, texts))


async def edited_too_late(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """The amount of a purchase was edited after it was confirmed."""
    seen = await run(club.till.purchase, member, (await state.get_data())["purchase_id"])
    desk = Desk(member, posts, texts, club, run, state)
    await desk.open(TillForm.customer, merchant_id=seen.sold.purchase.wish.merchant_id)
    await show(message, screens.is_booked(seen, texts))
