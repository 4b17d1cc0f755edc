"""Guessing: what people may try that nobody told them, and what slows them down.

A code that is wrong counts, for each person, wherever it was typed; so many within some minutes are followed by a
pause, and each pause of the same week is twice as long as the one before. A right one takes back the count of those
minutes, and not that of the day: somebody's own voucher is always a right one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from loyalty.errors import ClaimRefused, CustomerNotFound, InviteRefused, NotFound, Refusal, VoucherRefused

DAY = timedelta(days=1)
PAUSES_COUNT = timedelta(days=7)
PAUSE_MAX = DAY


class Guess(StrEnum):
    """Where somebody can try codes. A newcomer's referral code is none of them: it is looked up once in a life."""

    TILL = "till"  # a card, a voucher, a phone
    CARD = "card"  # by somebody at no till, or at several
    VOUCHER = "voucher"
    NUMBER = "number"  # a code for a member number
    STAFF = "staff"  # an invitation onto a staff
    FRIEND = "friend"  # whom points are sent to


@dataclass(frozen=True, slots=True)
class Limits:
    """`misses` wrong ones within `within` are followed by a pause, and so are `misses_day` within a day."""

    misses: int = 20
    within: timedelta = timedelta(minutes=10)
    misses_day: int = 100
    pause: timedelta = timedelta(minutes=10)  # the first one of a week


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody has tried in vain: `misses` since one instant, `misses_day` since another; `pauses` in a row."""

    member_id: int
    place: Guess
    misses: int
    since: datetime
    misses_day: int
    day_since: datetime
    pauses: int = 0
    paused_until: datetime | None = None

    def is_paused(self, at: datetime) -> bool:
        return self.paused_until is not None and at < self.paused_until


@dataclass(frozen=True, slots=True)
class Suspect:
    """Somebody on the operator's list."""

    tried: Tried
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """A phone that was looked up at a till: of its digits the last four, whether it was a whole number, and how many
    members were found."""

    id: int
    merchant_id: int
    merchant: str
    staff: str  # the first name
    ending: str
    is_whole: bool
    found: int
    at: datetime


def missed(before: Tried | None, member_id: int, place: Guess, at: datetime, limits: Limits) -> Tried:
    """After one more wrong code. It is paused from now on where `paused_until` has changed."""
    seen = before or Tried(member_id, place, 0, at, 0, at)
    if at - seen.since >= limits.within:
        seen = replace(seen, misses=0, since=at)
    if at - seen.day_since >= DAY:
        seen = replace(seen, misses_day=0, day_since=at)
    if seen.paused_until is not None and at - seen.paused_until >= PAUSES_COUNT:
        seen = replace(seen, pauses=0)
    seen = replace(seen, place=place, misses=seen.misses + 1, misses_day=seen.misses_day + 1)
    if seen.is_paused(at) or (seen.misses < limits.misses and seen.misses_day < limits.misses_day):
        return seen
    pause = min(limits.pause * 2 ** min(seen.pauses, 16), PAUSE_MAX)
    if seen.misses_day >= limits.misses_day:
        pause = max(pause, min(seen.day_since + DAY - at, PAUSE_MAX))
    return replace(seen, misses=0, since=at, pauses=seen.pauses + 1, paused_until=at + pause)


def is_wrong(refusal: Refusal) -> bool:
    """Whether a refusal says that nobody has what was typed. What can be no code at all is no try."""
    match refusal:
        case CustomerNotFound(reason=reason):
            return reason in ("code", "phone")
        case VoucherRefused(reason="unknown") | ClaimRefused(reason="unknown") | InviteRefused(reason="unknown"):
            return True
        case NotFound(noun="member"):
            return True
        case _:
            return False


# Calling codes: some have one digit, some two, all others three.
_CALLING = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|...")


def is_whole_number(phone: str, typed: str) -> bool:
    """Whether these digits are all of a phone ("+49..."), with its calling code or as it is dialled at home: nothing
    between that and its last four tells who it is, so that no number can be read out digit by digit."""
    digits = phone.removeprefix("+")
    calling = _CALLING.match(digits)
    at_home = digits if calling is None else digits[calling.end() :]
    return bool({typed, typed.lstrip("0"), typed.removeprefix("00")} & {digits, at_home})
