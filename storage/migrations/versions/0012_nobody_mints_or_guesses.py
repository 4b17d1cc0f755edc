"""What a purchase caused can be undone whole: a tier that it had raised, and the grace that it had ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant, append_only

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REASONS = "reason IN ('earned', 'lapsed', 'granted', 'undone')"


def upgrade() -> None:
    op.add_column("purchases", sa.Column("grace_before", Instant(), nullable=True))
    _let_tiers_be_undone()


def _let_tiers_be_undone() -> None:
    """SQLite makes the table anew for another condition, and loses the triggers that refuse changes."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("tier_changes") as table:
        table.drop_constraint(op.f("ck_tier_changes_known_reason"), type_="check")
        table.create_check_constraint(op.f("ck_tier_changes_known_reason"), REASONS)
    if is_sqlite:
        for statement in append_only("tier_changes")["sqlite"]:
            op.execute(statement)
