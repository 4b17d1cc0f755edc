"""The ledger's steps in words, for the page docs/ledger.md: each says which postings it has written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from loyalty.errors import Refusal
from loyalty.points import Hold, RefundPolicy
from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.services.points import PointsService
from storage.books import balances, lots, postings, transactions
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, enrol


class Bookkeeper:
    """One club with Ana, Bo and the shop Corner; it is noon on 1 May 2026, UTC."""

    def __init__(self, database: Database) -> None:
        self._database, self._units, self._clock = database, UnitFactory(database), FrozenClock()
        self._programme = Programme()
        self._people = {name: enrol(self._units, name).id for name in ("Ana", "Bo")}
        self._shops = {"Corner": add_merchant(self._units, "Corner")}
        self._keys = count(1)
        self._told = 0

    def words(self) -> dict[str, Callable[..., Any]]:
        names = (
            "earn", "confirm", "spend", "hold", "capture", "release", "refund", "reverse", "transfer", "agree_credit",
            "expire", "release_due", "wait", "balance", "lots", "clamp_refunds",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def earn(self, who: str, points: int, *, at: str | None = None, pending_days: int | None = None) -> Any:
        releases_at = None if pending_days is None else self._clock() + timedelta(days=pending_days)
        return self._step(
            lambda uow, facts: (
                ledger.award(
                    uow,
                    self._programme,
                    self._people[who],
                    points,
                    funder_id=None if at is None else self._shops[at],
                    releases_at=releases_at,
                    **facts,
                ).transaction_id
            )
        )

    def confirm(self, award: int) -> None:
        self._step(lambda uow, facts: ledger.confirm(uow, award, actor="page", at=facts["at"]) and None)

    def spend(self, who: str, points: int, *, at: str | None = None) -> Any:
        shop = None if at is None else self._shops[at]
        return self._step(
            lambda uow, facts: ledger.spend(uow, self._people[who], points, merchant_id=shop, **facts).transaction_id
        )

    def hold(self, who: str, points: int) -> Any:
        return self._step(lambda uow, facts: ledger.hold(uow, self._people[who], points, **facts))

    def capture(self, held: Hold, *, at: str | None = None) -> None:
        shop = None if at is None else self._shops[at]
        self._step(
            lambda uow, facts: ledger.capture(uow, held.id, actor="page", at=facts["at"], merchant_id=shop) and None
        )

    def release(self, held: Hold) -> None:
        self._step(
            lambda uow, facts: ledger.release(uow, self._programme, held.id, actor="page", at=facts["at"]) and None
        )

    def refund(self, award: int, points: int) -> None:
        self._step(lambda uow, facts: ledger.refund(uow, self._programme, award, points, **facts) and None)

    def reverse(self, transaction: int) -> None:
        self._step(
            lambda uow, facts: ledger.reverse(uow, self._programme, transaction, actor="page", at=facts["at"]) and None
        )

    def transfer(self, sender: str, receiver: str, points: int) -> None:
        people = self._people
        self._step(lambda uow, facts: ledger.transfer(uow, people[sender], people[receiver], points, **facts) and None)

    def agree_credit(self, who: str, points: int) -> None:
        self._step(lambda uow, _facts: ledger.set_credit(uow, self._people[who], points))

    def expire(self) -> None:
        PointsService(self._units, self._clock, self._programme).expire_due()
        self._tell()

    def release_due(self) -> None:
        PointsService(self._units, self._clock, self._programme).confirm_due()
        self._tell()

    def clamp_refunds(self) -> None:
        self._programme = replace(self._programme, refund_policy=RefundPolicy.CLAMP_TO_ZERO)

    def wait(self, days: int) -> None:
        self._clock.advance(days=days)

    def balance(self, who: str) -> str:
        with self._database.engine.connect() as connection:
            row = connection.execute(select(balances).where(balances.c.member_id == self._people[who])).one()
        parts = {"available": row.available, "held": row.held, "pending": row.pending, "owed": row.owed}
        return ", ".join(f"{name} {points}" for name, points in parts.items() if points or name == "available")

    def lots(self, who: str) -> list[tuple[str, int]]:
        """The last day on which each lot counts, and what is free of it."""
        query = select(lots).where(lots.c.member_id == self._people[who], lots.c.available > 0)
        with self._database.engine.connect() as connection:
            rows = connection.execute(query.order_by(lots.c.expires_at, lots.c.id))
            return [(f"{row.expires_at - timedelta(seconds=1):%Y-%m-%d}", row.available) for row in rows]

    def _step(self, step: Callable[[SqlUnitOfWork, dict[str, Any]], Any]) -> Any:
        facts = {"key": f"page:{next(self._keys)}", "cause": "page", "actor": "page", "at": self._clock()}
        try:
            with self._units() as uow:
                result = step(uow, facts)
                uow.commit()
        except Refusal as refusal:
            print(f"refused: {type(refusal).__name__}")  # noqa: T201 - a page shows what a step says
            return None
        self._tell()
        return result

    def _tell(self) -> None:
        """The postings since the last time, a line for each transaction."""
        names = {member_id: name for name, member_id in self._people.items()}
        shops = {merchant_id: name for name, merchant_id in self._shops.items()}
        query = (
            select(transactions.c.id, transactions.c.kind, postings)
            .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
            .where(transactions.c.id > self._told)
            .order_by(transactions.c.id, postings.c.id)
        )
        lines: dict[int, list[str]] = {}
        with self._database.engine.connect() as connection:
            for row in connection.execute(query):
                owner = names.get(row.member_id) or shops.get(row.merchant_id) or "club"
                lines.setdefault(row.transaction_id, [row.kind]).append(f"{owner} {row.account} {row.amount:+}")
        for transaction_id, (kind, *moved) in lines.items():
            self._told = transaction_id
            print(f"{kind}: {', '.join(moved)}")  # noqa: T201
