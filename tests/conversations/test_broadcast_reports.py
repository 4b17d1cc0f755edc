from __future__ import annotations

import asyncio
import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from handlers.broadcasts import reports
from handlers.broadcasts.callbacks import History
from loyalty.broadcasts import ContentButton, Leads
from loyalty.members import Language, Topic
from loyalty.merchants import Role
from tests.conversations.test_broadcasts import agree, appoint, club_of, open_shop, owner_of, sends
from tests.conversations.test_composing import speaks
from tests.kit.broadcasts import add_broadcast, buy, deliver, redeem, say_no
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.shops import enrol

BUTTONS = (
    ContentButton("Our menu", Leads.LINK, "https://bean.bar", {"zh-Hans": "菜单", "zh-Hant": "菜單"}),
    ContentButton("Flat white", Leads.REWARD, "1"),
)
SHOP = 1


async def marketer_of(chat: Chat, language: str = "en") -> Person:
    """Somebody who writes for the shop, in a language."""
    mary = chat.member("Mary", language=language)
    await mary.says("/start")
    await appoint(chat, mary, await open_shop(chat), Role.MARKETER)
    return mary


async def measured(chat: Chat, mary: Person, **facts: Any) -> int:
    """A message in two wordings: 5 got A, of whom 1 tapped, 5 got B, of whom 4 did; 1 has blocked the bot, of 1 nobody
    knows. Of those who got it 2 redeemed 80 points each, and 1 bought for 12.50; all but one buyer had tapped."""
    database, author, at = chat.app.database, (await mary.member()).id, chat.clock()
    broadcast_id = add_broadcast(
        database, SHOP, author, at, words=("Half price", "Two for one"), buttons=BUTTONS, recipients=12, **facts
    )
    people = [enrol(chat.app.units, f"M{n}").id for n in range(12)]
    for place, member_id in enumerate(people[:10]):
        taps = (0,) if place in (0, 5, 6, 7, 8) else ()
        deliver(database, broadcast_id, SHOP, member_id, at, variant="A" if place < 5 else "B", taps=taps)
    deliver(database, broadcast_id, SHOP, people[10], at, "suppressed", "blocked")
    deliver(database, broadcast_id, SHOP, people[11], at, "unknown", "crash")
    for member_id in people[5:7]:
        redeem(database, SHOP, member_id, at + timedelta(hours=1))
    buy(database, SHOP, people[1], at + timedelta(hours=2), 2_000, refunded=750)
    return broadcast_id


async def shows(mary: Person, broadcast_id: int) -> Message:
    await mary.says("/start")
    return await mary.taps_data(f"bfigures:{broadcast_id}")


def file_of(chat: Chat, person: Person) -> tuple[str, list[str]]:
    """The last document that somebody got: its name, and its lines."""
    sent = chat.last_message(person.id)["document"]
    file = chat.telegram.world.files.get(sent["file_id"])
    assert file is not None
    return sent["file_name"], file.content.decode("utf-8-sig").split("\r\n")


async def test_the_figures_say_what_became_of_everybody(chat: Chat) -> None:
    mary = await marketer_of(chat)
    await shows(mary, await measured(chat, mary))
    mary.sees(
        "Bean Bar: sent\n“Half price”",
        "Recipients: 12\n"
        "Let go by the contact rules: 12 · 100 %\n"
        "Sent: 10 · 83.3 %\n"
        "Opened: 5 · 50 %\n"
        "Tapped a button: 5 · 50 %\n"
        "Redeemed: 2 · 20 %\n"
        "Bought: 1 · 10 %",
        "Not sent\nHave blocked the bot: 1\n"
        "Perhaps arrived, perhaps not: 1 · the connection broke off, and a second try might have reached them twice",
        "Buttons\n“Our menu”: 5 · 50 %\n“Flat white”: 0 · 0 %",
        "Within 7 days after it: all who got it\n"
        "Redeemed: 2 · 20 %\nVouchers: 2\nPoints redeemed: 160\nBought: 1 · 10 %\nPurchases: 1\nRevenue: €12.50\n"
        "What came after the message at your shop, within 7 days and before your next one to the same people. After it "
        "is not because of it: some would have come anyway.",
        "Within 7 days after it: those who looked\n"
        "Opened: 5 · 50 %\nRedeemed: 2 · 40 %\nPoints redeemed: 160\nBought: 0 · 0 %\nRevenue: €0.00\n"
        "Points productivity: 40 % · of those who looked, so many redeemed",
        # Wilson's interval of 1 in 5 and of 4 in 5, as tables have it
        "Wording A\nSent: 5\nTapped a button: 1 · 20 %\nShare, at least: 3.6 %\nShare, at most: 62.4 %",
        "Wording B\nSent: 5\nTapped a button: 4 · 80 %\nShare, at least: 37.6 %\nShare, at most: 96.4 %",
        # Newcombe of it: 0.6 - sqrt(0.4245^2 + 0.4245^2), a hair below 0, and 0.6 + sqrt(0.1638^2 + 0.1638^2)
        "B against A: too early to say (0 to 83.2 points of a percent)\n"
        "What the rest gets: the one that is ahead 4 h after the start",
    )
    assert labels(chat.last_message(mary.id)) == [
        "Figures", "Picture", "CSV", "Use as a new draft", "New message", "Sent before", "Home",
    ]  # fmt: skip


