from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, insert, select

from loyalty.deals import Field, Figures
from loyalty.errors import DealUnavailable, GroupIsClosed, InvalidWare, NotAllowed, NotFound
from loyalty.group_buys import Deal, GroupState
from loyalty.members import Language, Member
from loyalty.merchants import Role
from loyalty.services import Club
from loyalty.services.wares import PAGE
from loyalty.vouchers import NewVoucher
from loyalty.wares import Turn, WareState
from storage.database import Database
from storage.group_buys import deals
from storage.live_cards import live_cards
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import SHOP, add_deal, stock_of
from tests.kit.shops import OPENED, add_merchant, appoint, enrol, with_points

NONCE = "ABCD2345"
ANSWERS = {"name": "Coffee beans", "group_points": "240", "solo_points": "360", "size": "3", "stock": "30"}


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, SHOP)


@pytest.fixture
def olive(units: UnitFactory, shop: int) -> Member:
    member = enrol(units, "Olive")
    appoint(units, shop, member, Role.OWNER)
    return member


def stored(units: UnitFactory, deal_id: int) -> Deal:
    with units() as uow:
        deal = uow.deals.get(deal_id)
    assert deal is not None
    return deal


def seen_by_members(club: Club, member: Member) -> list[int]:
    return [deal.id for deal in club.group_buys.deals(member.id).deals]


def told(database: Database, kind: str) -> list[tuple[int, str]]:
    with database.engine.connect() as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.kind == kind).order_by(deliveries.c.member_id))
        return [(row.member_id, row.cause) for row in rows]


def buys_alone(units: UnitFactory, clock: FrozenClock, deal: Deal, member: Member, number: int) -> int:
    with units() as uow:
        voucher = uow.vouchers.issue(
            NewVoucher(
                key=f"alone:{number}",
                code=f"S010{number:09}",
                member_id=member.id,
                merchant_id=deal.merchant.id,
                title=deal.title,
                translations={},
                points=deal.solo_points,
                issued_at=clock(),
                expires_at=clock() + timedelta(days=30),
                deal_id=deal.id,
            )
        )
        uow.commit()
    return voucher.id


def test_a_draft_is_made_once_and_only_the_shop_sees_it(
    club: Club, database: Database, olive: Member, shop: int
) -> None:
    first = club.deals.begin(olive, shop, NONCE, ANSWERS, decimals=2)
    assert club.deals.begin(olive, shop, NONCE, ANSWERS, decimals=2) == first
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(deals)).scalar_one() == 1
    assert (first.deal.title, first.state, first.figures) == ("Coffee beans", WareState.DRAFT, Figures())
    assert seen_by_members(club, olive) == []
    with pytest.raises(NotFound):
        club.group_buys.open(olive, first.deal.id, NONCE)


