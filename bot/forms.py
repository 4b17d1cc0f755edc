"""Where forms are kept: the database, or Valkey when there is one. aiogram's own interface, so both are one to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from loyalty.ports import Clock, Run, reads
from storage.unit_of_work import UnitFactory

_KEYS = DefaultKeyBuilder(prefix="form", with_bot_id=True, with_destiny=True)


Form = tuple[str | None, dict[str, Any]]  # what is asked, and what is known so far
NO_FORM: Form = (None, {})


class DatabaseForms(BaseStorage):
    """`is_alone`: no other process uses the database, so that what is open is also known here, and the many messages
    that answer no form need no look at the table."""

    def __init__(self, units: UnitFactory, run: Run, clock: Clock, *, is_alone: bool = False) -> None:
        self._units, self._run, self._clock, self._is_alone = units, run, clock, is_alone
        self._open: dict[str, Form] | None = None

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._form(_KEYS.build(key)))[0]

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._form(_KEYS.build(key)))[1])

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        named = state.state if isinstance(state, State) else state
        self._remember(_KEYS.build(key), await self._run(self._set_state, _KEYS.build(key), named))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self._remember(_KEYS.build(key), await self._run(self._set_data, _KEYS.build(key), data))

    async def close(self) -> None:
        """The database is closed by who opened it."""

    async def _form(self, key: str) -> Form:
        if not self._is_alone:
            return await self._run(self._get, key)
        if self._open is None:
            self._open = await self._run(self._all)
        return self._open.get(key, NO_FORM)

    def _remember(self, key: str, form: Form) -> None:
        if self._open is not None:
            self._open[key] = form
            if form == NO_FORM:
                del self._open[key]

    @reads
    def _get(self, key: str) -> Form:
        with self._units() as uow:
            return uow.forms.get(key)

    @reads
    def _all(self) -> dict[str, Form]:
        with self._units() as uow:
            return uow.forms.all()

    def _set_state(self, key: str, state: str | None) -> Form:
        with self._units() as uow:
            _, data = uow.forms.get(key)
            uow.forms.put(key, state, data, self._clock())
            uow.commit()
        return state, data

    def _set_data(self, key: str, data: Mapping[str, Any]) -> Form:
        with self._units() as uow:
            state, _ = uow.forms.get(key)
            uow.forms.put(key, state, data, self._clock())
            uow.commit()
        return state, dict(data)


class ValkeyForms(BaseStorage):
    """Forms in Valkey or Redis; the extra `redis` brings the client. One that is away raises ConnectionError."""

    def __init__(self, url: str) -> None:
        from aiogram.fsm.storage.redis import RedisStorage
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as Away
        from redis.exceptions import TimeoutError as Late

        # A stale connection is replaced at once. Longer waits are the intake's, which tells people meanwhile.
        options = {"max_connections": 64, "retry": Retry(NoBackoff(), 1), "socket_timeout": 5}
        self._storage = RedisStorage.from_url(url, key_builder=_KEYS, connection_kwargs=options)
        self._away = (Away, Late)

    async def get_state(self, key: StorageKey) -> str | None:
        with self._asking():
            return await self._storage.get_state(key)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        with self._asking():
            return await self._storage.get_data(key)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        with self._asking():
            await self._storage.set_state(key, state)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        with self._asking():
            await self._storage.set_data(key, data)

    async def close(self) -> None:
        await self._storage.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except self._away as error:
            raise ConnectionError(f"no answer from Valkey: {error}") from error
