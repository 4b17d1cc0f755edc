"""What a screen is: text, keyboard, perhaps a picture. Pure; `reply` sends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import count

from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    SwitchInlineQueryChosenChat,
)

from locales.texts import isolated
from loyalty.names import cut

TITLE_MAX = 30  # characters of somebody's words on a button; phones cut longer ones in the middle of a word

Button = InlineKeyboardButton
Row = Sequence[Button]


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture in the database, sent by the id under which the channel keeps it, if it does."""

    id: int


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is HTML. `picture` is PNG bytes, or a stored picture. `markup` is a keyboard that was laid out before, in
    the place of `rows`. `voucher_id`: whose code it shows, so that the message is drawn again once that is used."""

    text: str
    rows: Sequence[Row] = ()
    picture: bytes | StoredPicture | None = None
    markup: str = ""
    voucher_id: int | None = None

    def below(self, above: str) -> Screen:
        """The same with something said above it; as it is where there is nothing to say."""
        return replace(self, text=f"{above}\n\n{self.text}") if above else self

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        return InlineKeyboardMarkup.model_validate_json(self.markup) if self.markup else _keyboard(self.rows)

    @property
    def keyboard_json(self) -> str:
        """The keyboard as Telegram reads it; empty where there is none."""
        return self.markup or _as_json(self.rows)


class Layout:
    """A keyboard that is the same for everybody but for one number in what its buttons carry, written out once.

    `rows_of` makes its rows for a number.
    """

    def __init__(self, rows_of: Callable[[int], Sequence[Row]]) -> None:
        without = _as_json(rows_of(0))
        mark = next(number for number in count(_MARKS_FROM) if str(number) not in without)
        self._pieces = _as_json(rows_of(mark)).split(str(mark))

    def markup(self, number: int) -> str:
        return str(number).join(self._pieces)


_MARKS_FROM = 2**61  # in the length of no number that a label would show


def _keyboard(rows: Sequence[Row]) -> InlineKeyboardMarkup | None:
    shown = [list(row) for row in rows if row]
    return InlineKeyboardMarkup(inline_keyboard=shown) if shown else None


def _as_json(rows: Sequence[Row]) -> str:
    keyboard = _keyboard(rows)
    return keyboard.model_dump_json(exclude_none=True) if keyboard else ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be kept, with its name."""

    name: str
    content: bytes


def button(label: str, to: CallbackData) -> Button:
    return Button(text=_label(label), callback_data=to.pack())


def link_button(label: str, url: str) -> Button:
    return Button(text=_label(label), url=url)


def share_button(label: str, query: str) -> Button:
    """Lets the member pick a chat, in which the inline query `query` is asked."""
    return Button(
        text=plain(label),
        switch_inline_query_chosen_chat=SwitchInlineQueryChosenChat(
            query=query, allow_user_chats=True, allow_group_chats=True
        ),
    )


def copy_button(label: str, text: str) -> Button:
    return Button(text=plain(label), copy_text=CopyTextButton(text=text))


def _label(label: str) -> str:
    """Parts that stand beside each other on a button stay apart, whichever way each is written."""
    words = plain(label)
    return words if words.isascii() or " · " not in words else " · ".join(map(isolated, words.split(" · ")))


def plain(markup: str) -> str:
    """Buttons, toasts and titles know no HTML; texts escape what people wrote."""
    return unescape(markup)


def shortened(words: str, length: int = TITLE_MAX) -> str:
    return words if len(words) <= length else cut(words, length - 1).rstrip() + "…"


def bar(done: int, whole: int, width: int = 8) -> str:
    """A bar of text: ▓▓▓░░. Full only when it is."""
    filled = width if done >= whole else int(width * done / whole) if whole else 0
    return "▓" * filled + "░" * (width - filled)
