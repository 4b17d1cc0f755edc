from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loyalty.codes import Random
from loyalty.contact_policy import ContactHours, contact_hours
from loyalty.deliveries import Lane, Notice
from loyalty.members import Member, Topic
from loyalty.offers import NOVELTY_DAYS, VISITED_DAYS, Candidate, Pick, offer_of_the_day, picks
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.rewards import Reward

SHOWN = 3  # on request
CANDIDATES_MAX = 200  # announcements, newest first, and rewards, cheapest first: what a run looks at


@dataclass(frozen=True, slots=True)
class Today:
    """What fits a member best today. `is_agreed`: one of it comes by itself each day."""

    picks: tuple[Pick, ...]
    is_agreed: bool


class OfferService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def today(self, member: Member) -> Today:
        """The best few for whoever asks, whether they want to be sent any or not."""
        now = self._clock()
        with self._units() as uow:
            known = [(member.id, member.tier, uow.ledger.balance(member.id).spendable)]
            (shopper,) = uow.offers.shoppers(
                known,
                visited_since=now - timedelta(days=VISITED_DAYS),
                offered_since=member.local(now).date() - timedelta(days=NOVELTY_DAYS),
            )
            found = picks(_candidates(uow, now), shopper, SHOWN)
        return Today(tuple(found), member.agrees_to(Topic.OFFERS))

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


def _candidates(uow: UnitOfWork, now: datetime) -> list[Candidate]:
    """What is running. A reward with an announcement of its own is announced, not offered a second time."""
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
        translations={
            language: {"title": words.get("name", reward.name), "text": words.get("description", reward.description)}
            for language, words in reward.translations.items()
        },
        tier_min=reward.tier_min,
        points=reward.points,
        per_member=reward.per_member if reward.per_member_days is None else None,  # what comes back is offered again
        reward_id=reward.id,
        picture_id=reward.picture_id,
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
        "translations": candidate.translations,
        "points": candidate.points,
        "reward_id": candidate.reward_id,
        "deal_id": candidate.deal_id,
        "picture_id": candidate.picture_id,
        "reasons": [[reason.why, reason.missing] for reason in pick.reasons],
    }
