from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Home(CallbackData, prefix="home"):
    pass


class PickLanguage(CallbackData, prefix="lang"):
    """`code` empty: show the choice."""

    code: str = ""


class Help(CallbackData, prefix="help"):
    pass
