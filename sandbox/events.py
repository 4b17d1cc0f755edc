"""What changed, told to whoever watches: the page, tests, the webhook."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from sandbox.model import Json

Watcher = Callable[[Json], None]

KEPT = 10_000
"""Events that a page can ask for again after it lost its connection."""


class Events:
    """Numbered events with a short memory. Watchers are called at once, in the caller's thread."""

    def __init__(self) -> None:
        self.seq = 0
        self._kept: deque[Json] = deque(maxlen=KEPT)
        self._watchers: list[Watcher] = []

    def publish(self, kind: str, **facts: Any) -> None:
        """Numbers the event, remembers it and tells every watcher."""
        self.seq += 1
        event = {"seq": self.seq, "type": kind, **facts}
        self._kept.append(event)
        for watcher in self._watchers:
            watcher(event)

    def mention(self, kind: str, **facts: Any) -> None:
        """Tells the watchers of something too frequent to remember; it has the last event's number."""
        if self._watchers:
            event = {"seq": self.seq, "type": kind, **facts}
            for watcher in self._watchers:
                watcher(event)

    def after(self, seq: int) -> list[Json]:
        """The remembered events with a higher number."""
        if not self._kept or seq >= self.seq:
            return []
        return list(islice(self._kept, max(0, seq + 1 - self._kept[0]["seq"]), None))

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Calls `watcher` with each event from now on, until the returned function is called."""
        self._watchers = [*self._watchers, watcher]

        def stop() -> None:
            self._watchers = [each for each in self._watchers if each is not watcher]

        return stop
