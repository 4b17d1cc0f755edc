"""Cards of group buys in chats of many, from being posted until they tell the outcome or are lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

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
    literal,
    or_,
    select,
    update,
)

from loyalty.group_buys import GroupState, SeatState
from loyalty.live_cards import MOVED, LiveCard, Place
from storage.dialects import id_list, insert_or_skip, per_id_list
from storage.group_buys import groups, seats
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
    Column("topic", String(64), nullable=False, server_default=EMPTY),  # of a forum; empty: none, or its general one
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
_as_soon_as_it_may = case((live_cards.c.free_at > _AT, live_cards.c.free_at), else_=_AT)
_MARK = Statement(
    per_id_list(
        "ids",
        lambda among: (
            update(live_cards)
            .where(among(live_cards.c.group_id), live_cards.c.lost_at.is_(None))
            .values(due_at=_as_soon_as_it_may)
        ),
    )
)
_is_here = (live_cards.c.chat == bindparam("in_chat")) & (live_cards.c.message == bindparam("as_message"))
_REOPEN = (
    update(live_cards)
    .where(live_cards.c.group_id == bindparam("of_group"), live_cards.c.lost_at.is_(None))
    .values(group_id=None, due_at=_as_soon_as_it_may)
)
_MARK_AT = update(live_cards).where(_is_here, live_cards.c.lost_at.is_(None)).values(due_at=_as_soon_as_it_may)
_MARK_OF = (
    update(live_cards)
    .where(
        live_cards.c.group_id.in_(
            select(seats.c.group_id).where(
                seats.c.member_id == bindparam("of_member"), seats.c.state != SeatState.RELEASED.value
            )
        ),
        live_cards.c.lost_at.is_(None),
    )
    .values(due_at=_as_soon_as_it_may)
)
_CARD = select(
    live_cards.c.id,
    live_cards.c.deal_id,
    live_cards.c.group_id,
    live_cards.c.chat,
    live_cards.c.message,
    live_cards.c.topic,
    live_cards.c.language,
    live_cards.c.lost_at,
)
_GET = _CARD.where(_is_here)
_OPEN_IN = (
    select(groups.c.id)
    .join_from(live_cards, groups, groups.c.id == live_cards.c.group_id)
    .where(
        live_cards.c.chat == bindparam("in_chat"),
        live_cards.c.deal_id == bindparam("of_deal"),
        groups.c.state == GroupState.OPEN.value,
        groups.c.closes_at > _AT,
    )
    .order_by(groups.c.id.desc())
    .limit(1)
)
_BESIDE = _CARD.where(
    live_cards.c.chat == bindparam("in_chat"),
    live_cards.c.message != bindparam("as_message"),
    live_cards.c.group_id == bindparam("of_group"),
    live_cards.c.lost_at.is_(None),
)
_POST = insert_or_skip(live_cards)
_FIND_AGAIN = (
    update(live_cards).where(_is_here, live_cards.c.lost_at.is_not(None)).values(lost_at=None, reason="", due_at=_AT)
)
_OPENED = (
    update(live_cards)
    .where(_is_here, live_cards.c.group_id.is_(None))
    .values(group_id=bindparam("to_group"), due_at=_as_soon_as_it_may)
)
_is_due = _waits & (live_cards.c.due_at <= _AT)
_ANY_DUE = select(live_cards.c.id).where(_is_due).limit(1)
_tells_the_outcome = case((groups.c.state != GroupState.OPEN.value, 0), else_=1)
_DUE = (
    _CARD.join_from(live_cards, groups, groups.c.id == live_cards.c.group_id, isouter=True)
    .where(_is_due)
    .order_by(_tells_the_outcome, live_cards.c.due_at, live_cards.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=live_cards)
)
_LEASE = Statement(
    per_id_list(
        "ids",
        lambda among: (
            update(live_cards)
            .where(among(live_cards.c.id))
            .values(due_at=bindparam("lease", type_=Instant), free_at=bindparam("after", type_=Instant))
        ),
    )
)
_of_card = live_cards.c.id == bindparam("of_card")
_RESTS = bindparam("rests_until", type_=Instant)
_DRAWN = (
    update(live_cards)
    .where(_of_card)
    .values(
        free_at=_RESTS,
        due_at=case(
            (live_cards.c.due_at == bindparam("lease", type_=Instant), bindparam("next_at", type_=Instant)),
            else_=_RESTS,
        ),
    )
)
_POSTPONE = update(live_cards).where(_of_card).values(due_at=_AT, free_at=_AT)
_other = live_cards.alias("other")
_REPLACE = (
    update(live_cards)
    .where(
        _of_card,
        ~select(_other.c.id)
        .where(_other.c.chat == bindparam("in_chat"), _other.c.message == bindparam("as_message"))
        .exists(),
    )
    .values(message=bindparam("as_message"))
)
_LOSE = update(live_cards).where(live_cards.c.lost_at.is_(None)).values(lost_at=_AT, reason=bindparam("why"))
_LOSE_ONE = _LOSE.where(_of_card)
_LOSE_CHAT = _LOSE.where(live_cards.c.chat == bindparam("in_chat"), live_cards.c.chat != "")
_MOVE = (
    update(live_cards)
    .where(
        live_cards.c.chat == bindparam("in_chat"),
        live_cards.c.lost_at.is_(None),
        # An open group always has a moment at which it is drawn again.
        or_(live_cards.c.due_at.is_not(None), live_cards.c.group_id.is_(None)),
    )
    .values(
        chat=bindparam("to_chat"),
        message=literal(f"{MOVED}:") + live_cards.c.chat + ":" + live_cards.c.message,
        due_at=_AT,
        free_at=_AT,
    )
)
# A card that is marked while somebody draws it is due only after that: no two draw it at once.
_AFTER_THE_LEASE = timedelta(milliseconds=1)


class SqlLiveCards:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def mark(self, group_ids: Sequence[int], at: datetime) -> None:
        _MARK.run(self._connection, {"ids": id_list(self._connection, group_ids), "at": at})

    def reopen(self, group_id: int, at: datetime) -> None:
        self._connection.execute(_REOPEN, {"of_group": group_id, "at": at})

    def mark_at(self, place: Place, at: datetime) -> None:
        self._connection.execute(_MARK_AT, {**_here(place), "at": at})

    def mark_of(self, member_id: int, at: datetime) -> None:
        self._connection.execute(_MARK_OF, {"of_member": member_id, "at": at})

    def at(self, place: Place) -> LiveCard | None:
        row = self._connection.execute(_GET, _here(place)).one_or_none()
        return None if row is None else _as_card(row)

    def post(
        self,
        place: Place,
        deal_id: int,
        group_id: int | None,
        language: str,
        *,
        at: datetime,
        due_at: datetime | None,
        free_at: datetime,
    ) -> None:
        posted = self._connection.execute(
            _POST[self._dialect],
            {
                "deal_id": deal_id,
                "group_id": group_id,
                "chat": place.chat,
                "message": place.message,
                "topic": place.topic,
                "language": language,
                "posted_at": at,
                "due_at": due_at,
                "free_at": free_at,
            },
        )
        if not posted.rowcount:
            self._connection.execute(_FIND_AGAIN, {**_here(place), "at": at})

    def open_in(self, chat: str, deal_id: int, at: datetime) -> int | None:
        values = {"in_chat": chat, "of_deal": deal_id, "at": at}
        group_id: int | None = self._connection.execute(_OPEN_IN, values).scalar_one_or_none()
        return group_id

    def beside(self, place: Place, group_id: int) -> Sequence[LiveCard]:
        values = {**_here(place), "of_group": group_id}
        return [_as_card(row) for row in self._connection.execute(_BESIDE, values)]

    def opened(self, place: Place, group_id: int, at: datetime) -> None:
        self._connection.execute(_OPENED, {**_here(place), "to_group": group_id, "at": at})

    def is_any_due(self, at: datetime) -> bool:
        return self._connection.execute(_ANY_DUE, {"at": at}).first() is not None

    def claim(self, at: datetime, *, lease: datetime, limit: int) -> Sequence[LiveCard]:
        cards = [_as_card(row) for row in self._connection.execute(_DUE, {"at": at, "most": limit})]
        if cards:
            ids = id_list(self._connection, [card.id for card in cards])
            _LEASE.run(self._connection, {"ids": ids, "lease": lease, "after": lease + _AFTER_THE_LEASE})
        return cards

    def drawn(self, card: LiveCard, *, lease: datetime, rests_until: datetime, due_at: datetime | None) -> None:
        values = {"of_card": card.id, "lease": lease, "rests_until": rests_until, "next_at": due_at}
        self._connection.execute(_DRAWN, values)

    def postpone(self, cards: Sequence[tuple[LiveCard, datetime]]) -> None:
        if cards:
            self._connection.execute(_POSTPONE, [{"of_card": card.id, "at": until} for card, until in cards])

    def replace(self, card: LiveCard, message: str) -> bool:
        values = {"of_card": card.id, **_here(Place(card.place.chat, message))}
        return self._connection.execute(_REPLACE, values).rowcount == 1

    def lose(self, card: LiveCard, reason: str, at: datetime) -> None:
        self._connection.execute(_LOSE_ONE, {"of_card": card.id, "why": reason, "at": at})

    def lose_chat(self, chat: str, reason: str, at: datetime) -> None:
        self._connection.execute(_LOSE_CHAT, {"in_chat": chat, "why": reason, "at": at})

    def move(self, chat: str, to: str, at: datetime) -> None:
        self._connection.execute(_MOVE, {"in_chat": chat, "to_chat": to, "at": at})


def _here(place: Place) -> dict[str, str]:
    return {"in_chat": place.chat, "as_message": place.message}


def _as_card(row: Any) -> LiveCard:
    return LiveCard(
        row.id,
        row.deal_id,
        row.group_id,
        Place(row.chat, row.message, row.topic),
        row.language,
        row.lost_at is not None,
    )
