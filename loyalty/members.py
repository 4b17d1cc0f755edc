"""Members: the consumers, their codes, birthdays and consents."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from loyalty.amounts import plain_digits
from loyalty.errors import InvalidBirthday, InvalidName, InvalidPhone, InvalidTimezone
from loyalty.names import one_line

NAME_MAX = 64
PHONE_ENDING = 4  # digits by which a shop finds a member
TERMS_VERSION = 2  # of what a yes to marketing means; it goes up when the wording changes its meaning
PHONE_DIGITS = range(7, 16)  # as E.164 has them


class Tier(StrEnum):
    MEMBER = "member"
    SILVER = "silver"
    GOLD = "gold"

    @property
    def rank(self) -> int:
        return list(Tier).index(self)

    def reaches(self, needed: Tier) -> bool:
        return self.rank >= needed.rank


class Topic(StrEnum):
    """What a member can say yes to. Everything is off until then."""

    OFFERS = "offers"
    BIRTHDAY = "birthday"
    GROUP_BUYS = "group_buys"
    NEWS = "news"
    SURVEYS = "surveys"


class Language(StrEnum):
    ENGLISH = "en"
    SIMPLIFIED = "zh-Hans"
    TRADITIONAL = "zh-Hant"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody can be reached: a channel ("telegram") and the id that the channel gave."""

    channel: str
    external_id: str


class Calendar(StrEnum):
    SOLAR = "solar"
    LUNAR = "lunar"


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day without a year: nobody's age is asked. Month 1-12, day 1-31 (solar) or 1-30 (Chinese lunar)."""

    month: int
    day: int
    calendar: Calendar = Calendar.SOLAR

    def __post_init__(self) -> None:
        longest = 30 if self.calendar is Calendar.LUNAR else 31
        if not 1 <= self.month <= 12 or not 1 <= self.day <= longest:
            raise InvalidBirthday(f"{self.month}-{self.day}")
        # 2024 is a leap year, so 29 February counts as a birthday.
        if self.calendar is Calendar.SOLAR and self.day > calendar.monthrange(2024, self.month)[1]:
            raise InvalidBirthday(f"{self.month}-{self.day}")


@dataclass(frozen=True, slots=True)
class Member:
    """`name` and `first_name` are empty where nobody could see them; screens have a word instead."""

    id: int
    name: str
    language: Language
    timezone: str
    tier: Tier
    code: str
    joined_at: datetime
    address: Address
    birthday: Birthday | None = None
    birthday_set_at: datetime | None = None
    topics: frozenset[Topic] = frozenset()
    is_reachable: bool = True
    is_staff: bool = False  # at some merchant; as what, the posts say
    card_code: str | None = None  # what the till scans; None until the card is first asked for
    phone: str | None = None  # with country code and plus
    tier_kept_until: datetime | None = None  # granted, not earned
    tier_grace_until: datetime | None = None  # when it ends, for want of purchases
    shows_name: bool | None = None  # the first name to others in a group buy; None: not asked yet
    first_name: str = ""  # all that other members see, where the member agrees, and all that shops see

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def local(self, at: datetime) -> datetime:
        """The instant `at` on the member's clock."""
        return at.astimezone(self.zone)

    def agrees_to(self, topic: Topic) -> bool:
        return topic in self.topics


# Chinese, and the languages that are written as Chinese.
_CHINESE = frozenset({"zh", "yue", "cmn", "nan", "hak", "wuu", "gan", "hsn", "cdo", "lzh"})
_TRADITIONAL_REGIONS, _SIMPLIFIED_REGIONS = frozenset({"tw", "hk", "mo"}), frozenset({"cn", "sg", "my"})
_WRITTEN_TRADITIONALLY = frozenset({"yue", "nan", "hak"})  # where no region says otherwise: Cantonese, Hokkien, Hakka


def language_for(client_language: str | None, default: Language) -> Language:
    """The club's language that suits a client's IETF tag ("zh-TW", "en-GB", None)."""
    if not client_language:
        return default
    spoken, *rest = client_language.casefold().replace("_", "-").split("-")
    if spoken not in _CHINESE:
        return Language.ENGLISH
    for script, language in (("hans", Language.SIMPLIFIED), ("hant", Language.TRADITIONAL)):
        if script in rest:  # whoever says how to write is not overruled by where they are
            return language
    if _TRADITIONAL_REGIONS.intersection(rest) or (
        spoken in _WRITTEN_TRADITIONALLY and not _SIMPLIFIED_REGIONS.intersection(rest)
    ):
        return Language.TRADITIONAL
    return Language.SIMPLIFIED


def clean_name(given: str) -> str:
    """A name as typed, cleaned. Raises InvalidName when nothing of it is seen or it is longer than NAME_MAX."""
    name = one_line(given)
    if not name or len(name) > NAME_MAX:
        raise InvalidName(NAME_MAX)
    return name


def without_trunk_zero(phone: str) -> str:
    """ "+49 170 123" for "+49 (0)170 123"."""
    return re.sub(r"(?<=\d)\s*\(\s*0\s*\)", " ", phone)


def clean_phone(given: str) -> str:
    """A phone number with its country code, as "+" and digits. A zero in brackets is dialled at home only, so it is no
    part of it. Raises InvalidPhone."""
    text = without_trunk_zero(plain_digits(given).strip())
    digits = "".join(sign for sign in text if "0" <= sign <= "9").removeprefix("00")
    is_number = set(text) <= set("+0123456789 -./()\u2010\u2011\u2013") and "+" not in text[1:]
    if not is_number or len(digits) not in PHONE_DIGITS or digits.startswith("0"):
        raise InvalidPhone(given)
    return f"+{digits}"


@cache
def zone_names() -> frozenset[str]:
    """Every time zone of a place that this machine knows. Read once: that takes some 30 ms.

    What a machine calls its own clock is none, nor what stands for none at all, nor the copies of all that count
    otherwise.
    """
    return frozenset(
        name
        for name in available_timezones()
        if name not in ("localtime", "Factory", "posixrules") and not name.startswith(("posix/", "right/"))
    )


def clean_timezone(given: str) -> str:
    """The IANA name that was meant ("taipei", "Asia/Taipei", "asia taipei"). Raises InvalidTimezone."""
    wanted = given.strip().casefold().replace(" ", "_")
    by_name = {name.casefold(): name for name in zone_names()}
    if wanted in by_name:
        return by_name[wanted]
    cities = {name.rsplit("/", 1)[-1].casefold(): name for name in sorted(zone_names()) if "/" in name}
    if wanted in cities:
        return cities[wanted]
    raise InvalidTimezone(given)


def next_local_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the next day begins in `zone`, in UTC."""
    tomorrow: date = at.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
