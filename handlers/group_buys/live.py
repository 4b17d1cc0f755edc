"""Group buys before everybody's eyes. A tap is answered to whoever tapped; the card itself is the painter's to draw."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from aiogram import Bot, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.filters import Command
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultUnion,
    Message,
)

from handlers.directory import Directory
from handlers.filters import AmongMany, DeepLink, Moved, Searched, Shared
from handlers.group_buys import live_screens, screens
from handlers.group_buys.callbacks import DealsHere, JoinGroup, OpenHere, PostDeal, ShowGroup
from handlers.group_buys.payloads import id_in
from handlers.links import Links
from handlers.referrals.screens import shared as invitation_shared
from handlers.refusals import words
from handlers.reply import Album, send, show, toast, topic_of
from handlers.roles import MEMBER
from handlers.screens import Screen
from locales import texts_for
from locales.texts import LANGUAGES, Texts
from loyalty.errors import AlreadyInGroup, NotEnoughPoints, NotFound, Refusal
from loyalty.live_cards import Face, Place
from loyalty.members import Address, Language, Member, language_for
from loyalty.ports import Run
from loyalty.services import Club

CHANNEL = "telegram"
SHARE_CACHE_S = 2  # a group changes quickly; Telegram asks the bot again after this
TOPIC_CLOSED = "TOPIC_CLOSED"
NOBODY = 0  # no member's id
HERE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


def register(router: Router) -> None:
    """What a chat of many sees of group buys."""
    # First: Telegram says this, not the person whom it names, whatever else the message holds.
    router.message.register(chat_has_moved, Moved(), flags=MEMBER)
    router.message.register(list_here, Command("groupbuy"), AmongMany(), flags=MEMBER)
    router.message.register(post_group_by_link, DeepLink(screens.SHARE), AmongMany(), flags=MEMBER)
    router.message.register(post_deal_by_link, DeepLink(screens.DEAL_LINK), AmongMany(), flags=MEMBER)
    router.callback_query.register(page_here, DealsHere.filter(), under_a_list, flags=MEMBER)
    router.callback_query.register(post_deal, PostDeal.filter(), under_a_list, flags=MEMBER)
    router.callback_query.register(open_here, OpenHere.filter(), AmongMany(), flags=MEMBER)
    router.callback_query.register(join_here, JoinGroup.filter(), AmongMany(), flags=MEMBER)
    router.callback_query.register(standing, ShowGroup.filter(), AmongMany(), flags=MEMBER)
    router.inline_query.register(share, Shared(screens.SHARE), flags=MEMBER)
    router.inline_query.register(share, Shared(screens.DEAL_LINK), flags=MEMBER)
    router.inline_query.register(search, Searched(), flags=MEMBER)
    router.chosen_inline_result.register(was_shared, flags=MEMBER)
    router.my_chat_member.register(come_or_gone, AmongMany(), flags=MEMBER)


async def under_a_list(query: CallbackQuery) -> bool:
    """Lists stand in groups only. A card that was shared inline was never one, and nobody makes it another deal's."""
    return isinstance(query.message, Message) and query.message.chat.type != ChatType.PRIVATE


async def list_here(message: Message, member: Member | None, texts: Texts, club: Club, run: Run) -> None:
    """The same for everybody: `member` is None for an administrator who writes as the group."""
    seen = await run(club.group_buys.deals, NOBODY if member is None else member.id)
    await _say(message, live_screens.list_here(seen, texts))


