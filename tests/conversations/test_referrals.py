"""Invitations: code, link and card; bound once; points for both when the friend takes part."""

from __future__ import annotations

from tests.kit.chat import Chat, find_button, labels, said


async def test_an_invitation_has_code_link_and_card(chat: Chat) -> None:
    ana = chat.member("Ana")
    card = await ana.says("/invite")
    member = await ana.member()
    ana.sees("Your code: " + member.code, f"https://t.me/perkchat_bot?start=r_{member.code}")
    assert card["photo"]
    assert find_button(card, "Copy link")["copy_text"]["text"].endswith(member.code)


async def test_both_get_their_points_when_the_friend_checks_in(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    bo.sees("Ana brought you here.", "20 welcome points")
    await chat.courier.delivers()
    ana.sees("A friend has joined through you.")
    assert await ana.balance() == 0

    await bo.says("/checkin")
    bo.sees("And 20 more as a welcome", "You have 21 points now.")
    await chat.courier.delivers()
    ana.sees("Your friend has checked in: 50 points for you.")
    assert await ana.balance() == 50

    chat.clock.advance(days=1)
    await bo.says("/checkin")
    assert await ana.balance() == 50, "a friend qualifies once"
    await ana.says("/invite")
    ana.sees("1 friend came · 1 took part · 50 points for you")


async def test_only_the_first_start_binds(chat: Chat) -> None:
    ana, bo, cy = chat.members("Ana", "Bo", "Cy")
    for person in (ana, bo):
        await person.says("/start")
    await cy.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    await cy.opens(f"https://t.me/perkchat_bot?start=r_{(await bo.member()).code}")
    cy.sees("That link is for newcomers, and you are with us already.")
    await cy.says("/checkin")
    assert (await ana.balance(), await bo.balance()) == (50, 0)


async def test_nobody_refers_themselves(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    ana.sees("you are with us already")
    await ana.says("/checkin")
    assert await ana.balance() == 1


async def test_an_unknown_code_is_no_reason_to_turn_somebody_away(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.opens("https://t.me/perkchat_bot?start=r_NOSUCH")
    ana.sees("you are welcome all the same", "Hello Ana.")


async def test_an_invitation_is_shared_into_another_chat(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    family = chat.group("Family", ana, bo)
    card = await ana.says("/invite")
    query = find_button(card, "Share with a friend")["switch_inline_query_chosen_chat"]["query"]
    shared = await ana.shares(query, into=family)
    assert "Ana invites you to Perkchat" in said(shared)
    await bo.taps("Join Perkchat", on=shared)
    bo.sees("Ana brought you here.")


async def test_a_newcomer_who_types_the_bots_name_is_shown_the_way_in(chat: Chat) -> None:
    cy = chat.member("Cy")
    family = chat.group("Family", cy)
    asked = chat.telegram.people.inline_query(cy.id, "r", chat_id=family)
    await chat.settle()
    assert asked.answer is not None
    assert asked.answer.button == {"text": "Start here first", "start_parameter": "hello"}


async def test_the_screen_after_the_card_is_a_new_message(chat: Chat) -> None:
    """Telegram cannot turn a picture into a text, so the card stays, without its buttons."""
    ana = chat.member("Ana")
    card = await ana.says("/invite")
    after = await ana.taps("My points")
    assert after["message_id"] > card["message_id"]
    assert labels(chat.messages(ana.id)[0]) == []
