"""A shop says in the chat whom it means, by taps; typing is for numbers, products and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from handlers.segments.callbacks import (
    AskName,
    ChooseSort,
    ChooseValue,
    DeleteList,
    Edit,
    EditPart,
    Overwrite,
    PutCondition,
    ShowList,
    ShowPart,
    StartFrom,
)
from loyalty.earning import EarnRule
from loyalty.members import Tier
from loyalty.segment_choices import Sort
from loyalty.segments import EVERYBODY, All, AnyOf, Bought, HasTier, InSaved, Not, Segment, fingerprint
from tests.conversations.test_broadcasts import agree, appoint, club_of, composes, dismiss, open_shop
from tests.kit.chat import Chat, Person, labels, said

CHANGED = "This was changed in the meantime. This is how it is now."
NOT_MARKETER = "That is for the staff of this shop. If you should be one of them, its owner can invite you."


@dataclass
class Desk:
    """Olive's shop with a draft; Ana, Bo and Cy said yes, Dee did not."""

    chat: Chat
    shop: int
    olive: Person
    people: dict[str, Person]
    draft_id: int

    def segment(self) -> Segment:
        with self.chat.app.units() as uow:
            draft = uow.broadcasts.get(self.draft_id)
        assert draft is not None
        return draft.segment

    def mark(self) -> str:
        return fingerprint(self.segment())

    async def means(self, segment: Segment) -> None:
        """As if it had been put together before."""

        def aimed() -> None:
            with self.chat.app.units() as uow:
                uow.broadcasts.aim(self.draft_id, segment)
                uow.commit()

        await self.chat.run(aimed)

    async def sells(self, name: str, minor: int, *tags: str) -> None:
        buyer = await self.people[name].member()
        await self.chat.run(
            self.chat.club.purchases.record, buyer.id, self.shop, minor, tags=tags,
            key=f"test:{name}:{tags}:{minor}", actor="test",
        )  # fmt: skip

    async def ranks(self, name: str, tier: Tier) -> None:
        code = (await self.people[name].member()).code
        await self.chat.run(self.chat.club.tiers.grant, code, tier)


@pytest.fixture
async def desk(chat: Chat) -> Desk:
    return await _desk(chat, "en")


async def _desk(chat: Chat, language: str) -> Desk:
    shop = await open_shop(chat)
    await chat.run(chat.club.purchases.set_rule, shop, EarnRule(tags={"tea": 200}))
    people = dict(zip(("Ana", "Bo", "Cy", "Dee"), await club_of(chat, "Ana", "Bo", "Cy", "Dee"), strict=True))
    await agree(chat, people["Ana"], people["Bo"], people["Cy"])
    olive = chat.member("Olive", language=language)
    await olive.says("/start")
    await appoint(chat, olive, shop)
    await composes(olive)
    card = await chat.run(chat.club.broadcasts.draft, await olive.member(), shop)
    return Desk(chat, shop, olive, people, card.draft.id)


async def adds(person: Person, *taps: str) -> dict[str, Any]:
    await person.taps("Add a condition")
    for label in taps:
        shown = await person.taps(label)
    return shown


async def test_three_conditions_with_or_and_not_by_taps_alone(desk: Desk) -> None:
    olive = desk.olive
    await desk.ranks("Ana", Tier.GOLD)
    await desk.sells("Bo", 400, "coffee")
    await desk.sells("Cy", 300, "coffee")
    await desk.sells("Cy", 200, "tea")
    await olive.taps("To whom: Everybody who said yes to this")
    olive.sees("Everybody who said yes to this", "3 of 3 people who said yes and can be reached.")
    await adds(olive, "Tier", "Silver", "Gold", "Done")
    olive.sees("People who are Silver or Gold\n", "1 of 3 people")
    await olive.taps("1. are Silver or Gold")
    await olive.taps("Or …")
    await olive.taps("A product")
    await olive.taps("coffee")
    await olive.taps("Last 30 days")
    olive.sees("People who are Silver or Gold, or have bought “coffee” in the last 30 days\n", "3 of 3 people")
    await adds(olive, "A product", "tea", "At any time")
    await olive.taps("2. have bought “tea”")
    await olive.taps("The opposite")
    shown = olive.sees(
        "People who (are Silver or Gold, or have bought “coffee” in the last 30 days), and have never bought “tea”\n",
        "2 of 3 people",
    )
    assert labels(shown)[:4] == [
        "1. Any of these:",
        "1.1. are Silver or Gold",
        "1.2. have bought “coffee” in the last 30 da…",
        "2. have never bought “tea”",
    ]
    assert desk.segment() == All(
        (AnyOf((HasTier((Tier.SILVER, Tier.GOLD)), Bought(30, "coffee"))), Not(Bought(None, "tea")))
    )
    await olive.taps("« Back to the message")
    olive.sees("2 of 5 members are meant")
    await olive.taps("Send to 2 people")
    await olive.taps("Yes, send to 2 people")
    await desk.chat.courier.delivers()
    for name, gets_it in (("Ana", True), ("Bo", True), ("Cy", False), ("Dee", False)):
        seen = any("Fresh croissants" in said(m) for m in desk.chat.messages(desk.people[name].id))
        assert seen is gets_it, name


