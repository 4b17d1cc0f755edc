"""What a purchase caused can be undone whole, wrong codes slow who tries them, and shops have ceilings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import EMPTY, Instant, append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REASONS = "reason IN ('earned', 'lapsed', 'granted', 'undone')"


def upgrade() -> None:
    op.add_column("purchases", sa.Column("grace_before", Instant(), nullable=True))
    _let_tiers_be_undone()
    _slow_guessing()
    _cap_shops()


def _let_tiers_be_undone() -> None:
    """SQLite makes the table anew for another condition, and loses the triggers that refuse changes."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("tier_changes") as table:
        table.drop_constraint(op.f("ck_tier_changes_known_reason"), type_="check")
        table.create_check_constraint(op.f("ck_tier_changes_known_reason"), REASONS)
    if is_sqlite:
        for statement in append_only("tier_changes")["sqlite"]:
            op.execute(statement)


def _slow_guessing() -> None:
    op.create_table(
        "guesses",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("misses_day", sa.Integer(), nullable=False),
        sa.Column("day_since", Instant(), nullable=False),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_guesses_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_guesses")),
    )
    op.create_table(
        "phone_lookups",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["members.id"], name=op.f("fk_phone_lookups_staff_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_phone_lookups_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_lookups")),
    )
    op.create_index("ix_phone_lookups_staff", "phone_lookups", ["staff_id", "at"])
    op.create_index("ix_phone_lookups_merchant", "phone_lookups", ["merchant_id", "id"])


def _cap_shops() -> None:
    op.create_table(
        "shop_days",
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_shop_days_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("merchant_id", "day", name=op.f("pk_shop_days")),
    )
    op.create_table(
        "purchase_reviews",
        sa.Column("purchase_id", ID, autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("releases_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'released', 'refused', 'undone')", name=op.f("ck_purchase_reviews_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_purchase_reviews_purchase_id_purchases")
        ),
        sa.PrimaryKeyConstraint("purchase_id", name=op.f("pk_purchase_reviews")),
    )
    op.create_index(
        "ix_purchase_reviews_waiting",
        "purchase_reviews",
        ["purchase_id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
