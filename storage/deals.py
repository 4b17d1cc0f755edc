from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, select, true, union

from loyalty.deals import Figures, GroupFacts, ListedDeal
from loyalty.group_buys import Deal, GroupState
from loyalty.vouchers import VoucherState
from storage.group_buys import as_deal, deal_query, deal_views, deals, groups, seats
from storage.members import members
from storage.vouchers import vouchers
from storage.wares import AT, comes_after, rank_of, saving

_rank = rank_of(deals, deals.c.is_paused)
_is_open = and_(groups.c.state == GroupState.OPEN.value, groups.c.closes_at > AT)
_is_sold = vouchers.c.state != VoucherState.CANCELLED.value
_is_used = vouchers.c.state == VoucherState.USED.value
_OPEN = select(func.count()).where(groups.c.deal_id == deals.c.id, _is_open).correlate(deals).scalar_subquery()
_SOLD = select(func.count()).where(vouchers.c.deal_id == deals.c.id, _is_sold).correlate(deals).scalar_subquery()
_PAGE = (
    deal_query()
    .add_columns(_OPEN.label("open"), _SOLD.label("sold"))
    .where(
        deals.c.merchant_id == bindparam("merchant_id"),
        deals.c.removed_at.is_(None),
        comes_after(_rank, deals.c.id),
    )
    .order_by(_rank, deals.c.id.desc())
    .limit(bindparam("most"))
)

_DEAL_ID = bindparam("deal_id", type_=deals.c.id.type)
_sat = (
    select(seats.c.member_id)
    .join_from(seats, groups, groups.c.id == seats.c.group_id)
    .where(groups.c.deal_id == _DEAL_ID)
)
_bought = select(vouchers.c.member_id).where(vouchers.c.deal_id == _DEAL_ID, vouchers.c.group_id.is_(None), _is_sold)
_looked = select(deal_views.c.member_id).where(deal_views.c.deal_id == _DEAL_ID)
_joined = union(_sat, _bought).subquery()
# Whoever joins from a card in a chat has seen what it is, without ever opening the deal's own screen.
_viewed = union(_looked, _sat, _bought).subquery()
_of_groups = (
    select(
        func.count(case((groups.c.merged_into_id.is_(None), 1))).label("opened"),
        func.count(case((groups.c.state == GroupState.FILLED.value, 1))).label("filled"),
        func.count(case((_is_open, 1))).label("open"),
        func.coalesce(func.sum(case((_is_open, groups.c.taken))), 0).label("people"),
    )
    .where(groups.c.deal_id == _DEAL_ID)
    .subquery()
)
_of_vouchers = (
    select(
        func.count(case((and_(_is_sold, vouchers.c.group_id.is_not(None)), 1))).label("together"),
        func.count(case((and_(_is_sold, vouchers.c.group_id.is_(None)), 1))).label("alone"),
        func.count(case((_is_used, 1))).label("collected"),
    )
    .where(vouchers.c.deal_id == _DEAL_ID)
    .subquery()
)
_FIGURES = select(
    select(func.count()).select_from(_viewed).scalar_subquery().label("viewed"),
    select(func.count()).select_from(_joined).scalar_subquery().label("joined"),
    *_of_groups.c,
    *_of_vouchers.c,
).join_from(_of_groups, _of_vouchers, true())

_used = (
    select(vouchers.c.group_id, func.count().label("collected"))
    .where(vouchers.c.deal_id == _DEAL_ID, _is_used)
    .group_by(vouchers.c.group_id)
    .subquery()
)
_GROUPS = (
    select(groups, members.c.first_name.label("organiser"), func.coalesce(_used.c.collected, 0).label("collected"))
    .join_from(groups, members, members.c.id == groups.c.organiser_id)
    .outerjoin(_used, _used.c.group_id == groups.c.id)
    .where(groups.c.deal_id == _DEAL_ID)
    .order_by(groups.c.id)
)
_CHANGEABLE = (
    "title",
    "description",
    "translations",
    "solo_points",
    "group_points",
    "solo_price_minor",
    "group_price_minor",
    "size",
    "hours",
    "stock",
    "per_member",
    "is_several_allowed",
    "bonus_points",
    "picture_id",
    "is_paused",
    "starts_at",
    "ends_at",
    "published_at",
    "removed_at",
)
_SAVE = saving(deals, _CHANGEABLE)


class SqlDealDesk:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[ListedDeal]:
        rank, before_id = after
        values = {"merchant_id": merchant_id, "at": at, "after_rank": rank, "before_id": before_id, "most": limit}
        return [ListedDeal(as_deal(row), row.open, row.sold) for row in self._connection.execute(_PAGE, values)]

    def figures(self, deal_id: int, at: datetime) -> Figures:
        row = self._connection.execute(_FIGURES, {"deal_id": deal_id, "at": at}).one()
        return Figures(**{name: int(figure) for name, figure in row._mapping.items()})

    def groups(self, deal_id: int) -> Sequence[GroupFacts]:
        return [_facts(row) for row in self._connection.execute(_GROUPS, {"deal_id": deal_id})]

    def save(self, deal: Deal) -> None:
        facts: dict[str, Any] = {f"new_{name}": getattr(deal, name) for name in _CHANGEABLE}
        facts["new_translations"] = {language: dict(words) for language, words in deal.translations.items()}
        self._connection.execute(_SAVE, {"of_ware": deal.id, **facts})


def _facts(row: Any) -> GroupFacts:
    return GroupFacts(
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        state=GroupState(row.state),
        size=row.size,
        taken=row.taken,
        organiser=row.organiser,
        points=row.points,
        price_minor=row.price_minor,
        collected=row.collected,
    )
