from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.deliveries import Notice
from loyalty.earning import day_of, month_of
from loyalty.errors import ReferralRefused
from loyalty.members import Member
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import Standing
from loyalty.referrals import CHAIN_DEPTH, FriendsToday, ReferralEvent, Referred, check_bindable
from loyalty.services import ledger


@dataclass(frozen=True, slots=True)
class Invitation:
    code: str
    referred: Referred
    referrer_points: int
    referee_points: int
    event: ReferralEvent


@dataclass(frozen=True, slots=True)
class Qualified:
    """What both sides got, and by which transactions."""

    referrer_id: int
    referrer_points: int
    referrer_award: int
    referee_points: int
    referee_award: int


class ReferralService:
    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def invitation(self, member: Member) -> Invitation:
        with self._units() as uow:
            return Invitation(
                code=member.code,
                referred=uow.referrals.counts(member.id),
                referrer_points=self._programme.referrer_points,
                referee_points=self._programme.referee_points,
                event=self._programme.referral_event,
            )

    @reads
    def today(self, referrer_id: int) -> FriendsToday:
        """For whoever tells a referrer about friends: what they did today, and what was told of it."""
        day = day_of(self._clock(), self._programme.zone)
        with self._units() as uow:
            joined, qualified = uow.referrals.that_day(referrer_id, day)
            told = uow.referrals.told(referrer_id)
        seen = FriendsToday(joined, qualified, qualified * self._programme.referrer_points)
        if told is None or told[0] != day[0]:
            return seen
        return replace(seen, told=told[1], chat=told[2], message_id=told[3])

    def note_told(self, referrer_id: int, told: int, chat: str, message_id: int) -> None:
        """A message about friends went out, the n-th of today."""
        day_since, _ = day_of(self._clock(), self._programme.zone)
        with self._units() as uow:
            uow.referrals.note_told(referrer_id, day_since, told, chat, message_id)
            uow.commit()


def bind(uow: UnitOfWork, programme: Programme, referee: Member, code: str, at: datetime) -> Member:
    """Binds a newcomer to whose code it is, once; the referrer hears of it. Answers the referrer.

    Raises ReferralRefused for an unknown code, oneself, or a loop.
    """
    referrer = uow.members.by_code(code)
    if referrer is None:
        raise ReferralRefused("unknown")
    check_bindable(referrer.id, referee.id, uow.referrals.chain(referrer.id, CHAIN_DEPTH))
    if not uow.referrals.bind(referrer.id, referee.id, at):
        raise ReferralRefused("already_member")
    uow.outbox.add(
        [
            Notice(
                referrer.id,
                kind="referral_joined",
                cause=f"referral_joined:{referee.id}",
                facts={"points": programme.referrer_points, "event": programme.referral_event},
            )
        ],
        at,
    )
    return referrer


def waiting(uow: UnitOfWork, programme: Programme, referee_id: int, event: ReferralEvent) -> int | None:
    """Who brought the referee, if that is still to be rewarded and this event is what counts. Whoever qualifies them
    locks both first."""
    if programme.referral_event is not event:
        return None
    bound = uow.referrals.of(referee_id)
    return None if bound is None or bound.qualified_at is not None else bound.referrer_id


def key_of_next(uow: UnitOfWork, key: str) -> str | None:
    """The key under which something is given that is given once; None where it was, and not by an undone purchase.

    What undone purchases gave is counted in it: a key happens once.
    """
    number, tried = 0, key
    while (standing := uow.purchases.standing(tried)) is Standing.UNDONE:
        number += 1
        tried = f"{key}:{number}"
    return tried if standing is Standing.NEVER else None


def qualify(
    uow: UnitOfWork, programme: Programme, referee_id: int, at: datetime, releases_at: datetime | None = None
) -> Qualified | None:
    """The referee has done what counts: both sides get their points, once; pending until `releases_at`, if given.

    Answers None where there is nothing to qualify, or it has been done: what a refund took back is not given anew.
    Where the referrer has as many friends as the caps let through in a day or a month, it waits for the next time that
    the referee does it, and the referrer is told so once. Whoever calls has locked both.
    """
    bound = uow.referrals.of(referee_id)
    if bound is None or bound.qualified_at is not None:
        return None
    if not _has_room(uow, programme, bound.referrer_id, at):
        facts = {"event": programme.referral_event}
        cause = f"referral_waits:{referee_id}"
        uow.outbox.add([Notice(bound.referrer_id, "referral_waits", cause, facts)], at)
        return None
    referrer_id = uow.referrals.qualify(referee_id, at)
    if referrer_id is None:
        return None
    awards = [
        ledger.award(
            uow,
            programme,
            member_id,
            points,
            key=_key(uow, referee_id, side),
            cause=f"referral_{side}:{referee_id}",
            actor="club",
            at=at,
            releases_at=releases_at,
        ).transaction_id
        for member_id, points, side in (
            (referrer_id, programme.referrer_points, "referrer"),
            (referee_id, programme.referee_points, "referee"),
        )
    ]
    uow.outbox.add(
        [
            Notice(
                referrer_id,
                kind="referral_qualified",
                cause=f"referral_qualified:{referee_id}",
                facts={
                    "points": programme.referrer_points,
                    "event": programme.referral_event,
                    "releases_at": releases_at.isoformat() if releases_at else None,
                },
            )
        ],
        at,
    )
    return Qualified(referrer_id, programme.referrer_points, awards[0], programme.referee_points, awards[1])


def _has_room(uow: UnitOfWork, programme: Programme, referrer_id: int, at: datetime) -> bool:
    """Whether the caps let one more friend through."""
    day, month = day_of(at, programme.zone), month_of(at, programme.zone)
    today, this_month = uow.referrals.qualified(referrer_id, day, month)
    caps = ((programme.referrals_day_max, today), (programme.referrals_month_max, this_month))
    return all(not most or so_far < most for most, so_far in caps)


def _key(uow: UnitOfWork, referee_id: int, side: str) -> str:
    key = key_of_next(uow, f"referral:{referee_id}:{side}")
    assert key is not None, "it waits, so nothing was given that stands"
    return key
