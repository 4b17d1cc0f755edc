"""The town of the demo, read from `town.toml`: shops, rewards, deals, offers and people.

Data only. Whoever seeds a database walks through it and uses the keys as idempotency keys.
"""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency

from loyalty.earning import EarnRule, HappyHours, points_for
from loyalty.errors import InvalidEarnRule
from loyalty.members import Tier
from loyalty.programme import Programme
from loyalty.purchases import Channel
from loyalty.shelf import SPANS

LANGUAGES = ("en", "zh-hans", "zh-hant")
TIERS = ("member", "silver", "gold")
ROLES = ("member", "cashier", "marketer", "owner", "operator")
CALENDARS = ("solar", "lunar")
NOON = 12  # the hour of every purchase in the past

TOWN = Path(__file__).with_name("town.toml")

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class TownError(ValueError):
    """The town file contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text in every language of the club."""

    en: str
    zh_hans: str
    zh_hant: str

    def for_language(self, language: str) -> str:
        """The text for a Telegram language code such as `zh-hant` or `en-GB`; English if we lack it."""
        code = language.lower().replace("_", "-")
        if code in ("zh-hant", "zh-tw", "zh-hk", "zh-mo") or code.startswith("zh-hant-"):
            return self.zh_hant
        return self.zh_hans if code.split("-")[0] == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Merchant:
    key: str
    name: Words
    description: Words
    motif: str
    tone: str
    rule: EarnRule = field(default_factory=EarnRule)  # "earning" in the file


@dataclass(frozen=True, slots=True)
class Reward:
    """`cost` in points, and `price_minor` in cents at the counter; `limit` is how often one member may redeem it, ever
    or within `limit_days`; `stock` 0 means sold out."""

    key: str
    merchant: str
    name: Words
    description: Words
    motif: str
    tone: str
    cost: int
    stock: int
    limit: int
    limit_days: int = 0
    price_minor: int = 0
    tier_min: str = "member"


