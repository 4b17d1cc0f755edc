"""A shop that books purchases, and what its customers have of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count, pairwise
from typing import Any

from sqlalchemy import delete, func, select, update

from loyalty.earning import EarnRule
from loyalty.members import Language, Member
from loyalty.points import Balance
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.earning import RecordedPurchase
from loyalty.services.refunds import RefundedPurchase
from loyalty.services.till import Booked, TillQuote
from storage.audit import audit
from storage.database import Database
from storage.members import members
from storage.merchants import staff
from storage.outbox import deliveries
from storage.schema import metadata
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, appoint, enrol


def know(database: Database, member: Member, *, card: str | None = None, phone: str | None = None) -> None:
    """What a till finds a member by."""
    values: dict[str, str] = {"card_code": card} if card else {}
    values |= {"phone": phone, "phone_ending": phone[-4:]} if phone else {}
    with database.engine.begin() as connection:
        connection.execute(update(members).where(members.c.id == member.id).values(**values))


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

    def cashier(self, name: str, shop_id: int | None = None) -> Member:
        """Of this shop, or of another."""
        member = enrol(self.units, name)
        appoint(self.units, shop_id or self.shop_id, member)
        return member

    def dismiss(self, cashier: Member) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(delete(staff).where(staff.c.member_id == cashier.id))

    def quotes(self, cashier: Member, customer: Member, given: str) -> TillQuote:
        return self.club.till.quote(cashier, self.shop_id, customer.id, given, 2)

    def sells(self, cashier: Member, customer: Member, given: str, nonce: str = "") -> Booked:
        """As a cashier does: the amount is typed, the question confirmed."""
        nonce = nonce or f"N{next(self._numbers):07}"
        return self.club.till.book(cashier, self.shop_id, customer.id, given, 2, nonce)

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

    def sends(self) -> None:
        """The courier takes all that waits."""
        with self.database.engine.begin() as connection:
            connection.execute(update(deliveries).where(deliveries.c.state == "queued").values(state="sent"))

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
