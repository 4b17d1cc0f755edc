"""The catalogue on both databases: what it shows, how it is narrowed down and paged, and with how few statements."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import update

from loyalty.members import Member, Tier
from loyalty.rewards import EVERYTHING, RewardState, Wanted
from loyalty.services import Club
from loyalty.services.rewards import PAGE
from storage.database import Database
from storage.rewards import rewards
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import add_merchant, add_reward, enrol


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee")


@pytest.fixture
def ana(club: Club, units: UnitFactory) -> Member:
    """She has 100 points."""
    member = enrol(units, "Ana")
    club.operators.adjust(member.id, 100, "test", key=f"test:{member.id}", actor="test")
    return member


def names(club: Club, member: Member, wanted: Wanted = EVERYTHING) -> list[str]:
    """Of all pages, in order."""
    found: list[str] = []
    after = (0, 0)
    while True:
        page = club.rewards.catalogue(member.id, after, wanted)
        found += [reward.name for reward in page.rewards]
        if page.more_after is None:
            return found
        assert len(page.rewards) == PAGE
        after = (page.more_after.points, page.more_after.id)


def change(database: Database, reward_id: int, **facts: Any) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(rewards).where(rewards.c.id == reward_id).values(**facts))


def test_only_what_is_published_running_and_not_removed_is_shown(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    add_reward(units, shop, "Shown")
    add_reward(units, shop, "Draft", published_at=None)
    change(database, add_reward(units, shop, "Paused"), state=RewardState.PAUSED)
    change(database, add_reward(units, shop, "Removed"), removed_at=clock())
    add_reward(units, shop, "Over", ends_at=clock())
    add_reward(units, shop, "Not yet", starts_at=clock() + timedelta(seconds=1))
    assert names(club, ana) == ["Shown"]
    assert [(listed.merchant.name, listed.rewards) for listed in club.rewards.shops().shops] == [("Harbour Coffee", 1)]


def test_each_filter_and_all_of_them_together(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    other = add_merchant(units, "Red Door")
    facts = {
        f"{'here' if here else 'there'} {'cheap' if cheap else 'dear'} {'loved' if loved else 'plain'} {word}": (
            here,
            cheap,
            loved,
            word == "beans",
        )
        for here, cheap, loved, word in product((True, False), (True, False), (True, False), ("beans", "cake"))
    }
    for name, (here, cheap, loved, _) in facts.items():
        reward_id = add_reward(units, shop if here else other, name, points=100 if cheap else 101)
        if loved:
            club.favourites.keep(ana, reward_id)
    for asked in product((True, False), repeat=4):
        wanted = Wanted(
            merchant_id=shop if asked[0] else None,
            is_in_reach=asked[1],
            is_favourite=asked[2],
            words="beans" if asked[3] else "",
        )
        fitting = {
            name
            for name, has in facts.items()
            if all(is_so for is_so, is_asked in zip(has, asked, strict=True) if is_asked)
        }
        found = names(club, ana, wanted)
        assert set(found) == fitting
        assert len(found) == len(fitting)


def test_in_reach_is_what_one_could_have_now(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    add_reward(units, shop, "All of it", points=100)
    add_reward(units, shop, "One more", points=101)
    add_reward(units, shop, "Sold out", points=10, stock=0)
    add_reward(units, shop, "Last one", points=10, stock=1)
    add_reward(units, shop, "For silver", points=10, tier_min=Tier.SILVER)
    in_reach = Wanted(is_in_reach=True)
    assert names(club, ana, in_reach) == ["Last one", "All of it"]
    with units() as uow:
        uow.members.promote(ana.id, Tier.GOLD)
        uow.commit()
    assert names(club, ana, in_reach) == ["Last one", "For silver", "All of it"]
    assert names(club, enrol(units, "Bo"), in_reach) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("flat", ["Flat white"]),
        ("white flat", ["Flat white"]),
        ("milk", ["Flat white"]),  # in the description
        ("澳白", ["Flat white"]),
        ("Straße", ["Bahnhofstraße"]),
        ("STRASSE", ["Bahnhofstraße"]),
        ("flat cake", []),
        ("%", ["100 % cocoa"]),
        ("_", []),
        ("\\", []),
        ("100 % cocoa", ["100 % cocoa"]),
        ("a b c d", []),
        ("'; drop table rewards; --", []),
    ],
)
def test_what_words_find(club: Club, units: UnitFactory, shop: int, ana: Member, words: str, found: list[str]) -> None:
    said = {"zh-Hans": {"name": "澳白一杯"}}
    add_reward(units, shop, "Flat white", description="With silky milk.", translations=said)
    add_reward(units, shop, "Bahnhofstraße", description="")
    add_reward(units, shop, "100 % cocoa", description="")
    assert names(club, ana, Wanted(words=words.casefold())) == found


def test_favourites_are_marked_for_their_member_alone(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    loved, plain = add_reward(units, shop, "Loved"), add_reward(units, shop, "Plain")
    club.favourites.keep(ana, loved)
    marks = {listed.reward.id: listed.is_favourite for listed in club.rewards.catalogue(ana.id).listed}
    assert marks == {loved: True, plain: False}
    bo = enrol(units, "Bo")
    assert not any(listed.is_favourite for listed in club.rewards.catalogue(bo.id).listed)
    assert names(club, bo, Wanted(is_favourite=True)) == []


def test_shops_are_paged_and_those_without_rewards_left_out(club: Club, units: UnitFactory) -> None:
    for n in range(2 * PAGE):
        add_reward(units, add_merchant(units, f"Shop {n}"))
    add_merchant(units, "Empty")
    first = club.rewards.shops()
    assert first.more_after is not None
    second = club.rewards.shops(first.more_after)
    assert second.more_after is None
    assert [listed.merchant.name for listed in (*first.shops, *second.shops)] == [f"Shop {n}" for n in range(2 * PAGE)]
    assert (first.is_first_page, second.is_first_page) == (True, False)


@pytest.mark.parametrize("many", [1, 40])
def test_a_screen_of_the_catalogue_takes_two_statements_and_a_search_one_more_for_the_shops_names(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member, many: int
) -> None:
    for n in range(many):
        club.favourites.keep(ana, add_reward(units, shop, f"Coffee {n}", points=10 + n))
    by_words = Wanted(merchant_id=shop, is_in_reach=True, is_favourite=True, words="coffee")
    for wanted, most in ((EVERYTHING, 2), (by_words, 3)):
        with statements(database) as seen:
            assert club.rewards.catalogue(ana.id, (0, 0), wanted).rewards
        assert len(seen) == most, "\n".join(seen)
    with statements(database) as seen:
        assert club.rewards.shops().shops
    assert len(seen) == 1, "\n".join(seen)
