"""What a member has chosen about messages that nobody asked for, what was agreed to, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from loyalty.deliveries import DeliveryState
from loyalty.members import TERMS_VERSION, Topic
from loyalty.merchants import Translations
from loyalty.programme import Programme

CONFIRM = timedelta(days=7)  # so long the second yes may take
UNDO = timedelta(days=1)  # so long a stop may be taken back without being asked a second time
PER_DAY = (1, 2, 3)  # what can be chosen
PER_WEEK = (1, 2, 3, 5, 7, 14)
AT_MOST_ONE = 1


class Said(StrEnum):
    """What came of a yes or a no."""

    DONE = "done"
    ASKED = "asked"  # a message asks once more, and the yes counts when it is answered


class Less(StrEnum):
    """What can be had less of, from the message itself."""

    WEEKLY = "week"  # at most one a week, of all shops together
    SHOP = "shop"
    TOPIC = "all"


@dataclass(frozen=True, slots=True)
class Choices:
    """None stands for the club's. Quiet hours are times on the member's clock; the same time twice is never quiet."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    per_day: int | None = None
    per_week: int | None = None

    def quiet(self, programme: Programme) -> tuple[time, time]:
        """From and until, the club's where nothing is chosen."""
        if self.quiet_from is None or self.quiet_until is None:
            return time(programme.evening_hour), time(programme.morning_hour)
        return self.quiet_from, self.quiet_until

    def often(self, programme: Programme) -> tuple[int, int]:
        """At most so many a day and a week."""
        return self.per_day or programme.marketing_per_day, self.per_week or programme.marketing_per_week


@dataclass(frozen=True, slots=True)
class ShopChoice:
    """A shop that has written to the member, or may not."""

    merchant_id: int
    name: str
    translations: Translations
    is_muted: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """A line of the log. `is_confirmed` False: a yes that was asked about once more, or the no to that question. With a
    shop it is about that shop alone."""

    id: int
    topic: Topic
    is_given: bool
    wording: str
    at: datetime
    place: str = ""
    version: int = TERMS_VERSION
    is_confirmed: bool = True
    shop: str | None = None
    translations: Translations = field(default_factory=dict)

    @property
    def is_question(self) -> bool:
        return self.is_given and not self.is_confirmed

    def is_open(self, at: datetime) -> bool:
        """Whether the question can still be answered."""
        return self.is_question and at < self.at + CONFIRM

    def is_stop(self, at: datetime) -> bool:
        """A no to what had been agreed to, so short ago that taking it back is an undo."""
        return not self.is_given and self.is_confirmed and at < self.at + UNDO


@dataclass(frozen=True, slots=True)
class Unasked:
    """A message that nobody asked for, and what was decided about it. `at`: when it was over, or is due."""

    id: int
    kind: str
    topic: Topic | None
    state: DeliveryState
    reason: str
    at: datetime
    facts: Mapping[str, Any]
    is_opened: bool = False
    is_broadcast: bool = False
    merchant_id: int | None = None
    shop: str | None = None
    translations: Translations = field(default_factory=dict)
