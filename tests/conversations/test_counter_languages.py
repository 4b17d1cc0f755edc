"""What members and staff do with each other at a counter, as each of the club's languages says it."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.earning import EarnRule
from loyalty.merchants import Role
from tests.kit.chat import Chat, Person, labels
from tests.kit.shops import add_merchant, add_reward, appoint
from tests.kit.till import know

CARD = "7F3K9QWE"
SHOP = {"zh-Hans": {"name": "港湾咖啡"}, "zh-Hant": {"name": "港灣咖啡"}}
CUP = {"zh-Hans": {"name": "澳白一杯"}, "zh-Hant": {"name": "澳式白咖啡一杯"}}


async def joins(chat: Chat, name: str, language: str, shop: int | None = None, role: Role = Role.CASHIER) -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if shop is not None:
        appoint(chat.app.units, shop, await person.member(), role)
    return person


@pytest.fixture
def shop(chat: Chat) -> int:
    shop = add_merchant(chat.app.units, "Harbour Coffee", SHOP)
    chat.club.purchases.set_rule(shop, EarnRule())
    add_reward(chat.app.units, shop, "Flat white", points=80, translations=CUP)
    return shop


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            {
                "reward": "Flat white",
                "ask": "Redeem this for 80 points? You keep 20.",
                "redeem": ("Redeem", "Confirm"),
                "yours": "It is yours. You have 20 points left.",
                "counter": ("Harbour Coffee: counter", "Check a voucher"),
                "form": "Type the customer's code",
                "photo": "I cannot read a QR from a picture here.",
                "check": ("For Ana, 80 points", "Not used yet."),
                "take": "Take it",
                "taken": "Done. Ana gets Flat white",
                "told": "Your voucher for Flat white was used at Harbour Coffee",
                "again": "This voucher was used already",
                "used": ("Used", "Used on 1 May 2026, 10:00"),
            },
        ),
        (
            "zh-hans",
            {
                "reward": "澳白一杯",
                "ask": "用 80 积分兑换吗？兑换后还剩 20 积分。",
                "redeem": ("兑换", "确认"),
                "yours": "兑换成功，归你了。还剩 20 积分。",
                "counter": ("港湾咖啡：柜台", "查验兑换券"),
                "form": "请输入顾客的券码",
                "photo": "我在这里读不了图片里的二维码。",
                "check": ("Ana", "尚未使用。"),
                "take": "核销",
                "taken": "核销好了。请把“澳白一杯”交给Ana",
                "told": "你的兑换券“澳白一杯”已于",
                "again": "这张兑换券已经在",
                "used": ("已使用", "澳白一杯"),
            },
        ),
        (
            "zh-hant",
            {
                "reward": "澳式白咖啡一杯",
                "ask": "要用 80 點兌換嗎？兌換後還剩 20 點。",
                "redeem": ("兌換", "確認"),
                "yours": "兌換成功，是你的了。還剩 20 點。",
                "counter": ("港灣咖啡：櫃檯", "查驗兌換券"),
                "form": "請輸入顧客的券碼",
                "photo": "我在這裡讀不了圖片裡的 QR Code。",
                "check": ("Ana", "尚未使用。"),
                "take": "核銷",
                "taken": "核銷好了。請把「澳式白咖啡一杯」交給Ana",
                "told": "你的兌換券「澳式白咖啡一杯」已於",
                "again": "這張兌換券已經在",
                "used": ("已使用", "澳式白咖啡一杯"),
            },
        ),
    ],
)
async def test_from_the_shelf_over_the_counter(chat: Chat, shop: int, language: str, words: dict[str, Any]) -> None:
    ana, cato = await joins(chat, "Ana", language), await joins(chat, "Cato", language, shop)
    await ana.earns(100)
    await ana.says("/rewards")
    await ana.taps(words["reward"])
    redeem, confirm = words["redeem"]
    await ana.taps(redeem)
    ana.sees(words["ask"])
    await ana.taps(confirm)
    ana.sees(words["yours"], words["reward"])
    [voucher] = (await chat.run(chat.club.vouchers.wallet, (await ana.member()).id)).vouchers
    await cato.says("/start")
    for button in words["counter"]:
        await cato.taps(button)
    cato.sees(words["form"])
    await cato.sends("sticker")
    cato.sees(words["photo"], words["form"])
    await cato.says(voucher.code)
    cato.sees(words["reward"], *words["check"])
    await cato.taps(words["take"])
    cato.sees(words["taken"])
    await cato.says(f"/voucher {voucher.code}")
    cato.sees(words["again"])
    await chat.courier.delivers()
    ana.sees(words["told"])
    await ana.says("/vouchers")
    shelf, seen = words["used"]
    await ana.taps(shelf)
    ana.sees(seen)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            {
                "list": "Purchases and refunds",
                "wrong": "No purchase here has this receipt.",
                "part": ("Refund a part", "How much goes back to Ana? At most €12.00."),
                "ask": ("Give €3.00 back to Ana?", "Ana loses 3 points."),
                "refund": ("Refund", "Done. €3.00 goes back to Ana."),
                "told": "Harbour Coffee gave you €3.00 back, and 3 points went back with it.",
            },
        ),
        (
            "zh-hans",
            {
                "list": "消费和退款",
                "wrong": "这里没有这个小票号的消费。",
                "part": ("部分退款", "€12.00"),
                "ask": ("退给Ana €3.00？", "3 积分"),
                "refund": ("退款", "完成。€3.00 退给Ana。"),
                "told": "港湾咖啡已退款 €3.00，这笔消费的 3 积分也一并收回。",
            },
        ),
        (
            "zh-hant",
            {
                "list": "消費和退款",
                "wrong": "這裡沒有這個收據號碼的消費。",
                "part": ("部分退款", "€12.00"),
                "ask": ("退給Ana €3.00？", "3 點"),
                "refund": ("退款", "完成。€3.00 退給Ana。"),
                "told": "港灣咖啡已退款 €3.00，這筆消費的 3 點也一併收回。",
            },
        ),
    ],
)
async def test_a_part_of_a_purchase_goes_back(chat: Chat, shop: int, language: str, words: dict[str, Any]) -> None:
    ana, cato = await joins(chat, "Ana", language), await joins(chat, "Cato", language, shop)
    know(chat.app.database, await ana.member(), card=CARD)
    await chat.run(chat.club.till.book, await cato.member(), shop, (await ana.member()).id, "12 #A-1007", 2, "ABCD2345")
    await cato.says("/till")
    await cato.taps(words["list"])
    await cato.says("A-1008")
    cato.sees(words["wrong"])
    await cato.says("A-1007")
    button, asked = words["part"]
    await cato.taps(button)
    cato.sees(asked)
    await cato.says("3")
    cato.sees(*words["ask"])
    button, done = words["refund"]
    await cato.taps(button)
    cato.sees(done)
    await chat.courier.delivers()
    ana.sees(words["told"])
    assert await ana.balance() == 9


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            {
                "way": ("My shop: Harbour Coffee", "Staff", "Invite somebody", "Cashier"),
                "roles": "Owner: all of it, how purchases earn, the statement, and who works here.",
                "invitation": "An invitation to be a cashier at Harbour Coffee:",
                "withdraw": "Withdraw",
            },
        ),
        (
            "zh-hans",
            {
                "way": ("我的店：港湾咖啡", "店员", "邀请店员", "收银员"),
                "roles": "店主：以上全部，还能设定积分规则、看对账单、管理店员。",
                "invitation": "成为港湾咖啡收银员的邀请：",
                "withdraw": "撤回",
            },
        ),
        (
            "zh-hant",
            {
                "way": ("我的店：港灣咖啡", "店員", "邀請店員", "收銀員"),
                "roles": "店主：以上全部，還能設定點數規則、看對帳單、管理店員。",
                "invitation": "成為港灣咖啡收銀員的邀請：",
                "withdraw": "收回",
            },
        ),
    ],
)
async def test_an_owner_invites_staff(chat: Chat, shop: int, language: str, words: dict[str, Any]) -> None:
    olive = await joins(chat, "Olive", language, shop, Role.OWNER)
    await olive.says("/start")
    *there, role = words["way"]
    for button in there:
        await olive.taps(button)
    olive.sees(words["roles"])
    await olive.taps(role)
    invitation = olive.sees(words["invitation"], "https://t.me/perkchat_bot?start=s_")
    assert any(words["withdraw"] in label for label in labels(invitation))


@pytest.mark.parametrize(
    ("language", "search", "asked", "typed", "found", "heart", "hearts"),
    [
        ("en", "Search", "What are you looking for?", "flat", "Flat white", "Add to favourites", "Favourites"),
        ("zh-hans", "搜索", "想找什么？", "澳白", "澳白一杯", "收藏", "收藏"),
        ("zh-hant", "搜尋", "想找什麼？", "白咖啡", "澳式白咖啡一杯", "收藏", "收藏"),
    ],
)
async def test_a_reward_is_searched_for_and_kept(
    chat: Chat, shop: int, language: str, search: str, asked: str, typed: str, found: str, heart: str, hearts: str
) -> None:
    ana = await joins(chat, "Ana", language)
    await ana.says("/rewards")
    await ana.taps(search)
    ana.sees(asked)
    await ana.says(typed)
    ana.sees(found)
    await ana.taps(found)
    await ana.taps(heart)
    await ana.says("/rewards")
    await ana.taps(hearts)
    ana.sees(found)
