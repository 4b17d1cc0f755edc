from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.group_buys import live, screens
from handlers.group_buys.callbacks import (
    AskToOpen,
    DealsPage,
    JoinGroup,
    LeaveGroup,
    MyGroupsPage,
    NameInGroup,
    OpenGroup,
    ShowDeal,
    ShowGroup,
)
from handlers.group_buys.payloads import id_in
from handlers.menu import set_menu
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.roles import MEMBER
from handlers.screens import Screen
from handlers.start.screens import welcome
from locales.texts import Texts
from loyalty.errors import NotEnoughPoints, NotFound, PriceChanged, Refusal
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.group_buys import DealSeen, GroupSeen
from loyalty.services.members import Enrolment


def setup() -> Router:
    router = Router(name="group_buys")
    live.register(router)
    router.message.register(deals, Command("groupbuy"), flags=MEMBER)
    router.message.register(follow_to_group, DeepLink(screens.SHARE), flags=MEMBER)
    router.message.register(follow_to_deal, DeepLink(screens.DEAL_LINK), flags=MEMBER)
    router.callback_query.register(page, DealsPage.filter(), in_private, flags=MEMBER)
    router.callback_query.register(deal, ShowDeal.filter(), in_private, flags=MEMBER)
    router.callback_query.register(ask_to_open, AskToOpen.filter(), in_private, flags=MEMBER)
    router.callback_query.register(open_group, OpenGroup.filter(), in_private, flags=MEMBER)
    router.callback_query.register(leave_group, LeaveGroup.filter(), in_private, flags=MEMBER)
    router.callback_query.register(my_groups, MyGroupsPage.filter(), in_private, flags=MEMBER)
    router.callback_query.register(join_group, JoinGroup.filter(), in_private, flags=MEMBER)
    router.callback_query.register(group, ShowGroup.filter(), in_private, flags=MEMBER)
    router.callback_query.register(name_in_group, NameInGroup.filter(), in_private, flags=MEMBER)
    return router


async def in_private(query: CallbackQuery) -> bool:
    """Screens with somebody's points are for their own chat; elsewhere such a button is made up."""
    return query.message is not None and query.message.chat.type == "private"


async def deals(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.running(await run(club.group_buys.deals, member.id), texts))


async def page(
    query: CallbackQuery, callback_data: DealsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.running(await run(club.group_buys.deals, member.id, callback_data.after), texts))


