"""Receipt numbers that begin again each day, where a shop says so; and the messages that show a voucher, so that they
can be drawn again once it is used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import EMPTY

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("purchases") as purchases:
        purchases.add_column(sa.Column("receipt_day", sa.String(length=10), server_default=EMPTY, nullable=False))
        purchases.drop_constraint(op.f("uq_purchases_merchant_id_receipt"), type_="unique")
        purchases.create_unique_constraint(
            op.f("uq_purchases_merchant_id_receipt_receipt_day"), ["merchant_id", "receipt", "receipt_day"]
        )
    op.add_column("earn_rules", sa.Column("is_receipt_daily", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "voucher_messages",
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("voucher_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["vouchers.id"], name=op.f("fk_voucher_messages_voucher_id_vouchers")),
        sa.PrimaryKeyConstraint("chat", "message_id", name=op.f("pk_voucher_messages")),
    )
    op.create_index("ix_voucher_messages_voucher_id", "voucher_messages", ["voucher_id"])
