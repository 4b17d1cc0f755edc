from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from loyalty.codes import Random
from loyalty.contact_policy import next_contact
from loyalty.deliveries import WENT_OUT, Notice
from loyalty.errors import NotFound, NotReversible
from loyalty.members import Member, Tier
from loyalty.points import expiry
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import Purchase
from loyalty.services import members
from loyalty.tiers import (
    Counted,
    Due,
    Standing,
    TierChange,
    TierReason,
    due,
    is_below,
    lacking,
    reached,
    standing,
    step_down,
    window,
)

BATCH = 500  # members in one transaction


@dataclass(frozen=True, slots=True)
class Granted:
    """What the operator has done, and what undoes it: the tier before, and how long that one was kept.

    `change_id` is None when it stood so already; nothing was written then.
    """

    member: Member
    tier: Tier
    kept_until: datetime | None
    change_id: int | None
    kept_before: datetime | None = None


def promote_if_reached(uow: UnitOfWork, programme: Programme, purchase: Purchase, at: datetime) -> Tier | None:
    """A step of whatever books a purchase: the tier that its buyer has reached by it, at once, and tells so.

    None where nothing changes. It takes the unit of work of the use case, and never commits.
    """
    member_id = purchase.wish.member_id
    if not programme.tier_minimums:
        return None
    counted = uow.tiers.counted(member_id, programme.tier_basis, window(at, programme.zone))
    if counted is None:
        return None
    wanted = due(programme.tier_minimums, counted, at)
    if counted.grace_until is not None and wanted in (Due.RISE, Due.SPARE):
        uow.purchases.keep_grace(purchase.id, counted.grace_until)
    match wanted:
        case Due.RISE:
            uow.outbox.add(list(_rise(uow, programme, [counted], at)), at)
            return reached(programme.tier_minimums, counted.total)
        case Due.SPARE:
            uow.tiers.set_grace([member_id], None)
            return None
        case _:
            return None  # nobody is warned, or falls, at the till


def take_back(uow: UnitOfWork, programme: Programme, purchase: Purchase, at: datetime) -> None:
    """A step of undoing a purchase, after its points: what its buyer's tier has risen to by it, or by it and others
    since, falls back to what is reached without it, never below the tier before; a grace that it ended runs on.

    Who was told of the higher tier is told that it went. It takes the unit of work of the use case, and never commits.
    """
    member_id, minimums = purchase.wish.member_id, programme.tier_minimums
    assert purchase.booked_at is not None, "it was booked at a till"
    uow.tiers.lock(member_id)
    counted = uow.tiers.counted(member_id, programme.tier_basis, window(at, programme.zone))
    assert counted is not None, "somebody bought it"
    changes = uow.tiers.changes_since(member_id, purchase.booked_at)
    risen = list(takewhile(lambda change: change.reason is TierReason.EARNED, changes))
    tier = counted.tier
    if risen:
        tier = max(reached(minimums, counted.total), risen[-1].before, key=lambda one: one.rank)
    if tier.rank < counted.tier.rank:
        (undone,) = uow.tiers.change([member_id], counted.tier, tier, TierReason.UNDONE, at)
        gone = [change for change in risen if change.after.rank > tier.rank]
        states = [uow.outbox.withdraw(member_id, _risen(change), at) for change in gone]
        if any(state in WENT_OUT for state in states):
            facts = {"before": counted.tier.value, "tier": tier.value}
            uow.outbox.add([Notice(member_id, "tier_undone", f"tier_undone:{undone.id}", facts)], at)
    if purchase.grace_before is not None and is_below(minimums, tier, counted.total):
        uow.tiers.set_grace([member_id], purchase.grace_before)


def _risen(change: TierChange) -> str:
    return f"tier_up:{change.after.value}:{change.id}"


