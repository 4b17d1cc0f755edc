from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.answers import Terms
from loyalty.errors import InvalidWare
from loyalty.members import Language, Tier
from loyalty.merchants import Merchant
from loyalty.offer_claims import TO_ITS_END
from loyalty.offer_desk import (
    Field,
    Target,
    check_complete,
    claimed_here,
    cleared,
    ended,
    good_to_its_end,
    led_to,
    said,
    turned,
    typed,
)
from loyalty.offers import Offer, OfferKind
from loyalty.wares import Turn, WareState, standing

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
TERMS = Terms(date(2026, 5, 1), ZoneInfo("UTC"), 2)
COOKIE = Offer(7, Merchant(1, "Harbour Coffee"), OfferKind.CLAIM, "Free cookie", "With any coffee.", per_member=1)
RUNNING = replace(COOKIE, published_at=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        (Field.NAME, "  Two   cookies ", {"title": "Two cookies"}),
        (Field.DESCRIPTION, "For\nall", {"text": "For\nall"}),
        (Field.PRICE, "2.50", {"price_minor": 250}),
        (Field.STOCK, "50", {"stock": 50}),
        (Field.STOCK, "unlimited", {"stock": None}),
        (Field.LIMIT, "3", {"per_member": 3}),
        (Field.DAYS, "14", {"voucher_days": 14}),
        (Field.STARTS, "3.5.", {"starts_at": datetime(2026, 5, 3, tzinfo=UTC)}),
        (Field.ENDS, "3.5.", {"ends_at": datetime(2026, 5, 4, tzinfo=UTC)}),
    ],
)
def test_a_field_as_it_is_typed(field: Field, given: str, expected: dict[str, Any]) -> None:
    assert typed(COOKIE, field, given, TERMS) == replace(COOKIE, **expected)


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        (Field.NAME, "", "length"),
        (Field.NAME, "x" * 61, "length"),
        (Field.DESCRIPTION, "x" * 401, "length"),
        (Field.PRICE, "cheap", "unreadable"),
        (Field.STOCK, "a few", "unreadable"),
        (Field.STOCK, "+5", "unlimited"),
        (Field.LIMIT, "0", "range"),
        (Field.DAYS, "0", "range"),
        (Field.DAYS, "366", "range"),
        (Field.ENDS, "30.4.2026", "past"),
        (Field.TIER, "gold", "no_text"),
        (Field.LEADS_TO, "cake", "no_text"),
    ],
)
def test_what_a_field_does_not_take(field: Field, given: str, reason: str) -> None:
    with pytest.raises(InvalidWare) as refusal:
        typed(COOKIE, field, given, TERMS)
    assert (refusal.value.about, refusal.value.reason) == (field, reason)


def test_it_cannot_end_before_it_starts() -> None:
    later = typed(COOKIE, Field.STARTS, "10.5.", TERMS)
    with pytest.raises(InvalidWare, match="before_start"):
        typed(later, Field.ENDS, "9.5.", TERMS)
    assert typed(later, Field.ENDS, "10.5.", TERMS).ends_at == datetime(2026, 5, 11, tzinfo=UTC)


def test_what_is_cleared_is_as_if_it_had_never_been_said() -> None:
    said_much = replace(
        COOKIE,
        text="More",
        price_minor=100,
        stock=5,
        per_member=2,
        voucher_days=3,
        tier_min=Tier.GOLD,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
        picture_id=9,
    )
    for field in Field:
        said_much = cleared(said_much, field)
    assert said_much == replace(COOKIE, text="", per_member=None)


def test_it_leads_to_one_thing_at_a_time() -> None:
    reward, deal = Target(OfferKind.REWARD, 3, "Cake"), Target(OfferKind.DEAL, 4, "Beans")
    to_cake = led_to(COOKIE, reward)
    assert (to_cake.kind, to_cake.reward_id, to_cake.deal_id) == (OfferKind.REWARD, 3, None)
    to_beans = led_to(to_cake, deal)
    assert (to_beans.kind, to_beans.reward_id, to_beans.deal_id) == (OfferKind.DEAL, None, 4)
    assert claimed_here(to_beans) == COOKIE


def test_vouchers_end_with_the_offer_only_if_it_ends() -> None:
    with pytest.raises(InvalidWare, match="no_end"):
        good_to_its_end(COOKIE)
    assert good_to_its_end(replace(COOKIE, ends_at=NOW)).voucher_days == TO_ITS_END


@pytest.mark.parametrize(
    ("changes", "about", "reason"),
    [
        ({"title": ""}, Field.NAME, "missing"),
        ({"stock": 0}, Field.STOCK, "none"),
        ({"ends_at": NOW}, Field.ENDS, "past"),
    ],
)
def test_what_nobody_could_have_is_not_published(changes: dict[str, Any], about: Field, reason: str) -> None:
    draft = replace(COOKIE, **changes)
    with pytest.raises(InvalidWare) as refusal:
        turned(draft, Turn.PUBLISH, NOW)
    assert (refusal.value.about, refusal.value.reason) == (about, reason)
    check_complete(COOKIE, NOW)


def test_turns_that_were_taken_already_change_nothing() -> None:
    published = turned(replace(COOKIE, is_paused=True), Turn.PUBLISH, NOW)
    assert (published.published_at, published.is_paused) == (NOW, False)
    assert turned(published, Turn.PUBLISH, NOW + timedelta(days=1)) == published
    paused = turned(published, Turn.PAUSE, NOW)
    assert paused.is_paused
    assert turned(paused, Turn.PAUSE, NOW) == paused
    assert turned(paused, Turn.RESUME, NOW) == published
    removed = turned(published, Turn.REMOVE, NOW)
    assert turned(removed, Turn.REMOVE, NOW + timedelta(days=1)).removed_at == NOW
    assert turned(removed, Turn.BRING_BACK, NOW) == published
    assert turned(COOKIE, Turn.PAUSE, NOW) == COOKIE, "a draft is paused already"


def test_what_has_ended_has_ended_whenever_it_was_to_begin() -> None:
    assert ended(COOKIE, NOW) == COOKIE, "a draft has nothing to end"
    assert standing(ended(RUNNING, NOW), NOW) is WareState.ENDED
    upcoming = ended(replace(RUNNING, starts_at=NOW + timedelta(days=3)), NOW)
    assert (upcoming.starts_at, upcoming.ends_at, standing(upcoming, NOW)) == (None, NOW, WareState.ENDED)
    assert ended(upcoming, NOW + timedelta(days=1)) == upcoming


def test_words_in_a_language() -> None:
    spoken = said(COOKIE, Field.NAME, Language.SIMPLIFIED, "免费曲奇")
    assert spoken.translations == {"zh-Hans": {"name": "免费曲奇"}}
    assert said(spoken, Field.NAME, Language.SIMPLIFIED, None).translations == {}
    with pytest.raises(InvalidWare, match="no_text"):
        said(COOKIE, Field.STOCK, Language.SIMPLIFIED, "五")
