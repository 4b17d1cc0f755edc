"""Days and times as people type them in each language; and what the bot writes, read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from locales import LANGUAGES, texts_for
from loyalty.answers import read_day
from loyalty.birthdays import read_birthday
from loyalty.dates import Unsure, folded, month_and_day
from loyalty.errors import BroadcastRefused, InvalidBirthday, InvalidWare
from loyalty.members import Birthday, Language
from loyalty.schedules import read_moment

ENGLISH, SIMPLIFIED, TRADITIONAL = Language.ENGLISH, Language.SIMPLIFIED, Language.TRADITIONAL
TODAY = date(2026, 3, 1)
TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)  # noon in Taipei
WRITTEN = st.sampled_from(sorted(LANGUAGES))


@drawn(WRITTEN, st.dates(TODAY, TODAY + timedelta(days=3000)))
def test_a_day_that_the_bot_writes_is_read_as_that_day(language: str, day: date) -> None:
    assert read_day(texts_for(language).date(day), "ends", TODAY, Language(language)) == day


@drawn(WRITTEN, st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_birthday_that_the_bot_writes_is_read_as_that_day(language: str, day: date) -> None:
    written = texts_for(language).month_day(day.month, day.day)
    assert read_birthday(written, language=Language(language)) == Birthday(day.month, day.day)


@drawn(WRITTEN, st.dates(TODAY, TODAY + timedelta(days=360)))
def test_a_day_of_the_week_is_read_over(language: str, day: date) -> None:
    assert read_day(texts_for(language).weekday(day), "ends", TODAY, Language(language)) == day


@drawn(WRITTEN, st.integers(1, 89 * 24 * 60))
def test_a_moment_that_the_bot_writes_is_read_as_that_moment(language: str, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert read_moment(texts_for(language).moment(at, TAIPEI), NOW, TAIPEI, Language(language)) == at


@pytest.mark.parametrize(
    ("typed", "language", "day"),
    [
        ("3.8", SIMPLIFIED, (3, 8)),
        ("3.8", TRADITIONAL, (3, 8)),
        ("6.18", SIMPLIFIED, (6, 18)),
        ("6/18", TRADITIONAL, (6, 18)),
        ("6-18", SIMPLIFIED, (6, 18)),
        ("6月18日", SIMPLIFIED, (6, 18)),
        ("24.12.", SIMPLIFIED, (12, 24)),
        ("6.18", ENGLISH, (6, 18)),
        ("18/6", ENGLISH, (6, 18)),
        ("3.8.", ENGLISH, (8, 3)),
        ("3.8.2026", ENGLISH, (8, 3)),
        ("5/5", ENGLISH, (5, 5)),
        ("3 May", ENGLISH, (5, 3)),
        ("May 3rd, 2026", ENGLISH, (5, 3)),
        ("3 Sept 2026", ENGLISH, (9, 3)),
        ("Fri, 1 May", ENGLISH, (5, 1)),
    ],
)
def test_month_and_day_stand_in_the_order_of_the_language(typed: str, language: Language, day: tuple[int, int]) -> None:
    found = month_and_day(folded(typed), language)
    assert found is not None
    assert (found.month, found.day) == day


@pytest.mark.parametrize(
    ("typed", "language"),
    [("3/5", ENGLISH), ("3.5", ENGLISH), ("3-5", ENGLISH), ("3/5/2026", ENGLISH), ("3/5/2026", SIMPLIFIED)],
)
def test_what_could_be_two_days_is_asked_back(typed: str, language: Language) -> None:
    with pytest.raises(Unsure):
        month_and_day(folded(typed), language)
    with pytest.raises(InvalidWare) as ware:
        read_day(typed, "ends", TODAY, language)
    assert (ware.value.reason, ware.value.facts) == ("unsure", {"both": ((5, 3), (3, 5))})
    with pytest.raises(InvalidBirthday) as birthday:
        read_birthday(typed, language=language)
    assert birthday.value.both == ((5, 3), (3, 5))
    with pytest.raises(BroadcastRefused) as moment:
        read_moment(f"{typed} 18:30", NOW, TAIPEI, language)
    assert moment.value.reason == "unsure"


@pytest.mark.parametrize("typed", ["1²月5日", "²", "3.²", "3 Ma", "3 Ju", "13.13.", "六月", "月日"])
def test_what_is_no_day_is_none(typed: str) -> None:
    with pytest.raises(InvalidWare):
        read_day(typed, "ends", TODAY, SIMPLIFIED)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", TODAY),
        ("Tomorrow", date(2026, 3, 2)),
        ("今天", TODAY),
        ("明天", date(2026, 3, 2)),
        ("后天", date(2026, 3, 3)),
        ("後天", date(2026, 3, 3)),
        ("聽日", date(2026, 3, 2)),
    ],
)
def test_days_that_are_near_have_words(typed: str, day: date) -> None:
    assert read_day(typed, "ends", TODAY) == day


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("明天", "2026-05-02 09:00"),
        ("tomorrow", "2026-05-02 09:00"),
        ("今日5點", "2026-05-01 17:00"),
        ("今天5点半", "2026-05-01 17:30"),
        ("今日9點", "2026-05-01 21:00"),  # nine in the morning is over
        ("明天9點", "2026-05-02 09:00"),
        ("下午5点", "2026-05-01 17:00"),
        ("5月3日下午5点", "2026-05-03 17:00"),
        ("5.3 17:00", "2026-05-03 17:00"),
        ("后天中午12点", "2026-05-03 12:00"),
        ("后天中午1点", "2026-05-03 13:00"),
    ],
)
def test_times_are_read_as_chinese_says_them(typed: str, expected: str) -> None:
    assert f"{read_moment(typed, NOW, TAIPEI, TRADITIONAL).astimezone(TAIPEI):%Y-%m-%d %H:%M}" == expected
