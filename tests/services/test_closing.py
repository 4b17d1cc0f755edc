"""Groups that did not fill come to their end, and groups that did: many at once, each once, whole."""

from __future__ import annotations

import random as chance
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from loyalty.group_buys import CHOOSE_WITHIN, GroupState
from loyalty.members import Language, Member
from loyalty.points import Balance
from loyalty.programme import Programme
from loyalty.services import Club, closing, open_club
from storage.books import balances, holds, lots, transactions
from storage.database import Database
from storage.group_buys import choices, deals, groups, seats
from storage.live_cards import live_cards
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import POINTS, PRICE, balance_of, members_of


def opened(club: Club, deal_id: int, people: list[Member]) -> int:
    """A group with these people in it."""
    group_id = club.group_buys.open(people[0], deal_id, f"{deal_id:A>8}").group.id
    for member in people[1:]:
        club.group_buys.join(member, group_id)
    return group_id


def rows(database: Database, query: Any) -> list[Any]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_many_groups_of_several_deals_end_together(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    beans = add_deal(units, slug="beans", size=3, stock=20)
    tea = add_deal(units, slug="tea", size=4, stock=9, group_points=100)
    people = members_of(club, 9)
    of_beans = [opened(club, beans, people[0:2]), opened(club, beans, people[2:3])]
    of_tea = [opened(club, tea, people[0:3])]  # Ana and Bo are in one of each
    filled = opened(club, beans, people[4:7])
    clock.advance(hours=30)

    assert club.group_buys.close_due() == 3
    assert [club.group_buys.group(group_id).group.state for group_id in (*of_beans, *of_tea)] == [
        GroupState.EXPIRED
    ] * 3
    assert club.group_buys.group(filled).group.state is GroupState.FILLED
    assert [balance_of(club, member) for member in people] == [POINTS] * 4 + [POINTS - PRICE] * 3 + [POINTS] * 2
    assert (stock_of(units, beans), stock_of(units, tea)) == (20 - 3, 9)
    assert rows(database, select(seats.c.state).where(seats.c.group_id != filled)) == [("released",)] * 6
    offered = select(choices.c.group_id, choices.c.member_id, choices.c.until, choices.c.choice)
    assert sorted(rows(database, offered)) == sorted(
        (group_id, member.id, clock() + CHOOSE_WITHIN, None)
        for group_id, sitting in (
            (of_beans[0], people[0:2]),
            (of_beans[1], people[2:3]),
            (of_tea[0], people[0:3]),
        )
        for member in sitting
    )
    assert club.group_buys.close_due() == 0
    check_books(database)


def test_whoever_was_in_is_told_once_and_learns_when_it_ended(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    group_id = opened(club, deal_id, [ana, bo])
    ended_at = clock() + timedelta(hours=24)
    clock.advance(days=3)  # the bot was away
    while club.group_buys.close_due():
        pass
    told = select(deliveries.c.member_id, deliveries.c.cause, deliveries.c.facts, deliveries.c.created_at)
    assert sorted(rows(database, told.where(deliveries.c.kind == "group_expired")), key=lambda row: row[0]) == [
        (
            member.id,
            f"group_expired:{group_id}",
            {
                "group_id": group_id,
                "deal_id": deal_id,
                "title": "Coffee beans",
                "titles": {"zh-Hans": "咖啡豆"},
                "points": PRICE,
                "closes_at": ended_at.isoformat(),
                "closed_at": clock().isoformat(),
                "until": (clock() + CHOOSE_WITHIN).isoformat(),
                "ways": ["refund", "extend", "merge", "solo"],
                "solo_points": 360,
                "solo_price_minor": 0,
                "currency": "EUR",
            },
            clock(),
        )
        for member in (ana, bo)
    ]


def test_a_member_who_owes_gets_the_gap_filled_and_the_others_their_points(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=5)
    ana, bo, cy = members_of(club, 3)
    opened(club, deal_id, [ana, bo])
    alone = opened(club, deal_id, [cy])
    [given] = rows(database, select(transactions.c.id).where(transactions.c.key == "test:1"))
    club.accounts.reverse(given[0], actor="test")
    assert club.points.balance(ana.id) == Balance(available=-PRICE, held=PRICE, owed=PRICE)
    clock.advance(days=1)
    assert club.group_buys.close_due() == 2
    assert [balance_of(club, member) for member in (ana, bo, cy)] == [0, POINTS, POINTS]
    assert club.group_buys.group(alone).group.state is GroupState.EXPIRED
    check_books(database)


def test_the_live_cards_of_all_of_them_are_drawn_again(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    people = members_of(club, 3)
    ids = [opened(club, deal_id, [member]) for member in people]
    with database.engine.begin() as connection:
        for group_id in ids[:2]:
            connection.execute(
                live_cards.insert().values(
                    deal_id=deal_id,
                    group_id=group_id,
                    message=str(group_id),
                    language="en",
                    posted_at=clock(),
                    free_at=clock() + timedelta(days=2 if group_id == ids[1] else 0),
                )
            )
    clock.advance(days=1)
    assert club.group_buys.close_due() == 3
    due = select(live_cards.c.group_id, live_cards.c.due_at).order_by(live_cards.c.group_id)
    assert rows(database, due) == [(ids[0], clock()), (ids[1], clock() + timedelta(days=1))]


@pytest.mark.parametrize(("count", "size"), [(1, 2), (30, 5)], ids=["a group of one", "thirty groups of four"])
def test_closing_takes_as_many_statements_for_many(
    count: int, size: int, club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    people = members_of(club, 4, 30 * PRICE)
    for number in range(count):
        deal_id = add_deal(units, slug=f"deal-{number}", size=size)
        opened(club, deal_id, people[: size - 1])
    clock.advance(days=1)
    with statements(database) as seen:
        assert club.group_buys.close_due() == count
    assert len(seen) == 19, "\n".join(seen)
    check_books(database)


@pytest.mark.parametrize("size", [2, 40])
def test_filling_takes_as_many_statements_for_many(
    size: int, club: Club, units: UnitFactory, database: Database
) -> None:
    deal_id = add_deal(units, size=size, stock=size, bonus_points=50)
    people = members_of(club, size)
    group_id = opened(club, deal_id, people[:-1])
    with statements(database) as seen:
        club.group_buys.join(people[-1], group_id)
    assert len(seen) == (38 if database.is_sqlite else 30), "\n".join(seen)
    assert [balance_of(club, member) for member in people] == [POINTS - PRICE + 50] + [POINTS - PRICE] * (size - 1)
    assert len(rows(database, select(vouchers.c.code).distinct())) == size
    check_books(database)


@pytest.mark.postgres
def test_a_group_with_a_busy_member_waits_whole(postgres: Database, clock: FrozenClock, random: chance.Random) -> None:
    """Somebody pays at a till just now: nobody waits, and no half of a group is closed."""
    units = UnitFactory(postgres)
    club = open_club(units, clock, random, Programme(), Language.ENGLISH)
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    busy, free = opened(club, deal_id, [ana, bo]), opened(club, deal_id, [cy])
    clock.advance(days=1)
    with units() as uow:
        uow.ledger.lock(bo.id)
        assert club.group_buys.close_due() == 1
        assert club.group_buys.close_due() == 0
    assert [club.group_buys.group(group_id).group.taken for group_id in (busy, free)] == [2, 1]
    assert rows(postgres, select(groups.c.state).order_by(groups.c.id)) == [("open",), ("expired",)]
    assert [balance_of(club, member) for member in (ana, bo, cy)] == [POINTS - PRICE, POINTS - PRICE, POINTS]
    assert stock_of(units, deal_id) == 30 - 3
    check_books(postgres)
    assert club.group_buys.close_due() == 1
    assert [balance_of(club, member) for member in (ana, bo, cy)] == [POINTS] * 3
    assert stock_of(units, deal_id) == 30
    check_books(postgres)


@pytest.mark.postgres
def test_a_group_fills_while_somebody_opens_another_of_its_deal(
    postgres: Database, clock: FrozenClock, random: chance.Random
) -> None:
    """Whoever opens holds the deal, and waits for points that the one who fills has locked: that must not wait for the
    deal in turn."""
    units = UnitFactory(postgres)
    club = open_club(units, clock, random, Programme(), Language.ENGLISH)
    deal_id = add_deal(units, size=2)
    ana, bo = members_of(club, 2)
    group_id = opened(club, deal_id, [ana])
    with ThreadPoolExecutor(1) as pool, units() as uow:
        uow.deals.lock(deal_id)
        joining = pool.submit(club.group_buys.join, bo, group_id)
        assert joining.result(timeout=10).group.state is GroupState.FILLED
    check_books(postgres)


def test_what_dies_before_its_commit_leaves_no_trace(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    for member in members_of(club, 3):
        opened(club, deal_id, [member])
    clock.advance(days=1)
    tables = (groups, seats, holds, lots, balances, transactions, deals, choices, deliveries)
    before = [rows(database, select(table)) for table in tables]
    with units() as uow:
        assert closing.close_due(uow, Programme(), 5, clock()) == 3
    assert [rows(database, select(table)) for table in tables] == before
    assert club.group_buys.close_due() == 3
    check_books(database)


@pytest.mark.race
def test_two_processes_close_each_group_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, stock=200, is_several_allowed=True, per_member=50, group_points=10)
    people = members_of(club, 8)
    for number in range(60):
        nonce = f"AAAAAA{number:02}"
        group_id = club.group_buys.open(people[number % 8], deal_id, nonce).group.id
        club.group_buys.join(people[(number + 3) % 8], group_id)
    clock.advance(days=1)
    url = database.url.render_as_string(hide_password=False)
    closers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.services.closer", url, clock().isoformat(), "7"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for closer in closers:
        assert closer.stdout is not None
        assert closer.stdout.readline() == "ready\n"
    closed = [int(closer.communicate("go\n", timeout=60)[0]) for closer in closers]
    while more := club.group_buys.close_due():
        closed.append(more)
    assert sum(closed) == 60
    assert [balance_of(club, member) for member in people] == [POINTS] * 8
    assert stock_of(units, deal_id) == 200
    assert len(rows(database, select(deliveries.c.id).where(deliveries.c.kind == "group_expired"))) == 120
    assert rows(database, select(holds.c.id).where(holds.c.state != "released")) == []
    check_books(database)
