"""The owner of a shop decides in the chat how purchases earn, sees an example at once, and can take it back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import delete

from handlers.earning.callbacks import (
    AddHours,
    AskTimes,
    AskTry,
    BeginRule,
    EditPart,
    EditRate,
    Group,
    PickDays,
    RemoveHours,
    RemoveTag,
    SetPart,
    SetRate,
    SetTag,
    ShowHours,
    ShowParts,
    ShowRule,
    ShowTags,
    Try,
)
from handlers.merchant.callbacks import Console
from loyalty.earn_rules import RulePart, mark
from loyalty.earning import EarnRule, HappyHours
from loyalty.members import Tier
from loyalty.merchants import Role
from storage.merchants import staff
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.shops import add_merchant, appoint

UNREAD = "I could not read that."
NOT_OWNER = "Only the owner of this shop can change how purchases earn."
NOT_STAFF = "That is for the staff of this shop. If you should be one of them, its owner can invite you."


@dataclass
class Office:
    """Olive's shop, which has no rule yet."""

    chat: Chat
    shop: int
    olive: Person

    def rule(self) -> EarnRule | None:
        with self.chat.app.units() as uow:
            return uow.earn_rules.of(self.shop)

    def has(self, rule: EarnRule) -> None:
        with self.chat.app.units() as uow:
            uow.earn_rules.set(self.shop, rule)
            uow.commit()

    async def opens(self) -> None:
        await self.olive.taps_data(ShowRule(merchant_id=self.shop).pack())


