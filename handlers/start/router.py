from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.links import WAY_IN
from handlers.menu import set_menu
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.start import screens
from handlers.start.callbacks import Help, Home, PickLanguage
from locales import texts_for
from locales.texts import Texts
from loyalty.members import Language, Member
from loyalty.merchants import Post
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.members import Enrolment


def setup() -> Router:
    router = Router(name="start")
    router.message.register(start, Command("start"), flags=MEMBER)
    router.message.register(start, DeepLink("r"), flags=MEMBER)
    router.message.register(start, DeepLink(WAY_IN), flags=MEMBER)
    router.message.register(open_home, Command("club"), flags=MEMBER)
    router.callback_query.register(home, Home.filter(), flags=MEMBER)
    router.message.register(help_, Command("help"), flags=MEMBER)
    router.callback_query.register(help_, Help.filter(), flags=MEMBER)
    router.message.register(privacy, Command("privacy"), flags=MEMBER)
    router.message.register(language, Command("language"), flags=MEMBER)
    router.callback_query.register(pick_language, PickLanguage.filter(), flags=MEMBER)
    return router


async def start(
    message: Message,
    bot: Bot,
    member: Member,
    posts: tuple[Post, ...],
    enrolment: Enrolment,
    texts: Texts,
    club: Club,
    is_operator: bool,
) -> None:
    """The member middleware has enrolled whoever starts; here they are welcomed."""
    seen = screens.home(member, enrolment.balance, posts, texts)
    above = screens.welcome(enrolment, club.programme.club, texts)
    await show(message, seen.below(above))
    await set_menu(
        bot,
        message.chat.id,
        texts,
        has_transfers=club.programme.has_transfers,
        is_staff=bool(posts),
        is_operator=is_operator,
    )


async def open_home(
    message: Message,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    enrolment: Enrolment | None = None,
) -> None:
    """/club: the front door in a bot whose /start is its host's."""
    seen = screens.home(member, await run(club.points.balance, member.id), posts, texts)
    above = screens.welcome(enrolment, club.programme.club, texts) if enrolment is not None else ""
    await show(message, seen.below(above))


async def home(
    event: Message | CallbackQuery, member: Member, posts: tuple[Post, ...], texts: Texts, club: Club, run: Run
) -> None:
    await show(event, screens.home(member, await run(club.points.balance, member.id), posts, texts))


async def help_(
    event: Message | CallbackQuery, posts: tuple[Post, ...], texts: Texts, club: Club, is_operator: bool
) -> None:
    has_transfers = club.programme.has_transfers
    seen = screens.help_screen(
        texts,
        has_transfers=has_transfers,
        is_operator=is_operator,
        is_staff=bool(posts),
        referral_event=club.programme.referral_event,
    )
    await show(event, seen)


async def privacy(message: Message, texts: Texts, club: Club) -> None:
    await show(message, screens.privacy(texts, club.programme.club, has_transfers=club.programme.has_transfers))


async def language(message: Message, texts: Texts) -> None:
    await show(message, screens.choose_language(texts.language, texts))


async def pick_language(
    query: CallbackQuery,
    callback_data: PickLanguage,
    bot: Bot,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
) -> None:
    if callback_data.code not in set(Language):
        await show(query, screens.choose_language(texts.language, texts))
        return
    await run(club.members.speak, member, Language(callback_data.code))
    spoken = texts_for(callback_data.code)
    await show(query, screens.home(member, await run(club.points.balance, member.id), posts, spoken))
    await set_menu(
        bot,
        query.from_user.id,
        spoken,
        has_transfers=club.programme.has_transfers,
        is_staff=bool(posts),
        is_operator=is_operator,
    )
