"""How a shop makes and changes its group buys, what each field takes, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from loyalty.answers import (
    LIMIT_MAX,
    STOCK_MAX,
    Terms,
    clean_description,
    clean_name,
    price,
    read_day,
    restocked,
    whole,
)
from loyalty.errors import InvalidWare
from loyalty.group_buys import SIZE_MAX, SIZE_MIN, Deal, GroupState
from loyalty.members import Language
from loyalty.merchants import Merchant
from loyalty.points import POINTS_MAX
from loyalty.wares import Turn, WareState, ending, said_anew, standing, starting

NOUN = "deal"
HOURS, HOURS_MAX = 24, 168


class Field(StrEnum):
    """What can be changed about a deal by an answer."""

    NAME = "name"
    DESCRIPTION = "description"
    GROUP_POINTS = "group_points"
    GROUP_PRICE = "group_price"
    SOLO_POINTS = "solo_points"
    SOLO_PRICE = "solo_price"
    SIZE = "size"
    HOURS = "hours"
    STOCK = "stock"
    LIMIT = "limit"
    BONUS = "bonus"
    STARTS = "starts"
    ENDS = "ends"
    PICTURE = "picture"


ASKED = (Field.NAME, Field.GROUP_POINTS, Field.SOLO_POINTS, Field.SIZE, Field.STOCK)  # of a new one, in this order


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a deal. Conversions compare like with like: people, groups, units.

    viewed, joined -- members who looked at it, and of them those who ever took a place or bought one alone
    opened, filled -- groups, without those that went into another one
    together, alone, collected -- units sold in groups and to members alone, and those that were picked up
    open, people -- groups that can be joined now, and the places taken in them
    """

    viewed: int = 0
    joined: int = 0
    opened: int = 0
    filled: int = 0
    together: int = 0
    alone: int = 0
    collected: int = 0
    open: int = 0
    people: int = 0

    @property
    def sold(self) -> int:
        return self.together + self.alone


@dataclass(frozen=True, slots=True)
class ListedDeal:
    """A deal in its shop's list: how many groups of it are open, how many units are sold."""

    deal: Deal
    open: int
    sold: int


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group in the shop's table. `taken` is how many sat in it to the end."""

    opened_at: datetime
    closes_at: datetime
    state: GroupState
    size: int
    taken: int
    organiser: str  # the first name
    points: int
    price_minor: int
    collected: int


def percent(part: int, whole: int) -> int | None:
    """Rounded down, so that 100 is all of them; None of nothing."""
    return part * 100 // whole if whole else None


def new_deal(merchant: Merchant) -> Deal:
    """One of which nothing is said yet."""
    return Deal(
        id=0,
        merchant=merchant,
        title="",
        description="",
        translations={},
        solo_points=0,
        group_points=0,
        size=0,
        hours=HOURS,
        stock=0,
        per_member=1,
    )


def answered(merchant: Merchant, answers: Mapping[str, str], terms: Terms) -> Deal:
    """A new deal as far as the questions are answered. Raises InvalidWare."""
    deal = new_deal(merchant)
    for field in ASKED:
        if field in answers:
            deal = typed(deal, field, answers[field], terms)
    return deal


def typed(deal: Deal, field: Field, given: str, terms: Terms) -> Deal:
    """The deal with one field as somebody typed it. Raises InvalidWare, which says what the field takes."""
    match field:
        case Field.NAME:
            return replace(deal, title=clean_name(given))
        case Field.DESCRIPTION:
            return replace(deal, description=clean_description(given))
        case Field.GROUP_POINTS:
            return _cheaper(replace(deal, group_points=whole(given, field, POINTS_MAX)), field)
        case Field.GROUP_PRICE:
            return _cheaper(replace(deal, group_price_minor=price(given, field, terms.decimals, terms.coin)), field)
        case Field.SOLO_POINTS:
            return _cheaper(replace(deal, solo_points=whole(given, field, POINTS_MAX)), field)
        case Field.SOLO_PRICE:
            return _cheaper(replace(deal, solo_price_minor=price(given, field, terms.decimals, terms.coin)), field)
        case Field.SIZE:
            return replace(deal, size=whole(given, field, SIZE_MAX, least=SIZE_MIN))
        case Field.HOURS:
            return replace(deal, hours=whole(given, field, HOURS_MAX))
        case Field.STOCK:
            return replace(deal, stock=_counted(deal.stock, given))
        case Field.LIMIT:
            return replace(deal, per_member=whole(given, field, LIMIT_MAX))
        case Field.BONUS:
            return replace(deal, bonus_points=whole(given, field, POINTS_MAX))
        case Field.STARTS:
            return replace(
                deal, starts_at=starting(read_day(given, field, terms.today, terms.language), deal.ends_at, terms.zone)
            )
        case Field.ENDS:
            return replace(
                deal, ends_at=ending(read_day(given, field, terms.today, terms.language), deal.starts_at, terms.zone)
            )
        case Field.PICTURE:
            raise InvalidWare(field, "no_text")


