"""What many friends do on one day is told in one message, which is drawn again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "friend_messages",
        sa.Column(
            "referrer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("day_since", Instant(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["referrer_id"], ["members.id"], name=op.f("fk_friend_messages_referrer_id_members")),
        sa.PrimaryKeyConstraint("referrer_id", name=op.f("pk_friend_messages")),
    )
