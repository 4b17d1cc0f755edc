"""Forms: what somebody is about to type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StorageKey

_TAKEN = "taken"  # in the data that is stored, beside what the handlers of a form know


@dataclass(frozen=True, slots=True)
class Before:
    """How a form stood when it took a message: the state (None: nothing was asked) and what it knew."""

    state: str | None
    data: Mapping[str, Any]


class Form(FSMContext):
    """The form that somebody has open in a chat, or none.

    It remembers the message that it took last and how it stood before. Who edits that message while the form is open
    has typed it again: the form goes back to where it stood, and takes it anew. `message_id`: what it takes now.
    """

    def __init__(self, storage: BaseStorage, key: StorageKey, message_id: int | None = None) -> None:
        super().__init__(storage, key)
        self._message_id, self._before = message_id, None if message_id is None else Before(None, {})
        self._has_noted = message_id is None

    async def look(self) -> str | None:
        """The open state, before anybody has answered it."""
        state = await self.get_state()
        if self._before is not None:
            self._before = Before(state, await self.get_data() if state is not None else {})
            self._has_noted = state is None
        return state

    async def get_data(self) -> dict[str, Any]:
        return {name: value for name, value in (await super().get_data()).items() if name != _TAKEN}

    async def set_data(self, data: Mapping[str, Any]) -> None:
        taken = await self._taken()
        self._has_noted = True
        await super().set_data({**data, _TAKEN: taken} if taken is not None else data)

    async def update_data(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        known = {**await self.get_data(), **(data or {}), **kwargs}
        await self.set_data(known)
        return known

    async def clear(self) -> None:
        """Closes it. What it took is forgotten, unless the same message opens another question."""
        self._has_noted = True
        await self.set_state(None)
        await super().set_data({})

    async def note(self) -> None:
        """After the answer: what could not be taken is remembered as well while the question stands."""
        if not self._has_noted and await self.get_state() is not None:
            await self.set_data(await self.get_data())

    async def answers(self, message_id: int, state: State, **data: Any) -> None:
        """From now on an edit of this message is an answer to `state`."""
        known = await self.get_data()
        taken = {"message": message_id, "state": state.state, "data": data}
        await super().set_data({**known, _TAKEN: taken})

    async def last_message(self) -> int | None:
        """The message that it took last."""
        taken = (await super().get_data()).get(_TAKEN)
        return None if taken is None else taken["message"]

    async def took(self, message_id: int) -> Before | None:
        """How it stood before it took this message; None where it is closed, or took another one since."""
        state, taken = await self.get_state(), (await super().get_data()).get(_TAKEN)
        if state is None or taken is None or taken["message"] != message_id:
            return None
        before = Before(taken["state"], taken["data"])
        is_another = before.state is not None and before.state.partition(":")[0] != state.partition(":")[0]
        return None if is_another else before

    async def go_back(self, before: Before) -> None:
        self._before = before
        await self.set_state(before.state)
        await super().set_data(before.data)

    async def _taken(self) -> dict[str, Any] | None:
        if self._message_id is None or self._before is None:  # a tap: it leaves what was typed as it is
            taken: dict[str, Any] | None = (await super().get_data()).get(_TAKEN)
            return taken
        return {"message": self._message_id, "state": self._before.state, "data": dict(self._before.data)}


async def open_form(state: FSMContext, form: State, **known: object) -> None:
    """The next message answers `form`; `known` is what its handler needs besides, and all that it finds."""
    await state.set_state(form)
    await state.set_data(known)
