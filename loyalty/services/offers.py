from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from loyalty.codes import Random
from loyalty.contact_policy import ContactHours, contact_hours
from loyalty.deliveries import Lane, Notice
from loyalty.members import Member, Topic
from loyalty.merchants import Translations
from loyalty.offers import (
    NOVELTY_DAYS,
    VISITED_DAYS,
    Candidate,
    Pick,
    Reason,
    Shopper,
    had_of,
    listed,
    offer_of_the_day,
    reasons,
)
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.rewards import Reward
from loyalty.services.offer_claims import look

PAGE = 5
REWARDS_SHOWN = 3  # the best few; all of them are in the catalogue
CANDIDATES_MAX = 200  # offers, newest first, and rewards, cheapest first: what a run looks at


@dataclass(frozen=True, slots=True)
class ListedPick:
    """What a member is offered, and how many of it they have had."""

    pick: Pick
    had: int


@dataclass(frozen=True, slots=True)
class Running:
    """A page of what is running for a member, the best first; `number` of `pages`, from 0 on. `is_agreed`: one of it
    comes by itself each day."""

    listed: tuple[ListedPick, ...]
    number: int
    pages: int
    is_agreed: bool
    now: datetime
    currency: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an offer stands in a member's list: its shop and its reasons."""

    merchant: str
    merchant_translations: Translations
    reasons: tuple[Reason, ...]


class OfferService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def running(self, member: Member, number: int = 0) -> Running:
        """A page for whoever asks, whether they want to be sent any or not. One that is not there any more is the
        last that is."""
        now = self._clock()
        with self._units() as uow:
            shopper = _shopper(uow, member, now)
            found = listed(_candidates(uow, now), shopper, REWARDS_SHOWN)
        pages = max(1, -(-len(found) // PAGE))
        shown = min(number, pages - 1)
        return Running(
            listed=tuple(
                ListedPick(
                    replace(pick, candidate=pick.candidate.ending_by(self._programme.zone)),
                    had_of(pick.candidate, shopper),
                )
                for pick in found[shown * PAGE : (shown + 1) * PAGE]
            ),
            number=shown,
            pages=pages,
            is_agreed=member.agrees_to(Topic.OFFERS),
            now=now,
            currency=self._programme.currency,
        )

    @reads
    def why_shown(self, member: Member, offer_id: int) -> Explanation:
        """Why an offer stands where it does in this member's list. Raises NotFound."""
        with self._units() as uow:
            _, candidate = look(uow, offer_id)
            shopper = _shopper(uow, member, self._clock())
        return Explanation(candidate.merchant.name, candidate.merchant.translations, reasons(candidate, shopper))

    def send_due(self, limit: int = 100) -> int:
        """Gives at most `limit` members, where it is day now, their turn: the offer that fits best is queued, or
        nothing where nothing fits, and that was it for their day.

        Answers how many members it looked at on the way, 0 when everybody has had their turn. Who moves or comes back
        after the turn of others in the zone has the next one the day after; who agrees then has it still.
        """
        now = self._clock()
        looked_at, taken = 0, 0
        with self._units() as uow:
            candidates: Sequence[Candidate] | None = None
            for timezone in uow.members.timezones():
                hours = contact_hours(now, timezone, self._programme)
                if hours is None or taken >= limit:
                    continue
                turns = uow.offers.open_round(timezone, hours.day, now)
                due, after, looked = uow.offers.due(turns, hours, limit=limit - taken)
                if after != turns or looked:
                    uow.offers.keep_round(after)
                looked_at += looked
                if not due:
                    continue
                if candidates is None:
                    candidates = _candidates(uow, now)
                shoppers = uow.offers.shoppers(
                    due,
                    visited_since=now - timedelta(days=VISITED_DAYS),
                    offered_since=hours.day - timedelta(days=NOVELTY_DAYS),
                )
                chosen = {shopper.member_id: offer_of_the_day(candidates, shopper) for shopper in shoppers}
                taken += _queue(uow, chosen, hours, now)
            # A day for zones that are behind, and what novelty still looks at.
            uow.offers.forget_turns(now.date() - timedelta(days=NOVELTY_DAYS + 2))
            uow.commit()
        return looked_at


def _queue(uow: UnitOfWork, chosen: Mapping[int, Pick | None], hours: ContactHours, now: datetime) -> int:
    """Takes the members' turns and queues what was chosen for those whose turn was still free."""
    mine = uow.offers.take_turns(
        hours.day, {member_id: pick.candidate.key if pick else None for member_id, pick in chosen.items()}
    )
    uow.outbox.add(
        [
            Notice(
                member_id,
                kind="offer",
                cause=f"offer:{hours.day.isoformat()}",
                facts=_facts(pick),
                lane=Lane.MARKETING,
                score=pick.score,
                topic=Topic.OFFERS,
                deadline=hours.ends_at,
                merchant_id=pick.candidate.merchant.id,
            )
            for member_id, pick in chosen.items()
            if pick is not None and member_id in mine
        ],
        now,
    )
    return len(mine)


def _shopper(uow: UnitOfWork, member: Member, now: datetime) -> Shopper:
    (shopper,) = uow.offers.shoppers(
        [(member.id, member.tier, uow.ledger.balance(member.id).spendable)],
        visited_since=now - timedelta(days=VISITED_DAYS),
        offered_since=member.local(now).date() - timedelta(days=NOVELTY_DAYS),
    )
    return shopper


def _candidates(uow: UnitOfWork, now: datetime) -> list[Candidate]:
    """What is running. A reward with an offer of its own is announced, not offered a second time."""
    announced = list(uow.offers.running(now, limit=CANDIDATES_MAX))
    spoken_for = {candidate.reward_id for candidate in announced}
    rewards = uow.rewards.running(now, after=(0, 0), limit=CANDIDATES_MAX)
    return announced + [
        _as_candidate(reward) for reward in rewards if not reward.is_sold_out and reward.id not in spoken_for
    ]


def _as_candidate(reward: Reward) -> Candidate:
    return Candidate(
        key=f"reward:{reward.id}",
        merchant=reward.merchant,
        title=reward.name,
        text=reward.description,
        translations=reward.translations,
        tier_min=reward.tier_min,
        points=reward.points,
        per_member=reward.per_member if reward.per_member_days is None else None,  # what comes back is offered again
        reward_id=reward.id,
        picture_id=reward.picture_id,
        price_minor=reward.price_minor,
        stock=reward.stock,
        ends_at=reward.ends_at,
    )


def _facts(pick: Pick) -> dict[str, Any]:
    candidate = pick.candidate
    return {
        "key": candidate.key,
        "merchant_id": candidate.merchant.id,
        "merchant": candidate.merchant.name,
        "merchant_translations": candidate.merchant.translations,
        "title": candidate.title,
        "text": candidate.text,
        "translations": {
            language: {"title": words.get("name", candidate.title), "text": words.get("description", candidate.text)}
            for language, words in candidate.translations.items()
        },
        "points": candidate.points,
        "reward_id": candidate.reward_id,
        "deal_id": candidate.deal_id,
        "offer_id": candidate.offer_id,
        "picture_id": candidate.picture_id,
        "reasons": [[reason.why, reason.missing] for reason in pick.reasons],
    }
