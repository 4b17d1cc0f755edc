from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.attempts import Lookup
from loyalty.deliveries import Notice
from loyalty.errors import LastOwner, NotAllowed, NotFound, ShopOrphaned
from loyalty.members import Member
from loyalty.merchants import Merchant, Post, Right, Role, may
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.staff import Colleague, Invite, StaffEvent, second_of

PAGE = 8


@dataclass(frozen=True, slots=True)
class Team:
    """A page of the people of a shop, each with their roles. `more_after` is the id to page on from."""

    merchant: Merchant
    people: tuple[tuple[Colleague, ...], ...]
    more_after: int | None
    is_first_page: bool
    has_invites: bool


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody on a staff, with the roles there: at least one, owner first."""

    merchant: Merchant
    roles: tuple[Colleague, ...]

    @property
    def first_name(self) -> str:
        return self.roles[0].first_name


@dataclass(frozen=True, slots=True)
class Lookups:
    """A page of phones that were looked up at a till, or with `merchant_id` 0 at all, newest first."""

    merchant_id: int
    lookups: tuple[Lookup, ...]
    older_than: int | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """Somebody's roles that have just ended. `is_staff`: they work somewhere still, here or at another shop."""

    merchant: Merchant
    member: Member
    roles: tuple[Role, ...]
    is_staff: bool


def check_right(uow: UnitOfWork, member_id: int, merchant_id: int, right: Right) -> list[Post]:
    """The posts of a member who has a right at a shop. Raises NotAllowed.

    Looked up now, inside the use case: a button outlives the post that it was made for.
    """
    posts = list(uow.merchants.posts(member_id))
    if not may(posts, right, merchant_id):
        raise NotAllowed(right)
    return posts


def check_owned(uow: UnitOfWork, merchant_id: int) -> None:
    """Raises ShopOrphaned."""
    merchant = uow.merchants.get(merchant_id)
    if merchant is not None and merchant.is_orphaned:
        raise ShopOrphaned(merchant_id)


def own(uow: UnitOfWork, owner: Member, merchant_id: int) -> Merchant:
    """A shop whose staff this member decides about. Raises NotAllowed."""
    check_right(uow, owner.id, merchant_id, Right.STAFF)
    merchant = uow.merchants.get(merchant_id)
    assert merchant is not None, "somebody has a post there"
    return merchant


def locked(uow: UnitOfWork, merchant_id: int) -> Merchant:
    """The shop, whose staff nobody else changes meanwhile. Raises NotFound."""
    merchant = uow.merchants.lock(merchant_id)
    if merchant is None:
        raise NotFound("merchant", merchant_id)
    return merchant


def lookups(uow: UnitOfWork, merchant_id: int, before_id: int | None) -> Lookups:
    """Of a shop, or of all of them: 0."""
    found = uow.attempts.lookups(merchant_id or None, before_id=before_id, limit=PAGE + 1)
    older_than = found[PAGE - 1].id if len(found) > PAGE else None
    return Lookups(merchant_id, tuple(found[:PAGE]), older_than, before_id is None)


def team(uow: UnitOfWork, merchant: Merchant, after_id: int, now: datetime) -> Team:
    """The people after the one with this id."""
    found: dict[int, list[Colleague]] = {}
    for colleague in uow.staff.team(merchant.id, after_id, PAGE + 1):
        found.setdefault(colleague.member_id, []).append(colleague)
    people = [tuple(roles) for roles in found.values()]
    return Team(
        merchant=merchant,
        people=tuple(people[:PAGE]),
        more_after=people[PAGE - 1][0].member_id if len(people) > PAGE else None,
        is_first_page=after_id == 0,
        has_invites=bool(uow.staff.open_invites(merchant.id, now, before_id=None, limit=1)),
    )


def person(uow: UnitOfWork, merchant: Merchant, member_id: int) -> PersonCard:
    """Raises NotFound for whoever is not on this staff (any more)."""
    roles = uow.staff.roles_of(merchant.id, member_id)
    if not roles:
        raise NotFound("colleague", member_id)
    return PersonCard(merchant, tuple(roles))


def appoint(uow: UnitOfWork, merchant_id: int, member_id: int, role: Role, *, actor: str, now: datetime) -> int | None:
    """The number of the log's entry; None when the member has that role already."""
    if not uow.merchants.appoint(merchant_id, member_id, role, now):
        return None
    uow.staff.adopted(merchant_id)
    return uow.staff.log(merchant_id, member_id, role, StaffEvent.APPOINTED, actor, now)


def end(
    uow: UnitOfWork, merchant: Merchant, member_id: int, roles: Iterable[Role], *, actor: str, now: datetime
) -> dict[Role, int]:
    """Ends the roles that the member has, at once, and answers with the numbers of the log's entries.

    An owner who goes takes the invitations along that nobody has followed yet.
    """
    numbers = {}
    for role in roles:
        if uow.staff.dismiss(merchant.id, member_id, role):
            numbers[role] = uow.staff.log(merchant.id, member_id, role, StaffEvent.DISMISSED, actor, now)
    if Role.OWNER in numbers:
        uow.staff.withdraw_of(merchant.id, f"staff:{member_id}", now)
    return numbers


