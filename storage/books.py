"""The books: the ledger's tables. What a person owns is locked by one row in `balances`.

The accounts of the club and the merchants keep no balance: a row that every transaction changes would make them wait
for each other. Their sums are read from the postings where they are asked for.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from loyalty.points import Account
from storage.schema import Id, Instant, metadata, refuse_changes

transactions = Table(
    "transactions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("fingerprint", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("cause", String(160), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("reverses_id", Id, ForeignKey("transactions.id"), unique=True),  # the whole of it, once
    Column("at", Instant, nullable=False, index=True),
    Column("refunds_id", Id, ForeignKey("transactions.id"), index=True),  # a part of it
)

postings = Table(
    "postings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("transaction_id", Id, ForeignKey("transactions.id"), nullable=False, index=True),
    Column("account", String(16), nullable=False),
    Column("member_id", Id, ForeignKey("members.id")),
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("(account IN ('available', 'held', 'pending')) = (member_id IS NOT NULL)", name="members_accounts"),
)
_is_movement = postings.c.account == Account.AVAILABLE.value
Index(
    "ix_postings_movements",
    postings.c.member_id,
    postings.c.id,
    sqlite_where=_is_movement,
    postgresql_where=_is_movement,
)
_is_merchants = postings.c.merchant_id.is_not(None)
Index(
    "ix_postings_merchants",
    postings.c.merchant_id,
    postings.c.transaction_id,
    sqlite_where=_is_merchants,
    postgresql_where=_is_merchants,
)

# `floor` is the credit line (0 or below), down to which a member may spend. Only a refund may go further: how far, is
# what the member still owes, and the next earnings fill that first.
balances = Table(
    "balances",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("available", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),
    Column("owed", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("available >= floor - owed", name="not_below_floor"),
    CheckConstraint("floor <= 0 AND owed >= 0", name="credit_is_below_zero"),
    CheckConstraint("held >= 0", name="held_not_negative"),
    CheckConstraint("pending >= 0", name="pending_not_negative"),
)

lots = Table(
    "lots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("funder_id", Id, ForeignKey("merchants.id")),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    Column("releases_at", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("warned_days", Integer),  # the last warning before expiry: 30, then 7
    CheckConstraint("available >= 0 AND held >= 0 AND pending >= 0", name="not_negative"),
)
_is_open = lots.c.available > 0
Index(
    "ix_lots_spendable",
    lots.c.member_id,
    lots.c.expires_at,
    lots.c.id,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
Index("ix_lots_due", lots.c.expires_at, sqlite_where=_is_open, postgresql_where=_is_open)
_is_pending = lots.c.pending > 0
Index("ix_lots_pending", lots.c.releases_at, sqlite_where=_is_pending, postgresql_where=_is_pending)

# How each transaction moved each lot: with these, lots can be derived and every movement explained.
lot_entries = Table(
    "lot_entries",
    metadata,
    Column("transaction_id", Id, ForeignKey("transactions.id"), nullable=False),
    Column("lot_id", Id, ForeignKey("lots.id"), nullable=False, index=True),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("expires_at", Instant),
    PrimaryKeyConstraint("transaction_id", "lot_id"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cause", String(160), nullable=False),
    Column("opened_by", Id, ForeignKey("transactions.id"), nullable=False, unique=True),
    Column("closed_by", Id, ForeignKey("transactions.id"), unique=True),
    CheckConstraint("amount > 0", name="positive"),
    CheckConstraint("(state = 'held') = (closed_by IS NULL)", name="closed_once"),
    UniqueConstraint("id", "member_id"),
)

for _table in (transactions, postings, lot_entries):
    refuse_changes(_table)
