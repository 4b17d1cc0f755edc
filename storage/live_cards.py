"""Cards of group buys in chats of many, from being posted until they tell the outcome or are lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    case,
    update,
)

from storage.dialects import id_list, per_id_list
from storage.schema import EMPTY, Id, Instant, metadata
from storage.statements import Statement

live_cards = Table(
    "live_cards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("deal_id", Id, ForeignKey("deals.id"), nullable=False),
    Column("group_id", Id, ForeignKey("groups.id"), index=True),  # null: nobody has opened one from it yet
    Column("chat", String(64), nullable=False, server_default=EMPTY),  # empty: shared inline, into whatever chat
    Column("message", String(64), nullable=False),  # its id in the chat, or the inline message's
    Column("language", String(16), nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("due_at", Instant),  # when it is to be drawn again; null: it shows what there is
    Column("free_at", Instant, nullable=False),  # not to be drawn before
    Column("lost_at", Instant),
    Column("reason", String(64), nullable=False, server_default=EMPTY),
    UniqueConstraint("chat", "message"),
)
_waits = live_cards.c.due_at.is_not(None) & live_cards.c.lost_at.is_(None)
Index("ix_live_cards_due", live_cards.c.due_at, sqlite_where=_waits, postgresql_where=_waits)

_AT = bindparam("at", type_=Instant)
_MARK = Statement(
    per_id_list(
        "ids",
        lambda among: (
            update(live_cards)
            .where(among(live_cards.c.group_id), live_cards.c.lost_at.is_(None))
            .values(due_at=case((live_cards.c.free_at > _AT, live_cards.c.free_at), else_=_AT))
        ),
    )
)


class SqlLiveCards:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def mark(self, group_ids: Sequence[int], at: datetime) -> None:
        _MARK.run(self._connection, {"ids": id_list(self._connection, group_ids), "at": at})
