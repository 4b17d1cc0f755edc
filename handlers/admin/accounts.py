"""What the operator does with a member's account: look, undo, agree a credit line."""

from __future__ import annotations

from dataclasses import asdict

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.admin import account_screens as screens
from handlers.admin.callbacks import AskReverse, ConfirmCredit, Reverse, ShowAccount
from handlers.admin.commands import CreditWish, read_credit, read_number
from handlers.admin.router import NUMBER, actor_of, wish_of
from handlers.meant import AsksWhom
from handlers.reply import show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="accounts")
    router.message.middleware(AsksWhom())
    router.message.register(account, Command("ledger"), flags=OPERATOR)
    router.callback_query.register(page, ShowAccount.filter(), flags=OPERATOR)
    router.message.register(reverse, Command("reverse"), flags=OPERATOR)
    router.callback_query.register(ask_reverse, AskReverse.filter(), flags=OPERATOR)
    router.callback_query.register(undo, Reverse.filter(), flags=OPERATOR)
    router.message.register(credit, Command("credit"), flags=OPERATOR)
    router.callback_query.register(confirm_credit, ConfirmCredit.filter(), flags=OPERATOR)
    return router


async def account(message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run) -> None:
    if not command.args:
        await show(message, screens.how_to_look(texts))
        return
    await show(message, screens.account(await run(club.accounts.view_of, command.args), member, texts))


async def page(
    query: CallbackQuery, callback_data: ShowAccount, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.accounts.view, callback_data.member_id, callback_data.before or None)
    await show(query, screens.account(seen, member, texts))


async def reverse(message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run) -> None:
    number = read_number(command.args)
    if number is None:
        await show(message, screens.how_to_reverse(texts))
        return
    await show(message, screens.question(await run(club.accounts.ask_reverse, number), member, texts))


async def ask_reverse(
    query: CallbackQuery, callback_data: AskReverse, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    undoing = await run(club.accounts.ask_reverse, callback_data.transaction_id)
    await show(query, screens.question(undoing, member, texts))


async def undo(query: CallbackQuery, callback_data: Reverse, texts: Texts, club: Club, run: Run) -> None:
    undone = await run(club.accounts.reverse, callback_data.transaction_id, actor=actor_of(query))
    await show(query, screens.undone(undone, texts))


async def credit(
    message: Message, command: CommandObject, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    wanted = read_credit(command.args)
    if wanted is None:
        await show(message, screens.how_to_credit(texts))
        return
    if club.operators.is_large(wanted.points):
        asked = await run(club.operators.ask, wanted.code, wanted.points)
        await state.set_data(asdict(wanted) | {NUMBER: message.message_id})
        await show(message, screens.ask_credit(asked, message.message_id, texts))
        return
    await _agree(message, message.message_id, wanted, texts, club, run)


async def confirm_credit(
    query: CallbackQuery, callback_data: ConfirmCredit, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    wanted = await wish_of(state, callback_data.number)
    await _agree(query, callback_data.number, CreditWish(**wanted), texts, club, run)


async def _agree(
    event: Message | CallbackQuery, number: int, wanted: CreditWish, texts: Texts, club: Club, run: Run
) -> None:
    assert event.from_user is not None, "only people have roles"
    key = f"credit:{event.from_user.id}:{number}"
    agreed = await run(club.accounts.agree_credit, wanted.code, wanted.points, key=key)
    await show(event, screens.credit_agreed(agreed, texts))
