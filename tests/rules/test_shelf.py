from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.amounts import money_minor
from loyalty.answers import (
    DESCRIPTION_MAX,
    LIMIT_MAX,
    PRICE_MINOR_MAX,
    STOCK_MAX,
    Terms,
    read_day,
    restocked,
)
from loyalty.errors import InvalidWare
from loyalty.members import Language, Tier
from loyalty.merchants import Merchant
from loyalty.points import POINTS_MAX
from loyalty.rewards import Reward, RewardState
from loyalty.shelf import Field, cleared, limited_to, said, turned, typed
from loyalty.wares import PICTURE_BYTES_MAX, Turn, WareState, check_picture, standing

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
TODAY = date(2026, 5, 1)
BERLIN = ZoneInfo("Europe/Berlin")
TERMS = Terms(TODAY, BERLIN, 2)
DRAFT = Reward(
    id=7,
    merchant=Merchant(1, "Harbour Coffee"),
    name="Flat white",
    description="With silky milk.",
    translations={},
    points=80,
    stock=3,
    tier_min=Tier.MEMBER,
    per_member=None,
    picture_id=None,
    state=RewardState.PAUSED,
    starts_at=None,
    ends_at=None,
)
RUNNING = replace(DRAFT, state=RewardState.RUNNING, published_at=NOW)


@pytest.mark.parametrize(
    ("given", "decimals", "minor"),
    [
        ("12.50", 2, 1250),
        ("12,5", 2, 1250),
        ("12", 2, 1200),
        ("0", 2, 0),
        ("１２．５０", 2, 1250),
        ("€ 4.50", 2, 450),
        ("380", 0, 380),
        ("1.234", 3, 1234),
    ],
)
def test_amounts_are_read_as_people_type_them(given: str, decimals: int, minor: int) -> None:
    assert money_minor(given, decimals) == minor


@pytest.mark.parametrize("given", ["", "four", "-1", "1.234", "1.2.3", "4.", "1e3", "4 50", "9" * 40])
def test_what_is_no_amount(given: str) -> None:
    assert money_minor(given, 2) is None


def test_no_cents_where_there_are_none() -> None:
    assert money_minor("3.8", 0) is None


@pytest.mark.parametrize(
    ("field", "given", "attribute", "value"),
    [
        (Field.NAME, "  Iced \n latte ", "name", "Iced latte"),
        (Field.NAME, "x" * 60, "name", "x" * 60),
        (Field.NAME, "拿铁 ☕️", "name", "拿铁 ☕️"),
        (Field.NAME, "Lat\x00te", "name", "Latte"),
        (Field.DESCRIPTION, "Two shots.\r\nTo  go.", "description", "Two shots.\nTo go."),
        (Field.DESCRIPTION, "x" * DESCRIPTION_MAX, "description", "x" * DESCRIPTION_MAX),
        (Field.POINTS, "１２０", "points", 120),
        (Field.POINTS, "1,200", "points", 1200),
        (Field.POINTS, str(POINTS_MAX), "points", POINTS_MAX),
        (Field.PRICE, "4,50", "price_minor", 450),
        (Field.PRICE, "0", "price_minor", 0),
        (Field.STOCK, "=5", "stock", 5),
        (Field.LIMIT, "2", "per_member", 2),
    ],
)
def test_fields_are_read(field: Field, given: str, attribute: str, value: object) -> None:
    assert typed(DRAFT, field, given, TERMS) == replace(DRAFT, **{attribute: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        (Field.NAME, "", "length"),
        (Field.NAME, " \n\u200b\u200d ", "length"),
        (Field.NAME, "x" * 61, "length"),
        (Field.DESCRIPTION, "x" * (DESCRIPTION_MAX + 1), "length"),
        *((Field.POINTS, given, "range") for given in ("", "0", "-5", "1.5", "1,20", "ten", str(POINTS_MAX + 1))),
        (Field.POINTS, "9" * 5000, "range"),
        (Field.PRICE, "4.505", "unreadable"),
        (Field.PRICE, "-4", "unreadable"),
        (Field.PRICE, "", "unreadable"),
        (Field.PRICE, f"{PRICE_MINOR_MAX // 100}.01", "range"),
        *((Field.LIMIT, given, "range") for given in ("", "0", "-1", "twice", str(LIMIT_MAX + 1))),
        (Field.STOCK, "", "unreadable"),
        (Field.STOCK, "a few", "unreadable"),
        (Field.STOCK, "1.5", "unreadable"),
        (Field.STOCK, "+-3", "unreadable"),
        (Field.STOCK, "-4", "too_few"),
        (Field.STOCK, str(STOCK_MAX + 1), "range"),
        (Field.STOCK, f"+{STOCK_MAX}", "range"),
        *((Field.ENDS, given, "unreadable") for given in ("", "soon", "31.2.", "99/12/2026", "2026-13-01", "12.2026")),
        (Field.ENDS, "30.4.2026", "past"),
        (Field.STARTS, "2026-04-30", "past"),
        (Field.STARTS, "0001-01-01", "past"),
        (Field.ENDS, "9999-12-31", "far"),
    ],
)
def test_what_a_field_does_not_take(field: Field, given: str, reason: str) -> None:
    with pytest.raises(InvalidWare) as refusal:
        typed(DRAFT, field, given, TERMS)
    assert (refusal.value.about, refusal.value.reason) == (field, reason)


