"""What people are shown of the ledger: pages, explanations, statements. Everything here only reads.

A page walks `ix_postings_movements` backwards from where it begins, whatever it shows; what does not belong to it is
passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    not_,
    or_,
    select,
)

from loyalty.movements import LotPart, Movement, Shown, Standing, Subject, Totals, Why, totals
from loyalty.movements import Statement as MonthStatement
from loyalty.points import Account, Balance, Kind
from loyalty.ports.movements import MONTHS
from loyalty.purchases import Money
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.group_buys import deals, groups
from storage.members import members
from storage.merchants import merchants
from storage.purchases import purchases
from storage.rewards import rewards
from storage.schema import Id, Instant
from storage.statements import Statement

FIRST_ID = 2**62  # above every id: where a listing that is newest first begins
DIGITS = "0123456789"


def _number(noun: str) -> ColumnElement[int]:
    """The 7 of a cause like "reward:7"; null for other causes."""
    rest = func.substr(transactions.c.cause, len(noun) + 2)
    is_number = and_(transactions.c.cause.like(f"{noun}:_%"), func.ltrim(rest, DIGITS) == "")
    return case((is_number, cast(rest, BigInteger)))


def with_names(source: FromClause) -> FromClause:
    """Joins what transactions mean: shop, reward, group buy, purchase. What narrows `source` down comes first in it: so
    many tables PostgreSQL joins in the order in which they are written."""
    return (
        source.join(merchants, merchants.c.id == transactions.c.merchant_id, isouter=True)
        .join(rewards, rewards.c.id == _number("reward"), isouter=True)
        .join(groups, groups.c.id == _number("group"), isouter=True)
        .join(deals, deals.c.id == func.coalesce(groups.c.deal_id, _number("deal")), isouter=True)
        .join(purchases, purchases.c.id == _number("purchase"), isouter=True)
    )


def names(*also: ColumnElement[str]) -> tuple[ColumnElement[Any], ...]:
    """The columns that `as_named` reads, out of `with_names`; `also` may name the subject, too."""
    return (
        merchants.c.name,
        merchants.c.translations,
        func.coalesce(rewards.c.name, deals.c.title, *also, purchases.c.note).label("subject"),
        func.coalesce(rewards.c.translations, deals.c.translations).label("subject_translations"),
        purchases.c.amount_minor,
        purchases.c.currency,
        purchases.c.receipt,
    )


_others = postings.alias("others")
_people = members.alias("people")
_of_the_other = and_(
    transactions.c.kind == Kind.TRANSFER.value,
    _others.c.transaction_id == transactions.c.id,
    _others.c.account == Account.AVAILABLE.value,
    _others.c.member_id != postings.c.member_id,
)
_POSTED = postings.join(transactions, transactions.c.id == postings.c.transaction_id)
_MOVEMENT = (
    postings.c.id,
    transactions.c.kind,
    postings.c.amount,
    transactions.c.cause,
    transactions.c.at,
    *names(_people.c.name),
)
COLUMNS = len(_MOVEMENT)


def _movements(*more: Any, source: FromClause = _POSTED) -> Select[Any]:
    """The movements of `source`, with the names of what they mean."""
    named = (
        with_names(source)
        .join(_others, _of_the_other, isouter=True)
        .join(_people, _people.c.id == _others.c.member_id, isouter=True)
    )
    return select(*_MOVEMENT, *more).select_from(named)


def _of_kind(*kinds: Kind) -> ColumnElement[bool]:
    return or_(*(transactions.c.kind == kind.value for kind in kinds))


# As loyalty.movements.share says it.
_is_expired = _of_kind(Kind.EXPIRE)
_is_earned = or_(
    _of_kind(Kind.EARN, Kind.CONFIRM, Kind.COMMISSION, Kind.REFUND),
    and_(_of_kind(Kind.ADJUST, Kind.TRANSFER), postings.c.amount > 0),
    and_(_of_kind(Kind.REVERSE), postings.c.amount < 0),
)
_share = case((_is_expired, Shown.EXPIRED.value), (_is_earned, Shown.EARNED.value), else_=Shown.SPENT.value)
_is_movement = and_(
    postings.c.account == Account.AVAILABLE.value, postings.c.member_id == bindparam("member_id", type_=Id)
)
_PAGE_OF_ALL = (
    _movements()
    .where(_is_movement, postings.c.id < bindparam("before_id", type_=Id))
    .order_by(postings.c.id.desc())
    .limit(bindparam("most", type_=Id))
)
_PAGES = {
    Shown.ALL: Statement(_PAGE_OF_ALL),
    Shown.EARNED: Statement(_PAGE_OF_ALL.where(_is_earned)),
    Shown.SPENT: Statement(_PAGE_OF_ALL.where(not_(_is_earned), not_(_is_expired))),
    Shown.EXPIRED: Statement(_PAGE_OF_ALL.where(_is_expired)),
}

# How a member stands


def _next(points: str, moment: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first moment at which something happens to a member's points of a kind, and to how many of them."""
    own = and_(lots.c.member_id == balances.c.member_id, lots.c[points] > 0, lots.c[moment].is_not(None))
    first = select(func.min(lots.c[moment])).where(own).correlate(balances).scalar_subquery()
    then = lots.alias()
    at_first = and_(then.c.member_id == balances.c.member_id, then.c[points] > 0, then.c[moment] == first)
    many = select(func.sum(then.c[points])).where(at_first).correlate(balances).scalar_subquery()
    return first, many