async def test_what_was_decided_is_said(chat: Chat) -> None:
    mary = await marketer_of(chat)
    decided = await measured(chat, mary, winner="B", decided_at=chat.clock() + timedelta(hours=4))
    await shows(mary, decided)
    mary.sees("What the rest gets: B, decided 1 May 2026, 14:00")
    drawn = add_broadcast(
        chat.app.database, SHOP, (await mary.member()).id, chat.clock(), words=("A", "B", "C"), method="thompson"
    )
    deliver(chat.app.database, drawn, SHOP, (await mary.member()).id, chat.clock(), variant="C")
    await shows(mary, drawn)
    mary.sees("Wording C\nSent: 1", "What the rest gets: each as often as it is likely to be the best")


async def test_a_clear_difference_is_called_one(chat: Chat) -> None:
    mary = await marketer_of(chat)
    database, author, at = chat.app.database, (await mary.member()).id, chat.clock()
    done = add_broadcast(database, SHOP, author, at, words=("A", "B"), buttons=BUTTONS, test_percent=100)
    for n in range(20):
        member_id = enrol(chat.app.units, f"M{n}").id
        deliver(database, done, SHOP, member_id, at, variant="AB"[n % 2], taps=(0,) if n % 2 else ())
    await shows(mary, done)
    # 10 of 10 against 0 of 10: Wilson's intervals reach 27.8 inwards, so 1 - sqrt(2) * 0.2775
    mary.sees("B against A: better by 60.8 to 100 points of a percent", "there is none, all are in the test")


async def test_while_it_is_being_sent_the_report_says_so_far(chat: Chat) -> None:
    mary = await marketer_of(chat)
    database, author, at = chat.app.database, (await mary.member()).id, chat.clock()
    sending = add_broadcast(database, SHOP, author, at, state="sending", recipients=5)
    people = [enrol(chat.app.units, f"M{n}").id for n in range(5)]
    for member_id, hours in zip(people[:2], (8, 11), strict=True):
        deliver(database, sending, SHOP, member_id, at, "queued", "quiet_hours", until=at + timedelta(hours=hours))
    deliver(database, sending, SHOP, people[2], at, "queued", "")
    deliver(database, sending, SHOP, people[3], at, "sending")
    deliver(database, sending, SHOP, people[4], at)
    await mary.says("/start")
    await mary.taps_data(f"breport:{sending}")
    await mary.taps("Figures so far")
    mary.sees(
        "Bean Bar: on its way",
        "As it stands 1 May 2026, 10:00",
        "Recipients: 5\nLet go by the contact rules: 2 · 40 %\nSent: 1 · 20 %",
        "Still to come\nBeing sent now: 1\nNext in line: 1\n"
        "Not woken: quiet hours: 2 · the last one until 1 May 2026, 21:00",
    )
    await mary.taps("Back")
    mary.sees("on its way", "1 / 5")


async def test_what_is_scheduled_has_nobody_yet(chat: Chat) -> None:
    mary = await marketer_of(chat)
    scheduled = add_broadcast(chat.app.database, SHOP, (await mary.member()).id, chat.clock(), state="scheduled")
    await shows(mary, scheduled)
    mary.sees("Bean Bar: not begun yet", "Recipients: 0", "Nobody is on the list yet")
    await mary.taps("Picture")
    assert "photo" in chat.last_message(mary.id)
    await mary.taps("CSV")
    assert file_of(chat, mary)[0] == f"broadcast-{scheduled}.csv"


