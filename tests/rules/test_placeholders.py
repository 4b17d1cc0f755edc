from __future__ import annotations

from contextlib import suppress
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import names
from handlers.broadcasts.reading import Reader, filled
from locales import LANGUAGES, texts_for
from loyalty import placeholders
from loyalty.errors import BroadcastRefused
from loyalty.members import NAME_MAX, Tier
from loyalty.merchants import NAME_MAX as SHOP_MAX
from loyalty.placeholders import LONGEST, NAMES, check, fill, growth, length
from loyalty.points import POINTS_MAX

ANA = {"first_name": "Ana", "points": "70", "tier": "Gold", "shop": "Bean & Bar"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dear {first_name}", "Dear Ana"),
        ("Dear {First Name}, {POINTS|none}", "Dear Ana, 70"),
        ("<b>{first_name|friend}</b>", "<b>Ana</b>"),
        ("{shop}", "Bean &amp; Bar"),
        ("{{first_name}}", "{first_name}"),
        ("{{{first_name}}}", "{Ana}"),
        ("a } b", "a } b"),
        ('<a href="https://x.y/{id}">{tier}</a>', '<a href="https://x.y/{id}">Gold</a>'),
        ("{unknown}", "{unknown}"),
        ("", ""),
    ],
)
def test_what_is_filled_in(text: str, shown: str) -> None:
    assert fill(text, ANA) == shown


def test_what_is_missing_gives_way_where_the_text_says_something_instead() -> None:
    text = "{first_name|you &amp; yours} {first_name} {points|}."
    assert fill(text, ANA, ["first_name", "points"]) == "you &amp; yours Ana ."


@pytest.mark.parametrize(
    ("text", "reason", "given_"),
    [
        ("Dear {frist_name|x}!", "unknown_placeholder", "{frist_name|x}"),
        ("{}", "unknown_placeholder", "{}"),
        ("{a &lt; b}", "unknown_placeholder", "{a < b}"),
        ("Dear {first_name", "open_brace", "{first_name"),
        ("{<b>first_name</b>}", "open_brace", "{first_name}"),
        ("{first_name|<i>you</i>}", "open_brace", "{first_name|you}"),
    ],
)
def test_what_is_none_is_refused_as_it_was_typed(text: str, reason: str, given_: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        check(text)
    assert (refused.value.reason, refused.value.facts["given"]) == (reason, given_)


@pytest.mark.parametrize("text", ["", "{first_name}", "{{", "}}", "}", "a }:-) b", "{ Tier | none }", "&lt;{shop}&gt;"])
def test_what_is_right_passes(text: str) -> None:
    check(text)


braces = st.sampled_from(
    ["{", "}", "{{", "}}", "|", *(f"{{{name}}}" for name in NAMES), "{first_name|", "<", "&", "😀"]
)
typed = st.lists(st.one_of(braces, st.text(max_size=8)), max_size=20).map("".join)
people = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=NAME_MAX)


@given(typed)
def test_no_text_makes_it_raise(text: str) -> None:
    fill(text, ANA, ["first_name"])
    growth(text)
    with suppress(BroadcastRefused):
        check(text)


@given(
    typed, people, people, st.integers(-POINTS_MAX, POINTS_MAX), st.sampled_from(Tier), st.sampled_from([*LANGUAGES])
)
def test_nobodys_text_is_longer_than_promised(
    text: str, name: str, shop: str, points: int, tier: Tier, language: str
) -> None:
    html = escape(text, quote=False)
    said = filled(html, Reader(name, tier, points), shop[:SHOP_MAX], texts_for(language))
    assert length(said) <= length(html) + growth(html)


@given(people, typed)
def test_nobodys_name_is_markup(name: str, text: str) -> None:
    html = escape(text, quote=False)
    assert "<" not in fill(html, {"first_name": name, "shop": name})
    assert unescape(fill("{first_name}", {"first_name": name})) == unescape(escape(name, quote=False))


def test_the_club_has_no_longer_words_than_these() -> None:
    for language in LANGUAGES:
        texts = texts_for(language)
        assert all(length(names.tier(texts, tier)) <= LONGEST["tier"] for tier in Tier)
        assert length(texts.number(-POINTS_MAX)) <= LONGEST["points"]


def test_lengths_are_utf_16() -> None:
    assert length("<b>a😀</b>&amp;") == 4
    assert growth("{shop}") == 2 * SHOP_MAX - 6
    assert growth("{{x}}") == -2
    assert growth(f"{{points|{'x' * 100}}}") == 100 - 109
    assert placeholders.growth("{nothing}") == 0


@pytest.mark.parametrize(
    ("text", "is_personal"),
    [
        ("Hello", False),
        ("Hello {first_name}", True),
        ("At {shop}", False),
        ("{{points}}", False),
        ("{points|no}", True),
    ],
)
def test_a_text_is_personal_when_members_may_read_it_differently(text: str, is_personal: bool) -> None:
    assert placeholders.is_personal(text) == is_personal