def check_an_owner_stays(uow: UnitOfWork, merchant: Merchant, member_id: int, roles: Iterable[Role]) -> None:
    """Raises LastOwner."""
    if Role.OWNER in roles and set(uow.staff.owners(merchant.id)) <= {member_id}:
        raise LastOwner(merchant.id)


def ended(uow: UnitOfWork, merchant: Merchant, member_id: int, roles: Sequence[Role]) -> Ended:
    """Looked up after the roles have ended."""
    member = uow.members.get(member_id)
    assert member is not None, "who had a role is a member"
    return Ended(merchant, member, tuple(roles), member.is_staff)


def dismissed_notices(merchant: Merchant, member_id: int, numbers: dict[Role, int]) -> list[Notice]:
    """What somebody is told whose roles were ended by others."""
    return [
        Notice(member_id, "dismissed", f"dismissed:{number}", shop_facts(merchant, role))
        for role, number in numbers.items()
    ]


def tell_owners(
    uow: UnitOfWork, merchant_id: int, member: Member, kind: str, number: int, facts: dict[str, object], now: datetime
) -> None:
    """What `member` did, to the owners of the shop, but not to oneself; `number` is that of the log's entry."""
    others = [owner_id for owner_id in uow.staff.owners(merchant_id) if owner_id != member.id]
    uow.outbox.add([Notice(owner_id, kind, f"{kind}:{number}", facts) for owner_id in others], now)


def shop_facts(merchant: Merchant | Invite, role: Role) -> dict[str, object]:
    """What notices about a role at a shop carry."""
    merchant_id, name = (
        (merchant.merchant_id, merchant.merchant) if isinstance(merchant, Invite) else (merchant.id, merchant.name)
    )
    return {
        "merchant_id": merchant_id,
        "merchant": name,
        "translations": dict(merchant.translations),
        "role": role.value,
    }


class StaffService:
    """Who works at a shop, and as what. What owners decide takes their right, looked up inside the transaction."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self._units, self._clock = units, clock

    @reads
    def lookups(self, owner: Member, merchant_id: int, before_id: int | None = None) -> Lookups:
        """Whose phones were looked up at the till, and by whom. Raises NotAllowed."""
        with self._units() as uow:
            return lookups(uow, own(uow, owner, merchant_id).id, before_id)

    @reads
    def team(self, owner: Member, merchant_id: int, after_id: int = 0) -> Team:
        """Raises NotAllowed."""
        with self._units() as uow:
            return team(uow, own(uow, owner, merchant_id), after_id, self._clock())

    @reads
    def person(self, owner: Member, merchant_id: int, member_id: int) -> PersonCard:
        """Raises NotAllowed, NotFound."""
        with self._units() as uow:
            return person(uow, own(uow, owner, merchant_id), member_id)

    def dismiss(self, owner: Member, merchant_id: int, member_id: int, role: Role, since: int) -> Ended:
        """Ends one role of somebody, at once, and tells them; `since` (see `second_of`) says which post is meant.

        Raises NotAllowed, NotFound when it has ended before, LastOwner.
        """
        now = self._clock()
        with self._units() as uow:
            uow.merchants.lock(merchant_id)
            merchant = own(uow, owner, merchant_id)
            roles = [
                colleague.role
                for colleague in person(uow, merchant, member_id).roles
                if colleague.role is role and second_of(colleague.since) == since
            ]
            if not roles:
                raise NotFound("colleague", member_id)
            check_an_owner_stays(uow, merchant, member_id, roles)
            numbers = end(uow, merchant, member_id, roles, actor=f"staff:{owner.id}", now=now)
            if member_id != owner.id:
                uow.outbox.add(dismissed_notices(merchant, member_id, numbers), now)
            result = ended(uow, merchant, member_id, tuple(numbers))
            uow.commit()
        return result

    @reads
    def own_roles(self, member: Member, merchant_id: int) -> PersonCard:
        """What the member is at a shop. Raises NotAllowed for nothing."""
        with self._units() as uow:
            merchant = uow.merchants.get(merchant_id)
            roles = uow.staff.roles_of(merchant_id, member.id)
        if merchant is None or not roles:
            raise NotAllowed("console")
        return PersonCard(merchant, tuple(roles))

    def leave(self, member: Member, merchant_id: int, since: int) -> Ended:
        """Ends all that the member is at a shop, at once, and tells its owners; what began after `since` (see
        `second_of`) stays. Raises NotAllowed, LastOwner."""
        now = self._clock()
        with self._units() as uow:
            merchant = uow.merchants.lock(merchant_id)
            posts = uow.staff.roles_of(merchant_id, member.id)
            roles = [post.role for post in posts if second_of(post.since) <= since]
            if merchant is None or not roles:
                raise NotAllowed("console")
            check_an_owner_stays(uow, merchant, member.id, roles)
            numbers = end(uow, merchant, member.id, roles, actor=f"staff:{member.id}", now=now)
            facts = {**shop_facts(merchant, roles[0]), "name": member.first_name}
            tell_owners(uow, merchant_id, member, "staff_left", max(numbers.values()), facts, now)
            result = ended(uow, merchant, member.id, tuple(numbers))
            uow.commit()
        return result
