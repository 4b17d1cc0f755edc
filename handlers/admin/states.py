from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class RenameForm(StatesGroup):
    """`merchant_id` in its data: the shop that gets the name."""

    name = State()
