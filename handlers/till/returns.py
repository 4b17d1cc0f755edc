"""What goes back: undo for some minutes, a refund later."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from handlers.forms import Form
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import staff_with
from handlers.till import return_screens, screens
from handlers.till.callbacks import AskPart, AskRefund, ListSales, RefundSale, ShowSale, UndoSale
from handlers.till.desk import Desk
from handlers.till.states import TillForm
from locales.texts import Texts
from loyalty.errors import AmountRefused, InvalidPurchase, NotAllowed, NotFound, PurchaseRefundTooLarge
from loyalty.members import Member
from loyalty.merchants import Post, Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.till import Sales

CASHIER = staff_with(Right.SELL)
Posts = tuple[Post, ...]


def register(router: Router) -> None:
    router.callback_query.register(undo, UndoSale.filter(), flags=CASHIER)
    router.callback_query.register(sales, ListSales.filter(), flags=CASHIER)
    router.message.register(receipt, StateFilter(TillForm.receipt), flags=CASHIER)
    router.callback_query.register(sale, ShowSale.filter(), flags=CASHIER)
    router.callback_query.register(ask_whole, AskRefund.filter(), flags=CASHIER)
    router.callback_query.register(ask_part, AskPart.filter(), flags=CASHIER)
    router.message.register(part, StateFilter(TillForm.part), flags=CASHIER)
    router.callback_query.register(refund, RefundSale.filter(), flags=CASHIER)


async def undo(
    query: CallbackQuery, callback_data: UndoSale, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    done = await run(club.till.undo, member, callback_data.purchase_id)
    await show(query, screens.undone(done.sold.purchase, done.sold.first_name, done.points, texts))


async def sales(
    query: CallbackQuery,
    callback_data: ListSales,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    await _list(query, desk, callback_data.merchant_id, callback_data.before)


async def receipt(
    message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    """The number of a receipt, typed into the form."""
    merchant_id = (await state.get_data())["merchant_id"]
    try:
        found = await run(club.till.find_purchase, member, merchant_id, message.text or "")
    except (NotFound, InvalidPurchase) as refusal:
        desk = Desk(member, posts, texts, club, run, state)
        await _list(message, desk, merchant_id, complaint=words(texts, refusal, member.zone))
    except NotAllowed:
        await state.clear()
        raise
    else:
        if isinstance(found, Sales):
            desk = Desk(member, posts, texts, club, run, state)
            await show(message, return_screens.sales(found, desk.shop(merchant_id), member, texts))
            return
        await state.clear()
        await show(message, return_screens.sale(found, member, texts))


async def sale(
    query: CallbackQuery,
    callback_data: ShowSale,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    """It also leaves the form that asks for a part."""
    await state.clear()
    seen = await run(club.till.purchase, member, callback_data.purchase_id)
    await show(query, return_screens.sale(seen, member, texts))


async def ask_whole(
    query: CallbackQuery,
    callback_data: AskRefund,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    desk = Desk(member, posts, texts, club, run, state)
    quote = await run(club.till.refund_quote, member, callback_data.purchase_id, None, desk.decimals)
    await show(query, return_screens.question(quote, texts))


async def ask_part(
    query: CallbackQuery,
    callback_data: AskPart,
    member: Member,
    posts: Posts,
    texts: Texts,
    club: Club,
    run: Run,
    state: Form,
) -> None:
    await _ask_part(query, Desk(member, posts, texts, club, run, state), callback_data.purchase_id)


async def part(message: Message, member: Member, posts: Posts, texts: Texts, club: Club, run: Run, state: Form) -> None:
    """How much goes back, typed into the form."""
    desk = Desk(member, posts, texts, club, run, state)
    purchase_id = (await state.get_data())["purchase_id"]
    try:
        quote = await run(club.till.refund_quote, member, purchase_id, message.text or "", desk.decimals)
    except (AmountRefused, PurchaseRefundTooLarge) as refusal:
        await _ask_part(message, desk, purchase_id, words(texts, refusal, member.zone))
    except NotAllowed:
        await state.clear()
        raise
    else:  # the form stays open: the answer may be typed again while the question waits
        await show(message, return_screens.question(quote, texts))


async def refund(
    query: CallbackQuery, callback_data: RefundSale, member: Member, texts: Texts, club: Club, run: Run, state: Form
) -> None:
    done = await run(
        club.till.refund, member, callback_data.purchase_id, callback_data.amount_minor, callback_data.nonce
    )
    if await state.get_state() == TillForm.part.state:
        await state.clear()
    await show(query, return_screens.refunded(done, texts))


async def _list(
    event: Message | CallbackQuery, desk: Desk, merchant_id: int, before: int = 0, complaint: str | None = None
) -> None:
    seen = await desk.run(desk.club.till.sales, desk.member, merchant_id, before or None)
    await desk.open(TillForm.receipt, merchant_id=merchant_id)
    screen = return_screens.sales(seen, desk.shop(merchant_id), desk.member, desk.texts, complaint)
    await show(event, screen)


async def _ask_part(event: Message | CallbackQuery, desk: Desk, purchase_id: int, complaint: str | None = None) -> None:
    seen = await desk.run(desk.club.till.purchase, desk.member, purchase_id)
    await desk.open(TillForm.part, purchase_id=purchase_id)
    await show(event, return_screens.ask_part(seen, desk.example, desk.texts, complaint))
