"""Who works at a shop: links that open once, roles that end at once, and an owner who is always there."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from loyalty.errors import InviteRefused, LastOwner, NameTaken, NotAllowed, NotFound
from loyalty.members import Member
from loyalty.merchants import Right, Role
from loyalty.services import Club
from loyalty.services.invites import Invitation
from loyalty.services.staff import Ended
from loyalty.staff import Invite, second_of
from storage.database import Database
from storage.merchants import staff, staff_log
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import OPENED, add_merchant, appoint, enrol

NONCE = "ABCD2345"
SINCE_OPENED = second_of(OPENED)


class Shop:
    """Harbour Coffee, which Olive owns."""

    def __init__(self, database: Database, units: UnitFactory, club: Club, clock: FrozenClock) -> None:
        self.database, self.units, self.club, self.clock = database, units, club, clock
        self.id = add_merchant(units, "Harbour Coffee")
        self.olive = self.hires("Olive Oak", Role.OWNER)

    def hires(self, name: str, role: Role, merchant_id: int | None = None) -> Member:
        member = enrol(self.units, name)
        appoint(self.units, merchant_id or self.id, member, role)
        return member

    def invites(self, role: Role = Role.CASHIER, nonce: str = NONCE) -> Invite:
        return self.club.invites.invite(self.olive, self.id, role, nonce)

    def dismisses(self, member: Member, role: Role = Role.CASHIER, since: int = SINCE_OPENED) -> Ended:
        return self.club.staff.dismiss(self.olive, self.id, member.id, role, since)

    def roles(self, member: Member) -> set[tuple[int, Role]]:
        with self.units() as uow:
            return {(post.merchant_id, post.role) for post in uow.merchants.posts(member.id)}

    def log(self) -> list[tuple[int, str, str, str]]:
        with self.database.engine.connect() as connection:
            rows = connection.execute(select(staff_log).order_by(staff_log.c.id))
            return [(row.member_id, row.role, row.event, row.actor) for row in rows]

    def told(self) -> list[tuple[int, str]]:
        with self.database.engine.connect() as connection:
            rows = connection.execute(select(deliveries).order_by(deliveries.c.id))
            return [(row.member_id, row.kind) for row in rows]


@pytest.fixture
def shop(database: Database, units: UnitFactory, club: Club, clock: FrozenClock) -> Shop:
    return Shop(database, units, club, clock)


def refusal_of(shop: Shop, member: Member, code: str) -> str:
    with pytest.raises(InviteRefused) as refused:
        shop.club.invites.join(member, code)
    assert shop.roles(member) == set()
    return refused.value.reason


def test_an_invitation_makes_staff_and_tells_the_owners(shop: Shop) -> None:
    other = shop.hires("Otto", Role.OWNER)
    cato = enrol(shop.units, "Cato Cole")
    invite = shop.invites()
    assert len(invite.code) == 13
    seen = shop.club.invites.invitation(cato, invite.code)
    assert (seen.invite.merchant, seen.invite.role, seen.held) == ("Harbour Coffee", Role.CASHIER, None)
    assert shop.roles(cato) == set()
    assert shop.club.invites.join(cato, invite.code).held is None
    assert shop.roles(cato) == {(shop.id, Role.CASHIER)}
    assert shop.log() == [(cato.id, "cashier", "appointed", f"invite:{invite.id}")]
    assert shop.told() == [(shop.olive.id, "staff_joined"), (other.id, "staff_joined")]


def test_a_link_opens_once(shop: Shop) -> None:
    cato, carl = enrol(shop.units, "Cato"), enrol(shop.units, "Carl")
    code = shop.invites().code
    shop.club.invites.join(cato, code)
    assert refusal_of(shop, carl, code) == "used"
    again = shop.club.invites.join(cato, code)
    assert again.held is Role.CASHIER
    assert len(shop.log()) == 1
    assert len(shop.told()) == 1


def test_a_used_link_does_not_bring_the_dismissed_back(shop: Shop) -> None:
    cato = enrol(shop.units, "Cato")
    code = shop.invites().code
    shop.club.invites.join(cato, code)
    shop.dismisses(cato, since=second_of(shop.clock()))
    assert refusal_of(shop, cato, code) == "used"


def test_a_link_expires_and_can_be_withdrawn(shop: Shop) -> None:
    cato = enrol(shop.units, "Cato")
    late, withdrawn = shop.invites(), shop.invites(nonce="WXYZ2345")
    shop.club.invites.withdraw(shop.olive, withdrawn.id)
    shop.club.invites.withdraw(shop.olive, withdrawn.id)
    assert refusal_of(shop, cato, withdrawn.code) == "withdrawn"
    shop.clock.advance(hours=48)
    assert refusal_of(shop, cato, late.code) == "expired"
    assert refusal_of(shop, cato, "7F3K9QWE2XH4P") == "unknown"
    with pytest.raises(InviteRefused):
        shop.club.invites.card(shop.olive, late.id)


def test_what_was_used_cannot_be_withdrawn(shop: Shop) -> None:
    invite = shop.invites()
    shop.club.invites.join(enrol(shop.units, "Cato"), invite.code)
    with pytest.raises(InviteRefused) as refused:
        shop.club.invites.withdraw(shop.olive, invite.id)
    assert refused.value.reason == "used"


def test_an_owner_who_tries_the_link_leaves_it_open(shop: Shop) -> None:
    cato, code = enrol(shop.units, "Cato"), shop.invites().code
    assert shop.club.invites.join(shop.olive, code).held is Role.OWNER
    assert shop.roles(shop.olive) == {(shop.id, Role.OWNER)}
    assert shop.club.invites.join(cato, code).held is None


def test_one_wish_opens_one_invitation(shop: Shop) -> None:
    assert shop.invites() == shop.invites()
    assert shop.invites(nonce="WXYZ2345") != shop.invites()
    page = shop.club.invites.page(shop.olive, shop.id)
    assert len(page.invites) == 2
    shop.club.invites.withdraw(shop.olive, page.invites[1].id)
    with pytest.raises(InviteRefused):
        shop.invites()


def test_invitations_come_by_page_and_only_open_ones(shop: Shop) -> None:
    opened = [shop.invites(nonce=f"ABCD234{number}") for number in range(10)]
    shop.club.invites.withdraw(shop.olive, opened[9].id)
    first = shop.club.invites.page(shop.olive, shop.id)
    assert [invite.id for invite in first.invites] == [invite.id for invite in reversed(opened[1:9])]
    last = shop.club.invites.page(shop.olive, shop.id, first.older_than)
    assert [invite.id for invite in last.invites] == [opened[0].id]
    assert (last.older_than, last.is_first_page) == (None, False)


@pytest.mark.race
def test_of_eight_who_follow_one_link_at_once_one_gets_in(shop: Shop) -> None:
    people = [enrol(shop.units, f"Cato {number}") for number in range(8)]
    code = shop.invites().code
    outcomes = all_at_once(8, lambda number: shop.club.invites.join(people[number], code), InviteRefused)
    assert sum(isinstance(outcome, Invitation) for outcome in outcomes) == 1
    assert {outcome.reason for outcome in outcomes if isinstance(outcome, InviteRefused)} == {"used"}
    assert sum(bool(shop.roles(person)) for person in people) == 1
    assert len(shop.log()) == 1


@pytest.mark.race
def test_the_same_person_tapping_at_once_joins_once(shop: Shop) -> None:
    cato, code = enrol(shop.units, "Cato"), shop.invites().code
    outcomes = all_at_once(8, lambda _: shop.club.invites.join(cato, code))
    assert [isinstance(outcome, Invitation) and outcome.held for outcome in outcomes].count(None) == 1
    assert len(shop.log()) == len(shop.told()) == 1


@pytest.mark.race
def test_of_two_owners_who_dismiss_each_other_one_stays(shop: Shop) -> None:
    otto = shop.hires("Otto", Role.OWNER)
    owners = (shop.olive, otto)
    outcomes = all_at_once(
        2,
        lambda number: shop.club.staff.dismiss(
            owners[number], shop.id, owners[1 - number].id, Role.OWNER, SINCE_OPENED
        ),
        NotAllowed,
        LastOwner,
    )
    assert sum(isinstance(outcome, Ended) for outcome in outcomes) == 1
    assert len(shop.roles(shop.olive) | shop.roles(otto)) == 1


def test_a_dismissal_ends_one_role_at_once_and_is_told(shop: Shop) -> None:
    cato = shop.hires("Cato Cole", Role.CASHIER)
    appoint(shop.units, shop.id, cato, Role.MARKETER)
    ended = shop.dismisses(cato)
    assert (ended.member.first_name, ended.roles, ended.is_staff) == ("Cato", (Role.CASHIER,), True)
    assert shop.roles(cato) == {(shop.id, Role.MARKETER)}
    assert shop.log() == [(cato.id, "cashier", "dismissed", f"staff:{shop.olive.id}")]
    assert shop.told() == [(cato.id, "dismissed")]
    with pytest.raises(NotFound):
        shop.dismisses(cato)
    assert not shop.dismisses(cato, Role.MARKETER).is_staff
    assert len(shop.told()) == 2


def test_an_old_button_does_not_end_a_later_post(shop: Shop) -> None:
    cato = shop.hires("Cato", Role.CASHIER)
    shop.dismisses(cato)
    shop.club.shops.appoint(shop.id, cato.code, Role.CASHIER, actor="operator:1")
    with pytest.raises(NotFound):
        shop.dismisses(cato)
    with pytest.raises(NotAllowed):
        shop.club.staff.leave(cato, shop.id, SINCE_OPENED)
    assert shop.roles(cato) == {(shop.id, Role.CASHIER)}
    assert shop.told() == [(cato.id, "dismissed"), (cato.id, "appointed")]


def test_the_last_owner_stays(shop: Shop) -> None:
    with pytest.raises(LastOwner):
        shop.dismisses(shop.olive, Role.OWNER)
    with pytest.raises(LastOwner):
        shop.club.staff.leave(shop.olive, shop.id, SINCE_OPENED)
    assert shop.roles(shop.olive) == {(shop.id, Role.OWNER)}
    otto = shop.hires("Otto", Role.OWNER)
    shop.club.staff.leave(shop.olive, shop.id, SINCE_OPENED)
    assert shop.roles(shop.olive) == set()
    assert shop.told() == [(otto.id, "staff_left")]


def test_who_is_dismissed_takes_the_open_invitations_along(shop: Shop) -> None:
    otto, cato = shop.hires("Otto", Role.OWNER), enrol(shop.units, "Cato")
    his = shop.club.invites.invite(otto, shop.id, Role.OWNER, NONCE)
    hers = shop.invites()
    shop.dismisses(otto, Role.OWNER)
    assert refusal_of(shop, cato, his.code) == "withdrawn"
    assert shop.club.invites.join(cato, hers.code).held is None


def test_leaving_ends_every_role_here_and_none_elsewhere(shop: Shop) -> None:
    cato = shop.hires("Cato", Role.CASHIER)
    appoint(shop.units, shop.id, cato, Role.MARKETER)
    red_door = add_merchant(shop.units, "Red Door")
    appoint(shop.units, red_door, cato, Role.CASHIER)
    ended = shop.club.staff.leave(cato, shop.id, SINCE_OPENED)
    assert (set(ended.roles), ended.is_staff) == ({Role.CASHIER, Role.MARKETER}, True)
    assert shop.roles(cato) == {(red_door, Role.CASHIER)}
    assert shop.told() == [(shop.olive.id, "staff_left")]
    with pytest.raises(NotAllowed):
        shop.club.staff.leave(cato, shop.id, SINCE_OPENED)


@pytest.mark.permission
@pytest.mark.parametrize("role", [None, Role.CASHIER, Role.MARKETER, "owner elsewhere"])
def test_nobody_but_the_shops_owner_decides(shop: Shop, role: Role | str | None) -> None:
    cato, stranger = shop.hires("Cato", Role.CASHIER), enrol(shop.units, "Stan")
    elsewhere = add_merchant(shop.units, "Red Door")
    if role is not None:
        appoint(shop.units, shop.id if isinstance(role, Role) else elsewhere, stranger, Role(str(role).split()[0]))
    opened, service, invites = shop.invites(), shop.club.staff, shop.club.invites
    for attempt in (
        lambda: service.team(stranger, shop.id),
        lambda: service.person(stranger, shop.id, cato.id),
        lambda: service.dismiss(stranger, shop.id, cato.id, Role.CASHIER, SINCE_OPENED),
        lambda: invites.offer(stranger, shop.id),
        lambda: invites.invite(stranger, shop.id, Role.OWNER, NONCE),
        lambda: invites.page(stranger, shop.id),
        lambda: invites.card(stranger, opened.id),
        lambda: invites.withdraw(stranger, opened.id),
        lambda: invites.withdraw(stranger, opened.id + 1),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.action == Right.STAFF
    assert shop.roles(cato) == {(shop.id, Role.CASHIER)}
    assert shop.club.invites.card(shop.olive, opened.id) == opened


def test_an_owner_learns_nothing_about_people_who_do_not_work_there(shop: Shop) -> None:
    stranger = enrol(shop.units, "Stan")
    for attempt in (
        lambda: shop.club.staff.person(shop.olive, shop.id, stranger.id),
        lambda: shop.dismisses(stranger),
        lambda: shop.club.staff.person(shop.olive, shop.id, 2**62),
    ):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert refused.value.noun == "colleague"


def test_the_staff_come_by_page_each_with_their_roles(shop: Shop) -> None:
    people = [shop.hires(f"Cato{number} Cole", Role.CASHIER) for number in range(9)]
    appoint(shop.units, shop.id, people[0], Role.OWNER)
    first = shop.club.staff.team(shop.olive, shop.id)
    assert [roles[0].first_name for roles in first.people] == ["Olive", *(f"Cato{number}" for number in range(7))]
    assert [post.role for post in first.people[1]] == [Role.OWNER, Role.CASHIER]
    assert first.more_after is not None
    last = shop.club.staff.team(shop.olive, shop.id, first.more_after)
    assert [roles[0].member_id for roles in last.people] == [people[7].id, people[8].id]
    assert (last.more_after, last.is_first_page, last.has_invites) == (None, False, False)


def test_the_operator_adds_a_shop_with_a_way_in_for_its_owner(shop: Shop) -> None:
    added = shop.club.shops.add("  Red   Door ", key="k1", actor="operator:1")
    again = shop.club.shops.add("Red Door", key="k1", actor="operator:1")
    assert (added.merchant.name, added.is_new, again.is_new) == ("Red Door", True, False)
    assert added.invite is not None
    assert added.invite == again.invite
    rhea = enrol(shop.units, "Rhea")
    shop.club.invites.join(rhea, added.invite.code)
    assert shop.roles(rhea) == {(added.merchant.id, Role.OWNER)}
    assert shop.club.shops.add("Red Door", key="k2", actor="operator:1").invite is None


def test_the_operator_appoints_and_takes_off_even_the_last_owner(shop: Shop) -> None:
    cato = enrol(shop.units, "Cato")
    assert shop.club.shops.appoint(shop.id, cato.code.lower(), Role.CASHIER, actor="operator:1").is_new
    assert not shop.club.shops.appoint(shop.id, cato.code, Role.CASHIER, actor="operator:1").is_new
    invite = shop.invites()
    ended = shop.club.shops.dismiss_by_code(shop.id, shop.olive.code, actor="operator:1")
    assert (ended.roles, ended.is_staff) == ((Role.OWNER,), False)
    assert refusal_of(shop, enrol(shop.units, "Carl"), invite.code) == "withdrawn"
    with pytest.raises(NotFound):
        shop.club.shops.dismiss_by_code(shop.id, shop.olive.code, actor="operator:1")
    with pytest.raises(NotFound):
        shop.club.shops.dismiss(shop.id, cato.id, SINCE_OPENED, actor="operator:1")
    shop.club.shops.dismiss(shop.id, cato.id, second_of(shop.clock()), actor="operator:1")
    assert shop.log() == [
        (cato.id, "cashier", "appointed", "operator:1"),
        (shop.olive.id, "owner", "dismissed", "operator:1"),
        (cato.id, "cashier", "dismissed", "operator:1"),
    ]
    assert shop.told() == [(cato.id, "appointed"), (shop.olive.id, "dismissed"), (cato.id, "dismissed")]


def test_a_shop_is_renamed_unless_another_is_called_that(shop: Shop) -> None:
    other = add_merchant(shop.units, "Red Door", {"zh-Hans": {"name": "红门", "about": "酒吧"}})
    with pytest.raises(NameTaken):
        shop.club.shops.rename(other, "Harbour Coffee")
    with pytest.raises(NotFound):
        shop.club.shops.rename(999, "Blue Door")
    renamed = shop.club.shops.rename(other, "Blue Door")
    assert (renamed.name, renamed.translations) == ("Blue Door", {"zh-Hans": {"about": "酒吧"}})
    assert shop.club.shops.rename(other, "Blue Door") == renamed


@pytest.mark.parametrize("change", [delete(staff_log), update(staff_log).values(actor="nobody")])
def test_the_log_of_the_staff_cannot_be_changed(shop: Shop, change: object) -> None:
    shop.club.invites.join(enrol(shop.units, "Cato"), shop.invites().code)
    with pytest.raises(DBAPIError), shop.database.engine.begin() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    assert len(shop.log()) == 1


def test_roles_are_never_two_of_a_kind(shop: Shop) -> None:
    appoint(shop.units, shop.id, shop.olive, Role.OWNER)
    with shop.database.engine.connect() as connection:
        assert len(connection.execute(select(staff)).all()) == 1
