"""Taps, inline mode, links, payments, and the questions that grow too old."""

from typing import Any

import pytest

from sandbox import ActError, ApiError, NotThere, Telegram
from sandbox.model import Json, Person
from tests.sandbox.kit import ARTICLE, picture, updates

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def with_buttons(telegram: Telegram, chat_id: int, *buttons: Json) -> int:
    params = {"chat_id": chat_id, "text": "Choose", "reply_markup": {"inline_keyboard": [list(buttons)]}}
    number: int = telegram.call("sendMessage", params)["message_id"]
    return number


def test_a_tap_asks_the_bot(telegram: Telegram, ana: Person) -> None:
    number = with_buttons(telegram, ana.id, {"text": "Join", "callback_data": "join:1"})
    seen: list[Json] = []
    telegram.events.watch(seen.append)
    tap = telegram.people.tap(ana.id, number, text="Join")
    assert tap.query is not None
    (update,) = updates(telegram)
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"]) == ("join:1", ana.id)
    assert query["message"]["message_id"] == number

    answer = {"callback_query_id": query["id"], "text": "You are in", "show_alert": True}
    assert telegram.call("answerCallbackQuery", answer) is True
    assert tap.query.answer is not None
    assert tap.query.answer.show_alert
    toasts = [event for event in seen if event["type"] == "toast"]
    assert [(toast["user_id"], toast["text"]) for toast in toasts] == [(ana.id, "You are in")]


def test_taps_that_cannot_be(telegram: Telegram, ana: Person) -> None:
    number = with_buttons(telegram, ana.id, {"text": "Join", "callback_data": "join"})
    with pytest.raises(NotThere, match="no button 'Leave'"):
        telegram.people.tap(ana.id, number, text="Leave")
    with pytest.raises(NotThere, match="no message 999"):
        telegram.people.tap(ana.id, 999, text="Join")
    bo = telegram.people.add_person("Bo")
    with pytest.raises(NotThere):
        telegram.people.tap(bo.id, number, text="Join")


@pytest.mark.parametrize(
    ("button", "opened"),
    [
        ({"url": "https://x.com/a"}, {"url": "https://x.com/a"}),
        ({"switch_inline_query": "tea"}, {"switch_inline_query": "tea"}),
        ({"switch_inline_query_current_chat": ""}, {"switch_inline_query_current_chat": ""}),
        ({"copy_text": {"text": "CODE"}}, {"copy_text": {"text": "CODE"}}),
    ],
)
def test_buttons_that_the_client_handles(telegram: Telegram, ana: Person, button: Json, opened: Json) -> None:
    number = with_buttons(telegram, ana.id, {"text": "Go", **button})
    assert telegram.people.tap(ana.id, number, text="Go").opened == opened
    assert updates(telegram) == []


def test_callback_queries_grow_too_old(telegram: Telegram, ana: Person) -> None:
    number = with_buttons(telegram, ana.id, {"text": "Join", "callback_data": "join"})
    tap = telegram.people.tap(ana.id, number, data="join")
    assert tap.query is not None
    telegram.advance(151)
    for query_id in (tap.query.id, "999999"):
        with pytest.raises(ApiError) as caught:
            telegram.call("answerCallbackQuery", {"callback_query_id": query_id})
        assert caught.value.description == TOO_OLD


def test_an_inline_result_goes_into_a_group_without_the_bot(telegram: Telegram, ana: Person) -> None:
    bo = telegram.people.add_person("Bo")
    group = telegram.groups.create("Friends", [ana.id, bo.id], with_bot=False)
    asked = telegram.people.inline_query(ana.id, "tea", chat_id=group.id)
    (update,) = updates(telegram)
    assert (update["inline_query"]["query"], update["inline_query"]["chat_type"]) == ("tea", "group")
    telegram.call("answerInlineQuery", {"inline_query_id": asked.id, "results": [ARTICLE], "next_offset": "5"})
    assert asked.answer is not None
    assert asked.answer.next_offset == "5"

    message = telegram.people.choose_inline(ana.id, asked.id, "1", chat_id=group.id)
    assert (message["from"]["id"], message["via_bot"]["id"]) == (ana.id, 42)
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    (update,) = updates(telegram)
    inline_id = update["chosen_inline_result"]["inline_message_id"]

    telegram.people.tap(bo.id, message["message_id"], text="Join", chat_id=group.id)
    (update,) = updates(telegram)
    assert update["callback_query"]["inline_message_id"] == inline_id
    assert "message" not in update["callback_query"]
    edit = {"inline_message_id": inline_id, "text": "Full"}
    assert telegram.call("editMessageText", edit) is True
    assert group.messages[message["message_id"]]["text"] == "Full"
    with pytest.raises(ApiError, match="message is not modified"):
        telegram.call("editMessageText", edit)


