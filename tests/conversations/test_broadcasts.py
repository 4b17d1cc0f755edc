from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete

from loyalty.broadcasts import CAPTION_MAX, TEXT_MAX
from loyalty.members import Topic
from loyalty.merchants import Role
from storage.merchants import staff
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.pictures import photo

WORDS = "Fresh croissants until noon"

NOT_STAFF = "That is for the staff of this shop. If you should be one of them, its owner can invite you."


async def open_shop(chat: Chat, name: str = "Bean Bar") -> int:
    return (await chat.run(chat.club.shops.add, name, key=f"test:{name}", actor="test")).merchant.id


async def appoint(chat: Chat, person: Person, merchant_id: int, role: Role = Role.OWNER) -> None:
    member = await person.member()

    def appointed() -> None:
        with chat.app.units() as uow:
            uow.merchants.appoint(merchant_id, member.id, role, chat.clock())
            uow.commit()

    await chat.run(appointed)


async def dismiss(chat: Chat, person: Person) -> None:
    member = await person.member()

    with chat.app.database.engine.begin() as connection:
        connection.execute(delete(staff).where(staff.c.member_id == member.id))


async def agree(chat: Chat, *people: Person) -> None:
    for person in people:
        member = await person.member()
        await chat.run(chat.club.members.consent, member, Topic.OFFERS, True, "Yes, send me offers")


async def club_of(chat: Chat, *names: str) -> list[Person]:
    people = chat.members(*names)
    for person in people:
        await person.says("/start")
    return people


async def owner_of(chat: Chat, name: str = "Bean Bar") -> Person:
    (owner,) = await club_of(chat, "Olive")
    await appoint(chat, owner, await open_shop(chat, name))
    return owner


async def composes(owner: Person, words: str = WORDS) -> Message:
    await owner.says("/broadcast")
    return await owner.says(words)


async def sends(owner: Person, words: str = WORDS) -> Message:
    await composes(owner, words)
    await owner.taps("Send to")
    progress = await owner.taps("Yes, send")
    return await owner.taps("Yes, to all") if "Yes, to all" in "".join(labels(progress)) else progress


def calls(chat: Chat, method: str, person: Person, after: int = 0) -> list[dict[str, Any]]:
    """What the sandbox was really asked to do in a person's chat, successfully."""
    return [
        call
        for call in chat.telegram.calls.after(after, method)
        if call["ok"] and str(call["params"]["chat_id"]) == str(person.id)
    ]


