from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.answers import LIMIT_MAX, PRICE_MINOR_MAX, STOCK_MAX, Terms
from loyalty.deals import (
    ASKED,
    HOURS,
    HOURS_MAX,
    Field,
    answered,
    check_left,
    cleared,
    ended,
    percent,
    said,
    turned,
    typed,
)
from loyalty.errors import InvalidWare
from loyalty.group_buys import SIZE_MAX, Deal
from loyalty.members import Language
from loyalty.merchants import RIGHTS, Merchant, Right, Role
from loyalty.points import POINTS_MAX
from loyalty.wares import Turn, WareState, standing

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
TERMS = Terms(date(2026, 5, 1), ZoneInfo("Europe/Berlin"), 2)
SHOP = Merchant(1, "Harbour Coffee")
ANSWERS = {"name": " Coffee  beans", "group_points": "240", "solo_points": "360", "size": "3", "stock": "30"}
DRAFT = Deal(
    id=7,
    merchant=SHOP,
    title="Coffee beans",
    description="500 g of the house roast.",
    translations={},
    solo_points=360,
    group_points=240,
    size=3,
    hours=24,
    stock=30,
    per_member=1,
)
RUNNING = replace(DRAFT, published_at=NOW)
DAY = timedelta(days=1)


def refused(deal: Deal, field: Field, given: str) -> str:
    with pytest.raises(InvalidWare) as refusal:
        typed(deal, field, given, TERMS)
    assert refusal.value.about == field
    return refusal.value.reason


def test_owners_and_marketers_make_group_buys() -> None:
    assert {role for role in Role if Right.DEALS in RIGHTS[role]} == {Role.OWNER, Role.MARKETER}


def test_a_few_answers_make_a_deal_and_the_rest_has_defaults() -> None:
    deal = answered(SHOP, ANSWERS, TERMS)
    assert (deal.title, deal.group_points, deal.solo_points, deal.size, deal.stock) == ("Coffee beans", 240, 360, 3, 30)
    assert (deal.hours, deal.per_member, deal.is_several_allowed, deal.bonus_points) == (HOURS, 1, False, 0)
    assert HOURS == 24
    assert standing(deal, NOW) is WareState.DRAFT


def test_the_answers_are_judged_one_by_one_as_they_come() -> None:
    so_far: dict[str, str] = {}
    for field in ASKED:
        so_far[field.value] = ANSWERS[field.value]
        answered(SHOP, so_far, TERMS)
    with pytest.raises(InvalidWare) as refusal:
        answered(SHOP, {"name": "Beans", "group_points": "240", "solo_points": "240"}, TERMS)
    assert (refusal.value.about, refusal.value.reason) == ("solo_points", "same")


@pytest.mark.parametrize(
    ("field", "given", "attribute", "value"),
    [
        (Field.NAME, "  Fresh \n fish ", "title", "Fresh fish"),
        (Field.DESCRIPTION, "Two.\r\nBags", "description", "Two.\nBags"),
        (Field.GROUP_POINTS, "１２０", "group_points", 120),
        (Field.SOLO_POINTS, "1,200", "solo_points", 1200),
        (Field.SOLO_PRICE, "4,50", "solo_price_minor", 450),
        (Field.SIZE, "2", "size", 2),
        (Field.SIZE, str(SIZE_MAX), "size", SIZE_MAX),
        (Field.HOURS, "168", "hours", 168),
        (Field.STOCK, "+10", "stock", 40),
        (Field.STOCK, "=5", "stock", 5),
        (Field.STOCK, "0", "stock", 0),
        (Field.LIMIT, "4", "per_member", 4),
        (Field.BONUS, "30", "bonus_points", 30),
    ],
)
def test_fields_are_read(field: Field, given: str, attribute: str, value: object) -> None:
    assert typed(DRAFT, field, given, TERMS) == replace(DRAFT, **{attribute: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        (Field.NAME, "", "length"),
        (Field.NAME, "x" * 61, "length"),
        (Field.DESCRIPTION, "x" * 401, "length"),
        *((Field.GROUP_POINTS, given, "range") for given in ("", "0", "-5", "1.5", "ten", str(POINTS_MAX + 1))),
        *((Field.SOLO_POINTS, given, "range") for given in ("0", "many")),
        *((Field.GROUP_PRICE, given, "unreadable") for given in ("", "-4", "4.505", "four")),
        (Field.SOLO_PRICE, f"{PRICE_MINOR_MAX // 100}.01", "range"),
        *((Field.SIZE, given, "range") for given in ("", "1", "0", "-2", "2.5", "101", "two")),
        *((Field.HOURS, given, "range") for given in ("0", "169", "a day")),
        *((Field.LIMIT, given, "range") for given in ("0", str(LIMIT_MAX + 1))),
        *((Field.BONUS, given, "range") for given in ("0", "-1")),
        (Field.STOCK, "lots", "unreadable"),
        (Field.STOCK, "-31", "too_few"),
        (Field.STOCK, str(STOCK_MAX + 1), "range"),
        (Field.STOCK, "unlimited", "counted"),
        (Field.STOCK, "不限", "counted"),
        (Field.STARTS, "soon", "unreadable"),
        (Field.ENDS, "30.4.2026", "past"),
        (Field.ENDS, "9999-12-31", "far"),
        (Field.PICTURE, "a photo", "no_text"),
    ],
)
def test_what_a_field_does_not_take(field: Field, given: str, reason: str) -> None:
    assert refused(DRAFT, field, given) == reason


