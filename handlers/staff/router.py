"""Who works at a shop: invitations, roles, the end of them."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.links import Links
from handlers.menu import set_menu_of
from handlers.reply import show
from handlers.roles import MEMBER, STAFF, staff_with
from handlers.staff import doors, screens
from handlers.staff.callbacks import (
    AskDismiss,
    AskLeave,
    ChooseRole,
    Dismiss,
    InvitesPage,
    JoinStaff,
    Leave,
    LookupsPage,
    MakeInvite,
    ShowInvite,
    ShowPerson,
    ShowStaff,
    WithdrawInvite,
)
from handlers.start.screens import welcome
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.members import Enrolment

OWNER = staff_with(Right.STAFF)


def setup() -> Router:
    router = Router(name="staff")
    router.callback_query.register(team, ShowStaff.filter(), flags=OWNER)
    router.callback_query.register(person, ShowPerson.filter(), flags=OWNER)
    router.callback_query.register(ask_dismiss, AskDismiss.filter(), flags=OWNER)
    router.callback_query.register(dismiss, Dismiss.filter(), flags=OWNER)
    router.callback_query.register(choose_role, ChooseRole.filter(), flags=OWNER)
    router.callback_query.register(make_invite, MakeInvite.filter(), flags=OWNER)
    router.callback_query.register(invites, InvitesPage.filter(), flags=OWNER)
    router.callback_query.register(lookups, LookupsPage.filter(), flags=OWNER)
    router.callback_query.register(invite, ShowInvite.filter(), flags=OWNER)
    router.callback_query.register(withdraw, WithdrawInvite.filter(), flags=OWNER)
    router.message.register(invited, DeepLink("s"), flags=MEMBER)
    router.callback_query.register(join, JoinStaff.filter(), flags=MEMBER)
    router.callback_query.register(ask_leave, AskLeave.filter(), flags=STAFF)
    router.callback_query.register(leave, Leave.filter(), flags=STAFF)
    return router


async def team(
    query: CallbackQuery, callback_data: ShowStaff, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.staff.team, member, callback_data.merchant_id, callback_data.after)
    await show(query, screens.team(seen, texts))


async def person(
    query: CallbackQuery, callback_data: ShowPerson, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.staff.person, member, callback_data.merchant_id, callback_data.member_id)
    await show(query, screens.person(seen, member.zone, texts))


async def lookups(
    query: CallbackQuery, callback_data: LookupsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.staff.lookups, member, callback_data.merchant_id, callback_data.before or None)
    await show(query, screens.lookups(seen, member.zone, texts))


async def ask_dismiss(
    query: CallbackQuery, callback_data: AskDismiss, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.staff.person, member, callback_data.merchant_id, callback_data.member_id)
    await show(query, screens.ask_dismiss(seen, callback_data.role, member.zone, texts))


async def dismiss(
    query: CallbackQuery,
    callback_data: Dismiss,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    operators: frozenset[int],
) -> None:
    wanted = callback_data
    ended = await run(
        club.staff.dismiss, member, wanted.merchant_id, wanted.member_id, role=wanted.role, since=wanted.since
    )
    await show(query, screens.dismissed(ended, texts))
    await set_menu_of(bot, ended.member, club, run, operators)


async def choose_role(
    query: CallbackQuery, callback_data: ChooseRole, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    offer = await run(club.invites.offer, member, callback_data.merchant_id)
    await show(query, screens.choose_role(offer, texts))


async def make_invite(
    query: CallbackQuery, callback_data: MakeInvite, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    wanted = callback_data
    opened = await run(club.invites.invite, member, wanted.merchant_id, wanted.role, wanted.nonce)
    await show(query, screens.invite(opened, links, member.zone, texts))


async def invites(
    query: CallbackQuery, callback_data: InvitesPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    page = await run(club.invites.page, member, callback_data.merchant_id, callback_data.before or None)
    await show(query, screens.invites(page, member.zone, texts))


async def invite(
    query: CallbackQuery, callback_data: ShowInvite, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    opened = await run(club.invites.card, member, callback_data.invite_id)
    await show(query, screens.invite(opened, links, member.zone, texts))


async def withdraw(
    query: CallbackQuery, callback_data: WithdrawInvite, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.withdrawn(await run(club.invites.withdraw, member, callback_data.invite_id), texts))


async def invited(
    message: Message,
    payload: str,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    enrolment: Enrolment | None = None,
) -> None:
    """Somebody followed an invitation: they are asked first. A newcomer is a member from here on, whatever they say."""
    seen = doors.invited(await run(club.invites.invitation, member, payload), texts)
    above = welcome(enrolment, club.programme.club, texts) if enrolment is not None else ""
    await show(message, seen.below(above))


async def join(
    query: CallbackQuery,
    callback_data: JoinStaff,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    operators: frozenset[int],
) -> None:
    await show(query, doors.joined(await run(club.invites.join, member, callback_data.code), texts))
    await set_menu_of(bot, member, club, run, operators)


async def ask_leave(
    query: CallbackQuery, callback_data: AskLeave, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.staff.own_roles, member, callback_data.merchant_id)
    await show(query, screens.ask_leave(seen, texts))


async def leave(
    query: CallbackQuery,
    callback_data: Leave,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    operators: frozenset[int],
) -> None:
    ended = await run(club.staff.leave, member, callback_data.merchant_id, callback_data.since)
    await show(query, screens.left(ended, texts))
    await set_menu_of(bot, ended.member, club, run, operators)
