"""On what terms something is offered, within a line: what it costs, for whom, how many are left, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from handlers import names
from handlers.group_buys import prices
from handlers.rewards.titles import last_day
from locales.texts import Texts
from loyalty.members import Member, Tier
from loyalty.offer_claims import time_left
from loyalty.offers import Candidate, OfferKind


def terms(candidate: Candidate, had: int, member: Member, now: datetime, currency: str, texts: Texts) -> str:
    """As they are for a member who `had` so many. What there is no limit to is not mentioned."""
    return " · ".join(
        [
            *_cost(candidate, currency, texts),
            *_for_whom(candidate, member, texts),
            *_left(candidate, texts),
            *_limit(candidate, had, texts),
            *ends(candidate.ends_at, now, texts),
        ]
    )


def ends(ends_at: datetime | None, now: datetime, texts: Texts) -> Iterator[str]:
    if (left := time_left(ends_at, now)) is not None:
        yield texts("ends in {span}", span=texts.span(left))
    elif ends_at is not None and ends_at > now:
        yield texts("ends on {date}", date=last_day(ends_at, texts))


def _cost(candidate: Candidate, currency: str, texts: Texts) -> Iterator[str]:
    if candidate.points is not None:
        cost = prices.cost(texts, candidate.points, candidate.price_minor, currency)
        yield texts("{cost} in a group", cost=cost) if candidate.kind is OfferKind.DEAL else cost
    elif candidate.price_minor:
        yield texts("{price} at the counter", price=texts.money(candidate.price_minor, currency))
    elif candidate.kind is OfferKind.CLAIM:
        yield texts("free")


def _for_whom(candidate: Candidate, member: Member, texts: Texts) -> Iterator[str]:
    if candidate.tier_min is Tier.MEMBER:
        return
    tier = names.tier(texts, candidate.tier_min)
    from_tier = texts("{medal} from {tier}", medal=names.tier_medal(candidate.tier_min), tier=tier)
    yield from_tier if member.tier.reaches(candidate.tier_min) else f"🔒 {from_tier}"


def _left(candidate: Candidate, texts: Texts) -> Iterator[str]:
    if candidate.stock is None:
        return
    if candidate.whole is None:
        yield texts("{n} left", n=candidate.stock)
    else:
        yield texts("{n} of {whole} left", n=candidate.stock, whole=candidate.whole)


def _limit(candidate: Candidate, had: int, texts: Texts) -> Iterator[str]:
    most = candidate.per_member
    if most is None:
        return
    if had >= most:
        yield texts.plural("you have had yours", "you have had your {n}", most)
    elif had:
        yield texts("you have had {had} of {n}", had=had, n=most)
    else:
        yield texts.plural("once per person", "{n} per person", most)