async def test_the_same_in_traditional_chinese(chat: Chat) -> None:
    desk = await _desk(chat, "zh-hant")
    olive = desk.olive
    await desk.ranks("Ana", Tier.GOLD)
    await desk.sells("Bo", 400, "coffee")
    await olive.taps("傳給：所有同意接收的人")
    await olive.taps("新增條件")
    for label in ("等級", "銀卡", "金卡", "選好了", "1. 是銀卡或金卡", "或者……", "最近一次消費", "最近 30 天"):
        await olive.taps(label)
    for label in ("新增條件", "買過這個、沒買那個", "coffee", "tea"):
        await olive.taps(label)
    olive.sees(
        "（是銀卡或金卡，或者最近 30 天來買過東西），而且買過「coffee」，而且從沒買過「tea」的人",
        "同意接收且聯絡得上的 3 人當中，符合的有 1 人。",
    )


async def test_an_old_button_draws_how_it_is_now_and_changes_nothing(desk: Desk) -> None:
    olive = desk.olive
    before = desk.mark()
    await olive.taps("To whom")
    await adds(olive, "Points", "50 or more")
    kept = desk.segment()
    of_draft: dict[str, Any] = {"broadcast_id": desk.draft_id, "mark": before}
    for old in (
        PutCondition(**of_draft, where="a", sort=Sort.POINTS, first=100),
        EditPart(**of_draft, edit=Edit.CLEAR),
        EditPart(**of_draft, edit=Edit.REMOVE, path="0"),
        ShowPart(**of_draft, path="0"),
        ChooseSort(**of_draft, where="a"),
        ChooseValue(**of_draft, where="a", sort=Sort.TIER),
        AskName(**of_draft),
    ):
        await olive.taps("« Back to the message") if "« Back to the message" in labels(olive.sees()) else None
        await olive.taps_data(old.pack())
        assert olive.toast == CHANGED, old
        olive.sees("People who have 50 points or more")
        assert desk.segment() == kept


async def test_a_tap_twice_is_one(desk: Desk) -> None:
    await desk.olive.taps("To whom")
    await desk.olive.taps("Add a condition")
    await desk.olive.taps("Points")
    await desk.olive.taps("100 or more", times=2)
    desk.olive.sees("People who have 100 points or more\n")
    assert len(desk.segment().parts) == 1  # type: ignore[union-attr]


async def test_what_was_changed_last_can_be_taken_back_and_made_again(desk: Desk) -> None:
    olive = desk.olive
    await olive.taps("To whom")
    await adds(olive, "Customer or not yet", "are no customers of yours yet")
    await adds(olive, "Friends", "have brought friends")
    await olive.taps("Everybody")
    olive.sees("Everybody who said yes to this")
    await olive.taps("Undo")
    olive.sees("People who are no customers of yours yet, and have brought friends\n")
    await olive.taps("Undo")
    assert desk.segment() == EVERYBODY