_expires_at, _expiring = _next("available", "expires_at")
_releases_at, _releasing = _next("pending", "releases_at")
_has_pending = balances.c.pending > 0
_STANDING = Statement(
    select(
        balances.c.available,
        balances.c.held,
        balances.c.pending,
        balances.c.floor,
        balances.c.owed,
        _expires_at.label("expires_at"),
        _expiring.label("expiring"),
        case((_has_pending, _releases_at)).label("releases_at"),
        case((_has_pending, _releasing)).label("releasing"),
    ).where(balances.c.member_id == bindparam("member_id", type_=Id))
)

# Why

_until_then = postings.alias("until_then")
_balance_after = (
    select(func.coalesce(func.sum(_until_then.c.amount), 0))
    .where(
        _until_then.c.account == Account.AVAILABLE.value,
        _until_then.c.member_id == postings.c.member_id,
        _until_then.c.id <= postings.c.id,
    )
    .correlate(postings)
    .scalar_subquery()
)
_later = transactions.alias("later")
_reversed_by = (
    select(_later.c.id).where(_later.c.reverses_id == transactions.c.id).correlate(transactions).scalar_subquery()
)
_given_back = postings.alias("given_back")
_refunded = (
    select(func.coalesce(func.sum(_given_back.c.amount), 0))
    .join_from(_later, _given_back, _given_back.c.transaction_id == _later.c.id)
    .where(
        _later.c.refunds_id == transactions.c.id,
        or_(_given_back.c.account == Account.ISSUED.value, _given_back.c.account == Account.FUNDING.value),
    )
    .correlate(transactions)
    .scalar_subquery()
)
_hold_state = (
    select(holds.c.state).where(holds.c.opened_by == transactions.c.id).correlate(transactions).scalar_subquery()
)
_WHY = Statement(
    _movements(
        postings.c.member_id,
        postings.c.account,
        transactions.c.id.label("transaction_id"),
        transactions.c.actor,
        _balance_after.label("balance_after"),
        transactions.c.reverses_id,
        transactions.c.refunds_id,
        _reversed_by.label("reversed_by"),
        _refunded.label("refunded"),
        _hold_state.label("hold_state"),
    ).where(postings.c.id == bindparam("movement_id", type_=Id), postings.c.member_id.is_not(None))
)
# The lots that a transaction moved, each with what opened it: its first entry, and that transaction's posting.
_entries = lot_entries.alias("moved")
_first = lot_entries.alias("first")
_funders = merchants.alias("funders")
_opened_by = select(func.min(_first.c.transaction_id)).where(_first.c.lot_id == lots.c.id).correlate(lots)
_PARTS = Statement(
    _movements(
        _entries.c.available,
        _entries.c.held,
        _entries.c.pending,
        (lot_entries.c.available + lot_entries.c.pending).label("began_with"),
        lots.c.expires_at,
        (lots.c.available + lots.c.held + lots.c.pending).label("left"),
        _funders.c.name.label("funder"),
        _funders.c.translations.label("funder_translations"),
        source=_entries.join(lots, lots.c.id == _entries.c.lot_id)
        .join(
            lot_entries,
            and_(lot_entries.c.lot_id == lots.c.id, lot_entries.c.transaction_id == _opened_by.scalar_subquery()),
        )
        .join(transactions, transactions.c.id == lot_entries.c.transaction_id)
        .join(postings, postings.c.transaction_id == transactions.c.id)
        .join(_funders, _funders.c.id == lots.c.funder_id, isouter=True),
    )
    .where(
        _entries.c.transaction_id == bindparam("transaction_id", type_=Id),
        lots.c.member_id == bindparam("member_id", type_=Id),
        postings.c.member_id == lots.c.member_id,
        or_(postings.c.account == Account.AVAILABLE.value, postings.c.account == Account.PENDING.value),
        postings.c.amount > 0,
    )
    .order_by(lots.c.expires_at, lots.c.id)
)
# What has left the lots of a transaction. What came back counts as less of the kind that it undoes.
_undone = transactions.alias("undone")
_gone = lot_entries.c.available + lot_entries.c.held + lot_entries.c.pending
_gone_by = case((_gone > 0, _undone.c.kind), else_=transactions.c.kind)
_SPENT = Statement(
    select(_gone_by.label("gone_by"), cast(-func.sum(_gone), BigInteger))
    .select_from(
        _entries.join(lots, lots.c.id == _entries.c.lot_id)
        .join(lot_entries, lot_entries.c.lot_id == lots.c.id)
        .join(transactions, transactions.c.id == lot_entries.c.transaction_id)
        .join(_undone, _undone.c.id == transactions.c.reverses_id, isouter=True)
    )
    .where(
        _entries.c.transaction_id == bindparam("transaction_id", type_=Id),
        lots.c.member_id == bindparam("member_id", type_=Id),
        lot_entries.c.transaction_id > _opened_by.scalar_subquery(),
        _gone != 0,
    )
    .group_by("gone_by")
)