async def page_here(
    query: CallbackQuery, callback_data: DealsHere, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if await run(club.live_cards.known, place_of(query)) is not None:
        await toast(query, live_screens.another_was_picked(texts))
        return
    seen = await run(club.group_buys.deals, member.id, callback_data.after)
    await show(query, live_screens.list_here(seen, _spoken(callback_data.language, texts)))


async def post_deal(
    query: CallbackQuery, callback_data: PostDeal, bot: Bot, texts: Texts, club: Club, run: Run
) -> None:
    place, deal_id = place_of(query), callback_data.deal_id
    known = await run(club.live_cards.known, place)
    if known is None:
        face = await run(club.live_cards.face_here, place.chat, deal_id)
        if face.group is None and face.refusal is not None:
            raise face.refusal
        language = _spoken(callback_data.language, texts).language
        await run(club.live_cards.post, place, language, deal_id=deal_id)
        await _point_to(place, bot, club, run)
    is_another = known is not None and known.deal_id != deal_id
    await toast(query, live_screens.another_was_picked(texts) if is_another else live_screens.is_coming(texts))


async def open_here(
    query: CallbackQuery, callback_data: OpenHere, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    """The first tap on a card; also a later one on a keyboard that has not been drawn again yet."""
    place = await _noted(query, _spoken(callback_data.language, texts), club, run, deal_id=callback_data.deal_id)
    try:
        seen = await run(club.live_cards.open_or_join, member, place)
    except Refusal as refusal:
        await _refuse(query, refusal, place, member, texts, club, run)
    else:
        await toast(query, screens.you_are_in(seen, texts))


async def join_here(
    query: CallbackQuery, callback_data: JoinGroup, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    place = await _noted(query, _spoken(callback_data.language, texts), club, run, group_id=callback_data.group_id)
    try:
        seen = await run(club.live_cards.join, member, callback_data.group_id)
    except Refusal as refusal:
        await _refuse(query, refusal, place, member, texts, club, run)
    else:
        await toast(query, screens.you_are_in(seen, texts))


async def standing(query: CallbackQuery, callback_data: ShowGroup, texts: Texts, club: Club, run: Run) -> None:
    """How the group stands, for whoever asks; and the card is drawn again."""
    seen = await run(club.group_buys.group, callback_data.group_id)
    place = await _noted(query, _spoken(callback_data.language, texts), club, run, group_id=callback_data.group_id)
    await run(club.live_cards.look_again, place)
    await toast(query, screens.progress(seen.group, seen.now, texts))


async def post_group_by_link(
    message: Message, payload: str, texts: Texts, club: Club, run: Run, links: Links, album: Album
) -> None:
    """Somebody brought the bot, or a link, into a group by a group buy."""
    await _post(message, await run(club.live_cards.face_of_group, id_in(payload)), texts, club, run, links, album)


async def post_deal_by_link(
    message: Message, payload: str, texts: Texts, club: Club, run: Run, links: Links, album: Album
) -> None:
    face = await run(club.live_cards.face_here, str(message.chat.id), id_in(payload))
    if face.group is None and face.refusal is not None:
        raise face.refusal
    await _post(message, face, texts, club, run, links, album)


async def share(query: InlineQuery, payload: str, texts: Texts, club: Club, run: Run, links: Links) -> None:
    is_group = query.query.startswith(screens.SHARE)
    try:
        asked = id_in(payload)
        face = await run(club.live_cards.face_of_group if is_group else club.live_cards.face_of_deal, asked)
    except NotFound:
        await query.answer([], cache_time=SHARE_CACHE_S, is_personal=True)
        return
    is_over = face.group is None and face.refusal is not None
    articles: list[InlineQueryResultUnion] = [] if is_over else [live_screens.article(face, links, texts)]
    await query.answer(articles, cache_time=SHARE_CACHE_S, is_personal=True)


async def search(query: InlineQuery, member: Member, texts: Texts, club: Club, run: Run, links: Links) -> None:
    """Deals by the words of their titles; to whoever has typed nothing yet, the invitation to the club as well."""
    faces = await run(club.live_cards.search, query.query, texts.language)
    articles: list[InlineQueryResultUnion] = [live_screens.article(face, links, texts) for face in faces]
    if not query.query.strip():
        invitation = await run(club.referrals.invitation, member)
        articles.insert(0, invitation_shared(invitation, member, club.programme.club, links, texts))
    await query.answer(articles, cache_time=SHARE_CACHE_S, is_personal=True)


async def was_shared(chosen: ChosenInlineResult, texts: Texts, club: Club, run: Run, directory: Directory) -> None:
    """Telegram tells this where it is asked to ("inline feedback"); without it the first tap makes the card known."""
    kind, _, of = chosen.result_id.partition("_")
    noun, _, number = of.partition("_")
    if directory.is_guest or kind != live_screens.LIVE or chosen.inline_message_id is None:
        return
    place = Place("", chosen.inline_message_id)
    with suppress(NotFound):
        if noun == screens.SHARE:
            await run(club.live_cards.post, place, texts.language, group_id=id_in(number))
        else:
            await run(club.live_cards.post, place, texts.language, deal_id=id_in(number))


async def come_or_gone(
    event: ChatMemberUpdated, bot: Bot, club: Club, run: Run, directory: Directory, language: Language
) -> None:
    """The bot was taken into a group, or thrown out of one."""
    was_here, is_here = (member.status in HERE for member in (event.old_chat_member, event.new_chat_member))
    if is_here and not was_here and not directory.is_guest:
        speaker = await run(club.members.speaker, Address(CHANNEL, str(event.from_user.id)))
        spoken = speaker.member.language if speaker else language_for(event.from_user.language_code, language)
        # Whoever took it in may have thrown it out again, or lets it not speak.
        greeting = live_screens.greeting(texts_for(spoken)).text
        with suppress(TelegramBadRequest, TelegramForbiddenError):
            try:
                await bot.send_message(event.chat.id, greeting, parse_mode="HTML")
            except TelegramMigrateToChat as moved:  # it became a supergroup in the same moment
                await bot.send_message(moved.migrate_to_chat_id, greeting, parse_mode="HTML")
    elif event.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT):
        await run(club.live_cards.lose_chat, str(event.chat.id), "removed")


async def chat_has_moved(message: Message, club: Club, run: Run) -> None:
    """A group became a supergroup, which is another chat."""
    await run(club.live_cards.move, str(message.chat.id), str(message.migrate_to_chat_id))


def place_of(query: CallbackQuery) -> Place:
    """Where the tapped message is."""
    if query.message is not None:
        topic = topic_of(query.message) if isinstance(query.message, Message) else None
        return Place(str(query.message.chat.id), str(query.message.message_id), str(topic or ""))
    return Place("", query.inline_message_id or "")


async def _noted(
    query: CallbackQuery,
    spoken: Texts,
    club: Club,
    run: Run,
    *,
    deal_id: int | None = None,
    group_id: int | None = None,
) -> Place:
    """The place of a live card that is known from now on: of one that was shared inline, or lost in a crash, the first
    tap is what tells of it."""
    place = place_of(query)
    if await run(club.live_cards.known, place) is None:
        await run(club.live_cards.post, place, spoken.language, deal_id=deal_id, group_id=group_id)
    return place


async def _refuse(
    query: CallbackQuery, refusal: Refusal, place: Place, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    said = words(texts, refusal, member.zone)
    if isinstance(refusal, NotEnoughPoints):
        card = await run(club.live_cards.known, place)
        at = None
        if card is not None:
            at = await run(club.group_buys.at_counter, refusal.missing, deal_id=card.deal_id, group_id=card.group_id)
        said = texts.sentences([said, screens.short_of_points(texts, at)])
    elif not isinstance(refusal, AlreadyInGroup):
        # Perhaps the card shows what was true a while ago.
        await run(club.live_cards.look_again, place)
    await toast(query, said, alert=True)


async def _post(message: Message, face: Face, texts: Texts, club: Club, run: Run, links: Links, album: Album) -> None:
    card = live_screens.live_card(face, links, texts)
    try:
        sent = await _say(message, card, album)
    except TelegramBadRequest:
        if card.picture is None:
            raise
        sent = await _say(message, replace(card, picture=None))  # not every chat allows pictures
    if sent is None:
        return
    place = Place(str(sent.chat.id), str(sent.message_id), str(topic_of(sent) or ""))
    group_id = face.group.id if face.group is not None else None
    await run(club.live_cards.post, place, texts.language, deal_id=face.deal.id, group_id=group_id, is_drawn=True)
    assert message.bot is not None
    await _point_to(place, message.bot, club, run)


async def _say(message: Message, screen: Screen, album: Album | None = None) -> Message | None:
    """None where the topic is closed to all but administrators, and the bot is none."""
    try:
        return await send(message, screen, album)
    except TelegramBadRequest as error:
        if TOPIC_CLOSED not in error.message:
            raise
        return None


async def _point_to(place: Place, bot: Bot, club: Club, run: Run) -> None:
    """The older cards of the group in this chat say where it goes on, as far as they can still be edited."""
    for card in await run(club.live_cards.succeed, place):
        screen = live_screens.gone_on(texts_for(card.language), place)
        with suppress(TelegramAPIError):
            await bot.edit_message_text(
                text=screen.text,
                chat_id=int(card.place.chat),
                message_id=int(card.place.message),
                parse_mode="HTML",
                reply_markup=screen.keyboard,
            )


def _spoken(language: str, texts: Texts) -> Texts:
    """A card stays in the language that it was posted in, whoever taps."""
    return texts_for(language) if language in LANGUAGES else texts