async def test_parts_are_turned_moved_changed_and_removed(desk: Desk) -> None:
    olive = desk.olive
    await olive.taps("To whom")
    await adds(olive, "Points", "50 or more")
    await adds(olive, "Language", "繁體中文", "Done")
    await olive.taps("Any one is enough")
    olive.sees("People who have 50 points or more, or use the bot in 繁體中文\n")
    await olive.taps("2. use the bot")
    await olive.taps("Move up")
    olive.sees("People who use the bot in 繁體中文, or have 50 points or more\n")
    await olive.taps("1. use the bot")
    await olive.taps("Change")
    for label in ("繁體中文", "English", "Done"):
        await olive.taps(label)
    olive.sees("People who use the bot in English, or have 50 points or more\n", "3 of 3 people")
    await olive.taps("2. have 50")
    await olive.taps("And …")
    olive.sees("And what else must fit?")
    await olive.taps("Birthday")
    await olive.taps("Month of sending")
    olive.sees("or (have 50 points or more, and have their birthday in the month of sending)\n")
    await olive.taps("2. All of these")
    await olive.taps("The opposite")
    olive.sees("or do not fit this: (have 50 points or more, and have their birthday in the month of sending)")
    await olive.taps("2. Not all of these")
    await olive.taps("Add to it")
    await olive.taps("Favourites")
    await olive.taps("have a reward of yours")
    await olive.taps("2. Not all of these")
    await olive.taps("Remove")
    olive.sees("People who use the bot in English\n")


async def test_nobody_is_said_with_what_takes_most_away(desk: Desk) -> None:
    olive = desk.olive
    await desk.sells("Bo", 400, "coffee")
    await desk.sells("Cy", 400, "coffee")
    await olive.taps("To whom")
    await adds(olive, "Customer or not yet", "are customers of yours")
    await adds(olive, "Tier", "Gold", "Done")
    olive.sees("0 of 3 people", "Nobody fits. Without “are Gold” it would be 2 people.")
    assert "Show ten of them" not in labels(olive.sees())
    await olive.taps("« Back to the message")
    await olive.taps("Send to")
    assert olive.alert is not None


async def test_ten_of_them_are_shown_without_their_names(desk: Desk) -> None:
    await desk.ranks("Ana", Tier.GOLD)
    await desk.olive.taps("To whom")
    await desk.olive.taps("Show ten of them")
    shown = said(desk.olive.sees("A. · Gold · English · since", "B. · Member"))
    assert "Ana" not in shown
    assert "Bo" not in shown
    await desk.olive.taps("« Back")
    desk.olive.sees("To whom?")


@pytest.mark.parametrize(
    ("ways", "typed", "answer"),
    [
        (["Points"], "lots", "Type a whole number, such as 250"),
        (["Points"], "500-100", "the smaller one first"),
        (["Points"], "9" * 15, "It takes whole numbers up to 100,000,000"),
        (["Last purchase"], "soon", "Type a whole number of days"),
        (["Last purchase"], "0", "Type a whole number of days"),
        (["Last purchase"], "99999", "It takes whole numbers up to 3,650"),
        (["Taps on messages"], "1.5", "Type a whole number of days"),
        (["Spend"], "much", "Type an amount, such as 75."),
        (["Spend"], "0", "Type an amount, such as 75."),
        (["Spend", "or more"], "x", "Type a whole number of days"),
        (["A product"], "cofee", "No such product was sold here lately."),
        (["A product", "tea"], "never", "Type a whole number of days"),
        (["Bought this, not that", "tea"], "tea", "No such product was sold here lately."),
    ],
)
async def test_what_cannot_be_taken_is_explained_and_the_form_stays_open(
    desk: Desk, ways: list[str], typed: str, answer: str
) -> None:
    await desk.olive.taps("To whom")
    asked = said(await adds(desk.olive, *ways))
    await desk.olive.says(typed)
    desk.olive.sees(answer, asked)
    assert desk.segment() == EVERYBODY
    await desk.olive.taps("« Back")
    desk.olive.sees("Everybody who said yes to this")


@pytest.mark.parametrize(
    ("ways", "typed", "sentence"),
    [
        (["Points"], ["1,250"], "have 1,250 points or more"),
        (["Points"], ["100 - 500"], "have 100 to 500 points"),
        (["Points"], ["0-0"], "have 0 to 0 points"),
        (["Last purchase"], ["45"], "have bought here in the last 45 days"),
        (["Last purchase"], ["-45 days"], "have not bought here for 45 days"),
        (["Taps on messages"], ["14天"], "have tapped a button of yours in the last 14 days"),
        (["Spend"], ["75", "60"], "have spent €75.00 or more here in the last 60 days"),
        (["Spend"], ["<7,50", "1"], "have spent less than €7.50 here in the last 1 day"),
        (["A product"], ["TEA", "10"], "have bought “tea” in the last 10 days"),
    ],
)
async def test_what_is_typed_is_what_is_meant(desk: Desk, ways: list[str], typed: list[str], sentence: str) -> None:
    await desk.olive.taps("To whom")
    await adds(desk.olive, *ways)
    for words in typed:
        await desk.olive.says(words)
    desk.olive.sees(f"People who {sentence}\n")


