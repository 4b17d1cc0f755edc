from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.pictures.cards import qr_card
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.deals import add_deal, stock_of

OPEN = "Open it for 240 points"


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units)


async def people(chat: Chat, *names: str, points: int = 500) -> list[Person]:
    """Members who have that many points."""
    found = chat.members(*names)
    for person in found:
        await person.says("/start")
        if points:
            await person.earns(points)
    await chat.courier.delivers()
    return found


async def agree(*people: Person) -> None:
    """They let others in group buys see their first names."""
    for person in people:
        await person.says("/profile")
        await person.taps("Show my first name in group buys")


async def opens_a_group(person: Person) -> Message:
    await person.says("/groupbuy")
    await person.taps("Coffee beans")
    await person.taps("Open a group")
    return await person.taps(OPEN)


async def test_what_runs_is_listed_with_both_prices(chat: Chat, beans: int) -> None:
    add_deal(chat.app.units, slug="tea", title="Tea & cakes", stock=2)
    [ana] = await people(chat, "Ana")
    await ana.says("/groupbuy")
    ana.sees("Coffee beans", "Harbour Coffee", "240 points each instead of 360", "3 people", "30 left")
    ana.sees("Tea & cakes", "All taken")
    await ana.taps("Coffee beans")
    ana.sees("500 g of the house roast.", "Together 240 points each, alone 360.", "3 people within 24 h")
    ana.sees("You have 500 points.", "Yours would be the first.")


async def test_three_fill_a_group_by_button_link_and_shared_card(chat: Chat, beans: int) -> None:
    ana, bo, cy = await people(chat, "Ana Lee", "Bo", "Cy")
    await agree(ana, bo, cy)
    friends = chat.group("Friends", ana, cy)
    await opens_a_group(ana)
    ana.sees("Coffee beans", "👥 1/3 ▓░░ 2 places left · 1 day", "Ana ⭐", "You are in", "240 of your points")
    assert await ana.balance() == 260

    await bo.opens("https://t.me/perkchat_bot?start=g_1")
    bo.sees("Joining sets 240 points aside", "You have 500 points.")
    await bo.taps("Join")
    assert bo.toast == "You are in: Coffee beans. 1 place left."
    bo.sees("👥 2/3 ▓▓░ 1 place left", "Ana ⭐, Bo")
    assert await bo.balance() == 260
    await chat.courier.delivers()
    ana.sees("Bo joined your group for Coffee beans: 2/3")
    await ana.taps("See the group")
    ana.sees("Ana ⭐, Bo")

    card = await ana.shares("g_1", into=friends)
    assert "👥 2/3 ▓▓░ 1 place left · 1 day" in said(card)
    assert "500" not in said(card)
    await cy.taps("Join", on=card)
    assert cy.toast == "You are in, and the group for Coffee beans is complete. Your voucher is waiting for you."
    await chat.painter.draws()
    card = chat.last_message(friends)
    assert "👥 3/3 ▓▓▓ Complete" in said(card)
    assert "Ana ⭐, Bo, Cy" in said(card)
    assert labels(card) == ["Open a new group"]
    await chat.courier.delivers()
    for person in (ana, bo):
        person.sees("The group for Coffee beans is complete. Your voucher is waiting for you.")
        assert labels(person.sees("complete")) == ["My vouchers"]
    cy.has_not_seen("complete")
    for person in (ana, bo, cy):
        assert await person.balance() == 260
    assert stock_of(chat.app.units, beans) == 27


async def test_completing_a_group_in_ones_own_chat_shows_it_at_once(chat: Chat, beans: int) -> None:
    ana, bo, cy = await people(chat, "Ana", "Bo", "Cy")
    await opens_a_group(ana)
    for person in (bo, cy):
        await person.says("/start g_1")
        await person.taps("Join")
    cy.sees("👥 3/3 ▓▓▓ Complete", "Your voucher is waiting for you.")
    assert "My vouchers" in labels(cy.sees("Complete"))


