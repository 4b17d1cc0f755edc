"""Broadcasts that people are glad to get: what members choose, segments, wordings, schedules, taps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema import EMPTY, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD = (
    "id, merchant_id, author_id, state, picture_id, key, recipients, created_at, started_at, finished_at, chat, "
    "message_id, drawn, drawn_at, is_told, measured_from, measured_left"
)
STATES = "'draft', 'waiting', 'scheduled', 'preparing', 'sending', 'paused', 'done', 'cancelled'"
CHECKS = {
    "known_state": f"state IN ({STATES})",
    "confirmed": "(state = 'draft') = (key IS NULL)",
    "started_once": "state NOT IN ('preparing', 'sending', 'paused', 'done') OR started_at IS NOT NULL",
    "finished_once": "(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)",
    "whole_address": "(chat IS NULL) = (message_id IS NULL)",
    "filled_first": "state NOT IN ('sending', 'done') OR filled_at IS NOT NULL",
    "local_hour": "local_hour BETWEEN 0 AND 23",
    "whole_local_time": "(local_hour IS NULL) = (local_day IS NULL)",
    "known_method": "method IN ('fixed', 'thompson')",
    "known_metric": "metric IN ('taps', 'redemptions')",
    "test_percent": "test_percent BETWEEN 1 AND 100",
}


def upgrade() -> None:
    _preferences()
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_broadcasts()
    else:
        _alter_broadcasts()
    _index_broadcasts()
    _deliveries()
    _segments()


def _preferences() -> None:
    op.create_table(
        "contact_preferences",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_contact_preferences_whole_span")
        ),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 1439", name=op.f("ck_contact_preferences_quiet_from")),
        sa.CheckConstraint("quiet_until BETWEEN 0 AND 1439", name=op.f("ck_contact_preferences_quiet_until")),
        sa.CheckConstraint("per_day BETWEEN 1 AND 10", name=op.f("ck_contact_preferences_per_day")),
        sa.CheckConstraint("per_week BETWEEN 1 AND 70", name=op.f("ck_contact_preferences_per_week")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_contact_preferences_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_contact_preferences")),
    )
    op.create_table(
        "muted_shops",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("muted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_muted_shops_member_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_muted_shops_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("member_id", "merchant_id", name=op.f("pk_muted_shops")),
    )
    op.add_column("consents", sa.Column("ignored", sa.Integer(), server_default="0", nullable=False))
    op.add_column("consents", sa.Column("last_sent_at", Instant(), nullable=True))
    op.add_column(
        "consent_log",
        sa.Column("merchant_id", ID, sa.ForeignKey("merchants.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("consent_log", sa.Column("place", sa.String(length=64), server_default=EMPTY, nullable=False))
    op.add_column("consent_log", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("consent_log", sa.Column("is_confirmed", sa.Boolean(), server_default=sa.true(), nullable=False))


def _columns() -> list[sa.Column]:  # type: ignore[type-arg]
    """What broadcasts get in addition."""
    return [
        sa.Column("topic", sa.String(length=32), server_default="offers", nullable=False),
        sa.Column("wordings", sa.JSON(), nullable=True),
        sa.Column("buttons", sa.JSON(), nullable=True),
        sa.Column("segment", sa.JSON(), nullable=True),
        sa.Column("send_at", Instant(), nullable=True),
        sa.Column("local_day", sa.Date(), nullable=True),
        sa.Column("local_hour", sa.Integer(), nullable=True),
        sa.Column("valid_hours", sa.Integer(), server_default="48", nullable=False),
        sa.Column("method", sa.String(length=16), server_default="fixed", nullable=False),
        sa.Column("metric", sa.String(length=16), server_default="taps", nullable=False),
        sa.Column("test_percent", sa.Integer(), server_default="20", nullable=False),
        sa.Column("test_hours", sa.Integer(), server_default="4", nullable=False),
        sa.Column("winner", sa.String(length=1), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("note", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("filled_to_id", ID, server_default="0", nullable=False),
        sa.Column("filled_at", Instant(), nullable=True),
    ]


def _rebuild_broadcasts() -> None:
    """SQLite changes no constraint of a table that is there. Foreign keys are off meanwhile."""
    op.create_table(
        "new_broadcasts",
        sa.Column("id", ID, nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("picture_id", ID, nullable=True),
        sa.Column("key", sa.String(length=16), nullable=True),
        sa.Column("recipients", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("chat", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("drawn", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.Column("drawn_at", Instant(), nullable=True),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("measured_from", Instant(), nullable=True),
        sa.Column("measured_left", sa.Integer(), server_default="0", nullable=False),
        *_columns(),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_broadcasts_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_broadcasts_author_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_broadcasts_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_broadcasts_picture_id_pictures")),
        sa.ForeignKeyConstraint(["approved_by"], ["members.id"], name=op.f("fk_broadcasts_approved_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.execute(
        f"INSERT INTO new_broadcasts ({OLD}, wordings, confirmed_at, filled_at) "
        f"SELECT {OLD}, {_wordings('json_object')}, started_at, started_at FROM broadcasts"
    )
    op.drop_table("broadcasts")
    op.rename_table("new_broadcasts", "broadcasts")


def _alter_broadcasts() -> None:
    for column in _columns():
        op.add_column("broadcasts", column)
    op.create_foreign_key(op.f("fk_broadcasts_approved_by_members"), "broadcasts", "members", ["approved_by"], ["id"])
    op.execute(
        f"UPDATE broadcasts SET wordings = {_wordings('json_build_object')}, confirmed_at = started_at, "
        "filled_at = started_at"
    )
    for name in ("known_state", "confirmed", "started_once", "finished_once", "whole_address"):
        op.drop_constraint(op.f(f"ck_broadcasts_{name}"), "broadcasts", type_="check")
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_broadcasts_{name}"), "broadcasts", rule)
    for index in ("ix_broadcasts_history", "ix_broadcasts_sending", "ix_broadcasts_watched", "uq_broadcasts_draft"):
        op.drop_index(index, "broadcasts")
    op.drop_column("broadcasts", "text")
    op.drop_column("broadcasts", "length")


def _wordings(build: str) -> str:
    """The one text there was, as the first variant's in the language it was written in."""
    return f"CASE WHEN text <> '' THEN {build}('A', {build}('', {build}('text', text, 'length', length))) END"


