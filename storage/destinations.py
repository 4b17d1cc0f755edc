"""What a button under a broadcast can lead to: the shop's own rewards, group buys and offers that are not over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, or_, select

from loyalty.broadcasts import Leads, Target
from storage.group_buys import deals
from storage.offers import offers
from storage.rewards import rewards
from storage.schema import Instant
from storage.wares import is_visible


def _page(of: Table, name: ColumnElement[str], *conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(of.c.id, name.label("name"), of.c.translations)
        .where(
            of.c.merchant_id == bindparam("merchant_id"),
            of.c.id > bindparam("after_id"),
            or_(of.c.ends_at.is_(None), of.c.ends_at > bindparam("at", type_=Instant)),
            *conditions,
        )
        .order_by(of.c.id)
        .limit(bindparam("most"))
    )


_PAGES = {
    Leads.REWARD: _page(rewards, rewards.c.name, is_visible(rewards), rewards.c.removed_at.is_(None)),
    Leads.DEAL: _page(deals, deals.c.title, is_visible(deals), deals.c.removed_at.is_(None)),
    Leads.OFFER: _page(offers, offers.c.title, is_visible(offers), offers.c.removed_at.is_(None)),
}


class SqlDestinations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, merchant_id: int, leads: Leads, at: datetime, *, after_id: int, limit: int) -> Sequence[Target]:
        values = {"merchant_id": merchant_id, "at": at, "after_id": after_id, "most": limit}
        return [
            Target(
                row.id,
                row.name,
                {language: said["name"] for language, said in (row.translations or {}).items() if said.get("name")},
            )
            for row in self._connection.execute(_PAGES[leads], values)
        ]

    def get(self, merchant_id: int, leads: Leads, at: datetime, target_id: int) -> Target | None:
        found = self.page(merchant_id, leads, at, after_id=target_id - 1, limit=1)
        return found[0] if found and found[0].id == target_id else None
