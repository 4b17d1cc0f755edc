from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.help import screens
from handlers.help.callbacks import Contact, HelpOn, HelpTopic
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.screens import Screen
from handlers.start.callbacks import Help
from locales.texts import Texts
from loyalty.merchants import Post
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="help")
    router.message.register(help_, Command("help"), flags=MEMBER)
    router.callback_query.register(help_button, Help.filter(), flags=MEMBER)
    router.callback_query.register(help_on, HelpOn.filter(), flags=MEMBER)
    router.message.register(contact, Command("contact"), flags=MEMBER)
    router.callback_query.register(contact, Contact.filter(), flags=MEMBER)
    return router


async def help_(
    message: Message,
    command: CommandObject,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
) -> None:
    """`/help` answers what everybody asks first, `/help cost` one question alone."""
    asked = (command.args or "").strip().casefold()
    if asked in set(HelpTopic):
        await show(message, _on(HelpTopic(asked), posts, texts, club, is_operator))
    else:
        shops = await run(club.fronts.page)
        await show(message, screens.help_screen(shops, club.programme, posts, texts, is_operator=is_operator))


async def help_button(
    query: CallbackQuery, posts: tuple[Post, ...], texts: Texts, club: Club, run: Run, is_operator: bool
) -> None:
    shops = await run(club.fronts.page)
    await show(query, screens.help_screen(shops, club.programme, posts, texts, is_operator=is_operator))


async def help_on(
    query: CallbackQuery, callback_data: HelpOn, posts: tuple[Post, ...], texts: Texts, club: Club, is_operator: bool
) -> None:
    await show(query, _on(callback_data.topic, posts, texts, club, is_operator))


async def contact(event: Message | CallbackQuery, texts: Texts, club: Club) -> None:
    await show(event, screens.contact(club.programme, texts))


def _on(topic: HelpTopic, posts: tuple[Post, ...], texts: Texts, club: Club, is_operator: bool) -> Screen:
    match topic:
        case HelpTopic.COST:
            return screens.cost(texts)
        case HelpTopic.EARN:
            return screens.earn(club.programme, texts)
        case HelpTopic.REFUND:
            return screens.refund(club.programme, texts)
        case HelpTopic.THANKS:
            return screens.thanks(texts)
        case HelpTopic.COMMANDS:
            return screens.everything(texts, club.programme, posts, is_operator=is_operator)
