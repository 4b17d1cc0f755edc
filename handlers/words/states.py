from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class Lost(StatesGroup):
    """No form: what was said last was not understood, so that the next answer is another one."""

    once = State()
    again = State()
