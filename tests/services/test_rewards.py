from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from loyalty.errors import NotEnoughPoints, NotFound, RewardUnavailable
from loyalty.members import Member
from loyalty.movements import Subject
from loyalty.services import Club
from loyalty.services.rewards import PAGE, Redemption
from storage.books import postings
from storage.database import Database
from storage.rewards import rewards
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, add_reward, enrol

NONCE = "ABCD2345"


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee")


def with_points(club: Club, units: UnitFactory, name: str, points: int) -> Member:
    member = enrol(units, name)
    club.operators.adjust(member.id, points, "test", key=f"test:{member.id}", actor="test")
    return member


def stock(database: Database, reward_id: int) -> int | None:
    with database.engine.connect() as connection:
        left: int | None = connection.execute(select(rewards.c.stock).where(rewards.c.id == reward_id)).scalar_one()
    return left


def issued(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(vouchers)).scalar_one())


def assert_books_balance(database: Database) -> None:
    per_transaction = select(func.sum(postings.c.amount)).group_by(postings.c.transaction_id)
    with database.engine.connect() as connection:
        assert set(connection.execute(per_transaction).scalars()) == {0}


async def at_once(*wishes: object) -> list[object]:
    return await asyncio.gather(*wishes, return_exceptions=True)  # type: ignore[call-overload, no-any-return]


def split(outcomes: Sequence[object]) -> tuple[list[Redemption], list[object]]:
    done = [outcome for outcome in outcomes if isinstance(outcome, Redemption)]
    return done, [outcome for outcome in outcomes if not isinstance(outcome, Redemption)]


def test_redeeming_moves_points_stock_and_hands_out_a_voucher(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int
) -> None:
    reward_id = add_reward(units, shop, points=80, stock=2, translations={"zh-Hans": {"name": "澳白一杯"}})
    ana = with_points(club, units, "Ana", 100)
    result = club.rewards.redeem(ana, reward_id, NONCE)
    assert (result.available, result.is_replay) == (20, False)
    assert (result.voucher.title, result.voucher.merchant, result.voucher.points) == (
        "Flat white",
        "Harbour Coffee",
        80,
    )
    assert result.voucher.translations == {"zh-Hans": {"name": "澳白一杯"}}
    assert len(result.voucher.code) == 13
    assert result.voucher.expires_at - clock() > timedelta(days=club.programme.voucher_days)
    assert stock(database, reward_id) == 1
    movement = club.points.overview(ana.id).movements[0]
    assert (movement.amount, movement.cause) == (-80, f"reward:{reward_id}")
    assert movement.merchant is not None
    assert movement.merchant.name == "Harbour Coffee"
    assert movement.subject == Subject("Flat white", {"zh-Hans": {"name": "澳白一杯"}})
    assert_books_balance(database)


def test_the_same_confirmation_again_answers_with_the_first_voucher(
    club: Club, units: UnitFactory, database: Database, shop: int
) -> None:
    reward_id = add_reward(units, shop, points=80, stock=1, per_member=1)
    ana = with_points(club, units, "Ana", 80)
    first = club.rewards.redeem(ana, reward_id, NONCE)
    # Sold out, limit reached and no points left by now: still the first result, and no refusal.
    again = club.rewards.redeem(ana, reward_id, NONCE)
    assert (again.voucher, again.available, again.is_replay) == (first.voucher, 0, True)
    assert (stock(database, reward_id), issued(database)) == (0, 1)


def test_a_refused_redemption_changes_nothing(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop, points=80, stock=1)
    ana = with_points(club, units, "Ana", 79)
    with pytest.raises(NotEnoughPoints) as refusal:
        club.rewards.redeem(ana, reward_id, NONCE)
    assert refusal.value.missing == 1
    assert (stock(database, reward_id), issued(database)) == (1, 0)
    assert club.points.balance(ana.id).available == 79


def test_the_limit_counts_each_member_alone(club: Club, units: UnitFactory, shop: int) -> None:
    reward_id = add_reward(units, shop, points=10, per_member=1)
    ana, bo = with_points(club, units, "Ana", 100), with_points(club, units, "Bo", 100)
    club.rewards.redeem(ana, reward_id, NONCE)
    with pytest.raises(RewardUnavailable) as refusal:
        club.rewards.redeem(ana, reward_id, "OTHER234")
    assert (refusal.value.reason, refusal.value.limit) == ("limit_reached", 1)
    assert not club.rewards.redeem(bo, reward_id, NONCE).is_replay
    assert club.points.balance(ana.id).available == 90


def test_a_reward_that_is_not_there(club: Club, units: UnitFactory) -> None:
    ana = enrol(units, "Ana")
    for use_case in (club.rewards.card, club.rewards.quote):
        with pytest.raises(NotFound):
            use_case(ana, 404)
    with pytest.raises(NotFound):
        club.rewards.redeem(ana, 404, NONCE)