def test_a_published_deal_is_what_was_typed(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    deal_id = club.deals.begin(olive, shop, NONCE, ANSWERS, decimals=2).deal.id
    for field, given in (
        (Field.DESCRIPTION, "500 g."),
        (Field.SOLO_PRICE, "5"),
        (Field.GROUP_PRICE, "1.50"),
        (Field.HOURS, "48"),
        (Field.LIMIT, "2"),
        (Field.BONUS, "30"),
        (Field.STARTS, "1.5."),
        (Field.ENDS, "31.5."),
    ):
        club.deals.write(olive, deal_id, field, given, decimals=2)
    club.deals.allow_several(olive, deal_id, is_allowed=True)
    club.deals.say(olive, deal_id, Field.NAME, Language.SIMPLIFIED, "咖啡豆")
    club.deals.picture(olive, deal_id, b"drawn")
    shown = club.deals.turn(olive, deal_id, Turn.PUBLISH)
    deal = stored(units, deal_id)
    assert shown.deal == deal
    assert (deal.title, deal.description, deal.translations) == (
        "Coffee beans",
        "500 g.",
        {"zh-Hans": {"name": "咖啡豆"}},
    )
    assert (deal.group_points, deal.group_price_minor) == (240, 150)
    assert (deal.solo_points, deal.solo_price_minor) == (360, 500)
    assert (deal.size, deal.hours, deal.stock, deal.per_member, deal.bonus_points) == (3, 48, 30, 2, 30)
    assert deal.is_several_allowed
    assert (deal.published_at, shown.state) == (clock(), WareState.RUNNING)
    assert deal.starts_at is not None
    assert deal.ends_at is not None
    assert (deal.ends_at - deal.starts_at).days == 31
    with units() as uow:
        picture = uow.pictures.get(deal.picture_id or 0)
    assert picture is not None
    assert picture.content == b"drawn"
    assert seen_by_members(club, olive) == [deal_id]


def test_only_those_with_the_right_at_that_shop_do_anything(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    deal_id = add_deal(units)
    before = stored(units, deal_id)
    cashier, stranger, neighbour = enrol(units, "Cai"), enrol(units, "Stan"), enrol(units, "Nell")
    appoint(units, shop, cashier, Role.CASHIER)
    appoint(units, add_merchant(units, "Tea House"), neighbour, Role.OWNER)
    uses: tuple[Callable[[Member], object], ...] = (
        lambda member: club.deals.page(member, shop),
        lambda member: club.deals.card(member, deal_id),
        lambda member: club.deals.changeable(member, deal_id),
        lambda member: club.deals.publishable(member, deal_id),
        lambda member: club.deals.removable(member, deal_id),
        lambda member: club.deals.preview(member, deal_id),
        lambda member: club.deals.groups(member, deal_id),
        lambda member: club.deals.table(member, deal_id),
        lambda member: club.deals.open(member, shop),
        lambda member: club.deals.check(member, shop, {}, decimals=2),
        lambda member: club.deals.begin(member, shop, NONCE, ANSWERS, decimals=2),
        lambda member: club.deals.write(member, deal_id, Field.GROUP_POINTS, "1", decimals=2),
        lambda member: club.deals.clear(member, deal_id, Field.DESCRIPTION),
        lambda member: club.deals.say(member, deal_id, Field.NAME, Language.ENGLISH, "Mine"),
        lambda member: club.deals.allow_several(member, deal_id, is_allowed=True),
        lambda member: club.deals.picture(member, deal_id, b"mine"),
        lambda member: club.deals.end(member, deal_id, calls_off=False),
        lambda member: club.deals.end(member, deal_id, calls_off=True),
        *((lambda member, turn=turn: club.deals.turn(member, deal_id, turn)) for turn in Turn),
    )
    for use in uses:
        for member in (cashier, stranger, neighbour):
            with pytest.raises(NotAllowed):
                use(member)
    assert stored(units, deal_id) == before
    assert len(club.deals.page(olive, shop).listed) == 1


def test_what_is_not_there_is_not_found(club: Club, olive: Member) -> None:
    uses: tuple[Callable[[], object], ...] = (
        lambda: club.deals.card(olive, 999),
        lambda: club.deals.groups(olive, 999),
        lambda: club.deals.table(olive, 999),
        lambda: club.deals.turn(olive, 999, Turn.PAUSE),
        lambda: club.deals.end(olive, 999, calls_off=True),
    )
    for use in uses:
        with pytest.raises(NotFound):
            use()


def test_changes_never_touch_groups_that_are_open(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, olive: Member
) -> None:
    deal_id = add_deal(units)
    ana, bo, cy = (with_points(club, units, name, 1000) for name in ("Ana", "Bo", "Cy"))
    before = club.group_buys.open(ana, deal_id, NONCE).group
    for field, given in (
        (Field.SOLO_POINTS, "900"),
        (Field.GROUP_POINTS, "500"),
        (Field.SIZE, "2"),
        (Field.HOURS, "1"),
        (Field.BONUS, "99"),
        (Field.ENDS, "1.5."),
        (Field.STOCK, "=0"),
    ):
        club.deals.write(olive, deal_id, field, given, decimals=2)
    club.deals.turn(olive, deal_id, Turn.PAUSE)
    clock.advance(hours=2)
    club.group_buys.join(bo, before.id)
    after = club.group_buys.join(cy, before.id).group
    assert after.state is GroupState.FILLED
    assert (after.size, after.points, after.closes_at) == (before.size, before.points, before.closes_at)
    assert [club.points.balance(member.id).available for member in (ana, bo, cy)] == [760, 760, 760]
    assert stock_of(units, deal_id) == 0
    check_books(database)


def test_ending_lets_open_groups_run(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, olive: Member
) -> None:
    deal_id = add_deal(units, size=2)
    ana, bo, cy = (with_points(club, units, name, 1000) for name in ("Ana", "Bo", "Cy"))
    group_id = club.group_buys.open(ana, deal_id, NONCE).group.id
    first = club.deals.end(olive, deal_id, calls_off=False)
    assert (first.state, first.figures.open, first.figures.people) == (WareState.ENDED, 1, 1)
    assert first.deal.ends_at == clock()
    clock.advance(hours=1)
    assert club.deals.end(olive, deal_id, calls_off=False).deal == first.deal
    with pytest.raises(DealUnavailable):
        club.group_buys.open(cy, deal_id, NONCE)
    assert club.group_buys.join(bo, group_id).group.state is GroupState.FILLED
    assert told(database, "group_ended") == []
    check_books(database)


def test_calling_off_gives_everything_back_and_tells_everybody_once(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, olive: Member
) -> None:
    deal_id, other_id = add_deal(units), add_deal(units, slug="tea", size=2)
    ana, bo, cy, dee = (with_points(club, units, name, 1000) for name in ("Ana", "Bo", "Cy", "Dee"))
    first = club.group_buys.open(ana, deal_id, NONCE).group.id
    club.group_buys.join(bo, first)
    second = club.group_buys.open(cy, deal_id, NONCE).group.id
    elsewhere = club.group_buys.open(dee, other_id, NONCE).group.id
    assert stock_of(units, deal_id) == 24
    for _ in range(2):
        shown = club.deals.end(olive, deal_id, calls_off=True)
        assert (shown.state, shown.figures.open, shown.deal.stock) == (WareState.ENDED, 0, 30)
    assert shown.deal == stored(units, deal_id)
    for group_id in (first, second):
        assert club.group_buys.group(group_id).group.state is GroupState.CANCELLED
    assert club.group_buys.group(elsewhere).group.state is GroupState.OPEN
    assert [club.points.balance(member.id).available for member in (ana, bo, cy, dee)] == [1000, 1000, 1000, 760]
    assert told(database, "group_ended") == [
        (ana.id, f"group_ended:{first}"),
        (bo.id, f"group_ended:{first}"),
        (cy.id, f"group_ended:{second}"),
    ]
    with pytest.raises(GroupIsClosed):
        club.group_buys.join(dee, first)
    clock.advance(days=2)
    assert club.group_buys.close_due() == 1, "only the one elsewhere was left"
    check_books(database)


def test_groups_can_be_called_off_after_the_end_but_not_those_whose_time_is_over(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, olive: Member
) -> None:
    deal_id = add_deal(units)
    ana, bo = with_points(club, units, "Ana", 1000), with_points(club, units, "Bo", 1000)
    late = club.group_buys.open(ana, deal_id, NONCE).group.id
    clock.advance(hours=23)
    fresh = club.group_buys.open(bo, deal_id, NONCE).group.id
    ends_at = club.deals.end(olive, deal_id, calls_off=False).deal.ends_at
    clock.advance(hours=2)
    assert club.deals.end(olive, deal_id, calls_off=True).deal.ends_at == ends_at
    assert club.group_buys.group(fresh).group.state is GroupState.CANCELLED
    assert club.group_buys.group(late).group.state is GroupState.OPEN, "its people hear that time is over, and choose"
    assert club.group_buys.close_due() == 1
    assert told(database, "group_ended") == [(bo.id, f"group_ended:{fresh}")]
    check_books(database)


def test_removing_waits_for_the_end_and_for_open_groups(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    deal_id = add_deal(units)
    ana = with_points(club, units, "Ana", 1000)
    club.group_buys.open(ana, deal_id, NONCE)
    with pytest.raises(InvalidWare) as refusal:
        club.deals.removable(olive, deal_id)
    assert refusal.value.reason == "running"
    with pytest.raises(InvalidWare) as refusal:
        club.deals.turn(olive, deal_id, Turn.REMOVE)
    assert refusal.value.reason == "groups_open"
    club.deals.end(olive, deal_id, calls_off=False)
    with pytest.raises(InvalidWare) as refusal:
        club.deals.removable(olive, deal_id)
    assert (refusal.value.reason, refusal.value.facts) == ("groups_open", {"groups": 1})
    club.deals.end(olive, deal_id, calls_off=True)
    assert club.deals.turn(olive, deal_id, Turn.REMOVE).state is WareState.REMOVED
    assert club.deals.page(olive, shop).listed == ()
    changes: tuple[Callable[[], object], ...] = (
        lambda: club.deals.write(olive, deal_id, Field.GROUP_POINTS, "1", decimals=2),
        lambda: club.deals.picture(olive, deal_id, b"new"),
        lambda: club.deals.turn(olive, deal_id, Turn.RESUME),
        lambda: club.deals.end(olive, deal_id, calls_off=True),
    )
    for change in changes:
        with pytest.raises(InvalidWare) as refusal:
            change()
        assert refusal.value.reason == "removed"
    assert club.deals.turn(olive, deal_id, Turn.BRING_BACK).state is WareState.ENDED
    assert stored(units, deal_id).group_points == 240


def test_the_figures_compare_like_with_like(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    deal_id, other_id = add_deal(units, size=2), add_deal(units, slug="tea", size=2)
    ana, bo, cy, dee, eve = (with_points(club, units, name, 1000) for name in ("Ana", "Bo", "Cy", "Dee", "Eve"))
    with units() as uow:
        for member in (ana, eve):
            uow.deals.view(deal_id, member.id, clock())
        uow.deals.view(other_id, bo.id, clock())
        uow.commit()
    full = club.group_buys.open(ana, deal_id, NONCE).group.id
    club.group_buys.join(bo, full)
    left = club.group_buys.open(cy, deal_id, NONCE).group.id
    club.group_buys.leave(cy, left)
    club.group_buys.open(cy, deal_id, "WXYZ2345")
    club.group_buys.open(dee, other_id, NONCE)
    alone = buys_alone(units, clock, stored(units, deal_id), dee, 1)
    given_back = buys_alone(units, clock, stored(units, deal_id), eve, 2)
    with units() as uow:
        assert uow.vouchers.cancel(given_back, clock())
        [of_ana] = uow.vouchers.usable(ana.id, shop, clock(), limit=9)
        of_dee = uow.vouchers.get(alone)
        assert of_dee is not None
        uow.commit()
    club.vouchers.use(olive, of_ana.code)
    club.vouchers.use(olive, of_dee.code)
    assert club.deals.card(olive, deal_id).figures == Figures(
        viewed=5,  # Ana and Eve looked; Bo, Cy and Dee took part without a look at its screen
        joined=4,
        opened=3,
        filled=1,
        together=2,
        alone=1,
        collected=2,
        open=1,
        people=1,
    )
    assert club.deals.card(olive, other_id).figures == Figures(viewed=2, joined=1, opened=1, open=1, people=1)
    [other, deal] = club.deals.page(olive, shop).listed
    assert [(each.deal.id, each.open, each.sold) for each, _ in (deal, other)] == [(deal_id, 1, 3), (other_id, 1, 0)]


def test_a_group_that_went_into_another_is_that_other(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member
) -> None:
    deal_id = add_deal(units)
    ana, bo = with_points(club, units, "Ana", 1000), with_points(club, units, "Bo", 1000)
    first = club.group_buys.open(ana, deal_id, NONCE).group
    second = club.group_buys.open(bo, deal_id, NONCE).group
    with units() as uow:
        merged, gone = first.merge(second, clock())
        uow.groups.merge(first, merged, gone, clock())
        uow.deals.restock({deal_id: gone.size})
        uow.commit()
    figures = club.deals.card(olive, deal_id).figures
    assert (figures.opened, figures.open, figures.people, figures.joined) == (1, 1, 2, 2)


def test_the_groups_are_listed_open_ones_first_and_all_are_in_the_table(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, olive: Member, shop: int
) -> None:
    deal_id = add_deal(units, size=2, group_price_minor=150, solo_price_minor=150)
    people = [with_points(club, units, f"P{number} Somebody", 1000) for number in range(9)]
    for member in people[:8]:
        club.group_buys.open(member, deal_id, NONCE)
    club.group_buys.join(people[8], 1)
    club.group_buys.leave(people[2], 3)
    with units() as uow:
        [voucher] = uow.vouchers.usable(people[8].id, shop, clock(), limit=9)
    club.vouchers.use(olive, voucher.code)
    listed, after = [], None
    with statements(database) as seen:
        while True:
            page = club.deals.groups(olive, deal_id, after)
            listed += [group.id for group in page.groups]
            assert page.is_first_page is (after is None)
            if page.more_after is None:
                break
            assert len(page.groups) == PAGE
            after = page.more_after
    assert listed == [8, 7, 6, 5, 4, 2, 3, 1]
    assert len([line for line in seen if line.startswith("SELECT")]) <= 2 * 4
    table = club.deals.table(olive, deal_id).groups
    assert [(row.organiser, row.taken, row.collected) for row in table[:3]] == [
        ("P0", 2, 1),
        ("P1", 1, 0),
        ("P2", 0, 0),
    ]
    assert [row.state for row in table[:3]] == [GroupState.FILLED, GroupState.OPEN, GroupState.CANCELLED]
    assert {(row.size, row.points, row.price_minor) for row in table} == {(2, 240, 150)}
    assert len(table) == 8


def test_deals_are_paged_in_the_order_in_which_they_stand(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    day = timedelta(days=1)
    for number in range(2):
        add_deal(units, slug=f"e{number}", title=f"Ended {number}", ends_at=clock())
        add_deal(units, slug=f"d{number}", title=f"Draft {number}", published_at=None)
        add_deal(units, slug=f"s{number}", title=f"Soon {number}", starts_at=clock() + day)
        add_deal(units, slug=f"r{number}", title=f"Running {number}", starts_at=clock(), ends_at=clock() + day)
        paused = add_deal(units, slug=f"p{number}", title=f"Paused {number}")
        club.deals.turn(olive, paused, Turn.PAUSE)
    first = club.deals.page(olive, shop)
    assert len(first.listed) == PAGE
    second = club.deals.page(olive, shop, first.more_after)
    assert [listed.deal.title for listed, _ in (*first.listed, *second.listed)] == [
        f"{word} {number}" for word in ("Running", "Soon", "Paused", "Draft", "Ended") for number in (1, 0)
    ]
    assert second.more_after is None
    assert not second.is_first_page


def test_the_preview_is_the_deal_as_if_it_ran(club: Club, units: UnitFactory, olive: Member) -> None:
    draft = add_deal(units, published_at=None)
    assert club.deals.preview(olive, draft).refusal is None
    small = add_deal(units, slug="small", stock=2)
    refusal = club.deals.preview(olive, small).refusal
    assert refusal == DealUnavailable(small, "sold_out")
    assert stored(units, draft).published_at is None


def test_a_picture_is_kept_once_and_has_a_size(club: Club, units: UnitFactory, olive: Member) -> None:
    deal_id, other_id = add_deal(units), add_deal(units, slug="tea")
    first = club.deals.picture(olive, deal_id, b"drawn").deal.picture_id
    assert club.deals.picture(olive, other_id, b"drawn").deal.picture_id == first
    with pytest.raises(InvalidWare) as refusal:
        club.deals.picture(olive, deal_id, b"x" * (5 * 1024 * 1024 + 1))
    assert refusal.value.reason == "too_large"
    assert club.deals.clear(olive, deal_id, Field.PICTURE).deal.picture_id is None


@pytest.mark.race
async def test_two_marketers_change_one_deal(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    mary, mo = enrol(units, "Mary"), enrol(units, "Mo")
    for member in (mary, mo):
        appoint(units, shop, member, Role.MARKETER)
    deal_id = add_deal(units, stock=100)
    calls: list[Callable[[], object]] = []
    for _ in range(8):
        calls.append(partial(club.deals.write, mary, deal_id, Field.STOCK, "+10", decimals=2))
        calls.append(partial(club.deals.write, mo, deal_id, Field.STOCK, "-2", decimals=2))
    calls += [
        partial(club.deals.write, mary, deal_id, Field.NAME, "Beans", decimals=2),
        partial(club.deals.write, mo, deal_id, Field.BONUS, "30", decimals=2),
        partial(club.deals.allow_several, mo, deal_id, is_allowed=True),
        partial(club.deals.say, mary, deal_id, Field.NAME, Language.SIMPLIFIED, "豆"),
        partial(club.deals.write, mary, deal_id, Field.HOURS, "48", decimals=2),
    ]
    await asyncio.gather(*(database.run(call) for call in calls))
    deal = stored(units, deal_id)
    assert (deal.stock, deal.title, deal.bonus_points, deal.hours) == (164, "Beans", 30, 48)
    assert deal.is_several_allowed
    assert deal.translations["zh-Hans"]["name"] == "豆"


@pytest.mark.race
async def test_the_stock_is_edited_while_groups_open_and_close(
    club: Club, units: UnitFactory, database: Database, olive: Member
) -> None:
    deal_id = add_deal(units, stock=30)
    people = [with_points(club, units, f"P{number}", 1000) for number in range(10)]
    restocking = partial(club.deals.write, olive, deal_id, Field.STOCK, "+1", decimals=2)
    calls: list[Callable[[], object]] = []
    for member in people:
        calls += [partial(club.group_buys.open, member, deal_id, NONCE), restocking]
    outcomes = await asyncio.gather(*(database.run(call) for call in calls), return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert stock_of(units, deal_id) == 30 - 10 * 3 + 10
    taking = partial(club.deals.write, olive, deal_id, Field.STOCK, "-1", decimals=2)
    leaving: list[Callable[[], object]] = []
    for member in people:
        [(group, _)] = club.group_buys.mine(member.id).groups
        leaving += [partial(club.group_buys.leave, member, group.id), taking]
    await asyncio.gather(*(database.run(call) for call in leaving))
    assert stock_of(units, deal_id) == 30
    check_books(database)


@pytest.mark.race
async def test_people_open_join_and_leave_while_the_shop_calls_everything_off(
    club: Club, units: UnitFactory, database: Database, olive: Member
) -> None:
    deal_id = add_deal(units, stock=300)
    people = [with_points(club, units, f"P{number}", 1000) for number in range(24)]
    open_ones = [club.group_buys.open(member, deal_id, NONCE).group.id for member in people[:8]]
    calls: list[Callable[[], object]] = []
    for number, group_id in enumerate(open_ones):
        calls.append(partial(club.group_buys.join, people[8 + number], group_id))
        calls.append(partial(club.group_buys.open, people[16 + number], deal_id, NONCE))
        if number % 2:
            calls.append(partial(club.group_buys.leave, people[number], group_id))
    calls.insert(10, partial(club.deals.end, olive, deal_id, calls_off=True))
    outcomes = await asyncio.gather(*(database.run(call) for call in calls), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            assert isinstance(outcome, DealUnavailable | GroupIsClosed), repr(outcome)
    assert club.deals.card(olive, deal_id).figures.open == 0
    assert stock_of(units, deal_id) == 300
    assert {club.points.balance(member.id).available for member in people} == {1000}
    check_books(database)


def test_a_live_card_of_a_group_that_is_called_off_is_drawn_again(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, olive: Member
) -> None:
    deal_id = add_deal(units)
    group_id = club.group_buys.open(with_points(club, units, "Ana", 1000), deal_id, NONCE).group.id
    with database.engine.begin() as connection:
        connection.execute(
            insert(live_cards).values(
                deal_id=deal_id,
                group_id=group_id,
                chat="-100",
                message="7",
                language="en",
                posted_at=OPENED,
                free_at=OPENED,
            )
        )
    club.deals.end(olive, deal_id, calls_off=True)
    with database.engine.connect() as connection:
        assert connection.execute(select(live_cards.c.due_at)).scalar_one() == clock()
