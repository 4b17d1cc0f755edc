"""Group buys in chats of many: one card that everybody sees, taps and watches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from loyalty.earning import EarnRule
from loyalty.merchants import Role
from storage.group_buys import deals
from storage.updates import updates
from tests.kit.chat import Chat, Message, Person, find_button, labels, said
from tests.kit.deals import add_deal, stock_of
from tests.kit.pictures import photo
from tests.kit.shops import appoint

LIVE_LABELS = ["Join · 240 points", "More about it"]


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units)


async def member(chat: Chat, name: str, *, points: int = 500, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if points:
        await person.earns(points)
    await chat.courier.delivers()
    return person


async def members(chat: Chat, *names: str) -> list[Person]:
    return [await member(chat, name) for name in names]


async def agree(*people: Person) -> None:
    for person in people:
        await person.says("/profile")
        await person.taps("Show my first name in group buys")


async def friends_of(chat: Chat, *people: Person, title: str = "Friends") -> int:
    group = chat.group(title, *people)
    await chat.settle()
    return group


async def posts(chat: Chat, person: Person, into: int) -> Message:
    """The live card of the beans."""
    listed = await person.says("/groupbuy", in_chat=into)
    await person.taps("Coffee beans", on=listed)
    await chat.painter.draws()
    return chat.last_message(into)


def set_deal(chat: Chat, **values: object) -> None:
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(deals).values(**values))


async def test_five_people_in_three_languages_fill_a_group_where_they_talk(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana Lee", "Bo")
    lin = await member(chat, "Lin", language="zh-hans")
    mei = await member(chat, "Mei", language="zh-tw")
    zoe = chat.member("Zoe")
    await agree(ana)
    friends = await friends_of(chat, ana, bo, lin, mei, zoe)
    assert "send /groupbuy here" in said(chat.last_message(friends))

    listed = await ana.says("/groupbuy", in_chat=friends)
    assert labels(listed) == ["Coffee beans"]
    await bo.taps("Coffee beans", on=listed)
    assert bo.toast == "Here it comes."
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert card["message_id"] == listed["message_id"], "the list itself has become the card"
    assert "👥 0/3 ░░░" in said(card)
    assert "Be the first" in said(card)
    assert labels(card) == LIVE_LABELS

    await lin.taps("Join", on=card)
    assert "咖啡豆" in (lin.toast or "")
    await ana.taps("Join", on=card)  # on the keyboard that has not been drawn again yet
    assert ana.toast == "You are in: Coffee beans. 1 place left."
    assert said(chat.last_message(friends)) == said(card), "nobody but the painter draws it"
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "👥 2/3 ▓▓░ 1 place left · 1 day" in said(card)
    assert "Ana and 1 more" in said(card)
    assert "Lin" not in said(card)
    assert labels(card) == LIVE_LABELS

    await zoe.taps("Join", on=card)
    assert zoe.opened_url == "https://t.me/perkchat_bot?start=g_1"
    await zoe.opens(zoe.opened_url)
    zoe.sees("Welcome to Perkchat", "👥 2/3", "You have 0 points.")

    await mei.taps("Join", on=card)
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "👥 3/3 ▓▓▓ Complete" in said(card)
    assert "It is complete, and everybody in it has a voucher." in said(card)
    assert labels(card) == ["Open a new group"]
    assert find_button(card, "Open a new group")["url"] == f"https://t.me/perkchat_bot?start=d_{beans}"
    assert len(chat.messages(friends)) == 2, "the greeting and the card"
    for person in (ana, lin, mei):
        assert await person.balance() == 260
        assert "260" not in str(chat.messages(friends))
    assert stock_of(chat.app.units, beans) == 27

    await bo.taps_data("join:1:en", on=card)
    assert bo.alert is not None
    assert bo.alert.startswith("This group has just become full. Your points are untouched.")
    chat.clock.advance(hours=1)
    await bo.taps_data(f"here:{beans}:en", on=card)
    assert bo.alert == "This group is complete already. You can open a group of your own."
    assert await bo.balance() == 500


async def test_who_joins_before_everybodys_eyes_is_told_in_private(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana Lee", "Bo", "Cy")
    card = await posts(chat, ana, await friends_of(chat, ana, bo, cy))
    await ana.taps("Join", on=card, times=2)
    await chat.courier.delivers()
    told = ana.sees(
        "You are in the group for Coffee beans, and 240 of your points are set aside.",
        "May they see your first name, Ana?",
    )
    assert labels(told) == ["See the group", "Leave", "Show my first name", "Keep it hidden"]
    await ana.taps("Show my first name")
    assert ana.toast == "The others see you as Ana now."
    ana.sees("👥 1/3", "Ana ⭐")
    await chat.painter.draws()
    friends = card["chat"]["id"]
    assert "Ana ⭐" in said(chat.last_message(friends))

    await bo.taps("Join", on=chat.last_message(friends))
    await chat.courier.delivers()
    ana.sees("Somebody joined your group for Coffee beans: 2/3")
    await bo.taps("Keep it hidden")
    assert bo.toast == "Your name stays hidden. You can change that in your profile."
    bo.sees("Ana ⭐ and 1 more")
    await chat.painter.draws()
    assert "Bo" not in said(chat.last_message(friends))

    await cy.taps("Join", on=chat.last_message(friends))
    await chat.courier.delivers()
    cy.sees("The last place was yours: Coffee beans. Your voucher is waiting for you.")
    assert "My vouchers" in labels(cy.sees("The last place"))


async def test_leaving_by_the_private_notice_and_coming_back(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await bo.taps("Join", on=card)
    await chat.courier.delivers()
    await ana.taps("Leave", on=ana.has_seen("are set aside"))
    assert await ana.balance() == 500
    await chat.courier.delivers()
    bo.sees("Whoever led the group for Coffee beans has left, and you lead it now.")
    await chat.painter.draws()
    assert "👥 1/3" in said(chat.last_message(friends))
    await ana.taps("Join", on=chat.last_message(friends))
    await chat.courier.delivers()
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(friends))
    assert "2 people are in" in said(chat.last_message(friends))
    ana.has_not_seen("are set aside. Until")  # told once a group, and that message became the group's screen


async def test_a_card_that_everybody_has_left_opens_anew_in_its_place(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    for _ in range(2):
        await ana.taps("Join", on=chat.last_message(friends))
        await chat.painter.draws()
        assert "👥 1/3" in said(chat.last_message(friends))
        await chat.courier.delivers()
        await ana.says("/groupbuy")
        await ana.taps("My groups")
        await ana.taps("Coffee beans")
        await ana.taps("Leave")
        assert await ana.balance() == 500
        await chat.painter.draws()
        again = chat.last_message(friends)
        assert again["message_id"] == card["message_id"]
        assert "👥 0/3" in said(again)
        assert "Be the first" in said(again)
    await bo.taps("Join", on=again, times=2)
    await chat.painter.draws()
    assert "👥 1/3" in said(chat.last_message(friends))
    assert await bo.balance() == 500 - 240


async def test_a_name_that_is_hidden_again_goes_from_every_card(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    await agree(ana)
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    assert "Ana ⭐" in said(chat.last_message(friends))
    await bo.says(f"/start d_{beans}")
    assert "Ana · 1/3 · 1 day" in labels(bo.sees("Groups you can join"))
    await ana.says("/profile")
    ana.sees("Group buys: the others see your first name")
    await ana.taps("Hide my first name in group buys", times=2)
    ana.sees("Group buys: the others do not see your name")
    await chat.painter.draws()
    assert "Ana" not in said(chat.last_message(friends))
    assert "1 person is in" in said(chat.last_message(friends))
    await bo.says(f"/start d_{beans}")
    assert "👤 · 1/3 · 1 day" in labels(bo.sees("Groups you can join"))


async def test_picking_twice_or_another_one_changes_nothing(chat: Chat, beans: int) -> None:
    add_deal(chat.app.units, slug="tea", title="Tea")
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    listed = await ana.says("/groupbuy", in_chat=friends)
    await ana.taps("Coffee beans", on=listed, times=2)
    assert ana.toast == "Here it comes."
    await bo.taps("Tea", on=listed)
    assert bo.toast == "Another one was picked here. Send /groupbuy for a new list."
    await chat.painter.draws()
    assert "Coffee beans" in said(chat.last_message(friends))
    await bo.taps_data("dealshere:0:en", on=listed)
    assert bo.toast == "Another one was picked here. Send /groupbuy for a new list."


async def test_a_long_list_is_paged_in_place(chat: Chat) -> None:
    for number in range(7):
        add_deal(chat.app.units, slug=f"deal-{number}", title=f"Deal {number}")
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    listed = await ana.says("/groupbuy", in_chat=friends)
    await ana.taps("More »", on=listed)
    assert labels(chat.last_message(friends)) == ["Deal 5", "Deal 6", "« First"]


async def test_nothing_runs(chat: Chat) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    listed = await ana.says("/groupbuy", in_chat=friends)
    assert "Nothing is running just now." in said(listed)


async def test_a_card_keeps_its_language_whoever_taps(chat: Chat, beans: int) -> None:
    ana = await member(chat, "Ana")
    lin = await member(chat, "Lin", language="zh-hans")
    friends = await friends_of(chat, ana, lin)
    listed = await lin.says("/groupbuy", in_chat=friends)
    await ana.taps("咖啡豆", on=listed)
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "咖啡豆" in said(card)
    await ana.taps_data(find_button(card, "240")["callback_data"], on=card)
    assert ana.toast == "You are in: Coffee beans. 2 places left."
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "咖啡豆" in said(card)
    assert "Coffee" not in said(card)
    assert labels(card)[0] == "参团 · 240 积分"


async def test_newcomers_are_led_to_the_same_group_buy(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    zoe, yan = chat.members("Zoe", "Yan")
    friends = await friends_of(chat, ana, zoe, yan)
    card = await posts(chat, ana, friends)
    await zoe.taps("Join", on=card)
    assert zoe.opened_url == f"https://t.me/perkchat_bot?start=d_{beans}"
    await zoe.opens(zoe.opened_url)
    zoe.sees("Welcome to Perkchat", "Coffee beans")
    await zoe.earns(240)
    await zoe.taps("Join", on=card)
    assert zoe.toast == "You are in: Coffee beans. 2 places left."
    await chat.painter.draws()
    await yan.taps("Join", on=chat.last_message(friends))
    assert yan.opened_url == "https://t.me/perkchat_bot?start=g_1"
    await yan.opens(yan.opened_url)
    yan.sees("Welcome to Perkchat", "👥 1/3")
    await yan.earns(240)
    await yan.taps("Join")
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(friends))


async def test_too_few_points_are_said_to_the_one_who_tapped(chat: Chat, beans: int) -> None:
    ana = await member(chat, "Ana", points=100)
    friends = await friends_of(chat, ana)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    assert ana.alert is not None
    assert "140 to go" in ana.alert
    assert "A check-in every day" in ana.alert
    assert await ana.balance() == 100
    await chat.painter.draws()
    assert "👥 0/3" in said(chat.last_message(friends))
    assert "100" not in said(chat.last_message(friends))


async def test_joining_twice_and_ones_own_group_from_another_device(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    card = await posts(chat, ana, await friends_of(chat, ana, bo))
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    for data in (f"here:{beans}:en", "join:1:en"):
        await ana.taps_data(data, on=card, times=2)
        assert ana.alert == "You are in this group already."
    assert await ana.balance() == 260
    await chat.courier.delivers()
    await ana.taps("See the group")
    ana.sees("You are in, and 240 of your points are set aside.")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"is_paused": True}, "The shop is taking a break with this one."),
        ({"stock": 2}, "The last one has just gone. Your points are untouched."),
        ({"removed_at": datetime(2026, 5, 1, tzinfo=UTC)}, "This is over."),
    ],
)
async def test_a_deal_that_stops_before_anybody_joined(
    chat: Chat, beans: int, changed: dict[str, object], words: str
) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    set_deal(chat, **changed)
    await bo.taps("Join", on=card)
    assert bo.alert == words
    assert await bo.balance() == 500
    await chat.painter.draws()
    assert "This cannot be had just now." in said(chat.last_message(friends))
    assert labels(chat.last_message(friends)) == ["More about it"]


async def test_a_deal_that_is_paused_while_a_group_is_open_lets_it_fill(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana", "Bo", "Cy")
    friends = await friends_of(chat, ana, bo, cy)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    set_deal(chat, is_paused=True)
    for person in (bo, cy):
        await person.taps("Join", on=card)
    await chat.painter.draws()
    assert "👥 3/3 ▓▓▓ Complete" in said(chat.last_message(friends))


async def test_a_deal_that_is_paused_while_the_list_is_open(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    listed = await ana.says("/groupbuy", in_chat=friends)
    set_deal(chat, is_paused=True)
    await ana.taps("Coffee beans", on=listed)
    assert ana.alert == "The shop is taking a break with this one."
    assert await chat.painter.draws() == 0


async def test_time_is_told_and_then_it_is_over(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    chat.clock.advance(hours=3)
    await chat.painter.draws()
    assert "· 21 h" in said(chat.last_message(friends))
    chat.clock.advance(hours=21)
    await chat.painter.draws()
    assert "Time is over" in said(chat.last_message(friends))
    assert "on their way back" in said(chat.last_message(friends))
    await bo.taps_data("join:1:en", on=card)
    assert bo.alert == "This group's time is over. You can open a new one."
    await chat.timetable.works("close due groups")
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "It did not fill in time, and everybody's points went back." in said(card)
    assert labels(card) == ["Open a new group"]
    await bo.taps_data(f"here:{beans}:en", on=card)
    assert bo.alert == "This group's time is over. You can open a new one."
    assert await ana.balance() == 500


async def test_a_group_that_was_called_off(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    olive = await member(chat, "Olive")
    appoint(chat.app.units, 1, await olive.member(), Role.OWNER)
    await chat.run(chat.club.deals.end, await olive.member(), beans, calls_off=True)
    await chat.painter.draws()
    assert "It was called off, and all points went back." in said(chat.last_message(friends))
    await bo.taps_data("join:1:en", on=card)
    assert bo.alert == "This group was called off. You can open a new one."


async def test_a_group_that_went_into_another_leads_there(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends, others = await friends_of(chat, ana, bo), await friends_of(chat, bo)
    await ana.taps("Join", on=await posts(chat, ana, friends))
    await bo.taps("Join", on=await posts(chat, bo, others))
    await chat.painter.draws()
    with chat.app.units() as uow:
        first, second = uow.groups.lock(1), uow.groups.lock(2)
        assert first is not None
        assert second is not None
        merged, gone = first.merge(second, chat.clock())
        uow.groups.merge(first, merged, gone, chat.clock())
        uow.deals.restock({beans: gone.size})
        uow.live_cards.mark([1, 2], chat.clock())
        uow.commit()
    await chat.painter.draws()
    on_first, on_second = chat.last_message(friends), chat.last_message(others)
    assert "👥 2/3" in said(on_first)
    assert "It goes on together with another group." in said(on_second)
    assert find_button(on_second, "To that group")["url"] == "https://t.me/perkchat_bot?start=g_1"


async def test_an_old_refresh_button_says_how_it_stands(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await ana.taps_data("grp:1:en", on=card)
    assert ana.toast is not None
    assert ana.toast.startswith("👥 1/3 ▓░░ 2 places left")


# Shared inline


async def test_a_deal_is_shared_from_its_screen_into_any_chat(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana", "Bo", "Cy")
    family = chat.telegram.groups.create("Family", [ana.id, bo.id, cy.id], with_bot=False).id
    shown = await ana.says(f"/start d_{beans}")
    query = find_button(shown, "Share in a chat")["switch_inline_query_chosen_chat"]["query"]
    card = await ana.shares(query, into=family)
    assert "👥 0/3 ░░░" in said(card)
    await bo.taps("Join", on=card)
    assert bo.toast == "You are in: Coffee beans. 2 places left."
    await cy.taps("Join", on=card)
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(family))
    await ana.taps("Join", on=chat.last_message(family))
    await chat.painter.draws()
    assert "Complete" in said(chat.last_message(family))


async def test_a_shared_card_is_redrawn_though_nobody_tapped_it(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    family = chat.telegram.groups.create("Family", [ana.id, bo.id], with_bot=False).id
    card = await posts(chat, ana, await friends_of(chat, ana, bo))
    await ana.taps("Join", on=card)
    shared = await ana.shares("g_1", into=family)
    assert "👥 1/3" in said(shared)
    await bo.taps("Join", on=card)
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(family))


async def test_without_inline_feedback_the_first_tap_makes_the_card_known(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    family = chat.telegram.groups.create("Family", [ana.id, bo.id], with_bot=False).id
    await ana.says(f"/start d_{beans}")
    await ana.taps("Open a group")
    await ana.taps("Open it for")
    asked = chat.telegram.people.inline_query(ana.id, "g_1", chat_id=family)
    await chat.settle()
    assert asked.answer is not None
    chat.telegram.people.choose_inline(ana.id, asked.id, asked.answer.results[0]["id"], chat_id=family)
    updates = chat.telegram.updates.take()
    chat.telegram.updates.confirm(updates[-1]["update_id"] + 1)  # lost, or never asked for
    await chat.painter.draws()
    assert "👥 1/3" in said(chat.last_message(family))
    await bo.taps("Join", on=chat.last_message(family))
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(family))


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Invite to Perkchat", "Coffee beans", "Tea & cakes"]),
        ("  ", ["Invite to Perkchat", "Coffee beans", "Tea & cakes"]),
        ("coff", ["Coffee beans"]),
        ("BEANS coffee", ["Coffee beans"]),
        ("cakes & tea", ["Tea & cakes"]),
        ("咖啡", []),
        ("%", []),
        ("d_2", ["Tea & cakes"]),
        ("d_99", []),
        ("d_x", []),
        ("d_", []),
        ("nothing_like_it", []),
    ],
)
async def test_inline_search(chat: Chat, beans: int, query: str, titles: list[str]) -> None:
    add_deal(chat.app.units, slug="tea", title="Tea & cakes", translations={})
    [ana] = await members(chat, "Ana")
    asked = chat.telegram.people.inline_query(ana.id, query)
    await chat.settle()
    assert asked.answer is not None
    assert [result["title"] for result in asked.answer.results] == titles


async def test_inline_search_in_the_members_language(chat: Chat, beans: int) -> None:
    lin = await member(chat, "Lin", language="zh-hans")
    asked = chat.telegram.people.inline_query(lin.id, "咖啡")
    await chat.settle()
    assert asked.answer is not None
    assert [result["title"] for result in asked.answer.results] == ["咖啡豆"]


async def test_a_deal_that_does_not_run_is_not_shared(chat: Chat, beans: int) -> None:
    [ana] = await members(chat, "Ana")
    set_deal(chat, is_paused=True)
    for query in (f"d_{beans}", "coffee"):
        asked = chat.telegram.people.inline_query(ana.id, query)
        await chat.settle()
        assert asked.answer is not None
        assert asked.answer.results == []


# What becomes of chats and messages


async def test_a_link_brings_a_group_buy_into_a_group(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await ana.says(f"/start@perkchat_bot d_{beans}", in_chat=friends)
    assert "👥 0/3" in said(card)
    await bo.taps("Join", on=card)
    card = await ana.says("/start@perkchat_bot g_1", in_chat=friends)
    assert labels(card) == LIVE_LABELS
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    older, newer = chat.messages(friends)[1:]
    assert said(older) == "This group buy goes on in a newer message of this chat."
    assert "👥 2/3" in said(newer)
    answer = await ana.says("/start@perkchat_bot g_99", in_chat=friends)
    assert "This is not there any more." in said(answer)


async def test_the_bot_greets_once_each_time_it_is_taken_in(chat: Chat) -> None:
    ana = await member(chat, "Ana", language="zh-tw")
    friends = await friends_of(chat, ana)
    [greeting] = chat.messages(friends)
    assert "/groupbuy" in said(greeting)
    bot = chat.telegram.world.bot_id
    chat.telegram.groups.set_status(friends, bot, "administrator")
    await chat.settle()
    assert len(chat.messages(friends)) == 1
    chat.telegram.groups.remove(friends, bot, by=ana.id)
    await chat.settle()
    chat.telegram.groups.add(friends, bot, by=ana.id)
    await chat.settle()
    assert len(chat.messages(friends)) == 2


async def test_a_group_that_becomes_a_supergroup_at_once_is_greeted_there(chat: Chat) -> None:
    [ana] = await members(chat, "Ana")
    family = chat.telegram.groups.upgrade(chat.group("Family", ana)).id
    await chat.settle()
    assert "Hello all." in said(chat.last_message(family))


async def test_thrown_out_before_it_could_greet(chat: Chat) -> None:
    [ana] = await members(chat, "Ana")
    friends = chat.group("Friends", ana)
    chat.telegram.groups.remove(friends, chat.telegram.world.bot_id, by=ana.id)
    await chat.settle()
    assert chat.messages(friends) == []


async def test_the_bot_is_removed_and_the_group_buy_goes_on(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana", "Bo", "Cy")
    friends = await friends_of(chat, ana, bo, cy)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    chat.telegram.groups.remove(friends, chat.telegram.world.bot_id, by=ana.id)
    await chat.settle()
    shown = said(chat.last_message(friends))
    await bo.says("/start g_1")
    await bo.taps("Join")
    bo.sees("👥 2/3")
    assert await chat.painter.draws() == 0, "nothing is tried where the bot is not"
    chat.telegram.groups.add(friends, chat.telegram.world.bot_id, by=ana.id)
    await chat.settle()
    assert await chat.painter.draws() == 0
    assert said(chat.messages(friends)[1]) == shown
    await cy.taps("Join", on=card)  # whoever taps it shows that it is there
    assert cy.toast is not None
    await chat.painter.draws()
    assert "👥 3/3" in said(chat.messages(friends)[1])


async def test_the_group_becomes_a_supergroup_and_its_cards_come_along(chat: Chat, beans: int) -> None:
    ana, bo, cy = await members(chat, "Ana", "Bo", "Cy")
    friends = await friends_of(chat, ana, bo, cy)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    new = chat.telegram.groups.upgrade(friends).id
    await chat.settle()
    await chat.painter.draws()
    moved = chat.last_message(new)
    assert "👥 1/3" in said(moved)
    await bo.taps("Join", on=moved)
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(new))
    await cy.taps("Join", on=chat.last_message(new))
    await chat.painter.draws()
    assert len(chat.messages(new)) == 1
    assert "👥 3/3" in said(chat.last_message(new))


async def test_a_supergroup_that_nobody_told_of(chat: Chat, beans: int) -> None:
    """The service message was missed: Telegram's answer to the edit tells the new id."""
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    new = chat.telegram.groups.upgrade(friends).id
    updates = chat.telegram.updates.take()
    chat.telegram.updates.confirm(updates[-1]["update_id"] + 1)
    await bo.says("/start g_1")
    await bo.taps("Join")
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(new))


