from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.choices import screens
from handlers.choices.callbacks import Choose, ShowChoices
from handlers.group_buys.screens import group_card, not_enough
from handlers.links import Links
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.rewards.wallet import voucher_screen
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.errors import NotEnoughPoints, NotFound, Refusal
from loyalty.group_buys import Choice
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.choices import Chosen


def setup() -> Router:
    router = Router(name="choices")
    router.callback_query.register(choices, ShowChoices.filter(), flags=MEMBER)
    router.callback_query.register(choose, Choose.filter(), flags=MEMBER)
    return router


async def choices(
    query: CallbackQuery, callback_data: ShowChoices, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.choices.look, member, callback_data.group_id)
    await show(query, screens.choices(seen, member.zone, texts))


async def choose(
    query: CallbackQuery,
    callback_data: Choose,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    """What came of it; where it cannot be, why, and what can be chosen instead."""
    group_id = callback_data.group_id
    try:
        result = await _chosen(callback_data, member, club, run)
    except NotFound:
        raise
    except NotEnoughPoints as refusal:
        at = await run(club.group_buys.at_counter, refusal.missing, group_id=group_id)
        await show(query, not_enough(refusal, member.zone, screens.back(group_id, texts), texts, at))
    except Refusal as refusal:
        seen = await run(club.choices.look, member, group_id)
        screen = screens.choices(seen, member.zone, texts)
        await show(query, screen, said=words(texts, refusal, member.zone), alert=True)
    else:
        await _show(query, result, member, texts, club, run, links, album)


async def _show(
    query: CallbackQuery,
    result: Chosen,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    """The voucher, or the group that it led to, as it stands now."""
    if result.voucher is not None:
        left = texts.plural(
            "It is yours. You have <b>{points}</b> point left.",
            "It is yours. You have <b>{points}</b> points left.",
            result.available,
            points=result.available,
        )
        await show(query, await voucher_screen(result.voucher, member, texts, links, above=left), album)
    elif result.led_to is not None:
        seen = await run(club.group_buys.group, result.led_to.id, member.id)
        await show(query, group_card(seen, member, texts), album, said=screens.went_on(result.choice, texts))
    else:
        await show(query, screens.kept(result, texts))


async def _chosen(wish: Choose, member: Member, club: Club, run: Run) -> Chosen:
    match wish.choice:
        case Choice.REFUND:
            return await run(club.choices.refund, member, wish.group_id)
        case Choice.EXTEND:
            return await run(club.choices.extend, member, wish.group_id)
        case Choice.MERGE:
            return await run(club.choices.merge, member, wish.group_id)
        case Choice.SOLO:
            return await run(club.choices.solo, member, wish.group_id, (wish.points, wish.price))
