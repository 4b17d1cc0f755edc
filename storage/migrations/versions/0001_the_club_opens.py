"""The club opens: everything that the first version keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The ledger is append-only, and the database itself refuses anything else.
TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER transactions_no_update BEFORE UPDATE ON transactions BEGIN SELECT RAISE(ABORT, 'transactions is append-only'); END",
        "CREATE TRIGGER transactions_no_delete BEFORE DELETE ON transactions BEGIN SELECT RAISE(ABORT, 'transactions is append-only'); END",
        "CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END",
        "CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END",
        "CREATE TRIGGER lot_entries_no_update BEFORE UPDATE ON lot_entries BEGIN SELECT RAISE(ABORT, 'lot_entries is append-only'); END",
        "CREATE TRIGGER lot_entries_no_delete BEFORE DELETE ON lot_entries BEGIN SELECT RAISE(ABORT, 'lot_entries is append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION transactions_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'transactions is append-only'; END $$",
        "CREATE TRIGGER transactions_append_only BEFORE UPDATE OR DELETE ON transactions FOR EACH ROW EXECUTE FUNCTION transactions_refuse()",
        "CREATE FUNCTION postings_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'postings is append-only'; END $$",
        "CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION postings_refuse()",
        "CREATE FUNCTION lot_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'lot_entries is append-only'; END $$",
        "CREATE TRIGGER lot_entries_append_only BEFORE UPDATE OR DELETE ON lot_entries FOR EACH ROW EXECUTE FUNCTION lot_entries_refuse()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "forms",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=128), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_forms")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("tier", sa.String(length=16), server_default="member", nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("birthday_month", sa.Integer(), nullable=True),
        sa.Column("birthday_day", sa.Integer(), nullable=True),
        sa.Column("birthday_calendar", sa.String(length=8), nullable=True),
        sa.Column("birthday_set_at", Instant(), nullable=True),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("code", name=op.f("uq_members_code")),
    )
    op.create_index(
        "ix_members_birthday",
        "members",
        ["birthday_month", "birthday_day"],
        unique=False,
        postgresql_where=sa.text("birthday_month IS NOT NULL"),
        sqlite_where=sa.text("birthday_month IS NOT NULL"),
    )
    op.create_index(op.f("ix_members_joined_at"), "members", ["joined_at"], unique=False)
    op.create_index(op.f("ix_members_timezone"), "members", ["timezone"], unique=False)
    op.create_table(
        "merchants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchants")),
        sa.UniqueConstraint("name", name=op.f("uq_merchants_name")),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("key", name=op.f("uq_pictures_key")),
    )
    op.create_table(
        "timetable",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_timetable")),
    )
    op.create_table(
        "updates",
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("incident", sa.String(length=16), server_default=sa.text("('')"), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name=op.f("pk_updates")),
    )
    op.create_index("ix_updates_old", "updates", ["received_at"], unique=False)
    op.create_index(
        "ix_updates_waiting",
        "updates",
        ["bot_id", "update_id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "addresses",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_reachable", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_addresses_member_id_members")),
        sa.PrimaryKeyConstraint("channel", "external_id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_member_id"), "addresses", ["member_id"], unique=False)
    op.create_table(
        "balances",
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("available", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("available >= floor", name=op.f("ck_balances_not_below_floor")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_balances_held_not_negative")),
        sa.CheckConstraint("pending >= 0", name=op.f("ck_balances_pending_not_negative")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_balances_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_balances")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("length", sa.Integer(), server_default="0", nullable=False),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=16), nullable=True),
        sa.Column("recipients", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("chat", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("drawn", sa.String(length=64), server_default=sa.text("('')"), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=True),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("measured_from", Instant(), nullable=True),
        sa.Column("measured_left", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("(state = 'draft') = (started_at IS NULL)", name=op.f("ck_broadcasts_started_once")),
        sa.CheckConstraint(
            "(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)", name=op.f("ck_broadcasts_finished_once")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'sending', 'paused', 'done', 'cancelled')", name=op.f("ck_broadcasts_known_state")
        ),
        sa.CheckConstraint("(chat IS NULL) = (message_id IS NULL)", name=op.f("ck_broadcasts_whole_address")),
        sa.CheckConstraint("(started_at IS NULL) = (key IS NULL)", name=op.f("ck_broadcasts_confirmed")),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_broadcasts_author_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_broadcasts_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_broadcasts_picture_id_pictures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("ix_broadcasts_history", "broadcasts", ["merchant_id", "id"], unique=False)
    op.create_index(
        "ix_broadcasts_sending",
        "broadcasts",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_broadcasts_watched",
        "broadcasts",
        ["drawn_at"],
        unique=False,
        sqlite_where=sa.text("state != 'draft' AND is_told = 0"),
        postgresql_where=sa.text("state != 'draft' AND NOT is_told"),
    )
    op.create_index(
        "uq_broadcasts_draft",
        "broadcasts",
        ["merchant_id", "author_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "check_ins",
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_check_ins_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_check_ins")),
    )
    op.create_table(
        "consent_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_consent_log_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_log")),
    )
    op.create_index(op.f("ix_consent_log_member_id"), "consent_log", ["member_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_consents_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", "topic", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_topic", "consents", ["topic", "member_id"], unique=False)
    op.create_table(
        "deals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("description", sa.String(length=600), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("solo_points", sa.BigInteger(), nullable=False),
        sa.Column("group_points", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("per_member", sa.Integer(), nullable=False),
        sa.Column("is_several_allowed", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.CheckConstraint("group_points > 0 AND group_points <= solo_points", name=op.f("ck_deals_cheaper_together")),
        sa.CheckConstraint("hours > 0 AND per_member > 0", name=op.f("ck_deals_positive")),
        sa.CheckConstraint("size BETWEEN 2 AND 100", name=op.f("ck_deals_size")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_deals_not_oversold")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_deals_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_deals_picture_id_pictures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("slug", name=op.f("uq_deals_slug")),
    )
    op.create_index(op.f("ix_deals_merchant_id"), "deals", ["merchant_id"], unique=False)
    op.create_table(
        "lots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("funder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("releases_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.CheckConstraint("available >= 0 AND held >= 0 AND pending >= 0", name=op.f("ck_lots_not_negative")),
        sa.ForeignKeyConstraint(["funder_id"], ["merchants.id"], name=op.f("fk_lots_funder_id_merchants")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_lots_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
    )
    op.create_index(
        "ix_lots_due",
        "lots",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("available > 0"),
        postgresql_where=sa.text("available > 0"),
    )
    op.create_index(
        "ix_lots_spendable",
        "lots",
        ["member_id", "expires_at", "id"],
        unique=False,
        sqlite_where=sa.text("available > 0"),
        postgresql_where=sa.text("available > 0"),
    )
    op.create_table(
        "offer_days",
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_offer_days_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_offer_days")),
    )
    op.create_index(op.f("ix_offer_days_day"), "offer_days", ["day"], unique=False)
    op.create_table(
        "picture_files",
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("file_id", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_picture_files_picture_id_pictures")),
        sa.PrimaryKeyConstraint("picture_id", "channel", name=op.f("pk_picture_files")),
    )
    op.create_table(
        "referrals",
        sa.Column(
            "referee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("referrer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bound_at", Instant(), nullable=False),
        sa.Column("qualified_at", Instant(), nullable=True),
        sa.CheckConstraint("referee_id <> referrer_id", name=op.f("ck_referrals_not_oneself")),
        sa.ForeignKeyConstraint(["referee_id"], ["members.id"], name=op.f("fk_referrals_referee_id_members")),
        sa.ForeignKeyConstraint(["referrer_id"], ["members.id"], name=op.f("fk_referrals_referrer_id_members")),
        sa.PrimaryKeyConstraint("referee_id", name=op.f("pk_referrals")),
    )
    op.create_index(op.f("ix_referrals_referrer_id"), "referrals", ["referrer_id"], unique=False)
    op.create_table(
        "rewards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("tier_min", sa.String(length=16), nullable=False),
        sa.Column("per_member", sa.Integer(), nullable=True),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'paused')", name=op.f("ck_rewards_known_state")),
        sa.CheckConstraint("per_member > 0", name=op.f("ck_rewards_limit_allows_one")),
        sa.CheckConstraint("points > 0", name=op.f("ck_rewards_has_a_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_rewards_not_oversold")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_rewards_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_rewards_picture_id_pictures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
        sa.UniqueConstraint("slug", name=op.f("uq_rewards_slug")),
    )
    op.create_index(op.f("ix_rewards_merchant_id"), "rewards", ["merchant_id"], unique=False)
    op.create_index(
        "ix_rewards_running",
        "rewards",
        ["points", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "staff",
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_staff_member_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_staff_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("merchant_id", "member_id", "role", name=op.f("pk_staff")),
    )
    op.create_index(op.f("ix_staff_member_id"), "staff", ["member_id"], unique=False)
    op.create_table(
        "transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_transactions_merchant_id_merchants")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["transactions.id"], name=op.f("fk_transactions_reverses_id_transactions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        sa.UniqueConstraint("key", name=op.f("uq_transactions_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_transactions_reverses_id")),
    )
    op.create_index(op.f("ix_transactions_at"), "transactions", ["at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=128), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), server_default=sa.text("('')"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("deadline", Instant(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "broadcast_id IS NULL OR lane = 'marketing'", name=op.f("ck_deliveries_broadcasts_are_marketing")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'suppressed', 'unknown')",
            name=op.f("ck_deliveries_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_deliveries_broadcast_id_broadcasts")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_deliveries_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("member_id", "cause", name=op.f("uq_deliveries_member_id_cause")),
    )
    op.create_index("ix_deliveries_broadcast", "deliveries", ["broadcast_id", "state"], unique=False)
    op.create_index(
        "ix_deliveries_broadcast_queue",
        "deliveries",
        ["broadcast_id", "not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued' AND broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'queued' AND broadcast_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_leases",
        "deliveries",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_deliveries_queue",
        "deliveries",
        ["lane", "not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued' AND broadcast_id IS NULL"),
        postgresql_where=sa.text("state = 'queued' AND broadcast_id IS NULL"),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organiser_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_groups_closed_once")),
        sa.CheckConstraint("state <> 'filled' OR taken = size", name=op.f("ck_groups_filled_is_full")),
        sa.CheckConstraint("state <> 'open' OR taken < size", name=op.f("ck_groups_full_is_filled")),
        sa.CheckConstraint("state IN ('open', 'filled', 'expired', 'cancelled')", name=op.f("ck_groups_known_state")),
        sa.CheckConstraint("taken >= 0 AND taken <= size", name=op.f("ck_groups_not_overfilled")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_groups_deal_id_deals")),
        sa.ForeignKeyConstraint(["organiser_id"], ["members.id"], name=op.f("fk_groups_organiser_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("key", name=op.f("uq_groups_key")),
    )
    op.create_index(
        "ix_groups_due",
        "groups",
        ["closes_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_groups_of_deal",
        "groups",
        ["deal_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("opened_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(state = 'held') = (closed_by IS NULL)", name=op.f("ck_holds_closed_once")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_holds_positive")),
        sa.ForeignKeyConstraint(["closed_by"], ["transactions.id"], name=op.f("fk_holds_closed_by_transactions")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_holds_member_id_members")),
        sa.ForeignKeyConstraint(["opened_by"], ["transactions.id"], name=op.f("fk_holds_opened_by_transactions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("closed_by", name=op.f("uq_holds_closed_by")),
        sa.UniqueConstraint("id", "member_id", name=op.f("uq_holds_id_member_id")),
        sa.UniqueConstraint("opened_by", name=op.f("uq_holds_opened_by")),
    )
    op.create_index(op.f("ix_holds_member_id"), "holds", ["member_id"], unique=False)
    op.create_table(
        "lot_entries",
        sa.Column("transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_entries_lot_id_lots")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_lot_entries_transaction_id_transactions")
        ),
        sa.PrimaryKeyConstraint("transaction_id", "lot_id", name=op.f("pk_lot_entries")),
    )
    op.create_index(op.f("ix_lot_entries_lot_id"), "lot_entries", ["lot_id"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("tier_min", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'paused')", name=op.f("ck_offers_known_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_offers_ends_after_start")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_offers_deal_id_deals")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_offers_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_offers_picture_id_pictures")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_offers_reward_id_rewards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("slug", name=op.f("uq_offers_slug")),
    )
    op.create_index(op.f("ix_offers_merchant_id"), "offers", ["merchant_id"], unique=False)
    op.create_index(
        "ix_offers_running",
        "offers",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(account IN ('available', 'held', 'pending')) = (member_id IS NOT NULL)",
            name=op.f("ck_postings_members_accounts"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_postings_member_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_postings_merchant_id_merchants")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_postings_transaction_id_transactions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    op.create_index(
        "ix_postings_movements",
        "postings",
        ["member_id", "id"],
        unique=False,
        sqlite_where=sa.text("account = 'available'"),
        postgresql_where=sa.text("account = 'available'"),
    )
    op.create_index(op.f("ix_postings_transaction_id"), "postings", ["transaction_id"], unique=False)
    op.create_table(
        "seats",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("(state = 'held') = (closed_at IS NULL)", name=op.f("ck_seats_closed_once")),
        sa.CheckConstraint("state IN ('held', 'captured', 'released')", name=op.f("ck_seats_known_state")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_seats_group_id_groups")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_seats_hold_id_holds")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_seats_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_seats_hold_id")),
    )
    op.create_index("ix_seats_group", "seats", ["group_id", "id"], unique=False)
    op.create_index("ix_seats_member", "seats", ["member_id", "group_id"], unique=False)
    op.create_index(
        "uq_seats_once",
        "seats",
        ["group_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("state != 'released'"),
        postgresql_where=sa.text("state != 'released'"),
    )
    op.create_table(
        "vouchers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(state = 'used') = (used_at IS NOT NULL)", name=op.f("ck_vouchers_used_once")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_vouchers_group_id_groups")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_vouchers_member_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_vouchers_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_vouchers_reward_id_rewards")),
        sa.ForeignKeyConstraint(["used_by"], ["members.id"], name=op.f("fk_vouchers_used_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vouchers")),
        sa.UniqueConstraint("code", name=op.f("uq_vouchers_code")),
        sa.UniqueConstraint("key", name=op.f("uq_vouchers_key")),
    )
    op.create_index("ix_vouchers_limit", "vouchers", ["reward_id", "member_id"], unique=False)
    op.create_index("ix_vouchers_wallet", "vouchers", ["member_id", "id"], unique=False)
    # By an expression, which Alembic cannot compare on SQLite.
    op.create_index(
        "ix_groups_nearly_full",
        "groups",
        [sa.text("(size - taken)"), "closes_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
