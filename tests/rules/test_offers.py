from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.members import Tier
from loyalty.merchants import Merchant
from loyalty.offers import (
    WEIGHTS,
    Candidate,
    OfferKind,
    Pick,
    Reason,
    Shopper,
    Why,
    listed,
    may_have,
    offer_of_the_day,
    picks,
    reasons,
)

COFFEE, NOODLES = Merchant(1, "Harbour Coffee"), Merchant(2, "Red Door Noodles")


def reward(number: int, points: int | None, merchant: Merchant = COFFEE, tier: Tier = Tier.MEMBER) -> Candidate:
    return Candidate(f"reward:{number}", merchant, f"Reward {number}", "", tier_min=tier, points=points)


def shopper(
    available: int = 0, *visited: int, tier: Tier = Tier.MEMBER, offered: frozenset[str] = frozenset()
) -> Shopper:
    return Shopper(1, tier, available, visited=frozenset(visited), offered=offered)


@pytest.mark.parametrize(
    ("candidate", "who", "expected"),
    [
        (reward(1, 100), shopper(100, 1), [Why.VISITED, Why.AFFORDABLE, Why.NEW]),
        (reward(1, 100), shopper(99, 1), [Why.VISITED, Why.NEW, Why.NEARLY]),
        (reward(1, 100), shopper(80), [Why.NEW, Why.NEARLY]),
        (reward(1, 100), shopper(79), [Why.NEW]),
        (reward(1, 100), shopper(79, 2), [Why.NEW]),
        (reward(1, None), shopper(0), [Why.NEW, Why.FREE]),
        (reward(1, None), shopper(0, 1), [Why.VISITED, Why.NEW, Why.FREE]),
        (reward(1, 100, tier=Tier.SILVER), shopper(0, tier=Tier.GOLD), [Why.NEW, Why.TIER]),
        (reward(1, 100), shopper(100, offered=frozenset({"reward:1"})), [Why.AFFORDABLE]),
        (reward(1, 100), shopper(100, offered=frozenset({"reward:2"})), [Why.AFFORDABLE, Why.NEW]),
    ],
)
def test_what_speaks_for_an_offer(candidate: Candidate, who: Shopper, expected: list[Why]) -> None:
    found = reasons(candidate, who)
    assert [reason.why for reason in found] == expected
    assert Pick(candidate, found).score == sum(WEIGHTS[why] for why in expected)


def test_nearly_says_how_much_is_missing() -> None:
    assert Reason(Why.NEARLY, missing=7) in reasons(reward(1, 100), shopper(93))


@pytest.mark.parametrize(
    ("candidate", "who", "expected"),
    [
        (reward(1, None), shopper(0, 1), Why.VISITED),
        (reward(1, 100), shopper(100), Why.AFFORDABLE),
        (reward(1, 100), shopper(79), None),
    ],
)
def test_what_speaks_for_an_offer_most_is_never_that_it_is_new(
    candidate: Candidate, who: Shopper, expected: Why | None
) -> None:
    pick = Pick(candidate, reasons(candidate, who))
    assert (pick.foremost and pick.foremost.why) == expected
    assert pick.fits == (expected is not None)


@pytest.mark.parametrize(
    ("better", "worse", "who"),
    [
        (reward(1, 500, COFFEE), reward(2, 50, NOODLES), shopper(100, 1)),  # a shop visited before one affordable
        (reward(1, 50, COFFEE), reward(2, 500, COFFEE), shopper(100, 1)),
        (reward(1, 50), reward(2, 110), shopper(100)),
        (reward(1, 40), reward(2, 50), shopper(100)),  # the cheaper one of two that are alike
        (reward(1, 50), reward(2, None), shopper(100)),
        (reward(1, 50), reward(2, 40), shopper(100, offered=frozenset({"reward:2"}))),
    ],
)
def test_which_of_two_is_better(better: Candidate, worse: Candidate, who: Shopper) -> None:
    assert next(pick.candidate for pick in picks([worse, better], who, 2)) == better
    assert offer_of_the_day([better, worse], who) == offer_of_the_day([worse, better], who)


def test_nothing_fits_when_nothing_but_novelty_speaks_for_it() -> None:
    assert offer_of_the_day([reward(1, 100)], shopper(10, 2)) is None
    assert picks([reward(1, 100)], shopper(10), 3) == []


def test_what_was_sent_lately_is_not_sent_again_but_shown_on_request() -> None:
    seen = shopper(100, 1, offered=frozenset({"reward:1"}))
    assert offer_of_the_day([reward(1, 100)], seen) is None
    assert len(picks([reward(1, 100)], seen, 3)) == 1


@pytest.mark.parametrize(("tier", "may"), [(Tier.MEMBER, False), (Tier.SILVER, True), (Tier.GOLD, True)])
def test_the_tier_must_reach(tier: Tier, may: bool) -> None:
    silver = reward(1, 10, tier=Tier.SILVER)
    assert may_have(silver, shopper(100, tier=tier)) is may
    assert bool(picks([silver], shopper(100, tier=tier), 1)) is may


def test_who_has_had_it_as_often_as_one_may_is_not_offered_it() -> None:
    limited = Candidate("reward:7", COFFEE, "Tote", "", points=10, per_member=2, reward_id=7)
    assert may_have(limited, Shopper(1, Tier.MEMBER, 100, had={7: 1}))
    assert not may_have(limited, Shopper(1, Tier.MEMBER, 100, had={7: 2}))


_candidates = st.lists(
    st.builds(
        reward,
        st.integers(1, 9),
        st.none() | st.integers(1, 300),
        st.sampled_from([COFFEE, NOODLES]),
        st.sampled_from(list(Tier)),
    ),
    unique_by=lambda candidate: candidate.key,
)
_shoppers = st.builds(
    Shopper,
    st.just(1),
    st.sampled_from(list(Tier)),
    st.integers(-50, 300),
    visited=st.frozensets(st.sampled_from([1, 2])),
    offered=st.frozensets(st.integers(1, 9).map("reward:{}".format)),
)


@given(_candidates, _shoppers)
def test_the_offer_of_the_day_is_one_that_the_member_may_have_and_the_best(
    candidates: list[Candidate], who: Shopper
) -> None:
    best = offer_of_the_day(candidates, who)
    unseen = [candidate for candidate in candidates if candidate.key not in who.offered]
    fitting = [pick for pick in (Pick(c, reasons(c, who)) for c in unseen if may_have(c, who)) if pick.fits]
    if best is None:
        assert not fitting
    else:
        assert who.tier.reaches(best.candidate.tier_min)
        assert best.score == max(pick.score for pick in fitting)
    assert best == offer_of_the_day(list(reversed(candidates)), who)


@given(_candidates, _shoppers, st.integers(1, 200))
def test_more_points_never_make_an_offer_worse(candidates: list[Candidate], who: Shopper, more: int) -> None:
    richer = Shopper(who.member_id, who.tier, who.available + more, visited=who.visited, offered=who.offered)
    for candidate in candidates:
        assert Pick(candidate, reasons(candidate, richer)).score >= Pick(candidate, reasons(candidate, who)).score


def offer(number: int, kind: OfferKind = OfferKind.CLAIM, **facts: Any) -> Candidate:
    return Candidate(f"offer:{number}", COFFEE, f"Offer {number}", "", offer_id=number, kind=kind, **facts)


def test_of_a_claim_its_own_limit_counts() -> None:
    once = offer(7, per_member=1)
    assert may_have(once, Shopper(1, Tier.MEMBER, claimed={8: 1}, had={7: 1}))
    assert not may_have(once, Shopper(1, Tier.MEMBER, claimed={7: 1}))
    assert may_have(offer(7), Shopper(1, Tier.MEMBER, claimed={7: 9}))


def test_of_an_offer_of_a_reward_the_rewards_limit_counts() -> None:
    cake = offer(7, OfferKind.REWARD, reward_id=3, points=10, per_member=1)
    assert not may_have(cake, Shopper(1, Tier.MEMBER, 100, had={3: 1}))
    assert may_have(cake, Shopper(1, Tier.MEMBER, 100, had={7: 1}, claimed={7: 1, 3: 1}))


def test_what_is_gone_is_offered_to_nobody() -> None:
    gone = offer(7, stock=0)
    assert picks([gone, offer(8, stock=1)], shopper(), 5) == [Pick(offer(8, stock=1), reasons(offer(8), shopper()))]


def test_the_list_has_all_offers_the_best_first_and_a_few_rewards_after_them() -> None:
    who = Shopper(1, Tier.MEMBER, 100, visited=frozenset({1}), claimed={4: 1})
    free, dear, locked, mine = (
        offer(1),
        Candidate("offer:2", NOODLES, "Dear", "", offer_id=2, kind=OfferKind.REWARD, reward_id=9, points=900),
        offer(3, tier_min=Tier.GOLD),
        offer(4, per_member=1),
    )
    rewards = [reward(number, number * 10) for number in range(1, 6)]
    found = listed([mine, locked, *rewards, dear, free], who, 3)
    assert [pick.candidate for pick in found] == [free, dear, locked, mine, *rewards[:3]]


@given(_candidates, _shoppers, st.integers(0, 4))
def test_the_list_leaves_out_no_offer_and_says_nothing_twice(
    candidates: list[Candidate], who: Shopper, most: int
) -> None:
    offers = [offer(number) for number in range(3)]
    keys = [pick.candidate.key for pick in listed(candidates + offers, who, most)]
    assert {each.key for each in offers} <= set(keys)
    assert len(keys) == len(set(keys)) <= len(offers) + most