def test_inline_pictures_by_link_and_by_file(telegram: Telegram, ana: Person) -> None:
    photo = telegram.call("sendPhoto", {"chat_id": ana.id}, {"photo": ("a.png", picture())})
    results = [
        {"type": "photo", "id": "f", "photo_file_id": photo["photo"][-1]["file_id"], "caption": "Mine"},
        {
            "type": "photo",
            "id": "u",
            "photo_url": "https://x.com/a.jpg",
            "thumbnail_url": "https://x.com/t.jpg",
        },
    ]
    asked = telegram.people.inline_query(ana.id, "")
    telegram.call("answerInlineQuery", {"inline_query_id": asked.id, "results": results})
    by_file = telegram.people.choose_inline(ana.id, asked.id, "f")
    assert (by_file["photo"], by_file["caption"]) == (photo["photo"], "Mine")
    assert telegram.people.choose_inline(ana.id, asked.id, "u")["photo"]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([ARTICLE, ARTICLE], "RESULT_ID_DUPLICATE"),
        ([{**ARTICLE, "id": ""}], "RESULT_ID_INVALID"),
        ([{**ARTICLE, "id": str(i)} for i in range(51)], "RESULTS_TOO_MUCH"),
        ([{**ARTICLE, "colour": "red"}], 'unknown field "colour"'),
        (
            [{**ARTICLE, "input_message_content": {"message_text": "<b>", "parse_mode": "HTML"}}],
            "can't parse entities",
        ),
    ],
)
def test_inline_answers_that_are_refused(telegram: Telegram, ana: Person, results: list[Any], words: str) -> None:
    asked = telegram.people.inline_query(ana.id, "tea")
    with pytest.raises(ApiError, match=words):
        telegram.call("answerInlineQuery", {"inline_query_id": asked.id, "results": results})


def test_links_to_the_bot(telegram: Telegram) -> None:
    bo = telegram.people.add_person("Bo")
    said = telegram.people.open_link(bo.id, "https://t.me/Perkchat_Bot?start=ref_1")
    assert said["text"] == "/start ref_1"
    telegram.people.block(bo.id)
    with pytest.raises(ActError, match="blocked the bot"):
        telegram.people.say(bo.id, "Hi")
    assert telegram.people.open_link(bo.id, "t.me/perkchat_bot")["text"] == "/start"
    for wrong in ("https://t.me/other_bot?start=x", "https://t.me/perkchat_bot?start=" + "x" * 65):
        with pytest.raises(ActError):
            telegram.people.open_link(bo.id, wrong)
    with pytest.raises(ActError, match="64 characters"):
        telegram.people.open_link(bo.id, "https://t.me/perkchat_bot?start=a.b")


def test_paying(telegram: Telegram, ana: Person) -> None:
    invoice = {
        "chat_id": ana.id,
        "title": "Gift",
        "description": "A gift card",
        "payload": "gift:1",
        "currency": "XTR",
        "prices": [{"label": "Gift", "amount": 50}],
    }
    message = telegram.call("sendInvoice", invoice)
    assert message["reply_markup"]["inline_keyboard"][0][0]["pay"] is True

    tap = telegram.people.tap(ana.id, message["message_id"], text="Pay ⭐50")
    refused = tap.checkout
    assert refused is not None
    query = updates(telegram)[0]["pre_checkout_query"]
    assert (query["invoice_payload"], query["total_amount"]) == ("gift:1", 50)
    answer = {"pre_checkout_query_id": refused.id, "ok": False, "error_message": "Sold out"}
    telegram.call("answerPreCheckoutQuery", answer)
    assert refused.answer is not None
    assert refused.answer.error_message == "Sold out"

    late = telegram.people.pay(ana.id, message["message_id"])
    telegram.advance(11)
    with pytest.raises(ApiError, match="query is too old"):
        telegram.call("answerPreCheckoutQuery", {"pre_checkout_query_id": late.id, "ok": True})

    paid = telegram.people.pay(ana.id, message["message_id"])
    updates(telegram)
    telegram.call("answerPreCheckoutQuery", {"pre_checkout_query_id": paid.id, "ok": True})
    payment = updates(telegram)[0]["message"]["successful_payment"]
    refund = {"user_id": ana.id, "telegram_payment_charge_id": payment["telegram_payment_charge_id"]}
    assert telegram.call("refundStarPayment", refund) is True
    assert updates(telegram)[0]["message"]["refunded_payment"]["invoice_payload"] == "gift:1"

    with pytest.raises(ApiError, match="Telegram Stars only"):
        telegram.call("sendInvoice", {**invoice, "currency": "EUR"})


def test_people_send_more_than_texts(telegram: Telegram, ana: Person) -> None:
    people = telegram.people
    assert people.send_photo(ana.id, picture(), caption="/pay")["caption_entities"][0]["type"] == "bot_command"
    assert people.send_document(ana.id, "a.pdf", b"%PDF")["document"]["mime_type"] == "application/pdf"
    assert people.send_sticker(ana.id, emoji="🎉")["sticker"]["emoji"] == "🎉"
    assert people.send_voice(ana.id, duration=3)["voice"]["duration"] == 3
    assert people.send_location(ana.id, 31.2, 121.5)["location"]["latitude"] == 31.2
    contact = people.send_contact(ana.id, "+861380013", "Ana", contact_user_id=ana.id)
    assert contact["contact"]["user_id"] == ana.id
    assert len(updates(telegram)) == 6
    with pytest.raises(ActError, match="IMAGE_PROCESS_FAILED"):
        people.send_photo(ana.id, b"no picture")


def test_people_edit_their_texts(telegram: Telegram, ana: Person) -> None:
    said = telegram.people.say(ana.id, "One")
    theirs = telegram.call("sendMessage", {"chat_id": ana.id, "text": "Hi"})
    telegram.people.edit(ana.id, said["message_id"], "Two")
    assert updates(telegram)[-1]["edited_message"]["text"] == "Two"
    with pytest.raises(ActError, match="only own texts"):
        telegram.people.edit(ana.id, theirs["message_id"], "Three")


def test_settings_of_a_client(telegram: Telegram, ana: Person) -> None:
    telegram.people.change(ana.id, language_code="zh-hans", last_name="Kim")
    user = telegram.people.say(ana.id, "Hi")["from"]
    assert (user["language_code"], user["last_name"]) == ("zh-hans", "Kim")
    with pytest.raises(ActError, match="no birthday"):
        telegram.people.change(ana.id, birthday="today")
