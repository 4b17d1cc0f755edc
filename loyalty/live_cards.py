"""Live cards: cards of group buys in chats of many, drawn again as people join, until they tell the outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loyalty.errors import DealUnavailable
from loyalty.group_buys import Deal, Group, GroupState

REST = timedelta(seconds=3)  # between two drawings of one card
# Of a card that was shared inline nobody says which chat it is in, so the chat's limit cannot be counted. Fifteen a
# minute fit into any.
REST_INLINE = timedelta(seconds=4)
MOVED = "moved"
LOOKS = ((timedelta(hours=2), timedelta(minutes=30)), (timedelta(minutes=10), timedelta(minutes=5)))
LOOK_LAST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is: its number in a chat, or the id of a message that was shared inline into whatever chat.

    `topic` is the thread of a forum, to which what comes after it goes, too; empty where there is none.
    """

    chat: str
    message: str
    topic: str = field(default="", compare=False)

    @property
    def is_inline(self) -> bool:
        return not self.chat

    @property
    def has_moved(self) -> bool:
        """The chat has another id now, and its old messages cannot be edited: a new one is to be sent."""
        return self.message.startswith(MOVED)

    @property
    def key(self) -> str:
        """The idempotency key of the group that is opened from here."""
        return f"live:{self.chat}:{self.message}"

    @property
    def rest(self) -> timedelta:
        return REST_INLINE if self.is_inline else REST


@dataclass(frozen=True, slots=True)
class LiveCard:
    """`group_id` is None until somebody opens a group from it. Lost: the message is gone, or closed to the bot."""

    id: int
    deal_id: int
    group_id: int | None
    place: Place
    language: str
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """What a live card shows: the same to everybody. `refusal` says why no group can be opened of the deal."""

    deal: Deal
    group: Group | None
    refusal: DealUnavailable | None
    currency: str
    now: datetime

    @property
    def is_final(self) -> bool:
        return self.group is not None and self.group.state is not GroupState.OPEN

    @property
    def next_look(self) -> datetime | None:
        """When it shows something else by itself; None when it does not."""
        if self.group is None:
            ends_at = self.deal.ends_at
            return ends_at if ends_at is not None and ends_at > self.now else None
        return None if self.is_final else next_look(self.group.closes_at, self.now)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A card that is somebody's to draw until `lease`, and what it is to show."""

    card: LiveCard
    face: Face
    lease: datetime


def next_look(closes_at: datetime, now: datetime) -> datetime | None:
    """When the time that is left is to be written anew: the less there is, the more often. None once it is over."""
    left = closes_at - now
    if left <= timedelta():
        return None
    step = next((step for more_than, step in LOOKS if left > more_than), LOOK_LAST)
    return min(now + step, closes_at)