async def joins(chat: Chat, name: str, shop: int = 0, role: Role = Role.OWNER, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if shop:
        appoint(chat.app.units, shop, await person.member(), role)
    return person


@pytest.fixture
async def office(chat: Chat) -> Office:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    return Office(chat, shop, await joins(chat, "Olive", shop))


async def test_the_first_rule_is_one_tap_away(office: Office) -> None:
    olive = office.olive
    await olive.says("/start")
    await olive.taps("My shop: Harbour Coffee")
    await olive.taps("How purchases earn")
    olive.sees("How purchases earn · Harbour Coffee", "Purchases here earn nothing yet.")
    await olive.taps("1 point per €1.00", times=2)
    olive.sees(
        "1 point per €1.00.", "€12.50 on Friday at 10:00 earns 12 points.", "What was booked keeps what it earned."
    )
    assert office.rule() == EarnRule()
    await olive.taps("Rate")
    await olive.taps("2 points per €1.00")
    await olive.taps_data(BeginRule(merchant_id=office.shop).pack())
    assert office.rule() == EarnRule(points=2)  # what is there already stays


async def test_the_rate_by_button_or_typed_and_undone(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule())
    await office.opens()
    await olive.taps("Rate")
    olive.sees("Now: 1 point per €1.00.", "2 per 5")
    await olive.says("3 per 5,50")
    olive.sees("Saved.", "3 points per €5.50.")
    await olive.taps("Undo", times=2)
    olive.sees("1 point per €1.00.")
    assert office.rule() == EarnRule()
    await olive.taps("Rate")
    await olive.taps("1 point per €10.00")
    olive.sees("Saved.", "1 point per €10.00.")
    assert office.rule() == EarnRule(per_minor=1000)


async def test_a_rate_that_is_none_is_explained_and_the_form_stays_open(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule())
    await office.opens()
    await olive.taps("Rate")
    for typed, answer in (
        ("lots", UNREAD),
        ("2", UNREAD),
        ("-1 per 5", UNREAD),
        ("2 per 5.005", UNREAD),
        ("0 per 5", "0 does not fit into an earn rule: it takes whole numbers from 1 to 100,000,000 there."),
        ("2 per 0", "0 does not fit into an earn rule"),
        ("999999999 per 1", "999,999,999 does not fit into an earn rule"),
        ("1 per 999999999999", "does not fit into an earn rule"),
    ):
        wrong = await olive.says(typed)
        olive.sees(answer, "Now: 1 point per €1.00.")
        assert "Cancel" in labels(wrong)
    await olive.sends("sticker")
    olive.sees(UNREAD)
    assert office.rule() == EarnRule()
    await olive.says("2 per 5")
    olive.sees("2 points per €5.00.")
    await olive.says("qwertz")
    olive.sees("I did not quite get that.")


async def test_cancel_leaves_every_form(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule())
    shop = office.shop
    for button in (
        EditRate(merchant_id=shop),
        EditPart(merchant_id=shop, part=RulePart.DAY),
        AskTimes(merchant_id=shop, days=1),
        ShowTags(merchant_id=shop),
        AskTry(merchant_id=shop, weekday=0, minute=600, tier=Tier.MEMBER),
    ):
        await olive.taps_data(button.pack())
        await olive.taps("Cancel")
        await olive.says("2 per 5")
        olive.sees("I did not quite get that.")
    assert office.rule() == EarnRule()


@pytest.mark.parametrize(
    ("part", "label", "typed", "sentence", "rule"),
    [
        (RulePart.MINIMUM, "€5.00", "7.50", "Purchases below €7.50 earn nothing.", {"amount_minor_min": 750}),
        (RulePart.GOLD, "200 %", "150 %", "Gold members get 150 %.", {"tiers": {Tier.GOLD: 150}}),
        (RulePart.SILVER, "125 %", "110", "Silver members get 110 %.", {"tiers": {Tier.SILVER: 110}}),
        (RulePart.DAY, "50", "60", "At most 60 points a day each.", {"points_day_max": 60}),
        (RulePart.MONTH, "500", "400", "At most 400 points a month each.", {"points_month_max": 400}),
        (RulePart.FIRST, "+10", "15", "The first purchase here brings 15 points more.", {"first_points": 15}),
        (
            RulePart.BIRTHDAY,
            "+50",
            "1",
            "The first one in the month of the birthday brings 1 point more.",
            {"birthday_points": 1},
        ),
    ],
)
async def test_each_number_by_button_or_typed(
    office: Office, part: RulePart, label: str, typed: str, sentence: str, rule: dict[str, object]
) -> None:
    olive = office.olive
    office.has(EarnRule())
    await olive.taps_data(EditPart(merchant_id=office.shop, part=part).pack())
    await olive.taps(label)
    olive.sees("Saved.")
    assert office.rule() != EarnRule()
    await olive.taps("Undo")
    assert office.rule() == EarnRule()
    await olive.taps_data(EditPart(merchant_id=office.shop, part=part).pack())
    for wrong in ("much", "-5", "1.005", "1e3"):
        await olive.says(wrong)
        olive.sees(UNREAD)
    await olive.says("999999999999")
    olive.sees("does not fit into an earn rule")
    assert office.rule() == EarnRule()
    await olive.says(typed)
    olive.sees(sentence)
    assert office.rule() == EarnRule(**rule)  # type: ignore[arg-type]


async def test_parts_that_belong_together_stand_together(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule(tiers={Tier.GOLD: 150}, points_day_max=50, first_points=10))
    for label, wanted in (
        ("Tiers", ["Silver: 100 %", "Gold: 150 %"]),
        ("Caps", ["Most points in a day: 50", "Most points in a month: none"]),
        ("Bonuses", ["First purchase here: +10", "Month of the birthday: none"]),
    ):
        await office.opens()
        assert labels(await olive.taps(label))[:2] == wanted
    await olive.taps("First purchase here")
    olive.sees("First purchase here, now: +10")
    await olive.taps("none")
    olive.sees("Saved.")
    assert office.rule() == EarnRule(tiers={Tier.GOLD: 150}, points_day_max=50)


async def test_happy_hours_are_added_and_removed(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule())
    await office.opens()
    await olive.taps("Happy hours")
    olive.sees("None yet.")
    await olive.taps("Add happy hours")
    olive.sees("Now: every day")
    for day in ("Thu", "Fri", "Sat"):
        await olive.taps(day)
    await olive.taps("✓ Sat")
    olive.sees("Now: Thu, Fri")
    await olive.taps("On to the hours")
    for wrong in ("evening", "17", "17-25", "24-3", "17:60-19"):
        await olive.says(wrong)
        olive.sees(UNREAD, "Thu, Fri: from when to when?")
    await olive.says("17-19:30")
    olive.sees("Thu, Fri, 17:00–19:30: how much?")
    await olive.taps("200 %", times=2)
    olive.sees("Happy hours: Thu, Fri, 17:00–19:30: 200 %", "€12.50 on Thursday at 17:00 earns 25 points.")
    rule = office.rule()
    assert rule is not None
    assert [(one.percent, one.weekdays) for one in rule.hours] == [(200, (3, 4))]
    await olive.taps("Happy hours")
    await olive.taps("Remove 1", times=2)
    assert office.rule() == EarnRule()
    await olive.taps_data(
        AddHours(merchant_id=office.shop, days=24, starts=1020, ends=1170, percent=200).pack()
    )  # as the button that undoes it
    assert office.rule() == rule


async def test_taking_hours_away_can_be_undone(office: Office) -> None:
    olive = office.olive
    rule = EarnRule(hours=(HappyHours(200, (4,)),))
    office.has(rule)
    await office.opens()
    await olive.taps("Happy hours")
    await olive.taps("Remove 1")
    olive.sees("Saved.")
    await olive.taps("Undo")
    assert office.rule() == rule
    await olive.taps("Undo")
    assert office.rule() == EarnRule()


async def test_hours_with_their_percentage_in_one_line(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule())
    await olive.taps_data(AskTimes(merchant_id=office.shop, days=0).pack())
    await olive.says("22-2 2000")
    olive.sees("2,000 does not fit into an earn rule", "from when to when?")
    await olive.says("22-2 180")
    olive.sees("Happy hours: every day, 22:00–02:00: 180 %")


async def test_products_are_added_paged_and_removed(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule(tags={f"tag {number:02}": 150 for number in range(20)}))
    await office.opens()
    olive.sees("By product: tag 00 150 %, tag 01 150 %", "15 more")
    await olive.taps("Products")
    olive.sees("tag 07 150 %")
    await olive.taps("More »")
    await olive.taps("More »")
    last = olive.sees("tag 19 150 %")
    assert "More »" not in labels(last)
    await olive.taps("Previous")
    await olive.taps("Remove tag 08", times=2)
    assert len((office.rule() or EarnRule()).tags) == 19
    await olive.taps("Products")
    for typed, answer in (
        ("coffee", UNREAD),
        ("coffee twice", UNREAD),
        ("coffee 99", "99 does not fit into an earn rule: it takes whole numbers from 100 to 1,000 there."),
        ("coffee 1001", "1,001 does not fit"),
        (f"{'x' * 33} 200", "That is too long: 32 characters fit."),
    ):
        await olive.says(typed)
        olive.sees(answer, "Products that earn more")
    await olive.says("Oat  Milk 200")
    olive.sees("Saved.", "oat milk 200 %")
    await olive.taps("Undo")
    assert "oat milk" not in (office.rule() or EarnRule()).tags


async def test_as_many_products_as_fit(office: Office) -> None:
    olive = office.olive
    office.has(EarnRule(tags={f"tag {number}": 150 for number in range(60)}))
    await olive.taps_data(ShowTags(merchant_id=office.shop, page=99).pack())
    await olive.says("coffee 200")
    olive.sees("60 are as many as fit. Remove one first.")
    await olive.says("tag 7 200")
    olive.sees("Saved.")
    assert (office.rule() or EarnRule()).tags["tag 7"] == 200


async def test_undo_is_offered_where_it_fits_into_a_button(office: Office) -> None:
    olive = office.olive
    long = "咖" * 32
    office.has(EarnRule(tags={long: 150, "a:b": 150, "tea": 150}))
    for tag, has_undo in ((long, False), ("a:b", False), ("tea", True)):
        done = await olive.taps_data(RemoveTag(merchant_id=office.shop, tag=mark(tag)).pack())
        assert ("Undo" in labels(done)) is has_undo
    await olive.taps("Undo")
    assert (office.rule() or EarnRule()).tags == {"tea": 150}


async def test_an_example_is_turned_by_buttons_and_explained(office: Office) -> None:
    olive = office.olive
    office.has(
        EarnRule(
            amount_minor_min=300,
            tiers={Tier.GOLD: 150},
            hours=(HappyHours(200, (4,)),),
            tags={"coffee": 300},
            points_day_max=100,
        )
    )
    await office.opens()
    olive.sees("For example: €12.50 on Friday at 00:00 by a Gold member earns 37 points.")
    await olive.taps("Try it")
    olive.sees("By the rate: 12", "Gold, 150 %: +6", "Happy hours, 200 %: +19")
    await olive.taps("Mon")
    olive.sees("€12.50 on Monday at 00:00 by a Gold member earns 18 points.")
    await olive.taps("Member")
    olive.sees("€12.50 on Monday at 00:00 earns 12 points.")
    await olive.taps("00:30 ▶")
    olive.sees("on Monday at 00:30")
    await olive.taps("◀ 21:30")
    olive.sees("on Monday at 21:30")
    await olive.taps("Another amount")
    for typed, answer in (
        ("many", UNREAD),
        ("-5", UNREAD),
        ("12.505", UNREAD),
        ("0", "That is no amount that can be booked."),
        ("999999999999", "That is no amount that can be booked."),
        ("12.50 tea", "tea is no product of this rule."),
    ):
        await olive.says(typed)
        olive.sees(answer, "Type an amount")
    await olive.says("12,50 black Coffee")
    olive.sees("€12.50 on Monday at 21:30 earns 37 points.", "coffee, 300 %: +25")
    await olive.taps("Gold")  # the product stays
    olive.sees("earns 56 points.", "Gold, 150 %: +6", "coffee, 300 %: +38")
    await olive.taps("Another amount")
    await olive.says("2")
    olive.sees("€2.00 on Monday at 21:30 by a Gold member earns 0 points.", "Below the minimum: −2")
    await olive.taps("Another amount")
    await olive.says("80")
    olive.sees("earns 100 points.", "Above the most of a day: −20")
    assert office.rule() is not None


@pytest.mark.parametrize(
    ("language", "empty", "begin", "saved", "example"),
    [
        ("en", "Purchases here earn nothing yet.", "1 point per €1.00", "Saved.", "€12.50 on Friday at 10:00"),
        ("zh-hans", "这里的消费还没有积分。", "每 €1.00 得 1 积分", "已保存。", "星期五 10:00 消费 €12.50"),
        ("zh-hant", "這裡的消費還沒有點數。", "每 €1.00 得 1 點", "已儲存。", "星期五 10:00 消費 €12.50"),
    ],
)
async def test_the_owners_language(chat: Chat, language: str, empty: str, begin: str, saved: str, example: str) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    olive = await joins(chat, "Olive", shop, language=language)
    await olive.taps_data(ShowRule(merchant_id=shop).pack())
    olive.sees(empty)
    await olive.taps(begin)
    olive.sees(example)
    await olive.taps_data(EditRate(merchant_id=shop).pack())
    await olive.says("每5元2分")
    olive.sees(saved)
    with chat.app.units() as uow:
        assert uow.earn_rules.of(shop) == EarnRule(points=2, per_minor=500)


async def test_every_screen_can_be_said_in_every_language(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    with chat.app.units() as uow:
        uow.earn_rules.set(shop, EarnRule(tags={"coffee": 200}, hours=(HappyHours(200),), tiers={Tier.GOLD: 150}))
        uow.commit()
    for language in ("en", "zh-hans", "zh-hant"):
        olive = await joins(chat, "Olive", shop, language=language)
        for data in buttons(shop):
            await olive.taps_data(data)
            assert olive.alert is None, (language, data)
            assert len(said(olive.sees())) > 10


def buttons(shop: int) -> list[str]:
    """All that change nothing."""
    return [
        button.pack()
        for button in (
            ShowRule(merchant_id=shop),
            BeginRule(merchant_id=shop),
            EditRate(merchant_id=shop),
            *(ShowParts(merchant_id=shop, group=group) for group in Group),
            *(EditPart(merchant_id=shop, part=part) for part in RulePart),
            ShowHours(merchant_id=shop),
            PickDays(merchant_id=shop, days=127),
            AskTimes(merchant_id=shop, days=5),
            ShowTags(merchant_id=shop),
            Try(merchant_id=shop, amount=1250, weekday=4, minute=600, tier=Tier.GOLD, tag=mark("coffee")),
            AskTry(merchant_id=shop, weekday=4, minute=600, tier=Tier.GOLD),
        )
    ]


def changing(shop: int) -> list[str]:
    return [
        button.pack()
        for button in (
            SetRate(merchant_id=shop, points=9, per_minor=100),
            SetPart(merchant_id=shop, part=RulePart.DAY, number=1),
            AddHours(merchant_id=shop, days=0, starts=0, ends=0, percent=200),
            RemoveHours(merchant_id=shop, days=0, starts=0, ends=0, percent=200),
            SetTag(merchant_id=shop, tag="tea", percent=200),
            RemoveTag(merchant_id=shop, tag=mark("coffee")),
        )
    ]


@pytest.mark.permission
async def test_nobody_but_the_owner(office: Office) -> None:
    chat, shop = office.chat, office.shop
    rule = EarnRule(tags={"coffee": 200})
    office.has(rule)
    cato, mara = await joins(chat, "Cato", shop, Role.CASHIER), await joins(chat, "Mara", shop, Role.MARKETER)
    otto, ana = await joins(chat, "Otto", add_merchant(chat.app.units, "Red Door")), await joins(chat, "Ana")
    for person in (cato, mara):
        await person.taps_data(Console(merchant_id=shop).pack())
        assert "How purchases earn" not in labels(person.sees())
    for person, answer in ((cato, NOT_OWNER), (mara, NOT_OWNER), (otto, NOT_OWNER), (ana, NOT_STAFF)):
        for data in (*buttons(shop), *changing(shop)):
            await person.taps_data(data)
            assert person.alert == answer, data
    assert office.rule() == rule


@pytest.mark.permission
async def test_a_form_ends_with_the_job(office: Office) -> None:
    chat, olive, shop = office.chat, office.olive, office.shop
    office.has(EarnRule())
    other = add_merchant(chat.app.units, "Red Door")
    appoint(chat.app.units, other, await olive.member(), Role.OWNER)
    member = await olive.member()
    for data, typed in (
        (EditRate(merchant_id=shop).pack(), "2 per 5"),
        (EditPart(merchant_id=shop, part=RulePart.DAY).pack(), "nonsense"),
        (AskTimes(merchant_id=shop, days=0).pack(), "17-19 200"),
        (ShowTags(merchant_id=shop).pack(), "tea 200"),
        (AskTry(merchant_id=shop, weekday=0, minute=0, tier=Tier.MEMBER).pack(), "12.50"),
    ):
        await olive.taps_data(data)
        with chat.app.database.engine.begin() as connection:
            connection.execute(delete(staff).where(staff.c.member_id == member.id, staff.c.merchant_id == shop))
        await olive.says(typed)
        olive.sees(NOT_OWNER)
        await olive.says(typed)
        olive.sees("I did not quite get that.")
        appoint(chat.app.units, shop, member, Role.OWNER)
    assert office.rule() == EarnRule()


async def test_buttons_that_somebody_made_up_change_nothing(office: Office) -> None:
    olive, shop = office.olive, office.shop
    office.has(EarnRule())
    for data in (
        f"earnset:{shop}:price:5",
        f"earnset:{shop}:day:-5",
        f"earnset:{shop}:gold:99",
        f"earnrset:{shop}:0:100",
        f"earnrset:{shop}:{2**62}:100",
        f"earnhadd:{shop}:128:0:0:200",
        f"earnhadd:{shop}:1:1440:0:200",
        f"earnhadd:{shop}:1:0:0:5000",
        f"earntadd:{shop}:200:",
        f"earntdel:{shop}:zzzzzzzz",
        f"earntry:{shop}:0:4:600:gold:",
        f"earntry:{shop}:{2**62}:4:600:gold:",
        f"earntry:{shop}:100:7:600:gold:",
        f"earntry:{shop}:100:4:600:platinum:",
        f"earn:{2**62}",
        "earn:x",
    ):
        await olive.taps_data(data)
        assert olive.toast is not None, data
    assert office.rule() == EarnRule()


async def test_buttons_of_a_rule_that_is_not_there(office: Office) -> None:
    olive = office.olive
    for data in (*buttons(office.shop)[2:], *changing(office.shop)):
        await olive.taps_data(data)
        assert olive.alert == "This is not there any more. Here is how things stand now."
    assert office.rule() is None