# Statements

_BEFORE = Statement(
    select(cast(func.coalesce(func.sum(postings.c.amount), 0), BigInteger))
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(_is_movement, transactions.c.at < bindparam("since", type_=Instant))
)
_MONTH = Statement(
    _movements()
    .where(
        _is_movement,
        transactions.c.at >= bindparam("since", type_=Instant),
        transactions.c.at < bindparam("until", type_=Instant),
    )
    .order_by(transactions.c.at, postings.c.id)
)
_month = case(
    *((transactions.c.at < bindparam(f"edge_{number}", type_=Instant), number - 1) for number in range(1, MONTHS)),
    else_=MONTHS - 1,
)
_MONTHS = Statement(
    select(_month.label("month"), _share.label("share"), cast(func.sum(postings.c.amount), BigInteger))
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        _is_movement,
        transactions.c.at >= bindparam("edge_0", type_=Instant),
        transactions.c.at < bindparam(f"edge_{MONTHS}", type_=Instant),
    )
    .group_by("month", "share")
)


class SqlMovements:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, member_id: int, *, before_id: int | None, limit: int, shown: Shown) -> Sequence[Movement]:
        values = {"member_id": member_id, "before_id": before_id or FIRST_ID, "most": limit}
        return [_as_movement(row) for row in _PAGES[shown].rows(self._connection, values)]

    def standing(self, member_id: int) -> Standing:
        row = _STANDING.row(self._connection, {"member_id": member_id})
        if row is None:
            return Standing(Balance())
        *balance, expires_at, expiring, releases_at, releasing = row
        return Standing(
            balance=Balance(*balance),
            expires_next=None if expires_at is None else (expires_at, int(expiring)),
            releases_next=None if releases_at is None else (releases_at, int(releasing)),
        )

    def why(self, movement_id: int) -> Why | None:
        row = _WHY.row(self._connection, {"movement_id": movement_id})
        if row is None:
            return None
        movement = _as_movement(row)
        member_id, account, transaction_id, actor, balance_after, reverses_id, refunds_id, *rest = row[COLUMNS:]
        reversed_by, refunded, hold_state = rest
        values = {"transaction_id": transaction_id, "member_id": member_id}
        parts = tuple(_as_part(part, account) for part in _PARTS.rows(self._connection, values))
        why = Why(
            movement=movement,
            member_id=member_id,
            transaction_id=transaction_id,
            actor=actor,
            balance_after=int(balance_after),
            parts=tuple(part for part in parts if part.points),
            filled=max(0, movement.amount - sum(part.points for part in parts)),
            reverses_id=reverses_id,
            refunds_id=refunds_id,
            reversed_by=reversed_by,
            refunded=int(refunded),
            hold_state=hold_state,
        )
        if not why.opened_lots:
            return why
        gone = _SPENT.rows(self._connection, values)
        return replace(why, spent={Kind(kind): points for kind, points in gone if points})

    def month(self, member_id: int, since: datetime, until: datetime) -> MonthStatement:
        values = {"member_id": member_id, "since": since, "until": until}
        before = _BEFORE.row(self._connection, {"member_id": member_id, "since": since})[0]
        found = tuple(_as_movement(row) for row in _MONTH.rows(self._connection, values))
        return MonthStatement(since, until, before, found)

    def months(self, member_id: int, edges: Sequence[datetime]) -> Sequence[Totals]:
        values = {"member_id": member_id} | {f"edge_{number}": edge for number, edge in enumerate(edges)}
        by_month: dict[int, list[tuple[Shown, int]]] = defaultdict(list)
        for month, shown, amount in _MONTHS.rows(self._connection, values):
            by_month[month].append((Shown(shown), amount))
        return [totals(by_month[number]) for number in range(MONTHS)]


def _as_movement(row: Any) -> Movement:
    movement_id, kind, amount, cause, at, *named = row[:COLUMNS]
    return Movement(movement_id, Kind(kind), amount, cause, at, *as_named(named))


def _as_part(row: Any, account: str) -> LotPart:
    available, held, pending, began_with, expires_at, left, funder, translations = row[COLUMNS:]
    origin = _as_movement(row)
    return LotPart(
        points={Account.AVAILABLE: available, Account.HELD: held, Account.PENDING: pending}[Account(account)],
        expires_at=expires_at,
        opened_at=origin.at,
        origin=replace(origin, amount=began_with),
        funder=_as_subject(funder, translations),
        left=left,
    )


def as_named(cells: Sequence[Any]) -> tuple[Subject | None, Subject | None]:
    """The merchant and the subject, out of the columns of `names`."""
    merchant, translations, *subject = cells
    return _as_subject(merchant, translations), _as_subject(*subject)


def _as_subject(
    name: str | None,
    translations: Any,
    amount_minor: int | None = None,
    currency: str | None = None,
    receipt: str | None = None,
) -> Subject | None:
    if name is None:
        return None
    price = None if amount_minor is None or currency is None else Money(amount_minor, currency)
    return Subject(name, translations or {}, price, receipt)
