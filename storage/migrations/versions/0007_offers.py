"""Offers that are claimed, and that shops make themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.schema import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "known_kind": "kind IN ('claim', 'reward', 'deal', 'news')",
    "leads_to_reward": "(kind = 'reward') = (reward_id IS NOT NULL)",
    "leads_to_deal": "(kind = 'deal') = (deal_id IS NOT NULL)",
    "not_oversold": "stock >= 0 AND claimed >= 0",
    "limit_allows_one": "per_member > 0",
    "not_negative": "price_minor >= 0 AND voucher_days >= 0",
}
# Whatever was there before led where it said, and could be seen by everybody.
KIND = "CASE WHEN reward_id IS NOT NULL THEN 'reward' WHEN deal_id IS NOT NULL THEN 'deal' ELSE 'news' END"
BOTH = "UPDATE offers SET deal_id = NULL WHERE reward_id IS NOT NULL AND deal_id IS NOT NULL"  # the reward was shown
WORDS = {"title": "name", "text": "description"}  # as rewards and deals call them


def upgrade() -> None:
    op.execute(BOTH)
    op.drop_index("ix_offers_running", "offers")
    if op.get_context().dialect.name == "postgresql":
        _change_offers()
    else:
        _write_offers_anew()
    running = sa.text("state = 'running'")
    op.create_index("ix_offers_running", "offers", ["id"], sqlite_where=running, postgresql_where=running)
    offers = sa.table("offers", sa.column("published_at", Instant()))
    op.execute(offers.update().values(published_at=datetime.now(UTC)))
    _rename_words()
    op.create_table(
        "offer_members",
        sa.Column("offer_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("had", sa.Integer(), server_default="0", nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.CheckConstraint("had >= 0", name=op.f("ck_offer_members_not_below_nothing")),
        sa.CheckConstraint("had <= most", name=op.f("ck_offer_members_not_too_many")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_offer_members_offer_id_offers")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_offer_members_member_id_members")),
        sa.PrimaryKeyConstraint("offer_id", "member_id", name=op.f("pk_offer_members")),
    )
    some = sa.text("had > 0")
    op.create_index("ix_offer_members_had", "offer_members", ["member_id"], sqlite_where=some, postgresql_where=some)
    op.add_column(
        "vouchers", sa.Column("offer_id", ID, sa.ForeignKey("offers.id"), nullable=True), inline_references=True
    )
    op.create_index("ix_vouchers_offer", "vouchers", ["offer_id", "state"])


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("claimed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("per_member", sa.Integer(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("voucher_days", sa.Integer(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
    ]


def _change_offers() -> None:
    op.alter_column("offers", "starts_at", existing_type=Instant(), nullable=True)
    for column in _new_columns():
        column.nullable = column.nullable or column.name == "kind"
        op.add_column("offers", column)
    op.execute(f"UPDATE offers SET kind = {KIND}")
    op.alter_column("offers", "kind", existing_type=sa.String(length=16), nullable=False)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_offers_{name}"), "offers", condition)


def _write_offers_anew() -> None:
    """SQLite cannot change a column. What points to the table finds the new one under the old one's name."""
    old = "id, slug, merchant_id, reward_id, deal_id, picture_id, title, text, translations, tier_min, state"
    op.create_table(
        "offers_anew",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("merchant_id", ID, nullable=False),
        sa.Column("reward_id", ID, nullable=True),
        sa.Column("deal_id", ID, nullable=True),
        sa.Column("picture_id", ID, nullable=True),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("tier_min", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        *_new_columns(),
        sa.CheckConstraint("state IN ('running', 'paused')", name=op.f("ck_offers_known_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_offers_ends_after_start")),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_offers_{name}")) for name, condition in CHECKS.items()),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_offers_deal_id_deals")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_offers_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_offers_picture_id_pictures")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_offers_reward_id_rewards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("slug", name=op.f("uq_offers_slug")),
    )
    op.execute(
        f"INSERT INTO offers_anew ({old}, starts_at, ends_at, kind) "
        f"SELECT {old}, starts_at, ends_at, {KIND} FROM offers"
    )
    op.drop_table("offers")
    op.rename_table("offers_anew", "offers")
    op.create_index("ix_offers_merchant_id", "offers", ["merchant_id"])


def _rename_words() -> None:
    offers = sa.table("offers", sa.column("id", ID), sa.column("translations", sa.JSON()))
    connection = op.get_bind()
    for offer_id, spoken in connection.execute(sa.select(offers.c.id, offers.c.translations)).all():
        renamed = {
            language: {WORDS.get(name, name): words for name, words in said.items()}
            for language, said in spoken.items()
        }
        if renamed != spoken:
            connection.execute(offers.update().where(offers.c.id == offer_id).values(translations=renamed))