def cleared(deal: Deal, field: Field) -> Deal:
    """The deal without what this field said: for points alone, without a bonus, from now. The rest it keeps: it cannot
    be without. Raises InvalidWare where the prices would not fit any more."""
    match field:
        case Field.DESCRIPTION:
            return replace(deal, description="")
        case Field.GROUP_PRICE:
            return _cheaper(replace(deal, group_price_minor=0), field)
        case Field.SOLO_PRICE:
            return _cheaper(replace(deal, solo_price_minor=0), field)
        case Field.BONUS:
            return replace(deal, bonus_points=0)
        case Field.STARTS:
            return replace(deal, starts_at=None)
        case Field.ENDS:
            return replace(deal, ends_at=None)
        case Field.PICTURE:
            return replace(deal, picture_id=None)
        case _:
            return deal


def said(deal: Deal, field: Field, language: Language, given: str | None) -> Deal:
    """The deal with its name or description in a language; None: as it was first written. Raises InvalidWare."""
    return replace(deal, translations=said_anew(deal.translations, field.value, language, given))


def turned(deal: Deal, turn: Turn, now: datetime) -> Deal:
    """The deal after this turn. One that was taken already, or does not fit, changes nothing: buttons stay.

    Raises InvalidWare for publishing what members could not take, and for removing what they can.
    """
    match turn:
        case Turn.PUBLISH if deal.published_at is None:
            check_complete(deal, now)
            return replace(deal, published_at=now, is_paused=False)
        case Turn.PAUSE | Turn.RESUME if deal.published_at is not None:
            return replace(deal, is_paused=turn is Turn.PAUSE)
        case Turn.REMOVE if deal.removed_at is None:
            check_over(deal, now)
            return replace(deal, removed_at=now)
        case Turn.BRING_BACK:
            return replace(deal, removed_at=None)
        case _:
            return deal


def ended(deal: Deal, now: datetime) -> Deal:
    """The deal, of which no group can be opened any more. A draft has nothing to end."""
    if standing(deal, now) in (WareState.DRAFT, WareState.ENDED):
        return deal
    return replace(deal, ends_at=now)


def check_complete(deal: Deal, now: datetime) -> None:
    """Raises InvalidWare when no member could take part in it."""
    if deal.stock < deal.size:
        raise InvalidWare(Field.STOCK, "below_size", {"left": deal.stock, "size": deal.size})
    if deal.ends_at is not None and deal.ends_at <= now:
        raise InvalidWare(Field.ENDS, "past")


def check_over(deal: Deal, now: datetime) -> None:
    """Raises InvalidWare as long as members can take part in it: it ends first, then it is removed."""
    if standing(deal, now) not in (WareState.DRAFT, WareState.ENDED):
        raise InvalidWare(NOUN, "running")


def check_left(deal: Deal, open_groups: int) -> None:
    """Raises InvalidWare as long as people sit in groups of it: their shop has to see them."""
    if open_groups:
        raise InvalidWare(NOUN, "groups_open", {"groups": open_groups})


def _counted(stock: int, given: str) -> int:
    left = restocked(stock, given)
    if left is None:
        raise InvalidWare(Field.STOCK, "counted", {"most": STOCK_MAX})
    return left


def _cheaper(deal: Deal, field: Field) -> Deal:
    """Together nothing costs more than alone, and something less. The prices of a new one come one after the other."""
    if not (deal.solo_points and deal.group_points):
        return deal
    if deal.group_points > deal.solo_points:
        raise InvalidWare(field, "dearer", {"group": deal.group_points, "solo": deal.solo_points})
    if deal.group_price_minor > deal.solo_price_minor:
        raise InvalidWare(field, "dearer_money")
    if (deal.group_points, deal.group_price_minor) == (deal.solo_points, deal.solo_price_minor):
        raise InvalidWare(field, "same")
    return deal
