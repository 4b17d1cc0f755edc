"""Member numbers from before the club was in a chat: how they are written, and codes that take them over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from loyalty.amounts import plain_digits
from loyalty.names import readable

NUMBER = "number"  # the channel of an address that is a member number: nothing is ever sent there
NUMBER_MAX = 32

_NUMBER = re.compile(rf"[0-9A-Z][0-9A-Z._/-]{{0,{NUMBER_MAX - 1}}}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A one-time code for a member number. `number` is None when the number belongs to somebody else by now."""

    code: str
    member_id: int
    number: str | None
    expires_at: datetime
    used_at: datetime | None = None
    used_by: int | None = None
    is_in_chat: bool = False  # its member can be reached already: another code was faster


def clean_number(given: str) -> str | None:
    """A member number as it was meant: upper case, without blanks; None if it is none. Leading zeros stay."""
    number = "".join(plain_digits(readable(given)).split()).upper()
    return number if _NUMBER.fullmatch(number) else None


def masked(number: str) -> str:
    """Enough of a number to recognise one's own: "•••••815"."""
    shown = min(3, len(number) // 2)
    return "•" * (len(number) - shown) + number[len(number) - shown :]
