"""The row under every message that nobody asked for: why it came, how to get less of it, how to stop it.

Everything under such a message carries its delivery, so that a tap on it is known for a sign of interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from pydantic import Field

from handlers.fields import Number
from handlers.screens import Button, Row, button, shortened
from locales.texts import Markup, Texts
from loyalty.members import Topic
from loyalty.merchants import said_in
from loyalty.notifications import Less, Unasked
from loyalty.services.notifications import LessOf

PREVIEW = 0  # the delivery that is none
_IN_ANOTHER = "~"  # parts the fields of a button within a button


class WhyThis(CallbackData, prefix="why"):
    """`delivery_id` 0, here and below: a preview, in which nothing happens."""

    delivery_id: Number


class ShowLess(CallbackData, prefix="less"):
    delivery_id: Number


class ShowFooter(CallbackData, prefix="lessnot"):
    """Back to the row."""

    delivery_id: Number


class Stop(CallbackData, prefix="stop"):
    delivery_id: Number


class HaveLess(CallbackData, prefix="lessdo"):
    """`per_week` is what was chosen before (0: the club's default), for the undo."""

    delivery_id: Number
    less: Less
    per_week: Annotated[int, Field(ge=0, le=70)] = 0


class HaveItBack(CallbackData, prefix="lessundo"):
    delivery_id: Number
    less: Less
    per_week: Annotated[int, Field(ge=0, le=70)] = 0


class GoOn(CallbackData, prefix="go"):
    """Notes the tap, and goes on to another button's place."""

    delivery_id: Number
    to: str

    @property
    def data(self) -> str:
        return self.to.replace(_IN_ANOTHER, ":")


class OldWhy(CallbackData, prefix="bwhy"):
    """Under broadcasts that were sent before there was one row for all."""

    delivery_id: Number


class OldConsent(CallbackData, prefix="bconsent"):
    delivery_id: Number
    given: bool


_OURS = frozenset(
    of.__prefix__ for of in (WhyThis, ShowLess, ShowFooter, Stop, HaveLess, HaveItBack, OldWhy, OldConsent)
)


def footer(texts: Texts, delivery_id: int) -> Row:
    return [
        button(texts("Why this?"), WhyThis(delivery_id=delivery_id)),
        button(texts("Less of this"), ShowLess(delivery_id=delivery_id)),
        button(texts("Stop"), Stop(delivery_id=delivery_id)),
    ]


def ways_to_less(less: LessOf, texts: Texts) -> list[Row]:
    """What there could be less of, instead of the row."""
    delivery_id, per_week = less.message.id, less.per_week or 0
    shop = shop_of(less.message, texts)
    rows: list[Row] = [
        [
            button(
                less_words(way, less.message.topic, shop, texts),
                HaveLess(delivery_id=delivery_id, less=way, per_week=per_week),
            )
        ]
        for way in less.ways
    ]
    return [*rows, [button(texts("Back"), ShowFooter(delivery_id=delivery_id))]]


def taken_back(delivery_id: int, less: Less, topic: Topic | None, texts: Texts, per_week: int = 0) -> Row:
    """The row when something was stopped: it can be undone."""
    to = HaveItBack(delivery_id=delivery_id, less=less, per_week=per_week)
    return [
        button(texts("Why this?"), WhyThis(delivery_id=delivery_id)),
        button(undo_words(less, topic, texts), to),
    ]


def less_words(less: Less, topic: Topic | None, shop: str, texts: Texts) -> Markup:
    """What the button says, which the log of consents keeps."""
    match less:
        case Less.WEEKLY:
            return texts("At most one a week")
        case Less.SHOP:
            return texts("Nothing from {shop}", shop=shortened(shop))
    match topic:
        case Topic.BIRTHDAY:
            return texts("No greeting at all")
        case Topic.GROUP_BUYS:
            return texts("Nothing about group buys at all")
        case Topic.NEWS:
            return texts("No more news at all")
        case Topic.SURVEYS:
            return texts("No more questions at all")
        case _:
            return texts("No more offers at all")


def undo_words(less: Less, topic: Topic | None, texts: Texts) -> Markup:
    """A yes again says to what."""
    if less is not Less.TOPIC:
        return texts("Undo")
    match topic:
        case Topic.BIRTHDAY:
            return texts("Undo: greet me")
        case Topic.GROUP_BUYS:
            return texts("Undo: tell me of group buys")
        case Topic.NEWS:
            return texts("Undo: send me news")
        case Topic.SURVEYS:
            return texts("Undo: ask me")
        case _:
            return texts("Undo: send me offers")


def shop_of(message: Unasked, texts: Texts) -> str:
    """Empty where it is from no shop."""
    return said_in(texts.language, message.translations, "name", message.shop or "")


def noted(way: Button, delivery_id: int) -> Button:
    """The same button, under a message that nobody asked for."""
    assert way.callback_data is not None, "links lead out of the chat, where nobody sees taps"
    to = GoOn(delivery_id=delivery_id, to=way.callback_data.replace(":", _IN_ANOTHER))
    return way.model_copy(update={"callback_data": to.pack()})


def with_row(keyboard: InlineKeyboardMarkup | None, rows: Sequence[Row]) -> InlineKeyboardMarkup:
    """The keyboard with these rows in the place of ours; all others stay."""
    others = [row for row in (keyboard.inline_keyboard if keyboard else []) if not any(map(_is_ours, row))]
    return InlineKeyboardMarkup(inline_keyboard=[*others, *(list(row) for row in rows)])


def _is_ours(shown: Button) -> bool:
    return shown.callback_data is not None and shown.callback_data.partition(":")[0] in _OURS
