"""Broadcasts: what a merchant tells those who said yes, from the draft to the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.errors import BroadcastRefused
from loyalty.members import Topic
from loyalty.merchants import NAME_MAX, Translations
from loyalty.segments import EVERYBODY, Segment

TEXT_MAX = 3_500  # as shown, in UTF-16 units; Telegram takes 4,096 with the shop's line above
CAPTION_MAX = 1_024 - 2 * NAME_MAX - 2  # under a picture: what the shop's line, in the longest case, leaves of it
REDRAW = timedelta(seconds=3)  # progress is drawn at most this often
MEASURED_MIN = timedelta(seconds=1)  # a speed measured over less is chance
VARIANTS = "ABCD"
FIRST = VARIANTS[0]
ORIGINAL = ""  # the language in which a wording was first written: who has no wording of their own reads this one
TOPICS = (Topic.OFFERS, Topic.GROUP_BUYS, Topic.NEWS, Topic.SURVEYS)  # what a shop may write about


class BroadcastState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"  # for the operator's yes
    SCHEDULED = "scheduled"
    PREPARING = "preparing"  # its recipients are being fixed
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (BroadcastState.DONE, BroadcastState.CANCELLED)


class Method(StrEnum):
    """How the wording is found that the rest gets: the best of a test, or each as often as it is likely to be best."""

    FIXED = "fixed"
    THOMPSON = "thompson"


class Metric(StrEnum):
    TAPS = "taps"
    REDEMPTIONS = "redemptions"


class Leads(StrEnum):
    """Where a button leads."""

    LINK = "link"
    REWARD = "reward"
    DEAL = "deal"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` is HTML; `length` as it is shown, in UTF-16 units."""

    text: str
    length: int


# By variant, then by language.
Wordings = Mapping[str, Mapping[str, Wording]]


@dataclass(frozen=True, slots=True)
class ContentButton:
    """`target` is the address of a link, or the id of what it leads to. `labels` are the label in other languages."""

    label: str
    leads: Leads
    target: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a member gets. `translations` are those of the shop's name."""

    shop: str
    translations: Translations
    wordings: Wordings = field(default_factory=dict)
    picture_id: int | None = None
    topic: Topic = Topic.OFFERS
    buttons: Sequence[ContentButton] = ()
    merchant_id: int = 0

    @property
    def variants(self) -> str:
        return "".join(sorted(self.wordings)) or FIRST

    def wording(self, variant: str | None = FIRST, language: str = ORIGINAL) -> Wording:
        """The variant's words in a language, else in the one it was written in; empty where there are none yet."""
        said = self.wordings.get(variant or FIRST, {})
        return said.get(language) or said.get(ORIGINAL) or Wording("", 0)

    def said(self, variant: str, language: str, wording: Wording) -> Content:
        """The same with these words for a variant in a language."""
        return replace(self, wordings={**self.wordings, variant: {**self.wordings.get(variant, {}), language: wording}})

    @property
    def text(self) -> str:
        """The first wording, by which people know the broadcast again."""
        return self.wording().text


@dataclass(frozen=True, slots=True)
class Schedule:
    """When it goes out. `send_at` None: as soon as it is confirmed. With `local_hour`, each member gets it at that hour
    of `local_day` on the own clock, or at once where that is over. After `valid_hours` more it is of no use."""

    send_at: datetime | None = None
    local_day: date | None = None
    local_hour: int | None = None
    valid_hours: int = 48


@dataclass(frozen=True, slots=True)
class Trial:
    """How several wordings are compared: `percent` of the recipients get them in equal parts, and `hours` later the
    rest gets the `winner` (fixed), or each in turn what is likely to be best by then (thompson)."""

    method: Method = Method.FIXED
    metric: Metric = Metric.TAPS
    percent: int = 20
    hours: int = 4
    winner: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The message of the chat in which the progress is drawn."""

    chat: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`key` is the confirmation's nonce, once there is one. Up to the member `filled_to_id`, recipients are fixed."""

    id: int
    merchant_id: int
    author_id: int
    state: BroadcastState
    content: Content
    created_at: datetime
    segment: Segment = EVERYBODY
    schedule: Schedule = Schedule()
    trial: Trial = Trial()
    key: str | None = None
    confirmed_at: datetime | None = None
    approved_by: int | None = None
    note: str = ""  # why the operator said no
    recipients: int = 0
    filled_to_id: int = 0
    filled_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    shown: Shown | None = None
    measured_from: datetime | None = None  # since when it has been sending without a break ...
    measured_left: int = 0  # ... and how many were left then

    @property
    def is_draft(self) -> bool:
        return self.state is BroadcastState.DRAFT

    @property
    def starts_at(self) -> datetime:
        """From when it reckons: its trial, and how long it may wait."""
        assert self.started_at is not None, "only what has started"
        return self.started_at


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of those who said yes to the topic and can be reached a segment means, and how many members there are
    in all."""

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


def wordings_as_json(wordings: Wordings) -> dict[str, Any]:
    """As they are kept."""
    return {
        variant: {language: {"text": said.text, "length": said.length} for language, said in languages.items()}
        for variant, languages in wordings.items()
    }


def wordings_from_json(kept: Mapping[str, Any]) -> Wordings:
    return {
        variant: {language: Wording(**said) for language, said in languages.items()}
        for variant, languages in kept.items()
    }


def buttons_as_json(buttons: Sequence[ContentButton]) -> list[dict[str, Any]]:
    return [
        {"label": one.label, "leads": one.leads.value, "target": one.target, "labels": dict(one.labels)}
        for one in buttons
    ]


def buttons_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[ContentButton, ...]:
    return tuple(ContentButton(one["label"], Leads(one["leads"]), one["target"], one["labels"]) for one in kept)


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


def sends_at(schedule: Schedule, started_at: datetime, timezone: str) -> datetime:
    """When whoever lives in a zone gets it: never before it has started. An instant in UTC; an hour that a clock change
    leaves out is the one after it."""
    if schedule.local_day is None or schedule.local_hour is None:
        return started_at
    local = datetime.combine(schedule.local_day, time(schedule.local_hour), tzinfo=ZoneInfo(timezone))
    return max(started_at, local.astimezone(UTC))


def time_left(broadcast: Broadcast, left: int, at: datetime) -> timedelta | None:
    """How long the rest takes at the speed since the last start or resume; None while nothing can be said."""
    if broadcast.state is not BroadcastState.SENDING or broadcast.measured_from is None:
        return None
    span, done = at - broadcast.measured_from, broadcast.measured_left - left
    if span < MEASURED_MIN or done <= 0 or left <= 0:
        return None
    return span * (left / done)
