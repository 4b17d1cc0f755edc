"""The town as it is seeded: everybody has what the shops' rules made of their purchases."""

from __future__ import annotations

from random import Random

from sqlalchemy import func, select

from bot.seed import CHANNEL, seed_town
from bot.town import load_town
from loyalty.members import Address, Language, Tier
from loyalty.movements import Shown
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.audit import audit
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.purchases import purchases
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock


def test_everybody_has_what_the_town_says_and_nobody_is_told(database: Database, clock: FrozenClock) -> None:
    town = load_town()
    seed_town(database, clock())
    seed_town(database, clock())
    with UnitFactory(database)() as uow:
        for person in town.people:
            member = uow.members.at(Address(CHANNEL, str(person.user_id)))
            assert member is not None
            balance = uow.ledger.balance(member.id)
            assert (balance.available, balance.pending) == (person.points, person.pending), person.key
            movements = uow.movements.page(member.id, before_id=None, limit=50, shown=Shown.ALL)
            notes = [movement.subject.name for movement in reversed(movements) if movement.subject is not None]
            at_once = [bought for bought in person.history if bought.channel != "online"]
            assert notes == [bought.note for bought in sorted(at_once, key=lambda one: -one.days_ago)]
        for shop in town.merchants:
            merchant = uow.merchants.named(shop.name.en)
            assert merchant is not None
            assert uow.earn_rules.of(merchant.id) == shop.rule
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0


def test_nobody_of_the_town_rises_or_is_warned_when_the_club_opens(database: Database, clock: FrozenClock) -> None:
    seed_town(database, clock())
    club = open_club(UnitFactory(database), clock, Random(7), Programme(), Language.ENGLISH)
    while club.tiers.review_due():
        pass
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0
        assert connection.execute(select(members.c.name, members.c.tier).order_by(members.c.id)).all()[:4] == [
            ("Ana", Tier.SILVER),
            ("小林", Tier.GOLD),
            ("美玲", Tier.SILVER),
            ("Bo", Tier.MEMBER),
        ]


def test_a_shop_lists_its_purchases_in_their_order(database: Database, clock: FrozenClock) -> None:
    seed_town(database, clock())
    with database.engine.connect() as connection:
        days = connection.execute(select(purchases.c.at).order_by(purchases.c.id)).scalars().all()
    assert len(days) == sum(len(person.history) for person in load_town().people)
    assert days == sorted(days)
