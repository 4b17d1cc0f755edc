from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class ProfileForm(StatesGroup):
    name = State()
    birthday = State()
    zone = State()
