"""How a shop makes and changes its offers, what each field takes, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from loyalty.answers import LIMIT_MAX, Terms, clean_description, clean_name, price, read_day, restocked, whole
from loyalty.errors import InvalidWare
from loyalty.members import Language, Tier
from loyalty.merchants import Translations
from loyalty.offer_claims import TO_ITS_END
from loyalty.offers import Offer, OfferKind
from loyalty.wares import Turn, WareState, ending, said_anew, standing, starting

NOUN = "offer"
DAYS_MAX = 365


class Field(StrEnum):
    """What can be changed about an offer by typing or sending it, its tier and what it leads to."""

    NAME = "name"
    DESCRIPTION = "description"
    LEADS_TO = "leads_to"
    TIER = "tier"
    STOCK = "stock"
    LIMIT = "limit"
    PRICE = "to_pay"
    DAYS = "days"
    STARTS = "starts"
    ENDS = "ends"
    PICTURE = "picture"


# What only an offer has that is claimed here: of the others it is a matter of what they lead to.
OF_CLAIMS = frozenset({Field.STOCK, Field.LIMIT, Field.PRICE, Field.DAYS})


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of an offer. `seen`: members who looked at it; `claimed`: vouchers given out and not given back, of
    which so many are `used`, and so many still `waiting`."""

    seen: int = 0
    claimed: int = 0
    used: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ListedOffer:
    """An offer in its shop's list."""

    offer: Offer
    figures: Figures


@dataclass(frozen=True, slots=True)
class Target:
    """A reward or a deal that an offer can lead to."""

    kind: OfferKind
    id: int
    title: str
    translations: Translations = field(default_factory=dict)


def typed(offer: Offer, field: Field, given: str, terms: Terms) -> Offer:
    """The offer with one field as somebody typed it. Raises InvalidWare, which says what the field takes."""
    match field:
        case Field.NAME:
            return replace(offer, title=clean_name(given))
        case Field.DESCRIPTION:
            return replace(offer, text=clean_description(given))
        case Field.PRICE:
            return replace(offer, price_minor=price(given, field, terms.decimals, terms.coin))
        case Field.STOCK:
            return replace(offer, stock=restocked(offer.stock, given))
        case Field.LIMIT:
            return replace(offer, per_member=whole(given, field, LIMIT_MAX))
        case Field.DAYS:
            return replace(offer, voucher_days=whole(given, field, DAYS_MAX))
        case Field.STARTS:
            return replace(
                offer,
                starts_at=starting(read_day(given, field, terms.today, terms.language), offer.ends_at, terms.zone),
            )
        case Field.ENDS:
            return replace(
                offer, ends_at=ending(read_day(given, field, terms.today, terms.language), offer.starts_at, terms.zone)
            )
        case _:
            raise InvalidWare(field, "no_text")


def cleared(offer: Offer, field: Field) -> Offer:
    """The offer without what this field said: unlimited, from now, for nothing. A name it keeps: it cannot be
    without."""
    match field:
        case Field.DESCRIPTION:
            return replace(offer, text="")
        case Field.PRICE:
            return replace(offer, price_minor=0)
        case Field.STOCK:
            return replace(offer, stock=None)
        case Field.LIMIT:
            return replace(offer, per_member=None)
        case Field.DAYS:
            return replace(offer, voucher_days=None)
        case Field.TIER:
            return replace(offer, tier_min=Tier.MEMBER)
        case Field.STARTS:
            return replace(offer, starts_at=None)
        case Field.ENDS:
            return replace(offer, ends_at=None)
        case Field.PICTURE:
            return replace(offer, picture_id=None)
        case _:
            return offer


def said(offer: Offer, field: Field, language: Language, given: str | None) -> Offer:
    """The offer with its name or words in a language; None: as it was first written. Raises InvalidWare."""
    return replace(offer, translations=said_anew(offer.translations, field.value, language, given))


def check_leading(kind: OfferKind) -> None:
    """Raises InvalidWare for what is no place to lead to."""
    if kind not in (OfferKind.REWARD, OfferKind.DEAL):
        raise InvalidWare(Field.LEADS_TO, "gone")


def claimed_here(offer: Offer) -> Offer:
    """The offer, for which one gets a voucher at once."""
    return replace(offer, kind=OfferKind.CLAIM, reward_id=None, deal_id=None)


def led_to(offer: Offer, target: Target) -> Offer:
    """The offer, which leads to a reward or a deal. Vouchers that were given out for it stay good."""
    is_reward = target.kind is OfferKind.REWARD
    return replace(
        offer,
        kind=target.kind,
        reward_id=target.id if is_reward else None,
        deal_id=None if is_reward else target.id,
    )


def good_to_its_end(offer: Offer) -> Offer:
    """The offer, whose vouchers end when it does. Raises InvalidWare where it does not end."""
    if offer.ends_at is None:
        raise InvalidWare(Field.DAYS, "no_end")
    return replace(offer, voucher_days=TO_ITS_END)


def turned(offer: Offer, turn: Turn, now: datetime) -> Offer:
    """The offer after this turn. One that was taken already, or does not fit, changes nothing: buttons stay.

    Raises InvalidWare for publishing what nobody could have.
    """
    match turn:
        case Turn.PUBLISH if offer.published_at is None:
            check_complete(offer, now)
            return replace(offer, published_at=now, is_paused=False)
        case Turn.PAUSE | Turn.RESUME if offer.published_at is not None:
            return replace(offer, is_paused=turn is Turn.PAUSE)
        case Turn.REMOVE if offer.removed_at is None:
            return replace(offer, removed_at=now)
        case Turn.BRING_BACK:
            return replace(offer, removed_at=None)
        case _:
            return offer


def ended(offer: Offer, now: datetime) -> Offer:
    """The offer, which nobody can have any more. A draft has nothing to end. One that was still to begin never has."""
    if standing(offer, now) in (WareState.DRAFT, WareState.ENDED):
        return offer
    starts_at = None if offer.starts_at is not None and offer.starts_at >= now else offer.starts_at
    return replace(offer, starts_at=starts_at, ends_at=now)


def check_complete(offer: Offer, now: datetime) -> None:
    """Raises InvalidWare when no member could have this."""
    if not offer.title:
        raise InvalidWare(Field.NAME, "missing")
    if offer.is_sold_out:
        raise InvalidWare(Field.STOCK, "none")
    if offer.ends_at is not None and offer.ends_at <= now:
        raise InvalidWare(Field.ENDS, "past")
