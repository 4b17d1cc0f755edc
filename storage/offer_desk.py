from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, bindparam, func, or_, select

from loyalty.offer_desk import Figures, ListedOffer, Target
from loyalty.offers import Offer, OfferKind
from loyalty.vouchers import VoucherState
from storage.group_buys import deals
from storage.offers import as_offer, offer_members, offer_query, offers
from storage.rewards import rewards
from storage.vouchers import vouchers
from storage.wares import AT, comes_after, is_visible, rank_of, saving

_rank = rank_of(offers, offers.c.state == "paused")
_of_offer = vouchers.c.offer_id == offers.c.id
_waits = and_(vouchers.c.state == VoucherState.ISSUED.value, vouchers.c.expires_at > AT)
_figures = (
    select(func.count())
    .select_from(offer_members)
    .where(offer_members.c.offer_id == offers.c.id)
    .correlate(offers)
    .scalar_subquery()
    .label("seen"),
    select(func.count())
    .select_from(vouchers)
    .where(_of_offer, vouchers.c.state != VoucherState.CANCELLED.value)
    .correlate(offers)
    .scalar_subquery()
    .label("given"),
    select(func.count())
    .select_from(vouchers)
    .where(_of_offer, vouchers.c.state == VoucherState.USED.value)
    .correlate(offers)
    .scalar_subquery()
    .label("used"),
    select(func.count())
    .select_from(vouchers)
    .where(_of_offer, _waits)
    .correlate(offers)
    .scalar_subquery()
    .label("waiting"),
)
_PAGE = (
    offer_query()
    .add_columns(*_figures)
    .where(
        offers.c.merchant_id == bindparam("merchant_id"),
        offers.c.removed_at.is_(None),
        comes_after(_rank, offers.c.id),
    )
    .order_by(_rank, offers.c.id.desc())
    .limit(bindparam("most"))
)
_FIGURES = select(*_figures).where(offers.c.id == bindparam("offer_id"))


def _targets(table: Table, title: str) -> Select[Any]:
    return (
        select(table.c.id, table.c[title].label("title"), table.c.translations)
        .where(
            table.c.merchant_id == bindparam("merchant_id"),
            is_visible(table),
            table.c.removed_at.is_(None),
            or_(table.c.ends_at.is_(None), table.c.ends_at > AT),
            table.c.id < bindparam("before_id"),
        )
        .order_by(table.c.id.desc())
        .limit(bindparam("most"))
    )


_TARGETS = {OfferKind.REWARD: _targets(rewards, "name"), OfferKind.DEAL: _targets(deals, "title")}
_CHANGEABLE = (
    "title",
    "text",
    "translations",
    "kind",
    "reward_id",
    "deal_id",
    "tier_min",
    "stock",
    "per_member",
    "price_minor",
    "voucher_days",
    "picture_id",
    "starts_at",
    "ends_at",
    "published_at",
    "removed_at",
)
_SAVE = saving(offers, (*_CHANGEABLE, "state"))


class SqlOfferDesk:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[ListedOffer]:
        rank, before_id = after
        values = {"merchant_id": merchant_id, "at": at, "after_rank": rank, "before_id": before_id, "most": limit}
        return [ListedOffer(as_offer(row), _as_figures(row)) for row in self._connection.execute(_PAGE, values)]

    def figures(self, offer_id: int, at: datetime) -> Figures:
        return _as_figures(self._connection.execute(_FIGURES, {"offer_id": offer_id, "at": at}).one())

    def targets(
        self, merchant_id: int, kind: OfferKind, at: datetime, *, before_id: int, limit: int
    ) -> Sequence[Target]:
        values = {"merchant_id": merchant_id, "at": at, "before_id": before_id, "most": limit}
        rows = self._connection.execute(_TARGETS[kind], values)
        return [Target(kind, row.id, row.title, row.translations or {}) for row in rows]

    def target(self, merchant_id: int, kind: OfferKind, target_id: int, at: datetime) -> Target | None:
        found = self.targets(merchant_id, kind, at, before_id=target_id + 1, limit=1)
        return next((target for target in found if target.id == target_id), None)

    def save(self, offer: Offer) -> None:
        facts: dict[str, Any] = {f"new_{name}": getattr(offer, name) for name in _CHANGEABLE}
        facts["new_translations"] = {language: dict(words) for language, words in offer.translations.items()}
        facts["new_state"] = "paused" if offer.is_paused else "running"
        self._connection.execute(_SAVE, {"of_ware": offer.id, **facts})


def _as_figures(row: Any) -> Figures:
    return Figures(row.seen, row.given, row.used, row.waiting)