async def test_the_picture_is_drawn_beside_the_event_loop(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    mary = await marketer_of(chat)
    broadcast_id = await measured(chat, mary)
    loop_thread, drew_on = threading.get_ident(), []
    draw = reports.draw

    def noting(*args: Any) -> bytes | None:
        drew_on.append(threading.get_ident())
        return draw(*args)

    monkeypatch.setattr(reports, "draw", noting)
    await shows(mary, broadcast_id)
    await mary.taps("Picture")
    shown = mary.sees("Bean Bar: sent\n“Half price”")
    assert len(drew_on) == 1
    assert drew_on[0] != loop_thread
    assert labels(shown)[:3] == ["Figures", "Picture", "CSV"]
    file = chat.telegram.world.files.get(shown["photo"][-1]["file_id"])
    assert file is not None
    assert Image.open(io.BytesIO(file.content)).size == (800, 500 + 2 * 62), "a strip for each wording"
    await mary.taps("Figures")
    assert "photo" not in mary.sees("Recipients: 12")


async def test_without_the_renderer_the_list_has_to_do(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    mary = await marketer_of(chat)
    broadcast_id = await measured(chat, mary)
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    await shows(mary, broadcast_id)
    await mary.taps("Picture")
    assert "photo" not in mary.sees("Recipients: 12", "Points productivity: 40 %")


async def test_the_file_has_a_line_for_each_figure_and_nobodys_name(chat: Chat) -> None:
    mary = await marketer_of(chat)
    await shows(mary, await measured(chat, mary))
    await mary.taps("CSV")
    name, lines = file_of(chat, mary)
    assert name == "broadcast-1.csv"
    chances = [line for line in lines if "Chance to be the best" in line]
    assert len(chances) == 2
    first, after = "From whom it is for to who bought", "Within 7 days after it"
    assert [line for line in lines if line not in chances] == [
        "Part,Figure,Number,Percent,Remark",
        f"{first},Recipients,12,,",
        f"{first},Let go by the contact rules,12,100.0,",
        f"{first},Sent,10,83.3,",
        f"{first},Opened,5,50.0,",
        f"{first},Tapped a button,5,50.0,",
        f"{first},Redeemed,2,20.0,",
        f"{first},Bought,1,10.0,",
        "Not sent,Have blocked the bot,1,,",
        'Not sent,"Perhaps arrived, perhaps not",1,,'
        '"the connection broke off, and a second try might have reached them twice"',
        "Buttons,“Our menu”,5,50.0,",
        "Buttons,“Flat white”,0,0.0,",
        f"{after}: all who got it,Redeemed,2,20.0,",
        f"{after}: all who got it,Vouchers,2,,",
        f"{after}: all who got it,Points redeemed,160,,",
        f"{after}: all who got it,Bought,1,10.0,",
        f"{after}: all who got it,Purchases,1,,",
        f"{after}: all who got it,Revenue,12.50,,EUR",
        f"{after}: those who looked,Opened,5,50.0,",
        f"{after}: those who looked,Redeemed,2,40.0,",
        f"{after}: those who looked,Points redeemed,160,,",
        f"{after}: those who looked,Bought,0,0.0,",
        f"{after}: those who looked,Revenue,0.00,,EUR",
        f'{after}: those who looked,Points productivity,,40.0,"of those who looked, so many redeemed"',
        "Wording A,Sent,5,,",
        "Wording A,Tapped a button,1,20.0,",
        'Wording A,"Share, at least",,3.6,',
        'Wording A,"Share, at most",,62.4,',
        "Wording B,Sent,5,,",
        "Wording B,Tapped a button,4,80.0,",
        'Wording B,"Share, at least",,37.6,',
        'Wording B,"Share, at most",,96.4,',
        "Which wording is better,B against A,,,too early to say (0 to 83.2 points of a percent)",
        "Which wording is better,What the rest gets,,,the one that is ahead 4 h after the start",
        "",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", ("收件人：12", "“菜单”：5 · 50 %", "7 天", "12.50")),
        ("zh-Hant", ("收件人：12", "「菜單」：5 · 50 %", "7 天", "12.50")),
    ],
)
async def test_in_chinese_too(language: str, words: tuple[str, ...], chat: Chat) -> None:
    mary = await marketer_of(chat, language)
    broadcast_id = await measured(chat, mary)
    await shows(mary, broadcast_id)
    mary.sees(*words)
    await mary.taps_data(f"bchart:{broadcast_id}")
    assert "photo" in chat.last_message(mary.id)
    await mary.taps_data(f"bcsv:{broadcast_id}")
    assert any("收件人,12" in line for line in file_of(chat, mary)[1])


async def test_a_real_broadcast_is_reported_from_what_was_sent(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = chat.members("Ana", "Bo")
    for person in (ana, bo):
        await person.says("/start")
        await chat.run(chat.club.members.consent, await person.member(), Topic.OFFERS, True, "Yes")
    await sends(owner)
    await chat.courier.delivers()
    await ana.taps("Why this?")
    redeem(chat.app.database, SHOP, (await ana.member()).id, chat.clock(), 80)
    await owner.taps("Report")
    await owner.taps("Figures")
    owner.sees(
        "Recipients: 2", "Sent: 2 · 100 %", "Opened: 1 · 50 %", "Points redeemed: 80", "Points productivity: 100 %"
    )


async def test_the_shop_looks_back_in_pages_and_takes_a_file_along(chat: Chat) -> None:
    mary = await marketer_of(chat)
    author, database = (await mary.member()).id, chat.app.database
    await mary.says("/start")
    await mary.taps_data(f"bshop:{SHOP}:30:0")
    mary.sees("Bean Bar: sent in the last 30 days\n\nNothing was sent in this time.")
    for n in range(9):
        at = chat.clock() - timedelta(days=20 - n)
        one = add_broadcast(database, SHOP, author, at, words=(f"Message {n}",), recipients=3)
        for place in range(3):
            member_id = enrol(chat.app.units, f"M{n}-{place}").id
            deliver(database, one, SHOP, member_id, at, opened=place == 0)
            if place < 2 and n == 8:
                redeem(database, SHOP, member_id, at)
                buy(database, SHOP, member_id, at, 250)
    await mary.taps_data(f"bhistory:{SHOP}:0")
    await mary.taps("Last 30 days")
    seen = mary.sees("19 Apr 2026 · Message 8\n3 sent · opened 33.3 % · 2 redeemed")
    assert "Message 0" not in said(seen)
    assert labels(seen)[-5:] == ["Older »", "Last 90 days", "CSV", "Sent before", "Home"]
    await mary.taps("Older »")
    mary.sees("11 Apr 2026 · Message 0\n3 sent · opened 33.3 % · 0 redeemed")
    await mary.taps("« Newest")
    await mary.taps("CSV")
    name, lines = file_of(chat, mary)
    assert name == f"broadcasts-{SHOP}-30.csv"
    assert len(lines) == 11
    assert lines[:2] == [
        "Day,Message,State,Recipients,Sent,Opened,Percent,Redeemed,Points redeemed,Bought,Revenue (EUR)",
        "2026-04-19,Message 8,sent,3,3,1,33.3,2,160,2,5.00",
    ]
    await mary.taps("Back")
    await mary.taps("Message 8")
    mary.sees("“Message 8”", "Recipients: 3")


async def test_the_operator_sees_who_writes_how_much(chat: Chat) -> None:
    olga = chat.operator()
    await olga.says("/broadcasts")
    olga.sees("No shop has written to anybody.")
    mary = await marketer_of(chat)
    database, author, at = chat.app.database, (await mary.member()).id, chat.clock()
    people = [enrol(chat.app.units, f"M{n}").id for n in range(6)]
    for n in range(10):
        shop = SHOP if n == 0 else await open_shop(chat, f"Shop {n}")
        one = add_broadcast(database, shop, author, at)
        for member_id in people[: 4 if n == 0 else 1]:
            deliver(database, one, shop, member_id, at)
        if n == 0:
            deliver(database, one, shop, people[4], at, "suppressed", "blocked")
            deliver(database, one, shop, people[5], at, "suppressed", "one_a_day")
            say_no(database, people[0], f"broadcast:{one}", at)
    await olga.says("/admin")
    await olga.taps("Who writes how much")
    olga.sees(
        "1. Bean Bar: 1 message, recipients: 6, sent: 4\n"
        "– Have blocked the bot: 1\n– Had other messages until it was too late: 1\n"
        "Stops: 1 · blocked: 20 %",
        "2. Shop 1: 1 message, recipients: 1, sent: 1\nStops: 0 · blocked: 0 %",
    )
    await olga.taps("More »")
    olga.sees("10. Shop 9")
    await olga.taps("« First")
    olga.sees("Bean Bar")


@pytest.mark.permission
async def test_old_buttons_are_answered_politely(chat: Chat) -> None:
    mary = await marketer_of(chat)
    broadcast_id = await measured(chat, mary)
    stranger = chat.member("Stan")
    await stranger.says("/start")
    await appoint(chat, stranger, await open_shop(chat, "Other"), Role.OWNER)
    for data in (f"bfigures:{broadcast_id}", f"bchart:{broadcast_id}", f"bcsv:{broadcast_id}", f"bshop:{SHOP}:30:0"):
        await stranger.taps_data(data)
        assert stranger.alert == "Only the owner or a marketer of this shop can write to its customers.", data
    for data in ("bfigures:999", "bchart:999", "bcsv:999", f"bshop:{SHOP}:31:0", f"bshopcsv:{SHOP}:0"):
        await mary.taps_data(data)
        assert mary.alert == "This is not there any more. Here is how things stand now.", data
    await asyncio.gather(*(mary.taps_data(f"bfigures:{broadcast_id}", times=2) for _ in range(1)))
    mary.sees("Recipients: 12")


async def test_an_owner_reads_a_report_in_her_own_language_without_placeholders(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await sends(owner, "Hello {first_name|dear}, {points} points at {shop}")
    await chat.courier.delivers()
    await speaks(chat, Language.TRADITIONAL, owner)
    listed = labels(await owner.taps_data(History(merchant_id=SHOP).pack()))
    assert any("Hello dear, … points" in label for label in listed), listed
    await shows(owner, 1)
    assert "{" not in said(owner.sees("Hello dear, … points at Bean Bar"))
