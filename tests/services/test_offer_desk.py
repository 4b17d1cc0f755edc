from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from loyalty.errors import InvalidWare, NotAllowed, NotFound
from loyalty.members import Language, Member, Tier
from loyalty.merchants import Role
from loyalty.offer_desk import Field, Figures, Target
from loyalty.offers import OfferKind
from loyalty.services import Club
from loyalty.services.wares import PAGE
from loyalty.wares import Turn, WareState
from storage.database import Database
from storage.offers import offers
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import SHOP, add_deal
from tests.kit.group_buys import all_at_once, only_refusals
from tests.kit.offers import add_claim, add_offer, offer_of
from tests.kit.shops import OPENED, add_merchant, add_reward, appoint, enrol

NONCE = "ABCD2345"


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, SHOP)


@pytest.fixture
def olive(units: UnitFactory, shop: int) -> Member:
    member = enrol(units, "Olive")
    appoint(units, shop, member, Role.OWNER)
    return member


def seen_by_members(club: Club, member: Member) -> list[str]:
    return [listed.pick.candidate.title for listed in club.offers.running(member).listed]


def test_a_draft_is_made_once_and_only_the_shop_sees_it(
    club: Club, database: Database, olive: Member, shop: int
) -> None:
    first = club.offer_desk.begin(olive, shop, NONCE, "Free cookie", "With any coffee.")
    assert first == club.offer_desk.begin(olive, shop, NONCE, "Free cookie", "With any coffee.")
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(offers)).scalar_one() == 1
    offer = first.offer
    assert (offer.title, offer.text, first.state) == ("Free cookie", "With any coffee.", WareState.DRAFT)
    assert (offer.kind, offer.per_member, offer.stock) == (OfferKind.CLAIM, 1, None)
    assert seen_by_members(club, olive) == []
    for use in (club.offer_claims.card, partial(club.offer_claims.claim, nonce=NONCE)):
        with pytest.raises(NotFound):
            use(olive, offer.id)


