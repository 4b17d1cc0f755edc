from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class VoucherForm(StatesGroup):
    """`merchant_id` in its data: the console to come back to."""

    code = State()
