from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.group_buys.screens import back_to_deal, deal_card, not_enough
from handlers.links import Links
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.rewards.wallet import voucher_screen
from handlers.roles import MEMBER
from handlers.solo import screens
from handlers.solo.callbacks import AskSolo, BuySolo
from locales.texts import Texts
from loyalty.errors import DealUnavailable, NotEnoughPoints, PriceChanged, Refusal
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="solo")
    router.callback_query.register(ask, AskSolo.filter(), flags=MEMBER)
    router.callback_query.register(buy, BuySolo.filter(), flags=MEMBER)
    return router


async def ask(
    query: CallbackQuery, callback_data: AskSolo, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    await _ask(query, callback_data.deal_id, member, texts, club, run, album)


async def buy(
    query: CallbackQuery,
    callback_data: BuySolo,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    deal_id, confirmed = callback_data.deal_id, (callback_data.points, callback_data.price)
    try:
        bought = await run(club.solo.buy, member, deal_id, callback_data.nonce, confirmed)
    except PriceChanged as refusal:
        why = words(texts, refusal, member.zone)
        await _ask(query, deal_id, member, texts, club, run, album, said=why)
    except (DealUnavailable, NotEnoughPoints) as refusal:
        await _refuse(query, refusal, deal_id, member, texts, club, run, album)
    else:
        left = texts.plural(
            "It is yours. You have <b>{points}</b> point left.",
            "It is yours. You have <b>{points}</b> points left.",
            bought.available,
            points=bought.available,
        )
        await show(query, await voucher_screen(bought.voucher, member, texts, links, above=left), album)


async def _ask(
    query: CallbackQuery,
    deal_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    *,
    said: str = "",
) -> None:
    """The question, or why it is not asked; `said` is why it is asked again."""
    try:
        quote = await run(club.solo.quote, member, deal_id)
    except (DealUnavailable, NotEnoughPoints) as refusal:
        await _refuse(query, refusal, deal_id, member, texts, club, run, album)
    else:
        await show(query, screens.question(quote, texts), album, said=said, alert=bool(said))


async def _refuse(
    query: CallbackQuery,
    refusal: Refusal,
    deal_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    """Says why not, with the ways on that are left."""
    if isinstance(refusal, NotEnoughPoints):
        at = await run(club.group_buys.at_counter, refusal.missing, deal_id=deal_id)
        await show(query, not_enough(refusal, member.zone, back_to_deal(deal_id, texts), texts, at))
        return
    card = deal_card(await run(club.group_buys.deal, member.id, deal_id), member.zone, texts)
    await show(query, card, album, said=words(texts, refusal, member.zone), alert=True)
