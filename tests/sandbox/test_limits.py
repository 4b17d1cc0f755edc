"""Telegram's limits, by the box's clock."""

import pytest

from sandbox import ApiError, LimitSettings, Telegram
from sandbox.limits import Window


def retry_after(telegram: Telegram, chat_id: int) -> int:
    with pytest.raises(ApiError) as caught:
        telegram.call("sendMessage", {"chat_id": chat_id, "text": "Hi"})
    assert caught.value.code == 429
    seconds = (caught.value.parameters or {})["retry_after"]
    assert caught.value.description == f"Too Many Requests: retry after {seconds}"
    assert isinstance(seconds, int)
    return seconds


def started(telegram: Telegram, count: int) -> list[int]:
    ids = [telegram.people.add_person(f"Person {i}").id for i in range(count)]
    for user_id in ids:
        telegram.people.say(user_id, "/start")
    return ids


def test_thirty_a_second_over_all_chats(limited: Telegram) -> None:
    people = started(limited, 31)
    for user_id in people[:30]:
        limited.call("sendMessage", {"chat_id": user_id, "text": "Hi"})
    assert retry_after(limited, people[30]) == 1
    limited.advance(1)
    assert limited.call("sendMessage", {"chat_id": people[30], "text": "Hi"})


def test_one_a_second_in_a_chat_with_short_bursts(limited: Telegram) -> None:
    (ana,) = started(limited, 1)
    for _ in range(3):
        limited.call("sendMessage", {"chat_id": ana, "text": "Hi"})
    assert retry_after(limited, ana) == 3
    limited.advance(2)
    assert retry_after(limited, ana) == 1
    limited.advance(1)
    assert limited.call("sendMessage", {"chat_id": ana, "text": "Hi"})


def test_twenty_a_minute_in_a_group_and_edits_count(limited: Telegram) -> None:
    (ana,) = started(limited, 1)
    group = limited.groups.create("Friends", [ana])
    sent = limited.call("sendMessage", {"chat_id": group.id, "text": "0"})
    for i in range(1, 20):
        limited.advance(1)
        edit = {"chat_id": group.id, "message_id": sent["message_id"], "text": f"{i}"}
        limited.call("editMessageText", edit)
    assert retry_after(limited, group.id) == 41
    limited.advance(41)
    assert limited.call("sendMessage", {"chat_id": group.id, "text": "Hi"})


def test_refused_calls_take_nothing_from_the_limits(limited: Telegram) -> None:
    (ana,) = started(limited, 1)
    for _ in range(3):
        limited.call("sendMessage", {"chat_id": ana, "text": "Hi"})
    for _ in range(50):
        retry_after(limited, ana)
    limited.advance(3)
    assert limited.call("sendMessage", {"chat_id": ana, "text": "Hi"})


def test_answers_to_taps_are_not_limited(limited: Telegram) -> None:
    (ana,) = started(limited, 1)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = limited.call("sendMessage", {"chat_id": ana, "text": "Hi", "reply_markup": keyboard})
    for _ in range(50):
        tap = limited.people.tap(ana, sent["message_id"], data="go")
        assert tap.query is not None
        assert limited.call("answerCallbackQuery", {"callback_query_id": tap.query.id}) is True


def test_paid_broadcasts_are_faster(limited: Telegram) -> None:
    for user_id in started(limited, 100):
        limited.call("sendMessage", {"chat_id": user_id, "text": "Hi", "allow_paid_broadcast": True})


def test_injected_floods_hit_so_often_and_only_there(limited: Telegram) -> None:
    limited.limits.apply(LimitSettings(enabled=False))
    ana, bo = started(limited, 2)
    limited.limits.flood(17, times=2, chat_id=ana)
    assert limited.call("sendMessage", {"chat_id": bo, "text": "Hi"})
    assert [retry_after(limited, ana) for _ in range(2)] == [17, 17]
    assert limited.call("sendMessage", {"chat_id": ana, "text": "Hi"})


def test_an_album_counts_as_many_and_fits_an_empty_window() -> None:
    window = Window(3, 3.0)
    assert window.wait(0.0, 10) == 0
    window.add(0.0, 10)
    assert window.wait(2.0) == 1.0
    assert window.wait(3.0) == 0
