"""Runs of an import: how far each file has come, so that one that was cut off goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)

from loyalty.claims import NUMBER
from loyalty.errors import NotFound
from loyalty.imports import ImportKind, ImportRun, KnownReceipt, NewMemberLine
from loyalty.members import PHONE_ENDING, Language, Tier
from loyalty.names import first_part
from storage.dialects import insert_or_skip, per_dialect, per_word_list, word_list
from storage.members import addresses, members
from storage.purchases import purchases
from storage.schema import Id, Instant, metadata
from storage.statements import Statement
from storage.tiers import tier_changes

import_runs = Table(
    "import_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of the file's content, and what the run was asked to do
    Column("lines_done", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("kind", "fingerprint"),
    CheckConstraint("kind IN ('members', 'purchases')", name="known_kind"),
)

_COUNTS = ("lines_done", "added", "known", "refused")
_BEGIN = insert_or_skip(import_runs)
_RUN = select(import_runs.c.id, *(import_runs.c[count] for count in _COUNTS))
_OF_FILE = _RUN.add_columns(import_runs.c.finished_at).where(
    import_runs.c.kind == bindparam("kind"), import_runs.c.fingerprint == bindparam("fingerprint")
)
_GET = _RUN.where(import_runs.c.id == bindparam("run_id"))
_CHANGE = update(import_runs).where(import_runs.c.id == bindparam("run_id"))
_MEMBERS = {
    dialect: Statement(statement)
    for dialect, statement in per_word_list(
        "numbers",
        lambda among: select(addresses.c.external_id, addresses.c.member_id).where(
            addresses.c.channel == NUMBER, among(addresses.c.external_id)
        ),
    ).items()
}
_receipt = (purchases.c.receipt, purchases.c.at, purchases.c.member_id, purchases.c.amount_minor)
_RECEIPTS = {
    dialect: Statement(statement)
    for dialect, statement in per_word_list(
        "receipts",
        lambda among: select(*_receipt).where(
            purchases.c.merchant_id == bindparam("merchant_id", type_=Id), among(purchases.c.receipt)
        ),
    ).items()
}
_KEYS = {
    dialect: Statement(statement)
    for dialect, statement in per_word_list(
        "keys", lambda among: select(purchases.c.key).where(among(purchases.c.key))
    ).items()
}
_MEMBER = (
    "name",
    "first_name",
    "language",
    "timezone",
    "tier",
    "code",
    "joined_at",
    "phone",
    "phone_ending",
    "birthday_month",
    "birthday_day",
    "birthday_calendar",
    "birthday_set_at",
    "tier_kept_until",
)
_ADD_MEMBER = Statement(
    per_dialect(
        members,
        lambda statement: statement.on_conflict_do_nothing(index_elements=["code"]).returning(members.c.id),
    ),
    _MEMBER,
)
_ADD_NUMBER = Statement(insert(addresses), ["channel", "external_id", "member_id", "is_reachable", "changed_at"])
_ADD_TIER = Statement(insert(tier_changes), ["member_id", "tier_before", "tier_after", "reason", "at"])


class SqlImports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def begin(self, kind: ImportKind, fingerprint: str, at: datetime) -> ImportRun:
        file = {"kind": kind.value, "fingerprint": fingerprint}
        nothing = dict.fromkeys(_COUNTS, 0)
        self._connection.execute(_BEGIN[self._dialect], {**file, **nothing, "started_at": at})
        *found, finished_at = self._connection.execute(_OF_FILE, file).one()
        if finished_at is None:
            return ImportRun(*found)
        # The same file once more: all of it is looked at again, and what it brought is known.
        again = _CHANGE.values(**nothing, started_at=at, finished_at=None)
        self._connection.execute(again, {"run_id": found[0]})
        return ImportRun(found[0])

    def lock(self, run_id: int) -> ImportRun:
        if self._dialect == "postgresql":  # SQLite has one writer anyway
            self._connection.exec_driver_sql("LOCK TABLE import_runs IN EXCLUSIVE MODE")
        row = self._connection.execute(_GET, {"run_id": run_id}).one_or_none()
        if row is None:
            raise NotFound("import", run_id)
        return ImportRun(*row)

    def note(self, run: ImportRun) -> None:
        counts = {count: getattr(run, count) for count in _COUNTS}
        self._connection.execute(_CHANGE.values(counts), {"run_id": run.id})

    def finish(self, run_id: int, at: datetime) -> None:
        self._connection.execute(_CHANGE.values(finished_at=at), {"run_id": run_id})

    def members(self, numbers: Sequence[str]) -> Mapping[str, int]:
        return dict(self._among(_MEMBERS, "numbers", numbers))

    def receipts(self, merchant_id: int, receipts: Sequence[str]) -> Sequence[tuple[str, datetime, KnownReceipt]]:
        rows = self._among(_RECEIPTS, "receipts", receipts, merchant_id=merchant_id)
        return [(receipt, at, KnownReceipt(member_id, amount_minor)) for receipt, at, member_id, amount_minor in rows]

    def keys(self, keys: Sequence[str]) -> set[str]:
        return {key for (key,) in self._among(_KEYS, "keys", keys)}

    def add_member(
        self,
        line: NewMemberLine,
        *,
        language: Language,
        timezone: str,
        code: str,
        kept_until: datetime | None,
        at: datetime,
    ) -> int | None:
        born = line.birthday
        row = _ADD_MEMBER.row(
            self._connection,
            {
                "name": line.name,
                "first_name": first_part(line.name),
                "language": (line.language or language).value,
                "timezone": timezone,
                "tier": line.tier.value,
                "code": code,
                "joined_at": line.joined_at or at,
                "phone": line.phone,
                "phone_ending": line.phone and line.phone[-PHONE_ENDING:],
                "birthday_month": born and born.month,
                "birthday_day": born and born.day,
                "birthday_calendar": born and born.calendar.value,
                "birthday_set_at": at if born else None,
                "tier_kept_until": kept_until,
            },
        )
        if row is None:
            return None
        member_id: int = row[0]
        number = {"channel": NUMBER, "external_id": line.number, "member_id": member_id}
        _ADD_NUMBER.run(self._connection, {**number, "is_reachable": False, "changed_at": at})
        if line.tier is not Tier.MEMBER:
            tiers = {"tier_before": Tier.MEMBER.value, "tier_after": line.tier.value}
            _ADD_TIER.run(self._connection, {"member_id": member_id, **tiers, "reason": "granted", "at": at})
        return member_id

    def _among(
        self, statements: Mapping[str, Statement], name: str, words: Sequence[str], **values: Any
    ) -> Sequence[Any]:
        if not words:
            return ()
        return statements[self._dialect].rows(self._connection, {name: word_list(self._connection, words), **values})
