"""What moves the points of many at once: expiry, the release of pending points, warnings.

A sweep picks lots by an index, locks them and their owners' balances, and then writes each table in one statement. On
PostgreSQL rows that somebody holds are skipped: a sweep waits for nobody, and so cannot take part in a deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from loyalty.members import Tier
from loyalty.points import IN_KEY, Account, Kind
from loyalty.warnings import Expiring
from storage.books import balances, lot_entries, lots, postings, transactions
from storage.dialects import id_list, per_id_list
from storage.hold_sweeps import CAPTURE, CLUB, OPEN_HOLDS, POSTING, RELEASE, TRANSACTION, inserted
from storage.members import members
from storage.schema import Id, Instant
from storage.statements import Statement


def _due(moment: ColumnElement[datetime], points: ColumnElement[int]) -> Select[Any]:
    """Lots with points whose moment has come."""
    return (
        select(lots.c.id)
        .join_from(lots, balances, balances.c.member_id == lots.c.member_id)
        .where(points > 0, moment <= bindparam("at", type_=Instant))
        .order_by(moment, lots.c.id)
        .limit(bindparam("most", type_=Id))
        .with_for_update(skip_locked=True, of=[balances, lots])
    )


_ENTRY = ("transaction_id", "lot_id", "available", "held", "pending")


def _move_balances(available: ColumnElement[int], pending: ColumnElement[int]) -> Statement:
    """Adds to each balance what its lots among the ids give."""

    def build(among: Any) -> Any:
        sums = (
            select(
                lots.c.member_id,
                cast(func.sum(available), BigInteger).label("available"),
                cast(func.sum(pending), BigInteger).label("pending"),
            )
            .where(among(lots.c.id))
            .group_by(lots.c.member_id)
            .subquery()
        )
        return (
            update(balances)
            .where(balances.c.member_id == sums.c.member_id)
            .values(
                available=balances.c.available + sums.c.available,
                pending=balances.c.pending + sums.c.pending,
            )
        )

    return Statement(per_id_list("ids", build))


# Expiry: what is free of a lot goes to the account `expired` of whoever funded it.

_EXPIRED = Statement(_due(lots.c.expires_at, lots.c.available))
_expiry_key = literal("expire:") + cast(lots.c.id, String) + ":" + bindparam("moment", type_=String)
_with_expiry = lots.join(transactions, transactions.c.key == _expiry_key)
_EXPIRY = (
    inserted(
        transactions,
        TRANSACTION,
        lambda among: select(
            _expiry_key,
            literal(IN_KEY),
            literal(Kind.EXPIRE.value),
            literal("lot:") + cast(lots.c.id, String),
            literal(CLUB),
            cast(null(), Id),
            bindparam("at", type_=Instant),
        ).where(among(lots.c.id)),
    ),
    inserted(
        postings,
        POSTING,
        lambda among: (
            select(
                transactions.c.id,
                literal(Account.AVAILABLE.value),
                lots.c.member_id,
                cast(null(), Id),
                -lots.c.available,
            )
            .select_from(_with_expiry)
            .where(among(lots.c.id))
        ),
    ),
    inserted(
        postings,
        POSTING,
        lambda among: (
            select(
                transactions.c.id, literal(Account.EXPIRED.value), cast(null(), Id), lots.c.funder_id, lots.c.available
            )
            .select_from(_with_expiry)
            .where(among(lots.c.id))
        ),
    ),
    inserted(
        lot_entries,
        _ENTRY,
        lambda among: (
            select(transactions.c.id, lots.c.id, -lots.c.available, literal(0), literal(0))
            .select_from(_with_expiry)
            .where(among(lots.c.id))
        ),
    ),
    _move_balances(-lots.c.available, literal(0)),
    Statement(per_id_list("ids", lambda among: update(lots).where(among(lots.c.id)).values(available=0))),
)

# Release: what is pending of a lot becomes available, under the key of the award that opened it.

_UNPENDED = Statement(_due(lots.c.releases_at, lots.c.pending).where(balances.c.available >= 0))
_award = transactions.alias()
_opened = lot_entries.join(lots, lots.c.id == lot_entries.c.lot_id).join(
    _award, _award.c.id == lot_entries.c.transaction_id
)
_confirm_key = literal("confirm:") + cast(lot_entries.c.transaction_id, String)
_with_confirm = _opened.join(transactions, transactions.c.key == _confirm_key)


def _of_openings(among: Any, columns: Sequence[Any], source: FromClause = _with_confirm) -> Select[Any]:
    return select(*columns).select_from(source).where(among(lots.c.id), lot_entries.c.pending > 0)


_RELEASE = (
    inserted(
        transactions,
        TRANSACTION,
        lambda among: _of_openings(
            among,
            [
                _confirm_key,
                literal(IN_KEY),
                literal(Kind.CONFIRM.value),
                _award.c.cause,
                literal(CLUB),
                _award.c.merchant_id,
                bindparam("at", type_=Instant),
            ],
            _opened,
        ),
    ),
    inserted(
        postings,
        POSTING,
        lambda among: _of_openings(
            among,
            [
                transactions.c.id,
                literal(Account.PENDING.value),
                lots.c.member_id,
                cast(null(), Id),
                -lots.c.pending,
            ],
        ),
    ),
    inserted(
        postings,
        POSTING,
        lambda among: _of_openings(
            among,
            [transactions.c.id, literal(Account.AVAILABLE.value), lots.c.member_id, cast(null(), Id), lots.c.pending],
        ),
    ),
    inserted(
        lot_entries,
        _ENTRY,
        lambda among: _of_openings(among, [transactions.c.id, lots.c.id, lots.c.pending, literal(0), -lots.c.pending]),
    ),
    _move_balances(lots.c.pending, -lots.c.pending),
    Statement(
        per_id_list(
            "ids",
            lambda among: (
                update(lots).where(among(lots.c.id)).values(available=lots.c.available + lots.c.pending, pending=0)
            ),
        )
    ),
)
_UNCONFIRMED = Statement(
    select(lot_entries.c.transaction_id)
    .join_from(lots, balances, balances.c.member_id == lots.c.member_id)
    .join(lot_entries, lot_entries.c.lot_id == lots.c.id)
    .where(
        lots.c.pending > 0,
        lots.c.releases_at <= bindparam("at", type_=Instant),
        balances.c.available < 0,
        lot_entries.c.pending > 0,
    )
    .order_by(lots.c.releases_at, lots.c.id)
    .limit(bindparam("most", type_=Id))
)

# Warnings before expiry

_days = bindparam("days", type_=BigInteger)
_unwarned = (
    (lots.c.available > 0)
    & (lots.c.expires_at > bindparam("at", type_=Instant))
    & (lots.c.expires_at <= bindparam("until", type_=Instant))
    & or_(lots.c.warned_days.is_(None), lots.c.warned_days > _days)
)
_TO_WARN = Statement(
    select(lots.c.member_id).where(_unwarned).group_by(lots.c.member_id).limit(bindparam("most", type_=Id))
)
_EXPIRING = Statement(
    per_id_list(
        "ids",
        lambda among: (
            select(
                lots.c.member_id,
                members.c.timezone,
                members.c.tier,
                lots.c.expires_at,
                cast(func.sum(lots.c.available), BigInteger),
            )
            .join_from(lots, members, members.c.id == lots.c.member_id)
            .where(_unwarned, among(lots.c.member_id))
            .group_by(lots.c.member_id, members.c.timezone, members.c.tier, lots.c.expires_at)
            .order_by(lots.c.member_id, lots.c.expires_at)
        ),
    )
)
_WARNED = Statement(
    per_id_list(
        "ids",
        lambda among: update(lots).where(_unwarned, among(lots.c.member_id)).values(warned_days=_days),
    )
)

_FREE = Statement(
    per_id_list(
        "ids",
        lambda among: (
            select(balances.c.member_id)
            .where(among(balances.c.member_id))
            .order_by(balances.c.member_id)
            .with_for_update(skip_locked=True)
        ),
    )
)


class SqlSweeps:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def expire(self, at: datetime, limit: int) -> int:
        return self._sweep(_EXPIRED, _EXPIRY, at, limit, moment=at.isoformat())

    def confirm(self, at: datetime, limit: int) -> int:
        return self._sweep(_UNPENDED, _RELEASE, at, limit)

    def unconfirmed(self, at: datetime, limit: int) -> Sequence[int]:
        return [row[0] for row in _UNCONFIRMED.rows(self._connection, {"at": at, "most": limit})]

    def to_warn(self, at: datetime, until: datetime, days: int, limit: int) -> Sequence[int]:
        values = {"at": at, "until": until, "days": days, "most": limit}
        return [row[0] for row in _TO_WARN.rows(self._connection, values)]

    def expiring(self, member_ids: Sequence[int], at: datetime, until: datetime, days: int) -> Sequence[Expiring]:
        values = {"ids": id_list(self._connection, member_ids), "at": at, "until": until, "days": days}
        return [
            Expiring(member_id, timezone, Tier(tier), lot_at, points)
            for member_id, timezone, tier, lot_at, points in _EXPIRING.rows(self._connection, values)
        ]

    def mark_warned(self, member_ids: Sequence[int], at: datetime, until: datetime, days: int) -> None:
        values = {"ids": id_list(self._connection, member_ids), "at": at, "until": until, "days": days}
        _WARNED.run(self._connection, values)

    def lock_free(self, member_ids: Sequence[int]) -> set[int]:
        return {row[0] for row in _FREE.rows(self._connection, {"ids": id_list(self._connection, member_ids)})}

    def release_holds(self, hold_ids: Sequence[int], at: datetime, grace_until: datetime) -> Sequence[int]:
        found = self._open_holds(hold_ids)
        above = [hold_id for hold_id, available in found if available >= 0]
        self._write(RELEASE, above, at=at, grace_until=grace_until)
        return [hold_id for hold_id, available in found if available < 0]

    def capture_holds(self, hold_ids: Sequence[int], at: datetime, merchant_id: int) -> int:
        found = [hold_id for hold_id, _ in self._open_holds(hold_ids)]
        self._write(CAPTURE, found, at=at, merchant_id=merchant_id)
        return len(found)

    def _open_holds(self, hold_ids: Sequence[int]) -> Sequence[tuple[int, int]]:
        return OPEN_HOLDS.rows(self._connection, {"ids": id_list(self._connection, hold_ids)})

    def _sweep(self, due: Statement, steps: Sequence[Statement], at: datetime, limit: int, **more: Any) -> int:
        found = [row[0] for row in due.rows(self._connection, {"at": at, "most": limit})]
        self._write(steps, found, at=at, **more)
        return len(found)

    def _write(self, steps: Sequence[Statement], ids: Sequence[int], **values: Any) -> None:
        if not ids:
            return
        values["ids"] = id_list(self._connection, ids)
        for step in steps:
            step.run(self._connection, values)
