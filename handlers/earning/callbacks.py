from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Number
from loyalty.earn_rules import RulePart
from loyalty.members import Tier

Weekday = Annotated[int, Field(ge=0, le=6)]
Weekdays = Annotated[int, Field(ge=0, le=127)]  # as bits, Monday the lowest
Minute = Annotated[int, Field(ge=0, lt=24 * 60)]
Mark = Annotated[str, Field(pattern=r"^([0-9a-f]{8})?$")]


class Group(StrEnum):
    """Parts of a rule that stand on one screen."""

    TIERS = "tiers"
    CAPS = "caps"
    BONUSES = "bonus"


class ShowRule(CallbackData, prefix="earn"):
    """The card of the rule; it also leaves every form of it."""

    merchant_id: Number


class BeginRule(CallbackData, prefix="earnnew"):
    merchant_id: Number


class EditRate(CallbackData, prefix="earnrate"):
    merchant_id: Number


class SetRate(CallbackData, prefix="earnrset"):
    merchant_id: Number
    points: Number
    per_minor: Number


class ShowParts(CallbackData, prefix="earnparts"):
    merchant_id: Number
    group: Group


class EditPart(CallbackData, prefix="earnpart"):
    merchant_id: Number
    part: RulePart


class SetPart(CallbackData, prefix="earnset"):
    merchant_id: Number
    part: RulePart
    number: Number


class ShowHours(CallbackData, prefix="earnhours"):
    merchant_id: Number


class PickDays(CallbackData, prefix="earndays"):
    merchant_id: Number
    days: Weekdays = 0


class AskTimes(CallbackData, prefix="earntimes"):
    merchant_id: Number
    days: Weekdays


class AddHours(CallbackData, prefix="earnhadd"):
    merchant_id: Number
    days: Weekdays
    starts: Minute
    ends: Minute
    percent: Number


class RemoveHours(CallbackData, prefix="earnhdel"):
    """By what they are, not by their place: a button outlives the list that it stood under."""

    merchant_id: Number
    days: Weekdays
    starts: Minute
    ends: Minute
    percent: Number


class ShowTags(CallbackData, prefix="earntags"):
    merchant_id: Number
    page: Number = 0


class SetTag(CallbackData, prefix="earntadd"):
    merchant_id: Number
    percent: Number
    tag: str


class RemoveTag(CallbackData, prefix="earntdel"):
    merchant_id: Number
    tag: Mark


class Try(CallbackData, prefix="earntry"):
    """An example: `amount` in the currency's smallest unit, on a weekday at a minute of the club's day."""

    merchant_id: Number
    amount: Number
    weekday: Weekday
    minute: Minute
    tier: Tier
    tag: Mark = ""


class AskTry(CallbackData, prefix="earnask"):
    """To the form that asks for another amount; the rest of the example stays."""

    merchant_id: Number
    weekday: Weekday
    minute: Minute
    tier: Tier
