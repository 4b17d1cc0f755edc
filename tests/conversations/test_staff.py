"""A shop's staff: invited by a link, gone at once, and members all the while."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from handlers.staff.callbacks import Dismiss, JoinStaff, MakeInvite, ShowStaff
from loyalty.merchants import Role
from loyalty.staff import second_of
from tests.conversations.test_start import menu
from tests.kit.chat import OPERATOR_ID, Chat, Message, Person, find_button, labels, said
from tests.kit.shops import OPENED, add_merchant, appoint

NOT_STAFF = "That is for the staff of this shop. If you should be one of them, its owner can invite you."
NOT_OWNER = "Only the owner of this shop decides who works here."


@dataclass
class Shop:
    """Harbour Coffee, whose owner Olive has started the bot."""

    chat: Chat
    id: int
    olive: Person

    async def hires(self, name: str, *roles: Role) -> Person:
        person = self.chat.member(name)
        await person.says("/start")
        for role in roles:
            appoint(self.chat.app.units, self.id, await person.member(), role)
        return person

    async def opens_staff(self) -> Message:
        await self.olive.says("/start")
        await self.olive.taps("My shop: Harbour Coffee")
        return await self.olive.taps("Staff")

    async def invites(self, role: str = "Cashier") -> str:
        """The link that Olive copies."""
        await self.opens_staff()
        await self.olive.taps("Invite somebody")
        return link_on(await self.olive.taps(role))

    def commands(self, person: Person) -> set[str]:
        return {command for command, _ in menu(self.chat, person.id)}


def link_on(message: Message) -> str:
    return str(find_button(message, "Copy the link")["copy_text"]["text"])


@pytest.fixture
async def shop(chat: Chat) -> Shop:
    merchant_id = add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hant": {"name": "港灣咖啡"}})
    olive = chat.member("Olive Oak")
    await olive.says("/start")
    appoint(chat.app.units, merchant_id, await olive.member(), Role.OWNER)
    return Shop(chat, merchant_id, olive)


async def test_an_owner_invites_a_newcomer_who_joins(shop: Shop) -> None:
    chat, cato = shop.chat, shop.chat.member("Cato Cole")
    link = await shop.invites()
    shop.olive.sees(
        "An invitation to be a cashier at Harbour Coffee:", link, "Good for one person, until 3 May 2026, 10:00"
    )
    await cato.opens(link)
    cato.sees("Welcome to Perkchat.", "Harbour Coffee invites you onto its staff, as a cashier.")
    assert "voucher" not in shop.commands(cato)
    await cato.taps("Join the staff", times=2)
    cato.sees("You are a cashier at Harbour Coffee already.")
    assert {"till", "voucher"} <= shop.commands(cato)
    await cato.taps("Harbour Coffee: counter")
    cato.sees("Harbour Coffee · Cashier")
    await chat.courier.delivers()
    told = shop.olive.sees("Cato has followed an invitation and is a cashier at Harbour Coffee now.")
    assert "Cole" not in said(told)
    assert sum("has followed" in said(message) for message in chat.messages(shop.olive.id)) == 1
    await shop.olive.taps("Staff")
    shop.olive.sees("Who works at Harbour Coffee")
    assert "Cato · Cashier" in labels(chat.last_message(shop.olive.id))


async def test_one_tap_on_join_says_welcome(shop: Shop) -> None:
    cato = shop.chat.member("Cato")
    await cato.opens(await shop.invites("Marketer"))
    await cato.taps("Join the staff")
    cato.sees("Welcome to the staff of Harbour Coffee. You are a marketer there now.")


async def test_who_says_no_is_a_member_and_nothing_more(shop: Shop) -> None:
    cato, carl = shop.chat.member("Cato"), shop.chat.member("Carl")
    link = await shop.invites()
    await cato.opens(link)
    await cato.taps("No, thank you")
    cato.sees("Hello Cato.")
    assert "Harbour Coffee: counter" not in labels(shop.chat.last_message(cato.id))
    await carl.opens(link)
    await carl.taps("Join the staff")
    carl.sees("Welcome to the staff")


async def test_a_used_link_says_so_to_others_and_is_kind_to_the_one(shop: Shop) -> None:
    cato, carl = shop.chat.members("Cato", "Carl")
    link = await shop.invites()
    early = await carl.opens(link)
    await cato.opens(link)
    await cato.taps("Join the staff")
    await cato.opens(link)
    cato.sees("You are a cashier at Harbour Coffee already.")
    await carl.taps("Join the staff", on=early)
    assert carl.alert == (
        "This invitation was used already; each is for one person. The shop's owner can send a new one."
    )
    await carl.opens(link)
    carl.sees("This invitation was used already")
    assert "Harbour Coffee: counter" not in labels(await carl.says("/start"))


async def test_an_expired_a_withdrawn_and_an_unknown_link_each_say_what_is_wrong(shop: Shop) -> None:
    chat, cato = shop.chat, shop.chat.member("Cato")
    withdrawn = await shop.invites()
    await shop.olive.taps("Withdraw", times=2)
    shop.olive.sees("Withdrawn. Nobody becomes a cashier at Harbour Coffee by that link.")
    late = await shop.invites()
    await cato.opens(withdrawn)
    cato.sees("This invitation was withdrawn.")
    asked = await cato.opens(late)
    chat.clock.advance(hours=48)
    await cato.taps("Join the staff", on=asked)
    assert cato.alert == "This invitation has expired. The shop's owner can send a new one."
    for nonsense in ("7F3K9QWE2XH4P", "x", "", "7F3K9QWE2XH4P7"):
        await cato.opens(f"https://t.me/perkchat_bot?start=s_{nonsense}")
        cato.sees("I do not know this invitation. Ask the shop's owner for a new link.")
    assert "Harbour Coffee: counter" not in labels(await cato.says("/start"))


async def test_open_invitations_are_listed_shown_again_and_withdrawn(shop: Shop) -> None:
    seen = await shop.opens_staff()
    assert "Open invitations" not in labels(seen)
    link = await shop.invites()
    await shop.opens_staff()
    await shop.olive.taps("Open invitations")
    shop.olive.sees("Invitations to Harbour Coffee that nobody has followed yet:")
    shown = await shop.olive.taps("Cashier · until 3 May 2026, 10:00")
    assert link_on(shown) == link
    sharing = find_button(shown, "Send it")["url"]
    assert sharing.startswith("https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fperkchat_bot%3Fstart%3Ds_")
    await shop.olive.taps("Withdraw")
    await shop.olive.taps("Staff")
    assert "Open invitations" not in labels(shop.chat.last_message(shop.olive.id))


async def test_two_taps_on_a_role_open_one_invitation(shop: Shop) -> None:
    await shop.opens_staff()
    asked = await shop.olive.taps("Invite somebody")
    shop.olive.sees("As what should somebody work at Harbour Coffee?")
    await shop.olive.taps("Owner", on=asked, times=2)
    await shop.opens_staff()
    invites = await shop.olive.taps("Open invitations")
    assert sum("Owner · until" in label for label in labels(invites)) == 1


async def test_a_dismissal_works_at_once_on_open_buttons_forms_and_menu(shop: Shop) -> None:
    chat, cato = shop.chat, await shop.hires("Cato Cole", Role.CASHIER)
    await cato.says("/start")
    counter = await cato.taps("Harbour Coffee: counter")
    assert "voucher" in shop.commands(cato)
    await cato.says("/voucher")
    await shop.opens_staff()
    await shop.olive.taps("Cato · Cashier")
    shop.olive.sees("Cato at Harbour Coffee", "Cashier since 1 Jan 2026")
    await shop.olive.taps("End: Cashier")
    shop.olive.sees("Should Cato stop being a cashier at Harbour Coffee?")
    asked = await shop.olive.taps("Yes, end it")
    shop.olive.sees("Done. Cato is no longer a cashier at Harbour Coffee.")
    assert "voucher" not in shop.commands(cato)
    await cato.says("7F3K9QWE2XH4P")
    cato.sees(NOT_STAFF)
    await cato.taps("Check a voucher", on=counter)
    assert cato.alert == NOT_STAFF
    await chat.courier.delivers()
    cato.has_seen("You are no longer a cashier at Harbour Coffee. Your points and vouchers stay yours.")
    assert "Harbour Coffee: counter" not in labels(await cato.says("/start"))
    await shop.olive.taps("Staff", on=asked)
    assert not any("Cato" in label for label in labels(chat.last_message(shop.olive.id)))


async def test_a_second_tap_on_the_dismissal_does_nothing_more(shop: Shop) -> None:
    cato = await shop.hires("Cato", Role.CASHIER)
    member = await cato.member()
    button = Dismiss(merchant_id=shop.id, member_id=member.id, role=Role.CASHIER, since=second_of(OPENED))
    await shop.olive.taps_data(button.pack(), times=2)
    shop.olive.sees("Done. Cato is no longer a cashier at Harbour Coffee.")
    assert shop.olive.alert == "They do not work here any more."
    await shop.chat.courier.delivers()
    assert sum("no longer a cashier" in said(message) for message in shop.chat.messages(cato.id)) == 1


async def test_keep_keeps(shop: Shop) -> None:
    await shop.hires("Cato", Role.CASHIER)
    await shop.opens_staff()
    await shop.olive.taps("Cato · Cashier")
    await shop.olive.taps("End: Cashier")
    await shop.olive.taps("Keep")
    shop.olive.sees("Cato at Harbour Coffee")
    assert "End: Cashier" in labels(shop.chat.last_message(shop.olive.id))


async def test_the_last_owner_can_neither_be_dismissed_nor_leave(shop: Shop) -> None:
    await shop.opens_staff()
    await shop.olive.taps("Olive · Owner")
    await shop.olive.taps("End: Owner")
    await shop.olive.taps("Yes, end it")
    assert shop.olive.alert == "A shop needs an owner. Invite another one first."
    await shop.olive.says("/start")
    await shop.olive.taps("My shop: Harbour Coffee")
    await shop.olive.taps("Leave the staff")
    await shop.olive.taps("Leave")
    assert shop.olive.alert == "A shop needs an owner. Invite another one first."
    assert "My shop: Harbour Coffee" in labels(await shop.olive.says("/start"))


async def test_staff_leave_by_themselves_and_the_owner_is_told(shop: Shop) -> None:
    cato = await shop.hires("Cato Cole", Role.CASHIER, Role.MARKETER)
    await cato.says("/start")
    await cato.taps("Harbour Coffee: counter")
    await cato.taps("Leave the staff")
    asked = cato.sees("Leave the staff of Harbour Coffee? You are a marketer, a cashier there.")
    await cato.taps("Stay")
    cato.sees("Harbour Coffee · Marketer")
    leave = find_button(asked, "Leave")["callback_data"]
    await cato.taps_data(leave, times=2)
    cato.sees("You have left the staff of Harbour Coffee.")
    assert cato.alert == NOT_STAFF
    assert "voucher" not in shop.commands(cato)
    await shop.chat.courier.delivers()
    told = shop.olive.sees("Cato has left the staff of Harbour Coffee.")
    assert "Cole" not in said(told)


async def test_a_person_of_two_shops_wears_every_hat(shop: Shop) -> None:
    chat, cato = shop.chat, await shop.hires("Cato", Role.CASHIER, Role.MARKETER)
    red_door = add_merchant(chat.app.units, "Red Door")
    appoint(chat.app.units, red_door, await cato.member(), Role.OWNER)
    home = await cato.says("/start")
    cato.sees("Hello Cato.", "0 points")
    assert labels(home)[-3:-1] == ["Harbour Coffee: counter", "My shop: Red Door"]
    assert "My points" in labels(home)
    here = await cato.taps("Harbour Coffee: counter")
    assert {"Check a voucher", "Tell your customers"} <= set(labels(here))
    assert "Staff" not in labels(here)
    await cato.says("/start")
    assert "Staff" in labels(await cato.taps("My shop: Red Door"))
    await cato.taps("Leave the staff")
    await cato.taps_data(ShowStaff(merchant_id=shop.id).pack())
    assert cato.alert == NOT_OWNER


@pytest.mark.permission
async def test_forged_buttons_open_nothing(shop: Shop) -> None:
    cato, mia = await shop.hires("Cato", Role.CASHIER), await shop.hires("Mia")
    forged = MakeInvite(merchant_id=shop.id, role=Role.OWNER, nonce="ABCD2345").pack()
    await cato.taps_data(forged)
    assert cato.alert == NOT_OWNER
    await mia.taps_data(forged)
    assert mia.alert == NOT_STAFF
    await mia.taps_data(JoinStaff(code="7F3K9QWE2XH4P").pack())
    assert mia.alert == "I do not know this invitation. Ask the shop's owner for a new link."
    for broken in ("stmake:1:boss:ABCD2345", "stjoin:x", "stout:1:2", f"staff:{10**30}:0"):
        await shop.olive.taps_data(broken)
        assert shop.olive.toast == "This button is out of date. Here is how things stand now."
    seen = await shop.opens_staff()
    assert "Open invitations" not in labels(seen)


@pytest.mark.parametrize(
    ("language", "asked", "join", "done"),
    [
        (
            "zh-hans",
            "Harbour Coffee邀请你成为店员，职位是收银员。",
            "加入",
            "欢迎加入Harbour Coffee。你现在是那里的收银员。",
        ),
        ("zh-hant", "港灣咖啡邀請你成為店員，職位是收銀員。", "加入", "歡迎加入港灣咖啡。你現在是那裡的收銀員。"),
    ],
)
async def test_an_invitation_speaks_the_language_of_the_invited(
    shop: Shop, language: str, asked: str, join: str, done: str
) -> None:
    cato = shop.chat.member("Cato", language=language)
    link = await shop.invites()
    await cato.opens(link)
    cato.sees(asked)
    await cato.taps(join)
    cato.sees(done)


async def test_the_operator_opens_a_shop_and_its_owner_comes_by_the_link(chat: Chat) -> None:
    olga, rhea = chat.operator(), chat.member("Rhea")
    opened = await olga.says("/merchant new Red Door")
    olga.sees("Red Door is in the club. Its number is 1.", "An invitation to be an owner at Red Door:")
    await rhea.opens(link_on(opened))
    await rhea.taps("Join the staff")
    rhea.sees("Welcome to the staff of Red Door. You are an owner there now.")
    await olga.taps("To the shop")
    olga.sees("Red Door, number 1", "The people who work here:")
    assert "Rhea · Owner" in labels(chat.last_message(olga.id))
    again = await olga.says("/merchant new Red Door")
    olga.sees("is in the club already")
    assert "Copy the link" not in labels(again)


async def test_the_operator_sees_to_a_shop_by_buttons(shop: Shop) -> None:
    chat, olga = shop.chat, shop.chat.operator()
    await olga.says("/admin")
    await olga.taps("Shops")
    await olga.taps("Harbour Coffee")
    card = olga.sees("Harbour Coffee, number 1")
    await olga.taps("Invite an owner", on=card, times=2)
    olga.sees("An invitation to be an owner at Harbour Coffee:")
    await olga.taps("Withdraw", times=2)
    olga.sees("Withdrawn. Nobody becomes an owner at Harbour Coffee by that link.")
    await olga.taps("To the shop")
    await olga.taps("Olive · Owner")
    await olga.taps("Take off the staff")
    olga.sees("Should Olive stop being an owner at Harbour Coffee?")
    await olga.taps("Yes, end it")
    olga.sees("Done. Olive is no longer an owner at Harbour Coffee.")
    assert "voucher" not in shop.commands(shop.olive)
    await olga.taps("To the shop")
    olga.sees("Nobody works here yet.")
    await chat.courier.delivers()
    shop.olive.sees("You are no longer an owner at Harbour Coffee.")
    await shop.olive.taps_data(ShowStaff(merchant_id=shop.id).pack())
    assert shop.olive.alert == NOT_STAFF


async def test_the_operator_renames_a_shop(shop: Shop) -> None:
    chat, olga = shop.chat, shop.chat.operator()
    add_merchant(chat.app.units, "Red Door")
    await olga.says("/merchant list")
    await olga.taps("Harbour Coffee")
    await olga.taps("Rename")
    olga.sees("Type the new name of Harbour Coffee.")
    for bad, answer in (("Red Door", "Another shop is called Red Door already."), ("x" * 65, "A name has 1 to 64")):
        wrong = await olga.says(bad)
        olga.sees(answer, "Type the new name of Harbour Coffee.")
        assert labels(wrong) == ["Cancel"]
    await olga.sends("sticker")
    olga.sees("A name has 1 to 64 characters.")
    await olga.says("Harbour  Tea")
    olga.sees("It is called Harbour Tea now.")
    await olga.says("Harbour Coffee")
    olga.sees("I did not quite get that.")
    assert "My shop: Harbour Tea" in labels(await shop.olive.says("/start"))


async def test_cancel_leaves_the_name_as_it_is(shop: Shop) -> None:
    olga = shop.chat.operator()
    await olga.says("/merchant list")
    await olga.taps("Harbour Coffee")
    await olga.taps("Rename")
    await olga.taps("Cancel")
    await olga.says("Bad Coffee")
    olga.sees("I did not quite get that.")
    assert "My shop: Harbour Coffee" in labels(await shop.olive.says("/start"))


async def test_the_operator_appoints_and_takes_off_by_command(shop: Shop) -> None:
    chat, olga, cato = shop.chat, shop.chat.operator(), await shop.hires("Cato Cole")
    code = (await cato.member()).code
    await olga.says(f"/merchant staff {shop.id} {code} cashier")
    olga.sees("Cato Cole is a cashier at Harbour Coffee now.")
    assert "voucher" in shop.commands(cato)
    await olga.says(f"/merchant staff {shop.id} {code} cashier")
    olga.sees("Cato Cole is a cashier at Harbour Coffee already.")
    await olga.says(f"/merchant staff {shop.id} {code} none")
    olga.sees("Done. Cato is no longer a cashier at Harbour Coffee.")
    assert "voucher" not in shop.commands(cato)
    await olga.says(f"/merchant staff {shop.id} {code} none")
    olga.sees("They do not work here any more.")
    await olga.says(f"/merchant staff {shop.id} {code} cashier")
    await chat.courier.delivers()
    assert sum("You are a cashier at" in said(message) for message in chat.messages(cato.id)) == 2


async def test_an_operator_who_joins_a_staff_keeps_the_operators_menu(shop: Shop) -> None:
    olga = shop.chat.operator()
    assert olga.id == OPERATOR_ID
    await olga.opens(await shop.invites())
    await olga.taps("Join the staff")
    assert {"admin", "voucher"} <= shop.commands(olga)
