"""What nobody else answers: unclear words, unknown commands, stickers, stale buttons. Never silence."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.links import Links
from handlers.reply import show, toast
from handlers.roles import MEMBER
from handlers.start import screens
from handlers.words.states import Lost
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Post
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="words")
    router.message.register(words, flags=MEMBER)
    router.callback_query.register(stale_button, flags=MEMBER)
    return router


async def words(
    message: Message,
    texts: Texts,
    links: Links,
    state: FSMContext | None = None,
    raw_state: str | None = None,
    left: str | None = None,
) -> None:
    """In a group only one's own matters end here; what people say to each other is not for the bot.

    `raw_state` tells whether what was said before was not understood either, `left` the same of a command.
    """
    if message.chat.type != ChatType.PRIVATE:
        is_help = (message.text or "").casefold().startswith("/help")
        await show(message, screens.help_here(texts, links) if is_help else screens.only_in_private(texts, links))
        return
    before = raw_state or left
    if before == Lost.once.state:
        seen, then = screens.still_not_understood(texts), Lost.again
    elif before == Lost.again.state:
        seen, then = screens.beyond_me(texts), Lost.once
    else:
        seen, then = screens.not_understood(texts) if message.text else screens.not_text(texts), Lost.once
    await show(message, seen)
    if state is not None:
        await state.set_state(then)


async def stale_button(
    query: CallbackQuery,
    member: Member,
    posts: tuple[Post, ...],
    texts: Texts,
    club: Club,
    run: Run,
    is_operator: bool,
) -> None:
    """A button of an older version, somebody else's, or a made-up one."""
    said = texts("This button is out of date. Here is how things stand now.")
    if query.message is None or query.message.chat.type != "private":
        await toast(query, said)
        return
    balance = await run(club.points.balance, member.id)
    await show(query, screens.home(member, balance, posts, texts, is_operator=is_operator), said=said)
