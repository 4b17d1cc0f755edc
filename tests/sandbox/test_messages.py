"""Sending, editing and deleting, with what Telegram says when it refuses."""

from typing import Any

import pytest

from sandbox import ApiError, Telegram
from sandbox.model import Person
from tests.sandbox.kit import picture

KEYBOARD = {"inline_keyboard": [[{"text": "Join", "callback_data": "join:1"}]]}


def refusal(telegram: Telegram, method: str, **params: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        telegram.call(method, params)
    return caught.value.code, caught.value.description


def test_a_person_and_the_bot_talk(telegram: Telegram) -> None:
    bo = telegram.people.add_person("Bo", language_code="zh-hans")
    said = telegram.people.say(bo.id, "/start ref_1")

    (update,) = telegram.call("getUpdates")
    assert update["message"] == said
    assert update["message"]["from"] == {
        "id": bo.id,
        "is_bot": False,
        "first_name": "Bo",
        "language_code": "zh-hans",
    }
    assert said["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]

    sent = telegram.call("sendMessage", {"chat_id": bo.id, "text": "Hi", "reply_markup": KEYBOARD})
    assert sent["message_id"] == said["message_id"] + 1
    assert sent["chat"] == {"id": bo.id, "type": "private", "first_name": "Bo"}
    assert sent["reply_markup"] == KEYBOARD


def test_who_cannot_be_written_to(telegram: Telegram, ana: Person) -> None:
    silent = telegram.people.add_person("Silent")
    gone = telegram.people.add_person("Gone")
    telegram.people.deactivate(gone.id)
    telegram.people.block(ana.id)

    def send(chat_id: int | str) -> tuple[int, str]:
        return refusal(telegram, "sendMessage", chat_id=chat_id, text="Hi")

    assert send(1) == (400, "Bad Request: chat not found")
    assert send("@nobody") == (400, "Bad Request: chat not found")
    assert send(silent.id) == (403, "Forbidden: bot can't initiate conversation with a user")
    assert send(gone.id) == (403, "Forbidden: user is deactivated")
    assert send(ana.id) == (403, "Forbidden: bot was blocked by the user")

    telegram.people.unblock(ana.id)
    assert telegram.call("sendMessage", {"chat_id": str(ana.id), "text": "Welcome back"})
    kinds = [next(iter(update.keys() - {"update_id"})) for update in telegram.call("getUpdates")]
    assert kinds == ["my_chat_member", "my_chat_member"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        (" \n", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
def test_texts_are_measured_in_utf16_units(telegram: Telegram, ana: Person, text: str, words: str) -> None:
    assert refusal(telegram, "sendMessage", chat_id=ana.id, text=text) == (400, f"Bad Request: {words}")


def test_markup_does_not_count_towards_the_length(telegram: Telegram, ana: Person) -> None:
    text = f"<b>{'😀' * 2048}</b>"
    sent = telegram.call("sendMessage", {"chat_id": ana.id, "text": text, "parse_mode": "HTML"})
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


def test_captions_are_shorter(telegram: Telegram, ana: Person) -> None:
    photo = {"photo": ("a.png", picture())}
    with pytest.raises(ApiError, match="message caption is too long"):
        telegram.call("sendPhoto", {"chat_id": ana.id, "caption": "x" * 1025}, photo)
    assert telegram.call("sendPhoto", {"chat_id": ana.id, "caption": "x" * 1024}, photo)["caption"] == "x" * 1024


def test_edits(telegram: Telegram, ana: Person) -> None:
    sent = telegram.call("sendMessage", {"chat_id": ana.id, "text": "One", "reply_markup": KEYBOARD})
    at = {"chat_id": ana.id, "message_id": sent["message_id"]}

    assert refusal(telegram, "editMessageText", **at, text="One", reply_markup=KEYBOARD) == (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message",
    )
    edited = telegram.call("editMessageText", {**at, "text": "Two"})
    assert edited["text"] == "Two"
    assert "reply_markup" not in edited
    assert edited["edit_date"] == edited["date"]
    assert sent["text"] == "One", "what was handed out is never changed"
    with_keyboard = telegram.call("editMessageReplyMarkup", {**at, "reply_markup": KEYBOARD})
    assert with_keyboard["reply_markup"] == KEYBOARD


def test_edits_that_cannot_be(telegram: Telegram, ana: Person) -> None:
    theirs = telegram.people.say(ana.id, "Mine")
    photo = telegram.call("sendPhoto", {"chat_id": ana.id}, {"photo": ("a.png", picture())})
    text = telegram.call("sendMessage", {"chat_id": ana.id, "text": "One"})

    def edit(method: str, message_id: int, **params: Any) -> str:
        return refusal(telegram, method, chat_id=ana.id, message_id=message_id, **params)[1]

    assert edit("editMessageText", 999, text="x") == "Bad Request: message to edit not found"
    mine = edit("editMessageText", theirs["message_id"], text="x")
    assert mine == "Bad Request: message can't be edited"
    assert (
        edit("editMessageText", photo["message_id"], text="x") == "Bad Request: there is no text in the message to edit"
    )
    assert (
        edit("editMessageCaption", text["message_id"], caption="x")
        == "Bad Request: there is no caption in the message to edit"
    )
    inline = refusal(telegram, "editMessageText", inline_message_id="none", text="x")
    assert inline == (400, "Bad Request: MESSAGE_ID_INVALID")


def test_a_text_becomes_a_photo_and_the_caption_changes(telegram: Telegram, ana: Person) -> None:
    sent = telegram.call("sendMessage", {"chat_id": ana.id, "text": "One"})
    at = {"chat_id": ana.id, "message_id": sent["message_id"]}
    media = {"type": "photo", "media": "attach://p", "caption": "A <b>card</b>", "parse_mode": "HTML"}
    edited = telegram.call("editMessageMedia", {**at, "media": media}, {"p": ("a.png", picture())})
    assert "text" not in edited
    assert edited["caption_entities"] == [{"type": "bold", "offset": 2, "length": 4}]
    assert telegram.call("editMessageCaption", {**at, "caption": "Other"})["caption"] == "Other"


def test_deleting(telegram: Telegram, ana: Person) -> None:
    ids = [telegram.call("sendMessage", {"chat_id": ana.id, "text": f"{i}"})["message_id"] for i in range(3)]
    gone = {"chat_id": ana.id, "message_id": ids[0]}
    assert telegram.call("deleteMessage", gone) is True
    assert refusal(telegram, "deleteMessage", **gone) == (400, "Bad Request: message to delete not found")
    assert telegram.call("deleteMessages", {"chat_id": ana.id, "message_ids": ids}) is True
    assert telegram.state()["chats"][0]["messages"][-1]["text"] == "/start"


def test_old_messages_stay(telegram: Telegram, ana: Person) -> None:
    sent = telegram.call("sendMessage", {"chat_id": ana.id, "text": "One"})
    telegram.advance(48 * 3600 + 1)
    old = refusal(telegram, "deleteMessage", chat_id=ana.id, message_id=sent["message_id"])
    assert old == (400, "Bad Request: message can't be deleted for everyone")


def test_photos_are_measured_and_reused(telegram: Telegram, ana: Person) -> None:
    sent = telegram.call("sendPhoto", {"chat_id": ana.id}, {"photo": ("a.jpg", picture(1280, 640, "JPEG"))})
    small, large = sent["photo"]
    assert (small["width"], small["height"]) == (320, 160)
    assert (large["width"], large["height"]) == (1280, 640)

    again = telegram.call("sendPhoto", {"chat_id": ana.id, "photo": large["file_id"]})
    assert again["photo"] == sent["photo"]
    assert telegram.call("getFile", {"file_id": large["file_id"]})["file_path"].startswith("photos/file_")

    assert refusal(telegram, "sendPhoto", chat_id=ana.id, photo="nothing")[1] == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert refusal(telegram, "sendDocument", chat_id=ana.id, document=large["file_id"])[1] == (
        "Bad Request: can't use file of type Photo as Document"
    )
    with pytest.raises(ApiError, match="IMAGE_PROCESS_FAILED"):
        telegram.call("sendPhoto", {"chat_id": ana.id}, {"photo": ("a.jpg", b"no picture")})


def test_albums(telegram: Telegram, ana: Person) -> None:
    files = {"one": ("1.png", picture()), "two": ("2.png", picture())}
    media = [
        {"type": "photo", "media": "attach://one", "caption": "Menu"},
        {"type": "photo", "media": "attach://two"},
    ]
    first, second = telegram.call("sendMediaGroup", {"chat_id": ana.id, "media": media}, files)
    assert first["media_group_id"] == second["media_group_id"]
    assert first["caption"] == "Menu"

    documents = {"type": "document", "media": "attach://two"}
    with pytest.raises(ApiError, match="Can't use the media of the specified type in the album"):
        telegram.call("sendMediaGroup", {"chat_id": ana.id, "media": [media[0], documents]}, files)


def test_copies_and_forwards(telegram: Telegram, ana: Person) -> None:
    said = telegram.people.say(ana.id, "Look: https://example.com")
    source = {"chat_id": ana.id, "from_chat_id": ana.id, "message_id": said["message_id"]}
    copy = telegram.call("copyMessage", source)
    assert copy.keys() == {"message_id"}
    forward = telegram.call("forwardMessage", source)
    assert forward["forward_origin"]["sender_user"]["id"] == ana.id
    assert forward["entities"] == said["entities"]


def test_replies(telegram: Telegram, ana: Person) -> None:
    said = telegram.people.say(ana.id, "Question")
    reply = {"message_id": said["message_id"]}
    answer = telegram.call("sendMessage", {"chat_id": ana.id, "text": "Yes", "reply_parameters": reply})
    assert answer["reply_to_message"]["text"] == "Question"

    lost = {"message_id": 999}
    assert refusal(telegram, "sendMessage", chat_id=ana.id, text="Yes", reply_parameters=lost)[1] == (
        "Bad Request: message to be replied not found"
    )
    lost["allow_sending_without_reply"] = True
    assert telegram.call("sendMessage", {"chat_id": ana.id, "text": "Yes", "reply_parameters": lost})


def test_a_reply_keyboard_is_seen_by_people_and_is_no_part_of_the_message(telegram: Telegram, ana: Person) -> None:
    keyboard = {"keyboard": [[{"text": "Share my number", "request_contact": True}]]}
    sent = telegram.call("sendMessage", {"chat_id": ana.id, "text": "Number?", "reply_markup": keyboard})
    assert "reply_markup" not in sent
    assert telegram.state()["chats"][0]["messages"][-1]["reply_markup"] == keyboard


def test_the_book_of_calls(telegram: Telegram, ana: Person) -> None:
    before = telegram.calls.last
    telegram.call("sendMessage", {"chat_id": ana.id, "text": "Hi"})
    with pytest.raises(ApiError):
        telegram.call("sendMessage", {"chat_id": 1, "text": "Hi"})
    good, bad = telegram.calls.after(before)
    assert (good["ok"], good["result"]["text"]) == (True, "Hi")
    assert (bad["ok"], bad["error_code"], bad["description"]) == (False, 400, "Bad Request: chat not found")
    assert telegram.calls.after(before, "getUpdates") == []
