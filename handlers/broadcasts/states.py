from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class BroadcastForm(StatesGroup):
    """One step each: everything else about a draft is in the database."""

    text = State()
    picture = State()
    address = State()
    label = State()
    moment = State()
    reason = State()  # the operator's
