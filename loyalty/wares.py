"""What a shop has to offer, rewards and group buys alike: how it stands, and what its staff may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from loyalty.answers import clean_description, clean_name
from loyalty.errors import InvalidWare, NotFound
from loyalty.members import Language
from loyalty.merchants import Translations

PICTURE_BYTES_MAX = 5 * 1024 * 1024


class Turn(StrEnum):
    """What can happen to it as a whole."""

    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    BRING_BACK = "back"


class WareState(StrEnum):
    """How it stands, in the order in which a shop sees it."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    PAUSED = "paused"
    DRAFT = "draft"
    ENDED = "ended"
    REMOVED = "removed"

    @property
    def rank(self) -> int:
        return list(WareState).index(self)


class Ware(Protocol):
    """Runs within [starts_at, ends_at), once it is published."""

    @property
    def is_paused(self) -> bool: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def removed_at(self) -> datetime | None: ...


W = TypeVar("W", bound=Ware)


def is_visible(ware: Ware) -> bool:
    """Whether members see it: from the day on which its shop published it. A draft is the shop's alone.

    What is planned, paused, over or removed they may come upon by an old link or a voucher, and are told how it
    stands. What they can take of it is another question.
    """
    return ware.published_at is not None


def visible(ware: W | None, noun: str, ware_id: int) -> W:
    """The ware, for a member; every way in which members look at one leads through here. Raises NotFound, for what they
    do not see just as for what is not there."""
    if ware is None or not is_visible(ware):
        raise NotFound(noun, ware_id)
    return ware


def standing(ware: Ware, now: datetime) -> WareState:
    if ware.removed_at is not None:
        return WareState.REMOVED
    if not is_visible(ware):
        return WareState.DRAFT
    if ware.ends_at is not None and ware.ends_at <= now:
        return WareState.ENDED
    if ware.is_paused:
        return WareState.PAUSED
    if ware.starts_at is not None and ware.starts_at > now:
        return WareState.UPCOMING
    return WareState.RUNNING


def check_there(ware: Ware, noun: str) -> None:
    """Raises InvalidWare for one that was removed: it is brought back first, then changed."""
    if ware.removed_at is not None:
        raise InvalidWare(noun, "removed")


def check_picture(size: int) -> None:
    """Raises InvalidWare for one of so many bytes."""
    if size > PICTURE_BYTES_MAX:
        raise InvalidWare("picture", "too_large", {"most": PICTURE_BYTES_MAX})


def said_anew(translations: Translations, field: str, language: Language, given: str | None) -> Translations:
    """The words with the name or the description (`field`) in a language; None: as it was first written.

    Raises InvalidWare.
    """
    if field not in ("name", "description"):
        raise InvalidWare(field, "no_text")
    words = dict(translations.get(language, {}))
    words.pop(field, None)
    if given is not None:
        cleaned = clean_name(given) if field == "name" else clean_description(given)
        words |= {field: cleaned} if cleaned else {}
    others: Mapping[str, Mapping[str, str]] = {other: said for other, said in translations.items() if other != language}
    return {**others, language.value: words} if words else others


def starting(day: date, ends_at: datetime | None, zone: ZoneInfo) -> datetime:
    """When something begins that runs from this day on. Raises InvalidWare if it were over before."""
    starts_at = _midnight(day, zone)
    if ends_at is not None and starts_at >= ends_at:
        raise InvalidWare("starts", "after_end", {"day": _last_day(ends_at, zone)})
    return starts_at


def ending(day: date, starts_at: datetime | None, zone: ZoneInfo) -> datetime:
    """When something is over whose last day this is. Raises InvalidWare if it began later."""
    ends_at = _midnight(day + timedelta(days=1), zone)
    if starts_at is not None and ends_at <= starts_at:
        raise InvalidWare("ends", "before_start", {"day": starts_at.astimezone(zone).date()})
    return ends_at


def _last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    return (ends_at - timedelta(seconds=1)).astimezone(zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
