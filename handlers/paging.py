"""Ways through a listing that is newest first."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.screens import Button, button
from locales.texts import Texts


def newest_and_older(newest: CallbackData | None, older: CallbackData | None, texts: Texts) -> list[Button]:
    """Back to where it begins, and on to what is older; None where there is no such way."""
    ways = ((texts("« Newest"), newest), (texts("Older »"), older))
    return [button(label, to) for label, to in ways if to is not None]
