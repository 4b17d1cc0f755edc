"""A shop's shelf: how its staff make and change rewards, and what each field takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.amounts import money_minor
from loyalty.errors import InvalidReward
from loyalty.members import Language, Tier
from loyalty.points import POINTS_MAX
from loyalty.rewards import Reward, RewardState

NAME_MAX = 60
DESCRIPTION_MAX = 400
PRICE_MINOR_MAX = 100_000_000
STOCK_MAX = 1_000_000
LIMIT_MAX = 1_000
YEARS_MAX = 10  # a window further away is a slip of the finger
PICTURE_BYTES_MAX = 5 * 1024 * 1024
SPANS = (None, 30, 7, 1)  # the days within which the limit per member counts; None: ever

_NUMBER = r"\d{1,3}(?:[ ,.']\d{3}){1,2}|\d{1,9}"
_WHOLE = re.compile(_NUMBER)
_STOCK = re.compile(rf"(?P<sign>[+=-]?) ?(?P<number>{_NUMBER})")
_UNLIMITED = frozenset({"unlimited", "∞", "不限", "无限", "無限"})
_MINUSES = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_DAYS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})(?:\. ?(?P<year>\d{4})|\.)?"),
    re.compile(r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?[日号號]?"),
)


class Field(StrEnum):
    """What can be changed about a reward."""

    NAME = "name"
    DESCRIPTION = "description"
    POINTS = "points"
    PRICE = "price"
    STOCK = "stock"
    LIMIT = "limit"
    TIER = "tier"
    STARTS = "starts"
    ENDS = "ends"
    PICTURE = "picture"


class Turn(StrEnum):
    """What can happen to a reward as a whole."""

    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    BRING_BACK = "back"


class ShelfState(StrEnum):
    """How a reward stands, in the order in which a shop sees them."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    PAUSED = "paused"
    DRAFT = "draft"
    ENDED = "ended"
    REMOVED = "removed"

    @property
    def rank(self) -> int:
        return list(ShelfState).index(self)


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a reward's vouchers. `redeemed` is all of them but the cancelled ones."""

    redeemed: int = 0
    used: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stocked:
    """A reward as it lies on the shelf."""

    reward: Reward
    redeemed: int


@dataclass(frozen=True, slots=True)
class Terms:
    """By what typed days and amounts are read: today in the club's zone, and the decimals of its currency."""

    today: date
    zone: ZoneInfo
    decimals: int


def standing(reward: Reward, now: datetime) -> ShelfState:
    if reward.removed_at is not None:
        return ShelfState.REMOVED
    if reward.published_at is None:
        return ShelfState.DRAFT
    if reward.ends_at is not None and reward.ends_at <= now:
        return ShelfState.ENDED
    if reward.state is RewardState.PAUSED:
        return ShelfState.PAUSED
    if reward.starts_at is not None and reward.starts_at > now:
        return ShelfState.UPCOMING
    return ShelfState.RUNNING


def turned(reward: Reward, turn: Turn, now: datetime) -> Reward:
    """The reward after this turn. One that was taken already, or does not fit, changes nothing: buttons stay.

    Raises InvalidReward for publishing what lacks a name or a price.
    """
    match turn:
        case Turn.PUBLISH if reward.published_at is None:
            check_complete(reward)
            return replace(reward, published_at=now, state=RewardState.RUNNING)
        case Turn.PAUSE if reward.published_at is not None:
            return replace(reward, state=RewardState.PAUSED)
        case Turn.RESUME if reward.published_at is not None:
            return replace(reward, state=RewardState.RUNNING)
        case Turn.REMOVE if reward.removed_at is None:
            return replace(reward, removed_at=now)
        case Turn.BRING_BACK:
            return replace(reward, removed_at=None)
        case _:
            return reward


def check_complete(reward: Reward) -> None:
    """Raises InvalidReward when members could not be shown this."""
    if not reward.name:
        raise InvalidReward(Field.NAME, "missing")
    if reward.points < 1:
        raise InvalidReward(Field.POINTS, "missing")


