from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.links import WAY_IN
from handlers.menu import set_menu
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.start import screens
from handlers.start.callbacks import Home, PickLanguage
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
    router.message.register(language, Command("language"), flags=MEMBER)
    router.callback_query.register(pick_language, PickLanguage.filter(), flags=MEMBER)
    return router


async def start(
    message: Message,
    bot: Bot,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
    enrolment: Enrolment | None = None,
) -> None:
    """The member middleware has enrolled whoever starts; here they are welcomed. Who wishes for it in words of their
    own ("hello", "menu") is a member, and there is no enrolment."""
    await open_home(message, member, posts, texts, club, run, is_operator, enrolment)
    await set_menu(bot, message.chat.id, texts, club.programme, posts, is_operator=is_operator)


async def open_home(
    message: Message,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
    enrolment: Enrolment | None = None,
) -> None:
    """/club: the front door in a bot whose /start is its host's."""
    if enrolment is None:
        balance, above = await run(club.points.balance, member.id), ""
    else:
        balance, above = enrolment.balance, screens.welcome(enrolment, club.programme.club, texts)
    await show(message, screens.home(member, balance, posts, texts, is_operator=is_operator).below(above))


async def home(
    event: Message | CallbackQuery,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
    state: FSMContext | None = None,
) -> None:
    """It also leaves the form that is open, such as a till that waits for the next customer."""
    if state is not None and await state.get_state() is not None:
        await state.clear()
    balance = await run(club.points.balance, member.id)
    await show(event, screens.home(member, balance, posts, texts, is_operator=is_operator))


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
    balance = await run(club.points.balance, member.id)
    await show(query, screens.home(member, balance, posts, spoken, is_operator=is_operator))
    await set_menu(bot, query.from_user.id, spoken, club.programme, posts, is_operator=is_operator)
