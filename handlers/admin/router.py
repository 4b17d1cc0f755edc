from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.admin import screens
from handlers.admin.callbacks import Admin, ConfirmAdjust, Stats, UndoAdjustment
from handlers.admin.commands import Adjustment, read_adjustment
from handlers.meant import AsksWhom
from handlers.pictures.charts import ChartsUnavailable, bars
from handlers.reply import show
from handlers.roles import OPERATOR
from handlers.screens import plain
from locales.texts import Texts
from loyalty.errors import WishForgotten
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.operators import ClubReport

NUMBER = "number"  # of the message with a command, in what is known of the wish


def setup() -> Router:
    router = Router(name="admin")
    router.message.middleware(AsksWhom())
    router.message.register(admin, Command("admin"), flags=OPERATOR)
    router.callback_query.register(admin, Admin.filter(), flags=OPERATOR)
    router.message.register(stats, Command("stats"), flags=OPERATOR)
    router.callback_query.register(stats, Stats.filter(), flags=OPERATOR)
    router.message.register(adjust, Command("adjust"), flags=OPERATOR)
    router.callback_query.register(confirm_adjust, ConfirmAdjust.filter(), flags=OPERATOR)
    router.callback_query.register(undo, UndoAdjustment.filter(), flags=OPERATOR)
    return router


async def admin(event: Message | CallbackQuery, texts: Texts, club: Club, run: Run) -> None:
    waiting, aside = await run(club.approvals.count), await run(club.set_aside.count)
    await show(event, screens.admin(waiting, texts, aside))


async def stats(event: Message | CallbackQuery, texts: Texts, club: Club, run: Run) -> None:
    report = await run(club.operators.report)
    await show(event, screens.stats(report, texts, await asyncio.to_thread(_chart, report, texts)))


def _chart(report: ClubReport, texts: Texts) -> bytes | None:
    """Points in and out, day by day; without the extra `charts` the figures have to do."""
    try:
        return bars(
            plain(texts.plural("Points, last {n} day", "Points, last {n} days", len(report.days))),
            [f"{day.month}/{day.day}" for day, _ in report.days],
            [
                (plain(texts("earned")), "#2e9e6b", [figures.earned for _, figures in report.days]),
                (plain(texts("spent")), "#d9822b", [figures.spent for _, figures in report.days]),
            ],
            plain(texts("points")),
            empty=plain(texts("Nothing here yet")),
        )
    except ChartsUnavailable:
        return None


async def adjust(
    message: Message, command: CommandObject, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    wanted = read_adjustment(command.args)
    if wanted is None:
        await show(message, screens.how_to_adjust(texts))
        return
    if club.operators.is_large(wanted.points):
        asked = await run(club.operators.ask, wanted.code, wanted.points)
        await state.set_data(asdict(wanted) | {NUMBER: message.message_id})
        await show(message, screens.ask_adjust(asked, wanted.reason, message.message_id, texts))
        return
    await _adjust(message, message.message_id, wanted, texts, club, run)


async def confirm_adjust(
    query: CallbackQuery, callback_data: ConfirmAdjust, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """The wish stays known: a second tap shows the same result, and books nothing."""
    wanted = await wish_of(state, callback_data.number)
    await _adjust(query, callback_data.number, Adjustment(**wanted), texts, club, run)


async def wish_of(state: FSMContext, number: int) -> dict[str, Any]:
    """What was asked about at the command with this number. Raises WishForgotten."""
    known = dict(await state.get_data())
    if known.pop(NUMBER, None) != number:
        raise WishForgotten
    return known


async def _adjust(
    event: Message | CallbackQuery, number: int, wanted: Adjustment, texts: Texts, club: Club, run: Run
) -> None:
    assert event.from_user is not None, "only people have roles"
    member = await run(club.operators.find_member, wanted.code)
    result = await run(
        club.operators.adjust,
        member.id,
        wanted.points,
        wanted.reason,
        key=f"adjust:{event.from_user.id}:{number}",
        actor=actor_of(event),
    )
    await show(event, screens.adjusted(result, texts))


async def undo(query: CallbackQuery, callback_data: UndoAdjustment, texts: Texts, club: Club, run: Run) -> None:
    result = await run(club.accounts.reverse, callback_data.transaction_id, actor=actor_of(query))
    await show(query, screens.undone(result.member, result.balance, texts))


def actor_of(event: Message | CallbackQuery) -> str:
    """As the ledger names the operator."""
    assert event.from_user is not None, "only people have roles"
    return f"operator:{event.from_user.id}"