@pytest.mark.parametrize(
    ("stock", "given", "left"),
    [
        (3, "+10", 13),
        (3, "- 2", 1),
        (3, "−3", 0),
        (3, "＋１", 4),
        (3, "=5", 5),
        (3, "5", 5),
        (3, "0", 0),
        (3, "Unlimited", None),
        (3, "不限", None),
        (None, "=20", 20),
        (None, "20", 20),
    ],
)
def test_a_stock_grows_shrinks_or_is_counted_anew(stock: int | None, given: str, left: int | None) -> None:
    assert restocked(stock, given) == left


def test_nothing_is_added_to_what_is_not_counted() -> None:
    with pytest.raises(InvalidWare) as refusal:
        restocked(None, "+5")
    assert refusal.value.reason == "unlimited"


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("24.12.", date(2026, 12, 24)),
        ("24. 12", date(2026, 12, 24)),
        ("1.5.", TODAY),
        ("30.4.", date(2027, 4, 30)),
        ("29.2.", date(2028, 2, 29)),
        ("24.12.2027", date(2027, 12, 24)),
        ("2026-12-24", date(2026, 12, 24)),
        ("２０２６/１２/２４", date(2026, 12, 24)),
        ("12月24日", date(2026, 12, 24)),
        ("2027年1月2號", date(2027, 1, 2)),
    ],
)
def test_days_are_read_and_without_a_year_the_next_one_is_meant(given: str, day: date) -> None:
    assert read_day(given, Field.ENDS, TODAY) == day


def test_a_window_is_whole_days_in_the_clubs_zone() -> None:
    opened = typed(DRAFT, Field.STARTS, "24.12.", TERMS)
    assert opened.starts_at == datetime(2026, 12, 23, 23, tzinfo=UTC)
    closed = typed(opened, Field.ENDS, "24.12.", TERMS)
    assert closed.ends_at == datetime(2026, 12, 24, 23, tzinfo=UTC)


def test_a_window_does_not_end_before_it_starts() -> None:
    opened = typed(DRAFT, Field.STARTS, "24.12.", TERMS)
    with pytest.raises(InvalidWare) as refusal:
        typed(opened, Field.ENDS, "23.12.", TERMS)
    assert (refusal.value.reason, refusal.value.facts) == ("before_start", {"day": date(2026, 12, 24)})
    closed = typed(DRAFT, Field.ENDS, "23.12.", TERMS)
    with pytest.raises(InvalidWare) as refusal:
        typed(closed, Field.STARTS, "24.12.", TERMS)
    assert (refusal.value.reason, refusal.value.facts) == ("after_end", {"day": date(2026, 12, 23)})


