"""What the ledger turns down: each by a name of its own, in a sentence for people, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from handlers.refusals import words
from locales import texts_for
from loyalty.errors import (
    CreditInUse,
    HoldIsClosed,
    InvalidAmount,
    KeyReused,
    NotEnoughPoints,
    NotFound,
    NotReversible,
    RefundTooLarge,
    Refusal,
    TransferRefused,
)
from loyalty.members import Language
from loyalty.points import POINTS_MAX, Balance, Hold, Recorded, RefundPolicy
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import Books
from tests.kit.shops import enrol

NOBODY = 987_654
Try = Callable[[Books], object]


@pytest.fixture
def books(units: UnitFactory, database: Database, clock: FrozenClock) -> Books:
    return Books(units, database, clock)


def _refused(books: Books, attempt: Try, by: type[Refusal]) -> Refusal:
    """Turned down, not a row more or less, and said in every language without a gap."""
    before, balance = books.count(), books.balance
    with pytest.raises(by) as refused:
        attempt(books)
    assert type(refused.value) is by
    assert (books.count(), books.balance) == (before, balance)
    books.check()
    fallback = words(texts_for(Language.ENGLISH), NotFound("nothing"), ZoneInfo("UTC"))
    for language in Language:
        said = words(texts_for(language), refused.value, ZoneInfo("UTC"))
        assert said
        assert "{" not in said
    if by is not NotFound:
        assert words(texts_for(Language.ENGLISH), refused.value, ZoneInfo("UTC")) != fallback
    return refused.value


AMOUNTS = {
    "award": lambda books, points: books.award(points, "x"),
    "spend": lambda books, points: books.spend(points, "x"),
    "hold": lambda books, points: books.hold(points, "x"),
    "transfer": lambda books, points: books.transfer(books.member_id, NOBODY, points, "x"),
    "refund": lambda books, points: books.refund(Recorded(1, False), points, "x"),
    "credit": lambda books, points: books.set_credit(points),
}


@pytest.mark.parametrize("step", AMOUNTS)
@pytest.mark.parametrize("points", [-5, POINTS_MAX + 1, 2**70, 1.5, 2.0, True, "7", None], ids=repr)
def test_amounts_are_whole_and_within_bounds(books: Books, step: str, points: int) -> None:
    books.award(10, "a")
    _refused(books, lambda books: AMOUNTS[step](books, points), InvalidAmount)


@pytest.mark.parametrize("step", sorted(AMOUNTS.keys() - {"credit"}))
def test_nothing_is_no_amount(books: Books, step: str) -> None:
    books.award(10, "a")
    _refused(books, lambda books: AMOUNTS[step](books, 0), InvalidAmount)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda books: books.award(10, "x", whose=NOBODY),
        lambda books: books.award(10, "x", funder_id=NOBODY),
        lambda books: books.award(10, "x", whose=NOBODY, days=3),
        lambda books: books.transfer(books.member_id, NOBODY, 5, "x"),
        lambda books: books.refund(Recorded(NOBODY, False), 5, "x"),
        lambda books: books.reverse(Recorded(NOBODY, False)),
        lambda books: books.confirm(Recorded(NOBODY, False)),
        lambda books: books.capture(Hold(NOBODY, books.member_id, 5, "held", "x")),
        lambda books: books.release(Hold(NOBODY, books.member_id, 5, "held", "x")),
    ],
    ids=["member", "merchant", "pending", "receiver", "award", "reversed", "confirmed", "captured", "released"],
)
def test_who_or_what_is_not_there(books: Books, attempt: Try) -> None:
    books.award(10, "a")
    _refused(books, attempt, NotFound)


def test_somebody_without_a_balance_has_nothing_to_spend(books: Books) -> None:
    attempts: list[Try] = [lambda books: books.spend(1, "x"), lambda books: books.hold(1, "y")]
    for attempt in attempts:
        refusal = _refused(books, attempt, NotEnoughPoints)
        assert isinstance(refusal, NotEnoughPoints)
        assert (refusal.needed, refusal.available) == (1, 0)


def test_a_key_with_other_content_is_refused_loudly(books: Books) -> None:
    bo = enrol(books.units, "Bo").id
    award = books.award(50, "a")
    books.spend(10, "s")
    books.transfer(books.member_id, bo, 5, "t")
    books.refund(award, 5, "r")
    attempts: list[Try] = [
        lambda books: books.award(51, "a"),
        lambda books: books.award(50, "a", whose=bo),
        lambda books: books.award(50, "a", days=3),
        lambda books: books.spend(11, "s"),
        lambda books: books.hold(10, "s"),
        lambda books: books.transfer(books.member_id, bo, 6, "t"),
        lambda books: books.transfer(bo, books.member_id, 5, "t"),
        lambda books: books.refund(award, 6, "r"),
        lambda books: books.spend(5, "r"),
    ]
    for attempt in attempts:
        _refused(books, attempt, KeyReused)


def test_a_reversal_cannot_be_reversed_nor_a_refund_nor_what_has_its_own_way_back(books: Books) -> None:
    bo = enrol(books.units, "Bo").id
    award, gift = books.award(50, "a"), books.award(20, "b")
    reversal, refund = books.reverse(gift), books.refund(award, 5, "r")
    sent = books.transfer(books.member_id, bo, 5, "t")
    held = books.hold(5, "h")
    released = books.release(held)
    for what, reason in ((reversal, "reversal"), (refund, "reversal"), (sent, "kind"), (released, "kind")):
        refusal = _refused(books, lambda books, what=what: books.reverse(what), NotReversible)  # type: ignore[misc]
        assert isinstance(refusal, NotReversible)
        assert refusal.reason == reason
    partly = _refused(books, lambda books: books.reverse(award), NotReversible)
    assert isinstance(partly, NotReversible)
    assert partly.reason == "refunded"
    whole = _refused(books, lambda books: books.refund(gift, 1, "again"), NotReversible)
    assert isinstance(whole, NotReversible)
    assert whole.reason == "reversed"


def test_no_more_is_refunded_than_was_awarded(books: Books) -> None:
    award = books.award(50, "a")
    books.refund(award, 30, "r")
    refusal = _refused(books, lambda books: books.refund(award, 21, "s"), RefundTooLarge)
    assert isinstance(refusal, RefundTooLarge)
    assert (refusal.points, refusal.left) == (21, 20)
    spent = books.spend(5, "p")
    _refused(books, lambda books: books.refund(spent, 1, "t"), NotFound)


def test_a_hold_is_closed_once(books: Books) -> None:
    books.award(10, "a")
    captured, released = books.hold(4, "h"), books.hold(6, "r")
    books.capture(captured)
    books.release(released)
    _refused(books, lambda books: books.release(captured), HoldIsClosed)
    _refused(books, lambda books: books.capture(released), HoldIsClosed)


def test_nobody_sends_to_oneself_or_more_than_there_is(books: Books) -> None:
    bo = enrol(books.units, "Bo").id
    books.award(10, "a")
    books.set_credit(50)
    _refused(books, lambda books: books.transfer(books.member_id, books.member_id, 5, "x"), TransferRefused)
    _refused(books, lambda books: books.transfer(books.member_id, bo, 11, "x"), NotEnoughPoints)
    _refused(books, lambda books: books.hold(11, "x"), NotEnoughPoints)


def test_a_credit_line_holds_and_cannot_end_while_it_is_used(books: Books) -> None:
    books.award(10, "a")
    books.set_credit(20)
    books.spend(25, "s")
    assert books.balance == Balance(available=-15, floor=-20)
    _refused(books, lambda books: books.spend(6, "t"), NotEnoughPoints)
    refusal = _refused(books, lambda books: books.set_credit(14), CreditInUse)
    assert isinstance(refusal, CreditInUse)
    assert refusal.points == 15
    books.set_credit(15)
    books.award(100, "b")
    assert books.balance == Balance(available=85, floor=-15)
    books.check()


def test_what_is_clamped_is_the_clubs_loss_and_nobody_elses(books: Books) -> None:
    books.programme = replace(books.programme, refund_policy=RefundPolicy.CLAMP_TO_ZERO)
    award = books.award(50, "a")
    books.spend(45, "s")
    books.refund(award, 50, "r")
    assert books.balance == Balance()
    books.check()
