from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from loyalty.errors import InvalidWare, NotAllowed, NotFound, PriceChanged
from loyalty.members import Language, Member, Tier
from loyalty.merchants import Role
from loyalty.rewards import EVERYTHING, Reward, Wanted
from loyalty.services import Club
from loyalty.services.wares import PAGE
from loyalty.shelf import Field, Figures
from loyalty.wares import Turn, WareState
from storage.database import Database
from storage.rewards import rewards
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import OPENED, add_merchant, add_reward, appoint, enrol, with_points

NONCE = "ABCD2345"


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


@pytest.fixture
def olive(units: UnitFactory, shop: int) -> Member:
    member = enrol(units, "Olive")
    appoint(units, shop, member, Role.OWNER)
    return member


def stored(units: UnitFactory, reward_id: int) -> Reward:
    with units() as uow:
        reward = uow.rewards.get(reward_id)
    assert reward is not None
    return reward


def seen_by_members(club: Club, member: Member, wanted: Wanted = EVERYTHING) -> list[int]:
    return [reward.id for reward in club.rewards.catalogue(member.id, wanted=wanted).rewards]


def test_a_draft_is_made_once_and_only_the_shop_sees_it(
    club: Club, units: UnitFactory, database: Database, olive: Member, shop: int
) -> None:
    first = club.shelf.begin(olive, shop, NONCE, "Iced latte", "120")
    again = club.shelf.begin(olive, shop, NONCE, "Iced latte", "120")
    assert first == again
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(rewards)).scalar_one() == 1
    assert (first.reward.name, first.reward.points, first.state) == ("Iced latte", 120, WareState.DRAFT)
    assert seen_by_members(club, olive) == []
    with pytest.raises(NotFound):
        club.rewards.card(olive, first.reward.id)


