from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)) -> None:
        self.now = at

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)

    def move_to(self, at: datetime) -> None:
        self.now = at
