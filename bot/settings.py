"""The environment, typed: every variable is PERKCHAT_*, from the process or from `.env`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import is_currency
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from locales.texts import decimals_of
from loyalty.members import Language, Tier, zone_names
from loyalty.points import POINTS_MAX, RefundPolicy
from loyalty.programme import COMMISSION_LEVELS_MAX, Programme
from loyalty.referrals import ReferralEvent
from loyalty.tiers import TierBasis

PREFIX = "PERKCHAT_"
CONTACT = re.compile(
    r"@[A-Za-z]\w{3,31}"
    r"|(?:https://)?t\.me/[\w+/-]{2,64}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|\+?\d[\d ()-]{4,20}\d",
    re.ASCII,
)
CEILING_MAX = 10**9
REVIEW_DAYS_MAX = 60
EARNED_TIERS = (Tier.SILVER, Tier.GOLD)


def _whole_numbers(value: str, count: int, what: str) -> tuple[int, ...]:
    parts = value.replace(",", " ").split()
    if len(parts) != count or not all(part.isascii() and part.isdecimal() and len(part) <= 10 for part in parts):
        raise ValueError(what)
    return tuple(map(int, parts))


class WrongSetting(Exception):
    """One clear line that names the variable."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    bot_token: SecretStr = SecretStr("")
    telegram_api: str = "https://api.telegram.org"
    database_url: str = "sqlite:///var/perkchat.db"
    redis_url: str = ""
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    sends_per_second: float = Field(default=30, gt=0, le=1000)
    timezone: str = "UTC"
    currency: str = "EUR"
    language: Language = Language.ENGLISH
    transfers: bool = False
    double_opt_in: bool = False
    refund_policy: RefundPolicy = RefundPolicy.ALLOW_NEGATIVE
    commission: Annotated[tuple[int, ...], NoDecode] = ()
    referral_event: ReferralEvent = ReferralEvent.PURCHASE
    referral_caps: Annotated[tuple[int, int], NoDecode] = (10, 50)
    points_per_unit: int = Field(default=100, ge=1, le=10_000)
    points_ceilings: Annotated[tuple[int, int, int, int], NoDecode] = (20_000, 20_000, 200_000, 2_000_000)
    points_review: Annotated[tuple[int, int], NoDecode] = (5_000, 3)
    confirm_points: int = Field(default=1_000, ge=1, le=POINTS_MAX)
    tiers: Annotated[tuple[int, int], NoDecode] = (500, 2000)
    tier_basis: TierBasis = TierBasis.POINTS
    broadcast_approval: bool = False
    contact: str = ""
    till_limit: int | None = Field(default=None, ge=1, le=10**12)  # in whole units of the currency

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        number, _, secret = value.get_secret_value().partition(":")
        if value.get_secret_value() and not (number.isascii() and number.isdecimal() and secret):
            raise ValueError("a bot token looks like 123456:ABC-DEF; BotFather gives you one")
        return value

    @field_validator("telegram_api")
    @classmethod
    def _api(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
            raise ValueError("an address such as https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
            raise ValueError("sqlite:///var/perkchat.db or postgresql://user:password@host/name")
        return value.replace("postgres://", "postgresql://", 1) if value.startswith("postgres://") else value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("redis://host:6379/0, or nothing")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _admins(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.replace(",", " ").split()
        if not all(part.isascii() and part.isdecimal() for part in parts):
            raise ValueError("Telegram's numbers of the operators, such as 1001,1002")
        return frozenset(int(part) for part in parts)

    @field_validator("commission", mode="before")
    @classmethod
    def _commission(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.replace(",", " ").split()
        if len(parts) > COMMISSION_LEVELS_MAX:
            raise ValueError(f"at most {COMMISSION_LEVELS_MAX} levels: the law of many countries calls more a pyramid")
        if not all(part.isdecimal() and 0 < int(part) <= 100 for part in parts):
            raise ValueError("percent for each level, such as 5,1")
        return tuple(int(part) for part in parts)

    @field_validator("referral_caps", mode="before")
    @classmethod
    def _referral_caps(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            value = _whole_numbers(value, 2, "friends of one member in a day and in a month, such as 10,50")
        if info.data.get("referral_event") is ReferralEvent.CHECK_IN and 0 in value:
            raise ValueError("where a check-in brings points, both caps are needed, such as 10,50")
        return value

    @field_validator("points_ceilings", mode="before")
    @classmethod
    def _points_ceilings(cls, value: Any) -> Any:
        what = "points of a purchase, a member's day, a shop's day and month, such as 20000,20000,200000,2000000"
        ceilings = _whole_numbers(value, 4, what) if isinstance(value, str) else value
        if not all(0 < ceiling <= CEILING_MAX for ceiling in ceilings):
            raise ValueError(what)
        return ceilings

    @field_validator("points_review", mode="before")
    @classmethod
    def _points_review(cls, value: Any) -> Any:
        what = "points of a purchase that is looked at, and days until they come all the same, such as 5000,3"
        review = _whole_numbers(value, 2, what) if isinstance(value, str) else value
        if not (0 < review[0] <= CEILING_MAX and 0 < review[1] <= REVIEW_DAYS_MAX):
            raise ValueError(what)
        return review

    @field_validator("tiers", mode="before")
    @classmethod
    def _tiers(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = value.replace(",", " ").split()
        if len(parts) != len(EARNED_TIERS) or not all(part.isdecimal() for part in parts):
            raise ValueError("what silver and gold take in twelve months, such as 500,2000")
        minimums = tuple(map(int, parts))
        if not 0 < minimums[0] < minimums[1] < POINTS_MAX:
            raise ValueError("silver takes more than nothing, and gold more than silver")
        return minimums

    @field_validator("contact")
    @classmethod
    def _contact(cls, value: str) -> str:
        contact = value.strip()
        if contact and not CONTACT.fullmatch(contact):
            raise ValueError("a @name, a t.me link, an e-mail address or a phone number")
        return contact

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        if value not in zone_names():
            raise ValueError("a time zone such as Asia/Taipei")
        return value

    @field_validator("currency")
    @classmethod
    def _currency(cls, value: str) -> str:
        if not is_currency(value):
            raise ValueError("three letters such as EUR")
        return value

    @classmethod
    def load(cls, **values: Any) -> Self:
        """The settings, or WrongSetting."""
        try:
            return cls(**values)
        except ValidationError as error:
            fault = error.errors()[0]
            name = PREFIX + str(fault["loc"][0]).upper()
            reason = fault["msg"].removeprefix("Value error, ")
            shown = "" if name.endswith("TOKEN") else f" is {str(fault.get('input'))!r}"
            raise WrongSetting(f"{name}{shown}: {reason}") from None

    @property
    def programme(self) -> Programme:
        """The numbers of the club, as far as the environment turns them."""
        till_most = None if self.till_limit is None else self.till_limit * 10 ** decimals_of(self.currency)
        return Programme(
            timezone=self.timezone,
            currency=self.currency,
            has_transfers=self.transfers,
            has_double_opt_in=self.double_opt_in,
            refund_policy=self.refund_policy,
            commission_percent=self.commission,
            referral_event=self.referral_event,
            decimals=decimals_of(self.currency),
            points_unit_max=self.points_per_unit,
            points_purchase_max=self.points_ceilings[0],
            points_member_day_max=self.points_ceilings[1],
            points_shop_day_max=self.points_ceilings[2],
            points_shop_month_max=self.points_ceilings[3],
            review_points=self.points_review[0],
            review_days=self.points_review[1],
            confirm_points=self.confirm_points,
            referrals_day_max=self.referral_caps[0],
            referrals_month_max=self.referral_caps[1],
            tier_basis=self.tier_basis,
            needs_approval=self.broadcast_approval,
            contact=self.contact,
            till_amount_minor_max=till_most,
            tier_minimums=dict(zip(EARNED_TIERS, self.tiers, strict=True)),
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def sqlite_path(self) -> Path | None:
        return Path(self.database_url.removeprefix("sqlite:///")) if self.database_url.startswith("sqlite") else None
