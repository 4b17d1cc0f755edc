"""Favourites: what members would like to have. Each is told of once, when it comes within reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.contact_policy import next_contact
from loyalty.deliveries import Notice
from loyalty.programme import Programme
from loyalty.rewards import Reward

KIND = "favourite_in_reach"


@dataclass(frozen=True, slots=True)
class InReach:
    """A favourite that a member has the points for, since it became one `added_at`."""

    member_id: int
    timezone: str
    reward: Reward
    added_at: datetime


def cause_of(reward_id: int, added_at: datetime) -> str:
    """Taken away and chosen again, it is another wish."""
    return f"{KIND}:{reward_id}:{added_at:%Y-%m-%dT%H:%M:%S.%f}"


def told(favourite: InReach, now: datetime, programme: Programme) -> Notice:
    """What its member is told, in daytime, and not after the reward is over."""
    reward = favourite.reward
    return Notice(
        member_id=favourite.member_id,
        kind=KIND,
        cause=cause_of(reward.id, favourite.added_at),
        facts={
            "reward_id": reward.id,
            "title": reward.name,
            "translations": {language: dict(words) for language, words in reward.translations.items()},
            "merchant": reward.merchant.name,
            "merchant_translations": {
                language: dict(words) for language, words in reward.merchant.translations.items()
            },
            "points": reward.points,
            "price_minor": reward.price_minor,
            "currency": programme.currency,
        },
        not_before=next_contact(now, favourite.timezone, programme),
        deadline=reward.ends_at,
    )
