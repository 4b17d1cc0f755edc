from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.broadcasts import Broadcast, BroadcastState, Content, Schedule, Shown, Tally, Trial
from loyalty.experiments import Score
from loyalty.members import Language
from loyalty.segments import Segment


class Broadcasts(Protocol):
    def draft(self, merchant_id: int, author_id: int, at: datetime) -> Broadcast:
        """The author's open draft at the shop, a new one if there is none."""

    def get(self, broadcast_id: int) -> Broadcast | None: ...
    def lock(self, broadcast_id: int) -> Broadcast | None:
        """As it is now, and nobody else changes it until the unit ends."""

    def write(self, broadcast_id: int, content: Content) -> None:
        """Sets what it says: topic, wordings, buttons and picture."""

    def aim(self, broadcast_id: int, segment: Segment) -> None:
        """Sets whom it means."""

    def plan(self, broadcast_id: int, schedule: Schedule, trial: Trial) -> None:
        """Sets when it goes out, and how its wordings are compared."""

    def delete(self, broadcast_id: int, at: datetime) -> None:
        """It is in no list any more, and nobody's draft; `reopen` brings it back."""

    def reopen(self, broadcast_id: int) -> None:
        """It is its author's draft again. They must have no other one at the shop."""

    def confirm(self, broadcast_id: int, state: BroadcastState, *, key: str, shown: Shown | None, at: datetime) -> None:
        """It is a draft no longer: it waits for the operator, or for its time, or is being prepared."""

    def approve(self, broadcast_id: int, operator_id: int) -> None: ...
    def note(self, broadcast_id: int, note: str) -> None:
        """Why the operator said no."""

    def begin(self, broadcast_id: int, at: datetime) -> None:
        """Its recipients are being fixed from now on."""

    def filled(self, broadcast_id: int, *, to_id: int, added: int, done_at: datetime | None) -> None:
        """So many recipients more are fixed, up to a member; `done_at`: that was all, and it is being sent."""

    def turn(self, broadcast_id: int, state: BroadcastState, *, left: int, at: datetime) -> None:
        """Pauses, resumes or ends it; speed is measured anew from here."""

    def decide(self, broadcast_id: int, winner: str, at: datetime) -> None: ...
    def scores(self, broadcast_id: int, trial: Trial) -> Mapping[str, Score]:
        """How often each wording was sent, and how often it did what it was for: a tap on one of its buttons, or a
        voucher at the shop after it and before the shop's next message. While a trial runs, no window ends."""

    def to_start(self, at: datetime) -> Sequence[int]:
        """Scheduled ones whose time has come, the earliest first."""

    def to_fill(self) -> Sequence[int]:
        """Those whose recipients are not all fixed yet."""

    def awaiting(self, *, before_id: int | None, limit: int) -> Sequence[Broadcast]:
        """Those that wait for the operator, newest first."""

    def waiting(self) -> int:
        """How many wait for the operator."""

    def undecided(self) -> Sequence[Broadcast]:
        """Those that are being sent and have no winner yet, of the fixed method."""

    def left(self, broadcast_id: int) -> int:
        """How many deliveries are queued or being sent."""

    def tally(self, broadcast_id: int) -> Tally: ...
    def page(
        self, merchant_id: int, *, before_id: int | None, limit: int, since: datetime | None = None
    ) -> Sequence[Broadcast]:
        """What the shop has sent or means to send, newest first; with `since`, what was started since then."""

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

    def tap(self, delivery_id: int, button: int, at: datetime) -> bool:
        """Notes the first tap on a button of a message; False when it was tapped before."""
