"""Broadcasts: what a merchant tells those who said yes to offers, from the draft to the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from loyalty.errors import BroadcastRefused
from loyalty.merchants import NAME_MAX, Translations

TEXT_MAX = 3_500  # as shown, in UTF-16 units; Telegram takes 4,096 with the shop's line above
CAPTION_MAX = 1_024 - 2 * NAME_MAX - 2  # under a picture: what the shop's line, in the longest case, leaves of it
REDRAW = timedelta(seconds=3)  # progress is drawn at most this often
MEASURED_MIN = timedelta(seconds=1)  # a speed measured over less is chance


class BroadcastState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (BroadcastState.DONE, BroadcastState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Content:
    """What a member gets: `text` is HTML, `translations` are those of the shop's name."""

    shop: str
    translations: Translations
    text: str
    picture_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The message of the chat in which the progress is drawn."""

    chat: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`length` of the text as shown, in UTF-16 units. `key` is the confirmation's nonce, once there is one."""

    id: int
    merchant_id: int
    author_id: int
    state: BroadcastState
    content: Content
    length: int
    created_at: datetime
    key: str | None = None
    recipients: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    shown: Shown | None = None
    measured_from: datetime | None = None  # since when it has been sending without a break ...
    measured_left: int = 0  # ... and how many were left then

    @property
    def is_draft(self) -> bool:
        return self.state is BroadcastState.DRAFT


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of all members said yes to offers and can be reached."""

    agreed: int
    members: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the deliveries, counted from their rows."""

    left: int = 0  # queued or being sent
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    opened: int = 0
    suppressed: Mapping[str, int] = field(default_factory=dict)  # by reason


@dataclass(frozen=True, slots=True)
class Standing:
    """How a broadcast stands. `tally` only when it is over: it takes a look at every row."""

    broadcast: Broadcast
    left: int
    time_left: timedelta | None = None
    tally: Tally | None = None

    @property
    def done(self) -> int:
        return self.broadcast.recipients - self.left


def check_length(length: int, *, has_picture: bool) -> None:
    """Raises BroadcastRefused when a text of this length does not fit."""
    if length > TEXT_MAX:
        raise BroadcastRefused("too_long", {"length": length, "most": TEXT_MAX})
    if has_picture and length > CAPTION_MAX:
        raise BroadcastRefused("too_long_for_picture", {"length": length, "most": CAPTION_MAX})


def check_complete(broadcast: Broadcast) -> None:
    """Raises BroadcastRefused for what is not a draft, or a draft without words."""
    if not broadcast.is_draft:
        raise BroadcastRefused("not_draft")
    if not broadcast.content.text:
        raise BroadcastRefused("empty")


def time_left(broadcast: Broadcast, left: int, at: datetime) -> timedelta | None:
    """How long the rest takes at the speed since the last start or resume; None while nothing can be said."""
    if broadcast.state is not BroadcastState.SENDING or broadcast.measured_from is None:
        return None
    span, done = at - broadcast.measured_from, broadcast.measured_left - left
    if span < MEASURED_MIN or done <= 0 or left <= 0:
        return None
    return span * (left / done)