async def deal(
    query: CallbackQuery, callback_data: ShowDeal, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    seen = await run(club.group_buys.deal, member.id, callback_data.deal_id, callback_data.after)
    await _note(seen, member, club, run)
    await show(query, screens.deal_card(seen, member.zone, texts), album)


async def ask_to_open(
    query: CallbackQuery, callback_data: AskToOpen, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    await _ask(query, callback_data.deal_id, member, texts, club, run, album)


async def open_group(
    query: CallbackQuery, callback_data: OpenGroup, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    try:
        confirmed = (callback_data.points, callback_data.price)
        seen = await run(club.group_buys.open, member, callback_data.deal_id, callback_data.nonce, confirmed)
    except PriceChanged as refusal:
        why = words(texts, refusal, member.zone)
        await _ask(query, callback_data.deal_id, member, texts, club, run, album, said=why)
        return
    except NotEnoughPoints as refusal:
        back = screens.back_to_deal(callback_data.deal_id, texts)
        at = await run(club.group_buys.at_counter, refusal.missing, deal_id=callback_data.deal_id)
        await show(query, screens.not_enough(refusal, member.zone, back, texts, at))
        return
    await show(query, screens.group_card(seen, member, texts), album)


async def group(
    query: CallbackQuery, callback_data: ShowGroup, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    seen = await run(club.group_buys.group, callback_data.group_id, member.id)
    await _note(seen, member, club, run)
    await show(query, screens.group_card(seen, member, texts), album)


async def join_group(
    query: CallbackQuery, callback_data: JoinGroup, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    group_id = callback_data.group_id
    try:
        seen = await run(club.group_buys.join, member, group_id)
    except NotFound:
        raise
    except NotEnoughPoints as refusal:
        at = await run(club.group_buys.at_counter, refusal.missing, group_id=group_id)
        await show(query, screens.not_enough(refusal, member.zone, screens.back_to_group(group_id, texts), texts, at))
        return
    except Refusal as refusal:
        seen = await run(club.group_buys.group, group_id, member.id)
        said, is_refused = words(texts, refusal, member.zone), True
    else:
        said, is_refused = screens.you_are_in(seen, texts), False
    await show(query, screens.group_card(seen, member, texts), album, said=said, alert=is_refused)


async def leave_group(
    query: CallbackQuery, callback_data: LeaveGroup, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    try:
        seen = await run(club.group_buys.leave, member, callback_data.group_id)
    except NotFound:
        raise
    except Refusal as refusal:
        seen = await run(club.group_buys.group, callback_data.group_id, member.id)
        said, is_refused = words(texts, refusal, member.zone), True
    else:
        said, is_refused = screens.you_have_left(seen, texts), False
    await show(query, screens.group_card(seen, member, texts), album, said=said, alert=is_refused)


async def name_in_group(
    query: CallbackQuery, callback_data: NameInGroup, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    """Asked when somebody has joined before everybody's eyes."""
    await run(club.members.show_name, member, callback_data.on)
    seen = await run(club.group_buys.group, callback_data.group_id, member.id)
    said = screens.name_is_shown(member, texts) if callback_data.on else screens.name_is_hidden(texts)
    await show(query, screens.group_card(seen, member, texts), album, said=said)


async def my_groups(
    query: CallbackQuery, callback_data: MyGroupsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.group_buys.mine, member.id, callback_data.before or None)
    await show(query, screens.mine(seen, member.zone, texts))


async def follow_to_group(
    message: Message,
    payload: str,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    enrolment: Enrolment | None = None,
) -> None:
    """The deep link of a group: its card, under a welcome for whoever came to us by it."""
    try:
        seen = await run(club.group_buys.group, id_in(payload), member.id)
        await _note(seen, member, club, run)
        screen = screens.group_card(seen, member, texts)
    except NotFound as refusal:
        screen = await _instead(refusal, member, texts, club, run)
    await _receive(message, screen, bot, texts, club, album, enrolment)


async def follow_to_deal(
    message: Message,
    payload: str,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    enrolment: Enrolment | None = None,
) -> None:
    try:
        seen = await run(club.group_buys.deal, member.id, id_in(payload))
        await _note(seen, member, club, run)
        screen = screens.deal_card(seen, member.zone, texts)
    except NotFound as refusal:
        screen = await _instead(refusal, member, texts, club, run)
    await _receive(message, screen, bot, texts, club, album, enrolment)


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
    """The question before a group is opened; `said` is why it is asked again."""
    try:
        quote = await run(club.group_buys.quote, member.id, deal_id)
    except NotEnoughPoints as refusal:
        back = screens.back_to_deal(deal_id, texts)
        at = await run(club.group_buys.at_counter, refusal.missing, deal_id=deal_id)
        await show(query, screens.not_enough(refusal, member.zone, back, texts, at))
    else:
        await show(query, screens.ask_to_open(quote, texts), album, said=said, alert=bool(said))


async def _note(seen: DealSeen | GroupSeen, member: Member, club: Club, run: Run) -> None:
    """The first look at a deal is counted; every other one is a read and nothing more."""
    if seen.is_first_look:
        await run(club.group_buys.look_at, member.id, seen.deal.id)


async def _instead(refusal: Refusal, member: Member, texts: Texts, club: Club, run: Run) -> Screen:
    """A link to something that is not there shows what there is."""
    screen = screens.running(await run(club.group_buys.deals, member.id), texts)
    return screen.below(words(texts, refusal, member.zone))


async def _receive(
    message: Message, screen: Screen, bot: Bot, texts: Texts, club: Club, album: Album, enrolment: Enrolment | None
) -> None:
    above = welcome(enrolment, club.programme.club, texts) if enrolment is not None else ""
    await show(message, screen.below(above), album)
    if enrolment is not None and enrolment.is_new:
        await set_menu(bot, message.chat.id, texts, club.programme)
