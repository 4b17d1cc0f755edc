"""Segments in SQL mean what they say, member by member, on both databases."""

from __future__ import annotations

import random as chance
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from loyalty.earning import EarnRule
from loyalty.errors import Refusal
from loyalty.members import Birthday, Language, Tier, Topic
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import NewPurchase
from loyalty.segments import (
    _KINDS,
    All,
    AnyOf,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    Counted,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    IsCustomer,
    Keeps,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    Tapped,
)
from loyalty.services import Club, earning, refunds
from storage.broadcasts import broadcast_taps
from storage.contacts import muted_shops
from storage.database import Database
from storage.members import addresses, members
from storage.outbox import deliveries
from storage.segments import condition, resolved
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
    favourites: set[int] = field(default_factory=set)
    taps: list[datetime] = field(default_factory=list)  # under messages of the shop


@dataclass
class World:
    shop: int
    rewards: tuple[int, int]
    people: list[Facts]
    now: datetime
    lists: dict[int, Segment]


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
        _keep(units, dice, facts, (*rewards, elsewhere), now)
        facts.favourites.discard(elsewhere)
        _tap(database, dice, facts, shop, other, now)
    return World(shop, rewards, people, now, _lists(units, shop, people[0].id, now))


def _keep(units: UnitFactory, dice: chance.Random, facts: Facts, rewards: tuple[int, ...], now: datetime) -> None:
    with units() as uow:
        for reward_id in rewards:
            if dice.random() < 0.4:
                uow.favourites.add(facts.id, reward_id, now, is_told=True)
                facts.favourites.add(reward_id)
        uow.commit()


def _tap(database: Database, dice: chance.Random, facts: Facts, shop: int, other: int, now: datetime) -> None:
    """Messages of both shops: some never opened, some opened long ago and tapped again since."""
    for number in range(dice.randrange(3)):
        merchant_id = dice.choice((shop, shop, other))
        opened_at = dice.choice([None, now - timedelta(days=3), now - timedelta(days=20), now - timedelta(days=90)])
        message = {
            "member_id": facts.id, "kind": "broadcast", "cause": f"test:{number}", "facts": {}, "lane": "marketing",
            "topic": "offers", "state": "sent", "not_before": now, "created_at": now, "opened_at": opened_at,
            "merchant_id": merchant_id,
        }  # fmt: skip
        with database.engine.begin() as connection:
            delivery_id = connection.execute(insert(deliveries).values(message).returning(deliveries.c.id)).scalar_one()
            if opened_at is not None and dice.random() < 0.5:
                again = now - timedelta(days=dice.choice([2, 25]))
                connection.execute(
                    insert(broadcast_taps).values(delivery_id=delivery_id, button=0, at=max(opened_at, again))
                )
                opened_at = max(opened_at, again)
        if opened_at is not None and merchant_id == shop:
            facts.taps.append(opened_at)


def _lists(units: UnitFactory, shop: int, author_id: int, now: datetime) -> dict[int, Segment]:
    """Two of the shop's: one mentions the other, which is deleted."""
    with units() as uow:
        regulars = uow.segments.add(shop, "Regulars", AnyOf((Bought(30), HasTier((Tier.GOLD,)))), author_id, now)
        assert regulars is not None
        others = uow.segments.add(shop, "Others", Not(InSaved(regulars.id)), author_id, now)
        assert others is not None
        uow.segments.delete(regulars.id, now)
        uow.commit()
    return {saved.id: saved.segment for saved in (regulars, others)}


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
        case IsCustomer():
            return bool(sales(None) or facts.rewards)
        case Keeps(reward_id):
            return bool(facts.favourites) if reward_id is None else reward_id in facts.favourites
        case Tapped(days):
            return any(at > world.now - timedelta(days=days) for at in facts.taps)
        case BirthdayMonth(ahead, zone):
            return facts.month == (world.now.astimezone(ZoneInfo(zone)).month + ahead - 1) % 12 + 1
        case InSaved(segment_id):
            return means(world.lists[segment_id], facts, world)
        case Speaks(languages):
            return facts.language in languages
        case HasReferral(status):
            return facts.has_brought if status is ReferralStatus.BROUGHT_FRIENDS else facts.was_brought


def test_a_segment_means_in_sql_what_it_says(database: Database, world: World) -> None:
    met: set[type] = set()

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(segments(world.rewards, tuple(world.lists)))
    def check(segment: Segment) -> None:
        expected = {facts.id for facts in world.people if means(segment, facts, world)}
        with database.engine.connect() as connection:
            meant = condition(resolved(connection, world.shop, segment), world.shop, world.now)
            query = select(members.c.id).where(meant)
            assert set(connection.execute(query).scalars()) == expected
        if 0 < len(expected) < len(world.people):
            met.add(type(segment))

    check()
    # Each kind of condition has told some members from others: nothing was tested on nobody.
    assert set(_KINDS.values()) <= met


def test_a_list_that_is_not_the_shops_means_nobody(database: Database, units: UnitFactory, world: World) -> None:
    """Also where it is negated: what cannot be resolved must not turn into everybody."""
    elsewhere = add_merchant(units, "Red Door")
    with units() as uow:
        stranger = uow.segments.add(elsewhere, "Theirs", All(), world.people[0].id, world.now)
        uow.commit()
    assert stranger is not None
    with database.engine.connect() as connection:
        for segment in (InSaved(stranger.id), Not(InSaved(stranger.id)), Not(InSaved(987_654))):
            meant = condition(resolved(connection, world.shop, segment), world.shop, world.now)
            assert connection.execute(select(members.c.id).where(meant)).all() == []


def test_counts_are_those_of_the_people(database: Database, units: UnitFactory, world: World) -> None:
    """Of those who said yes and can be reached: some did not, some have blocked the bot, some have muted the shop."""
    yes = [facts for number, facts in enumerate(world.people) if number % 4]
    with units() as uow:
        for facts in yes:
            uow.members.consent(facts.id, Topic.OFFERS, True, at=world.now, wording="Yes")
        uow.commit()
    unreachable, muting = yes.pop().id, yes.pop().id
    with database.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.member_id == unreachable).values(is_reachable=False))
        connection.execute(insert(muted_shops).values(member_id=muting, merchant_id=world.shop, muted_at=world.now))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(segments(world.rewards, tuple(world.lists)), min_size=2, max_size=4))
    def check(parts: list[Segment]) -> None:
        def expected(parts: list[Segment]) -> int:
            return sum(all(means(part, facts, world) for part in parts) for facts in yes)

        with units() as uow:
            counted = uow.recipients.count(world.shop, Topic.OFFERS, All(tuple(parts)), world.now)
            without = uow.recipients.without_each(world.shop, Topic.OFFERS, parts, world.now)
        assert counted == Counted(expected(parts), len(yes))
        assert list(without) == [expected([*parts[:place], *parts[place + 1 :]]) for place in range(len(parts))]

    check()


def test_the_products_of_a_shop_are_what_it_sold(units: UnitFactory, world: World) -> None:
    sold: dict[str, int] = {}
    for facts in world.people:
        for sale in facts.sales:
            for tag in sale.tags if sale.shop == world.shop else ():
                sold[tag] = sold.get(tag, 0) + 1
    assert len(sold) == len(TAGS) - 1, "each tag was sold somewhere"
    with units() as uow:
        assert list(uow.segments.sold(world.shop, 10)) == sorted(sold, key=lambda tag: (-sold[tag], tag))
        assert list(uow.segments.sold(world.shop, 1)) == [max(sorted(sold), key=lambda tag: sold[tag])]