class TierService:
    """Tiers: reached by what purchases earned in a year, ended after a grace."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
        self._after_id = 0  # how far the round has come

    @reads
    def standing(self, member_id: int) -> Standing:
        """Raises NotFound."""
        now = self._clock()
        with self._units() as uow:
            counted = uow.tiers.counted(member_id, self._programme.tier_basis, window(now, self._programme.zone))
        if counted is None:
            raise NotFound("member", member_id)
        return _on_the_clubs_clock(standing(self._programme.tier_minimums, counted, now), self._programme)

    def review_due(self, limit: int = BATCH) -> int:
        """Looks at the twelve months of the next `limit` members: who reached more rises, who earned too little is
        warned, and goes one step down when the grace is over. Answers at how many it looked; 0: the round is over.

        Between two calls others have their turn. A round that is cut off begins anew, and finds what is left.
        """
        now = self._clock()
        with self._units() as uow:
            up_to_id, count = uow.tiers.next_batch(self._after_id, limit)
            if count:
                self._review(uow, self._after_id, up_to_id, now)
                uow.commit()
        self._after_id = up_to_id
        return count

    def grant(self, code: str, tier: Tier) -> Granted:
        """Gives the member with this code a tier, whatever was earned, for as long as the programme says; the first
        tier ends that. The member is told. The same again on the same day changes nothing.

        Raises NotFound.
        """
        now = self._clock()
        kept_until = None
        if tier is not Tier.MEMBER:
            kept_until = self._programme.local(expiry(now, self._programme.tier_kept_days, self._programme.zone))
        with self._units() as uow:
            member = self._locked(uow, members.meant(uow, code).id)
            if (member.tier, member.tier_kept_until) == (tier, kept_until):
                return Granted(member, tier, kept_until, None)
            change_id = self._give(uow, member, tier, kept_until, now)
            uow.commit()
        return Granted(replace(member, tier=tier), tier, kept_until, change_id, member.tier_kept_until)

    def undo_grant(self, member_id: int, change_id: int, kept_before: datetime | None) -> Granted:
        """The tier before a grant again, kept as long as it was; the member is told.

        Raises NotFound, NotReversible when the tier has changed since.
        """
        now = self._clock()
        with self._units() as uow:
            member = self._locked(uow, member_id)
            last = uow.tiers.last_change(member_id)
            if last is None or last.id != change_id or last.reason is not TierReason.GRANTED:
                raise NotReversible(change_id, "reversed")
            undone_id = self._give(uow, member, last.before, kept_before, now)
            uow.commit()
        return Granted(replace(member, tier=last.before), last.before, kept_before, undone_id, member.tier_kept_until)

    def _locked(self, uow: UnitOfWork, member_id: int) -> Member:
        uow.tiers.lock(member_id)
        member = uow.members.get(member_id)
        if member is None:
            raise NotFound("member", member_id)
        return member

    def _give(self, uow: UnitOfWork, member: Member, tier: Tier, kept_until: datetime | None, now: datetime) -> int:
        kept_until = None if kept_until is None else self._programme.local(kept_until)
        (change,) = uow.tiers.change([member.id], member.tier, tier, TierReason.GRANTED, now)
        uow.tiers.keep(member.id, kept_until)
        facts = {"tier": tier.value, "until": None if kept_until is None else kept_until.isoformat()}
        uow.outbox.add([Notice(member.id, "tier_granted", f"tier_granted:{change.id}", facts)], now)
        return change.id

    def _review(self, uow: UnitOfWork, after_id: int, up_to_id: int, now: datetime) -> None:
        programme = self._programme
        minimums = programme.tier_minimums
        least = min(minimums.values(), default=2**62)
        span = window(now, programme.zone)
        by_due: dict[Due, list[Counted]] = defaultdict(list)
        for counted in uow.tiers.to_review(after_id, up_to_id, programme.tier_basis, span, least):
            wanted = due(minimums, counted, now)
            if wanted is not None:
                by_due[wanted].append(counted)
        if by_due[Due.SPARE]:
            uow.tiers.set_grace([one.member_id for one in by_due[Due.SPARE]], None)
        notices = [
            *_rise(uow, programme, by_due[Due.RISE], now, in_daytime=True),
            *_fall(uow, programme, by_due[Due.FALL], now),
            *_warn(uow, programme, by_due[Due.WARN], now),
        ]
        uow.outbox.add(notices, now)


def _rise(
    uow: UnitOfWork, programme: Programme, risen: Sequence[Counted], at: datetime, *, in_daytime: bool = False
) -> Iterable[Notice]:
    """`in_daytime`: it is nothing that the member does at this moment, so it is told by day."""
    minimums = programme.tier_minimums
    steps = _by_step((one, reached(minimums, one.total)) for one in risen)
    for (before, after), group in steps.items():
        by_id = {one.member_id: one for one in group}
        for change in uow.tiers.change(list(by_id), before, after, TierReason.EARNED, at):
            told_at = next_contact(at, by_id[change.member_id].timezone, programme) if in_daytime else None
            yield Notice(change.member_id, "tier_up", _risen(change), {"tier": after.value}, not_before=told_at)


def _fall(uow: UnitOfWork, programme: Programme, fallen: Sequence[Counted], at: datetime) -> Iterable[Notice]:
    minimums = programme.tier_minimums
    steps = _by_step((one, step_down(minimums, one.tier)) for one in fallen)
    for (before, after), group in steps.items():
        by_id = {one.member_id: one for one in group}
        for change in uow.tiers.change(list(by_id), before, after, TierReason.LAPSED, at):
            counted = by_id[change.member_id]
            facts = {
                "before": before.value,
                "tier": after.value,
                "missing": lacking(minimums, counted),
                **_money(programme),
            }
            told_at = next_contact(at, counted.timezone, programme)
            yield _notice(programme, change.member_id, "tier_down", facts, at, told_at)


def _warn(uow: UnitOfWork, programme: Programme, warned: Sequence[Counted], at: datetime) -> Iterable[Notice]:
    if not warned:
        return
    until = programme.local(expiry(at, programme.tier_grace_days, programme.zone))
    uow.tiers.set_grace([one.member_id for one in warned], until)
    for one in warned:
        facts = {
            "tier": one.tier.value,
            "after": step_down(programme.tier_minimums, one.tier).value,
            "until": until.isoformat(),
            "missing": lacking(programme.tier_minimums, one),
            **_money(programme),
        }
        told_at = next_contact(at, one.timezone, programme)
        yield _notice(programme, one.member_id, "tier_warning", facts, at, told_at, deadline=until)


def _on_the_clubs_clock(seen: Standing, programme: Programme) -> Standing:
    return replace(
        seen,
        kept_until=None if seen.kept_until is None else programme.local(seen.kept_until),
        grace_until=None if seen.grace_until is None else programme.local(seen.grace_until),
    )


def _by_step(wanted: Iterable[tuple[Counted, Tier]]) -> dict[tuple[Tier, Tier], list[Counted]]:
    """Who goes from which tier to which: a handful of ways, however many go."""
    steps: dict[tuple[Tier, Tier], list[Counted]] = defaultdict(list)
    for counted, after in wanted:
        steps[counted.tier, after].append(counted)
    return steps


def _notice(
    programme: Programme,
    member_id: int,
    kind: str,
    facts: dict[str, Any],
    at: datetime,
    told_at: datetime | None,
    deadline: datetime | None = None,
) -> Notice:
    cause = f"{kind}:{facts['tier']}:{at.astimezone(programme.zone).date().isoformat()}"
    return Notice(member_id, kind, cause, facts, not_before=told_at, deadline=deadline)


def _money(programme: Programme) -> dict[str, str]:
    return {"basis": programme.tier_basis.value, "currency": programme.currency}
