"""The words: complete in every language, filled in safely, with dates and spans as the language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from locales import LANGUAGES, texts_for
from locales.catalogues import Said, counted_without_plural, faults, meanings, msgids
from locales.chinese import chinese
from locales.texts import Markup


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_language_says_everything_with_the_same_placeholders(language: str) -> None:
    assert list(faults(language)) == []


def test_texts_are_found_wherever_they_stand() -> None:
    source = """texts("A {x}", x=1); f"{texts('B')}: {texts.plural('{n} c', '{n} cs', n, d=texts('D'))}"
texts.about("message", "Opened")"""
    assert set(msgids(source)) == {
        Said("A {x}"),
        Said("B"),
        Said(("{n} c", "{n} cs")),
        Said("D"),
        Said("Opened", "message"),
    }


def test_a_word_with_two_meanings_is_said_in_its_context() -> None:
    assert texts_for("zh-Hans").about("message", "Opened") == "点开的人"
    assert texts_for("zh-Hans")("Opened at") == "开团时间"
    assert texts_for("en").about("message", "Opened") == "Opened"


def test_one_short_text_of_two_features_is_listed_or_has_a_context(tmp_path: Path) -> None:
    for feature, said in (("messages", 'texts("Opened")'), ("deals", 'texts("Opened"); texts("Opened at {time}")')):
        (tmp_path / feature).mkdir()
        (tmp_path / feature / "screens.py").write_text(said)
    (found,) = [fault for fault in meanings([tmp_path]) if "is said by deals, messages" in fault]
    assert found.startswith("'Opened' is said by deals, messages: ")
    (tmp_path / "messages" / "screens.py").write_text('texts.about("message", "Opened")')
    assert not [fault for fault in meanings([tmp_path]) if fault.startswith("'Opened'")]


@pytest.mark.parametrize(
    ("language", "said", "fault"),
    [
        ("zh-Hans", "咖啡, 茶", "a Latin comma, colon or full stop between Chinese words"),
        ("zh-Hant", "版本 {a}: 最好", "a Latin comma, colon or full stop between Chinese words"),
        ("zh-Hans", "好了. 再见", "a full stop that is not Chinese"),
        ("zh-Hant", "好了。 再見。", "a blank after a sentence"),
        ("zh-Hans", "（好） (好)", "Latin parentheses around Chinese words"),
        ("zh-Hant", "“好”", "quotes of the other script (“”‘’)"),
        ("zh-Hans", "「好」", "quotes of the other script (「」『』)"),
        ("zh-Hant", "你的 voucher", "English that is not listed (voucher)"),
        ("zh-Hans", "会員号码", "characters of the other script (員)"),
        ("zh-Hant", "会员", "characters of the other script (会员)"),
    ],
)
def test_what_nobody_writes_in_chinese_is_refused(language: str, said: str, fault: str) -> None:
    assert fault in list(chinese(said, language))


def test_what_chinese_readers_write_themselves_passes() -> None:
    said = "掃 QR Code，或輸入 <code>7F3K</code>（見 /card）。{name}，你好。例如 12.50、3,000 或 17:30。"
    assert list(chinese(said, "zh-Hant")) == []


@pytest.mark.parametrize(
    ("language", "listed", "sentences"),
    [
        ("en", "Ana, Bo, Cy", "One. Two."),
        ("zh-Hans", "Ana、Bo、Cy", "One.Two."),
        ("zh-Hant", "Ana、Bo、Cy", "One.Two."),
    ],
)
def test_lists_and_sentences_join_as_the_language_does(language: str, listed: str, sentences: str) -> None:
    texts = texts_for(language)
    assert texts.listed(["Ana", "Bo", "Cy"]) == listed
    assert texts.sentences(["One.", "Two."]) == sentences


def test_what_people_write_is_escaped_and_markup_is_not() -> None:
    texts = texts_for("en")
    assert texts("Hello {name}.", name="<b>&") == "Hello &lt;b&gt;&amp;."
    assert texts("Hello {name}.", name=Markup("<b>Ana</b>")) == "Hello <b>Ana</b>."


@pytest.mark.parametrize(
    ("language", "span", "said"),
    [
        ("en", timedelta(hours=5, minutes=12), "5 h 12 min"),
        ("en", timedelta(days=1), "1 day"),
        ("en", timedelta(days=2, hours=3), "2 days 3 h"),
        ("en", timedelta(seconds=2), "1 min"),
        ("zh-Hans", timedelta(hours=5, minutes=12), "5 小时 12 分钟"),
        ("zh-Hant", timedelta(days=2, hours=3), "2 天 3 小時"),
    ],
)
def test_spans_have_two_units_at_most(language: str, span: timedelta, said: str) -> None:
    assert texts_for(language).span(span) == said


@pytest.mark.parametrize(
    ("language", "number", "day", "leap_day", "time"),
    [
        ("en", "12,345", "1 May 2026", "29 Feb", "18:30"),
        ("zh-Hans", "12,345", "2026年5月1日", "2月29日", "18:30"),
        ("zh-Hant", "12,345", "2026年5月1日", "2月29日", "18:30"),
    ],
)
def test_numbers_and_dates_are_those_of_the_language(
    language: str, number: str, day: str, leap_day: str, time: str
) -> None:
    texts = texts_for(language)
    assert texts.number(12345) == number
    assert texts.date(date(2026, 5, 1)) == day
    assert texts.month_day(2, 29) == leap_day
    assert texts.clock(datetime(2026, 5, 1, 10, 30, tzinfo=UTC), ZoneInfo("Asia/Taipei")) == time


def test_changes_carry_their_sign() -> None:
    texts = texts_for("en")
    assert (texts.signed(30), texts.signed(-1200)) == ("+30", "−1,200")


@pytest.mark.parametrize(
    ("language", "minor", "currency", "said"),
    [
        ("en", 1250, "EUR", "€12.50"),
        ("en", 123_456_789, "USD", "$1,234,567.89"),
        ("en", 380, "JPY", "¥380"),  # has no cents
        ("zh-Hant", 7550, "HKD", "HK$75.50"),
        ("zh-Hans", 5, "CNY", "¥0.05"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(language: str, minor: int, currency: str, said: str) -> None:
    assert texts_for(language).money(minor, currency) == said


def test_what_is_counted_has_a_form_for_one() -> None:
    assert list(counted_without_plural()) == []


@pytest.mark.parametrize(
    ("msgid", "is_wrong"),
    [
        ("You have {points} points.", True),
        ("You have <b>{points}</b> points.", True),
        ("{n} more places", True),
        ("have {least} to {most} points", False),
        ("Up to {most} characters.", False),
        ("{points} on their way", False),
        (("{n} point", "{n} points"), False),
    ],
)
def test_a_number_before_a_plural_is_found(msgid: object, is_wrong: bool) -> None:
    assert bool(list(counted_without_plural([msgid]))) is is_wrong
