from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.group_buys.screens import group_card
from handlers.merging import screens
from handlers.merging.callbacks import AskMerge, Merge
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.errors import CannotMerge, GroupIsClosed
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="merging")
    router.callback_query.register(ask, AskMerge.filter(), flags=MEMBER)
    router.callback_query.register(merge, Merge.filter(), flags=MEMBER)
    return router


async def ask(
    query: CallbackQuery, callback_data: AskMerge, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    try:
        merger = await run(club.merging.ask, member, callback_data.group_id)
    except (CannotMerge, GroupIsClosed) as refusal:
        said = words(texts, refusal, member.zone)
        await _show(query, callback_data.group_id, member, texts, club, run, album, said=said, alert=True)
    else:
        await show(query, screens.question(merger, member.zone, texts), album)


async def merge(
    query: CallbackQuery, callback_data: Merge, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    group_id = callback_data.group_id
    try:
        result = await run(club.merging.merge, member, group_id, callback_data.other_id)
    except (CannotMerge, GroupIsClosed) as refusal:
        said = words(texts, refusal, member.zone)
        await _show(query, group_id, member, texts, club, run, album, said=said, alert=True)
    else:
        await _show(query, group_id, member, texts, club, run, album, said=screens.done(result, texts))


async def _show(
    query: CallbackQuery,
    group_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    *,
    said: str,
    alert: bool = False,
) -> None:
    """One's group as it stands now, or the one that it went into."""
    seen = await run(club.group_buys.group, group_id, member.id)
    await show(query, group_card(seen, member, texts), album, said=said, alert=alert)
