"""The counter: staff by invitation, member cards, tiers that come and go, merchants' rewards, imports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from storage.schema import EMPTY, Instant, append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT_DAYS = 365


def upgrade() -> None:
    _staff()
    _members()
    _rewards()
    op.add_column("purchases", sa.Column("booked_by", sa.String(length=64), server_default=EMPTY, nullable=False))
    op.add_column("purchases", sa.Column("booked_at", Instant(), nullable=True))
    op.add_column("purchases", sa.Column("undone_at", Instant(), nullable=True))
    op.add_column("purchases", sa.Column("undone_receipt", sa.String(length=64), nullable=True))
    op.create_index("ix_purchases_recent", "purchases", ["merchant_id", "id"])
    op.create_table(
        "import_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("lines_done", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('members', 'purchases')", name=op.f("ck_import_runs_known_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
        sa.UniqueConstraint("kind", "fingerprint", name=op.f("uq_import_runs_kind_fingerprint")),
    )


def _staff() -> None:
    op.create_table(
        "staff_invites",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_by", ID, nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name=op.f("ck_staff_invites_used_by_somebody")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_staff_invites_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["used_by"], ["members.id"], name=op.f("fk_staff_invites_used_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invites")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_invites_code")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_invites_key")),
    )
    op.create_index("ix_staff_invites_merchant_id", "staff_invites", ["merchant_id"])
    op.create_table(
        "staff_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("event IN ('appointed', 'dismissed')", name=op.f("ck_staff_log_known_event")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_staff_log_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_staff_log_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_log")),
    )
    op.create_index("ix_staff_log_merchant_id", "staff_log", ["merchant_id"])
    _refuse_changes("staff_log")


def _members() -> None:
    op.add_column("members", sa.Column("card_code", sa.String(length=16), nullable=True))
    op.add_column("members", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("members", sa.Column("phone_ending", sa.String(length=4), nullable=True))
    op.add_column("members", sa.Column("tier_kept_until", Instant(), nullable=True))
    op.add_column("members", sa.Column("tier_grace_until", Instant(), nullable=True))
    op.create_index("uq_members_card_code", "members", ["card_code"], unique=True)
    op.create_index("ix_members_phone_ending", "members", ["phone_ending"])
    # Whoever has a tier from before tiers were reckoned keeps it for a year.
    members = sa.table("members", sa.column("tier"), sa.column("tier_kept_until", Instant()))
    kept_until = datetime.now(UTC) + timedelta(days=KEPT_DAYS)
    op.execute(members.update().where(members.c.tier != "member").values(tier_kept_until=kept_until))
    op.create_table(
        "tier_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("tier_before", sa.String(length=16), nullable=False),
        sa.Column("tier_after", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("reason IN ('earned', 'lapsed', 'granted')", name=op.f("ck_tier_changes_known_reason")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_tier_changes_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_changes")),
    )
    op.create_index("ix_tier_changes_member_id", "tier_changes", ["member_id"])
    _refuse_changes("tier_changes")
    op.create_table(
        "claims",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_claims_member_id_members")),
        sa.ForeignKeyConstraint(["used_by"], ["members.id"], name=op.f("fk_claims_used_by_members")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_member_id", "claims", ["member_id"])


def _rewards() -> None:
    op.add_column("rewards", sa.Column("price_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("rewards", sa.Column("per_member_days", sa.Integer(), nullable=True))
    op.add_column("rewards", sa.Column("published_at", Instant(), nullable=True))
    op.add_column("rewards", sa.Column("removed_at", Instant(), nullable=True))
    op.add_column("rewards", sa.Column("search", sa.Text(), server_default=EMPTY, nullable=False))
    rewards = sa.table(
        "rewards",
        sa.column("id"),
        sa.column("name"),
        sa.column("description"),
        sa.column("translations", sa.JSON()),
        sa.column("published_at", Instant()),
        sa.column("search"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(rewards)).all():
        words = [row.name, row.description, *(word for said in row.translations.values() for word in said.values())]
        connection.execute(
            rewards.update()
            .where(rewards.c.id == row.id)
            .values(published_at=datetime.now(UTC), search=" ".join(words).casefold())
        )
    op.create_table(
        "favourites",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("reward_id", ID, nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_favourites_member_id_members")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_favourites_reward_id_rewards")),
        sa.PrimaryKeyConstraint("member_id", "reward_id", name=op.f("pk_favourites")),
    )
    op.create_index("ix_favourites_reward_id", "favourites", ["reward_id"])
    untold = sa.text("told_at IS NULL")
    op.create_index("ix_favourites_untold", "favourites", ["member_id"], sqlite_where=untold, postgresql_where=untold)
    op.add_column("vouchers", sa.Column("price_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("vouchers", sa.Column("warned_at", Instant(), nullable=True))
    op.add_column("vouchers", sa.Column("cancelled_at", Instant(), nullable=True))
    waiting = sa.text("state = 'issued'")
    op.create_index("ix_vouchers_waiting", "vouchers", ["expires_at"], sqlite_where=waiting, postgresql_where=waiting)


def _refuse_changes(table: str) -> None:
    for statement in append_only(table)[op.get_bind().dialect.name]:
        op.execute(statement)
