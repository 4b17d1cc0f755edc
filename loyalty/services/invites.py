from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty.attempts import Guess
from loyalty.codes import NONCE_LENGTH, VOUCHER_LENGTH, Random, new_code
from loyalty.errors import InviteRefused, NotAllowed
from loyalty.members import Member
from loyalty.merchants import Merchant, Right, Role
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.guessing import guarded
from loyalty.services.staff import appoint, check_right, locked, own, shop_facts, tell_owners
from loyalty.staff import Invite, NewInvite, invite_code_in

PAGE = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked before an invitation: as what. `nonce` makes one answer open one."""

    merchant: Merchant
    nonce: str


@dataclass(frozen=True, slots=True)
class OpenInvites:
    """A page of invitations that somebody may still follow, newest first."""

    merchant: Merchant
    invites: tuple[Invite, ...]
    older_than: int | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link as the one who followed it sees it. `held` is a role of theirs that brings all of it already: nothing
    happens then, and the link stays open for somebody else."""

    invite: Invite
    held: Role | None


def open_invite(
    uow: UnitOfWork,
    merchant_id: int,
    role: Role,
    *,
    random: Random,
    programme: Programme,
    key: str,
    actor: str,
    now: datetime,
) -> Invite:
    """An invitation of its own per `key`."""
    wanted = NewInvite(
        key=key,
        code=new_code(random, VOUCHER_LENGTH),
        merchant_id=merchant_id,
        role=role,
        actor=actor,
        created_at=now,
        expires_at=now + timedelta(hours=programme.staff_invite_hours),
    )
    return uow.staff.invite(wanted)


def withdraw(uow: UnitOfWork, invite: Invite, now: datetime) -> None:
    """Closes an invitation; once more changes nothing. Raises InviteRefused when somebody came by it before."""
    if not uow.staff.withdraw(invite.id, now) and invite.used_at is not None:
        raise InviteRefused("used")


class InviteService:
    """One-time links onto a staff. What owners decide takes their right, looked up inside the transaction."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def offer(self, owner: Member, merchant_id: int) -> Offer:
        """Raises NotAllowed."""
        with self._units() as uow:
            return Offer(own(uow, owner, merchant_id), new_code(self._random, NONCE_LENGTH))

    @reads
    def page(self, owner: Member, merchant_id: int, before_id: int | None = None) -> OpenInvites:
        """Raises NotAllowed."""
        with self._units() as uow:
            merchant = own(uow, owner, merchant_id)
            found = uow.staff.open_invites(merchant_id, self._clock(), before_id=before_id, limit=PAGE + 1)
        older_than = found[PAGE - 1].id if len(found) > PAGE else None
        return OpenInvites(merchant, tuple(found[:PAGE]), older_than, before_id is None)

    @reads
    def card(self, owner: Member, invite_id: int) -> Invite:
        """An invitation that is still open. Raises NotAllowed, InviteRefused."""
        with self._units() as uow:
            invite = self._own_invite(uow, owner, invite_id)
        invite.check_open(self._clock())
        return invite

    def invite(self, owner: Member, merchant_id: int, role: Role, nonce: str) -> Invite:
        """A link that makes whoever follows it first `role`, one per nonce.

        Raises NotAllowed, InviteRefused when the one of this nonce is closed by now.
        """
        actor, now = f"staff:{owner.id}", self._clock()
        with self._units() as uow:
            uow.merchants.lock(merchant_id)  # an owner who is being dismissed leaves no link behind
            own(uow, owner, merchant_id)
            invite = open_invite(
                uow,
                merchant_id,
                role,
                random=self._random,
                programme=self._programme,
                key=f"invite:{actor}:{merchant_id}:{role}:{nonce}",
                actor=actor,
                now=now,
            )
            invite.check_open(now)
            uow.commit()
        return invite

    def withdraw(self, owner: Member, invite_id: int) -> Invite:
        """Nobody comes by this link any more. Raises NotAllowed, InviteRefused when somebody did before."""
        with self._units() as uow:
            invite = self._own_invite(uow, owner, invite_id)
            withdraw(uow, invite, self._clock())
            uow.commit()
        return invite

    @guarded(Guess.STAFF)
    def invitation(self, member: Member, given: str) -> Invitation:
        """What following a link would do. Raises InviteRefused."""
        with self._units() as uow:
            return self._invitation(uow, member, given)

    @guarded(Guess.STAFF)
    def join(self, member: Member, given: str) -> Invitation:
        """Appoints the member, once per link, and tells the owners. Whoever has the role already keeps it, and the link
        stays open: `held` tells. Raises InviteRefused."""
        now = self._clock()
        with self._units() as uow:
            locked(uow, self._invitation(uow, member, given).invite.merchant_id)
            # Read again under the lock: it may have been withdrawn or followed meanwhile.
            found = self._invitation(uow, member, given)
            invite = found.invite
            if found.held is None:
                if not uow.staff.use(invite.id, member.id, now):
                    raise InviteRefused("used")
                number = appoint(uow, invite.merchant_id, member.id, invite.role, actor=f"invite:{invite.id}", now=now)
                assert number is not None, "no role held brings this one"
                facts = {**shop_facts(invite, invite.role), "name": member.first_name}
                tell_owners(uow, invite.merchant_id, member, "staff_joined", number, facts, now)
            uow.commit()
        return found

    def _own_invite(self, uow: UnitOfWork, owner: Member, invite_id: int) -> Invite:
        """Raises NotAllowed for another shop's as for none, so that nobody can tell which numbers there are."""
        invite = uow.staff.get_invite(invite_id)
        if invite is None:
            raise NotAllowed(Right.STAFF)
        check_right(uow, owner.id, invite.merchant_id, Right.STAFF)
        return invite

    def _invitation(self, uow: UnitOfWork, member: Member, given: str) -> Invitation:
        invite = uow.staff.invite_by_code(invite_code_in(given))
        if invite is None:
            raise InviteRefused("unknown")
        held = invite.adds_nothing_to(list(uow.merchants.posts(member.id)))
        if held is None:
            invite.check_open(self._clock())
        return Invitation(invite, None if held is None else held.role)
