from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.deliveries import Notice
from loyalty.errors import ReferralRefused
from loyalty.members import Member
from loyalty.points import Kind
from loyalty.ports import UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.referrals import CHAIN_DEPTH, Referred, check_bindable
from loyalty.services import ledger


@dataclass(frozen=True, slots=True)
class Invitation:
    code: str
    referred: Referred
    referrer_points: int
    referee_points: int


class ReferralService:
    def __init__(self, units: Units, programme: Programme) -> None:
        self._units, self._programme = units, programme

    @reads
    def invitation(self, member: Member) -> Invitation:
        with self._units() as uow:
            return Invitation(
                code=member.code,
                referred=uow.referrals.counts(member.id),
                referrer_points=self._programme.referrer_points,
                referee_points=self._programme.referee_points,
            )


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
                facts={"points": programme.referrer_points},
            )
        ],
        at,
    )
    return referrer


def qualify(uow: UnitOfWork, programme: Programme, referee: Member, at: datetime) -> int:
    """The referee has done what counts: both sides get their points, once. Answers the referee's points, 0 if none."""
    referrer_id = uow.referrals.qualify(referee.id, at)
    if referrer_id is None:
        return 0
    for member_id, points, side in (
        (referrer_id, programme.referrer_points, "referrer"),
        (referee.id, programme.referee_points, "referee"),
    ):
        ledger.award(
            uow,
            programme,
            member_id,
            points,
            key=f"referral:{referee.id}:{side}",
            cause=f"referral_{side}:{referee.id}",
            actor="club",
            at=at,
            kind=Kind.EARN,
        )
    uow.outbox.add(
        [
            Notice(
                referrer_id,
                kind="referral_qualified",
                cause=f"referral_qualified:{referee.id}",
                facts={"points": programme.referrer_points},
            )
        ],
        at,
    )
    return programme.referee_points