async def test_a_form_of_yesterday_changes_nothing(desk: Desk) -> None:
    await desk.olive.taps("To whom")
    await adds(desk.olive, "Points")
    await desk.means(All((HasTier((Tier.GOLD,)),)))
    await desk.olive.says("100")
    desk.olive.sees(CHANGED, "People who are Gold\n")
    assert desk.segment() == All((HasTier((Tier.GOLD,)),))


async def test_a_list_is_kept_used_replaced_renamed_deleted_and_brought_back(desk: Desk) -> None:
    olive = desk.olive
    await olive.taps("To whom")
    await olive.taps("Our lists")
    olive.sees("You keep no lists yet.")
    await olive.taps("« Back")
    await adds(olive, "Tier", "Gold", "Done")
    await olive.taps("Keep as a list")
    await olive.says("x" * 65)
    olive.sees("A name has 1 to 64 characters.")
    await olive.says("  Our <best>  ones ")
    olive.sees("Our <best> ones", "People who are Gold\n", "0 of 3 people")
    await olive.taps("« Back")
    # Replaced by what is meant now.
    await olive.taps("Everybody")
    await adds(olive, "Points", "50 or more")
    await olive.taps("Keep as a list")
    await olive.says("Our <best> ones")
    olive.sees("You keep a list as Our <best> ones already. Shall it mean these people from now on?")
    await olive.taps("Yes, replace it")
    olive.sees("Our <best> ones", "People who have 50 points or more\n")
    await olive.taps("Rename")
    await olive.says("Savers")
    olive.sees("Savers", "People who have 50 points or more\n")
    # As a condition, and as a beginning.
    await olive.taps("« Back")
    await olive.taps("Everybody")
    await adds(olive, "One of our lists", "Savers")
    olive.sees("People who are in the list “Savers”\n")
    await olive.taps("Our lists")
    await olive.taps("Savers")
    await olive.taps("Write to these")
    olive.sees("People who have 50 points or more\n")
    await olive.taps("Undo")
    # Deleted: it goes on meaning the same where it is mentioned.
    await olive.taps("Our lists")
    await olive.taps("Savers")
    await olive.taps("Delete list")
    deleted = olive.sees("The list Savers is deleted.")
    await olive.taps("« Back")
    olive.sees("People who are in the list “Savers” (deleted)\n", "0 of 3 people")
    await olive.taps("Undo", on=deleted)
    olive.sees("Savers", "People who have 50 points or more\n")
    await olive.taps("« Back")
    olive.sees("People who are in the list “Savers”\n")


async def test_a_list_cannot_come_to_mention_itself(desk: Desk) -> None:
    olive = desk.olive
    await olive.taps("To whom")
    await adds(olive, "Tier", "Gold", "Done")
    await olive.taps("Keep as a list")
    await olive.says("Best")
    await olive.taps("« Back")
    await olive.taps("Everybody")
    await adds(olive, "One of our lists", "Best")
    await olive.taps("Keep as a list")
    await olive.says("Best")
    await olive.taps("Yes, replace it")
    assert olive.alert == "A list cannot mention itself, not by way of other lists either. Nothing was changed."
    with desk.chat.app.units() as uow:
        (best,) = uow.segments.kept(desk.shop)
    assert best.segment == All((HasTier((Tier.GOLD,)),))
    assert desk.segment() == All((InSaved(best.id),))


async def test_a_name_that_is_gone_is_taken_by_another(desk: Desk) -> None:
    """The undo of a deletion does not take a name away."""
    olive = desk.olive
    await olive.taps("To whom")
    await adds(olive, "Points", "50 or more")
    await olive.taps("Keep as a list")
    await olive.says("Best")
    gone = await olive.taps("Delete list")
    await olive.taps("« Back")
    await olive.taps("Keep as a list")
    await olive.says("Best")
    await olive.taps("Undo", on=gone)
    assert olive.alert == "You keep another list as Best already. Type a different name."


