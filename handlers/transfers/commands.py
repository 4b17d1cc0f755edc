"""What a member types to send points."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loyalty.amounts import Counted, plain_digits, whole_number

# The code may be typed in blocks, and thousands be grouped by blanks: their first group has three digits at most.
_GROUPED = re.compile(r"(?P<code>.+?) (?P<points>[0-9]{1,3}(?: [0-9]{3})+(?: ?[^\W\d]+)?)")
_LAST = re.compile(r"(?P<code>.+) (?P<points>[^\s\d]?[0-9]\S*(?: [^\W\d]+)?)")


@dataclass(frozen=True, slots=True)
class Wish:
    code: str
    points: int


def read_wish(args: str) -> Wish | None:
    """`<member's code> <points>`; None if it is not that. Whether the points can be sent is not looked at."""
    said = plain_digits(args)
    for found in (_GROUPED.fullmatch(said), _LAST.fullmatch(said)):
        points = None if found is None else whole_number(found["points"], Counted.POINTS, is_signed=True)
        if found is not None and points is not None:
            return Wish(found["code"], points)
    return None
