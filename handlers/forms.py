"""Forms: what somebody is about to type."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State


async def open_form(state: FSMContext, form: State, **known: object) -> None:
    """The next message answers `form`; `known` is what its handler needs besides, and all that it finds."""
    await state.set_state(form)
    await state.set_data(known)
