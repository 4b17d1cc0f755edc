from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.broadcasts import (
    CAPTION_MAX,
    TEXT_MAX,
    Broadcast,
    BroadcastState,
    Content,
    ContentButton,
    Leads,
    Wording,
    check_complete,
    check_length,
    clean_link,
    content_as_json,
    content_from_json,
    original_from_json,
    time_left,
    worded,
    wordings_as_json,
)
from loyalty.errors import BroadcastRefused
from loyalty.members import Tier
from loyalty.merchants import Post, Right, Role, may
from loyalty.segments import HasTier

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def broadcast(
    state: BroadcastState = BroadcastState.SENDING, *, text: str = "Hello", left_then: int = 50_000
) -> Broadcast:
    return Broadcast(
        id=1,
        merchant_id=1,
        author_id=1,
        state=state,
        content=Content("Bean Bar", {}, {"A": {"": Wording(text, len(text))}} if text else {}),
        created_at=NOON,
        measured_from=NOON,
        measured_left=left_then,
    )


@pytest.mark.parametrize(("role", "allowed"), [(Role.OWNER, True), (Role.MARKETER, True), (Role.CASHIER, False)])
def test_owners_and_marketers_speak_for_their_own_shop_only(role: Role, allowed: bool) -> None:
    assert may([Post(1, "Bean Bar", role)], Right.BROADCAST, 1) is allowed
    assert not may([Post(2, "Other", role)], Right.BROADCAST, 1)


def test_one_of_several_roles_is_enough() -> None:
    assert may([Post(1, "Bean Bar", Role.CASHIER), Post(1, "Bean Bar", Role.MARKETER)], Right.BROADCAST, 1)


def test_lengths_are_refused_with_what_would_fit() -> None:
    check_length(TEXT_MAX, has_picture=False)
    check_length(CAPTION_MAX, has_picture=True)
    with pytest.raises(BroadcastRefused) as text:
        check_length(TEXT_MAX + 1, has_picture=False)
    assert (text.value.reason, text.value.facts["most"]) == ("too_long", TEXT_MAX)
    with pytest.raises(BroadcastRefused) as caption:
        check_length(CAPTION_MAX + 1, has_picture=True)
    assert (caption.value.reason, caption.value.facts["most"]) == ("too_long_for_picture", CAPTION_MAX)


@pytest.mark.parametrize(
    ("draft", "reason"),
    [(broadcast(BroadcastState.DRAFT, text=""), "empty"), (broadcast(BroadcastState.PAUSED), "not_draft")],
)
def test_only_a_draft_with_words_can_be_sent(draft: Broadcast, reason: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        check_complete(draft)
    assert refused.value.reason == reason


def test_time_left_follows_the_speed_since_it_began_or_was_resumed() -> None:
    assert time_left(broadcast(), 37_655, NOON + timedelta(seconds=411.5)) == timedelta(seconds=411.5) * (
        37_655 / 12_345
    )
    assert time_left(broadcast(left_then=1_000), 900, NOON + timedelta(seconds=10)) == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("state", "left", "seconds"),
    [
        (BroadcastState.SENDING, 50_000, 10),  # nothing was sent since
        (BroadcastState.SENDING, 49_999, 0.5),  # too short a time to tell
        (BroadcastState.SENDING, 0, 10),
        (BroadcastState.PAUSED, 100, 10),
    ],
)
def test_no_time_is_promised_without_a_measure(state: BroadcastState, left: int, seconds: float) -> None:
    assert time_left(broadcast(state), left, NOON + timedelta(seconds=seconds)) is None


@pytest.mark.parametrize(
    "given",
    ["", "bean.bar", "http://bean.bar", "ftp://bean.bar", "https://", "https://bean", "https://a b.c", "https://[::1",
     "https://bean.bar:x", "https://me:pw@bean.bar", "javascript:alert(1)", "https://bean.bar/" + "x" * 500,
     "https://bean.bar/\u202e"],
)  # fmt: skip
def test_only_whole_safe_addresses_are_taken(given: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        clean_link(given)
    assert refused.value.reason == "link"


def test_a_good_address_stays_as_it_is() -> None:
    for good in ("https://bean.bar", "https://bean.bar:8443/a?b=c&d=%20#e", "https://咖啡.com/菜单"):
        assert clean_link(f" {good}\n") == good


def test_a_wording_reckons_with_the_longest_name() -> None:
    assert worded("Dear {first_name}", 17).length == 17 - 12 + 128
    with pytest.raises(BroadcastRefused):
        worded("Dear {name}", 11)


def test_who_has_no_words_of_their_own_reads_the_first() -> None:
    content = Content("Bean Bar", {}).said("A", "", Wording("Hi", 2)).said("A", "zh-Hans", Wording("你好", 2))
    content = content.said("B", "", Wording("Hey", 3))
    assert content.wording("A", "zh-Hans").text == "你好"
    assert content.wording("A", "zh-Hant").text == "Hi"
    assert content.wording("B", "zh-Hans").text == "Hey"
    assert content.wording(None, "en").text == "Hi"
    assert (content.variants, content.next_variant) == ("AB", "C")
    assert content.unsaid("A", "zh-Hans").wording("A", "zh-Hans").text == "Hi"
    assert content.unsaid("B", "").variants == "A"
    assert content.unsaid("C", "zh-Hans").variants == "AB"


def test_what_is_kept_comes_back() -> None:
    content = replace(
        Content("Bean Bar", {"zh-Hans": {"name": "豆吧"}}, picture_id=3, original="en"),
        wordings={"A": {"": Wording("Hi", 2)}},
        buttons=(ContentButton("Go", Leads.REWARD, "7", {"zh-Hans": "去"}),),
    )
    assert replace(content_from_json(content_as_json(content)), original="en") == content
    assert original_from_json(wordings_as_json(content)) == "en"


def test_crowds_are_asked_about_twice() -> None:
    everybody = broadcast(BroadcastState.DRAFT)
    some = replace(everybody, segment=HasTier((Tier.GOLD,)))
    assert [everybody.asks_again(n) for n in (99, 100)] == [False, True]
    assert [some.asks_again(n) for n in (1_000, 1_001)] == [False, True]
