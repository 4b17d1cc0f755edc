"""People with points who buy together, at the level of the services."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update

from loyalty.errors import Refusal
from loyalty.group_buys import Group
from loyalty.members import Address, Member
from loyalty.services import Club
from storage.audit import audit
from storage.database import Database
from storage.group_buys import choices, deals
from storage.outbox import deliveries
from storage.vouchers import vouchers
from tests.kit.books import check_books

POINTS = 500
PRICE = 240
NONCE = "ABCDEFGH"
_numbers = itertools.count()


def enrol(club: Club, number: int, points: int = POINTS) -> Member:
    member = club.members.enrol(Address("telegram", str(number)), name=f"P{number}", client_language="en").member
    if points:
        club.operators.adjust(member.id, points, "test", key=f"test:{number}", actor="test")
    return member


def members_of(club: Club, count: int, points: int = POINTS) -> list[Member]:
    return [enrol(club, number, points) for number in range(1, count + 1)]


def group_of(club: Club, deal_id: int, *people: Member) -> Group:
    """An open group; the first of them leads it."""
    first, *others = people
    group_id = club.group_buys.open(first, deal_id, f"{next(_numbers):08}").group.id
    for member in others:
        club.group_buys.join(member, group_id)
    return club.group_buys.group(group_id).group


async def all_at_once(database: Database, calls: Sequence[Callable[[], object]]) -> list[object]:
    return await asyncio.gather(*(database.run(call) for call in calls), return_exceptions=True)


def only_refusals(outcomes: list[object]) -> list[Refusal]:
    """What was turned down; nothing else may have gone wrong."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Refusal)]


def balance_of(club: Club, member: Member) -> int:
    return club.points.balance(member.id).available


def change_deal(database: Database, deal_id: int, **values: Any) -> None:
    """As its shop would."""
    with database.engine.begin() as connection:
        connection.execute(update(deals).where(deals.c.id == deal_id).values(values))


def told(database: Database, kind: str) -> list[Any]:
    """The notices of a kind, by member."""
    query = select(deliveries).where(deliveries.c.kind == kind).order_by(deliveries.c.member_id, deliveries.c.id)
    with database.engine.connect() as connection:
        return list(connection.execute(query))


def chosen(database: Database, group_id: int) -> dict[int, str | None]:
    """What each participant of a group chose."""
    query = select(choices.c.member_id, choices.c.choice).where(choices.c.group_id == group_id)
    with database.engine.connect() as connection:
        return {row.member_id: row.choice for row in connection.execute(query)}


def vouchers_of(database: Database, member: Member) -> list[Any]:
    with database.engine.connect() as connection:
        return list(connection.execute(select(vouchers).where(vouchers.c.member_id == member.id)))


def check(database: Database) -> None:
    """The books and the audit."""
    check_books(database)
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []
