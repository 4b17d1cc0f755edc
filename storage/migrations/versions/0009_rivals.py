"""What else waits for a member is found at once, so that the best goes first over the whole queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IS_SCORED = sa.text("state = 'queued' AND score > 0")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_rivals",
        "deliveries",
        ["member_id", "not_before"],
        sqlite_where=IS_SCORED,
        postgresql_where=IS_SCORED,
    )
