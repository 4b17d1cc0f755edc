"""Conditions as buttons offer them: a sort and two numbers, which fit into a button. Other ones are typed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from loyalty.amounts import Counted, plain_digits, whole_number
from loyalty.errors import InvalidSegment, NotFound
from loyalty.members import Language, Tier
from loyalty.segments import (
    All,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    IsCustomer,
    Keeps,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    Tapped,
)

T = TypeVar("T")

DAYS = (7, 30, 90, 180, 365)
THIS_MONTH = 1  # the second number of a birthday, where the first names no months
NEXT_MONTH = 2


class Sort(StrEnum):
    """What a condition is about."""

    TIER = "ti"
    POINTS = "po"
    CUSTOMER = "cu"
    LAST = "la"  # purchase, of whatever
    PRODUCT = "pr"
    PAIR = "pa"  # one product and not another
    SPENT = "sp"
    REWARDS = "re"
    FAVOURITES = "fa"
    TAPPED = "ta"
    BIRTHDAY = "bi"
    LANGUAGE = "ln"
    FRIENDS = "fr"
    SAVED = "sa"


@dataclass(frozen=True, slots=True)
class Choice:
    """What `first` and `second` are depends on the sort: see `condition_of`."""

    sort: Sort
    first: int = 0
    second: int = 0
    is_not: bool = False


def condition_of(choice: Choice, timezone: str, tags: Collection[str] = ()) -> Segment:
    """`tags` are those that a number may stand for; `timezone` is that of whoever chose.

    Raises InvalidSegment, NotFound for a tag that is not among them.
    """
    said = _said(choice, timezone, tags)
    return Not(said) if choice.is_not else said


def _said(choice: Choice, timezone: str, tags: Collection[str]) -> Segment:
    first, second = choice.first, choice.second
    match choice.sort:
        case Sort.TIER:
            return HasTier(tuple(chosen(first, list(Tier))))
        case Sort.POINTS:
            return HasPoints(first, second - 1 if second else None)  # 0 to 0 is a span, too
        case Sort.CUSTOMER:
            return IsCustomer()
        case Sort.LAST:
            return Bought(first or None)
        case Sort.PRODUCT:
            return Bought(second or None, _tag(first, tags))
        case Sort.PAIR:
            return All((Bought(tag=_tag(first, tags)), Not(Bought(tag=_tag(second, tags)))))
        case Sort.SPENT:
            return Spent(first, second or None)
        case Sort.REWARDS:
            return Redeemed(first or None)
        case Sort.FAVOURITES:
            return Keeps(first or None)
        case Sort.TAPPED:
            return Tapped(first)
        case Sort.BIRTHDAY if second in (THIS_MONTH, NEXT_MONTH):
            return BirthdayMonth(second - THIS_MONTH, timezone)
        case Sort.BIRTHDAY:
            return BirthdayIn(tuple(chosen(first, range(1, 13))))
        case Sort.LANGUAGE:
            return Speaks(tuple(chosen(first, list(Language))))
        case Sort.FRIENDS:
            statuses = list(ReferralStatus)
            if first >= len(statuses):
                raise InvalidSegment("range", len(statuses) - 1)
            return HasReferral(statuses[first])
        case Sort.SAVED:
            return InSaved(first)


def choice_of(condition: Segment) -> Choice | None:
    """The sort of a condition, with what it has chosen of a list; None for a group."""
    match condition:
        case Not(inner):
            inside = choice_of(inner)
            return inside and Choice(inside.sort, inside.first, inside.second, is_not=not inside.is_not)
        case HasTier(tiers):
            return Choice(Sort.TIER, _bits(tiers, list(Tier)))
        case HasPoints():
            return Choice(Sort.POINTS)
        case IsCustomer():
            return Choice(Sort.CUSTOMER)
        case Bought(days, ""):
            return Choice(Sort.LAST, days or 0)
        case Bought(days, tag):
            return Choice(Sort.PRODUCT, number_of(tag), days or 0)
        case Spent(least_minor, days):
            return Choice(Sort.SPENT, least_minor, days or 0)
        case Redeemed():
            return Choice(Sort.REWARDS)
        case Keeps():
            return Choice(Sort.FAVOURITES)
        case Tapped(days):
            return Choice(Sort.TAPPED, days)
        case BirthdayIn(months):
            return Choice(Sort.BIRTHDAY, _bits(months, range(1, 13)))
        case BirthdayMonth():
            return Choice(Sort.BIRTHDAY)
        case Speaks(languages):
            return Choice(Sort.LANGUAGE, _bits(languages, list(Language)))
        case HasReferral():
            return Choice(Sort.FRIENDS)
        case InSaved():
            return Choice(Sort.SAVED)
        case _:
            return None


def chosen(bits: int, among: Sequence[T]) -> list[T]:
    """Those whose bit is set."""
    return [one for place, one in enumerate(among) if bits >> place & 1]


def _bits(those: Collection[T], among: Sequence[T]) -> int:
    return sum(1 << place for place, one in enumerate(among) if one in those)


def number_of(tag: str) -> int:
    """A tag as a number, for a button: a tag may be longer than what a button carries."""
    return zlib.crc32(tag.encode()) or 1


def _tag(number: int, tags: Collection[str]) -> str:
    for tag in tags:
        if number_of(tag) == number:
            return tag
    raise NotFound("product")


# What people type

_BETWEEN = re.compile(r"(.+?)(?:\s*(?:-|–|—|~|to|至|到)\s*(.+?))?\s*\+?", re.IGNORECASE)
_DAYS_SAID_MAX = 10**6
_POINTS_SAID_MAX = 10**15


def read_points(text: str) -> HasPoints | None:
    """ "100" is at least so many; "100-500" is between, both included. None if it is not that."""
    found = _BETWEEN.fullmatch(plain_digits(text))
    if found is None:
        return None
    least, most = _whole(found[1]), None if found[2] is None else _whole(found[2])
    if least is None or (most is None and found[2] is not None):
        return None
    return HasPoints(least, most)


def read_days(text: str) -> int | None:
    """ "45", "45 days", "45天"; None if it is not that."""
    days = whole_number(text, Counted.DAYS)
    return days if days is not None and days < _DAYS_SAID_MAX else None


def read_not(text: str) -> tuple[str, bool]:
    """What is left of it, and whether a minus or a less-than in front says that it is not so."""
    said = plain_digits(text)
    rest = said.lstrip("-−–<").lstrip()
    return rest, rest != said


def _whole(text: str) -> int | None:
    number = whole_number(text, Counted.POINTS)
    return number if number is not None and number < _POINTS_SAID_MAX else None
