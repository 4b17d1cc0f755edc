"""The ledger in full: what refunds leave owed, partial refunds, warnings before expiry, merchants' statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _balances()
    _add_reference("transactions", "refunds_id", "transactions")
    op.create_index("ix_transactions_refunds_id", "transactions", ["refunds_id"])
    op.add_column("lots", sa.Column("warned_days", sa.Integer(), nullable=True))
    for name, table, columns, condition in (
        ("ix_lots_pending", "lots", ["releases_at"], "pending > 0"),
        ("ix_lots_on_their_way", "lots", ["member_id", "releases_at"], "pending > 0"),
        ("ix_postings_merchants", "postings", ["merchant_id", "transaction_id"], "merchant_id IS NOT NULL"),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _balances() -> None:
    """SQLite cannot change a constraint: there the table is written anew. Nothing points to it."""
    if op.get_context().dialect.name == "postgresql":
        op.add_column("balances", sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False))
        op.drop_constraint(op.f("ck_balances_not_below_floor"), "balances", type_="check")
        op.create_check_constraint(op.f("ck_balances_not_below_floor"), "balances", "available >= floor - owed")
        op.create_check_constraint(op.f("ck_balances_credit_is_below_zero"), "balances", "floor <= 0 AND owed >= 0")
        return
    op.rename_table("balances", "balances_before")
    op.create_table(
        "balances",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("available", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("available >= floor - owed", name=op.f("ck_balances_not_below_floor")),
        sa.CheckConstraint("floor <= 0 AND owed >= 0", name=op.f("ck_balances_credit_is_below_zero")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_balances_held_not_negative")),
        sa.CheckConstraint("pending >= 0", name=op.f("ck_balances_pending_not_negative")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_balances_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_balances")),
    )
    op.execute(
        "INSERT INTO balances (member_id, available, held, pending, floor) "
        "SELECT member_id, available, held, pending, floor FROM balances_before"
    )
    op.drop_table("balances_before")


def _add_reference(table: str, column: str, target: str) -> None:
    """A column that points to another row. SQLite takes it only as part of the column, and names it itself."""
    if op.get_context().dialect.name == "postgresql":
        op.add_column(table, sa.Column(column, ID, nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{target}"), table, target, [column], ["id"])
    else:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
