"""The queue of updates: confirmed by offset, handed out again until confirmed, forgotten after a day."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.model import Json

LIFETIME = 24 * 3600
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot gets only when it names them in allowed_updates."""


@dataclass(slots=True)
class Counts:
    """What became of the updates, by id; `redelivered` are those handed out more than once."""

    handed_out: dict[int, int] = field(default_factory=dict)
    confirmed: list[int] = field(default_factory=list)

    def redelivered(self) -> list[int]:
        return [update_id for update_id, times in self.handed_out.items() if times > 1]


class UpdateQueue:
    """Updates in the order of their ids. Each is kept until an offset passes it or 24 hours are over."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # By the clock, so that a bot which remembers ids does not take a new box's updates for repeated ones.
        self._next_id = int(clock())
        # Ordered: the front of a plain dict that shrinks is not found in constant time.
        self._pending: OrderedDict[int, tuple[float, Json]] = OrderedDict()
        self._watchers: list[Callable[[Json], None]] = []
        self.allowed: frozenset[str] = frozenset()
        self.counts = Counts()

    def __len__(self) -> int:
        self._forget_old()
        return len(self._pending)

    def put(self, kind: str, payload: Json) -> Json | None:
        """Queues an update if the bot wants its kind; as in Telegram that is decided now, not on fetching."""
        if not self.wants(kind):
            return None
        update = {"update_id": self._next_id, kind: payload}
        self._pending[self._next_id] = (self._clock(), update)
        self._next_id += 1
        for watcher in self._watchers:
            watcher(update)
        return update

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def allow(self, kinds: list[str] | None) -> None:
        """Sets which kinds are queued from now on; None changes nothing, an empty list means the usual."""
        if kinds is not None:
            self.allowed = frozenset(kinds)

    def confirm(self, offset: int | None) -> None:
        """Forgets what is before `offset`; a negative one counts from the end of the queue."""
        self._forget_old()
        if not offset:
            return
        pending = self._pending
        if offset < 0:
            passed = list(pending)[:offset]
        else:
            passed = []
            for update_id in pending:
                if update_id >= offset:
                    break
                passed.append(update_id)
        for update_id in passed:
            self.confirm_one(update_id)

    def confirm_one(self, update_id: int) -> None:
        """Forgets one update: a webhook took it."""
        if self._pending.pop(update_id, None) is not None:
            self.counts.confirmed.append(update_id)

    def take(self, limit: int = 100) -> list[Json]:
        """Hands out the oldest updates, which stay in the queue until they are confirmed."""
        self._forget_old()
        taken: list[Json] = []
        for _, update in self._pending.values():
            if len(taken) >= limit:
                break
            self.hand_out(update["update_id"])
            taken.append(update)
        return taken

    def hand_out(self, update_id: int) -> None:
        """Notes that the bot was given the update once more."""
        handed_out = self.counts.handed_out
        handed_out[update_id] = handed_out.get(update_id, 0) + 1

    def drop(self) -> None:
        """Forgets everything that waits, unconfirmed (drop_pending_updates)."""
        self._pending.clear()

    def pending(self) -> list[Json]:
        """All that waits, oldest first; nothing is handed out."""
        self._forget_old()
        return [update for _, update in self._pending.values()]

    def is_pending(self, update_id: int) -> bool:
        return update_id in self._pending

    def watch(self, watcher: Callable[[Json], None]) -> Callable[[], None]:
        """Calls `watcher` with each queued update from now on, until the returned function is called."""
        self._watchers = [*self._watchers, watcher]

        def stop() -> None:
            self._watchers = [each for each in self._watchers if each is not watcher]

        return stop

    def summary(self, with_ids: bool = False) -> dict[str, Any]:
        """How many updates were handed out, confirmed, redelivered, and are pending; with ids if asked."""
        pending = [update["update_id"] for update in self.pending()]
        ids = {
            "handed_out": list(self.counts.handed_out),
            "confirmed": self.counts.confirmed,
            "pending": pending,
            "redelivered": self.counts.redelivered(),
        }
        counts: dict[str, Any] = {state: len(found) for state, found in ids.items()}
        return {**counts, "ids": ids} if with_ids else counts

    def _forget_old(self) -> None:
        oldest = self._clock() - LIFETIME
        while self._pending:
            update_id, (queued_at, _) = next(iter(self._pending.items()))
            if queued_at >= oldest:
                return
            del self._pending[update_id]
