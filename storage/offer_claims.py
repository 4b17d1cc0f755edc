"""Offers claimed: the shop's stock and the member's share move together, under the offer's lock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from loyalty.offers import Candidate, Offer
from storage.dialects import insert_or_skip, per_dialect
from storage.offers import as_candidate, as_offer, offer_members, offer_query, offers

_GET = offer_query().where(offers.c.id == bindparam("offer_id"))
_LOCK = _GET.with_for_update(of=offers)
_TAKE = (
    update(offers)
    .where(offers.c.id == bindparam("of_offer"), or_(offers.c.stock.is_(None), offers.c.stock > 0))
    .values(stock=offers.c.stock - 1, claimed=offers.c.claimed + 1)
)
_RESTOCK = (
    update(offers)
    .where(offers.c.id == bindparam("of_offer"))
    .values(stock=offers.c.stock + 1, claimed=offers.c.claimed - 1)
)
_HAVE = per_dialect(
    offer_members,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["offer_id", "member_id"],
        set_={"had": offer_members.c.had + 1, "most": statement.excluded.most},
        where=or_(statement.excluded.most.is_(None), offer_members.c.had < statement.excluded.most),
    ).returning(offer_members.c.had),
)
_HAVE_LESS = (
    update(offer_members)
    .where(offer_members.c.offer_id == bindparam("of_offer"), offer_members.c.member_id == bindparam("of_member"))
    .values(had=offer_members.c.had - 1)
)
_HAD = select(offer_members.c.had).where(
    offer_members.c.offer_id == bindparam("offer_id"), offer_members.c.member_id == bindparam("member_id")
)
_SEE = insert_or_skip(offer_members)


class SqlOfferClaims:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def look(self, offer_id: int) -> tuple[Offer, Candidate] | None:
        row = self._connection.execute(_GET, {"offer_id": offer_id}).one_or_none()
        return None if row is None else (as_offer(row), as_candidate(row))

    def lock(self, offer_id: int) -> Offer | None:
        row = self._connection.execute(_LOCK, {"offer_id": offer_id}).one_or_none()
        return None if row is None else as_offer(row)

    def take(self, offer_id: int, member_id: int, most: int | None, at: datetime) -> bool:
        if self._connection.execute(_TAKE, {"of_offer": offer_id}).rowcount != 1:
            return False
        values = {"offer_id": offer_id, "member_id": member_id, "seen_at": at, "had": 1, "most": most}
        return self._connection.execute(_HAVE[self._dialect], values).one_or_none() is not None

    def give_back(self, offer_id: int, member_id: int) -> None:
        self._connection.execute(_RESTOCK, {"of_offer": offer_id})
        self._connection.execute(_HAVE_LESS, {"of_offer": offer_id, "of_member": member_id})

    def had(self, offer_id: int, member_id: int) -> int | None:
        return self._connection.execute(_HAD, {"offer_id": offer_id, "member_id": member_id}).scalar_one_or_none()

    def see(self, offer_id: int, member_id: int, at: datetime) -> None:
        self._connection.execute(
            _SEE[self._dialect], {"offer_id": offer_id, "member_id": member_id, "seen_at": at, "had": 0}
        )
