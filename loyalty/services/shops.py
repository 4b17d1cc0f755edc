from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.deliveries import Notice
from loyalty.errors import InviteRefused, NameTaken, NotFound
from loyalty.members import Member
from loyalty.merchants import Merchant, Role, clean_merchant_name
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import invites, members, operators, staff
from loyalty.services.staff import Ended, PersonCard, Team
from loyalty.staff import Invite, second_of

PAGE = 8


@dataclass(frozen=True, slots=True)
class Added:
    """`invite` is the way in for its first owner; None where it has one already."""

    merchant: Merchant
    is_new: bool
    invite: Invite | None


@dataclass(frozen=True, slots=True)
class ShopCard:
    """A shop as the operator sees it. `nonce` makes one wish for an invitation open one."""

    team: Team
    nonce: str


@dataclass(frozen=True, slots=True)
class Appointed:
    merchant: Merchant
    member: Member
    role: Role
    is_new: bool


class ShopService:
    """The shops of the club, for the operator. Who is one is decided before a use case is called."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    def add(self, given: str, *, key: str, actor: str) -> Added:
        """The shop of that name, and an invitation for an owner if it has none. Raises InvalidName."""
        name = clean_merchant_name(given)
        with self._units() as uow:
            added = uow.merchants.add(name, self._clock())
            merchant = added or uow.merchants.named(name)
            assert merchant is not None, "it was added just now or before"
            has_owner = added is None and bool(uow.staff.owners(merchant.id))
            invite = None if has_owner else self._invite(uow, merchant.id, key, actor)
            uow.commit()
        return Added(merchant, added is not None, invite)

    @reads
    def page(self, after_id: int = 0) -> tuple[Sequence[Merchant], int | None]:
        """A page of shops, and the id to page on from."""
        with self._units() as uow:
            page = uow.merchants.page(after_id, PAGE + 1)
        return page[:PAGE], page[PAGE - 1].id if len(page) > PAGE else None

    @reads
    def card(self, merchant_id: int, after_id: int = 0) -> ShopCard:
        """A shop with the people after the one with this id. Raises NotFound."""
        with self._units() as uow:
            team = staff.team(uow, self._get(uow, merchant_id), after_id, self._clock())
        return ShopCard(team, new_code(self._random, NONCE_LENGTH))

    @reads
    def person(self, merchant_id: int, member_id: int) -> PersonCard:
        """Raises NotFound."""
        with self._units() as uow:
            return staff.person(uow, self._get(uow, merchant_id), member_id)

    def rename(self, merchant_id: int, given: str) -> Merchant:
        """Raises NotFound, InvalidName, NameTaken."""
        name = clean_merchant_name(given)
        with self._units() as uow:
            staff.locked(uow, merchant_id)
            if not uow.merchants.rename(merchant_id, name):
                raise NameTaken(name)
            merchant = self._get(uow, merchant_id)
            uow.commit()
        return merchant

    def invite_owner(self, merchant_id: int, *, key: str, actor: str) -> Invite:
        """Once per key. Raises NotFound."""
        with self._units() as uow:
            invite = self._invite(uow, staff.locked(uow, merchant_id).id, key, actor)
            uow.commit()
        return invite

    def withdraw(self, invite_id: int) -> Invite:
        """Raises InviteRefused when there is none, or somebody came by it before."""
        with self._units() as uow:
            invite = uow.staff.get_invite(invite_id)
            if invite is None:
                raise InviteRefused("unknown")
            invites.withdraw(uow, invite, self._clock())
            uow.commit()
        return invite

    def appoint(self, merchant_id: int, code: str, role: Role, *, actor: str) -> Appointed:
        """Makes a member staff of a shop and tells the member, unless it was so already. Raises NotFound."""
        now = self._clock()
        with self._units() as uow:
            merchant = staff.locked(uow, merchant_id)
            member = members.meant(uow, code)
            number = staff.appoint(uow, merchant.id, member.id, role, actor=actor, now=now)
            if number is not None:
                facts = staff.shop_facts(merchant, role)
                uow.outbox.add([Notice(member.id, "appointed", f"appointed:{number}", facts)], now)
            uow.commit()
        return Appointed(merchant, member, role, number is not None)

    def look_after(self) -> int:
        """Marks the shops whose owners cannot be reached any more, and tells the operators of each, once; takes the
        mark from those that can. Answers how many were marked."""
        with self._units() as uow:
            uow.staff.adopted()
            marked = self._mark(uow)
            uow.commit()
        return marked

    def _mark(self, uow: UnitOfWork, merchant_id: int | None = None) -> int:
        now = self._clock()
        orphaned = uow.staff.orphaned(now, merchant_id)
        for merchant in orphaned:
            facts = {"merchant_id": merchant.id, "shop": merchant.name}
            cause = f"orphaned:{merchant.id}:{second_of(now)}"
            operators.tell(uow, self._programme, "shop_orphaned", cause, facts, now)
        return len(orphaned)

    def dismiss_by_code(self, merchant_id: int, code: str, *, actor: str) -> Ended:
        """Ends all that a member is at a shop, the last owner too: the operator names the next. Raises NotFound."""
        with self._units() as uow:
            merchant = staff.locked(uow, merchant_id)
            member = members.meant(uow, code)
            result = self._end(uow, merchant, member.id, tuple(Role), actor)
            uow.commit()
        return result

    def dismiss(self, merchant_id: int, member_id: int, since: int, *, actor: str) -> Ended:
        """As `dismiss_by_code`, by a button: what began after `since` (see `second_of`) stays. Raises NotFound."""
        with self._units() as uow:
            merchant = staff.locked(uow, merchant_id)
            posts = staff.person(uow, merchant, member_id).roles
            roles = [post.role for post in posts if second_of(post.since) <= since]
            result = self._end(uow, merchant, member_id, roles, actor)
            uow.commit()
        return result

    def _end(self, uow: UnitOfWork, merchant: Merchant, member_id: int, roles: Sequence[Role], actor: str) -> Ended:
        now = self._clock()
        numbers = staff.end(uow, merchant, member_id, roles, actor=actor, now=now)
        if not numbers:
            raise NotFound("colleague", member_id)
        uow.outbox.add(staff.dismissed_notices(merchant, member_id, numbers), now)
        self._mark(uow, merchant.id)
        return staff.ended(uow, merchant, member_id, tuple(numbers))

    def _invite(self, uow: UnitOfWork, merchant_id: int, key: str, actor: str) -> Invite:
        return invites.open_invite(
            uow,
            merchant_id,
            Role.OWNER,
            random=self._random,
            programme=self._programme,
            key=key,
            actor=actor,
            now=self._clock(),
        )

    def _get(self, uow: UnitOfWork, merchant_id: int) -> Merchant:
        merchant = uow.merchants.get(merchant_id)
        if merchant is None:
            raise NotFound("merchant", merchant_id)
        return merchant
