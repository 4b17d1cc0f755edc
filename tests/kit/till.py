"""A shop that books purchases, and what its customers have of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count, pairwise
from typing import Any

from sqlalchemy import func, select

from loyalty.earning import EarnRule
from loyalty.members import Language, Member
from loyalty.points import Balance
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.earning import RecordedPurchase
from loyalty.services.refunds import RefundedPurchase
from storage.audit import audit
from storage.database import Database
from storage.outbox import deliveries
from storage.schema import metadata
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, enrol


class Till:
    """Of a shop that gives a point for each euro, until it gets another rule."""

    def __init__(self, database: Database, clock: FrozenClock, **programme: Any) -> None:
        self.database, self.clock = database, clock
        self.units = UnitFactory(database)
        self.programme = Programme(**programme)
        self.club: Club = open_club(self.units, clock, random.Random(7), self.programme, Language.ENGLISH)
        self.shop_id = add_merchant(self.units, "Corner")
        self.club.purchases.set_rule(self.shop_id, EarnRule())
        self._numbers = count(1)

    def rule(self, **facts: Any) -> None:
        self.club.purchases.set_rule(self.shop_id, EarnRule(**facts))

    def customers(self, *names: str) -> Sequence[Member]:
        return [enrol(self.units, name) for name in names]

    def refers(self, *chain: Member) -> None:
        """Each has brought the next."""
        with self.units() as uow:
            for referrer, referee in pairwise(chain):
                assert uow.referrals.bind(referrer.id, referee.id, self.clock())
            uow.commit()

    def books(self, member: Member, amount_minor: int, **facts: Any) -> RecordedPurchase:
        facts = {"key": f"till:{next(self._numbers)}", "actor": "test", **facts}
        return self.club.purchases.record(member.id, self.shop_id, amount_minor, **facts)

    def refunds(self, of: RecordedPurchase, amount_minor: int, key: str = "") -> RefundedPurchase:
        key = key or f"back:{next(self._numbers)}"
        return self.club.purchases.refund(of.purchase.id, amount_minor, key=key, actor="test")

    def spends(self, member: Member, points: int) -> None:
        key = f"spent:{next(self._numbers)}"
        self.club.operators.adjust(member.id, -points, "test", key=key, actor="test")

    def balance(self, member: Member) -> Balance:
        return self.club.points.balance(member.id)

    def told(self, member: Member) -> list[str]:
        """The kinds of messages to a member, in order."""
        with self.database.engine.connect() as connection:
            query = select(deliveries.c.kind).where(deliveries.c.member_id == member.id).order_by(deliveries.c.id)
            return list(connection.execute(query).scalars())

    def count(self) -> dict[str, int]:
        """How many rows every table has."""
        with self.database.engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []
