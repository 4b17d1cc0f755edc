"""Steps of group buys: a seat is taken, a group fills, people are told. They take the unit of work of the use case that
they are part of, and never commit.

Locks are taken in one order, so that nobody waits for each other crosswise: a member's choice, groups by id, their
deal, balances by member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from loyalty.codes import VOUCHER_LENGTH, Random, new_code
from loyalty.deliveries import Notice
from loyalty.errors import DealUnavailable, NotFound, PriceChanged, Refusal
from loyalty.group_buys import Deal, Group, GroupState, Seat, units_to_return, ways_on
from loyalty.members import Member
from loyalty.points import Kind, expiry
from loyalty.ports import UnitOfWork
from loyalty.ports.group_buys import HeldSeat
from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.vouchers import NewVoucher, Voucher

P = ParamSpec("P")
T = TypeVar("T")


def open_group(uow: UnitOfWork, terms: Group, deal: Deal, member: Member, now: datetime, *, key: str) -> Group:
    """Opens a group on these terms for a locked deal, reserves its stock, and seats the member. Raises DealUnavailable,
    NotEnoughPoints."""
    if not uow.deals.reserve(deal.id, terms.size):
        raise DealUnavailable(deal.id, "sold_out")
    empty = uow.groups.open(replace(terms, organiser_id=member.id, taken=0, seats=()), key)
    return sit_down(uow, empty, seated(empty, member, now), deal, member, now)


def terms_of(deal: Deal, now: datetime) -> Group:
    """An empty group of a deal as it stands now."""
    return Group(
        id=0,
        deal_id=deal.id,
        organiser_id=0,
        state=GroupState.OPEN,
        size=deal.size,
        points=deal.group_points,
        taken=0,
        opened_at=now,
        closes_at=deal.closes_at(now),
        price_minor=deal.group_price_minor,
        bonus_points=deal.bonus_points,
    )


def standing(uow: UnitOfWork, group_id: int) -> Group:
    """The group, or the one that took its people. Raises NotFound."""
    group = found(uow.groups.get(group_id), "group", group_id)
    return group if group.merged_into_id is None else standing(uow, group.merged_into_id)


def locked(uow: UnitOfWork, group_id: int) -> Group:
    """`standing`, and nobody else joins, leaves or closes it until the unit ends. Raises NotFound."""
    group = found(uow.groups.lock(group_id), "group", group_id)
    return group if group.merged_into_id is None else locked(uow, group.merged_into_id)


def seated(group: Group, member: Member, now: datetime) -> Group:
    return group.join(Seat(member.id, member.first_name, bool(member.shows_name)), now)


def join(
    uow: UnitOfWork,
    programme: Programme,
    random: Random,
    group: Group,
    deal: Deal,
    member: Member,
    now: datetime,
) -> Group:
    """Takes a place in a locked group and sets the points aside; the last place completes it for everybody in it.

    Raises AlreadyInGroup, GroupIsFull, GroupIsClosed, DealUnavailable, NotEnoughPoints.
    """
    joined = seated(group, member, now)
    if deal.merchant.is_orphaned:  # nobody could take what a full group has
        raise DealUnavailable(deal.id, "paused")
    # A group that fills moves everybody's points: all balances are locked in one order before the first moves.
    is_last = joined.state is GroupState.FILLED
    ledger.lock_all(uow, [seat.member_id for seat in joined.seats] if is_last else [member.id])
    deal.check_limits(uow.groups.taken(deal.id, member.id))
    sit_down(uow, group, joined, deal, member, now)
    if is_last:
        fill(uow, programme, random, joined, deal, member.id, now)
    else:
        tell(
            uow,
            "group_joined",
            joined,
            deal,
            [joined.organiser_id],
            now,
            cause=f"group_joined:{group.id}:{member.id}",
            more={"name": member.first_name if member.shows_name else "", "taken": joined.taken, "size": joined.size},
        )
    return joined


def sit_down(uow: UnitOfWork, before: Group, after: Group, deal: Deal, member: Member, now: datetime) -> Group:
    """Sets the points aside and writes what became of the group."""
    times = uow.groups.seats_so_far(before.id, member.id)
    held = ledger.hold(
        uow,
        member.id,
        after.points,
        key=f"seat:{before.id}:{member.id}:{times}",
        cause=f"group:{before.id}",
        actor=f"member:{member.id}",
        at=now,
        merchant_id=deal.merchant.id,
    )
    uow.groups.seat(after, member.id, held.id, now)
    uow.groups.change(before, after)
    uow.live_cards.mark([after.id], now)
    return after


def fill(
    uow: UnitOfWork, programme: Programme, random: Random, group: Group, deal: Deal, speaker_id: int, now: datetime
) -> None:
    """Spends everybody's points, gives each a voucher and the organiser the bonus, in as many statements for a hundred
    as for two. The balances are locked."""
    held = uow.groups.held([group.id])
    ledger.capture_all(uow, [seat.hold_id for seat in held], at=now, merchant_id=deal.merchant.id)
    uow.vouchers.issue_all(
        [
            NewVoucher(
                key=f"group:{group.id}:{seat.member_id}",
                code=new_code(random, VOUCHER_LENGTH),
                member_id=seat.member_id,
                merchant_id=deal.merchant.id,
                title=deal.title,
                translations=deal.translations,
                points=group.points,
                issued_at=now,
                expires_at=expiry(now, programme.voucher_days, programme.zone),
                group_id=group.id,
                price_minor=group.price_minor,
                deal_id=deal.id,
            )
            for seat in held
        ]
    )
    uow.groups.close_seats([group.id], is_captured=True, at=now)
    if group.bonus_points:
        ledger.award(
            uow,
            programme,
            group.organiser_id,
            group.bonus_points,
            key=f"organiser:{group.id}",
            cause=f"group:{group.id}",
            actor="club",
            at=now,
            funder_id=deal.merchant.id,
            kind=Kind.EARN,
        )
    others = [seat.member_id for seat in group.seats if seat.member_id != speaker_id]
    tell(uow, "group_filled", group, deal, others, now)


def call_off(uow: UnitOfWork, programme: Programme, groups: Sequence[Group], now: datetime) -> None:
    """Locked open groups of a locked deal come to nothing before their time."""
    held = uow.groups.held([group.id for group in groups])
    ledger.lock_all(uow, [seat.member_id for seat in held])
    come_to_nothing(uow, programme, groups, held, GroupState.CANCELLED, now)


def come_to_nothing(
    uow: UnitOfWork,
    programme: Programme,
    groups: Sequence[Group],
    held: Sequence[HeldSeat],
    state: GroupState,
    now: datetime,
) -> None:
    """Locked groups come to this end: all points that are held in them are free again, and the stock has its units.

    The balances are locked. A fixed number of statements, however many they are.
    """
    ids = [group.id for group in groups]
    uow.deals.restock(units_to_return(groups))
    ledger.release_all(uow, programme, [seat.hold_id for seat in held], at=now)
    uow.groups.close_seats(ids, is_captured=False, at=now)
    uow.groups.close(ids, state, now)
    uow.live_cards.mark(ids, now)


def buy_alone(
    uow: UnitOfWork,
    programme: Programme,
    random: Random,
    deal: Deal,
    member: Member,
    now: datetime,
    *,
    key: str,
    confirmed: tuple[int, int] | None,
) -> Voucher:
    """One unit of a locked deal at its price without a group, as a voucher. `confirmed` is the price that was said yes
    to, in points and in money (the smallest unit); None: whatever it costs.

    Raises DealUnavailable, PriceChanged, NotEnoughPoints.
    """
    deal.check_buying(uow.groups.taken(deal.id, member.id), now)
    if confirmed not in (None, (deal.solo_points, deal.solo_price_minor)):
        raise PriceChanged(deal.id)
    if not uow.deals.reserve(deal.id, 1):
        raise DealUnavailable(deal.id, "sold_out")
    ledger.spend(
        uow,
        member.id,
        deal.solo_points,
        key=key,
        cause=f"deal:{deal.id}",
        actor=f"member:{member.id}",
        at=now,
        merchant_id=deal.merchant.id,
    )
    return uow.vouchers.issue(
        NewVoucher(
            key=key,
            code=new_code(random, VOUCHER_LENGTH),
            member_id=member.id,
            merchant_id=deal.merchant.id,
            title=deal.title,
            translations=deal.translations,
            points=deal.solo_points,
            issued_at=now,
            expires_at=expiry(now, programme.voucher_days, programme.zone),
            price_minor=deal.solo_price_minor,
            deal_id=deal.id,
        )
    )


def expired(group: Group, deal: Deal, programme: Programme, until: datetime, now: datetime) -> list[Notice]:
    """To everybody whose group is closed now for its time being over: what they may choose until then."""
    more = {
        "closes_at": group.closes_at.isoformat(),
        "closed_at": now.isoformat(),
        "until": until.isoformat(),
        "ways": [str(way) for way in ways_on(group, deal, now)],
        "solo_points": deal.solo_points,
        "solo_price_minor": deal.solo_price_minor,
        "currency": programme.currency,
    }
    return notices("group_expired", group, deal, [seat.member_id for seat in group.seats], more=more)


def tell(
    uow: UnitOfWork,
    kind: str,
    group: Group,
    deal: Deal,
    member_ids: Sequence[int],
    at: datetime,
    *,
    cause: str = "",
    more: Mapping[str, Any] | None = None,
) -> None:
    """Queues a notice about a group, at most one of a cause for each member."""
    uow.outbox.add(notices(kind, group, deal, member_ids, cause=cause, more=more), at)


def notices(
    kind: str,
    group: Group,
    deal: Deal,
    member_ids: Sequence[int],
    *,
    cause: str = "",
    more: Mapping[str, Any] | None = None,
) -> list[Notice]:
    facts: dict[str, Any] = {
        "group_id": group.id,
        "deal_id": deal.id,
        "title": deal.title,
        "titles": {language: words["name"] for language, words in deal.translations.items() if "name" in words},
        "points": group.points,
        **(more or {}),
    }
    return [Notice(member_id, kind, cause or f"{kind}:{group.id}", facts) for member_id in member_ids]


def refusal_of(check: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Refusal | None:
    """What a rule has against it, None if nothing."""
    try:
        check(*args, **kwargs)
    except Refusal as refusal:
        return refusal
    return None


def found(found: T | None, noun: str, key: int) -> T:
    """Raises NotFound."""
    if found is None:
        raise NotFound(noun, key)
    return found
