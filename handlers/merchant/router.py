from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.links import Links
from handlers.merchant import screens
from handlers.merchant.callbacks import CheckVoucher, Console, PutBack, UseVoucher
from handlers.merchant.states import VoucherForm
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.rewards.wallet import voucher_screen
from handlers.roles import MEMBER, STAFF, staff_with
from locales.texts import Texts
from loyalty.errors import NotAllowed, VoucherRefused
from loyalty.members import Member
from loyalty.merchants import Post, Right, Role
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.vouchers import Viewer

CASHIER = staff_with(Right.SELL)


def setup() -> Router:
    router = Router(name="merchant")
    router.callback_query.register(console, Console.filter(), flags=STAFF)
    router.message.register(voucher, Command("voucher"), flags=CASHIER)
    router.callback_query.register(ask_code, CheckVoucher.filter(), flags=CASHIER)
    router.message.register(code, StateFilter(VoucherForm.code), flags=CASHIER)
    router.message.register(scanned, DeepLink("v"), flags=MEMBER)
    router.callback_query.register(use, UseVoucher.filter(), flags=CASHIER)
    router.callback_query.register(put_back, PutBack.filter(), flags=CASHIER)
    return router


async def console(
    query: CallbackQuery, callback_data: Console, posts: tuple[Post, ...], texts: Texts, state: FSMContext
) -> None:
    await state.clear()
    await show(query, screens.console(_posts(posts, callback_data.merchant_id), texts))


async def voucher(
    message: Message,
    command: CommandObject,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """`/voucher CODE` looks it up; `/voucher` asks for the code."""
    if command.args:
        await show(message, screens.checked(await run(club.vouchers.check, member, command.args), member, texts))
    else:
        await _open_form(message, state, posts[0].merchant_id, texts)


async def ask_code(
    query: CallbackQuery, callback_data: CheckVoucher, posts: tuple[Post, ...], texts: Texts, state: FSMContext
) -> None:
    await _open_form(query, state, _posts(posts, callback_data.merchant_id)[0].merchant_id, texts)


async def code(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """What was typed into the form. A code that cannot be taken is explained, and the form stays open."""
    merchant_id = (await state.get_data())["merchant_id"]
    if message.text is None:
        await show(message, screens.ask_code(merchant_id, texts, screens.no_picture(texts)))
        return
    try:
        found = await run(club.vouchers.check, member, message.text)
    except VoucherRefused as refusal:
        await show(message, screens.ask_code(merchant_id, texts, words(texts, refusal, member.zone)))
    except NotAllowed:
        await state.clear()
        raise
    else:
        await state.clear()
        await show(message, screens.checked(found, member, texts))


async def scanned(
    message: Message, payload: str, member: Member, texts: Texts, club: Club, run: Run, links: Links, album: Album
) -> None:
    """Somebody's phone opened the link in a voucher's QR."""
    scan = await run(club.vouchers.scan, member, payload)
    match scan.viewer:
        case Viewer.COUNTER:
            await show(message, screens.checked(scan.voucher, member, texts))
        case Viewer.OWNER:
            await show(message, await voucher_screen(scan.voucher, member, texts, links), album)
        case Viewer.STRANGER:
            await show(message, screens.somebodys(scan.voucher, texts))


async def use(
    query: CallbackQuery, callback_data: UseVoucher, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    voucher = await run(club.vouchers.use, member, callback_data.voucher_code)
    await show(query, screens.taken(voucher, member, club.programme.till_undo_minutes, texts))


async def put_back(
    query: CallbackQuery, callback_data: PutBack, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.put_back(await run(club.vouchers.put_back, member, callback_data.voucher_id), texts))


async def _open_form(event: Message | CallbackQuery, state: FSMContext, merchant_id: int, texts: Texts) -> None:
    await state.set_state(VoucherForm.code)
    await state.update_data(merchant_id=merchant_id)
    await show(event, screens.ask_code(merchant_id, texts))


def _posts(posts: tuple[Post, ...], merchant_id: int) -> list[Post]:
    """What somebody is at a shop, highest first. Raises NotAllowed where it is not, or no longer, one's own."""
    here = [post for post in posts if post.merchant_id == merchant_id]
    if not here:
        raise NotAllowed("console")
    return sorted(here, key=lambda post: list(Role).index(post.role))
