"""Updates that are set aside: why, of which kind and whose, for the operator's list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IS_ASIDE = sa.text("state = 'failed'")
IS_AGAIN = sa.text("state = 'again'")


def upgrade() -> None:
    op.add_column("updates", sa.Column("reason", sa.String(16), nullable=False, server_default=""))
    op.add_column("updates", sa.Column("kind", sa.String(32), nullable=False, server_default=""))
    op.add_column("updates", sa.Column("person_id", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index(
        "ix_updates_aside",
        "updates",
        ["received_at", "update_id"],
        sqlite_where=IS_ASIDE,
        postgresql_where=IS_ASIDE,
    )
    op.create_index("ix_updates_again", "updates", ["bot_id"], sqlite_where=IS_AGAIN, postgresql_where=IS_AGAIN)
    # Which check-in a person's tap was: whoever asks again after a crash is shown what it had brought.
    op.add_column("check_ins", sa.Column("wish", sa.String(64), nullable=False, server_default=""))
