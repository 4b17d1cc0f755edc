"""The member's tier: what it brings, and what the next one needs. The operator may grant one."""

from __future__ import annotations

from datetime import UTC, datetime

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.meant import AsksWhom
from handlers.reply import show
from handlers.roles import MEMBER, OPERATOR
from handlers.tiers import screens
from handlers.tiers.callbacks import MyTier, UndoGrant
from handlers.tiers.commands import read_grant
from locales.texts import Texts
from loyalty.errors import NotFound
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="tiers")
    router.message.middleware(AsksWhom())
    router.message.register(my_tier, Command("tier"), flags=MEMBER)
    router.callback_query.register(my_tier, MyTier.filter(), flags=MEMBER)
    router.message.register(grant, Command("grant"), flags=OPERATOR)
    router.callback_query.register(undo, UndoGrant.filter(), flags=OPERATOR)
    return router


async def my_tier(event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(event, screens.standing(await run(club.tiers.standing, member.id), member, club.programme, texts))


async def grant(message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run) -> None:
    """`/grant ABCD2345 gold`; anything else explains how it goes."""
    wanted = read_grant(command.args)
    if wanted is None:
        await show(message, screens.how_to_grant(texts))
        return
    granted = await run(club.tiers.grant, wanted.code, wanted.tier)
    await show(message, screens.granted(granted, texts))


async def undo(
    query: CallbackQuery, callback_data: UndoGrant, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    kept_before = _moment(callback_data.kept) if callback_data.kept else None
    undone = await run(club.tiers.undo_grant, callback_data.member_id, callback_data.change_id, kept_before)
    await show(query, screens.undone(undone, texts))


def _moment(seconds: int) -> datetime:
    """Raises NotFound for a button that somebody has made up."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise NotFound("tier", seconds) from error
