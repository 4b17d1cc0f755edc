from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.errors import KeyReused, NotEnoughPoints, PriceChanged, Refusal
from loyalty.group_buys import Choosing, Deal, Group, GroupState, units_to_return
from loyalty.members import Member
from loyalty.merchants import Merchant
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import closing, ledger, merging, seating
from loyalty.services.seating import found, refusal_of
from loyalty.wares import visible

PAGE = 5
NEARLY_FULL = 3
CLOSED_AT_ONCE = 200  # groups in one transaction


@dataclass(frozen=True, slots=True)
class RunningDeals:
    """A page of deals. `nearly_full` stands on the first page only; `open_count` is how many groups one is in."""

    deals: tuple[Deal, ...]
    more_after: int | None
    is_first_page: bool
    nearly_full: tuple[tuple[Group, Deal], ...]
    open_count: int
    now: datetime
    currency: str = ""


@dataclass(frozen=True, slots=True)
class DealSeen:
    """A deal with a page of its open groups. `refusal` says why one cannot open a group, `alone_refusal` why one cannot
    buy alone, `mine` is one's open group. `is_first_look`: it is to be noted, see `look_at`.
    """

    deal: Deal
    groups: tuple[Group, ...]
    more_after: int | None
    available: int
    mine: Group | None
    refusal: Refusal | None
    now: datetime
    alone_refusal: Refusal | None = None
    currency: str = ""
    is_first_look: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What opening a group would mean; `nonce` makes it happen once."""

    deal: Deal
    available: int
    closes_at: datetime
    nonce: str
    now: datetime
    currency: str = ""


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """`available` is the viewer's balance, None where everybody may be looking. `choosing` is what the viewer makes of
    it now that it did not fill; `is_mergeable`: the viewer leads it and could merge it with another one.
    `is_first_look`: it is to be noted, see `look_at`.
    """

    group: Group
    deal: Deal
    now: datetime
    available: int | None = None
    currency: str = ""
    choosing: Choosing | None = None
    is_mergeable: bool = False
    is_first_look: bool = False


@dataclass(frozen=True, slots=True)
class MyGroups:
    """`choices` are by group: what the member makes, or can still make, of those that did not fill."""

    groups: tuple[tuple[Group, Deal], ...]
    older_than: int | None
    is_first_page: bool
    now: datetime
    choices: Mapping[int, Choosing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AtCounter:
    """A purchase that brings points which are missing."""

    shop: Merchant
    amount_minor: int
    currency: str


class GroupBuyService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def deals(self, member_id: int, after_id: int = 0) -> RunningDeals:
        now = self._clock()
        with self._units() as uow:
            page = uow.deals.running(now, after_id=after_id, limit=PAGE + 1)
            is_first = after_id == 0
            nearly = uow.groups.nearly_full(now, without_member=member_id, limit=NEARLY_FULL) if is_first else ()
            return RunningDeals(
                deals=tuple(page[:PAGE]),
                more_after=page[PAGE - 1].id if len(page) > PAGE else None,
                is_first_page=is_first,
                nearly_full=tuple(nearly),
                open_count=uow.groups.open_count(member_id),
                now=now,
                currency=self._programme.currency,
            )

    @reads
    def deal(self, member_id: int, deal_id: int, after_id: int = 0) -> DealSeen:
        """The deal and the groups opened after `after_id`. Raises NotFound."""
        now = self._clock()
        with self._units() as uow:
            deal = visible(uow.deals.get(deal_id), "deal", deal_id)
            page = uow.groups.open_of(deal_id, now, after_id=after_id, limit=PAGE + 1)
            taken = uow.groups.taken(deal_id, member_id)
            return DealSeen(
                deal=deal,
                groups=tuple(page[:PAGE]),
                more_after=page[PAGE - 1].id if len(page) > PAGE else None,
                available=uow.ledger.balance(member_id).owned,
                mine=uow.groups.mine(deal_id, member_id),
                refusal=refusal_of(deal.check_opening, taken, now),
                now=now,
                alone_refusal=refusal_of(deal.check_buying, taken, now),
                currency=self._programme.currency,
                is_first_look=not uow.deals.has_viewed(deal_id, member_id),
            )

    def look_at(self, member_id: int, deal_id: int) -> None:
        """Notes that the member has looked at the deal; its shop counts how many did."""
        with self._units() as uow:
            uow.deals.view(deal_id, member_id, self._clock())
            uow.commit()

    @reads
    def quote(self, member_id: int, deal_id: int) -> Quote:
        """What the member is asked to confirm. Raises NotFound, DealUnavailable, NotEnoughPoints."""
        now = self._clock()
        with self._units() as uow:
            deal = visible(uow.deals.get(deal_id), "deal", deal_id)
            deal.check_opening(uow.groups.taken(deal_id, member_id), now)
            available = uow.ledger.balance(member_id).owned
        if available < deal.group_points:
            raise NotEnoughPoints(needed=deal.group_points, available=available)
        nonce = new_code(self._random, NONCE_LENGTH)
        return Quote(deal, available, deal.closes_at(now), nonce, now, self._programme.currency)

    def open(self, member: Member, deal_id: int, nonce: str, confirmed: tuple[int, int] | None = None) -> GroupSeen:
        """Opens a group, takes its first seat and sets the points aside, once per nonce: a replay shows the group.
        `confirmed` is the price that was said yes to, in points and in money; None: whatever it costs.

        Raises NotFound, DealUnavailable, PriceChanged, NotEnoughPoints.
        """
        now = self._clock()
        key = f"group:{member.id}:{nonce}"
        with self._units() as uow:
            deal = visible(uow.deals.lock(deal_id), "deal", deal_id)
            uow.ledger.lock(member.id)
            if (first := uow.groups.by_key(key)) is not None:
                if first.deal_id != deal.id:
                    raise KeyReused(key)
                return self._seen(uow, first, deal, member.id, now)
            deal.check_opening(uow.groups.taken(deal.id, member.id), now)
            if confirmed not in (None, (deal.group_points, deal.group_price_minor)):
                raise PriceChanged(deal.id)
            opened = seating.open_group(uow, seating.terms_of(deal, now), deal, member, now, key=key)
            seen = self._seen(uow, opened, deal, member.id, now)
            uow.commit()
        return seen

    @reads
    def group(self, group_id: int, member_id: int | None = None) -> GroupSeen:
        """A group as a member sees it, or with None as anybody may; for one that was merged into another, that one.

        Raises NotFound.
        """
        now = self._clock()
        with self._units() as uow:
            group = seating.standing(uow, group_id)
            deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
            seen = self._seen(uow, group, deal, member_id, now)
            if member_id is None:
                return seen
            is_expired = group.state is GroupState.EXPIRED
            return replace(
                seen,
                choosing=uow.choices.get(group.id, member_id) if is_expired else None,
                is_mergeable=group.organiser_id == member_id and merging.candidate(uow, group, now) is not None,
                is_first_look=not uow.deals.has_viewed(deal.id, member_id),
            )

    def join(self, member: Member, group_id: int) -> GroupSeen:
        """Takes a place and sets the points aside; the last place completes the group for everybody in it.

        Raises NotFound, AlreadyInGroup, GroupIsFull, GroupIsClosed, DealUnavailable, NotEnoughPoints.
        """
        now = self._clock()
        with self._units() as uow:
            group = seating.locked(uow, group_id)
            deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
            joined = seating.join(uow, self._programme, self._random, group, deal, member, now)
            seen = self._seen(uow, joined, deal, member.id, now)
            uow.commit()
        return seen

    def leave(self, member: Member, group_id: int) -> GroupSeen:
        """Gives the seat up and the points back, as long as the group is open. A replay shows the group.

        Raises NotFound, NotInGroup, GroupIsClosed.
        """
        now = self._clock()
        with self._units() as uow:
            group = seating.locked(uow, group_id)
            group_id = group.id
            deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
            if not group.has(member.id) and _has_left(uow, group, member.id):
                return self._seen(uow, group, deal, member.id, now)
            left = group.leave(member.id, now)
            hold_id = next(held.hold_id for held in uow.groups.held([group_id]) if held.member_id == member.id)
            uow.groups.change(group, left)
            uow.groups.release(group_id, member.id, now)
            if left.state is GroupState.CANCELLED:
                uow.deals.restock(units_to_return([left]))
            if left.state is GroupState.CANCELLED:
                uow.live_cards.reopen(group_id, now)
            else:
                uow.live_cards.mark([group_id], now)
            ledger.release(uow, self._programme, hold_id, actor=f"member:{member.id}", at=now)
            if left.organiser_id != group.organiser_id:
                seating.tell(
                    uow,
                    "group_led",
                    left,
                    deal,
                    [left.organiser_id],
                    now,
                    more={"name": member.first_name if member.shows_name else ""},
                )
            seen = self._seen(uow, left, deal, member.id, now)
            uow.commit()
        return seen

    @reads
    def at_counter(self, points: int, *, deal_id: int = 0, group_id: int | None = None) -> AtCounter | None:
        """What to spend at the deal's shop for points that are missing; None where its purchases earn nothing, or not
        so much in one go. Raises NotFound."""
        with self._units() as uow:
            if group_id is not None:
                deal_id = found(uow.groups.get(group_id), "group", group_id).deal_id
            shop = found(uow.deals.get(deal_id), "deal", deal_id).merchant
            rule = uow.earn_rules.of(shop.id)
        caps = [most for most in (rule.points_day_max, rule.points_month_max) if most is not None] if rule else []
        if rule is None or any(points > most for most in caps):
            return None
        amount_minor = rule.amount_minor_for(points)
        if amount_minor > self._programme.till_most_minor(self._programme.decimals):
            return None
        return AtCounter(shop, amount_minor, self._programme.currency)

    @reads
    def mine(self, member_id: int, before_id: int | None = None) -> MyGroups:
        """The groups that a member is in, and those that came to their end with them; newest first."""
        now = self._clock()
        with self._units() as uow:
            page = uow.groups.of(member_id, before_id=before_id, limit=PAGE + 1)
            expired = [group.id for group, _ in page if group.state is GroupState.EXPIRED]
            choices = uow.choices.of(member_id, expired) if expired else ()
        return MyGroups(
            groups=tuple(page[:PAGE]),
            older_than=page[PAGE - 1][0].id if len(page) > PAGE else None,
            is_first_page=before_id is None,
            now=now,
            choices={choosing.group_id: choosing for choosing in choices},
        )

    def close_due(self, limit: int = CLOSED_AT_ONCE) -> int:
        """Ends groups that did not fill in time, at most `limit`, and gives all points back; answers how many.

        Groups that somebody is changing at this moment are left for the next time.
        """
        with self._units() as uow:
            closed = closing.close_due(uow, self._programme, limit, self._clock())
            uow.commit()
        return closed

    def _seen(self, uow: UnitOfWork, group: Group, deal: Deal, member_id: int | None, now: datetime) -> GroupSeen:
        available = None if member_id is None else uow.ledger.balance(member_id).owned
        return GroupSeen(group, deal, now, available, self._programme.currency)


def _has_left(uow: UnitOfWork, group: Group, member_id: int) -> bool:
    """Whether the member gave a seat up here, in a group that is open still or was called off by that."""
    is_so = group.state in (GroupState.OPEN, GroupState.CANCELLED)
    return is_so and uow.groups.seats_so_far(group.id, member_id) > 0