def test_together_nothing_costs_more_than_alone() -> None:
    assert refused(DRAFT, Field.GROUP_POINTS, "361") == "dearer"
    assert refused(DRAFT, Field.SOLO_POINTS, "239") == "dearer"
    assert refused(DRAFT, Field.GROUP_PRICE, "0.01") == "dearer_money"


def test_together_something_costs_less_than_alone() -> None:
    assert refused(DRAFT, Field.GROUP_POINTS, "360") == "same"
    in_money = typed(typed(DRAFT, Field.SOLO_PRICE, "5", TERMS), Field.GROUP_POINTS, "360", TERMS)
    assert (in_money.group_points, in_money.solo_points) == (360, 360)
    assert refused(in_money, Field.GROUP_PRICE, "5.00") == "same"
    assert typed(in_money, Field.GROUP_PRICE, "4.99", TERMS).group_price_minor == 499
    with pytest.raises(InvalidWare) as refusal:
        cleared(in_money, Field.SOLO_PRICE)
    assert refusal.value.reason == "same"


def test_what_a_field_said_can_be_taken_back_but_for_what_a_deal_cannot_be_without() -> None:
    full = replace(
        DRAFT,
        group_price_minor=100,
        solo_price_minor=450,
        bonus_points=30,
        picture_id=5,
        starts_at=NOW,
        ends_at=NOW + 3 * DAY,
    )
    for field in Field:
        full = cleared(full, field)
    assert full == replace(DRAFT, description="")


def test_a_language_has_words_of_its_own() -> None:
    named = said(DRAFT, Field.NAME, Language.SIMPLIFIED, " 咖啡豆 ")
    assert named.translations == {"zh-Hans": {"name": "咖啡豆"}}
    assert said(named, Field.NAME, Language.SIMPLIFIED, None).translations == {}
    with pytest.raises(InvalidWare):
        said(DRAFT, Field.SIZE, Language.SIMPLIFIED, "3")


@pytest.mark.parametrize(
    ("deal", "state"),
    [
        (DRAFT, WareState.DRAFT),
        (RUNNING, WareState.RUNNING),
        (replace(RUNNING, stock=0), WareState.RUNNING),
        (replace(RUNNING, starts_at=NOW + DAY), WareState.UPCOMING),
        (replace(RUNNING, is_paused=True), WareState.PAUSED),
        (replace(RUNNING, is_paused=True, ends_at=NOW), WareState.ENDED),
        (replace(RUNNING, removed_at=NOW), WareState.REMOVED),
    ],
)
def test_how_a_deal_stands(deal: Deal, state: WareState) -> None:
    assert standing(deal, NOW) is state


def test_publishing_is_once_and_an_old_button_ends_no_pause() -> None:
    published = turned(DRAFT, Turn.PUBLISH, NOW)
    assert published == RUNNING
    paused = turned(published, Turn.PAUSE, NOW)
    assert turned(paused, Turn.PUBLISH, NOW + DAY) == paused
    assert turned(paused, Turn.RESUME, NOW) == published
    assert turned(DRAFT, Turn.PAUSE, NOW) == turned(DRAFT, Turn.RESUME, NOW) == DRAFT


@pytest.mark.parametrize(
    ("change", "about", "reason"),
    [({"stock": 2}, "stock", "below_size"), ({"ends_at": NOW}, "ends", "past")],
)
def test_nothing_is_published_that_nobody_could_take_part_in(
    change: dict[str, object], about: str, reason: str
) -> None:
    with pytest.raises(InvalidWare) as refusal:
        turned(replace(DRAFT, **change), Turn.PUBLISH, NOW)  # type: ignore[arg-type]
    assert (refusal.value.about, refusal.value.reason) == (about, reason)


def test_ending_keeps_its_first_time_and_a_draft_has_nothing_to_end() -> None:
    over = ended(RUNNING, NOW)
    assert (over.ends_at, standing(over, NOW)) == (NOW, WareState.ENDED)
    assert ended(over, NOW + DAY) == over
    assert ended(DRAFT, NOW) == DRAFT
    assert standing(ended(replace(RUNNING, starts_at=NOW + DAY), NOW), NOW + 2 * DAY) is WareState.ENDED


def test_only_what_nobody_can_join_any_more_is_removed() -> None:
    for deal in (RUNNING, replace(RUNNING, is_paused=True), replace(RUNNING, starts_at=NOW + DAY)):
        with pytest.raises(InvalidWare) as refusal:
            turned(deal, Turn.REMOVE, NOW)
        assert refusal.value.reason == "running"
    for deal in (DRAFT, ended(RUNNING, NOW)):
        removed = turned(deal, Turn.REMOVE, NOW)
        assert turned(removed, Turn.REMOVE, NOW + DAY).removed_at == NOW
        assert turned(removed, Turn.BRING_BACK, NOW) == deal
    with pytest.raises(InvalidWare):
        check_left(ended(RUNNING, NOW), 2)
    check_left(ended(RUNNING, NOW), 0)


@pytest.mark.parametrize(("part", "whole", "share"), [(0, 0, None), (0, 4, 0), (1, 3, 33), (199, 200, 99), (7, 7, 100)])
def test_a_share_is_full_only_when_it_is(part: int, whole: int, share: int | None) -> None:
    assert percent(part, whole) == share


def test_hours_have_a_week() -> None:
    assert HOURS_MAX == 7 * 24
