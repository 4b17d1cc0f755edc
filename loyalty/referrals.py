"""Referrals: who brought whom, bound once, on the first start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.errors import ReferralRefused

TOLD_MAX = 2  # messages a day about friends: the first who comes, and what they bring
CHAIN_DEPTH = 64  # how far up a loop is looked for; longer chains are refused as if they looped


class ReferralEvent(StrEnum):
    """What a referee must do before both sides get their points."""

    CHECK_IN = "check_in"
    PURCHASE = "purchase"  # the first one that earns points; with a return window, the points are pending as long


@dataclass(frozen=True, slots=True)
class Referral:
    referrer_id: int
    referee_id: int
    bound_at: datetime
    qualified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Referred:
    """What a referrer may know of the own network: numbers, nobody's data."""

    joined: int = 0
    qualified: int = 0
    points: int = 0


def check_bindable(referrer_id: int, referee_id: int, above: Sequence[int]) -> None:
    """Nobody refers themselves, and nobody stands above their own referrer. Raises ReferralRefused."""
    if referrer_id == referee_id:
        raise ReferralRefused("self")
    if referee_id in above or len(above) >= CHAIN_DEPTH:
        raise ReferralRefused("loop")


@dataclass(frozen=True, slots=True)
class FriendsToday:
    """What a referrer's friends did on one day of the club, and the last message that told of it: `told` of them were
    sent that day, the last one as `message_id` into `chat`."""

    joined: int
    qualified: int
    points: int
    told: int = 0
    chat: str = ""
    message_id: int = 0

    @property
    def is_gathered(self) -> bool:
        """Whether what comes now is drawn into the last message instead of making one more."""
        return self.told >= TOLD_MAX
