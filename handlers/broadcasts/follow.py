"""A tap on a button under a broadcast: noted, then it shows what the button leads to."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import CallbackQuery

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import Follow
from handlers.broadcasts.screens import PREVIEW
from handlers.group_buys import screens as group_buy_screens
from handlers.links import Links
from handlers.offers import cards as offer_cards
from handlers.reply import Album, send_screen, toast
from handlers.rewards import screens as reward_screens
from handlers.roles import MEMBER
from handlers.screens import Screen, link_button
from locales.texts import Texts
from loyalty.broadcasts import ContentButton, Leads
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def register(router: Router) -> None:
    router.callback_query.register(follow, Follow.filter(), flags=MEMBER)


async def follow(
    query: CallbackQuery,
    callback_data: Follow,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    """The message stays as it is; what it leads to comes below it."""
    if callback_data.delivery_id == PREVIEW:
        await toast(query, texts("This is a preview: for your customers the button works."))
        return
    tapped = await run(club.broadcasts.follow, member, callback_data.delivery_id, callback_data.place)
    screen = await _where(tapped, member, texts, club, run, links)
    await query.answer()
    await send_screen(bot, query.from_user.id, screen, album)


async def _where(tapped: ContentButton, member: Member, texts: Texts, club: Club, run: Run, links: Links) -> Screen:
    match tapped.leads:
        case Leads.REWARD:
            return reward_screens.card(await run(club.rewards.card, member, int(tapped.target)), member, texts)
        case Leads.DEAL:
            seen = await run(club.group_buys.deal, member.id, int(tapped.target), 0)
            return group_buy_screens.deal_card(seen, member.zone, texts)
        case Leads.OFFER:
            seen_offer = await run(club.offer_claims.card, member, int(tapped.target))
            return offer_cards.card(seen_offer, member, texts, links)
        case Leads.LINK:
            label = labels.label(tapped, texts.language)
            return Screen(
                texts("Here you go: {address}", address=tapped.target),
                [[link_button(labels.on_button(label), tapped.target)]],
            )
