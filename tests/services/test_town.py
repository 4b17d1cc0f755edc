"""The town as it is seeded: everybody has what the shops' rules made of their purchases."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.seed import CHANNEL, seed_town
from bot.town import load_town
from loyalty.members import Address
from loyalty.movements import Shown
from storage.audit import audit
from storage.database import Database
from storage.outbox import deliveries
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
            numbers = [int(movement.cause.removeprefix("purchase:")) for movement in movements]
            notes = [uow.purchases.subjects(numbers)[number].name for number in reversed(numbers)]
            at_once = [bought for bought in person.history if bought.channel != "online"]
            assert notes == [bought.note for bought in sorted(at_once, key=lambda one: -one.days_ago)]
        for shop in town.merchants:
            merchant = uow.merchants.named(shop.name.en)
            assert merchant is not None
            assert uow.earn_rules.of(merchant.id) == shop.rule
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 0