@dataclass(frozen=True, slots=True)
class Deal:
    """A group buy: `size` people within `hours` pay `group_points` each instead of `solo_points`, and so much money (in
    cents) at the counter; `bonus_points` are for the organiser."""

    key: str
    merchant: str
    title: Words
    description: Words
    motif: str
    tone: str
    solo_points: int
    group_points: int
    size: int
    hours: int
    stock: int
    solo_price_minor: int = 0
    group_price_minor: int = 0
    bonus_points: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that is claimed for a voucher: `stock` 0 means as many as are wanted, `hours` 0 that it does not end.
    `limit` is how many one member may have, and `price_minor` in cents is paid at the counter."""

    key: str
    merchant: str
    title: Words
    description: Words
    motif: str
    tone: str
    stock: int = 0
    limit: int = 1
    hours: int = 0
    price_minor: int = 0
    tier_min: str = "member"


@dataclass(frozen=True, slots=True)
class Birthday:
    month: int
    day: int
    calendar: str = "solar"


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase at noon `days_ago` and the points that the merchant gave for it; the note is in their language."""

    key: str
    days_ago: int
    merchant: str
    amount_minor: int
    points: int
    note: str
    channel: str = "till"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo, with a Telegram id that never changes; `merchant` is set for staff."""

    key: str
    user_id: int
    first_name: str
    language: str
    role: str
    zone: str
    birthday: Birthday
    last_name: str = ""
    username: str = ""
    merchant: str = ""
    tier: str = "member"
    agrees: bool = False  # has said yes to offers
    shows_name: bool = False  # the first name to others in a group buy
    phone: str = ""
    favourites: tuple[str, ...] = ()
    history: tuple[Bought, ...] = ()

    @property
    def points(self) -> int:
        """What the person has at the start: the sum of the history, for there is no other source."""
        return sum(bought.points for bought in self.history if bought.channel != "online")

    @property
    def pending(self) -> int:
        """What is on its way to the person: the points of what was bought online, and can still be brought back."""
        return sum(bought.points for bought in self.history if bought.channel == "online")


@dataclass(frozen=True, slots=True)
class Town:
    name: Words
    zone: str
    currency: str
    merchants: tuple[Merchant, ...]
    rewards: tuple[Reward, ...]
    deals: tuple[Deal, ...]
    offers: tuple[Offer, ...]
    people: tuple[Person, ...]

    def merchant(self, key: str) -> Merchant:
        """The merchant with this key; KeyError if there is none."""
        return {merchant.key: merchant for merchant in self.merchants}[key]

    def person(self, key: str) -> Person:
        """The person with this key; KeyError if there is none."""
        return {person.key: person for person in self.people}[key]


def load_town(path: Path = TOWN) -> Town:
    """Reads and checks a town. Raises TownError for a missing language, an unknown field, a broken reference,
    a slug used twice or a number that cannot be; so whoever gets a Town may rely on all of it."""
    with path.open("rb") as file:
        table = tomllib.load(file)
    town = Town(
        name=_words(table.get("name"), "name"),
        zone=str(table.get("zone", "")),
        currency=str(table.get("currency", "")),
        merchants=tuple(_merchant(row) for row in table.get("merchants", ())),
        rewards=tuple(_record(Reward, row) for row in table.get("rewards", ())),
        deals=tuple(_record(Deal, row) for row in table.get("deals", ())),
        offers=tuple(_record(Offer, row) for row in table.get("offers", ())),
        people=tuple(_person(row) for row in table.get("people", ())),
    )
    _check(town)
    return town


def _record(kind: type[T], row: Mapping[str, Any], **built: Any) -> T:
    where = f"{kind.__name__.lower()} {row.get('key', dict(row))}"
    # Annotations are strings here, which makes them the plainest schema there is.
    types = {field.name: field.type for field in fields(kind)}
    values = dict(built)
    for name, value in row.items():
        _need(name in types, f"{where}: unknown {name}")
        if types[name] == "Words":
            values[name] = _words(value, f"{where} {name}")
        elif name not in built:
            _need(type(value).__name__ == types[name], f"{where}: {name} = {value!r} is no {types[name]}")
            values[name] = value
    try:
        return kind(**values)
    except TypeError as error:
        raise TownError(f"{where}: {error}") from error


def _words(table: Any, where: str) -> Words:
    if not isinstance(table, dict) or set(table) != set(LANGUAGES) or not all(table.values()):
        raise TownError(f"{where}: words are needed in exactly {', '.join(LANGUAGES)}")
    return Words(en=table["en"], zh_hans=table["zh-hans"], zh_hant=table["zh-hant"])


def _merchant(row: Mapping[str, Any]) -> Merchant:
    rest = dict(row)
    given = dict(rest.pop("earning", {}))
    try:
        tiers = {Tier(tier): percent for tier, percent in given.pop("tiers", {}).items()}
        hours = tuple(
            HappyHours(**{**row, "weekdays": tuple(row.get("weekdays", ()))}) for row in given.pop("hours", ())
        )
        rule = EarnRule(tiers=tiers, hours=hours, **given)
    except (InvalidEarnRule, TypeError, ValueError) as error:
        raise TownError(f"merchant {row.get('key')}: earning: {error}") from error
    return _record(Merchant, rest, rule=rule)


def _person(row: Mapping[str, Any]) -> Person:
    return _record(
        Person,
        row,
        birthday=_record(Birthday, row.get("birthday", {})),
        favourites=tuple(map(str, row.get("favourites", ()))),
        history=tuple(
            _record(Bought, bought, tags=tuple(map(str, bought.get("tags", ())))) for bought in row.get("history", ())
        ),
    )


def _check(town: Town) -> None:
    _check_keys(town)
    _check_zone(town.zone, "town")
    _need(is_currency(town.currency), f"town: no currency {town.currency!r}")
    merchants = {merchant.key: merchant.rule for merchant in town.merchants}
    for reward in town.rewards:
        _need(reward.merchant in merchants, f"reward {reward.key}: no merchant {reward.merchant}")
        _need(reward.tier_min in TIERS, f"reward {reward.key}: no tier {reward.tier_min}")
        _need(reward.cost > 0 and reward.stock >= 0 and reward.limit > 0, f"reward {reward.key}: numbers")
        _need(reward.limit_days in [days or 0 for days in SPANS], f"reward {reward.key}: a limit for other days")
        _need(reward.price_minor >= 0, f"reward {reward.key}: numbers")
    for deal in town.deals:
        _need(deal.merchant in merchants, f"deal {deal.key}: no merchant {deal.merchant}")
        _need(0 < deal.group_points < deal.solo_points, f"deal {deal.key}: the group must pay less")
        _need(0 <= deal.group_price_minor <= deal.solo_price_minor, f"deal {deal.key}: the group must pay less")
        _need(deal.bonus_points >= 0, f"deal {deal.key}: numbers")
        _need(deal.size >= 2 and deal.hours > 0 and deal.stock >= 0, f"deal {deal.key}: numbers")
    for offer in town.offers:
        _need(offer.merchant in merchants, f"offer {offer.key}: no merchant {offer.merchant}")
        _need(offer.tier_min in TIERS, f"offer {offer.key}: no tier {offer.tier_min}")
        _need(min(offer.stock, offer.hours, offer.price_minor) >= 0 < offer.limit, f"offer {offer.key}: numbers")
    for person in town.people:
        _check_person(person, merchants)
        for key in person.favourites:
            _need(key in {reward.key for reward in town.rewards}, f"person {person.key}: no reward {key}")


def _check_person(person: Person, merchants: Mapping[str, EarnRule]) -> None:
    where = f"person {person.key}"
    _need(person.language in LANGUAGES, f"{where}: no language {person.language}")
    _need(person.role in ROLES, f"{where}: no role {person.role}")
    is_staff = person.role not in ("member", "operator")
    _need(person.merchant in (merchants if is_staff else ("",)), f"{where}: {person.role} of {person.merchant!r}")
    _need(person.tier in TIERS, f"{where}: no tier {person.tier}")
    _check_zone(person.zone, where)
    birthday = person.birthday
    _need(birthday.calendar in CALENDARS, f"{where}: no calendar {birthday.calendar}")
    _need(1 <= birthday.month <= 12, f"{where}: no such birthday")
    # 2024 had a 29 February; months of the lunar calendar have 30 days at most.
    days = 30 if birthday.calendar == "lunar" else monthrange(2024, birthday.month)[1]
    _need(1 <= birthday.day <= days, f"{where}: no such birthday")
    for bought in person.history:
        _need(bought.merchant in merchants, f"{where}: {bought.key}: no merchant {bought.merchant}")
        _need(bought.amount_minor > 0 and bought.days_ago > 0, f"{where}: {bought.key}: numbers")
        _need(bought.channel in tuple(Channel), f"{where}: {bought.key}: no channel {bought.channel}")
        is_returnable = bought.days_ago < Programme().return_days(Channel(bought.channel))
        _need(is_returnable or bought.channel != "online", f"{where}: {bought.key}: not pending any more")
        # A history knows the day, at noon, but not which weekday that was.
        for weekday in range(7):
            earned = points_for(
                merchants[bought.merchant],
                bought.amount_minor,
                at=datetime(2024, 1, 1 + weekday, NOON, tzinfo=UTC),
                zone=ZoneInfo("UTC"),
                tier=Tier(person.tier),
                tags=bought.tags,
            )
            _need(bought.points == earned.points, f"{where}: {bought.key}: the rule gives {earned.points} points")


def _check_keys(town: Town) -> None:
    history = [bought for person in town.people for bought in person.history]
    for kind in (town.merchants, town.rewards, town.deals, town.offers, town.people, history):
        _check_unique(record.key for record in kind)
    _check_unique(str(person.user_id) for person in town.people)


def _check_unique(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        _need(_SLUG.fullmatch(key) is not None, f"{key!r} is no slug")
        _need(key not in seen, f"{key!r} is used twice")
        seen.add(key)


def _check_zone(zone: str, where: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TownError(f"{where}: no time zone {zone!r}") from error


def _need(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise TownError(otherwise)
