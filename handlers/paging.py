"""Ways through a listing."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.screens import Button, button
from locales.texts import Texts


def newest_and_older(newest: CallbackData | None, older: CallbackData | None, texts: Texts) -> list[Button]:
    """Of what is newest first: back to where it begins, and on to what is older; None where there is no such way."""
    return _row((texts("« Newest"), newest), (texts("Older »"), older))


def first_and_more(first: CallbackData | None, more: CallbackData | None, texts: Texts) -> list[Button]:
    """Of what has another order: back to where it begins, and on; None where there is no such way."""
    return _row((texts("« First"), first), (texts("More »"), more))


def _row(*ways: tuple[str, CallbackData | None]) -> list[Button]:
    return [button(label, to) for label, to in ways if to is not None]