def test_unlimited_stock_stays_unlimited(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop, points=10, stock=None)
    club.rewards.redeem(with_points(club, units, "Ana", 10), reward_id, NONCE)
    assert stock(database, reward_id) is None


def test_the_catalogue_pages_over_every_running_reward_once(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int
) -> None:
    # The same price many times: the id decides, and no page repeats or leaves out one.
    wanted = [add_reward(units, shop, f"Coffee {n}", points=50 + n // 3) for n in range(2 * PAGE + 1)]
    add_reward(units, shop, "Over", ends_at=clock())
    add_reward(units, shop, "Not yet", starts_at=clock() + timedelta(seconds=1))
    add_reward(units, shop, "Open", points=1, starts_at=clock(), ends_at=clock() + timedelta(seconds=1))
    seen: list[str] = []
    after = (0, 0)
    while True:
        page = club.rewards.catalogue(1, after)
        seen += [reward.name for reward in page.rewards]
        if page.more_after is None:
            break
        assert len(page.rewards) == PAGE
        after = (page.more_after.points, page.more_after.id)
    assert seen == ["Open", *(f"Coffee {n}" for n in range(len(wanted)))]


def test_a_paused_reward_is_not_in_the_catalogue(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE rewards SET state = 'paused'"))
    assert club.rewards.catalogue(1).rewards == ()
    with pytest.raises(RewardUnavailable, match="paused"):
        club.rewards.redeem(with_points(club, units, "Ana", 100), reward_id, NONCE)


def test_adding_a_slug_twice_keeps_the_first(club: Club, units: UnitFactory, shop: int) -> None:
    first = add_reward(units, shop, "Flat white", slug="flat-white", points=80)
    assert add_reward(units, shop, "Renamed", slug="flat-white", points=1) == first
    assert club.rewards.catalogue(1).rewards[0].name == "Flat white"


@pytest.mark.parametrize("broken", ["stock = -1", "points = 0", "state = 'odd'", "per_member = 0"])
def test_the_database_refuses_what_must_never_be(
    units: UnitFactory, database: Database, shop: int, broken: str
) -> None:
    add_reward(units, shop, stock=0)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(f"UPDATE rewards SET {broken}"))


@pytest.mark.race
async def test_fifty_want_the_last_one(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop, points=80, stock=1)
    crowd = [with_points(club, units, f"Member {n}", 80) for n in range(50)]
    outcomes = await at_once(*(database.run(club.rewards.redeem, member, reward_id, NONCE) for member in crowd))
    done, refused = split(outcomes)
    assert len(done) == 1
    assert refused == [RewardUnavailable(reward_id, "sold_out")] * 49
    assert (stock(database, reward_id), issued(database)) == (0, 1)
    winner = done[0].voucher.member_id
    assert {member.id: club.points.balance(member.id).available for member in crowd} == {
        member.id: 0 if member.id == winner else 80 for member in crowd
    }
    assert_books_balance(database)


@pytest.mark.race
async def test_a_double_tap_pays_once(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop, points=80, stock=5)
    ana = with_points(club, units, "Ana", 500)
    outcomes = await at_once(*(database.run(club.rewards.redeem, ana, reward_id, NONCE) for _ in range(2)))
    done, refused = split(outcomes)
    assert refused == []
    assert done[0].voucher == done[1].voucher
    assert sorted(result.is_replay for result in done) == [False, True]
    assert (club.points.balance(ana.id).available, stock(database, reward_id)) == (420, 4)


@pytest.mark.race
async def test_points_for_one_and_two_wishes_at_once(
    club: Club, units: UnitFactory, database: Database, shop: int
) -> None:
    wanted = [add_reward(units, shop, name, points=80, stock=5) for name in ("Flat white", "Cake")]
    ana = with_points(club, units, "Ana", 100)
    outcomes = await at_once(*(database.run(club.rewards.redeem, ana, reward_id, NONCE) for reward_id in wanted))
    done, refused = split(outcomes)
    assert len(done) == 1
    assert refused == [NotEnoughPoints(needed=80, available=20)]
    assert sorted(stock(database, reward_id) or 0 for reward_id in wanted) == [4, 5]
    assert club.points.balance(ana.id).available == 20
    assert_books_balance(database)


@pytest.mark.race
async def test_a_limit_holds_against_different_confirmations_at_once(
    club: Club, units: UnitFactory, database: Database, shop: int
) -> None:
    reward_id = add_reward(units, shop, points=10, per_member=2)
    ana = with_points(club, units, "Ana", 500)
    nonces = [f"NONCE{n:03}" for n in range(10)]
    outcomes = await at_once(*(database.run(club.rewards.redeem, ana, reward_id, nonce) for nonce in nonces))
    done, refused = split(outcomes)
    assert len(done) == 2
    assert refused == [RewardUnavailable(reward_id, "limit_reached", 2)] * 8
    assert club.points.balance(ana.id).available == 480
