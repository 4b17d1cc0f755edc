from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class EarnForm(StatesGroup):
    """`merchant_id` in the data of each; `part`, `days`, or the rest of the example besides."""

    rate = State()
    part = State()
    times = State()
    tag = State()
    amount = State()