def check_there(reward: Reward) -> None:
    """Raises InvalidReward for one that was removed: it is brought back first, then changed."""
    if reward.removed_at is not None:
        raise InvalidReward("reward", "removed")


def typed(reward: Reward, field: Field, given: str, terms: Terms) -> Reward:
    """The reward with one field as somebody typed it. Raises InvalidReward, which says what the field takes."""
    match field:
        case Field.NAME:
            return replace(reward, name=clean_name(given))
        case Field.DESCRIPTION:
            return replace(reward, description=clean_description(given))
        case Field.POINTS:
            return replace(reward, points=whole(given, field, POINTS_MAX))
        case Field.PRICE:
            return replace(reward, price_minor=price(given, terms.decimals))
        case Field.STOCK:
            return replace(reward, stock=restocked(reward.stock, given))
        case Field.LIMIT:
            return replace(reward, per_member=whole(given, field, LIMIT_MAX))
        case Field.STARTS:
            return _starting(reward, read_day(given, field, terms.today), terms.zone)
        case Field.ENDS:
            return _ending(reward, read_day(given, field, terms.today), terms.zone)
        case _:
            raise InvalidReward(field, "no_text")


def cleared(reward: Reward, field: Field) -> Reward:
    """The reward without what this field said: unlimited, from now, for points alone. A name and a price in points
    it keeps: it cannot be without."""
    match field:
        case Field.DESCRIPTION:
            return replace(reward, description="")
        case Field.PRICE:
            return replace(reward, price_minor=0)
        case Field.STOCK:
            return replace(reward, stock=None)
        case Field.LIMIT:
            return replace(reward, per_member=None, per_member_days=None)
        case Field.TIER:
            return replace(reward, tier_min=Tier.MEMBER)
        case Field.STARTS:
            return replace(reward, starts_at=None)
        case Field.ENDS:
            return replace(reward, ends_at=None)
        case Field.PICTURE:
            return replace(reward, picture_id=None)
        case _:
            return reward


def said(reward: Reward, field: Field, language: Language, given: str | None) -> Reward:
    """The reward with its name or description in a language; None: as it was first written. Raises InvalidReward."""
    words = dict(reward.translations.get(language, {}))
    words.pop(field, None)
    if given is not None:
        cleaned = clean_name(given) if field is Field.NAME else clean_description(given)
        words |= {field.value: cleaned} if cleaned else {}
    others: Mapping[str, Mapping[str, str]] = {
        other: said for other, said in reward.translations.items() if other != language
    }
    return replace(reward, translations={**others, language.value: words} if words else others)


def limited_to(reward: Reward, days: int | None) -> Reward:
    """The limit per member counts within so many days; None: ever. Raises InvalidReward for days that are no choice."""
    if days not in SPANS:
        raise InvalidReward(Field.LIMIT, "range", {"most": LIMIT_MAX})
    return reward if reward.per_member is None else replace(reward, per_member_days=days)


def clean_name(given: str) -> str:
    name = " ".join(_printable(given).split())
    if not _says_something(name) or len(name) > NAME_MAX:
        raise InvalidReward(Field.NAME, "length", {"most": NAME_MAX})
    return name


def clean_description(given: str) -> str:
    """Line breaks stay."""
    lines = (" ".join(line.split()) for line in _printable(given).splitlines())
    words = "\n".join(lines).strip()
    if len(words) > DESCRIPTION_MAX:
        raise InvalidReward(Field.DESCRIPTION, "length", {"length": len(words), "most": DESCRIPTION_MAX})
    return words if _says_something(words) else ""


def whole(given: str, field: Field, most: int) -> int:
    """A whole number from 1 to `most`, thousands grouped or not."""
    found = _WHOLE.fullmatch(_folded(given))
    number = _digits(found[0]) if found else 0
    if not 1 <= number <= most:
        raise InvalidReward(field, "range", {"most": most})
    return number