async def test_a_card_whose_message_was_deleted_is_let_go(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    chat.telegram.world.remove(chat.telegram.world.chats[friends], [card["message_id"]])
    await bo.says("/start g_1")
    await bo.taps("Join")
    bo.sees("👥 2/3")
    assert await chat.painter.draws() == 1
    chat.clock.advance(hours=30)
    assert await chat.painter.draws() == 0, "and not tried again"


async def test_somebody_who_blocked_the_bot_can_join_in_the_group(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    chat.telegram.people.block(bo.id)
    await chat.settle()
    await bo.taps("Join", on=card)
    assert bo.toast == "You are in: Coffee beans. 2 places left."
    await chat.courier.delivers()
    bo.has_not_seen("are set aside. Until")
    await chat.painter.draws()
    assert "👥 1/3" in said(chat.last_message(friends))


@pytest.mark.parametrize(
    "data",
    [
        "here:99:en",
        "here:x:en",
        f"here:{10**30}:en",
        "here",
        "post:99:en",
        "post:-1:en",
        "join:99:en",
        "grp:99:xx",
        "dealshere:-1:en",
        "grpname:1:1",
        "deal:1:0",
        "grpleave:1",
    ],
)
async def test_made_up_buttons_in_a_group_are_answered(chat: Chat, beans: int, data: str) -> None:
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    await ana.taps_data(data, on=chat.last_message(friends))
    assert ana.toast is not None
    assert await ana.balance() == 500
    assert await chat.painter.draws() == 0
    assert "Hello all." in said(chat.last_message(friends))


@pytest.mark.parametrize(
    "data", ["home", "ask:1", "voucher:1", "points:0", "card", "wallet:0:waiting", "dealshere:0:en"]
)
async def test_a_shared_card_never_becomes_anybodys_private_screen(chat: Chat, beans: int, data: str) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    family = chat.telegram.groups.create("Family", [ana.id, bo.id], with_bot=False).id
    card = await ana.shares(f"d_{beans}", into=family)
    await ana.taps_data(data, on=card)
    assert ana.toast == "This button is out of date. Here is how things stand now."
    await chat.painter.draws()
    assert "👥 0/3 ░░░" in said(chat.last_message(family))
    assert labels(chat.last_message(family)) == labels(card)


async def test_a_shared_card_stays_that_of_its_deal(chat: Chat, beans: int) -> None:
    tea = add_deal(chat.app.units, slug="tea", title="Tea & cakes")
    ana, bo = await members(chat, "Ana", "Bo")
    family = chat.telegram.groups.create("Family", [ana.id, bo.id], with_bot=False).id
    asked = chat.telegram.people.inline_query(ana.id, f"d_{beans}", chat_id=family)
    await chat.settle()
    assert asked.answer is not None
    card = chat.telegram.people.choose_inline(ana.id, asked.id, asked.answer.results[0]["id"], chat_id=family)
    chat.telegram.updates.confirm(chat.telegram.updates.take()[-1]["update_id"] + 1)  # nobody was told of it
    await bo.taps_data(f"post:{tea}:en", on=card)
    await chat.painter.draws()
    assert "Coffee beans" in said(chat.last_message(family))


async def test_a_tap_on_a_message_that_is_gone_is_answered_in_ones_own_chat(chat: Chat, beans: int) -> None:
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    before = chat.messages(friends)
    for chat_id in (friends, ana.id):
        chat.telegram.people.forge(ana.id, chat.last_message(chat_id)["message_id"], "points:0", chat_id=chat_id)
        [raw] = chat.telegram.updates.take()
        message = raw["callback_query"]["message"]
        raw["callback_query"]["message"] = {"chat": message["chat"], "message_id": message["message_id"], "date": 0}
        seen = len(chat.messages(ana.id))
        await chat.settle()
        assert len(chat.messages(ana.id)) == seen + (chat_id == ana.id)
    ana.sees("500 points to spend")
    assert chat.messages(friends) == before


@pytest.mark.parametrize("data", ["here:1:en", "post:1:en", "dealshere:0:en"])
async def test_public_buttons_in_ones_own_chat_are_out_of_date(chat: Chat, beans: int, data: str) -> None:
    [ana] = await members(chat, "Ana")
    await ana.taps_data(data)
    assert (ana.toast or "").startswith("This button is out of date.")
    assert await ana.balance() == 500


@pytest.mark.parametrize("data", ["here:²:en", "join:１:en", "here::", "post:x"])
async def test_strangers_with_made_up_buttons_find_the_way_in(chat: Chat, data: str) -> None:
    ana = await member(chat, "Ana")
    zoe = chat.member("Zoe")
    friends = await friends_of(chat, ana, zoe)
    await zoe.taps_data(data, on=chat.last_message(friends))
    assert zoe.opened_url == "https://t.me/perkchat_bot?start=hello"


async def test_prices_in_money_stand_on_the_button(chat: Chat) -> None:
    add_deal(chat.app.units, group_price_minor=500, solo_price_minor=900)
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    card = await posts(chat, ana, friends)
    assert labels(card)[0] == "Join · 240 points + €5.00"
    assert "alone 360 points + €9.00" in said(card)


async def test_a_deal_that_ends_while_its_card_waits(chat: Chat) -> None:
    add_deal(chat.app.units, ends_at=chat.clock() + timedelta(hours=2))
    [ana] = await members(chat, "Ana")
    friends = await friends_of(chat, ana)
    await posts(chat, ana, friends)
    chat.clock.advance(hours=2)
    await chat.painter.draws()
    assert "This cannot be had just now." in said(chat.last_message(friends))


async def test_privacy_says_what_others_see(chat: Chat) -> None:
    [ana] = await members(chat, "Ana")
    await ana.says("/privacy")
    await ana.taps("Who sees what")
    ana.sees("In group buys they see how many take part; your first name only if you say so")


async def test_who_lacks_points_is_told_what_a_purchase_at_the_shop_would_bring(chat: Chat, beans: int) -> None:
    (ana,) = await members(chat, "Ana")
    zoe = chat.member("Zoe")
    await zoe.says("/start")
    friends = await friends_of(chat, ana, zoe)
    card = await posts(chat, ana, friends)
    await zoe.taps("Join", on=card)
    assert "A check-in every day" in (zoe.alert or ""), "purchases there earn nothing yet"
    with chat.app.units() as uow:
        uow.earn_rules.set(1, EarnRule(points=1, per_minor=50))
        uow.commit()
    await zoe.taps("Join", on=card)
    assert "One purchase of €120.00 at Harbour Coffee brings what is missing" in (zoe.alert or "")
    await zoe.says(f"/start d_{beans}")
    await zoe.taps("Open a group")
    zoe.sees("One purchase of €120.00 at Harbour Coffee brings what is missing: show your card there.")


async def test_a_card_has_the_picture_of_what_is_bought_where_the_chat_takes_pictures(chat: Chat, beans: int) -> None:
    with chat.app.units() as uow:
        picture = uow.pictures.add("beans", photo())
        uow.commit()
    set_deal(chat, picture_id=picture)
    ana, bo = await members(chat, "Ana", "Bo")
    friends = await friends_of(chat, ana, bo)
    card = await posts(chat, ana, friends)
    assert card["photo"]
    assert "Be the first" in said(card)
    await ana.taps("Join", on=card)
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert card["photo"]
    assert "👥 1/3" in said(card)

    words_alone = await friends_of(chat, ana, bo, title="Words alone")
    chat.telegram.groups.allow_media(words_alone, False)
    card = await posts(chat, bo, words_alone)
    assert "photo" not in card
    assert "Be the first" in said(card)
    chat.telegram.groups.allow_media(friends, False)
    await bo.taps("Join", on=chat.last_message(friends))
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert card["photo"]
    assert "👥 2/3" in said(card)


async def test_a_group_that_moves_with_a_command_in_the_same_message(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    lunch = chat.group("Lunch", ana)
    await chat.settle()
    chat.telegram.people.say(ana.id, "/groupbuy", chat_id=lunch)
    [said_there] = chat.telegram.updates.take()
    said_there["message"]["migrate_to_chat_id"] = -1_009_000_000_001
    await chat.settle()
    with chat.app.database.engine.connect() as connection:
        assert set(connection.execute(select(updates.c.state)).scalars()) == {"done"}
