from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.admin import screens
from handlers.admin.callbacks import Admin, Stats, UndoAdjustment
from handlers.admin.commands import read_adjustment
from handlers.meant import AsksWhom
from handlers.pictures.charts import ChartsUnavailable, bars
from handlers.reply import show
from handlers.roles import OPERATOR
from handlers.screens import plain
from locales.texts import Texts
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.operators import ClubReport


def setup() -> Router:
    router = Router(name="admin")
    router.message.middleware(AsksWhom())
    router.message.register(admin, Command("admin"), flags=OPERATOR)
    router.callback_query.register(admin, Admin.filter(), flags=OPERATOR)
    router.message.register(stats, Command("stats"), flags=OPERATOR)
    router.callback_query.register(stats, Stats.filter(), flags=OPERATOR)
    router.message.register(adjust, Command("adjust"), flags=OPERATOR)
    router.callback_query.register(undo, UndoAdjustment.filter(), flags=OPERATOR)
    return router


async def admin(event: Message | CallbackQuery, texts: Texts, club: Club, run: Run) -> None:
    await show(event, screens.admin(await run(club.approvals.count), texts))


async def stats(event: Message | CallbackQuery, texts: Texts, club: Club, run: Run) -> None:
    report = await run(club.operators.report)
    await show(event, screens.stats(report, texts, await asyncio.to_thread(_chart, report, texts)))


def _chart(report: ClubReport, texts: Texts) -> bytes | None:
    """Points in and out, day by day; without the extra `charts` the figures have to do."""
    try:
        return bars(
            plain(texts("Points, last {n} days", n=len(report.days))),
            [f"{day.month}/{day.day}" for day, _ in report.days],
            [
                (plain(texts("earned")), "#2e9e6b", [figures.earned for _, figures in report.days]),
                (plain(texts("spent")), "#d9822b", [figures.spent for _, figures in report.days]),
            ],
            plain(texts("points")),
            empty=plain(texts("No movements yet")),
        )
    except ChartsUnavailable:
        return None


async def adjust(message: Message, command: CommandObject, texts: Texts, club: Club, run: Run) -> None:
    wanted = read_adjustment(command.args)
    if wanted is None:
        await show(message, screens.how_to_adjust(texts))
        return
    member = await run(club.operators.find_member, wanted.code)
    result = await run(
        club.operators.adjust,
        member.id,
        wanted.points,
        wanted.reason,
        key=f"adjust:{message.chat.id}:{message.message_id}",
        actor=actor_of(message),
    )
    await show(message, screens.adjusted(result, texts))


async def undo(query: CallbackQuery, callback_data: UndoAdjustment, texts: Texts, club: Club, run: Run) -> None:
    result = await run(club.accounts.reverse, callback_data.transaction_id, actor=actor_of(query))
    await show(query, screens.undone(result.member, result.balance, texts))


def actor_of(event: Message | CallbackQuery) -> str:
    """As the ledger names the operator."""
    assert event.from_user is not None, "only people have roles"
    return f"operator:{event.from_user.id}"
