"""Group buys in group chats: deals made by shops, live cards, merging, what people choose when time is over."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.schema import EMPTY, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _deals()
    _groups()
    op.add_column("members", sa.Column("shows_name", sa.Boolean(), nullable=True))
    op.add_column(
        "vouchers", sa.Column("deal_id", ID, sa.ForeignKey("deals.id"), nullable=True), inline_references=True
    )
    op.create_index("ix_vouchers_deal", "vouchers", ["deal_id", "member_id"])
    op.execute(
        "UPDATE vouchers SET deal_id = (SELECT deal_id FROM groups WHERE groups.id = vouchers.group_id) "
        "WHERE group_id IS NOT NULL"
    )
    op.create_table(
        "live_cards",
        sa.Column("id", ID, nullable=False),
        sa.Column("deal_id", ID, nullable=False),
        sa.Column("group_id", ID, nullable=True),
        sa.Column("chat", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("free_at", Instant(), nullable=False),
        sa.Column("lost_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=64), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_live_cards_deal_id_deals")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_live_cards_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_cards")),
        sa.UniqueConstraint("chat", "message", name=op.f("uq_live_cards_chat_message")),
    )
    op.create_index("ix_live_cards_group_id", "live_cards", ["group_id"])
    due = sa.text("due_at IS NOT NULL AND lost_at IS NULL")
    op.create_index("ix_live_cards_due", "live_cards", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "choices",
        sa.Column("group_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=True),
        sa.Column("chosen_at", Instant(), nullable=True),
        sa.Column("led_to_id", ID, nullable=True),
        sa.CheckConstraint("choice IN ('refund', 'extend', 'merge', 'solo')", name=op.f("ck_choices_known_choice")),
        sa.CheckConstraint("(choice IS NULL) = (chosen_at IS NULL)", name=op.f("ck_choices_chosen_once")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_choices_group_id_groups")),
        sa.ForeignKeyConstraint(["led_to_id"], ["groups.id"], name=op.f("fk_choices_led_to_id_groups")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_choices_member_id_members")),
        sa.PrimaryKeyConstraint("group_id", "member_id", name=op.f("pk_choices")),
    )
    op.create_table(
        "deal_views",
        sa.Column("deal_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("viewed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_views_deal_id_deals")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_deal_views_member_id_members")),
        sa.PrimaryKeyConstraint("deal_id", "member_id", name=op.f("pk_deal_views")),
    )


def _deals() -> None:
    for column in ("solo_price_minor", "group_price_minor", "bonus_points"):
        op.add_column("deals", sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    for column in ("published_at", "removed_at"):
        op.add_column("deals", sa.Column(column, Instant(), nullable=True))
    # Whatever was there before could be seen by everybody.
    deals = sa.table("deals", sa.column("published_at", Instant()))
    op.execute(deals.update().values(published_at=datetime.now(UTC)))


def _groups() -> None:
    for column in ("price_minor", "bonus_points"):
        op.add_column("groups", sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    for column in ("extends_id", "merged_into_id"):
        references = sa.ForeignKey("groups.id")
        op.add_column("groups", sa.Column(column, ID, references, nullable=True), inline_references=True)
    op.create_index("ix_groups_all_of_deal", "groups", ["deal_id", "state", "id"])
    op.create_index("uq_groups_extended_once", "groups", ["extends_id"], unique=True)