async def test_those_who_agreed_get_it_and_the_owner_a_report(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo, cy = await club_of(chat, "Ana", "Bo", "Cy")
    await agree(chat, ana, bo)
    await owner.says("/broadcast")
    owner.sees("What do you want to tell the customers of Bean Bar?")
    await owner.says(WORDS)
    owner.has_seen(f"Bean Bar\n\n{WORDS}")
    card = owner.sees("2 of 4 members of the club have said yes to offers and can be reached.")
    await owner.taps("Send to 2 people")
    owner.sees("Send this to 2 people now?")
    await owner.taps("Yes, send to 2 people")
    progress = owner.sees("Bean Bar: on its way", "0 / 2 ░░░░░░░░ 0 %")
    assert progress["message_id"] == card["message_id"]
    assert labels(progress) == ["Pause", "Cancel", "Figures so far"]
    await chat.courier.delivers()
    for member in (ana, bo):
        received = member.sees(f"Bean Bar\n\n{WORDS}")
        assert labels(received) == ["Why this?", "Less of this", "Stop"]
    cy.has_not_seen(WORDS)
    owner.sees("Your message from Bean Bar is out. 2 people have it.")
    report = next(m for m in chat.messages(owner.id) if m["message_id"] == card["message_id"])
    assert "Recipients: 2\nSent: 2\nOpened: 0" in said(report)
    await owner.taps("Report")
    owner.sees("Bean Bar: sent", "Sent: 2")


async def test_the_preview_is_what_a_member_sees(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    chat.telegram.people.say(owner.id, "/broadcast")
    await chat.settle()
    chat.telegram.people.say(
        owner.id, 'Come <b>early</b>, <i>stay</i> <a href="https://bean.bar/?a=1&amp;lt=2">long</a>', parse_mode="HTML"
    )
    await chat.settle()
    preview, card = chat.messages(owner.id)[-2:]
    assert "can be reached" in said(card)
    await owner.taps("Send to")
    await owner.taps("Yes, send")
    await chat.courier.delivers()
    received = chat.last_message(ana.id)
    assert received["text"] == preview["text"] == "Bean Bar\n\nCome early, stay long"
    assert received["entities"] == preview["entities"]
    assert [entity["type"] for entity in received["entities"]] == ["bold", "bold", "italic", "text_link"]
    assert received["entities"][-1]["url"] == "https://bean.bar/?a=1&lt=2"
    assert labels(received) == labels(preview)
    await owner.taps("Stop", on=preview)
    assert owner.toast == "This is a preview: for your customers the button works."
    await owner.taps("Why this?", on=preview)
    assert owner.toast == "This is a preview: for your customers the button works."


async def test_broken_markup_is_shown_as_it_was_typed(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    typed = "<b>Half price & *more_ </i> &lt;"
    await sends(owner, typed)
    await chat.courier.delivers()
    ana.sees(f"Bean Bar\n\n{typed}")


async def test_a_picture_comes_and_goes(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await owner.taps("Add picture")
    owner.sees("Send me the picture.")
    await owner.sends("sticker")
    owner.sees("I need a picture here.")
    await owner.says("my picture")
    owner.sees("I need a picture here.")
    await owner.sends("document", "photo.png", photo())
    owner.sees("Send it as a photo, not as a file.")
    await owner.sends("photo", photo())
    assert "Change picture" in labels(owner.sees("can be reached"))
    assert "photo" in chat.messages(owner.id)[-2]
    await owner.taps("Remove picture")
    assert "Add picture" in labels(owner.sees("can be reached"))
    await owner.taps("Add picture")
    await owner.sends("photo", photo())
    await owner.taps("Send to")
    await owner.taps("Yes, send")
    uploads = chat.telegram.calls.last
    await chat.courier.delivers()
    received = ana.sees(f"Bean Bar\n\n{WORDS}")
    assert "photo" in received
    assert isinstance(calls(chat, "sendPhoto", ana, uploads)[0]["params"]["photo"], str), (
        "uploaded once, for the preview"
    )


async def test_a_picture_with_words_under_it_is_a_whole_message(chat: Chat) -> None:
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.sends("photo", photo())
    owner.sees("What do you want to tell")
    await owner.says("/broadcast")
    await owner.sends("photo", photo(), caption="Look, https://bean.bar")
    preview, card = chat.messages(owner.id)[-2:]
    assert preview["caption"] == "Bean Bar\n\nLook, https://bean.bar"
    assert "“Look, https://bean.bar”" in said(card)


async def test_what_is_too_long_is_refused_with_its_length(chat: Chat) -> None:
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.says("x" * 4_000)
    owner.sees("That is 4,000 characters long; 3,500 fit.")
    await owner.says("😀" * 1_751)
    owner.sees("That is 3,502 characters long; 3,500 fit.")
    await owner.sends("voice")
    owner.sees("I need words here")
    await owner.says("x" * TEXT_MAX)
    owner.sees("can be reached")
    await owner.taps("Add picture")
    await owner.sends("photo", photo())
    owner.sees(f"Under a picture {CAPTION_MAX} characters fit, and the text has 3,500.")
    await owner.taps("Cancel")
    await owner.taps("Change text")
    await owner.says("x" * CAPTION_MAX)
    await owner.taps("Add picture")
    await owner.sends("photo", photo())
    assert "photo" in chat.messages(owner.id)[-2]


async def test_a_picture_fits_under_the_longest_name(chat: Chat) -> None:
    owner = await owner_of(chat, "😀" * 64)
    await owner.says("/broadcast")
    await owner.sends("photo", photo(), caption="x" * CAPTION_MAX)
    assert len(chat.messages(owner.id)[-2]["caption"].encode("utf-16-le")) // 2 == 1_024


async def test_nobody_agreed(chat: Chat) -> None:
    owner = await owner_of(chat)
    await club_of(chat, "Ana")
    await composes(owner)
    await owner.taps("Send to 0 people")
    assert owner.alert == "Nobody has agreed to offers yet, so nobody would get this. Your draft is kept."
    await owner.says("/broadcast")
    owner.sees(WORDS, "0 of 2 members")


async def test_everybody_stopped_between_the_question_and_the_answer(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await owner.taps("Send to 1 person")
    await chat.run(chat.club.members.consent, await ana.member(), Topic.OFFERS, False, "Stop")
    await owner.taps("Yes, send to 1 person")
    assert owner.alert is not None
    assert "Nobody has agreed" in owner.alert
    await owner.taps("Not yet")
    owner.sees("0 of 2 members")


async def test_confirming_twice_sends_once(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Ana", "Bo")
    await agree(chat, ana, bo)
    await composes(owner)
    first = await owner.taps("Send to")
    confirmed = first["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await owner.taps("Yes, send", times=2)
    owner.sees("on its way")
    await chat.courier.delivers()
    await owner.taps_data(confirmed, on=first)
    await owner.taps_data(f"{confirmed}X", on=first)
    assert owner.alert == "This one is on its way already."
    await chat.courier.delivers()
    for member in (ana, bo):
        assert len(calls(chat, "sendMessage", member)) == 2  # the greeting and the broadcast


@pytest.mark.permission
async def test_only_owners_and_marketers_write(chat: Chat) -> None:
    owner = await owner_of(chat)
    cashier, marketer, stranger = await club_of(chat, "Cas", "Mara", "Stan")
    shop = (await chat.run(chat.club.broadcasts.shops, await owner.member()))[0].merchant_id
    await appoint(chat, cashier, shop, Role.CASHIER)
    await appoint(chat, marketer, shop, Role.MARKETER)
    await cashier.says("/broadcast")
    cashier.sees("Only the owner or a marketer of this shop can write to its customers.")
    await stranger.says("/broadcast")
    stranger.sees("I did not quite get that.")
    await composes(marketer)
    marketer.sees("can be reached")
    card = chat.last_message(marketer.id)
    for row in card["reply_markup"]["inline_keyboard"]:
        for button in row:
            data = button["callback_data"]
            if data == "home":
                continue
            await cashier.taps_data(data)
            assert cashier.alert == "Only the owner or a marketer of this shop can write to its customers.", data
            await stranger.taps_data(data)
            assert stranger.toast == NOT_STAFF, data


@pytest.mark.permission
async def test_old_buttons_of_a_dismissed_marketer_do_nothing(chat: Chat) -> None:
    owner = await owner_of(chat)
    marketer, ana = await club_of(chat, "Mara", "Ana")
    await agree(chat, ana)
    await appoint(chat, marketer, 1, Role.MARKETER)
    await composes(marketer)
    question = await marketer.taps("Send to")
    await dismiss(chat, marketer)
    await marketer.taps("Yes, send", on=question)
    assert marketer.toast == NOT_STAFF
    other_shop = await open_shop(chat, "Other")
    await appoint(chat, marketer, other_shop, Role.OWNER)
    yes = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await marketer.taps_data(yes, on=question)
    assert marketer.alert == "Only the owner or a marketer of this shop can write to its customers."
    await chat.courier.delivers()
    ana.has_not_seen(WORDS)
    await sends(owner)
    pausing = owner.sees("on its way")["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await marketer.taps_data(pausing, on=question)
    assert marketer.alert == "Only the owner or a marketer of this shop can write to its customers."
    await chat.courier.delivers()
    ana.sees(WORDS)


async def test_with_several_shops_one_is_chosen_first(chat: Chat) -> None:
    owner = await owner_of(chat)
    await appoint(chat, owner, await open_shop(chat, "Tea & Co"))
    await owner.says("/broadcast")
    assert labels(owner.sees("For which shop")) == ["Bean Bar", "Tea & Co", "Home"]
    await owner.taps("Tea & Co")
    await owner.says(WORDS)
    owner.has_seen(f"Tea & Co\n\n{WORDS}")
    owner.sees("Tea & Co: a message to the customers")


async def test_a_form_can_be_left_and_a_draft_deleted(chat: Chat) -> None:
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.taps("Cancel")
    assert "Type the text" in labels(owner.sees("There are no words in it yet."))
    await owner.says("lovely")
    owner.sees("I did not quite get that.")
    await composes(owner)
    card = chat.last_message(owner.id)
    await owner.taps("Change text")
    await owner.says("Other words")
    owner.sees("“Other words”")
    await owner.taps("Preview")
    assert said(chat.messages(owner.id)[-2]) == "Bean Bar\n\nOther words"
    await owner.taps("To the draft")
    await owner.taps("Change text")
    await owner.taps("Delete draft", on=card)
    await owner.says("too late")
    owner.sees("I did not quite get that.")
    await owner.taps("Preview", on=card)
    assert owner.alert == "This is not there any more. Here is how things stand now."


async def test_a_draft_that_was_sent_takes_no_more_words(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    card = chat.last_message(owner.id)
    question = await owner.taps("Send to")
    yes = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await owner.taps_data(f"btext:{yes.split(':')[1]}")
    await owner.taps_data(yes, on=card)
    await owner.says("Other words")
    owner.sees("This one is on its way already.")
    await chat.courier.delivers()
    ana.sees(WORDS)


async def test_pause_resume_and_cancel_work_at_once(chat: Chat) -> None:
    owner = await owner_of(chat)
    people = await club_of(chat, "Ana", "Bo", "Cy", "Di", "Ed", "Flo")
    await agree(chat, *people)
    await sends(owner)
    chat.app.courier._batch = 2
    progress = chat.last_message(owner.id)
    await owner.taps("Pause", times=2)
    assert labels(owner.sees("Bean Bar: paused", "0 / 6")) == ["Resume", "Cancel", "Figures so far"]
    assert await chat.courier.delivers() == 0
    await owner.taps("Resume")
    owner.sees("on its way", "0 / 6")
    await chat.app.courier.deliver()
    chat.clock.advance(seconds=4)
    await chat.app.courier.deliver()
    owner.sees("4 / 6 ▓▓▓▓▓░░░ 66 % · ETA 1 min")
    await owner.taps("Cancel")
    report = owner.sees("Bean Bar: called off", "Sent: 4", "Called off before it went out: 2")
    assert report["message_id"] == progress["message_id"]
    chat.clock.advance(seconds=4)
    await chat.courier.delivers()
    assert sum(len(calls(chat, "sendMessage", person)) - 1 for person in people) == 4
    await owner.taps_data("bresume:1", on=report)
    owner.sees("Bean Bar: called off")


async def test_progress_is_one_message_drawn_at_most_every_three_seconds(chat: Chat) -> None:
    owner = await owner_of(chat)
    people = await club_of(chat, *(f"P{n}" for n in range(40)))
    await agree(chat, *people)
    await sends(owner)
    progress = chat.last_message(owner.id)
    chat.app.courier._batch = 1
    before = chat.telegram.calls.last
    while await chat.app.courier.deliver():
        chat.clock.advance(seconds=0.5)
    chat.clock.advance(seconds=3)
    await chat.courier.delivers()
    edits = calls(chat, "editMessageText", owner, before)
    assert {edit["params"]["message_id"] for edit in edits} == {progress["message_id"]}
    moments = [edit["at"] for edit in edits]
    assert len(moments) >= 6
    assert all(later - earlier >= 3 for earlier, later in pairwise(moments))
    sent = sum(len(calls(chat, "sendMessage", person, before)) for person in people)
    report = next(m for m in chat.messages(owner.id) if m["message_id"] == progress["message_id"])
    assert f"Sent: {sent}" in said(report)
    assert sent == 40
    chat.clock.advance(minutes=1)
    drawn = chat.telegram.calls.last
    await chat.courier.delivers()
    assert chat.telegram.calls.last == drawn, "what is over is not drawn again"


async def test_a_deleted_progress_message_is_replaced(chat: Chat) -> None:
    owner = await owner_of(chat)
    people = await club_of(chat, "Ana", "Bo")
    await agree(chat, *people)
    await sends(owner)
    chat.app.courier._batch = 1
    progress = chat.last_message(owner.id)
    chat.telegram.call("deleteMessage", {"chat_id": owner.id, "message_id": progress["message_id"]})
    await chat.app.courier.deliver()
    anew = owner.sees("on its way", "1 / 2")
    chat.clock.advance(seconds=3)
    await chat.courier.delivers()
    report = next(m for m in chat.messages(owner.id) if m["message_id"] == anew["message_id"])
    assert "Sent: 2" in said(report)


async def test_why_this_and_stopping_with_one_tap(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Ana", "Bo")
    await agree(chat, ana, bo)
    await sends(owner)
    await chat.courier.delivers()
    received = chat.last_message(ana.id)
    await ana.taps("Why this?")
    assert ana.alert == (
        "This is from Bean Bar. You said yes to offers on 1 May 2026. Among all who said yes, the shop chose whom to "
        "write to."
    )
    await ana.taps("Stop", times=2)
    assert ana.alert == "Done. You get no more offers, from no shop of the club."
    assert not (await ana.member()).agrees_to(Topic.OFFERS)
    assert labels(ana.sees(WORDS)) == ["Why this?", "Undo: send me offers"]
    await ana.taps("Why this?")
    assert ana.alert is not None
    assert "Now no more come." in ana.alert
    await ana.taps("Undo")
    assert (await ana.member()).agrees_to(Topic.OFFERS)
    assert labels(ana.sees(WORDS)) == ["Why this?", "Less of this", "Stop"]
    await bo.taps_data(received["reply_markup"]["inline_keyboard"][0][2]["callback_data"])
    assert bo.alert == "This is not there any more. Here is how things stand now."
    assert (await bo.member()).agrees_to(Topic.OFFERS)
    await owner.taps("Report")
    owner.sees("Sent: 2\nOpened: 1")


async def test_whoever_stops_while_it_is_on_its_way_does_not_get_it(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Ana", "Bo")
    await agree(chat, ana, bo)
    await sends(owner)
    await chat.run(chat.club.members.consent, await bo.member(), Topic.OFFERS, False, "Stop")
    await chat.courier.delivers()
    ana.sees(WORDS)
    bo.has_not_seen(WORDS)
    await owner.taps("Report")
    owner.sees("Recipients: 2\nSent: 1", "Have stopped such messages meanwhile: 1")


async def test_what_was_sent_before_is_listed_in_pages(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await owner.says("/broadcast")
    await owner.taps("Sent before")
    owner.sees("Your customers have not been sent anything yet.")
    await agree(chat, ana)
    for n in range(9):
        await sends(owner, f"Message {n}")
        await chat.courier.delivers()
        await ana.taps("Why this?")  # who looks is not written to less often
        chat.clock.advance(days=3)
    await owner.says("/broadcast")
    await owner.taps("Sent before")
    assert labels(owner.sees("Tap one for its report."))[:2] == [
        "25 May 2026 · Message 8",
        "22 May 2026 · Message 7",
    ]
    await owner.taps("Older »")
    assert "1 May 2026 · Message 0" in labels(chat.last_message(owner.id))
    await owner.taps("« Newest")
    await owner.taps("Message 8")
    owner.sees("“Message 8”", "Sent: 1")
