"""Recomputes the ledger from its append-only rows, and names what does not hold.

Each pass is one grouped statement over a range of ids that answers with suspicious rows only, so that memory stays
bounded however long the books are; each check says of such a row what is wrong with it. A statement sees one moment of
the database, so the club may go on while it is audited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, TextClause

from loyalty.points import Kind
from storage.audit_queries import COUNTS, HIGHEST, HOLDS, LOTS, MEMBERS, REFUNDS, REVERSALS, TRANSACTIONS

RANGE = 20_000  # ids per statement
# Postings and lots are not ordered by member: each range of members reads all of them, so these ranges grow instead.
MEMBER_RANGES_MAX = 16
FAULTS_SHOWN = 20
_BEFORE_ALL, _AFTER_ALL = -(2**62), 2**62
_KINDS = frozenset(Kind)

Progress = Callable[[int, int], None]
Fault = Callable[[Row[Any]], str | None]
Span = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: the first faults, each with the id of what it is about, and how many there are."""

    check: str
    faults: tuple[str, ...] = ()  # at most FAULTS_SHOWN
    faulty_count: int = 0

    @property
    def holds(self) -> bool:
        return self.faulty_count == 0


def audit(connection: Connection, progress: Progress | None = None, *, step: int = RANGE) -> list[Finding]:
    """A finding per check, in the order of CHECKS. `progress` hears how many of how many ranges are done."""
    highest = highest_ids(connection)
    work = [(each, span) for each in _PASSES for span in spans(each.over, highest, step)]
    found = {check: _Faults() for check in CHECKS}
    for done, (each, span) in enumerate(work, start=1):
        for row in connection.execute(each.statement, span):
            for check, fault in each.checks.items():
                said = fault(row)
                if said is not None:
                    found[check].add(f"{row.id}: {said}")
        if progress is not None:
            progress(done, len(work))
    return [Finding(check, tuple(faults.shown), faults.count) for check, faults in found.items()]


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows the books have, by table."""
    return {table: int(count) for table, count in connection.execute(COUNTS).one()._mapping.items()}


def highest_ids(connection: Connection) -> dict[str, int]:
    """The highest id of each table that is walked in ranges, 0 where it is empty."""
    return {table: number or 0 for table, number in connection.execute(HIGHEST).one()._mapping.items()}


def spans(table: str, highest: Mapping[str, int], step: int = RANGE) -> list[Span]:
    """Ranges that cover every id there may be, those above the highest known too."""
    if table == "members":
        step = max(step, -(-highest[table] // MEMBER_RANGES_MAX))
    cuts = [_BEFORE_ALL, *range(step, highest[table], step), _AFTER_ALL]
    return [{"after": after, "up_to": up_to} for after, up_to in pairwise(cuts)]


@dataclass(slots=True)
class _Faults:
    shown: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, fault: str) -> None:
        self.count += 1
        if len(self.shown) < FAULTS_SHOWN:
            self.shown.append(fault)


@dataclass(frozen=True, slots=True)
class _Pass:
    over: str  # whose ids the ranges are
    statement: TextClause
    checks: Mapping[str, Fault]


def _uneven_sum(row: Row[Any]) -> str | None:
    return f"postings sum to {row.total}" if row.total else None


def _no_postings(row: Row[Any]) -> str | None:
    if not row.headers:
        return f"{row.parts} postings without their transaction"
    return None if row.parts else f"{row.kind} without postings"


def _no_fingerprint(row: Row[Any]) -> str | None:
    return f"{row.kind} without a fingerprint" if row.fingerprint == "" else None


def _unknown(row: Row[Any]) -> str | None:
    if row.kind is not None and row.kind not in _KINDS:
        return f"unknown kind {row.kind!r}"
    return None if row.strange is None else f"unknown account {row.strange!r}"


def _reversal_of_nothing(row: Row[Any]) -> str | None:
    if row.kind == "reverse":
        return None if row.reverses_id else "a reversal that names nothing"
    return f"{row.kind} names {row.reverses_id}, but is no reversal" if row.reverses_id else None


def _refund_of_nothing(row: Row[Any]) -> str | None:
    if row.kind == "refund":
        return None if row.refunds_id else "a refund that names nothing"
    return f"{row.kind} names {row.refunds_id}, but is no refund" if row.refunds_id else None


def _unlike_postings(row: Row[Any]) -> str | None:
    if row.opened < row.posted:
        return "no balance for these postings"
    stored = (row.available, row.held, row.pending)
    return _differing("balance", stored, "postings", (row.posted_available, row.posted_held, row.posted_pending))


def _unlike_lots(row: Row[Any]) -> str | None:
    owned = (max(0, row.available), row.held, row.pending)
    return _differing("balance", owned, "lots", (row.lots_available, row.lots_held, row.lots_pending))


def _unlike_holds(row: Row[Any]) -> str | None:
    return None if row.open_holds == row.held else f"{row.held} held, but open holds of {row.open_holds}"


def _owes_otherwise(row: Row[Any]) -> str | None:
    owed = max(0, row.floor - row.available)
    return None if row.owed == owed else f"owed is {row.owed}, should be {owed}"


def _unlike_entries(row: Row[Any]) -> str | None:
    stored = (row.available, row.held, row.pending)
    entered = (row.entered_available, row.entered_held, row.entered_pending)
    if stored != entered:
        return _differing("lot", stored, "entries", entered)
    if row.expires_at != row.entered_expires_at:
        return f"lot expires at {row.expires_at}, its entries say {row.entered_expires_at}"
    return None


def _below_zero(row: Row[Any]) -> str | None:
    parts = (row.available, row.held, row.pending)
    return f"available, held, pending: {_joined(parts)}" if min(parts) < 0 else None


def _baseless(row: Row[Any]) -> str | None:
    if row.opening != "hold":
        return f"opened by {row.opening or 'nothing'}"
    if row.posted != row.amount:
        return f"{row.amount} held, {row.posted} posted"
    return None if row.in_lots == row.amount else f"{row.amount} held, {row.in_lots} of it in lots"


def _badly_closed(row: Row[Any]) -> str | None:
    closing = {"held": None, "captured": "capture", "released": "release"}.get(row.state, row.state)
    if row.closing != closing:
        return f"{row.state}, but closed by {row.closing or 'nothing'}"
    if row.closed_by is None:
        return None
    if row.closed != row.amount:
        return f"{row.amount} held, {row.closed} {row.state}"
    return None if row.out_of_lots == row.amount else f"{row.amount} {row.state}, {row.out_of_lots} of it from lots"


def _no_opposite(row: Row[Any]) -> str | None:
    if row.original in (None, "reverse", "refund"):
        return f"reverses {row.reverses_id}, which is {row.original or 'not there'}"
    if row.uneven:
        return f"not the opposite of {row.reverses_id} for whoever funded or redeemed it"
    return f"moves points of members whom {row.reverses_id} did not" if row.strangers else None


def _refunded_too_much(row: Row[Any]) -> str | None:
    if row.award in (None, "reverse", "refund"):
        return f"refunded, but is {row.award or 'not there'}"
    if row.exceeded:
        return "refunded more than it gave, or to somebody else"
    return "refunded and reversed" if row.reversals else None


def _differing(name: str, ours: tuple[int, ...], other: str, theirs: tuple[int, ...]) -> str | None:
    return None if ours == theirs else f"{name} {_joined(ours)}, {other} {_joined(theirs)} (available, held, pending)"


def _joined(numbers: tuple[int, ...]) -> str:
    return "/".join(str(number) for number in numbers)


_REVERSALS_UNDO = "reversals undo their original"
_REFUNDS_WITHIN = "refunds stay within their award"

_PASSES = (
    _Pass(
        "transactions",
        TRANSACTIONS,
        {
            "transactions sum to zero": _uneven_sum,
            "every transaction has postings": _no_postings,
            "every transaction has a fingerprint": _no_fingerprint,
            "kinds and accounts are known": _unknown,
            _REVERSALS_UNDO: _reversal_of_nothing,
            _REFUNDS_WITHIN: _refund_of_nothing,
        },
    ),
    _Pass(
        "members",
        MEMBERS,
        {
            "balances equal postings": _unlike_postings,
            "lots equal balances": _unlike_lots,
            "open holds equal held balances": _unlike_holds,
            "owed is what lies below the floor": _owes_otherwise,
        },
    ),
    _Pass("lots", LOTS, {"lots equal their entries": _unlike_entries, "no lot is below zero": _below_zero}),
    _Pass(
        "holds",
        HOLDS,
        {"holds rest on what set them aside": _baseless, "closed holds have what closed them": _badly_closed},
    ),
    _Pass("transactions", REVERSALS, {_REVERSALS_UNDO: _no_opposite}),
    _Pass("transactions", REFUNDS, {_REFUNDS_WITHIN: _refunded_too_much}),
)

CHECKS = tuple(dict.fromkeys(check for each in _PASSES for check in each.checks))
