from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.broadcasts import Broadcast, BroadcastState, Content, Reach, Shown, Tally
from loyalty.members import Language


class Broadcasts(Protocol):
    def draft(self, merchant_id: int, author_id: int, at: datetime) -> Broadcast:
        """The author's open draft at the shop, a new one if there is none."""

    def get(self, broadcast_id: int) -> Broadcast | None: ...
    def lock(self, broadcast_id: int) -> Broadcast | None:
        """As it is now, and nobody else changes it until the unit ends."""

    def write(self, broadcast_id: int, text: str, length: int) -> None: ...
    def picture(self, broadcast_id: int, picture_id: int | None) -> None: ...
    def delete(self, broadcast_id: int) -> None: ...
    def start(self, broadcast_id: int, *, key: str, recipients: int, shown: Shown | None, at: datetime) -> None: ...
    def turn(self, broadcast_id: int, state: BroadcastState, *, left: int, at: datetime) -> None:
        """Pauses, resumes or ends it; speed is measured anew from here."""

    def reach(self) -> Reach: ...
    def left(self, broadcast_id: int) -> int:
        """How many deliveries are queued or being sent."""

    def tally(self, broadcast_id: int) -> Tally: ...
    def page(self, merchant_id: int, *, before_id: int | None, limit: int) -> Sequence[Broadcast]:
        """What the shop has sent, newest first."""

    def is_any_due(self, drawn_before: datetime) -> bool:
        """Whether `due` would find something, without taking it."""

    def due(self, drawn_before: datetime, at: datetime, limit: int) -> Sequence[tuple[Broadcast, str, Language]]:
        """Takes those whose progress was not looked at since then, with what was drawn last and the language of who
        watches. Nobody else gets the same ones until that time has passed again."""

    def note_drawn(self, broadcast_id: int, drawn: str) -> None: ...
    def note_shown(self, broadcast_id: int, shown: Shown | None, *, is_told: bool) -> None:
        """Where it is drawn; `is_told`: that was the report, and nothing is drawn any more."""

    def postpone(self, broadcast_id: int, looked_at: datetime) -> None:
        """Draws nothing before then and the time between two drawings."""

    def content_of(self, delivery_id: int, member_id: int) -> Content | None:
        """What a member was sent."""

    def agreed_at(self, member_id: int) -> datetime | None:
        """When a member said yes to offers."""
