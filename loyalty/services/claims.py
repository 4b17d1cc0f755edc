"""Member numbers from before the club was in a chat, and who they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty.attempts import Guess
from loyalty.claims import NUMBER, Claim, clean_number, masked
from loyalty.codes import VOUCHER_LENGTH, Random, as_typed, new_code
from loyalty.errors import ClaimRefused, NotFound
from loyalty.members import Address, Member
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.services.guessing import guarded

CODE_LENGTH = VOUCHER_LENGTH  # 65 bits
PAGE = 500
SAME_PHONE = 3  # members with one phone that are looked at: of more than two nobody says who it is


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to hand to the holder of a number."""

    number: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody with a code is asked: enough to recognise oneself, nothing for a finder of the code."""

    code: str
    initial: str
    number: str  # masked


@dataclass(frozen=True, slots=True)
class Claimed:
    """`member` is who speaks from now on. `is_replay`: the same confirmation came again."""

    member: Member
    available: int
    is_replay: bool


class ClaimService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    def issue(self, given: str) -> Issued:
        """A code for a member number, the same one until it is used or ends. Raises NotFound, ClaimRefused."""
        number = clean_number(given)
        with self._units() as uow:
            member = None if number is None else uow.members.at(Address(NUMBER, number))
            if member is None or number is None:
                raise NotFound("number", given)
            nearest = uow.members.get(member.id)
            if nearest is not None and nearest.address.channel != NUMBER:
                raise ClaimRefused("in_chat")
            issued = self._issue(uow, member.id, number, self._clock())
            uow.commit()
        return issued

    def issue_next(self, after_id: int = 0) -> tuple[Sequence[Issued], int | None]:
        """Codes for the next members who are in no chat yet, in the order of their ids, and the id to go on from."""
        now = self._clock()
        with self._units() as uow:
            page = uow.claims.waiting(after_id, PAGE)
            issued = [self._issue(uow, member_id, number, now) for member_id, number in page]
            uow.commit()
        return issued, page[-1][0] if page else None

    def offer_to(self, member: Member) -> Offered | None:
        """The number of before whose phone is the one that the messenger has just vouched for as this member's. None
        where there is none, or more than one, or its holder is in a chat already."""
        with self._units() as uow:
            known = uow.members.get(member.id)
            if known is None or known.phone is None:
                return None
            alike = uow.members.by_phone_ending(known.phone.removeprefix("+"), SAME_PHONE)
            others = [other for other in alike if other.phone == known.phone and other.id != known.id]
            if len(others) != 1 or others[0].address.channel != NUMBER:
                return None
            [owner] = others
            issued = self._issue(uow, owner.id, owner.address.external_id, self._clock())
            uow.commit()
        return Offered(issued.code, owner.name[0], masked(issued.number))

    @guarded(Guess.NUMBER)
    def look(self, member: Member, given: str) -> Offered:
        """What a code would take over. Raises ClaimRefused."""
        with self._units() as uow:
            claim = self._usable(uow.claims.get(as_typed(given)), member.id)
            owner = uow.members.get(claim.member_id)
        assert owner is not None, "it has the number as its address"
        assert claim.number is not None, "it is usable"
        return Offered(claim.code, owner.first_name[:1] or "?", masked(claim.number))

    @guarded(Guess.NUMBER)
    def claim(self, member: Member, given: str) -> Claimed:
        """Takes a member number over, once. A newcomer without a history becomes the member of the number, with all
        that is booked for it. Whoever has one gets the number's points, which keep their expiry and funder, and the
        number leads to them from now on. Either way the higher of both tiers stays.

        Raises ClaimRefused.
        """
        now = self._clock()
        with self._units() as uow:
            speaker = uow.members.at(member.address) or member  # the first of two taps may have changed who speaks
            claim = uow.claims.get(as_typed(given))
            if claim is not None and claim.used_by == speaker.id:
                return Claimed(speaker, uow.ledger.balance(speaker.id).available, is_replay=True)
            claim = self._usable(claim, speaker.id)
            ledger.lock_all(uow, (speaker.id, claim.member_id))
            # Again, under the locks: another code of the same number may have been faster.
            claim = self._usable(uow.claims.get(claim.code), speaker.id)
            owner = uow.members.get(claim.member_id)
            assert owner is not None, "the number is its address"
            if uow.claims.has_history(speaker.id):
                self._merge(uow, claim, owner, speaker, now)
            else:
                uow.claims.settle_in(speaker.id, owner.id)
                uow.claims.move_addresses(speaker.id, owner.id, now)
                self._keep_tier(uow, owner, speaker, now)
            claimant = uow.members.at(member.address)
            assert claimant is not None, "the address is where it was, or has moved to the member of the number"
            uow.claims.use(claim.code, claimant.id, now)
            claimed = Claimed(claimant, uow.ledger.balance(claimant.id).available, is_replay=False)
            uow.commit()
        return claimed

    def _issue(self, uow: UnitOfWork, member_id: int, number: str, now: datetime) -> Issued:
        known = uow.claims.open_of(member_id, now)
        if known is not None:
            return Issued(number, known.code, known.expires_at)
        code, expires_at = new_code(self._random, CODE_LENGTH), now + timedelta(days=self._programme.claim_days)
        uow.claims.add(code, member_id, now, expires_at)
        return Issued(number, code, expires_at)

    def _usable(self, claim: Claim | None, speaker_id: int) -> Claim:
        if claim is None:
            raise ClaimRefused("unknown")
        if speaker_id in (claim.used_by, claim.member_id):
            raise ClaimRefused("mine")
        if claim.used_at is not None or claim.number is None or claim.is_in_chat:
            raise ClaimRefused("used", claim.used_at)
        if claim.expires_at <= self._clock():
            raise ClaimRefused("expired", claim.expires_at)
        return claim

    def _merge(self, uow: UnitOfWork, claim: Claim, owner: Member, speaker: Member, now: datetime) -> None:
        balance = uow.ledger.balance(owner.id)
        if balance.pending or balance.held or balance.available < 0:
            raise ClaimRefused("unsettled")
        if balance.available:
            ledger.transfer(
                uow,
                owner.id,
                speaker.id,
                balance.available,
                key=f"claim:{claim.code}",
                cause=f"claim:{owner.id}",
                actor=f"member:{speaker.id}",
                at=now,
            )
        uow.claims.fill_gaps(owner.id, speaker.id)
        uow.claims.move_addresses(owner.id, speaker.id, now)
        self._keep_tier(uow, speaker, owner, now)

    def _keep_tier(self, uow: UnitOfWork, stays: Member, goes: Member, now: datetime) -> None:
        """The tier of the member who goes, for the one who stays, if it is the higher one."""
        if not stays.tier.reaches(goes.tier):
            kept_until = goes.tier_kept_until or now + timedelta(days=self._programme.tier_kept_days)
            uow.claims.raise_tier(stays.id, stays.tier, goes.tier, kept_until, now)
