"""What a report counts, reckoned by hand on both databases."""

from __future__ import annotations

import random as chance
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from loyalty.broadcast_reports import Effects, ShopTotals, Waiting, Way
from loyalty.broadcasts import ContentButton, Leads, Method, Metric, Trial
from loyalty.deliveries import DeliveryState, Lane, Result
from loyalty.errors import BroadcastRefused, NotAllowed, NotFound
from loyalty.experiments import Score
from loyalty.members import Language, Member, Topic
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.broadcasts import add_broadcast, buy, deliver, redeem, say_no
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import add_merchant, appoint, enrol
from tests.services.test_broadcasts import crowd, started

WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
SENT_AT = datetime.fromisoformat("2026-05-01T10:00:00.250001+00:00")  # fractions are where texts of instants go wrong
BUTTONS = (ContentButton("Menu", Leads.LINK, "https://bean.bar"), ContentButton("Reward", Leads.REWARD, "1"))


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Bean Bar")


@pytest.fixture
def owner(units: UnitFactory, shop: int) -> Member:
    olive = enrol(units, "Olive")
    appoint(units, shop, olive, Role.OWNER)
    return olive


@pytest.fixture
def people(units: UnitFactory) -> list[int]:
    return [enrol(units, f"M{n}").id for n in range(12)]


