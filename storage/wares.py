"""What a shop offers, for the shop: listed by how it stands, the newest first, and saved as its staff changed it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, Update, and_, bindparam, case, or_, update

from loyalty.wares import WareState
from storage.merchants import is_looked_after
from storage.schema import Instant

AT = bindparam("at", type_=Instant)


def is_visible(of: Table) -> ColumnElement[bool]:
    """Of a table of wares, as `loyalty.wares.is_visible` says it."""
    return of.c.published_at.is_not(None)


def is_running(of: Table, is_on: ColumnElement[bool]) -> ColumnElement[bool]:
    """As `loyalty.wares.standing` says it of what members can take now, of a shop that has an owner; `is_on`: it is not
    paused."""
    return and_(
        is_on,
        is_visible(of),
        is_looked_after(of.c.merchant_id),
        of.c.removed_at.is_(None),
        or_(of.c.starts_at.is_(None), of.c.starts_at <= AT),
        or_(of.c.ends_at.is_(None), of.c.ends_at > AT),
    )


def rank_of(table: Table, is_paused: ColumnElement[bool]) -> ColumnElement[int]:
    """As `loyalty.wares.standing` says it; removed ones are not listed."""
    return case(
        (~is_visible(table), WareState.DRAFT.rank),
        (table.c.ends_at <= AT, WareState.ENDED.rank),
        (is_paused, WareState.PAUSED.rank),
        (table.c.starts_at > AT, WareState.UPCOMING.rank),
        else_=WareState.RUNNING.rank,
    )


def comes_after(rank: ColumnElement[int], of_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a row comes after the one of `after_rank` and `before_id`, in the order of rank and id, newest first."""
    return or_(rank > bindparam("after_rank"), and_(rank == bindparam("after_rank"), of_id < bindparam("before_id")))


def saving(table: Table, names: Sequence[str]) -> Update:
    """Writes these columns of the row `of_ware`, each from a value called like it, with `new_` before."""
    return (
        update(table)
        .where(table.c.id == bindparam("of_ware"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )
