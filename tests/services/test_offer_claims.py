from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from loyalty.errors import NotFound, OfferUnavailable, PriceChanged, TierTooLow, VoucherRefused
from loyalty.members import Member, Tier, Topic
from loyalty.merchants import Role
from loyalty.offer_claims import TO_ITS_END
from loyalty.services import Club
from loyalty.services.offer_claims import Claimed
from loyalty.services.offers import PAGE
from loyalty.vouchers import VoucherState
from storage.database import Database
from storage.offers import offer_members
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import add_deal
from tests.kit.group_buys import all_at_once, only_refusals
from tests.kit.offers import add_claim, add_offer, offer_of, visit
from tests.kit.shops import OPENED, add_merchant, add_reward, appoint, enrol, with_points

NONCE = "ABCD2345"


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee")


@pytest.fixture
def ana(units: UnitFactory) -> Member:
    return enrol(units, "Ana")


def issued(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(vouchers)).scalar_one())


def had(units: UnitFactory, offer_id: int, member: Member) -> int | None:
    with units() as uow:
        return uow.offer_claims.had(offer_id, member.id)


def titles(club: Club, member: Member, number: int = 0) -> list[str]:
    return [listed.pick.candidate.title for listed in club.offers.running(member, number).listed]


def claims(outcomes: list[object]) -> list[Claimed]:
    return [outcome for outcome in outcomes if isinstance(outcome, Claimed)]


def test_a_claim_is_a_voucher_for_nothing(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, ana: Member
) -> None:
    words = {"zh-Hans": {"name": "免费曲奇"}}
    offer_id = add_claim(units, shop, stock=50, price_minor=250, translations=words)
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    assert (voucher.title, voucher.merchant, voucher.translations) == ("Free cookie", "Harbour Coffee", words)
    assert (voucher.points, voucher.price_minor, voucher.state) == (0, 250, VoucherState.ISSUED)
    assert len(voucher.code) == 13
    assert voucher.expires_at == datetime(2026, 7, 31, tzinfo=UTC)  # the programme's ninety days
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed) == (49, 1)
    assert club.points.balance(ana.id).available == 0


@pytest.mark.parametrize(
    ("days", "good_until"),
    [(3, datetime(2026, 5, 5, tzinfo=UTC)), (TO_ITS_END, datetime(2026, 5, 1, 15, 0, tzinfo=UTC))],
)
def test_its_voucher_is_good_as_long_as_the_shop_says(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, ana: Member, days: int, good_until: datetime
) -> None:
    offer_id = add_claim(units, shop, voucher_days=days, ends_at=clock() + timedelta(hours=5))
    assert club.offer_claims.card(ana, offer_id).good_until == good_until
    assert club.offer_claims.claim(ana, offer_id, NONCE).voucher.expires_at == good_until


def test_staff_take_its_voucher_like_any_other(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    cass = enrol(units, "Cass")
    appoint(units, shop, cass, Role.CASHIER)
    voucher = club.offer_claims.claim(ana, add_claim(units, shop), NONCE).voucher
    used = club.vouchers.use(cass, club.vouchers.check(cass, voucher.code).code)
    assert used.state is VoucherState.USED
    with pytest.raises(VoucherRefused, match="used"):
        club.vouchers.give_back(ana.id, voucher.id)


def test_the_same_tap_again_answers_with_the_first_voucher(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    offer_id = add_claim(units, shop, stock=1)
    first = club.offer_claims.claim(ana, offer_id, NONCE)
    again = club.offer_claims.claim(ana, offer_id, NONCE)  # sold out and the limit reached by now
    assert (again.voucher, first.is_replay, again.is_replay) == (first.voucher, False, True)
    assert (offer_of(units, offer_id).stock, issued(database)) == (0, 1)


def test_a_refused_claim_changes_nothing(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    reward_id = add_reward(units, shop)
    refusals: list[tuple[int, Exception]] = [
        (offer_id := add_claim(units, shop, stock=0), OfferUnavailable(offer_id, "sold_out")),
        (offer_id := add_claim(units, shop, ends_at=clock()), OfferUnavailable(offer_id, "ended")),
        (
            offer_id := add_claim(units, shop, starts_at=clock() + timedelta(days=1)),
            OfferUnavailable(offer_id, "not_started"),
        ),
        (add_claim(units, shop, tier_min=Tier.GOLD), TierTooLow(Tier.GOLD, Tier.MEMBER)),
        (offer_id := add_offer(units, shop, reward_id=reward_id), OfferUnavailable(offer_id, "elsewhere")),
        (offer_id := add_claim(units, shop, published_at=None), NotFound("offer", offer_id)),
        (404, NotFound("offer", 404)),
    ]
    for offer_id, expected in refusals:
        with pytest.raises(type(expected)) as refusal:
            club.offer_claims.claim(ana, offer_id, NONCE)
        assert refusal.value == expected
    assert issued(database) == 0
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(offer_members)).scalar_one() == 0


def test_a_price_that_was_not_shown_is_not_taken(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    offer_id = add_claim(units, shop, price_minor=300)
    with pytest.raises(PriceChanged):
        club.offer_claims.claim(ana, offer_id, NONCE, 250)
    assert club.offer_claims.claim(ana, offer_id, NONCE, 300).voucher.price_minor == 300


def test_the_limit_counts_each_member_alone(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    offer_id = add_claim(units, shop, per_member=2)
    for nonce in ("AAAA2345", "BBBB2345"):
        club.offer_claims.claim(ana, offer_id, nonce)
    with pytest.raises(OfferUnavailable) as refusal:
        club.offer_claims.claim(ana, offer_id, "CCCC2345")
    assert refusal.value == OfferUnavailable(offer_id, "limit_reached", 2)
    assert not club.offer_claims.claim(enrol(units, "Bo"), offer_id, NONCE).is_replay


def test_what_is_given_back_somebody_else_can_have(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, ana: Member
) -> None:
    bo, offer_id = enrol(units, "Bo"), add_claim(units, shop, stock=1)
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    assert voucher.is_returnable
    assert club.vouchers.ask_give_back(ana.id, voucher.id).id == voucher.id
    given_back = club.vouchers.give_back(ana.id, voucher.id)
    assert (given_back.voucher.state, given_back.is_replay) == (VoucherState.CANCELLED, False)
    assert club.vouchers.give_back(ana.id, voucher.id).is_replay
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed, had(units, offer_id, ana)) == (1, 0, 0)
    club.offer_claims.claim(bo, offer_id, NONCE)
    with pytest.raises(OfferUnavailable, match="sold_out"):
        club.offer_claims.claim(ana, offer_id, "OTHER234")


def test_it_is_given_back_in_time_or_not_at_all(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, ana: Member
) -> None:
    offer_id = add_claim(units, shop, stock=1)
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    clock.advance(days=club.programme.voucher_cancel_days + 1)
    with pytest.raises(VoucherRefused, match="too_late"):
        club.vouchers.give_back(ana.id, voucher.id)
    assert offer_of(units, offer_id).stock == 0


def test_unlimited_stays_unlimited(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    offer_id = add_claim(units, shop, stock=None)
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    club.vouchers.give_back(ana.id, voucher.id)
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed) == (None, 0)


def test_a_look_counts_once(club: Club, units: UnitFactory, database: Database, shop: int, ana: Member) -> None:
    offer_id = add_claim(units, shop)
    assert club.offer_claims.card(ana, offer_id).is_first_look
    for _ in range(2):
        club.offer_claims.look_at(ana.id, offer_id)
    assert not club.offer_claims.card(ana, offer_id).is_first_look
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(offer_members)).scalar_one() == 1
    assert had(units, offer_id, ana) == 0


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE offers SET stock = -1",
        "UPDATE offers SET claimed = -1",
        "UPDATE offers SET per_member = 0",
        "UPDATE offers SET price_minor = -1",
        "UPDATE offers SET kind = 'odd'",
        "UPDATE offers SET kind = 'reward'",
        "UPDATE offers SET kind = 'deal'",
        "UPDATE offer_members SET had = 2",
        "UPDATE offer_members SET had = -1",
    ],
)
def test_the_database_refuses_what_must_never_be(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member, broken: str
) -> None:
    club.offer_claims.claim(ana, add_claim(units, shop, stock=5), NONCE)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(broken))


# The list


def test_the_list_is_paged_and_no_page_repeats_or_leaves_out_one(
    club: Club, units: UnitFactory, shop: int, ana: Member
) -> None:
    wanted = {f"Offer {n}" for n in range(2 * PAGE + 1)}
    for title in wanted:
        add_claim(units, shop, title)
    first = club.offers.running(ana)
    assert (first.number, first.pages, len(first.listed)) == (0, 3, PAGE)
    pages = [titles(club, ana, number) for number in range(first.pages)]
    assert [len(page) for page in pages] == [PAGE, PAGE, 1]
    assert {title for page in pages for title in page} == wanted
    assert club.offers.running(ana, 99).number == 2, "a page that is gone is the last there is"