async def test_as_many_conditions_as_fit(desk: Desk) -> None:
    await desk.means(All(tuple(Bought(days) for days in range(1, 21))))
    await desk.olive.taps("To whom")
    await adds(desk.olive, "Points", "50 or more")
    assert desk.olive.alert == "At most 20 conditions fit, those of your lists included. Remove one first."
    await desk.means(All((AnyOf((All((AnyOf((Bought(1), Bought(2))), Bought(3))), Bought(4))), Bought(5))))
    of_draft: dict[str, Any] = {"broadcast_id": desk.draft_id, "mark": desk.mark()}
    await desk.olive.taps_data(PutCondition(**of_draft, where="j0000", sort=Sort.POINTS, first=50).pack())
    assert desk.olive.alert == "Groups can stand within groups, but no more than 4 deep."


async def test_another_shop_neither_sees_nor_changes_anything(desk: Desk) -> None:
    await desk.olive.taps("To whom")
    await adds(desk.olive, "Points", "50 or more")
    await desk.olive.taps("Keep as a list")
    await desk.olive.says("Best")
    with desk.chat.app.units() as uow:
        (best,) = uow.segments.kept(desk.shop)
    (rita,) = await club_of(desk.chat, "Rita")
    await appoint(desk.chat, rita, await open_shop(desk.chat, "Red Door"))
    await composes(rita)
    before, mark = desk.segment(), desk.mark()
    await rita.taps_data(EditPart(broadcast_id=desk.draft_id, mark=mark, edit=Edit.CLEAR).pack())
    assert rita.alert == "Only the owner or a marketer of this shop can write to its customers."
    assert desk.segment() == before
    # Nor by way of a draft of one's own.
    hers = (await desk.chat.run(desk.chat.club.broadcasts.shops, await rita.member()))[0].merchant_id
    draft = (await desk.chat.run(desk.chat.club.broadcasts.draft, await rita.member(), hers)).draft
    of_hers: dict[str, Any] = {"broadcast_id": draft.id, "segment_id": best.id}
    mark = fingerprint(draft.segment)
    for foreign in (
        ShowList(**of_hers),
        DeleteList(**of_hers),
        StartFrom(**of_hers, mark=mark),
        Overwrite(**of_hers, mark=mark),
        AskName(**of_hers, mark=mark),
        PutCondition(broadcast_id=draft.id, mark=mark, where="a", sort=Sort.SAVED, first=best.id),
    ):
        await rita.taps_data(foreign.pack())
        assert rita.alert is not None, foreign
    with desk.chat.app.units() as uow:
        assert list(uow.segments.kept(desk.shop)) == [best]
        found = uow.broadcasts.get(draft.id)
    assert found is not None
    assert found.segment == EVERYBODY


async def test_whoever_is_not_staff_any_more_is_told_so(desk: Desk) -> None:
    await desk.olive.taps("To whom")
    shown = await adds(desk.olive, "Points")
    await dismiss(desk.chat, desk.olive)
    await desk.olive.taps("50 or more", on=shown)
    assert desk.olive.alert == NOT_MARKETER
    assert desk.segment() == EVERYBODY


async def test_what_is_on_its_way_is_not_aimed_anew(desk: Desk) -> None:
    shown = await desk.olive.taps("To whom")
    await desk.olive.taps("« Back to the message")
    await desk.olive.taps("Send to 3 people")
    await desk.olive.taps("Yes, send to 3 people")
    await desk.olive.taps("Add a condition", on=shown)
    assert desk.olive.alert == "This one is on its way already."


def test_the_largest_buttons_fit() -> None:
    """Ids as a club of a hundred years would have them, and the longest numbers for products."""
    here: dict[str, Any] = {"broadcast_id": 10**12, "mark": "ffffff"}
    longest: dict[str, Any] = {"first": 2**32 - 1, "second": 2**32 - 1, "is_not": True}
    for kind in (PutCondition, ChooseValue):
        assert len(kind(**here, where="j0000", sort=Sort.PAIR, **longest).pack()) <= 64
    assert len(Overwrite(**here, segment_id=10**12).pack()) <= 64