def price(given: str, decimals: int) -> int:
    """In the smallest unit of the currency; 0 is for points alone."""
    amount_minor = money_minor(given, decimals)
    if amount_minor is None:
        raise InvalidReward(Field.PRICE, "unreadable", {"example": example_price(decimals)})
    if amount_minor > PRICE_MINOR_MAX:
        raise InvalidReward(Field.PRICE, "range", {"most_minor": PRICE_MINOR_MAX})
    return amount_minor


def example_price(decimals: int) -> str:
    return "4." + "5".ljust(decimals, "0") if decimals else "450"


def restocked(stock: int | None, given: str) -> int | None:
    """A stock after "+10", "-2", "=5" or "5"; "unlimited" is None. It never falls below nothing."""
    wish = _folded(given).translate(_MINUSES)
    if wish in _UNLIMITED:
        return None
    found = _STOCK.fullmatch(wish)
    if found is None:
        raise InvalidReward(Field.STOCK, "unreadable")
    number = _digits(found["number"])
    if found["sign"] in ("", "="):
        left = number
    elif stock is None:
        raise InvalidReward(Field.STOCK, "unlimited")
    else:
        left = stock + (number if found["sign"] == "+" else -number)
    if left < 0:
        raise InvalidReward(Field.STOCK, "too_few", {"left": stock or 0})
    if left > STOCK_MAX:
        raise InvalidReward(Field.STOCK, "range", {"most": STOCK_MAX})
    return left


def read_day(given: str, field: Field, today: date) -> date:
    """A day from today on, typed like 24.12., 24.12.2026, 2026-12-24 or 12月24日; without a year it is the next one."""
    found = next((match for form in _DAYS if (match := form.fullmatch(_folded(given)))), None)
    if found is None:
        raise InvalidReward(field, "unreadable")
    day, month = int(found["day"]), int(found["month"])
    years = [int(found["year"])] if found["year"] else range(today.year, today.year + YEARS_MAX)
    days = [each for year in years if (each := _day(year, month, day)) is not None]
    if not days:
        raise InvalidReward(field, "unreadable")
    coming = [each for each in days if each >= today]
    if not coming:
        raise InvalidReward(field, "past")
    if coming[0].year > today.year + YEARS_MAX:
        raise InvalidReward(field, "far", {"year": today.year + YEARS_MAX})
    return coming[0]


def check_picture(size: int) -> None:
    """Raises InvalidReward for one of so many bytes."""
    if size > PICTURE_BYTES_MAX:
        raise InvalidReward(Field.PICTURE, "too_large", {"most": PICTURE_BYTES_MAX})


def _starting(reward: Reward, day: date, zone: ZoneInfo) -> Reward:
    starts_at = _midnight(day, zone)
    if reward.ends_at is not None and starts_at >= reward.ends_at:
        raise InvalidReward(Field.STARTS, "after_end", {"day": _last_day(reward.ends_at, zone)})
    return replace(reward, starts_at=starts_at)


def _ending(reward: Reward, day: date, zone: ZoneInfo) -> Reward:
    """The day is the last one."""
    ends_at = _midnight(day + timedelta(days=1), zone)
    if reward.starts_at is not None and ends_at <= reward.starts_at:
        raise InvalidReward(Field.ENDS, "before_start", {"day": reward.starts_at.astimezone(zone).date()})
    return replace(reward, ends_at=ends_at)


def _last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    return (ends_at - timedelta(seconds=1)).astimezone(zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _folded(given: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", given).casefold().split())


def _digits(number: str) -> int:
    return int("".join(sign for sign in number if sign.isdigit()))


def _printable(given: str) -> str:
    """Without control characters, which a database may refuse; line breaks and tabs stay."""
    return "".join(sign for sign in given if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs"))


def _says_something(words: str) -> bool:
    """Not only signs that nobody sees."""
    return any(unicodedata.category(sign)[0] not in "CZM" for sign in words)