def _index_broadcasts() -> None:
    op.create_index("ix_broadcasts_history", "broadcasts", ["merchant_id", "id"])
    partial = {
        "ix_broadcasts_sending": (["id"], "state = 'sending'", False),
        "ix_broadcasts_preparing": (["id"], "state = 'preparing'", False),
        "ix_broadcasts_scheduled": (["send_at"], "state = 'scheduled'", False),
        "ix_broadcasts_waiting": (["id"], "state = 'waiting'", False),
        "uq_broadcasts_draft": (["merchant_id", "author_id"], "state = 'draft'", True),
    }
    for name, (columns, condition, is_unique) in partial.items():
        where = sa.text(condition)
        op.create_index(name, "broadcasts", columns, unique=is_unique, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_broadcasts_watched",
        "broadcasts",
        ["drawn_at"],
        sqlite_where=sa.text("started_at IS NOT NULL AND is_told = 0"),
        postgresql_where=sa.text("started_at IS NOT NULL AND NOT is_told"),
    )


def _deliveries() -> None:
    op.add_column(
        "deliveries",
        sa.Column("merchant_id", ID, sa.ForeignKey("merchants.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("deliveries", sa.Column("variant", sa.String(length=1), nullable=True))
    op.add_column("deliveries", sa.Column("score", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE deliveries SET variant = 'A', merchant_id = "
        "(SELECT merchant_id FROM broadcasts WHERE broadcasts.id = deliveries.broadcast_id) "
        "WHERE broadcast_id IS NOT NULL"
    )
    contacts = sa.text("lane = 'marketing' AND state IN ('sending', 'sent', 'unknown')")
    op.create_index(
        "ix_deliveries_contacts",
        "deliveries",
        ["member_id", "finished_at"],
        sqlite_where=contacts,
        postgresql_where=contacts,
    )
    op.create_table(
        "broadcast_taps",
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("button", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_broadcast_taps_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "button", name=op.f("pk_broadcast_taps")),
    )


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", ID, nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_segments_author_id_members")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_segments_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("merchant_id", "name", name=op.f("uq_segments_merchant_id_name")),
    )
