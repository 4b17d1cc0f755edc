"""The draft as members will see it, with one's own eyes or somebody else's."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery

from handlers.broadcasts import preview_screens as screens
from handlers.broadcasts.callbacks import Preview, PreviewAs, SendTest, ShowSamples
from handlers.broadcasts.screens import PREVIEW, message
from handlers.reply import Album, send_screen, show, toast
from handlers.roles import staff_with
from locales import texts_for
from locales.texts import Texts
from loyalty.broadcasts import FIRST, ORIGINAL, Broadcast
from loyalty.errors import BroadcastRefused
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.drafts import Trying


def register(router: Router) -> None:
    marketer = staff_with(Right.BROADCAST)
    router.callback_query.register(preview, Preview.filter(), flags=marketer)
    router.callback_query.register(preview_as, PreviewAs.filter(), flags=marketer)
    router.callback_query.register(show_samples, ShowSamples.filter(), flags=marketer)
    router.callback_query.register(send_test, SendTest.filter(), flags=marketer)


async def preview(
    query: CallbackQuery,
    callback_data: Preview,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    seen = await run(club.broadcasts.try_on, member, callback_data.broadcast_id)
    await _look(query, bot, seen, FIRST, ORIGINAL, member, texts, album)


async def preview_as(
    query: CallbackQuery,
    callback_data: PreviewAs,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    seen = await run(club.broadcasts.try_on, member, callback_data.broadcast_id, callback_data.member)
    await _look(query, bot, seen, callback_data.variant, callback_data.language, member, texts, album)


async def _look(
    query: CallbackQuery,
    bot: Bot,
    seen: Trying,
    variant: str,
    language: str,
    member: Member,
    texts: Texts,
    album: Album,
) -> None:
    """The message itself, and below it ways to look otherwise."""
    language = screens.language_of(seen, member, language)
    await query.answer()
    await _send(bot, query.from_user.id, seen, variant, language, member, album)
    await send_screen(bot, query.from_user.id, screens.tried(seen, variant, language, texts))


async def send_preview(
    bot: Bot,
    chat_id: int,
    draft: Broadcast,
    member: Member,
    texts: Texts,
    album: Album,
    club: Club,
    run: Run,
    variant: str = FIRST,
    language: str = ORIGINAL,
) -> None:
    """With the member's own eyes, in a language or in the member's own."""
    seen = await run(club.broadcasts.try_on, member, draft.id)
    await _send(bot, chat_id, seen, variant, language or texts.language, member, album)


async def _send(
    bot: Bot, chat_id: int, seen: Trying, variant: str, language: str, member: Member, album: Album
) -> None:
    reader = screens.reader(seen, member)
    screen = message(seen.draft.content, texts_for(language), PREVIEW, variant=variant, reader=reader)
    try:
        await send_screen(bot, chat_id, screen, album)
    except TelegramBadRequest as error:
        raise BroadcastRefused("bad_markup") from error


async def show_samples(
    query: CallbackQuery, callback_data: ShowSamples, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    draft, found = await run(club.broadcasts.samples, member, callback_data.broadcast_id)
    await show(query, screens.samples(draft, found, texts))


async def send_test(
    query: CallbackQuery, callback_data: SendTest, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await run(
        club.broadcasts.test,
        member,
        callback_data.broadcast_id,
        callback_data.variant,
        callback_data.language,
        callback_data.nonce,
    )
    await toast(query, texts("A test is on its way to you, and to nobody else."))
