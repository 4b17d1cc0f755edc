"""What people are called beside their whole name, shops that are one by whatever case their name has, topics of forums,
and shops that nobody runs any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty.names import first_part, key_of, one_line
from storage.schema import EMPTY, Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 1000

_members = sa.table("members", sa.column("id"), sa.column("name"), sa.column("first_name"))
_merchants = sa.table("merchants", sa.column("id"), sa.column("name"), sa.column("name_key"))


def upgrade() -> None:
    op.add_column("members", sa.Column("first_name", sa.String(length=64), server_default=EMPTY, nullable=False))
    op.add_column("merchants", sa.Column("name_key", sa.Text(), server_default=EMPTY, nullable=False))
    op.add_column("merchants", sa.Column("orphaned_at", Instant(), nullable=True))
    op.add_column("live_cards", sa.Column("topic", sa.String(length=64), server_default=EMPTY, nullable=False))
    _call_members()
    _key_merchants()
    op.create_index("uq_merchants_name_key", "merchants", ["name_key"], unique=True)


def _call_members() -> None:
    """The whole name alone is known of members of today: they are called by the first part of it that can be read."""
    connection, after = op.get_bind(), 0
    write = (
        sa.update(_members)
        .where(_members.c.id == sa.bindparam("of_member"))
        .values(name=sa.bindparam("cleaned"), first_name=sa.bindparam("called"))
    )
    page = sa.select(_members.c.id, _members.c.name).order_by(_members.c.id).limit(BATCH)
    while rows := connection.execute(page.where(_members.c.id > after)).all():
        connection.execute(
            write,
            [{"of_member": id_, "cleaned": one_line(name), "called": first_part(name)} for id_, name in rows],
        )
        after = rows[-1][0]


def _key_merchants() -> None:
    """Where several shops have one name but for its case, the first keeps it, and the others stay what they are."""
    connection = op.get_bind()
    taken: set[str] = set()
    write = (
        sa.update(_merchants).where(_merchants.c.id == sa.bindparam("of_merchant")).values(name_key=sa.bindparam("key"))
    )
    for id_, name in connection.execute(sa.select(_merchants.c.id, _merchants.c.name).order_by(_merchants.c.id)).all():
        key = key_of(name)
        key = key if key and key not in taken else f"{key} #{id_}"
        taken.add(key)
        connection.execute(write, {"of_merchant": id_, "key": key})
