from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class SegmentForm(StatesGroup):
    """In the data of each the fields of the button that opened it."""

    value = State()
    name = State()
