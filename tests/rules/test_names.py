from __future__ import annotations

import pytest

from loyalty.answers import clean_name as clean_title
from loyalty.errors import InvalidName, InvalidWare
from loyalty.members import Language, clean_name, language_for
from loyalty.merchants import clean_merchant_name
from loyalty.names import cut, first_part, key_of, one_line, readable

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
UNSEEN = ["\u3164", "\uffa0", "\u2800", "\u200b\u200d", "\u2067 ", "\u034f", "\U000e0041", "\ud83d", "\x00", "\ufe0f"]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Lopez, Ana", "Ana"),
        ("Dr. Ana Lopez", "Ana"),
        ("Lopez, Dr. Ana", "Ana"),
        ("🌸 Lily 🌸", "Lily"),
        ("Prof. Dr. med. Bo Li", "Bo"),
        ("Ing Chan", "Ing"),
        ("Don Lee", "Don"),
        ("عبد الله", "عبد الله"),
        ("王小明", "王小明"),
        ("Mary Ann", "Mary"),
        ("Dr.", "Dr."),
        ("Lopez,", "Lopez"),
        ("🦊🦊", "🦊🦊"),
        ("\u3164", ""),
    ],
)
def test_an_imported_or_typed_name_calls_by_the_first_part_that_can_be_read(name: str, called: str) -> None:
    assert first_part(name) == called


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("\u202eevil\u202c one", "evil one"),
        ("A\u2066n\u2069a\u200b", "Ana"),
        ("An\x00a\ud83d", "Ana"),
        ("Ana\u3164\u3164Lopez", "Ana Lopez"),
        ("Ame\u0301lie", "Amélie"),
        (f"{FAMILY} Bo", f"{FAMILY} Bo"),
        (f"{ENGLAND} Cy", f"{ENGLAND} Cy"),
        ("👨🏽\u200d🦰", "👨🏽\u200d🦰"),
        ("❤️", "❤️"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian is spelt with it
        ("ශ්\u200dරී", "ශ්\u200dරී"),  # and Sinhala with its sister
        ("辻\U000e0100", "辻\U000e0100"),  # a sign in the shape that this family writes
        ("Bo\u200d", "Bo"),
        ("x" + "\u0301" * 40, "x" + "\u0301" * 8),
    ],
)
def test_what_nobody_sees_and_what_turns_the_text_around_goes(given: str, kept: str) -> None:
    assert one_line(given) == kept


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_name_that_nobody_sees_is_refused_where_it_is_typed(unseen: str) -> None:
    with pytest.raises(InvalidName):
        clean_name(unseen)
    with pytest.raises(InvalidName):
        clean_merchant_name(unseen)
    with pytest.raises(InvalidWare):
        clean_title(unseen)


def test_line_breaks_stay_in_what_has_lines() -> None:
    assert readable("one\n\u202etwo\tthree") == "one\ntwo\tthree"


@pytest.mark.parametrize(
    ("text", "most", "left"),
    [
        ("abcdef", 3, "abc"),
        (f"ab{FAMILY}", 4, "ab"),
        (f"a{ENGLAND}", 5, "a"),
        ("🇩🇪🇫🇷", 3, "🇩🇪"),
        ("xe\u0302\u0301", 2, "x"),
        ("👍🏽", 1, "👍"),
    ],
)
def test_a_cut_never_splits_what_people_see_as_one_sign(text: str, most: int, left: str) -> None:
    assert cut(text, most) == left


def test_one_name_in_other_cases_widths_and_blanks_is_one() -> None:
    assert {key_of(name) for name in ("corner", "CORNER", "  Corner\u200b ", "Ｃｏｒｎｅｒ")} == {"corner"}
    assert key_of("Corner Café") == key_of("corner  cafe\u0301")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-Hans-HK", Language.SIMPLIFIED),
        ("zh-Hant-CN", Language.TRADITIONAL),
        ("zh-Hans-TW", Language.SIMPLIFIED),
        ("zh_TW", Language.TRADITIONAL),
        ("zh-MO", Language.TRADITIONAL),
        ("ZH-hk", Language.TRADITIONAL),
        ("zh-SG", Language.SIMPLIFIED),
        ("zh", Language.SIMPLIFIED),
        ("yue", Language.TRADITIONAL),
        ("yue-CN", Language.SIMPLIFIED),
        ("yue-Hans", Language.SIMPLIFIED),
        ("nan", Language.TRADITIONAL),
        ("zhx", Language.ENGLISH),
        ("de-DE", Language.ENGLISH),
    ],
)
def test_how_somebody_writes_decides_before_where_they_are(tag: str, language: Language) -> None:
    assert language_for(tag, Language.ENGLISH) is language
