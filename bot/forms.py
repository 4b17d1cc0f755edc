"""Where forms are kept: the database, or Valkey when there is one. aiogram's own interface, so both are one to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from loyalty.ports import Clock, Run, reads
from storage.unit_of_work import UnitFactory

_KEYS = DefaultKeyBuilder(prefix="form", with_bot_id=True, with_destiny=True)


class DatabaseForms(BaseStorage):
    def __init__(self, units: UnitFactory, run: Run, clock: Clock) -> None:
        self._units, self._run, self._clock = units, run, clock

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._run(self._get, _KEYS.build(key)))[0]

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return (await self._run(self._get, _KEYS.build(key)))[1]

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        named = state.state if isinstance(state, State) else state
        await self._run(self._set_state, _KEYS.build(key), named)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._run(self._set_data, _KEYS.build(key), data)

    async def close(self) -> None:
        """The database is closed by who opened it."""

    @reads
    def _get(self, key: str) -> tuple[str | None, dict[str, Any]]:
        with self._units() as uow:
            return uow.forms.get(key)

    def _set_state(self, key: str, state: str | None) -> None:
        with self._units() as uow:
            _, data = uow.forms.get(key)
            uow.forms.put(key, state, data, self._clock())
            uow.commit()

    def _set_data(self, key: str, data: Mapping[str, Any]) -> None:
        with self._units() as uow:
            state, _ = uow.forms.get(key)
            uow.forms.put(key, state, data, self._clock())
            uow.commit()


def valkey_forms(url: str) -> BaseStorage:
    """Forms in Valkey or Redis; the extra `redis` brings the client."""
    from aiogram.fsm.storage.redis import RedisStorage

    return RedisStorage.from_url(url, key_builder=_KEYS, connection_kwargs={"max_connections": 64})