def test_the_list_has_what_runs_and_nothing_else(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    tomorrow = clock() + timedelta(days=1)
    add_claim(units, shop, "Runs", starts_at=clock(), ends_at=tomorrow)
    add_claim(units, shop, "Over", ends_at=clock())
    add_claim(units, shop, "Not yet", starts_at=tomorrow)
    add_claim(units, shop, "Gone", stock=0)
    add_claim(units, shop, "Draft", published_at=None)
    add_offer(units, shop, "Deal", deal_id=add_deal(units))
    add_offer(units, shop, "Deal, nothing left", deal_id=add_deal(units, slug="few", stock=2))
    add_offer(units, shop, "Deal, paused", deal_id=add_deal(units, slug="paused"))
    add_offer(units, shop, "Deal, over", deal_id=add_deal(units, slug="over", ends_at=clock()))
    add_offer(units, shop, "Reward, later", reward_id=add_reward(units, shop, starts_at=tomorrow))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE deals SET is_paused = true WHERE slug = 'paused'"))
    assert set(titles(club, ana)) == {"Runs", "Deal"}


def test_the_list_says_what_things_cost_and_when_they_end_where_they_lead(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int
) -> None:
    ana, soon = with_points(club, units, "Ana", 500), clock() + timedelta(hours=3)
    cake = add_reward(
        units, shop, "Cake", points=80, price_minor=100, stock=4, per_member=2, ends_at=soon, tier_min=Tier.MEMBER
    )
    club.rewards.redeem(ana, cake, NONCE)
    add_offer(units, shop, "Cake", reward_id=cake, ends_at=soon + timedelta(days=9))
    add_offer(units, shop, "Beans", deal_id=add_deal(units, group_price_minor=300, solo_price_minor=400))
    found = {listed.pick.candidate.title: listed for listed in club.offers.running(ana).listed}
    candidate = found["Cake"].pick.candidate
    assert (candidate.points, candidate.price_minor, candidate.stock, candidate.whole) == (80, 100, 3, None)
    assert (candidate.per_member, found["Cake"].had, candidate.ends_at) == (2, 1, soon)
    beans = found["Beans"].pick.candidate
    assert (beans.points, beans.price_minor, beans.stock) == (240, 300, 30)


def test_an_offer_for_fewer_than_its_reward_is_for_those_who_may_have_both(
    club: Club, units: UnitFactory, shop: int, ana: Member
) -> None:
    silver = add_reward(units, shop, "Tote", tier_min=Tier.SILVER)
    add_offer(units, shop, "Tote", reward_id=silver)
    (listed,) = club.offers.running(ana).listed
    assert listed.pick.candidate.tier_min is Tier.SILVER


def test_what_one_has_had_is_last_and_counted(club: Club, units: UnitFactory, shop: int, ana: Member) -> None:
    first = add_claim(units, shop, "First", stock=50)
    add_claim(units, shop, "Second")
    club.offer_claims.claim(ana, first, NONCE)
    assert titles(club, ana) == ["Second", "First"]
    listed = club.offers.running(ana).listed[1]
    assert (listed.had, listed.pick.candidate.stock, listed.pick.candidate.whole) == (1, 49, 50)


def test_the_list_takes_as_many_statements_for_one_as_for_many(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int
) -> None:
    ana = with_points(club, units, "Ana", 500)
    counts = []
    for more in (1, 40):
        for number in range(more):
            claimed = add_claim(units, shop, f"Offer {more} {number}", stock=9)
            add_reward(units, shop, f"Reward {more} {number}", points=10)
        club.offer_claims.claim(ana, claimed, f"AAAA{more:04}")
        with statements(database) as seen:
            assert club.offers.running(ana).listed
        counts.append(len(seen))
    assert counts == [4, 4], seen


def test_a_card_takes_two_statements(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    offer_id = add_claim(units, shop, stock=9)
    with statements(database) as seen:
        club.offer_claims.card(ana, offer_id)
    assert len(seen) == 2, seen


# The offer of the day


def test_the_day_offers_what_one_may_still_claim(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int
) -> None:
    members = [enrol(units, name) for name in ("Ana", "Bo")]
    for member in members:
        club.members.consent(member, Topic.OFFERS, True, "shown")
    ana, bo = members
    for number, (offer_id, member) in enumerate(
        ((add_claim(units, shop, "Cookie"), ana), (add_claim(units, shop, "Gone", stock=1), enrol(units, "Cy")))
    ):
        club.offer_claims.claim(member, offer_id, f"AAAA000{number}")
    assert club.offers.send_due() == 2
    with database.engine.connect() as connection:
        sent = connection.execute(select(deliveries.c.member_id, deliveries.c.facts)).all()
    assert [(row.member_id, row.facts["title"]) for row in sent] == [(bo.id, "Cookie")]


# All at once


@pytest.mark.race
async def test_many_want_the_last_one(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    offer_id = add_claim(units, shop, stock=1)
    crowd = [enrol(units, f"Member {n}") for n in range(30)]
    wishes: list[Callable[[], object]] = [partial(club.offer_claims.claim, each, offer_id, NONCE) for each in crowd]
    outcomes = await all_at_once(database, wishes)
    assert only_refusals(outcomes) == [OfferUnavailable(offer_id, "sold_out")] * 29
    assert len(claims(outcomes)) == issued(database) == 1
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed) == (0, 1)


@pytest.mark.race
async def test_a_double_tap_claims_once(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    offer_id, ana = add_claim(units, shop, stock=5, per_member=5), enrol(units, "Ana")
    outcomes = await all_at_once(database, [partial(club.offer_claims.claim, ana, offer_id, NONCE)] * 4)
    assert only_refusals(outcomes) == []
    assert len({claimed.voucher.id for claimed in claims(outcomes)}) == 1
    assert sorted(claimed.is_replay for claimed in claims(outcomes)) == [False, True, True, True]
    assert (offer_of(units, offer_id).stock, had(units, offer_id, ana)) == (4, 1)


@pytest.mark.race
async def test_the_limit_holds_against_different_taps_at_once(
    club: Club, units: UnitFactory, database: Database, shop: int
) -> None:
    offer_id, ana = add_claim(units, shop, stock=50, per_member=2), enrol(units, "Ana")
    wishes: list[Callable[[], object]] = [
        partial(club.offer_claims.claim, ana, offer_id, f"NCE{n:05}") for n in range(10)
    ]
    outcomes = await all_at_once(database, wishes)
    assert only_refusals(outcomes) == [OfferUnavailable(offer_id, "limit_reached", 2)] * 8
    assert issued(database) == 2
    assert (offer_of(units, offer_id).stock, had(units, offer_id, ana)) == (48, 2)


@pytest.mark.race
async def test_what_comes_back_while_others_want_it_goes_to_one_of_them(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    offer_id = add_claim(units, shop, stock=1)
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    crowd = [enrol(units, f"Member {n}") for n in range(8)]
    wishes: list[Callable[[], object]] = [
        *(partial(club.vouchers.give_back, ana.id, voucher.id) for _ in range(2)),
        *(partial(club.offer_claims.claim, each, offer_id, NONCE) for each in crowd),
    ]
    outcomes = await all_at_once(database, wishes)
    only_refusals(outcomes)
    assert len(claims(outcomes)) <= 1
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed) == (1 - len(claims(outcomes)), len(claims(outcomes)))


def test_why_an_offer_is_shown(club: Club, units: UnitFactory, clock: FrozenClock, shop: int, ana: Member) -> None:
    offer_id = add_claim(units, shop)
    visit(units, shop, {ana.id: 10}, clock())
    explained = club.offers.why_shown(ana, offer_id)
    assert (explained.merchant, [reason.why for reason in explained.reasons]) == (
        "Harbour Coffee",
        ["visited", "new", "free"],
    )
    for unseen in (404, add_claim(units, shop, published_at=None)):
        with pytest.raises(NotFound):
            club.offers.why_shown(ana, unseen)


def test_an_offer_is_added_once(units: UnitFactory, shop: int) -> None:
    first = add_claim(units, shop, "Cookie", slug="cookie", stock=5)
    assert add_claim(units, shop, "Other", slug="cookie", stock=9) == first
    assert (offer_of(units, first).title, offer_of(units, first).stock) == ("Cookie", 5)
    assert offer_of(units, first).published_at == OPENED
