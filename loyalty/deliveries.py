"""Deliveries: every message to somebody other than the speaker, kept in the outbox until it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from loyalty.members import Address, Language, Tier, Topic

EDITS = "edits"  # in a notice's facts: the number of the message in their chat that is drawn again instead of a new one


class Lane(StrEnum):
    """Who goes first. Answers to people who are speaking do not pass the outbox at all."""

    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"
    LIVE = "live"  # drawing live cards again; no row of the outbox is in it


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


# What the member has read, or may have.
WENT_OUT = frozenset({DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a member, as facts; the courier's screens turn it into the member's language when it is sent.

    `cause` happens at most once for a member ("birthday:2026"). After `deadline` it is dropped, not sent late.
    """

    member_id: int
    kind: str
    cause: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    lane: Lane = Lane.TRANSACTIONAL
    topic: Topic | None = None  # what the member must have said yes to, still, when it is sent
    not_before: datetime | None = None
    deadline: datetime | None = None
    broadcast_id: int | None = None
    merchant_id: int | None = None  # the shop for which it is
    score: int = 0  # of several that wait for the same member, the best goes first


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed row of the outbox: enough to render and to send it without another look."""

    id: int
    member_id: int
    kind: str
    facts: Mapping[str, Any]
    lane: Lane
    address: Address
    language: Language
    name: str
    timezone: str
    attempts: int
    broadcast_id: int | None = None
    merchant_id: int | None = None
    topic: Topic | None = None
    variant: str | None = None  # of the broadcast's wordings; None: not chosen yet
    tier: Tier = Tier.MEMBER
    points: int = 0  # to spend
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A due row and what decides whether it may go: the contact policy gets it. Times of quiet hours are on the
    member's clock; None stands for the club's."""

    delivery: Delivery
    deadline: datetime | None = None
    score: int = 0
    is_reachable: bool = True
    is_agreed: bool = True  # to the topic
    is_muted: bool = False  # the shop
    quiet_from: time | None = None
    quiet_until: time | None = None
    per_day: int | None = None
    per_week: int | None = None
    ignored: int = 0
    topic_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    delivery_id: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Enlisted:
    """So many recipients more, up to the member `to_id`; `is_last`: those were all."""

    added: int
    to_id: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claimed row. QUEUED gives it back, not to be taken `not_before` then.

    `attempts` counts the calls that were made for it. `is_lost`: the person cannot be reached any more.
    """

    delivery: Delivery
    state: DeliveryState
    reason: str = ""
    not_before: datetime | None = None
    attempts: int = 0
    is_lost: bool = False