async def test_opening_twice_by_a_double_tap_opens_one(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    confirm = await ana.taps("Open a group")
    assert "240 points are set aside until the group is full. If it does not fill in 1 day" in said(confirm)
    await ana.taps(OPEN, times=2)
    ana.sees("👥 1/3")
    await ana.taps("My groups")
    assert said(ana.sees("My groups")).count("👥") == 1
    assert await ana.balance() == 260
    assert stock_of(chat.app.units, beans) == 27


async def test_cancelling_the_question_changes_nothing(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    await ana.taps("Open a group")
    await ana.taps("Cancel")
    ana.sees("Yours would be the first.")
    assert await ana.balance() == 500


async def test_joining_twice_is_said_and_has_no_effect(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await opens_a_group(ana)
    card = await bo.says("/start g_1")
    await bo.taps("Join")
    await bo.taps_data("join:1:", on=card, times=2)
    assert bo.toast == "You are in this group already."
    bo.sees("👥 2/3")
    assert await bo.balance() == 260


async def test_leaving_gives_the_points_back_and_the_next_one_leads(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await agree(ana, bo)
    card = await opens_a_group(ana)
    await bo.says("/start g_1")
    await bo.taps("Join")
    await chat.courier.delivers()
    chat.clock.advance(hours=2)
    await ana.taps("Leave", on=card, times=2)
    assert ana.toast == "You have left the group. Your 240 points are free again."
    assert await ana.balance() == 500
    await chat.courier.delivers()
    bo.sees("Ana has left the group for Coffee beans, and you lead it now.")
    await bo.taps("See the group")
    bo.sees("👥 1/3 ▓░░ 2 places left · 22 h", "Bo ⭐")
    await bo.taps("Leave")
    bo.sees("Called off", "This group was called off.")
    assert await bo.balance() == 500
    assert stock_of(chat.app.units, beans) == 30
    await ana.says("/start g_1")
    ana.sees("Called off")
    await ana.taps_data("join:1:")
    assert ana.alert == "This group was called off. You can open a new one."


async def test_who_left_can_come_back(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await agree(ana, bo)
    await opens_a_group(ana)
    await bo.says("/start g_1")
    for _ in range(2):
        await bo.taps("Join")
        assert await bo.balance() == 260
        await bo.taps("Leave")
        assert await bo.balance() == 500
    await bo.taps("Join")
    bo.sees("Ana ⭐, Bo")
    await chat.courier.delivers()
    assert len([m for m in chat.messages(ana.id) if "Bo joined" in said(m)]) == 1


async def test_a_group_that_does_not_fill_gives_all_points_back(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await opens_a_group(ana)
    await bo.says("/start g_1")
    await bo.taps("Join")
    await chat.courier.delivers()
    chat.clock.advance(hours=24)
    await bo.taps("Refresh")
    bo.sees("Time is over")
    await bo.taps_data("grpleave:1")
    assert bo.alert == "This group's time is over. You can open a new one."
    for _ in range(2):
        await chat.timetable.works("close due groups")
    await chat.courier.delivers()
    for person in (ana, bo):
        person.sees("The group for Coffee beans did not fill in time. Your 240 points are back.")
        assert await person.balance() == 500
    assert stock_of(chat.app.units, beans) == 30
    await bo.taps("Keep my points")
    bo.sees("Your points stay with you.")
    await bo.taps("Open a new group")
    bo.sees("Yours would be the first.")
    await bo.says("/points")
    bo.sees("Back from a group buy: Coffee beans", "Group buy: Coffee beans")


async def test_too_few_points_come_with_ways_to_more(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    [bo] = await people(chat, "Bo", points=100)
    friends = chat.group("Friends", ana, bo)
    await bo.says("/groupbuy")
    await bo.taps("Coffee beans")
    await bo.taps("Open a group")
    bo.sees("It takes 240 points and you have 100: 140 to go.", "A check-in every day")
    await bo.taps("Back")
    bo.sees("You have 100 points.")
    await opens_a_group(ana)
    await bo.says("/start g_1")
    await bo.taps("Join")
    assert {"Check in", "Invite a friend", "My points", "Back"} <= set(labels(bo.sees("140 to go")))
    await bo.taps("Back")
    bo.sees("👥 1/3")
    card = await ana.shares("g_1", into=friends)
    await bo.taps("Join", on=card)
    assert bo.alert is not None
    assert "140 to go" in bo.alert
    assert "100" not in said(chat.last_message(friends))


async def test_points_spent_between_question_and_yes(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    confirm = await ana.taps("Open a group")
    member = await ana.member()
    await chat.run(chat.club.operators.adjust, member.id, -400, "test", key="spent", actor="test")
    await ana.taps(OPEN, on=confirm)
    ana.sees("140 to go")
    assert stock_of(chat.app.units, beans) == 30


async def test_late_comers_hear_that_it_is_full(chat: Chat, beans: int) -> None:
    ana, bo, cy, di = await people(chat, "Ana", "Bo", "Cy", "Di")
    friends = chat.group("Friends", ana, di)
    await opens_a_group(ana)
    card = await ana.shares("g_1", into=friends)
    shown = await di.says("/start g_1")
    for person in (bo, cy):
        await person.says("/start g_1")
        await person.taps("Join")
    await di.taps("Join", on=shown)
    assert di.alert is not None
    assert di.alert.startswith("This group has just become full. Your points are untouched.")
    di.sees("👥 3/3 ▓▓▓ Complete", "This group is complete already.")
    chat.clock.advance(hours=1)
    await di.taps_data("join:1:en", on=card)
    assert di.alert == "This group is complete already. You can open a group of your own."
    assert await di.balance() == 500
    await cy.taps_data("grpleave:1")
    assert cy.alert == "This group is complete already. You can open a group of your own."
    await cy.taps_data("join:1:")
    assert cy.alert == "You are in this group already."


async def test_one_open_group_of_a_deal_at_a_time(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await agree(ana, bo)
    await opens_a_group(ana)
    await opens_a_group(bo)
    await bo.says("/start g_1")
    await bo.taps("Join")
    assert bo.alert == "You are in an open group for this already. When it is over, you can join another."
    assert await bo.balance() == 260
    await bo.taps("About this group buy")
    await bo.taps("Your group")
    bo.sees("Bo ⭐")
    await bo.taps_data(f"grpask:{beans}")
    assert bo.alert == "You are in an open group for this already. When it is over, you can join another."


async def test_a_deal_can_be_had_so_often_only(chat: Chat) -> None:
    add_deal(chat.app.units, size=2)
    ana, bo, cy = await people(chat, "Ana", "Bo", "Cy")
    await opens_a_group(ana)
    await bo.says("/start g_1")
    await bo.taps("Join")
    await bo.says("/groupbuy")
    await bo.taps("Coffee beans")
    bo.sees("You have had this one already.")
    assert "Open a group" not in labels(bo.sees("Coffee beans"))
    await opens_a_group(cy)
    await bo.says("/start g_2")
    await bo.taps("Join")
    assert bo.alert == "You have had this one already."


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [(1, 2, "This has not begun yet."), (-2, -1, "This is over.")],
)
async def test_outside_its_window_a_deal_is_not_listed_and_says_why(
    chat: Chat, starts: int, ends: int, words: str
) -> None:
    now = chat.clock()
    deal_id = add_deal(chat.app.units, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends))
    [ana] = await people(chat, "Ana")
    await ana.says("/groupbuy")
    ana.sees("Nothing is running just now.")
    await ana.says(f"/start d_{deal_id}")
    ana.sees("Coffee beans", words)
    await ana.taps_data(f"grpopen:{deal_id}:ABCDEFGH:240:0")
    assert ana.alert == words


async def test_a_group_ends_with_its_deal(chat: Chat) -> None:
    add_deal(chat.app.units, ends_at=chat.clock() + timedelta(hours=5, minutes=12))
    [ana] = await people(chat, "Ana")
    await opens_a_group(ana)
    ana.sees("👥 1/3 ▓░░ 2 places left · 5 h 12 min")


async def test_a_sold_out_deal_says_so(chat: Chat) -> None:
    add_deal(chat.app.units, size=2, stock=3)
    ana, bo = await people(chat, "Ana", "Bo")
    await bo.says("/groupbuy")
    await bo.taps("Coffee beans")
    confirm = await bo.taps("Open a group")
    await opens_a_group(ana)
    await bo.taps(OPEN, on=confirm)
    assert bo.alert == "The last one has just gone. Your points are untouched."
    assert await bo.balance() == 500
    await bo.says("/groupbuy")
    bo.sees("Nearly full", "1 place left", "All taken")
    await bo.taps("1 place left")
    await bo.taps("Join")
    bo.sees("Complete")


async def test_a_newcomer_follows_the_link_and_is_welcome(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    await agree(ana)
    await opens_a_group(ana)
    zoe = chat.member("Zoe")
    await zoe.opens("https://t.me/perkchat_bot?start=g_1")
    zoe.sees("Welcome to Perkchat", "Coffee beans", "👥 1/3", "You have 0 points.")
    await zoe.taps("Join")
    zoe.sees("It takes 240 points and you have 0: 240 to go.")
    await zoe.earns(240)
    await zoe.says("/start g_1")
    zoe.sees("You have 240 points.")
    await zoe.taps("Join")
    zoe.sees("Ana ⭐ and 1 more")
    await agree(zoe)
    await zoe.says("/start g_1")
    zoe.sees("Ana ⭐, Zoe")


async def test_a_newcomer_taps_a_shared_card_and_is_led_to_the_group(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    zoe = chat.member("Zoe")
    friends = chat.group("Friends", ana, zoe)
    await opens_a_group(ana)
    card = await ana.shares("g_1", into=friends)
    await zoe.taps("Join", on=card)
    assert zoe.opened_url == "https://t.me/perkchat_bot?start=g_1"
    await zoe.opens(zoe.opened_url)
    zoe.sees("Welcome to Perkchat", "👥 1/3")


@pytest.mark.parametrize(
    "data",
    [
        "join:99:",
        "join:x:",
        "join:-1:",
        f"join:{10**30}:",
        "join",
        "grp:99:",
        "grpleave:99",
        "grpask:99",
        "deal:99:0",
        "grpopen:99:ABCDEFGH:240:0",
        "grpopen:1:short:240:0",
        "grpopen:1::240:0",
        "deals:-5",
        f"grpmine:{10**25}",
    ],
)
async def test_made_up_buttons_are_answered(chat: Chat, beans: int, data: str) -> None:
    [ana] = await people(chat, "Ana")
    await ana.taps_data(data)
    assert ana.toast is not None
    assert await ana.balance() == 500


@pytest.mark.parametrize("payload", ["g_99", "g_", "g_x", "g_1e3", "g_99999999999999999999999", "d_99", "d_x"])
async def test_links_to_nothing_show_what_there_is(chat: Chat, beans: int, payload: str) -> None:
    zoe = chat.member("Zoe")
    await zoe.opens(f"https://t.me/perkchat_bot?start={payload}")
    zoe.sees("Welcome to Perkchat", "This is not there any more.", "Coffee beans")


async def test_sharing_a_group_that_is_not_there_offers_nothing(chat: Chat, beans: int) -> None:
    [ana] = await people(chat, "Ana")
    for query in ("g_77", "g_", "g", "g_x"):
        asked = chat.telegram.people.inline_query(ana.id, query)
        await chat.settle()
        assert asked.answer is not None
        assert asked.answer.results == []


async def test_somebody_elses_leave_button(chat: Chat, beans: int) -> None:
    ana, bo = await people(chat, "Ana", "Bo")
    await opens_a_group(ana)
    await bo.says("/start g_1")
    await bo.taps_data("grpleave:1")
    assert bo.alert == "You are not in this group."
    bo.sees("👥 1/3")


async def test_lists_are_paged(chat: Chat) -> None:
    for number in range(7):
        add_deal(chat.app.units, slug=f"deal-{number}", title=f"Deal {number}", group_points=10)
    ana, bo = await people(chat, "Ana", "Bo")
    await agree(ana)
    await ana.says("/groupbuy")
    ana.sees("Deal 0", "Deal 4")
    await ana.taps("More »")
    ana.sees("Deal 5", "Deal 6")
    await ana.taps("« First")
    for number in range(7):
        await ana.says(f"/start d_{number + 1}")
        await ana.taps("Open a group")
        await ana.taps("Open it for 10 points")
    await ana.says("/groupbuy")
    await ana.taps("My groups (7)")
    ana.sees("Deal 6", "Deal 2")
    await ana.taps("Older »")
    ana.sees("Deal 1", "Deal 0")
    await ana.taps("« Newest")
    await ana.taps("Deal 6")
    ana.sees("Ana ⭐")
    await bo.says("/groupbuy")
    bo.sees("Nearly full")
    await bo.taps("More »")
    assert "Nearly full" not in said(bo.sees("Deal 5"))


async def test_many_open_groups_of_a_deal_are_paged(chat: Chat) -> None:
    add_deal(chat.app.units, group_points=10)
    names = [f"P{number}" for number in range(7)]
    for person in await people(chat, *names, points=10):
        await agree(person)
        await person.says("/start d_1")
        await person.taps("Open a group")
        await person.taps("Open it for 10 points")
    [zoe] = await people(chat, "Zoe")
    card = await zoe.says("/start d_1")
    assert [label for label in labels(card) if label.startswith("P")] == [f"P{n} · 1/3 · 1 day" for n in range(5)]
    card = await zoe.taps("More »")
    assert [label for label in labels(card) if label.startswith("P")] == ["P5 · 1/3 · 1 day", "P6 · 1/3 · 1 day"]
    await zoe.taps("P6")
    await zoe.taps("Join")
    zoe.sees("P6 ⭐ and 1 more")


async def test_my_groups_tells_how_each_ended(chat: Chat) -> None:
    for number in range(3):
        add_deal(chat.app.units, slug=f"deal-{number}", title=f"Deal {number}", group_points=10, size=2)
    ana, bo = await people(chat, "Ana", "Bo")
    await ana.says("/groupbuy")
    await ana.taps("My groups")
    ana.sees("You are in no group yet.")
    for number in range(3):
        await ana.says(f"/start d_{number + 1}")
        await ana.taps("Open a group")
        await ana.taps("Open it for 10 points")
    await ana.taps("Leave")
    await bo.says("/start g_2")
    await bo.taps("Join")
    await bo.says("/start g_1")
    await bo.taps("Join")
    await bo.says("/start g_1")
    chat.clock.advance(days=2)
    await chat.timetable.works("close due groups")
    await ana.says("/groupbuy")
    mine = said(await ana.taps("My groups"))
    assert [line.split(" ", 3)[-1] for line in mine.splitlines() if "👥" in line] == [
        "Called off",
        "Complete",
        "Complete",
    ]


async def test_pictures_stay_in_place(chat: Chat) -> None:
    with chat.app.units() as uow:
        picture_id = uow.pictures.add("beans", qr_card("https://example.com", "Beans", "beans", "beans"))
        uow.commit()
    add_deal(chat.app.units, picture_id=picture_id)
    ana, bo = await people(chat, "Ana", "Bo")
    await ana.says("/groupbuy")
    card = await ana.taps("Coffee beans")
    assert card["photo"]
    opened = await opens_a_group(ana)
    assert opened["photo"]
    await ana.taps("Refresh")
    assert chat.last_message(ana.id)["message_id"] == opened["message_id"]
    friends = chat.group("Friends", ana, bo)
    shared = await ana.shares("g_1", into=friends)
    await bo.taps("Join", on=shared)
    await chat.painter.draws()
    assert "👥 2/3" in said(chat.last_message(friends))
