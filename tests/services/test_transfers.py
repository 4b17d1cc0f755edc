"""Points from one member to another: limits that cannot be raced, one effect per confirmation, lots that stay as they
were."""

from __future__ import annotations

import random as chance
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from loyalty.errors import InvalidAmount, KeyReused, NotEnoughPoints, NotFound, TransferRefused
from loyalty.members import Language, Member
from loyalty.programme import Programme
from loyalty.services import Club, ledger, open_club
from loyalty.services.transfers import Sent
from loyalty.transfers import Allowance, allowance, local_midnight
from storage.audit import audit
from storage.books import lots
from storage.database import Database
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, enrol

PROGRAMME = Programme(has_transfers=True, transfer_points_day=100, transfer_count_day=5)
NONCES = [f"{letter}{digit}ABCDEF" for letter in "ABCDEFGH" for digit in "0123456789"]


class Friends:
    """Ana has 300 points of the club, and Bo none."""

    def __init__(self, database: Database, units: UnitFactory, clock: FrozenClock) -> None:
        self.database, self.units, self.clock = database, units, clock
        self.club: Club = open_club(units, clock, chance.Random(7), PROGRAMME, Language.ENGLISH)
        self.ana, self.bo = enrol(units, "Ana Silva"), enrol(units, "Bo Chen")
        self.earns(self.ana, 300, "a")

    def earns(self, member: Member, points: int, key: str, funder_id: int | None = None) -> None:
        with self.units() as uow:
            ledger.award(
                uow,
                PROGRAMME,
                member.id,
                points,
                key=key,
                cause="test",
                actor="test",
                at=self.clock(),
                funder_id=funder_id,
            )
            uow.commit()

    def send(self, points: int, nonce: str = NONCES[0], sender: Member | None = None) -> Sent:
        return self.club.transfers.send(sender or self.ana, self.bo.code, points, nonce)

    def has(self, member: Member) -> int:
        return self.club.points.balance(member.id).available

    def told(self) -> list[tuple[int, str, dict[str, object]]]:
        with self.database.engine.connect() as connection:
            rows = connection.execute(select(deliveries).order_by(deliveries.c.id))
            return [(row.member_id, row.kind, dict(row.facts)) for row in rows]

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []


@pytest.fixture
def friends(database: Database, units: UnitFactory, clock: FrozenClock) -> Friends:
    return Friends(database, units, clock)


def test_what_is_sent_arrives_and_the_receiver_is_told(friends: Friends) -> None:
    quote = friends.club.transfers.quote(friends.ana, friends.bo.code.lower(), 20)
    assert (quote.receiver, quote.points, quote.available) == ("Bo", 20, 300)
    sent = friends.send(20, quote.nonce)
    assert sent == Sent("Bo", 20, 280, is_replay=False)
    assert (friends.has(friends.ana), friends.has(friends.bo)) == (280, 20)
    ((member_id, kind, facts),) = friends.told()
    assert (member_id, kind) == (friends.bo.id, "transfer_received")
    assert (facts["name"], facts["points"], facts["is_all"]) == ("Ana", 20, True)
    friends.check()


def test_lots_keep_their_expiry_and_their_funder(friends: Friends) -> None:
    shop = add_merchant(friends.units, "Corner")
    friends.clock.advance(days=-30)
    friends.earns(friends.ana, 30, "earlier", funder_id=shop)
    friends.clock.advance(days=30)
    friends.send(50)
    with friends.database.engine.connect() as connection:
        query = select(lots.c.available, lots.c.expires_at, lots.c.funder_id).order_by(lots.c.expires_at)
        received = [tuple(row) for row in connection.execute(query.where(lots.c.member_id == friends.bo.id))]
    first_of_april, second_of_may = datetime(2027, 4, 2, tzinfo=UTC), datetime(2027, 5, 2, tzinfo=UTC)
    assert received == [(30, first_of_april, shop), (20, second_of_may, None)]
    facts = friends.told()[0][2]
    assert (facts["until"], facts["is_all"]) == (first_of_april.isoformat(), False)
    friends.check()


