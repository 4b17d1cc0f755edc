from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, distinct, func, select

from loyalty.claims import NUMBER
from loyalty.deliveries import DeliveryState
from loyalty.members import Topic
from loyalty.points import Account
from loyalty.statistics import ClubFigures, DayFigures
from loyalty.vouchers import VoucherState
from storage.books import balances, postings, transactions
from storage.group_buys import groups
from storage.members import addresses, consents, members
from storage.outbox import deliveries
from storage.referrals import referrals
from storage.vouchers import vouchers

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)


class SqlStatistics:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def club(self, at: datetime) -> ClubFigures:
        """One statement: each figure a scalar of its own."""
        figures: dict[str, ColumnElement[int]] = {
            "members": _count(distinct(addresses.c.member_id)),
            "members_new": _count(members.c.id, members.c.joined_at >= at - WEEK),
            "members_active": select(func.count(distinct(postings.c.member_id)))
            .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
            .where(transactions.c.at >= at - MONTH)
            .scalar_subquery(),
            "members_unreachable": _count(
                addresses.c.member_id, ~addresses.c.is_reachable, addresses.c.channel != NUMBER
            ),
            "consents_offers": _count(consents.c.member_id, consents.c.topic == Topic.OFFERS.value),
            "points_available": _sum(balances.c.available),
            "points_held": _sum(balances.c.held),
            "points_earned": -_sum(
                postings.c.amount,
                postings.c.account.in_([Account.ISSUED.value, Account.FUNDING.value]),
            ),
            "points_redeemed": _sum(postings.c.amount, postings.c.account == Account.REDEEMED.value),
            "points_expired": _sum(postings.c.amount, postings.c.account == Account.EXPIRED.value),
            "vouchers_issued": _count(vouchers.c.id),
            "vouchers_used": _count(vouchers.c.id, vouchers.c.state == VoucherState.USED.value),
            "groups_open": _count(groups.c.id, groups.c.state == "open"),
            "groups_filled": _count(groups.c.id, groups.c.state == "filled"),
            "referrals": _count(referrals.c.referee_id),
            "referrals_qualified": _count(referrals.c.referee_id, referrals.c.qualified_at.is_not(None)),
            "deliveries_queued": _count(deliveries.c.id, deliveries.c.state == DeliveryState.QUEUED.value),
        }
        row = self._connection.execute(select(*(figure.label(name) for name, figure in figures.items()))).one()
        return ClubFigures(**{name: int(value) for name, value in row._mapping.items()})

    def days(self, since: datetime, until: datetime) -> Sequence[tuple[date, DayFigures]]:
        moved = select(
            self._day(transactions.c.at).label("day"),
            func.sum(case((postings.c.amount > 0, postings.c.amount), else_=0)).label("earned"),
            func.sum(case((postings.c.amount < 0, -postings.c.amount), else_=0)).label("spent"),
        ).join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
        moved = moved.where(
            and_(
                postings.c.account == Account.AVAILABLE.value,
                transactions.c.at >= since,
                transactions.c.at < until,
            )
        ).group_by("day")
        joined = (
            select(self._day(members.c.joined_at).label("day"), func.count().label("members_new"))
            .where(members.c.joined_at >= since, members.c.joined_at < until)
            .group_by("day")
        )
        days: dict[str, DayFigures] = {}
        for day, earned, spent in self._connection.execute(moved):
            days[day] = DayFigures(int(earned), int(spent))
        for day, members_new in self._connection.execute(joined):
            figures = days.get(day, DayFigures())
            days[day] = DayFigures(figures.earned, figures.spent, members_new)
        return [(date.fromisoformat(day), days[day]) for day in sorted(days)]

    def _day(self, instant: ColumnElement[datetime]) -> ColumnElement[str]:
        if self._is_sqlite:
            return func.strftime("%Y-%m-%d", instant)
        return func.to_char(func.timezone("UTC", instant), "YYYY-MM-DD")


def _count(column: ColumnElement[int], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(column)).where(*conditions).scalar_subquery()


def _sum(column: ColumnElement[int], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.coalesce(func.sum(column), 0)).where(*conditions).scalar_subquery()
