from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineQuery, Message

from handlers.filters import Shared
from handlers.links import Links
from handlers.pictures.cards import qr_card
from handlers.referrals import screens
from handlers.referrals.callbacks import Invite
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club

SHARE_CACHE_S = 60  # Telegram asks the bot again after this


def setup() -> Router:
    router = Router(name="referrals")
    router.message.register(invite, Command("invite"), flags=MEMBER)
    router.callback_query.register(invite, Invite.filter(), flags=MEMBER)
    router.inline_query.register(share, Shared(screens.SHARE), flags=MEMBER)
    return router


async def invite(
    event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    invitation = await run(club.referrals.invitation, member)
    card = await asyncio.to_thread(
        qr_card,
        links.referral(invitation.code),
        plain(texts("{name} invites you", name=member.name)),
        invitation.code,
        plain(texts("Scan, and both of us get points")),
    )
    await show(event, screens.invite(invitation, card, links, texts))


async def share(query: InlineQuery, member: Member, texts: Texts, club: Club, run: Run, links: Links) -> None:
    invitation = await run(club.referrals.invitation, member)
    result = screens.shared(invitation, member, club.programme.club, links, texts)
    await query.answer([result], cache_time=SHARE_CACHE_S, is_personal=True)