def test_the_same_confirmation_sends_once_and_tells_once(friends: Friends) -> None:
    first, again = friends.send(20), friends.send(20)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert replace(again, is_replay=False) == first
    assert friends.has(friends.bo) == 20
    assert len(friends.told()) == 1
    with pytest.raises(KeyReused):
        friends.send(21)


def test_a_replay_is_known_even_when_the_day_is_used_up(friends: Friends) -> None:
    friends.send(100)
    assert friends.send(100).is_replay


def test_a_day_has_so_many_points_and_so_many_times(friends: Friends) -> None:
    friends.send(60, NONCES[0])
    with pytest.raises(TransferRefused) as refused:
        friends.send(41, NONCES[1])
    assert (refused.value.reason, refused.value.left) == ("limit", 40)
    with pytest.raises(TransferRefused):
        friends.club.transfers.quote(friends.ana, friends.bo.code, 41)
    for number in range(1, 5):
        friends.send(1, NONCES[number])
    with pytest.raises(TransferRefused) as refused:
        friends.send(1, NONCES[5])
    assert (refused.value.reason, refused.value.left) == ("limit", 0)
    assert friends.has(friends.bo) == 64
    friends.check()


def test_the_day_is_the_senders_own(friends: Friends) -> None:
    """At 15:30 UTC the first of May has half an hour left in Taipei."""
    ana = replace(friends.ana, timezone="Asia/Taipei")
    friends.clock.move_to(datetime(2026, 5, 1, 15, 30, tzinfo=UTC))
    friends.send(100, NONCES[0], ana)
    friends.clock.advance(minutes=29, seconds=59)
    with pytest.raises(TransferRefused):
        friends.send(1, NONCES[1], ana)
    friends.clock.advance(seconds=1)
    friends.send(100, NONCES[2], ana)
    assert friends.has(friends.bo) == 200


def test_moving_from_zone_to_zone_brings_no_third_day(friends: Friends) -> None:
    for number, timezone in enumerate(("UTC", "Pacific/Kiritimati")):
        friends.clock.move_to(datetime(2026, 5, 1, 9 + number, 30, tzinfo=UTC))
        friends.send(100, NONCES[number], replace(friends.ana, timezone=timezone))
    friends.clock.move_to(datetime(2026, 5, 1, 12, 30, tzinfo=UTC))  # half past midnight in Auckland
    with pytest.raises(TransferRefused):
        friends.send(1, NONCES[2], replace(friends.ana, timezone="Pacific/Auckland"))
    assert friends.has(friends.bo) == 200


@pytest.mark.parametrize(
    ("today", "lately", "left"),
    [
        ((0, 0), (0, 0), 100),
        ((30, 1), (30, 1), 70),
        ((30, 5), (30, 5), 0),
        ((0, 0), (150, 3), 50),
        ((0, 0), (0, 10), 0),
    ],
)
def test_what_is_left_follows_from_what_was_sent(today: tuple[int, int], lately: tuple[int, int], left: int) -> None:
    assert allowance(PROGRAMME, today, lately, 500).left == left


def test_midnight_is_where_the_member_is() -> None:
    ana = datetime(2026, 5, 1, 17, 0, tzinfo=UTC)
    assert local_midnight(ana, Programme(timezone="Asia/Taipei").zone) == datetime(2026, 5, 1, 16, 0, tzinfo=UTC)


def test_what_cannot_be_sent_changes_nothing(friends: Friends) -> None:
    transfers = friends.club.transfers
    with pytest.raises(TransferRefused, match="self"):
        transfers.quote(friends.ana, friends.ana.code, 5)
    with pytest.raises(TransferRefused, match="self"):
        transfers.send(friends.ana, friends.ana.code, 5, NONCES[0])
    with pytest.raises(NotFound):
        transfers.quote(friends.ana, "NOSUCH", 5)
    with pytest.raises(NotFound):
        transfers.send(friends.ana, "NOSUCH", 5, NONCES[0])
    for points in (0, -5, 10**12):
        with pytest.raises(InvalidAmount):
            transfers.quote(friends.ana, friends.bo.code, points)
        with pytest.raises(InvalidAmount):
            friends.send(points)
    with pytest.raises(NotEnoughPoints):
        transfers.quote(friends.bo, friends.ana.code, 5)
    assert (friends.has(friends.ana), friends.has(friends.bo), friends.told()) == (300, 0, [])