def test_every_recipient_is_counted_once(
    club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    until, later = SENT_AT + timedelta(hours=12), SENT_AT + timedelta(hours=14)
    sending = add_broadcast(database, shop, owner.id, SENT_AT, state="sending", recipients=12)
    for member_id, state, reason, facts in zip(
        people,
        [*["sent"] * 3, "queued", "queued", "queued", "sending", "failed", "unknown", "unknown", *["suppressed"] * 2],
        [*["agreed"] * 3, "quiet_hours", "quiet_hours", "", "agreed", "Bad Request: oops", "crash", "network",
         "blocked", "no_consent"],
        [{"opened": True}, {}, {}, {"until": until}, {"until": later}, *[{}] * 3, {"opened": True}, *[{}] * 3],
        strict=True,
    ):  # fmt: skip
        deliver(database, sending, shop, member_id, SENT_AT, state, reason, **facts)  # type: ignore[arg-type]
    report = club.broadcast_reports.report(owner, sending)
    assert report.way == Way(
        waiting=(Waiting("", 1, SENT_AT), Waiting("quiet_hours", 2, later)),
        under_way=1,
        sent=3,
        unknown=2,
        unknown_opened=1,
        failed={"Bad Request: oops": 1},
        suppressed={"blocked": 1, "no_consent": 1},
        refused=1,
    )
    assert report.way.recipients == report.broadcast.recipients == 12
    assert report.way.let_go == 8, "3 sent, 1 on the way, 1 failed, 2 unknown, 1 who has blocked the bot"
    assert report.whole == Effects(sent=3, lookers=1)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_are_the_whole_at_every_step_of_a_real_one(
    seed: int, club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    dice = chance.Random(seed)
    crowd(database, clock, 40, agreed=40)
    broadcast = started(club, owner)
    outcomes = [
        (DeliveryState.SENT, "", False),
        (DeliveryState.SUPPRESSED, "blocked", True),
        (DeliveryState.FAILED, "Bad Request: no", False),
        (DeliveryState.UNKNOWN, "network", False),
        (DeliveryState.QUEUED, "", False),
    ]

    def adds_up() -> None:
        way = club.broadcast_reports.report(owner, broadcast.id).way
        assert way.recipients == 40
        with database.engine.connect() as connection:
            states = connection.execute(select(deliveries.c.state)).scalars().all()
        assert way.is_waiting == states.count("queued")
        assert (way.sent, way.unknown, way.under_way) == tuple(
            states.count(state) for state in ("sent", "unknown", "sending")
        )

    for _ in range(12):
        adds_up()
        taken = club.deliveries.claim(Lane.MARKETING, dice.randint(1, 6), timedelta(seconds=90))
        adds_up()
        with units() as uow:
            results = []
            for delivery in taken[dice.randint(0, 1) :]:  # of some nobody hears again
                state, reason, is_lost = dice.choice(outcomes)
                results.append(Result(delivery, state, reason, attempts=delivery.attempts, is_lost=is_lost))
            uow.outbox.settle(results, clock())
            uow.outbox.suppress_topic(dice.randint(10, 49), Topic.OFFERS, "no_consent", clock())
            uow.commit()
        clock.advance(minutes=dice.choice([0, 1, 60]))
        club.deliveries.let_go(taken)
        club.deliveries.recover()
    club.broadcasts.cancel(owner, broadcast.id)
    adds_up()


def test_whoever_blocked_the_bot_elsewhere_was_not_let_go(
    club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    done = add_broadcast(database, shop, owner.id, SENT_AT)
    deliver(database, done, shop, people[0], SENT_AT, "suppressed", "blocked", attempts=0)
    way = club.broadcast_reports.report(owner, done).way
    assert (way.recipients, way.let_go, way.suppressed) == (1, 0, {"blocked": 1})


def test_effects_are_counted_by_hand(
    club: Club, owner: Member, shop: int, people: list[int], database: Database, units: UnitFactory
) -> None:
    ana, bo, cy, di, ed, flo, gus = people[:7]
    elsewhere = add_merchant(units, "Red Door")
    done = add_broadcast(database, shop, owner.id, SENT_AT, buttons=BUTTONS)
    deliver(database, done, shop, ana, SENT_AT, taps=(0, 1))
    deliver(database, done, shop, bo, SENT_AT, opened=True)
    for member_id in (cy, di):
        deliver(database, done, shop, member_id, SENT_AT)
    for member_id, state in ((ed, "unknown"), (flo, "suppressed"), (gus, "failed")):
        deliver(database, done, shop, member_id, SENT_AT, state)
    soon = SENT_AT + timedelta(hours=3)
    redeem(database, shop, ana, soon, 80)
    redeem(database, shop, ana, soon, 20, "used")
    redeem(database, shop, bo, soon, 500, "cancelled")
    redeem(database, elsewhere, bo, soon, 70)
    redeem(database, shop, cy, soon, 300, "expired")
    redeem(database, shop, di, SENT_AT - MOMENT, 9)
    buy(database, shop, ana, soon, 1_000, refunded=250)
    buy(database, shop, ana, soon, 500)
    buy(database, shop, bo, soon, 700, refunded=700)
    buy(database, shop, cy, soon, 2_000)
    buy(database, elsewhere, di, soon, 4_000)
    for member_id in (ed, flo, gus):
        redeem(database, shop, member_id, soon, 1_000)
        buy(database, shop, member_id, soon, 9_000)
    report = club.broadcast_reports.report(owner, done)
    assert report.whole == Effects(
        sent=4,
        lookers=2,
        tappers=1,
        redeemers=2,
        redemptions=3,
        points=400,
        buyers=2,
        purchases=3,
        revenue_minor=3_250,
        looking_redeemers=1,
        looking_points=100,
        looking_buyers=1,
        looking_revenue_minor=1_250,
    )
    assert report.whole.productivity == 50.0
    assert report.taps == {0: 1, 1: 1}
    assert (report.days, report.currency) == (7, "EUR")


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (SENT_AT - MOMENT, False),
        (SENT_AT, True),
        (SENT_AT + WEEK - MOMENT, True),
        (SENT_AT + WEEK, False),
    ],
)
def test_the_window_begins_with_the_message_and_ends_after_whole_days(
    at: datetime, counts: bool, club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    done = add_broadcast(database, shop, owner.id, SENT_AT)
    deliver(database, done, shop, people[0], SENT_AT)
    redeem(database, shop, people[0], at)
    buy(database, shop, people[0], at)
    whole = club.broadcast_reports.report(owner, done).whole
    assert (whole.redemptions, whole.purchases) == (int(counts), int(counts))


def test_the_window_is_the_programmes(
    units: UnitFactory, clock: FrozenClock, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    short = open_club(units, clock, chance.Random(7), Programme(attribution_days=1), Language.ENGLISH)
    done = add_broadcast(database, shop, owner.id, SENT_AT)
    deliver(database, done, shop, people[0], SENT_AT)
    redeem(database, shop, people[0], SENT_AT + timedelta(hours=23))
    redeem(database, shop, people[0], SENT_AT + timedelta(hours=25))
    report = short.broadcast_reports.report(owner, done)
    assert (report.whole.redemptions, report.days) == (1, 1)


def test_the_last_message_of_the_shop_gets_it(
    club: Club, owner: Member, shop: int, people: list[int], database: Database, units: UnitFactory
) -> None:
    ana, bo, cy, di = people[:4]
    elsewhere = add_merchant(units, "Red Door")
    next_day = SENT_AT + timedelta(days=1)
    first = add_broadcast(database, shop, owner.id, SENT_AT)
    second = add_broadcast(database, shop, owner.id, next_day)
    other = add_broadcast(database, elsewhere, owner.id, next_day)
    for member_id in (ana, bo, cy, di):
        deliver(database, first, shop, member_id, SENT_AT)
    deliver(database, second, shop, ana, next_day)
    deliver(database, second, shop, bo, next_day, "unknown")
    deliver(database, second, shop, cy, next_day, "suppressed")
    deliver(database, other, elsewhere, di, next_day)
    for member_id in (ana, bo, cy, di):
        redeem(database, shop, member_id, next_day - MOMENT, 1)
        redeem(database, shop, member_id, next_day, 10)
        buy(database, shop, member_id, next_day + timedelta(hours=1), 100)
    before, after = (club.broadcast_reports.report(owner, one).whole for one in (first, second))
    assert (before.points, before.revenue_minor) == (4 * 1 + 3 * 10, 300), "Ana's later ones belong to the second"
    assert (after.sent, after.points, after.revenue_minor) == (1, 10, 100)


def test_of_two_in_the_same_moment_one_gets_it(
    club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    both = [add_broadcast(database, shop, owner.id, SENT_AT) for _ in range(2)]
    for one in both:
        deliver(database, one, shop, people[0], SENT_AT)
    redeem(database, shop, people[0], SENT_AT)
    assert [club.broadcast_reports.report(owner, one).whole.redemptions for one in both] == [0, 1]


def test_wordings_are_compared_by_what_they_are_for(
    club: Club, owner: Member, shop: int, people: list[int], database: Database, units: UnitFactory
) -> None:
    done = add_broadcast(database, shop, owner.id, SENT_AT, words=("One", "Two", "Three"), buttons=BUTTONS)
    for place, member_id in enumerate(people[:6]):
        deliver(database, done, shop, member_id, SENT_AT, variant="ABAABB"[place], taps=(0,) if place < 2 else ())
    redeem(database, shop, people[5], SENT_AT + timedelta(days=20))
    redeem(database, shop, people[4], SENT_AT, state="cancelled")
    report = club.broadcast_reports.report(owner, done)
    assert list(report.effects) == ["A", "B", "C"]
    assert report.comparison is not None
    assert [one.score for one in report.comparison.variants] == [Score(3, 1), Score(3, 1), Score(0, 0)]
    with units() as uow:
        taps = uow.broadcasts.scores(done, Trial(Method.FIXED, Metric.TAPS))
        redemptions = uow.broadcasts.scores(done, Trial(Method.THOMPSON, Metric.REDEMPTIONS))
    assert taps == {"A": Score(3, 1), "B": Score(3, 1)}
    assert redemptions == {"A": Score(3, 0), "B": Score(3, 1)}, "while a trial runs, no window ends"


def test_a_report_takes_few_statements_however_many_got_it(
    club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    done = add_broadcast(database, shop, owner.id, SENT_AT, words=("One", "Two"), buttons=BUTTONS)
    for member_id in people:
        deliver(database, done, shop, member_id, SENT_AT, taps=(0,))
        redeem(database, shop, member_id, SENT_AT)
    with statements(database) as seen:
        club.broadcast_reports.report(owner, done)
    assert len(seen) == 5, "\n".join(seen)  # the broadcast, the role, the way, the effects, the buttons
    for _ in range(9):
        add_broadcast(database, shop, owner.id, SENT_AT)
    with statements(database) as seen:
        club.broadcast_reports.of_shop(owner, shop, 30)
    assert len(seen) == 3, "\n".join(seen)
    with statements(database) as seen:
        club.broadcast_reports.of_club()
    assert len(seen) == 3, "\n".join(seen)


def test_what_has_not_started_or_was_called_off_has_a_report_too(
    club: Club, owner: Member, shop: int, people: list[int], database: Database
) -> None:
    scheduled = add_broadcast(database, shop, owner.id, SENT_AT, state="scheduled")
    assert club.broadcast_reports.report(owner, scheduled).way == Way()
    cancelled = add_broadcast(database, shop, owner.id, SENT_AT, state="cancelled")
    deliver(database, cancelled, shop, people[0], SENT_AT)
    deliver(database, cancelled, shop, people[1], SENT_AT, "suppressed", "cancelled")
    way = club.broadcast_reports.report(owner, cancelled).way
    assert (way.sent, way.suppressed, way.let_go) == (1, {"cancelled": 1}, 1)


def test_a_shop_looks_back_over_days_in_pages(
    club: Club, owner: Member, shop: int, people: list[int], database: Database, clock: FrozenClock
) -> None:
    long_ago = add_broadcast(database, shop, owner.id, clock() - timedelta(days=40))
    lately = [add_broadcast(database, shop, owner.id, clock() - timedelta(days=20 - n)) for n in range(10)]
    add_broadcast(database, shop, owner.id, clock(), state="scheduled")
    sent_at = clock() - timedelta(days=11)
    deliver(database, lately[9], shop, people[0], sent_at, opened=True)
    deliver(database, lately[9], shop, people[1], sent_at)
    deliver(database, lately[9], shop, people[2], sent_at)
    redeem(database, shop, people[1], sent_at)
    page = club.broadcast_reports.of_shop(owner, shop, 30)
    assert [line.broadcast.id for line in page.lines] == lately[:1:-1]
    newest = page.lines[0]
    assert (newest.effects.sent, newest.tap_rate, newest.effects.redeemers) == (3, 33.3, 1)
    assert page.lines[1].tap_rate is None
    rest = club.broadcast_reports.of_shop(owner, shop, 30, page.older_than)
    assert ([line.broadcast.id for line in rest.lines], rest.older_than) == (lately[1::-1], None)
    whole = club.broadcast_reports.file_of_shop(owner, shop, 90)
    assert [line.broadcast.id for line in whole.lines] == [*lately[::-1], long_ago]
    with pytest.raises(NotFound):
        club.broadcast_reports.of_shop(owner, shop, 31)


def test_the_operator_sees_who_writes_how_much_and_what_people_think_of_it(
    club: Club, owner: Member, shop: int, people: list[int], database: Database, units: UnitFactory, clock: FrozenClock
) -> None:
    elsewhere, silent = add_merchant(units, "Red Door"), add_merchant(units, "Quiet")
    add_broadcast(database, silent, owner.id, clock() - timedelta(days=31))
    at = clock() - timedelta(days=2)
    quiet = add_broadcast(database, elsewhere, owner.id, at)
    loud = [add_broadcast(database, shop, owner.id, at) for _ in range(2)]
    tapped = 0
    for one in loud:
        for member_id in people[:3]:
            tapped = deliver(database, one, shop, member_id, at)
        deliver(database, one, shop, people[3], at, "suppressed", "blocked")
        deliver(database, one, shop, people[4], at, "suppressed", "one_a_day")
    deliver(database, quiet, elsewhere, people[0], at)
    say_no(database, people[0], f"broadcast:{loud[0]}", at)
    say_no(database, people[0], f"broadcast:{loud[1]}", at)
    say_no(database, people[1], f"delivery:{tapped}", at)
    say_no(database, people[2], f"delivery:{tapped}", at, given=True)
    say_no(database, people[2], f"broadcast:{loud[0]}", at - timedelta(days=40))
    say_no(database, people[3], "notifications", at)
    say_no(database, people[4], f"broadcast:{quiet}", at)
    found = club.broadcast_reports.of_club()
    assert found.days == 30
    assert found.shops == [
        ShopTotals(shop, "Bean Bar", {}, 2, Way(sent=6, suppressed={"blocked": 2, "one_a_day": 2}, refused=2), 2),
        ShopTotals(elsewhere, "Red Door", {}, 1, Way(sent=1), 1),
    ]
    assert [one.block_rate for one in found.shops] == [25.0, 0.0]


@pytest.mark.permission
def test_every_use_case_of_the_shop_looks_at_the_role(
    club: Club, owner: Member, shop: int, database: Database, units: UnitFactory
) -> None:
    done = add_broadcast(database, shop, owner.id, SENT_AT)
    elsewhere = enrol(units, "Otto")
    appoint(units, add_merchant(units, "Red Door"), elsewhere, Role.OWNER)
    cashier = enrol(units, "Cas")
    appoint(units, shop, cashier, Role.CASHIER)
    service = club.broadcast_reports
    for person in (elsewhere, cashier):
        use_cases: list[Callable[[], object]] = [
            lambda person=person: service.report(person, done),  # type: ignore[misc]
            lambda person=person: service.of_shop(person, shop, 30),  # type: ignore[misc]
            lambda person=person: service.file_of_shop(person, shop, 30),  # type: ignore[misc]
        ]
        for use_case in use_cases:
            with pytest.raises(NotAllowed):
                use_case()


def test_a_draft_has_no_report(club: Club, owner: Member, shop: int) -> None:
    draft = club.broadcasts.draft(owner, shop).draft
    with pytest.raises(BroadcastRefused) as refused:
        club.broadcast_reports.report(owner, draft.id)
    assert refused.value.reason == "not_running"
    with pytest.raises(NotFound):
        club.broadcast_reports.report(owner, 999)
