"""Segments in SQL mean what they say, member by member, on both databases."""

from __future__ import annotations

import random as chance
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, update

from loyalty.earning import EarnRule
from loyalty.errors import Refusal
from loyalty.members import Birthday, Language, Tier
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import NewPurchase
from loyalty.segments import (
    All,
    AnyOf,
    BirthdayIn,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
)
from loyalty.services import Club, earning, refunds
from storage.database import Database
from storage.members import members
from storage.segments import condition
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.segments import TAGS, segments
from tests.kit.shops import add_merchant, add_reward, enrol


@dataclass
class Sale:
    shop: int
    at: datetime
    minor: int
    tags: tuple[str, ...]
    refunded: int = 0


@dataclass
class Facts:
    """What is known of a member, reckoned without the database."""

    id: int
    tier: Tier
    language: Language
    month: int | None
    points: int = 0
    sales: list[Sale] = field(default_factory=list)
    rewards: set[int] = field(default_factory=set)
    has_brought: bool = False
    was_brought: bool = False


@dataclass
class World:
    shop: int
    rewards: tuple[int, int]
    people: list[Facts]
    now: datetime


@pytest.fixture
def world(units: UnitFactory, database: Database, club: Club, clock: FrozenClock) -> World:
    dice = chance.Random(20260501)
    shop, other = add_merchant(units, "Harbour Coffee"), add_merchant(units, "Green Corner")
    rewards = (add_reward(units, shop, points=50), add_reward(units, shop, "Cake", points=60))
    elsewhere = add_reward(units, other, "Soap", points=40)
    people = [_person(units, database, dice, number) for number in range(24)]
    now = clock()
    with units() as uow:
        for merchant_id in (shop, other):
            uow.earn_rules.set(merchant_id, EarnRule())
        for number, facts in enumerate(people):
            for sale in range(dice.randrange(4)):
                facts.sales.append(
                    _sale(uow, dice, facts.id, dice.choice((shop, shop, other)), now, f"{number}-{sale}")
                )
        for one, two in zip(people[::3], people[1::3], strict=False):
            uow.referrals.bind(one.id, two.id, now)
            if dice.random() < 0.7:
                uow.referrals.qualify(two.id, now)
                one.has_brought = two.was_brought = True
        uow.commit()
    for facts in people:
        _redeem(units, club, dice, facts, (*rewards, elsewhere))
        facts.rewards.discard(elsewhere)
    return World(shop, rewards, people, now)


def _person(units: UnitFactory, database: Database, dice: chance.Random, number: int) -> Facts:
    member = enrol(units, f"P{number}")
    facts = Facts(member.id, dice.choice(list(Tier)), dice.choice(list(Language)), dice.choice([None, *range(1, 13)]))
    with database.engine.begin() as connection:
        connection.execute(
            update(members).where(members.c.id == member.id).values(tier=facts.tier, language=facts.language)
        )
    if facts.month is not None:
        with units() as uow:
            uow.members.celebrate(member.id, Birthday(facts.month, 1), member.joined_at)
            uow.commit()
    return facts


def _sale(uow: UnitOfWork, dice: chance.Random, member_id: int, shop: int, now: datetime, key: str) -> Sale:
    programme, tag = Programme(), dice.choice(TAGS)
    sale = Sale(
        shop,
        now - timedelta(days=dice.choice([1, 6, 20, 45])),
        dice.choice([900, 4_000, 30_000]),
        (tag,) if tag else (),
    )
    wish = NewPurchase(key, member_id, shop, sale.minor, "EUR", sale.at, receipt=key, tags=sale.tags)
    booked = earning.record(uow, programme, wish, actor="test", at=sale.at)
    sale.refunded = dice.choice([0, 0, sale.minor // 2, sale.minor])
    if sale.refunded:
        refunds.refund(uow, programme, booked.purchase.id, sale.refunded, key=f"back-{key}", actor="test", at=now)
    return sale


def _redeem(units: UnitFactory, club: Club, dice: chance.Random, facts: Facts, rewards: tuple[int, ...]) -> None:
    with units() as uow:
        member = uow.members.get(facts.id)
    assert member is not None
    for reward_id in rewards:
        if dice.random() < 0.6:
            try:
                club.rewards.redeem(member, reward_id, f"nonce{reward_id}")
            except Refusal:
                continue  # not enough points: nothing was redeemed
            facts.rewards.add(reward_id)
    with units() as uow:
        facts.points = uow.ledger.balance(facts.id).available


def means(segment: Segment, facts: Facts, world: World) -> bool:
    def sales(days: int | None) -> list[Sale]:
        since = world.now - timedelta(days=days) if days is not None else datetime.min.replace(tzinfo=world.now.tzinfo)
        return [s for s in facts.sales if s.shop == world.shop and s.at > since and s.refunded < s.minor]

    match segment:
        case All(parts):
            return all(means(part, facts, world) for part in parts)
        case AnyOf(parts):
            return any(means(part, facts, world) for part in parts)
        case Not(part):
            return not means(part, facts, world)
        case HasTier(tiers):
            return facts.tier in tiers
        case HasPoints(least, most):
            return facts.points >= least and (most is None or facts.points <= most)
        case Bought(days, tag):
            return any(not tag or tag in sale.tags for sale in sales(days))
        case Spent(least_minor, days):
            return sum(sale.minor - sale.refunded for sale in sales(days)) >= least_minor
        case Redeemed(reward_id):
            return bool(facts.rewards) if reward_id is None else reward_id in facts.rewards
        case BirthdayIn(months):
            return facts.month in months
        case Speaks(languages):
            return facts.language in languages
        case HasReferral(status):
            return facts.has_brought if status is ReferralStatus.BROUGHT_FRIENDS else facts.was_brought


def test_a_segment_means_in_sql_what_it_says(database: Database, world: World) -> None:
    met: set[type] = set()

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(segments(world.rewards))
    def check(segment: Segment) -> None:
        expected = {facts.id for facts in world.people if means(segment, facts, world)}
        query = select(members.c.id).where(condition(segment, world.shop, world.now))
        with database.engine.connect() as connection:
            assert set(connection.execute(query).scalars()) == expected
        if 0 < len(expected) < len(world.people):
            met.add(type(segment))

    check()
    # Each kind of condition has told some members from others: nothing was tested on nobody.
    assert {HasTier, HasPoints, Bought, Spent, Redeemed, BirthdayIn, Speaks, HasReferral, All, AnyOf, Not} <= met
