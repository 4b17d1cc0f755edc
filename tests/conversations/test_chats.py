"""Chats as they are: forums, administrators who write as their group, two people with one idea, and what clients do."""

from __future__ import annotations

import pytest

from tests.conversations.test_live_cards import friends_of, member, members, posts
from tests.conversations.test_shelf import opens_card
from tests.kit.chat import Chat, find_button, labels, said
from tests.kit.counter import staff
from tests.kit.deals import add_deal
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant, add_reward


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units)


async def forum_of(chat: Chat, *titles: str) -> tuple[int, list[int]]:
    """A forum with these topics; Ana is its creator."""
    [ana] = await members(chat, "Ana")
    forum = chat.telegram.groups.upgrade(await friends_of(chat, ana)).id
    chat.telegram.groups.open_forum(forum)
    topics = [chat.telegram.groups.add_topic(forum, title) for title in titles]
    await chat.settle()
    return forum, topics


@pytest.mark.parametrize("is_general_closed", [False, True])
async def test_in_a_forum_a_group_buy_is_answered_in_its_topic(chat: Chat, beans: int, is_general_closed: bool) -> None:
    forum, [coffee, _] = await forum_of(chat, "Coffee", "Tea")
    bo = await member(chat, "Bo")
    chat.telegram.groups.add(forum, bo.id)
    if is_general_closed:
        chat.telegram.groups.close_topic(forum)
    chat.telegram.people.say(bo.id, "/groupbuy", chat_id=forum, topic=coffee)
    await chat.settle()
    listed = chat.last_message(forum)
    assert (listed["message_thread_id"], labels(listed)) == (coffee, ["Coffee beans"])
    await bo.taps("Coffee beans", on=listed)
    await chat.painter.draws()
    card = chat.last_message(forum)
    assert (card["message_id"], card["message_thread_id"]) == (listed["message_id"], coffee)
    await bo.taps("Join", on=card)
    chat.telegram.people.say(bo.id, f"/start@perkchat_bot d_{beans}", chat_id=forum, topic=coffee)
    await chat.settle()
    assert chat.last_message(forum)["message_thread_id"] == coffee
    assert "👥 1/3" in said(chat.last_message(forum))


async def test_a_topic_that_is_closed_to_the_bot_stays_silent(chat: Chat, beans: int) -> None:
    forum, [coffee] = await forum_of(chat, "Coffee")
    chat.telegram.groups.close_topic(forum, coffee)
    ana = next(iter(chat.telegram.world.people))
    before = len(chat.messages(forum))
    for text in ("/groupbuy", f"/start@perkchat_bot d_{beans}"):
        chat.telegram.people.say(ana, text, chat_id=forum, topic=coffee)
        await chat.settle()
    assert len(chat.messages(forum)) == before
    assert chat.app.intake.backlog == 0


async def test_an_administrator_who_writes_as_the_group_gets_the_list(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    chat.telegram.people.say(ana.id, "/groupbuy", chat_id=friends, is_anonymous=True)
    await chat.settle()
    listed = chat.last_message(friends)
    assert labels(listed) == ["Coffee beans"]
    await ana.taps("Coffee beans", on=listed)
    await chat.painter.draws()
    assert "👥 0/3" in said(chat.last_message(friends))
    chat.telegram.people.say(ana.id, f"/start@perkchat_bot d_{beans}", chat_id=friends, is_anonymous=True)
    chat.telegram.people.say(ana.id, "/points", chat_id=friends, is_anonymous=True)
    await chat.settle()
    assert "Open the chat" in labels(chat.last_message(friends))[0]


async def test_what_a_channel_posts_into_its_discussion_is_not_for_the_bot(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    before = len(chat.messages(friends))
    world = chat.telegram.world
    channel = {"id": -1002000000099, "type": "channel", "title": "News"}
    telegram = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    world.service(
        world.chats[friends],
        telegram,
        {"sender_chat": channel, "is_automatic_forward": True, "text": "/groupbuy@perkchat_bot"},
    )
    await chat.settle()
    assert len(chat.messages(friends)) == before


async def test_two_people_of_one_chat_who_post_the_same_deal_fill_one_group(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana", "Bo", "Cy")
    friends = await friends_of(chat, ana, bo, cy)
    first = await posts(chat, ana, friends)
    await ana.taps("Join", on=first)
    second = await posts(chat, bo, friends)
    assert second["message_id"] != first["message_id"]
    assert "👥 1/3" in said(second)
    older = next(one for one in chat.messages(friends) if one["message_id"] == first["message_id"])
    assert "goes on in a newer message" in said(older)
    await bo.taps("Join", on=second)
    await cy.taps_data(find_button(first, "Join")["callback_data"], on=first)  # on a phone that has not seen it yet
    await chat.painter.draws()
    assert "It is complete" in said(chat.last_message(friends))


async def test_two_cards_that_nobody_has_tapped_yet_become_one_group(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends, others = await friends_of(chat, ana, bo), await friends_of(chat, ana, title="Others")
    first, second = await posts(chat, ana, friends), await posts(chat, bo, friends)
    elsewhere = await posts(chat, ana, others)
    await ana.taps("Join", on=first)
    await bo.taps("Join", on=second)
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(friends))
    assert "👥 0/3" in said(elsewhere)


@pytest.mark.parametrize("where", ["private", "group"])
async def test_what_a_client_does_to_a_chat_is_not_answered(chat: Chat, beans: int, where: str) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    chat_id = ana.id if where == "private" else friends
    before = len(chat.messages(chat_id))
    pictured = [{"file_id": "x", "file_unique_id": "y", "width": 1, "height": 1}]
    for content in (
        {"pinned_message": chat.last_message(chat_id)},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"new_chat_photo": pictured},
        {"delete_chat_photo": True},
        {"new_chat_title": "Friends of coffee"},
        {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🎄"}}},
    ):
        chat.telegram.people.does(ana.id, content, chat_id=chat_id)
    await chat.settle()
    assert len(chat.messages(chat_id)) == before


async def test_a_stranger_who_sets_auto_delete_is_no_member_by_that(chat: Chat) -> None:
    ana = chat.member("Ana")
    chat.telegram.people.does(ana.id, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}})
    await chat.settle()
    assert chat.messages(ana.id) == []


async def test_an_album_into_a_form_for_one_picture_gets_one_answer(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Corner")
    olive = await staff(chat, shop)
    add_reward(chat.app.units, shop, "Flat white")
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Picture")
    before = len(chat.messages(olive.id))
    for _ in range(3):
        chat.telegram.people.send_photo(olive.id, photo(), album="1")
    await chat.settle()
    olive.sees("One picture fits here, so I took the first.", "Picture: yes")
    assert len(chat.messages(olive.id)) == before + 1
    for _ in range(3):
        chat.telegram.people.send_photo(olive.id, photo(), album="2")
    await chat.settle()
    assert len(chat.messages(olive.id)) == before + 2, "to pictures that nobody asked for, one answer too"
