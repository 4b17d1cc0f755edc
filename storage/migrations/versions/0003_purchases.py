"""Purchases: the merchants' earn rules, what was bought, which points it gave, and what came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "earn_rules",
        sa.Column("merchant_id", ID, autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("per_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor_min", sa.BigInteger(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("points_day_max", sa.BigInteger(), nullable=True),
        sa.Column("points_month_max", sa.BigInteger(), nullable=True),
        sa.Column("first_points", sa.BigInteger(), nullable=False),
        sa.Column("birthday_points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0 AND per_minor > 0", name=op.f("ck_earn_rules_positive")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_earn_rules_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_earn_rules")),
    )
    op.create_table(
        "purchases",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("earned", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_purchases_positive")),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND amount_minor", name=op.f("ck_purchases_refunded_at_most_once")
        ),
        sa.CheckConstraint("channel IN ('till', 'online', 'import')", name=op.f("ck_purchases_known_channel")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_purchases_member_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_purchases_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sa.UniqueConstraint("key", name=op.f("uq_purchases_key")),
        sa.UniqueConstraint("merchant_id", "receipt", name=op.f("uq_purchases_merchant_id_receipt")),
    )
    op.create_index("ix_purchases_earned", "purchases", ["member_id", "merchant_id", "at"])
    op.create_table(
        "purchase_awards",
        sa.Column("transaction_id", ID, autoincrement=False, nullable=False),
        sa.Column("purchase_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("clawback", sa.String(length=16), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_purchase_awards_positive")),
        sa.CheckConstraint("clawback IN ('proportional', 'whole')", name=op.f("ck_purchase_awards_known_clawback")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_purchase_awards_member_id_members")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_purchase_awards_purchase_id_purchases")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_purchase_awards_transaction_id_transactions")
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_purchase_awards")),
    )
    op.create_index("ix_purchase_awards_purchase_id", "purchase_awards", ["purchase_id"])
    op.create_table(
        "purchase_refunds",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("purchase_id", ID, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_purchase_refunds_positive")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_purchase_refunds_purchase_id_purchases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_refunds")),
        sa.UniqueConstraint("key", name=op.f("uq_purchase_refunds_key")),
        sa.UniqueConstraint(
            "purchase_id", "refunded_minor", name=op.f("uq_purchase_refunds_purchase_id_refunded_minor")
        ),
    )
