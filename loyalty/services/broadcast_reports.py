from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty.broadcast_reports import (
    PERIODS,
    Comparison,
    Effects,
    ShopLine,
    ShopTotals,
    Way,
    compare,
    in_all,
    score_of,
    way_of,
)
from loyalty.broadcasts import Broadcast
from loyalty.errors import BroadcastRefused, NotFound
from loyalty.members import Member
from loyalty.merchants import Post, Right
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.staff import check_right

PAGE = 8
FILE_MAX = 200  # a file takes a look at every row of each broadcast in it
OPERATOR_DAYS = 30


@dataclass(frozen=True, slots=True)
class Report:
    """`effects` by variant; `taps` by the place of a button; what came within `days` counts. Read at `now`."""

    broadcast: Broadcast
    way: Way
    effects: Mapping[str, Effects]
    taps: Mapping[int, int]
    comparison: Comparison | None
    days: int
    currency: str
    now: datetime

    @property
    def whole(self) -> Effects:
        return in_all(self.effects.values())


@dataclass(frozen=True, slots=True)
class ShopReport:
    """What the shop `post` sent in the last `period` days, newest first; `older_than`: the id to page on from."""

    post: Post
    lines: Sequence[ShopLine]
    older_than: int | None
    period: int
    days: int
    currency: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class ClubTotals:
    """Who wrote how much in the last `days` days, whoever wrote most first."""

    shops: Sequence[ShopTotals]
    days: int


class BroadcastReportService:
    """Every use case of the merchant looks anew whether the member speaks for that shop: buttons stay, roles end."""

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def report(self, member: Member, broadcast_id: int) -> Report:
        """How it stands, whether or not it is over. Raises NotFound, NotAllowed, and BroadcastRefused for a draft."""
        days = self._programme.attribution_days
        with self._units() as uow:
            broadcast = uow.broadcasts.get(broadcast_id)
            if broadcast is None:
                raise NotFound("broadcast", broadcast_id)
            check_right(uow, member.id, broadcast.merchant_id, Right.BROADCAST)
            if broadcast.is_draft:
                raise BroadcastRefused("not_running")
            way = way_of(uow.broadcast_reports.fates(broadcast_id))
            effects = uow.broadcast_reports.effects([broadcast_id], days)[broadcast_id]
            taps = uow.broadcast_reports.buttons(broadcast_id)
        metric = broadcast.trial.metric
        scores = {variant: score_of(found, metric) for variant, found in effects.items()}
        return Report(
            broadcast=broadcast,
            way=way,
            effects={name: effects.get(name, Effects()) for name in broadcast.content.variants},
            taps={place: taps.get(place, 0) for place in range(len(broadcast.content.buttons))},
            comparison=compare(broadcast.content.variants, scores),
            days=days,
            currency=self._programme.currency,
            now=self._clock(),
        )

    @reads
    def of_shop(self, member: Member, merchant_id: int, period: int, before_id: int | None = None) -> ShopReport:
        """A page of what the shop sent in one of PERIODS. Raises NotAllowed."""
        return self._of_shop(member, merchant_id, period, before_id, PAGE)

    @reads
    def file_of_shop(self, member: Member, merchant_id: int, period: int) -> ShopReport:
        """All of it, the newest FILE_MAX. Raises NotAllowed."""
        return self._of_shop(member, merchant_id, period, None, FILE_MAX)

    def _of_shop(self, member: Member, merchant_id: int, period: int, before_id: int | None, most: int) -> ShopReport:
        if period not in PERIODS:
            raise NotFound("broadcast")
        since = self._clock() - timedelta(days=period)
        with self._units() as uow:
            posts = check_right(uow, member.id, merchant_id, Right.BROADCAST)
            page = uow.broadcasts.page(merchant_id, before_id=before_id, limit=most + 1, since=since)
            lines = self._lines(uow, page[:most])
        return ShopReport(
            post=next(post for post in posts if post.merchant_id == merchant_id),
            lines=lines,
            older_than=page[most - 1].id if len(page) > most else None,
            period=period,
            days=self._programme.attribution_days,
            currency=self._programme.currency,
            is_first=before_id is None,
        )

    def _lines(self, uow: UnitOfWork, page: Sequence[Broadcast]) -> Sequence[ShopLine]:
        effects = uow.broadcast_reports.effects([one.id for one in page], self._programme.attribution_days)
        return [ShopLine(one, in_all(effects[one.id].values())) for one in page]

    @reads
    def of_club(self) -> ClubTotals:
        """For the operator. Who is one is decided before a use case is called."""
        since = self._clock() - timedelta(days=OPERATOR_DAYS)
        with self._units() as uow:
            shops = uow.broadcast_reports.shops(since)
        return ClubTotals(sorted(shops, key=lambda one: (-one.way.let_go, one.merchant_id)), OPERATOR_DAYS)