def test_nobody_sends_on_credit(friends: Friends) -> None:
    friends.club.accounts.agree_credit(friends.bo.code, 50, key="credit:1")
    with pytest.raises(NotEnoughPoints):
        friends.club.transfers.send(friends.bo, friends.ana.code, 5, NONCES[0])
    assert friends.club.transfers.allowance(friends.bo) == Allowance(points=100, count=5, available=0)


def test_what_fills_a_gap_has_no_day_any_more(friends: Friends) -> None:
    friends.club.accounts.agree_credit(friends.bo.code, 50, key="credit:1")
    friends.club.operators.adjust(friends.bo.id, -30, "test", key="down", actor="test")
    friends.send(20)
    assert friends.has(friends.bo) == -10
    assert friends.told()[-1][2]["until"] is None
    friends.check()


def test_without_the_setting_nothing_can_be_sent(friends: Friends, clock: FrozenClock) -> None:
    closed = open_club(friends.units, clock, chance.Random(1), Programme(), Language.ENGLISH).transfers
    for attempt in (
        lambda: closed.allowance(friends.ana),
        lambda: closed.quote(friends.ana, friends.bo.code, 5),
        lambda: closed.send(friends.ana, friends.bo.code, 5, NONCES[0]),
    ):
        with pytest.raises(TransferRefused, match="off"):
            attempt()
    assert friends.has(friends.bo) == 0


# Many at once


@pytest.mark.race
def test_eight_threads_do_not_get_past_the_days_points(friends: Friends) -> None:
    outcomes = all_at_once(8, lambda number: friends.send(30, NONCES[number]), TransferRefused, NotEnoughPoints)
    assert sum(isinstance(outcome, Sent) for outcome in outcomes) == 3
    refused = [outcome for outcome in outcomes if isinstance(outcome, TransferRefused)]
    assert [(refusal.reason, refusal.left) for refusal in refused] == [("limit", 10)] * 5
    assert (friends.has(friends.ana), friends.has(friends.bo)) == (210, 90)
    assert len(friends.told()) == 3
    friends.check()


@pytest.mark.race
def test_eight_threads_do_not_get_past_the_days_times(friends: Friends) -> None:
    outcomes = all_at_once(8, lambda number: friends.send(1, NONCES[number]), TransferRefused, NotEnoughPoints)
    assert sum(isinstance(outcome, Sent) for outcome in outcomes) == PROGRAMME.transfer_count_day
    assert friends.has(friends.bo) == 5


@pytest.mark.race
def test_eight_threads_with_one_confirmation_send_once(friends: Friends) -> None:
    outcomes = all_at_once(8, lambda _: friends.send(30), TransferRefused, NotEnoughPoints)
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Sent)) == [False] + [True] * 7
    assert friends.has(friends.bo) == 30
    assert len(friends.told()) == 1
    friends.check()


@pytest.mark.race
def test_two_who_send_to_each_other_at_once_do_not_wait_for_each_other(friends: Friends) -> None:
    friends.earns(friends.bo, 300, "b")
    pairs = [(friends.ana, friends.bo), (friends.bo, friends.ana)]

    def send(number: int) -> object:
        sender, receiver = pairs[number % 2]
        return friends.club.transfers.send(sender, receiver.code, 5 + number % 2, NONCES[number])

    outcomes = all_at_once(8, send, TransferRefused, NotEnoughPoints)
    assert all(isinstance(outcome, Sent) for outcome in outcomes), outcomes
    assert (friends.has(friends.ana), friends.has(friends.bo)) == (300 - 4 * 5 + 4 * 6, 300 - 4 * 6 + 4 * 5)
    friends.check()


def test_a_day_later_there_is_a_new_day(friends: Friends) -> None:
    friends.send(100, NONCES[0])
    friends.clock.advance(days=1)
    assert friends.send(100, NONCES[1]).available == 100