def test_a_published_offer_is_what_was_typed(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    offer_id = club.offer_desk.begin(olive, shop, NONCE, "Cookie", "").offer.id
    for field, given in (
        (Field.NAME, "Free cookie"),
        (Field.DESCRIPTION, "With any coffee."),
        (Field.PRICE, "1.50"),
        (Field.STOCK, "20"),
        (Field.LIMIT, "2"),
        (Field.DAYS, "14"),
        (Field.STARTS, "1.5."),
        (Field.ENDS, "31.5."),
    ):
        club.offer_desk.write(olive, offer_id, field, given, decimals=2)
    club.offer_desk.for_tier(olive, offer_id, Tier.SILVER)
    club.offer_desk.say(olive, offer_id, Field.NAME, Language.SIMPLIFIED, "免费曲奇")
    club.offer_desk.picture(olive, offer_id, b"drawn")
    shown = club.offer_desk.turn(olive, offer_id, Turn.PUBLISH)
    offer = offer_of(units, offer_id)
    assert (shown.offer, shown.state) == (offer, WareState.RUNNING)
    assert (offer.title, offer.text, offer.price_minor, offer.stock) == ("Free cookie", "With any coffee.", 150, 20)
    assert (offer.per_member, offer.voucher_days, offer.tier_min) == (2, 14, Tier.SILVER)
    assert offer.translations == {"zh-Hans": {"name": "免费曲奇"}}
    assert offer.published_at == clock()
    assert offer.starts_at is not None
    assert offer.ends_at is not None
    assert (offer.ends_at - offer.starts_at).days == 31
    with units() as uow:
        picture = uow.pictures.get(offer.picture_id or 0)
    assert picture is not None
    assert picture.content == b"drawn"
    assert seen_by_members(club, olive) == ["Free cookie"]


def test_only_those_with_the_right_at_that_shop_change_anything(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    offer_id, reward_id = add_claim(units, shop), add_reward(units, shop)
    before = offer_of(units, offer_id)
    cashier, stranger, neighbour = enrol(units, "Cai"), enrol(units, "Stan"), enrol(units, "Nell")
    appoint(units, shop, cashier, Role.CASHIER)
    appoint(units, add_merchant(units, "Tea House"), neighbour, Role.MARKETER)
    desk = club.offer_desk
    uses: tuple[Callable[[Member], object], ...] = (
        lambda member: desk.page(member, shop),
        lambda member: desk.table(member, shop),
        lambda member: desk.card(member, offer_id),
        lambda member: desk.changeable(member, offer_id),
        lambda member: desk.publishable(member, offer_id),
        lambda member: desk.preview(member, offer_id),
        lambda member: desk.open(member, shop),
        lambda member: desk.begin(member, shop, NONCE, "Mine", "Mine"),
        lambda member: desk.write(member, offer_id, Field.STOCK, "1", decimals=2),
        lambda member: desk.clear(member, offer_id, Field.STOCK),
        lambda member: desk.say(member, offer_id, Field.NAME, Language.ENGLISH, "Mine"),
        lambda member: desk.for_tier(member, offer_id, Tier.GOLD),
        lambda member: desk.to_its_end(member, offer_id),
        lambda member: desk.claim_here(member, offer_id),
        lambda member: desk.targets(member, offer_id, OfferKind.REWARD),
        lambda member: desk.lead_to(member, offer_id, OfferKind.REWARD, reward_id),
        lambda member: desk.picture(member, offer_id, b"mine"),
        lambda member: desk.turn(member, offer_id, Turn.REMOVE),
        lambda member: desk.end(member, offer_id),
    )
    for member in (cashier, stranger, neighbour):
        for use in uses:
            with pytest.raises(NotAllowed):
                use(member)
    assert offer_of(units, offer_id) == before


def test_the_list_is_in_the_order_of_how_things_stand(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    add_claim(units, shop, "Draft", published_at=None)
    add_claim(units, shop, "Ended", ends_at=clock())
    add_claim(units, shop, "Soon", starts_at=clock() + timedelta(days=1))
    add_claim(units, shop, "Runs")
    club.offer_desk.turn(olive, add_claim(units, shop, "Paused"), Turn.PAUSE)
    club.offer_desk.turn(olive, add_claim(units, shop, "Removed"), Turn.REMOVE)
    add_claim(units, add_merchant(units, "Tea House"), "Elsewhere")
    page = club.offer_desk.page(olive, shop)
    assert [(listed.offer.title, state) for listed, state in page.listed] == [
        ("Runs", WareState.RUNNING),
        ("Soon", WareState.UPCOMING),
        ("Paused", WareState.PAUSED),
        ("Draft", WareState.DRAFT),
        ("Ended", WareState.ENDED),
    ]
    assert [listed.offer.title for listed, _ in club.offer_desk.table(olive, shop).listed] == [
        listed.offer.title for listed, _ in page.listed
    ]


def test_every_offer_is_on_one_page(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    for number in range(2 * PAGE + 1):
        add_claim(units, shop, f"Offer {number}", published_at=None if number % 3 else OPENED)
    seen: list[str] = []
    after: tuple[int, int] | None = None
    while True:
        page = club.offer_desk.page(olive, shop, after)
        seen += [listed.offer.title for listed, _ in page.listed]
        if page.more_after is None:
            break
        after = page.more_after
    assert sorted(seen) == sorted(f"Offer {number}" for number in range(2 * PAGE + 1))


def test_figures_say_what_became_of_it(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    offer_id = add_claim(units, shop, stock=10, voucher_days=3)
    members = [enrol(units, f"M{number}") for number in range(5)]
    for member in members[:4]:
        club.offer_claims.look_at(member.id, offer_id)
    claimed = [club.offer_claims.claim(member, offer_id, NONCE).voucher for member in members[1:]]
    club.vouchers.use(olive, claimed[0].code)
    club.vouchers.give_back(members[2].id, claimed[1].id)
    assert club.offer_desk.card(olive, offer_id).figures == Figures(seen=5, claimed=3, used=1, waiting=2)
    (listed,) = (listed for listed, _ in club.offer_desk.page(olive, shop).listed)
    assert listed.figures == Figures(seen=5, claimed=3, used=1, waiting=2)
    clock.advance(days=5)
    assert club.offer_desk.card(olive, offer_id).figures == Figures(seen=5, claimed=3, used=1, waiting=0)


def test_the_page_takes_as_many_statements_for_one_as_for_many(
    club: Club, units: UnitFactory, database: Database, olive: Member, shop: int
) -> None:
    counts = []
    for _ in range(2):
        for number in range(PAGE):
            add_claim(units, shop, f"Offer {number}")
        with statements(database) as seen:
            club.offer_desk.page(olive, shop)
        counts.append(len(seen))
    assert counts == [2, 2], seen


def test_it_leads_to_what_the_shop_has_and_members_can_see(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    offer_id = club.offer_desk.begin(olive, shop, NONCE, "Cake is back", "").offer.id
    cake, deal_id = add_reward(units, shop, "Cake"), add_deal(units)
    hidden = [
        add_reward(units, shop, "Draft", published_at=None),
        add_reward(units, shop, "Over", ends_at=clock()),
        add_reward(units, add_merchant(units, "Tea House"), "Tea"),
    ]
    found = club.offer_desk.targets(olive, offer_id, OfferKind.REWARD)
    assert found.targets == (Target(OfferKind.REWARD, cake, "Cake"),)
    for reward_id in (*hidden, 404):
        with pytest.raises(InvalidWare, match="gone"):
            club.offer_desk.lead_to(olive, offer_id, OfferKind.REWARD, reward_id)
    assert club.offer_desk.lead_to(olive, offer_id, OfferKind.REWARD, cake).target == found.targets[0]
    club.offer_desk.turn(olive, offer_id, Turn.PUBLISH)
    assert offer_of(units, offer_id).reward_id == cake
    led = club.offer_desk.lead_to(olive, offer_id, OfferKind.DEAL, deal_id).offer
    assert (led.kind, led.reward_id, led.deal_id) == (OfferKind.DEAL, None, deal_id)
    assert club.offer_desk.claim_here(olive, offer_id).offer.kind is OfferKind.CLAIM


def test_what_leads_nowhere_is_not_published(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    cake = add_reward(units, shop, "Cake")
    offer_id = club.offer_desk.begin(olive, shop, NONCE, "Cake is back", "").offer.id
    club.offer_desk.lead_to(olive, offer_id, OfferKind.REWARD, cake)
    club.shelf.turn(olive, cake, Turn.REMOVE)
    for publish in (club.offer_desk.publishable, partial(club.offer_desk.turn, turn=Turn.PUBLISH)):
        with pytest.raises(InvalidWare, match="gone"):
            publish(olive, offer_id)
    assert offer_of(units, offer_id).published_at is None


def test_targets_are_paged(club: Club, units: UnitFactory, olive: Member, shop: int) -> None:
    offer_id = add_claim(units, shop)
    for number in range(PAGE + 2):
        add_reward(units, shop, f"Reward {number}")
    first = club.offer_desk.targets(olive, offer_id, OfferKind.REWARD)
    assert (len(first.targets), first.is_first_page) == (PAGE, True)
    rest = club.offer_desk.targets(olive, offer_id, OfferKind.REWARD, first.more_before)
    assert ([target.title for target in rest.targets], rest.more_before) == (["Reward 1", "Reward 0"], None)


def test_a_removed_offer_is_brought_back_before_it_is_changed(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    offer_id = add_claim(units, shop, stock=3)
    club.offer_desk.turn(olive, offer_id, Turn.REMOVE)
    assert seen_by_members(club, olive) == []
    uses: tuple[Callable[[], object], ...] = (
        lambda: club.offer_desk.write(olive, offer_id, Field.STOCK, "+1", decimals=2),
        lambda: club.offer_desk.end(olive, offer_id),
        lambda: club.offer_desk.turn(olive, offer_id, Turn.PAUSE),
        lambda: club.offer_desk.picture(olive, offer_id, b"drawn"),
    )
    for use in uses:
        with pytest.raises(InvalidWare, match="removed"):
            use()
    assert club.offer_desk.turn(olive, offer_id, Turn.BRING_BACK).state is WareState.RUNNING
    assert offer_of(units, offer_id).stock == 3


def test_vouchers_stay_good_when_it_ends(
    club: Club, units: UnitFactory, clock: FrozenClock, olive: Member, shop: int
) -> None:
    offer_id, ana = add_claim(units, shop), enrol(units, "Ana")
    voucher = club.offer_claims.claim(ana, offer_id, NONCE).voucher
    assert club.offer_desk.end(olive, offer_id).state is WareState.ENDED
    assert club.offer_desk.end(olive, offer_id).offer.ends_at == clock()
    assert club.vouchers.use(olive, voucher.code).used_at == clock()


@pytest.mark.race
async def test_a_restock_while_people_claim_loses_none(
    club: Club, units: UnitFactory, database: Database, olive: Member, shop: int
) -> None:
    offer_id = add_claim(units, shop, stock=5)
    crowd = [enrol(units, f"Member {n}") for n in range(10)]
    wishes: list[Callable[[], object]] = [
        *(partial(club.offer_claims.claim, each, offer_id, NONCE) for each in crowd[:5]),
        *(partial(club.offer_desk.write, olive, offer_id, Field.STOCK, "+10", decimals=2) for _ in range(2)),
        *(partial(club.offer_claims.claim, each, offer_id, NONCE) for each in crowd[5:]),
    ]
    refused = only_refusals(await all_at_once(database, wishes))
    offer = offer_of(units, offer_id)
    assert (offer.stock, offer.claimed) == (25 - (10 - len(refused)), 10 - len(refused))


@pytest.mark.race
async def test_the_same_answer_twice_at_once_makes_one_offer(
    club: Club, database: Database, olive: Member, shop: int
) -> None:
    wishes: list[Callable[[], object]] = [partial(club.offer_desk.begin, olive, shop, NONCE, "Cookie", "")] * 4
    assert only_refusals(await all_at_once(database, wishes)) == []
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(offers)).scalar_one() == 1


def test_an_announcement_from_before_can_be_given_something_to_lead_to(
    club: Club, units: UnitFactory, olive: Member, shop: int
) -> None:
    news = add_offer(units, shop, "Fresh beans")
    assert club.offer_desk.card(olive, news).offer.kind is OfferKind.NEWS
    assert club.offer_desk.claim_here(olive, news).offer.is_claimable
