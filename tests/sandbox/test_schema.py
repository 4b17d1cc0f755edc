"""Strictness: nothing that the Bot API does not know is accepted silently."""

import json
from importlib.resources import files
from typing import Any

import pytest

from sandbox import ApiError, Telegram
from sandbox.methods import METHODS
from sandbox.model import Person
from sandbox.schema import load_schema
from sandbox.trim_schema import trim

BUTTON = {"text": "Go", "callback_data": "go"}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


def test_every_method_of_the_schema_is_there_and_no_other() -> None:
    api = json.loads(files("sandbox").joinpath("bot_api.json").read_text(encoding="utf-8"))
    assert set(api["methods"]) == set(METHODS)
    assert not set(api["not_implemented"]) & set(METHODS)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": "Hi", "colour": "red"}, 'unknown field "colour" (sendMessage has no such field)'),
        ({"text": 5}, "wrong type of text: String expected"),
        ({"text": "Hi", "disable_notification": "perhaps"}, "wrong type of disable_notification: Boolean"),
        ({"text": "Hi", "message_thread_id": "x"}, "wrong type of message_thread_id: Integer expected"),
        ({"text": "Hi", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
        ({"text": "Hi", "reply_markup": {"buttons": []}}, 'unknown field "buttons" in reply_markup'),
        (
            {"text": "Hi", "reply_markup": keyboard(**BUTTON, color="red")},
            'unknown field "color" in reply_markup.inline_keyboard[0][0] (InlineKeyboardButton',
        ),
        (
            {"text": "Hi", "reply_markup": keyboard(text="Go", callback_data=5)},
            "wrong type of reply_markup.inline_keyboard[0][0].callback_data: String expected",
        ),
        (
            {"text": "Hi", "reply_markup": {"inline_keyboard": [BUTTON]}},
            "wrong type of reply_markup.inline_keyboard[0]: Array expected",
        ),
        ({"text": "Hi", "reply_parameters": {"quote": "x"}}, 'field "message_id" of reply_parameters'),
        (
            {"text": "Hi", "link_preview_options": {"is_disabled": "true"}},
            "wrong type of link_preview_options.is_disabled: Boolean expected",
        ),
        ({}, "message text is empty"),
    ],
)
def test_what_is_refused(telegram: Telegram, ana: Person, params: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as caught:
        telegram.call("sendMessage", {"chat_id": ana.id, **params})
    assert caught.value.code == 400
    assert caught.value.description.startswith(f"Bad Request: {words}")


@pytest.mark.parametrize(
    ("button", "words"),
    [
        (
            {"text": "Go"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "Go", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "Go", "callback_data": "积" * 22}, "BUTTON_DATA_INVALID"),
        (
            {"text": "Go", "url": "http://localhost:8000"},
            "inline keyboard button URL 'http://localhost:8000' is invalid: Wrong HTTP URL",
        ),
        ({"text": "", "callback_data": "x"}, "can't parse inline keyboard button"),
        ({**BUTTON, "url": "x.com"}, "can't parse inline keyboard button: Exactly one of"),
        ({"text": "Go", "web_app": {"url": "http://x.com"}}, "inline keyboard button Web App URL"),
        ({"text": "Go", "pay": True}, "BUTTON_TYPE_INVALID"),
        ({**BUTTON, "style": "purple"}, "can't parse inline keyboard button: Invalid button style"),
        ({"text": "Go", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
    ],
)
def test_buttons_that_are_refused(telegram: Telegram, ana: Person, button: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as caught:
        telegram.call("sendMessage", {"chat_id": ana.id, "text": "Hi", "reply_markup": keyboard(**button)})
    assert caught.value.description.startswith(f"Bad Request: {words}")


def test_the_form_of_forms(telegram: Telegram, ana: Person) -> None:
    sent = telegram.call(
        "sendmessage",
        {
            "chat_id": str(ana.id),
            "text": "Hi",
            "protect_content": "True",
            "message_thread_id": None,
            "reply_markup": json.dumps(keyboard(**BUTTON)),
        },
    )
    assert sent["reply_markup"] == keyboard(**BUTTON)
    assert sent["has_protected_content"] is True


def test_methods_that_are_not_there(telegram: Telegram) -> None:
    with pytest.raises(ApiError) as unknown:
        telegram.call("sendTelepathy")
    assert (unknown.value.code, unknown.value.description) == (404, "Not Found: method not found")
    with pytest.raises(ApiError) as missing:
        telegram.call("sendDice", {"chat_id": 1})
    assert missing.value.code == 501
    assert "sendDice" in missing.value.description


def test_subtypes_are_told_apart_by_their_constant(telegram: Telegram, ana: Person) -> None:
    method = load_schema().method("setMyCommands")
    scope = {"type": "chat_member", "chat_id": -5, "user_id": 7}
    assert method.check({"commands": "[]", "scope": scope})["scope"] == scope
    with pytest.raises(ApiError, match='field "user_id" of scope'):
        method.check({"commands": [], "scope": {"type": "chat_member", "chat_id": -5}})
    with pytest.raises(ApiError, match="scope is none of BotCommandScopeDefault"):
        method.check({"commands": [], "scope": {"type": "everybody"}})


def test_a_file_that_nothing_attaches(telegram: Telegram, ana: Person) -> None:
    with pytest.raises(ApiError, match='unknown file "extra"'):
        telegram.call("sendMessage", {"chat_id": ana.id, "text": "Hi"}, {"extra": ("a.txt", b"a")})


def test_trimming_keeps_what_is_reachable() -> None:
    def field(name: str, *types: str, prose: str = "") -> dict[str, Any]:
        return {"name": name, "types": list(types), "required": True, "description": prose}

    full = {
        "version": "Bot API 0",
        "methods": {"sendA": {"fields": [field("a", "Array of A")]}, "sendB": {"fields": []}},
        "types": {
            "A": {"subtypes": ["A1"]},
            "A1": {"subtype_of": ["A"], "fields": [field("type", "String", prose="Kind, must be one")]},
            "Far": {"fields": []},
            "Update": {"fields": [field("update_id", "Integer"), field("thought", "Thought")]},
            "Thought": {"fields": [field("text", "String")]},
        },
    }
    trimmed = trim(full, {"sendA"})
    assert trimmed["methods"] == {"sendA": {"a": [["Array of A"], 1]}}
    assert trimmed["types"].keys() == {"A", "A1", "Update", "Thought"}
    assert trimmed["types"]["A1"]["constant"] == ["type", "one"]
    assert trimmed["not_implemented"] == ["sendB"]