def test_a_published_reward_is_what_was_typed(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    reward_id = club.shelf.begin(olive, shop, NONCE, "Iced latte", "120").reward.id
    for field, given in (
        (Field.DESCRIPTION, "Two shots."),
        (Field.PRICE, "1.50"),
        (Field.STOCK, "20"),
        (Field.LIMIT, "2"),
        (Field.STARTS, "1.5."),
        (Field.ENDS, "31.5."),
    ):
        club.shelf.write(olive, reward_id, field, given, decimals=2)
    club.shelf.limit_within(olive, reward_id, 7)
    club.shelf.for_tier(olive, reward_id, Tier.SILVER)
    club.shelf.say(olive, reward_id, Field.NAME, Language.SIMPLIFIED, "冰拿铁")
    club.shelf.picture(olive, reward_id, b"drawn")
    shown = club.shelf.turn(olive, reward_id, Turn.PUBLISH)
    reward = stored(units, reward_id)
    assert shown.reward == reward
    assert (reward.name, reward.description, reward.points, reward.price_minor) == (
        "Iced latte",
        "Two shots.",
        120,
        150,
    )
    assert (reward.stock, reward.per_member, reward.per_member_days, reward.tier_min) == (20, 2, 7, Tier.SILVER)
    assert reward.translations == {"zh-Hans": {"name": "冰拿铁"}}
    assert (reward.published_at, shown.state) == (clock(), WareState.RUNNING)
    assert reward.starts_at is not None
    assert reward.ends_at is not None
    assert (reward.ends_at - reward.starts_at).days == 31
    with units() as uow:
        picture = uow.pictures.get(reward.picture_id or 0)
    assert picture is not None
    assert picture.content == b"drawn"
    assert seen_by_members(club, olive) == [reward_id]
    assert seen_by_members(club, olive, Wanted(words="冰拿铁")) == [reward_id], "found by its new words"


def test_only_those_with_the_right_at_that_shop_change_anything(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    reward_id = add_reward(units, shop)
    before = stored(units, reward_id)
    cashier, stranger, neighbour = enrol(units, "Cai"), enrol(units, "Stan"), enrol(units, "Nell")
    appoint(units, shop, cashier, Role.CASHIER)
    appoint(units, add_merchant(units, "Tea House"), neighbour, Role.MARKETER)
    uses: tuple[Callable[[Member], object], ...] = (
        lambda member: club.shelf.page(member, shop),
        lambda member: club.shelf.card(member, reward_id),
        lambda member: club.shelf.preview(member, reward_id),
        lambda member: club.shelf.open(member, shop),
        lambda member: club.shelf.begin(member, shop, NONCE, "Mine", "1"),
        lambda member: club.shelf.write(member, reward_id, Field.POINTS, "1", decimals=2),
        lambda member: club.shelf.clear(member, reward_id, Field.STOCK),
        lambda member: club.shelf.say(member, reward_id, Field.NAME, Language.ENGLISH, "Mine"),
        lambda member: club.shelf.for_tier(member, reward_id, Tier.GOLD),
        lambda member: club.shelf.limit_within(member, reward_id, 7),
        lambda member: club.shelf.picture(member, reward_id, b"mine"),
        lambda member: club.shelf.changeable(member, reward_id),
        lambda member: club.shelf.publishable(member, reward_id),
        *((lambda member, turn=turn: club.shelf.turn(member, reward_id, turn)) for turn in Turn),
    )
    for use in uses:
        for member in (cashier, stranger, neighbour):
            with pytest.raises(NotAllowed):
                use(member)
    assert stored(units, reward_id) == before
    assert len(club.shelf.page(olive, shop).stocked) == 1


def test_a_removed_reward_is_brought_back_before_it_is_changed(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    reward_id = add_reward(units, shop)
    ana = with_points(club, units, "Ana", 100)
    club.shelf.turn(olive, reward_id, Turn.REMOVE)
    assert seen_by_members(club, ana) == []
    assert club.shelf.page(olive, shop).stocked == ()
    changes: tuple[Callable[[], object], ...] = (
        lambda: club.shelf.write(olive, reward_id, Field.POINTS, "1", decimals=2),
        lambda: club.shelf.picture(olive, reward_id, b"new"),
        lambda: club.shelf.turn(olive, reward_id, Turn.PAUSE),
        lambda: club.shelf.publishable(olive, reward_id),
    )
    for change in changes:
        with pytest.raises(InvalidWare) as refusal:
            change()
        assert refusal.value.reason == "removed"
    club.shelf.turn(olive, reward_id, Turn.BRING_BACK)
    assert seen_by_members(club, ana) == [reward_id]
    assert stored(units, reward_id).points == 80


def test_a_given_voucher_outlives_its_reward(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    reward_id = add_reward(units, shop)
    voucher = club.rewards.redeem(with_points(club, units, "Ana", 100), reward_id, NONCE).voucher
    club.shelf.turn(olive, reward_id, Turn.REMOVE)
    assert club.vouchers.use(olive, voucher.code).used_at is not None


def test_the_figures_count_what_became_of_the_vouchers(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    reward_id, other_id = add_reward(units, shop, points=10), add_reward(units, shop, "Tea", points=10)
    ana = with_points(club, units, "Ana", 100)
    used, given_back, *_ = [club.rewards.redeem(ana, reward_id, f"NNNN{n}000").voucher for n in range(4)]
    club.rewards.redeem(ana, other_id, NONCE)
    club.vouchers.use(olive, used.code)
    with units() as uow:
        assert uow.vouchers.cancel(given_back.id, clock())
        uow.commit()
    assert club.shelf.card(olive, reward_id).figures == Figures(redeemed=3, used=1, waiting=2)
    assert {stocked.reward.id: stocked.redeemed for stocked, _ in club.shelf.page(olive, shop).stocked} == {
        reward_id: 3,
        other_id: 1,
    }
    clock.advance(days=400)
    assert club.shelf.card(olive, reward_id).figures == Figures(redeemed=3, used=1, waiting=0)


def test_the_shelf_is_paged_in_the_order_in_which_rewards_stand(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, olive: Member, shop: int
) -> None:
    day = timedelta(days=1)
    for number in range(3):
        add_reward(units, shop, f"Ended {number}", ends_at=clock())
        add_reward(units, shop, f"Draft {number}", published_at=None)
        add_reward(units, shop, f"Soon {number}", starts_at=clock() + day)
        add_reward(units, shop, f"Running {number}", starts_at=clock(), ends_at=clock() + day)
        paused = add_reward(units, shop, f"Paused {number}")
        club.shelf.turn(olive, paused, Turn.PAUSE)
    add_reward(units, add_merchant(units, "Tea House"), "Somebody else's")
    names, after = [], None
    with statements(database) as seen:
        while True:
            page = club.shelf.page(olive, shop, after)
            names += [(stocked.reward.name, state) for stocked, state in page.stocked]
            assert page.is_first_page is (after is None)
            if page.more_after is None:
                break
            assert len(page.stocked) == PAGE
            after = page.more_after
    assert [name for name, _ in names] == [
        f"{word} {number}" for word in ("Running", "Soon", "Paused", "Draft", "Ended") for number in (2, 1, 0)
    ]
    assert [state for _, state in names[::3]] == [
        WareState.RUNNING,
        WareState.UPCOMING,
        WareState.PAUSED,
        WareState.DRAFT,
        WareState.ENDED,
    ]
    assert len([statement for statement in seen if "FROM rewards" in statement]) == 3, "one look at it per page"


def test_a_price_that_was_not_confirmed_is_not_paid(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    reward_id = add_reward(units, shop, points=80)
    ana = with_points(club, units, "Ana", 500)
    club.shelf.write(olive, reward_id, Field.POINTS, "90", decimals=2)
    with pytest.raises(PriceChanged):
        club.rewards.redeem(ana, reward_id, NONCE, (80, 0))
    club.shelf.write(olive, reward_id, Field.PRICE, "2", decimals=2)
    with pytest.raises(PriceChanged):
        club.rewards.redeem(ana, reward_id, NONCE, (90, 0))
    assert club.points.balance(ana.id).available == 500
    first = club.rewards.redeem(ana, reward_id, NONCE, (90, 200))
    club.shelf.write(olive, reward_id, Field.POINTS, "100", decimals=2)
    again = club.rewards.redeem(ana, reward_id, NONCE, (90, 200))
    assert (again.voucher.id, again.is_replay) == (first.voucher.id, True)
    assert club.points.balance(ana.id).available == 410


async def test_stock_changes_and_redemptions_at_once_lose_nothing(
    club: Club, units: UnitFactory, database: Database, olive: Member, shop: int
) -> None:
    reward_id = add_reward(units, shop, points=1, stock=10)
    mary = enrol(units, "Mary")
    appoint(units, shop, mary, Role.MARKETER)
    ana, bo = with_points(club, units, "Ana", 50), with_points(club, units, "Bo", 50)
    wishes = [
        *(
            database.run(club.shelf.write, staff, reward_id, Field.STOCK, given, decimals=2)
            for staff in (olive, mary)
            for given in ("+5", "-2", "+5", "-2")
        ),
        *(
            database.run(club.rewards.redeem, member, reward_id, f"NNNN000{n}")
            for member in (ana, bo)
            for n in range(3)
        ),
        *(
            database.run(club.shelf.write, olive, reward_id, Field.DESCRIPTION, f"No. {n}", decimals=2)
            for n in range(3)
        ),
    ]
    await asyncio.gather(*wishes)
    assert stored(units, reward_id).stock == 10 + 2 * (5 - 2 + 5 - 2) - 6


def test_what_two_people_change_each_gets(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    reward_id = add_reward(units, shop)
    mary = enrol(units, "Mary")
    appoint(units, shop, mary, Role.MARKETER)
    club.shelf.write(olive, reward_id, Field.NAME, "Cortado", decimals=2)
    club.shelf.write(mary, reward_id, Field.POINTS, "60", decimals=2)
    club.shelf.write(mary, reward_id, Field.NAME, "Galão", decimals=2)
    reward = stored(units, reward_id)
    assert (reward.name, reward.points, reward.description) == ("Galão", 60, "With silky milk.")


def test_a_refused_change_leaves_everything_as_it_was(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    reward_id = add_reward(units, shop, stock=3)
    before = stored(units, reward_id)
    for field, given in ((Field.STOCK, "-4"), (Field.POINTS, "0"), (Field.NAME, " "), (Field.ENDS, "1.1.2020")):
        with pytest.raises(InvalidWare):
            club.shelf.write(olive, reward_id, field, given, decimals=2)
    with pytest.raises(InvalidWare):
        club.shelf.picture(olive, reward_id, b"x" * (5 * 1024 * 1024 + 1))
    assert stored(units, reward_id) == before
    assert before.published_at == OPENED


def test_a_reward_that_never_was(club: Club, olive: Member) -> None:
    with pytest.raises(NotFound):
        club.shelf.card(olive, 404)
    with pytest.raises(NotFound):
        club.shelf.turn(olive, 404, Turn.REMOVE)
