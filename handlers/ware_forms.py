"""The forms in which a shop's staff type what they offer: a field, words in a language, a picture. What cannot be taken
is explained, and the form stays open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, PhotoSize

from handlers.photos import content_of, one_of_album
from handlers.refusals import words
from handlers.reply import show
from handlers.screens import Screen
from locales.coins import cash_decimals_of
from locales.texts import Texts, decimals_of
from loyalty.errors import InvalidWare, Refusal
from loyalty.members import Language, Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.wares import check_picture

F = TypeVar("F", bound=StrEnum)
F_contra = TypeVar("F_contra", bound=StrEnum, contravariant=True)
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
C_co = TypeVar("C_co", covariant=True)
T = TypeVar("T")
Again = Callable[[str], Awaitable[Screen]]


class Desk(Protocol[F_contra, C_co]):
    """The service that takes what is typed, and answers with how the ware stands then."""

    def card(self, member: Member, ware_id: int, /) -> C_co: ...
    def write(self, member: Member, ware_id: int, field: F_contra, given: str, /, *, decimals: int) -> C_co: ...
    def say(self, member: Member, ware_id: int, field: F_contra, language: Language, given: str | None, /) -> C_co: ...
    def picture(self, member: Member, ware_id: int, content: bytes, /) -> C_co: ...


class Questions(Protocol[F_contra, C_contra]):
    """The screens that ask, and those that show what was answered. `complaint`: what was wrong with the answer."""

    def ask(self, card: C_contra, field: F_contra, decimals: int, texts: Texts, complaint: str, /) -> Screen: ...
    def ask_words(
        self, card: C_contra, field: F_contra, language: Language, texts: Texts, complaint: str, /
    ) -> Screen: ...
    def ask_picture(self, card: C_contra, texts: Texts, complaint: str, /, *, is_new: bool) -> Screen: ...


@dataclass(frozen=True)
class WareForms(Generic[F, C]):
    """What the form's data holds: the ware's id by the name `id_key`, the `field`, of words the `language`, and of the
    last question about a new one `is_new`."""

    id_key: str
    field_of: Callable[[str], F]
    desk: Callable[[Club], Desk[F, C]]
    questions: Questions[F, C]
    changed: Callable[[C, F, Texts], Screen]
    in_words: Callable[[C, Texts], Screen]
    pictured: Callable[[C, Texts], Screen]

    async def field(
        self, message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
    ) -> None:
        known, desk, decimals = await state.get_data(), self.desk(club), decimals_of(club.programme.currency)
        ware_id, asked = known[self.id_key], self.field_of(known["field"])

        async def take() -> C:
            return await run(desk.write, member, ware_id, asked, written(message, asked), decimals=decimals)

        async def again(complaint: str) -> Screen:
            stands = await run(desk.card, member, ware_id)
            shown = cash_decimals_of(club.programme.currency)
            return self.questions.ask(stands, asked, shown, texts, complaint)

        if (card := await answered(message, member, texts, state, take, again)) is not None:
            await show(message, self.changed(card, asked, texts))

    async def words(
        self, message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
    ) -> None:
        known, desk = await state.get_data(), self.desk(club)
        ware_id, asked, language = known[self.id_key], self.field_of(known["field"]), Language(known["language"])

        async def take() -> C:
            return await run(desk.say, member, ware_id, asked, language, written(message, asked))

        async def again(complaint: str) -> Screen:
            stands = await run(desk.card, member, ware_id)
            return self.questions.ask_words(stands, asked, language, texts, complaint)

        if (card := await answered(message, member, texts, state, take, again)) is not None:
            await show(message, self.in_words(card, texts))

    async def picture(
        self, message: Message, bot: Bot, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
    ) -> None:
        known, desk = await state.get_data(), self.desk(club)
        ware_id, is_new = known[self.id_key], bool(known.get("is_new"))

        async def take() -> C:
            if not message.photo:
                raise InvalidWare("picture", "no_photo")
            return await run(desk.picture, member, ware_id, await _content(message.photo[-1], bot))

        async def again(complaint: str) -> Screen:
            stands = await run(desk.card, member, ware_id)
            return self.questions.ask_picture(stands, texts, complaint, is_new=is_new)

        if (card := await answered(message, member, texts, state, take, again)) is not None:
            await show(message, self.pictured(card, texts).below(one_of_album(message, texts)))


async def answered(
    message: Message,
    member: Member,
    texts: Texts,
    state: FSMContext,
    take: Callable[[], Awaitable[T]],
    again: Again,
) -> T | None:
    """What `take` makes of the answer, with the form closed. What typing something else would mend is explained above
    the question, and the answer is None; any other refusal closes the form and goes on: what is asked about is removed
    or gone, or somebody else's business now."""
    try:
        taken = await take()
    except InvalidWare as refusal:
        if refusal.reason == "removed":
            await state.clear()
            raise
        await show(message, await again(words(texts, refusal, member.zone)))
        return None
    except Refusal:
        await state.clear()
        raise
    await state.clear()
    return taken


async def begun(message: Message, card: C, write: Callable[[], Awaitable[C]]) -> C:
    """What an answer has begun; where that answer was edited since, with what it says now."""
    return card if message.edit_date is None else await write()


def written(message: Message, field: str) -> str:
    """Raises InvalidWare for what is no text."""
    if message.text is None:
        raise InvalidWare(field, "no_text")
    return message.text


async def _content(photo: PhotoSize, bot: Bot) -> bytes:
    return await content_of(photo, bot, check_picture)
