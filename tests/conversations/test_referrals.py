"""Invitations: code, link and card; bound once; points for both when the friend takes part."""

from __future__ import annotations

from loyalty.codes import Random
from loyalty.earning import EarnRule
from loyalty.programme import Programme
from loyalty.referrals import TOLD_MAX, ReferralEvent
from storage.database import Database
from tests.kit.chat import Chat, Person, find_button, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant


async def buys(chat: Chat, person: Person, amount_minor: int) -> None:
    """At a shop that gives a point for each euro."""
    shop_id = add_merchant(chat.app.units, f"Shop of {person.name}")
    chat.app.club.purchases.set_rule(shop_id, EarnRule())
    member = await person.member()
    key = f"sale:{person.id}:{amount_minor}"
    await chat.app.database.run(chat.app.club.purchases.record, member.id, shop_id, amount_minor, key=key, actor="test")


async def test_an_invitation_has_code_link_and_card(chat: Chat) -> None:
    ana = chat.member("Ana")
    card = await ana.says("/invite")
    member = await ana.member()
    ana.sees("Your code: " + member.code, f"https://t.me/perkchat_bot?start=r_{member.code}")
    assert card["photo"]
    assert find_button(card, "Copy link")["copy_text"]["text"].endswith(member.code)


async def test_both_get_their_points_when_the_friend_buys_something(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await ana.says("/invite")
    ana.sees("Bring a friend: when they buy something for the first time, you get 50 points and they get 20.")
    await bo.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    bo.sees("Ana brought you here.", "With your first purchase, 20 welcome points are yours.")
    await chat.courier.delivers()
    ana.sees("A friend has joined through you. When they buy something for the first time, you get 50 points.")
    await bo.says("/checkin")
    assert await ana.balance() == 0, "a check-in costs nothing, so it brings nothing"

    await buys(chat, bo, 1000)
    assert await bo.balance() == 1 + 10 + 20
    await chat.courier.delivers()
    ana.sees("Your friend has made a first purchase: 50 points for you.")
    assert await ana.balance() == 50
    await buys(chat, bo, 2000)
    assert await ana.balance() == 50, "a friend qualifies once"
    await ana.says("/invite")
    ana.sees("1 friend came · 1 took part · 50 points for you")


async def test_both_get_their_points_when_the_friend_checks_in_where_the_club_has_it_so(
    database: Database, clock: FrozenClock, random: Random
) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(referral_event=ReferralEvent.CHECK_IN))
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    bo.sees("Ana brought you here.", "20 welcome points")
    await bo.says("/checkin")
    bo.sees("And 20 more as a welcome", "You have 21 points now.")
    await chat.courier.delivers()
    ana.sees("Your friend has checked in: 50 points for you.")
    await chat.app.intake.close()


async def test_a_referrer_hears_that_one_friend_more_has_to_wait(
    database: Database, clock: FrozenClock, random: Random
) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(referrals_day_max=1))
    ana, bo, cy = chat.members("Ana", "Bo", "Cy")
    await ana.says("/start")
    for friend in (bo, cy):
        await friend.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
        await buys(chat, friend, 1000)
    await chat.courier.delivers()
    ana.has_seen("one more has to wait: both of you get your points with a later purchase of theirs.")
    assert await ana.balance() == 50
    await chat.app.intake.close()


async def test_only_the_first_start_binds(chat: Chat) -> None:
    ana, bo, cy = chat.members("Ana", "Bo", "Cy")
    for person in (ana, bo):
        await person.says("/start")
    await cy.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    await cy.opens(f"https://t.me/perkchat_bot?start=r_{(await bo.member()).code}")
    cy.sees("That link is for newcomers, and you are with us already.")
    await buys(chat, cy, 1000)
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


async def test_ten_friends_of_a_day_are_told_of_in_one_message_that_is_drawn_again(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    code = (await ana.member()).code
    friends = chat.members(*(f"Friend {number}" for number in range(10)))
    before = len(chat.messages(ana.id))
    for friend in friends:
        await friend.opens(f"https://t.me/perkchat_bot?start=r_{code}")
        await chat.courier.delivers()
    for friend in friends[:6]:
        await buys(chat, friend, 1000)
        await chat.courier.delivers()
    assert len(chat.messages(ana.id)) - before == TOLD_MAX
    ana.sees("Your friends today: 10 friends came, 6 took part, +300 points for you.")
    chat.clock.advance(days=1)
    await buys(chat, friends[6], 1000)
    await chat.courier.delivers()
    ana.sees("Your friend has made a first purchase: 50 points for you.")


async def test_a_message_about_friends_that_was_deleted_comes_anew(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    code = (await ana.member()).code
    for friend in chat.members("Bo", "Cy"):
        await friend.opens(f"https://t.me/perkchat_bot?start=r_{code}")
        await chat.courier.delivers()
    last = chat.last_message(ana.id)
    chat.telegram.call("deleteMessage", {"chat_id": ana.id, "message_id": last["message_id"]}, {})
    (dora,) = chat.members("Dora")
    await dora.opens(f"https://t.me/perkchat_bot?start=r_{code}")
    await chat.courier.delivers()
    assert chat.last_message(ana.id)["message_id"] > last["message_id"]
    ana.sees("A friend has joined through you.")
