from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, case, cast, distinct, func, or_, select

from loyalty.broadcast_reports import Effects, Fate, ShopTotals, way_of
from loyalty.broadcasts import FIRST
from loyalty.deliveries import DeliveryState
from storage.broadcast_effects import ends_at, redemptions, sales, sent, window
from storage.broadcasts import broadcast_taps, broadcasts
from storage.dialects import Among, id_list, per_id_list
from storage.members import consent_log
from storage.merchants import merchants
from storage.outbox import deliveries
from storage.schema import Id, Instant
from storage.statements import Statement

FROM_BROADCAST, FROM_DELIVERY = "broadcast:", "delivery:"  # how the log of consents names where somebody tapped

_FATES = (
    deliveries.c.state,
    deliveries.c.reason,
    func.count(),
    func.count(case((deliveries.c.attempts > 0, 1))),
    func.count(deliveries.c.opened_at),
)
_WAY = Statement(
    select(*_FATES, func.max(deliveries.c.not_before, type_=Instant))
    .where(deliveries.c.broadcast_id == bindparam("broadcast_id", type_=Id))
    .group_by(deliveries.c.state, deliveries.c.reason)
)
_BUTTONS = Statement(
    select(broadcast_taps.c.button, func.count())
    .join_from(deliveries, broadcast_taps, broadcast_taps.c.delivery_id == deliveries.c.id)
    .where(
        deliveries.c.broadcast_id == bindparam("broadcast_id", type_=Id),
        deliveries.c.state == DeliveryState.SENT.value,
    )
    .group_by(broadcast_taps.c.button)
)


def _effects(dialect: str, among: Among) -> Select[Any]:
    """Each side is summed up by delivery before it is joined, so that nothing is counted twice."""
    which, until = among(sent.c.broadcast_id), ends_at(dialect)
    redeemed, bought = redemptions(which, until).subquery("redeemed"), sales(which, until).subquery("bought")
    tapped = (
        select(broadcast_taps.c.delivery_id)
        .distinct()
        .join_from(sent, broadcast_taps, broadcast_taps.c.delivery_id == sent.c.id)
        .where(which, sent.c.state == DeliveryState.SENT.value)
        .subquery("tapped")
    )
    has_looked = or_(deliveries.c.opened_at.is_not(None), tapped.c.delivery_id.is_not(None))
    return (
        select(
            deliveries.c.broadcast_id,
            deliveries.c.variant,
            func.count(),
            func.count(case((has_looked, 1))),
            func.count(tapped.c.delivery_id),
            func.count(redeemed.c.delivery_id),
            func.sum(redeemed.c.events),
            func.sum(redeemed.c.points),
            func.count(bought.c.delivery_id),
            func.sum(bought.c.events),
            func.sum(bought.c.minor),
            func.count(case((has_looked, redeemed.c.delivery_id))),
            func.sum(case((has_looked, redeemed.c.points))),
            func.count(case((has_looked, bought.c.delivery_id))),
            func.sum(case((has_looked, bought.c.minor))),
        )
        .select_from(
            deliveries.outerjoin(tapped, tapped.c.delivery_id == deliveries.c.id)
            .outerjoin(redeemed, redeemed.c.delivery_id == deliveries.c.id)
            .outerjoin(bought, bought.c.delivery_id == deliveries.c.id)
        )
        .where(among(deliveries.c.broadcast_id), deliveries.c.state == DeliveryState.SENT.value)
        .group_by(deliveries.c.broadcast_id, deliveries.c.variant)
    )


_EFFECTS = Statement(
    {
        dialect: per_id_list("ids", lambda among, dialect=dialect: _effects(dialect, among))[dialect]  # type: ignore[misc]
        for dialect in ("sqlite", "postgresql")
    }
)

_since = bindparam("since", type_=Instant)
_STARTED = Statement(
    select(
        merchants.c.id,
        merchants.c.name,
        merchants.c.translations,
        select(func.count())
        .select_from(broadcasts)
        .where(broadcasts.c.merchant_id == merchants.c.id, broadcasts.c.started_at >= _since)
        .correlate(merchants)
        .scalar_subquery(),
    )
    .where(
        merchants.c.id.in_(select(broadcasts.c.merchant_id).where(broadcasts.c.started_at >= _since)),
    )
    .order_by(merchants.c.id)
)
_WAYS = Statement(
    select(broadcasts.c.merchant_id, *_FATES)
    .join_from(broadcasts, deliveries, deliveries.c.broadcast_id == broadcasts.c.id)
    .where(broadcasts.c.started_at >= _since)
    .group_by(broadcasts.c.merchant_id, deliveries.c.state, deliveries.c.reason)
)


def _number_after(prefix: str) -> Any:
    """What is read as a number only where the prefix stands before it."""
    is_such = consent_log.c.place.startswith(prefix)
    return case((is_such, cast(func.substr(consent_log.c.place, len(prefix) + 1), BigInteger)))


_nos = (
    select(
        consent_log.c.member_id,
        _number_after(FROM_BROADCAST).label("broadcast_id"),
        _number_after(FROM_DELIVERY).label("delivery_id"),
    )
    .where(
        ~consent_log.c.is_given,
        consent_log.c.at >= _since,
        or_(*(consent_log.c.place.startswith(prefix) for prefix in (FROM_BROADCAST, FROM_DELIVERY))),
    )
    .subquery("nos")
)
_STOPS = Statement(
    select(broadcasts.c.merchant_id, func.count(distinct(_nos.c.member_id)))
    .select_from(
        _nos.outerjoin(deliveries, deliveries.c.id == _nos.c.delivery_id).join(
            broadcasts, broadcasts.c.id == func.coalesce(_nos.c.broadcast_id, deliveries.c.broadcast_id)
        )
    )
    .group_by(broadcasts.c.merchant_id)
)


class SqlBroadcastReports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def fates(self, broadcast_id: int) -> Sequence[Fate]:
        rows = _WAY.rows(self._connection, {"broadcast_id": broadcast_id})
        return [_as_fate(*row) for row in rows]

    def buttons(self, broadcast_id: int) -> Mapping[int, int]:
        return dict(_BUTTONS.rows(self._connection, {"broadcast_id": broadcast_id}))

    def effects(self, broadcast_ids: Sequence[int], days: int) -> Mapping[int, Mapping[str, Effects]]:
        if not broadcast_ids:
            return {}
        values = {"ids": id_list(self._connection, broadcast_ids), **window(days, self._dialect)}
        found: dict[int, dict[str, Effects]] = {broadcast_id: {} for broadcast_id in broadcast_ids}
        for broadcast_id, variant, *figures in _EFFECTS.rows(self._connection, values):
            found[broadcast_id][variant or FIRST] = Effects(*(int(figure or 0) for figure in figures))
        return found

    def shops(self, since: datetime) -> Sequence[ShopTotals]:
        values = {"since": since}
        fates: dict[int, list[Fate]] = {}
        for merchant_id, *row in _WAYS.rows(self._connection, values):
            fates.setdefault(merchant_id, []).append(_as_fate(*row))
        stops = dict(_STOPS.rows(self._connection, values))
        return [
            ShopTotals(
                merchant_id, name, translations, count, way_of(fates.get(merchant_id, ())), stops.get(merchant_id, 0)
            )
            for merchant_id, name, translations, count in _STARTED.rows(self._connection, values)
        ]


def _as_fate(state: str, reason: str, count: int, asked: int, opened: int, until: datetime | None = None) -> Fate:
    return Fate(DeliveryState(state), reason, count, asked, opened, until)
