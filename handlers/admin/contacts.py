"""How the club writes to a member, for the operator: read only."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.meant import AsksWhom
from handlers.notifications import pages
from handlers.notifications.callbacks import ContactsCard, ContactsSaid, ContactsSent
from handlers.reply import show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="contacts")
    router.message.middleware(AsksWhom())
    router.message.register(contacts, Command("contacts"), flags=OPERATOR)
    router.callback_query.register(card, ContactsCard.filter(), flags=OPERATOR)
    router.callback_query.register(sent, ContactsSent.filter(), flags=OPERATOR)
    router.callback_query.register(said, ContactsSaid.filter(), flags=OPERATOR)
    return router


async def contacts(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if not command.args:
        await show(message, pages.how_to_audit(texts))
        return
    seen = await run(club.notifications.audit, command.args)
    await show(message, pages.audit(seen, club.programme, member.zone, texts))


async def card(
    query: CallbackQuery, callback_data: ContactsCard, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    asked_for = await run(club.notifications.member, callback_data.member_id)
    seen = await run(club.notifications.audit, asked_for.code)
    await show(query, pages.audit(seen, club.programme, member.zone, texts))


async def sent(
    query: CallbackQuery, callback_data: ContactsSent, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    asked_for = await run(club.notifications.member, callback_data.member_id)
    page = await run(club.notifications.unasked, asked_for, callback_data.before or None)
    await show(query, pages.sent(page, member.zone, texts, is_audit=True))


async def said(
    query: CallbackQuery, callback_data: ContactsSaid, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    asked_for = await run(club.notifications.member, callback_data.member_id)
    page = await run(club.notifications.log, asked_for, callback_data.before or None)
    await show(query, pages.said(page, member.zone, texts, is_audit=True))
