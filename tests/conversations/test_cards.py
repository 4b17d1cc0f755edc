"""The member card: what it says, how its code changes, and the phone number by which a shop finds people."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from handlers.pictures.cards import METALS, member_card
from loyalty.codes import ALPHABET
from tests.kit.chat import Chat, Person, labels, said

CODE = re.compile(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


def code_on(message: dict[str, object]) -> str:
    found = CODE.search(said(message))
    assert found is not None, said(message)
    return found[0]


async def ana_with_card(chat: Chat, language: str = "en") -> tuple[Person, str]:
    ana = chat.member("Ana Silva", language=language)
    await ana.says("/start")
    return ana, code_on(await ana.says("/card"))


def below_the_text_field(chat: Chat, person: Person) -> dict[str, object]:
    """The last that was said about the keys there."""
    kinds = ("keyboard", "remove_keyboard")
    markups = [message.get("reply_markup", {}) for message in chat.messages(person.id)]
    shown: dict[str, object] = [markup for markup in markups if any(kind in markup for kind in kinds)][-1]
    return shown


async def test_the_card_has_a_picture_and_one_code_that_stays(chat: Chat) -> None:
    ana, code = await ana_with_card(chat)
    card = ana.sees(f"The code of your card: {code}", "Show this card before you pay.")
    assert card["photo"]
    assert labels(card) == ["New code", "My phone number", "Home"]
    assert code.replace("-", "") != (await ana.member()).code, "the code that invites friends is public"
    await ana.says("/start")
    await ana.taps("My card")
    ana.sees(code)
    bo = chat.member("Bo")
    await bo.says("/start")
    assert code_on(await bo.says("/card")) != code


async def test_a_new_code_is_asked_for_and_made_once(chat: Chat) -> None:
    ana, code = await ana_with_card(chat)
    asked = await ana.taps("New code")
    ana.sees(f"Replace the code {code} by a new one?", "The old code stops working at once")
    await ana.taps("Keep it")
    ana.sees(code)
    await ana.taps("New code", on=asked, times=2)
    fresh = code_on(ana.sees("This is your new card. The old code does not work any more."))
    assert fresh != code
    assert (await ana.member()).card_code == fresh.replace("-", "")
    # The button of the old question knows a code that is no more.
    await ana.taps("New code", on=asked)
    assert code_on(ana.sees("The code of your card")) == fresh


async def test_a_made_up_button_changes_nothing(chat: Chat) -> None:
    ana, code = await ana_with_card(chat)
    for data in ("newcode:", "newcode:x", "newcode:" + "A" * 9, "newcard:ÄÖ", "newcode:AAAAAAAA"):
        await ana.taps_data(data)
    assert (await ana.member()).card_code == code.replace("-", "")


async def test_a_number_is_shared_by_its_key_changed_and_removed(chat: Chat) -> None:
    ana, _ = await ana_with_card(chat)
    await ana.taps("My phone number")
    ana.sees("The club does not know your phone number.", "by its last 4 digits")
    await ana.taps("Share my number")
    ana.has_seen("Tap “Share my number” below the text field.")
    ana.sees("Only your own number can be shared here.")
    await ana.sends("contact", "49 170 1234567", "Ana", contact_user_id=ana.id)
    ana.has_seen("Noted. Thank you.")
    shown = ana.sees("Your number: +491701234567.")
    assert (await ana.member()).phone == "+491701234567"
    assert labels(shown) == ["Remove my number", "Change my number", "My card", "Home"]
    await ana.taps("Change my number")
    await ana.sends("contact", "+886 912 345 678", "Ana", contact_user_id=ana.id)
    ana.sees("Your number: +886912345678.")
    await ana.taps("Remove my number", times=2)
    ana.sees("The club does not know your phone number.")
    assert (await ana.member()).phone is None


async def test_only_the_own_number_is_taken_and_the_form_stays_open(chat: Chat) -> None:
    ana, _ = await ana_with_card(chat)
    bo = chat.member("Bo")
    await ana.taps("My phone number")
    await ana.taps("Share my number")
    for wrong in (
        await ana.says("+49 170 1234567"),
        await ana.sends("contact", "+491701234567", "Bo", contact_user_id=bo.id),
        await ana.sends("contact", "+491701234567", "A friend without Telegram"),
        await ana.sends("sticker"),
    ):
        ana.sees("I take your own number only, and only by the button")
        assert labels(wrong) == ["Cancel"]
    for number in ("123", "+0049", "1" * 16):
        await ana.sends("contact", number, "Ana", contact_user_id=ana.id)
        ana.sees("That is no phone number with its country code.")
    assert (await ana.member()).phone is None
    await ana.sends("contact", "+491701234567", "Ana", contact_user_id=ana.id)
    assert (await ana.member()).phone == "+491701234567"


async def test_cancel_leaves_the_form(chat: Chat) -> None:
    ana, _ = await ana_with_card(chat)
    await ana.taps("My phone number")
    await ana.taps("Share my number")
    await ana.taps("Cancel", on=ana.has_seen("Tap “Share my number”"), times=2)
    ana.has_seen("Nothing was changed.")
    ana.has_seen("The club does not know your phone number.")
    await ana.sends("contact", "+491701234567", "Ana", contact_user_id=ana.id)
    assert (await ana.member()).phone is None


async def test_the_key_goes_when_the_form_is_over(chat: Chat) -> None:
    ana, _ = await ana_with_card(chat)
    await ana.taps("My phone number")
    await ana.taps("Share my number")
    key = {"text": "Share my number", "request_contact": True}
    assert below_the_text_field(chat, ana)["keyboard"] == [[key]]
    await ana.sends("contact", "+491701234567", "Ana", contact_user_id=ana.id)
    assert below_the_text_field(chat, ana) == {"remove_keyboard": True}
    await ana.taps("Change my number")
    assert "keyboard" in below_the_text_field(chat, ana)
    await ana.taps("Cancel", on=ana.has_seen("Tap “Share my number”"))
    assert below_the_text_field(chat, ana) == {"remove_keyboard": True}


async def test_privacy_tells_what_shops_see_of_a_number(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.says("/privacy")
    await ana.taps("Who sees what")
    ana.sees("once you show your card or your phone's last 4 digits", "It never sees your phone number")


@pytest.mark.parametrize(
    ("language", "card", "ask", "keep"),
    [("zh-hans", "会员卡号：", "换新卡号", "换成新的吗？"), ("zh-hant", "會員卡號：", "換新卡號", "換成新的嗎？")],
)
async def test_the_card_in_chinese(chat: Chat, language: str, card: str, ask: str, keep: str) -> None:
    ana, code = await ana_with_card(chat, language)
    ana.sees(f"{card}{code}")
    await ana.taps(ask)
    ana.sees(code, keep)
    await ana.taps(ask)
    ana.sees(card)
    assert code not in said(ana.sees(card))


@pytest.mark.parametrize("name", ["Ana", "王小明", "👑", "", "Maximiliane von Hohenlohe-Schillingsfürst zu Langenburg"])
def test_a_card_of_any_name_is_a_picture_of_its_size(name: str) -> None:
    for tier, metal in METALS.items():
        drawn = member_card("https://t.me/perkchat_bot?start=c_7F3K9QWE", "Perkchat", name, tier, metal, "7F3K-9QWE")
        assert Image.open(BytesIO(drawn)).size == (800, 1000)


async def test_a_made_up_button_for_a_new_code_makes_the_first_one(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps_data("newcode:ABCD2345")
    first = code_on(ana.sees("The code of your card:"))
    await ana.taps_data("newcode:ABCD2345")
    assert code_on(ana.sees("The code of your card:")) == first, "a wrong code replaces nothing"