def test_what_a_field_said_can_be_taken_back() -> None:
    full = replace(
        DRAFT,
        price_minor=450,
        per_member=2,
        per_member_days=7,
        tier_min=Tier.GOLD,
        picture_id=5,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=3),
    )
    for field in Field:
        full = cleared(full, field)
    assert full == replace(DRAFT, description="", stock=None)


def test_a_language_has_words_of_its_own_until_they_are_taken_back() -> None:
    named = said(DRAFT, Field.NAME, Language.SIMPLIFIED, " 澳白 一杯 ")
    both = said(named, Field.DESCRIPTION, Language.SIMPLIFIED, "双份浓缩")
    assert both.translations == {"zh-Hans": {"name": "澳白 一杯", "description": "双份浓缩"}}
    assert said(both, Field.NAME, Language.SIMPLIFIED, None).translations == {"zh-Hans": {"description": "双份浓缩"}}
    assert said(named, Field.NAME, Language.SIMPLIFIED, None).translations == {}
    assert both.name == DRAFT.name
    with pytest.raises(InvalidWare):
        said(DRAFT, Field.NAME, Language.SIMPLIFIED, "")


def test_the_limit_counts_within_a_day_a_week_a_month_or_ever() -> None:
    limited = replace(DRAFT, per_member=2)
    assert [limited_to(limited, days).per_member_days for days in (1, 7, 30, None)] == [1, 7, 30, None]
    assert limited_to(DRAFT, 7) == DRAFT
    with pytest.raises(InvalidWare):
        limited_to(limited, 3)


@pytest.mark.parametrize(
    ("reward", "state"),
    [
        (DRAFT, WareState.DRAFT),
        (RUNNING, WareState.RUNNING),
        (replace(RUNNING, stock=0), WareState.RUNNING),
        (replace(RUNNING, starts_at=NOW + timedelta(seconds=1)), WareState.UPCOMING),
        (replace(RUNNING, starts_at=NOW), WareState.RUNNING),
        (replace(RUNNING, state=RewardState.PAUSED), WareState.PAUSED),
        (replace(RUNNING, state=RewardState.PAUSED, ends_at=NOW), WareState.ENDED),
        (replace(RUNNING, removed_at=NOW), WareState.REMOVED),
    ],
)
def test_how_a_reward_stands(reward: Reward, state: WareState) -> None:
    assert standing(reward, NOW) is state


def test_publishing_is_once_and_an_old_button_ends_no_pause() -> None:
    published = turned(DRAFT, Turn.PUBLISH, NOW)
    assert published == RUNNING
    paused = turned(published, Turn.PAUSE, NOW)
    assert turned(paused, Turn.PUBLISH, NOW + timedelta(days=1)) == paused
    assert turned(paused, Turn.RESUME, NOW) == published


def test_a_draft_is_neither_paused_nor_resumed() -> None:
    assert turned(DRAFT, Turn.PAUSE, NOW) == turned(DRAFT, Turn.RESUME, NOW) == DRAFT


@pytest.mark.parametrize(("change", "about"), [({"name": ""}, "name"), ({"points": 0}, "points")])
def test_nothing_half_made_is_published(change: dict[str, object], about: str) -> None:
    with pytest.raises(InvalidWare) as refusal:
        turned(replace(DRAFT, **change), Turn.PUBLISH, NOW)  # type: ignore[arg-type]
    assert (refusal.value.about, refusal.value.reason) == (about, "missing")


def test_removing_keeps_its_first_time_and_bringing_back_undoes_it() -> None:
    removed = turned(RUNNING, Turn.REMOVE, NOW)
    assert turned(removed, Turn.REMOVE, NOW + timedelta(days=1)).removed_at == NOW
    assert turned(removed, Turn.BRING_BACK, NOW) == RUNNING


def test_a_picture_has_a_size() -> None:
    check_picture(PICTURE_BYTES_MAX)
    with pytest.raises(InvalidWare):
        check_picture(PICTURE_BYTES_MAX + 1)
