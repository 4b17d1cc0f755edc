"""What people make of a group that did not fill. Their points are back already; each chooses once, for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.codes import Random
from loyalty.errors import CannotMerge, DealUnavailable, NotFound
from loyalty.group_buys import Choice, Choosing, Deal, Group
from loyalty.members import Member
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import seating
from loyalty.services.seating import found, refusal_of
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class ChoiceSeen:
    """What a member can choose. `ways` are those that are open just now; `successor` is the group of the people who try
    once more, `other` the one that the member would go over to."""

    choosing: Choosing
    group: Group
    deal: Deal
    ways: tuple[Choice, ...]
    successor: Group | None
    other: Group | None
    available: int
    now: datetime
    currency: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of a choice: the group that it led to, or the voucher. `is_replay`: it was made before, and nothing
    was done now."""

    choice: Choice
    deal: Deal
    available: int
    is_replay: bool
    led_to: Group | None = None
    voucher: Voucher | None = None


class ChoiceService:
    """Each choice replays: tapped again, it shows what came of it. Another one is refused then."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def look(self, member: Member, group_id: int) -> ChoiceSeen:
        """Raises NotFound, also for a group that the member was not in."""
        now = self._clock()
        with self._units() as uow:
            choosing = _theirs(uow.choices.get(group_id, member.id), group_id)
            group = found(uow.groups.get(group_id), "group", group_id)
            deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
            successor, other = _successor(uow, group), uow.groups.to_join(group, member.id, now)
            taken = uow.groups.taken(deal.id, member.id)
            available = uow.ledger.balance(member.id).owned
        is_free = refusal_of(deal.check_limits, taken) is None
        is_possible = {
            Choice.REFUND: True,
            Choice.EXTEND: _has_joined(successor, member)
            or (is_free and refusal_of(_check_again, group, successor, deal, now) is None),
            Choice.MERGE: is_free and other is not None and other != successor,
            Choice.SOLO: refusal_of(deal.check_buying, taken, now) is None,
        }
        ways = tuple(way for way in Choice if is_possible[way] and choosing.is_open_at(now))
        return ChoiceSeen(choosing, group, deal, ways, successor, other, available, now, self._programme.currency)

    def refund(self, member: Member, group_id: int) -> Chosen:
        """The points stay with the member. Raises NotFound, ChoiceRefused."""
        now = self._clock()
        with self._units() as uow:
            choosing = _lock(uow, member, group_id)
            deal = _deal_of(uow, group_id)
            is_replay = choosing.is_made(Choice.REFUND, now)
            if not is_replay:
                uow.choices.choose(choosing, Choice.REFUND, now)
            available = uow.ledger.balance(member.id).owned
            uow.commit()
        return Chosen(Choice.REFUND, deal, available, is_replay)

    def extend(self, member: Member, group_id: int) -> Chosen:
        """Another try on the old terms: the first one who chooses it opens the group, the others join it, and those
        who have not chosen yet are told.

        Raises NotFound, ChoiceRefused, DealUnavailable, GroupIsFull, GroupIsClosed, NotEnoughPoints.
        """
        now = self._clock()
        with self._units() as uow:
            choosing = _lock(uow, member, group_id)
            if choosing.is_made(Choice.EXTEND, now):
                return self._again(uow, choosing, Choice.EXTEND)
            old = found(uow.groups.get(group_id), "group", group_id)
            if _successor(uow, old) is None:
                uow.groups.lock(old.id)  # of two who choose it at once, the second one joins
            successor = _successor(uow, old)
            group = self._open(uow, old, member, now) if successor is None else self._join(uow, successor, member, now)
            return self._choose(uow, choosing, Choice.EXTEND, group, now)

    def merge(self, member: Member, group_id: int) -> Chosen:
        """Into another open group of the deal, no dearer than this one was.

        Raises NotFound, ChoiceRefused, CannotMerge, DealUnavailable, NotEnoughPoints.
        """
        now = self._clock()
        with self._units() as uow:
            choosing = _lock(uow, member, group_id)
            if choosing.is_made(Choice.MERGE, now):
                return self._again(uow, choosing, Choice.MERGE)
            old = found(uow.groups.get(group_id), "group", group_id)
            other = uow.groups.lock_to_join(old, member.id, now)
            if other is None:
                raise CannotMerge(group_id, "nobody")
            return self._choose(uow, choosing, Choice.MERGE, self._sit_down(uow, other, member, now), now)

    def solo(self, member: Member, group_id: int, confirmed: tuple[int, int] | None = None) -> Chosen:
        """One for the member alone. `confirmed` is the price that was said yes to, in points and in money; None:
        whatever it costs.

        Raises NotFound, ChoiceRefused, DealUnavailable, PriceChanged, NotEnoughPoints.
        """
        now = self._clock()
        key = f"solo:{group_id}:{member.id}"
        with self._units() as uow:
            choosing = _lock(uow, member, group_id)
            if choosing.is_made(Choice.SOLO, now):
                return self._again(uow, choosing, Choice.SOLO, uow.vouchers.by_key(key))
            old = found(uow.groups.get(group_id), "group", group_id)
            deal = found(uow.deals.lock(old.deal_id), "deal", old.deal_id)
            uow.ledger.lock(member.id)
            voucher = seating.buy_alone(
                uow, self._programme, self._random, deal, member, now, key=key, confirmed=confirmed
            )
            uow.choices.choose(choosing, Choice.SOLO, now)
            available = uow.ledger.balance(member.id).owned
            uow.commit()
        voucher = as_shown(voucher, self._programme, now)
        return Chosen(Choice.SOLO, deal, available, is_replay=False, voucher=voucher)

    def _open(self, uow: UnitOfWork, old: Group, member: Member, now: datetime) -> Group:
        deal = found(uow.deals.lock(old.deal_id), "deal", old.deal_id)
        terms = old.again(deal, now)
        uow.ledger.lock(member.id)
        deal.check_opening(uow.groups.taken(deal.id, member.id), now, old.size)
        opened = seating.open_group(uow, terms, deal, member, now, key=f"again:{old.id}")
        others = [one for one in uow.choices.undecided(old.id, now) if one != member.id]
        more = {
            "of_group_id": old.id,
            "price_minor": old.price_minor,
            "currency": self._programme.currency,
            "closes_at": opened.closes_at.isoformat(),
        }
        seating.tell(uow, "group_extended", opened, deal, others, now, more=more)
        return opened

    def _join(self, uow: UnitOfWork, successor: Group, member: Member, now: datetime) -> Group:
        group = seating.locked(uow, successor.id)
        return group if _has_joined(group, member) else self._sit_down(uow, group, member, now)

    def _sit_down(self, uow: UnitOfWork, group: Group, member: Member, now: datetime) -> Group:
        deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
        return seating.join(uow, self._programme, self._random, group, deal, member, now)

    def _choose(self, uow: UnitOfWork, choosing: Choosing, choice: Choice, group: Group, now: datetime) -> Chosen:
        uow.choices.choose(choosing, choice, now, group.id)
        deal = _deal_of(uow, choosing.group_id)
        available = uow.ledger.balance(choosing.member_id).owned
        uow.commit()
        return Chosen(choice, deal, available, is_replay=False, led_to=group)

    def _again(self, uow: UnitOfWork, choosing: Choosing, choice: Choice, voucher: Voucher | None = None) -> Chosen:
        led_to = None if choosing.led_to_id is None else seating.standing(uow, choosing.led_to_id)
        if voucher is not None:
            voucher = as_shown(voucher, self._programme, self._clock())
        available = uow.ledger.balance(choosing.member_id).owned
        return Chosen(choice, _deal_of(uow, choosing.group_id), available, True, led_to, voucher)


def _theirs(choosing: Choosing | None, group_id: int) -> Choosing:
    if choosing is None:
        raise NotFound("choice", group_id)
    return choosing


def _lock(uow: UnitOfWork, member: Member, group_id: int) -> Choosing:
    return _theirs(uow.choices.lock(group_id, member.id), group_id)


def _deal_of(uow: UnitOfWork, group_id: int) -> Deal:
    group = found(uow.groups.get(group_id), "group", group_id)
    return found(uow.deals.get(group.deal_id), "deal", group.deal_id)


def _successor(uow: UnitOfWork, group: Group) -> Group | None:
    """The group that gives this one another try, or the one that it was merged into."""
    successor = uow.groups.extension_of(group.id)
    return None if successor is None else seating.standing(uow, successor.id)


def _has_joined(successor: Group | None, member: Member) -> bool:
    """By a link of the others."""
    return successor is not None and successor.has(member.id)


def _check_again(group: Group, successor: Group | None, deal: Deal, now: datetime) -> None:
    """Whether another try can be joined or opened. Raises GroupIsClosed, ChoiceRefused, DealUnavailable."""
    if successor is not None:
        successor.check_open(now)
        return
    group.again(deal, now)
    deal.check_running(now)
    if deal.stock < group.size:
        raise DealUnavailable(deal.id, "sold_out")
