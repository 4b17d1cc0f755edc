from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class SearchForm(StatesGroup):
    """`wanted` in its data: what the search is among, as the button that opened the form says it."""

    words = State()
