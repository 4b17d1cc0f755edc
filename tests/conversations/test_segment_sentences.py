"""A segment reads as one sentence, in each language, and in one way only."""

from __future__ import annotations

import pytest
from hypothesis import given

from handlers.segments.sentences import SHORT, sentence, short
from locales import texts_for
from loyalty.members import Language, Tier
from loyalty.segments import (
    EVERYBODY,
    All,
    AnyOf,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    IsCustomer,
    Keeps,
    Not,
    Redeemed,
    ReferralStatus,
    SavedList,
    Segment,
    Speaks,
    Spent,
    Tapped,
)
from loyalty.services.segments import Named
from tests.kit.segments import segments

NAMED = Named(lists={1: SavedList(1, 1, "VIP & <co>", EVERYBODY)})
SILVER, COFFEE, POINTS = HasTier((Tier.SILVER,)), Bought(30, "coffee"), HasPoints(1_000)

SENTENCES: list[tuple[Segment, str, str, str]] = [
    (EVERYBODY, "Everybody who said yes to this", "所有同意接收的人", "所有同意接收的人"),
    (AnyOf(), "Nobody", "没有人", "沒有人"),
    (
        HasTier((Tier.SILVER, Tier.GOLD)),
        "People who are Silver or Gold", "是银卡或金卡的人", "是銀卡或金卡的人",
    ),
    (Not(SILVER), "People who are not Silver", "不是银卡的人", "不是銀卡的人"),
    (POINTS, "People who have 1,000 points or more", "积分满 1,000 分的人", "點數滿 1,000 點的人"),
    (Not(HasPoints(1)), "People who have less than 1 point", "积分不到 1 分的人", "點數不到 1 點的人"),
    (HasPoints(50, 100), "People who have 50 to 100 points", "积分在 50 到 100 之间的人", "點數在 50 到 100 之間的人"),
    (
        Not(HasPoints(50, 100)),
        "People who do not have 50 to 100 points", "积分不在 50 到 100 之间的人", "點數不在 50 到 100 之間的人",
    ),
    (IsCustomer(), "People who are customers of yours", "已是本店顾客的人", "已是本店顧客的人"),
    (Not(IsCustomer()), "People who are no customers of yours yet", "还不是本店顾客的人", "還不是本店顧客的人"),
    (Bought(), "People who have bought here", "来买过东西的人", "來買過東西的人"),
    (Not(Bought()), "People who have never bought here", "从没来买过东西的人", "從沒來買過東西的人"),
    (Bought(1), "People who have bought here in the last 1 day", "最近 1 天来买过东西的人", "最近 1 天來買過東西的人"),
    (Not(Bought(30)), "People who have not bought here for 30 days", "30 天没来买过东西的人", "30 天沒來買過東西的人"),
    (
        Bought(None, "<tea>"),
        "People who have bought “&lt;tea&gt;”", "买过“&lt;tea&gt;”的人", "買過「&lt;tea&gt;」的人",
    ),
    (Not(Bought(None, "茶")), "People who have never bought “茶”", "从没买过“茶”的人", "從沒買過「茶」的人"),
    (
        COFFEE,
        "People who have bought “coffee” in the last 30 days",
        "最近 30 天买过“coffee”的人", "最近 30 天買過「coffee」的人",
    ),
    (
        Not(COFFEE),
        "People who have not bought “coffee” for 30 days", "30 天没买过“coffee”的人", "30 天沒買過「coffee」的人",
    ),
    (
        Spent(5_000),
        "People who have spent €50.00 or more here", "在本店消费至少 €50.00的人", "在本店消費至少 €50.00的人",
    ),
    (
        Spent(5_000, 90),
        "People who have spent €50.00 or more here in the last 90 days",
        "最近 90 天在本店消费至少 €50.00的人", "最近 90 天在本店消費至少 €50.00的人",
    ),
    (
        Not(Spent(5_000)),
        "People who have spent less than €50.00 here", "在本店消费不到 €50.00的人", "在本店消費不到 €50.00的人",
    ),
    (
        Not(Spent(5_000, 90)),
        "People who have spent less than €50.00 here in the last 90 days",
        "最近 90 天在本店消费不到 €50.00的人", "最近 90 天在本店消費不到 €50.00的人",
    ),
    (Redeemed(), "People who have redeemed a reward of yours", "兑换过本店好礼的人", "兌換過本店好禮的人"),
    (
        Not(Redeemed()),
        "People who have never redeemed a reward of yours", "从没兑换过本店好礼的人", "從沒兌換過本店好禮的人",
    ),
    (Redeemed(7), "People who have redeemed a certain reward", "兑换过某件好礼的人", "兌換過某項好禮的人"),
    (
        Not(Redeemed(7)),
        "People who have never redeemed a certain reward", "从没兑换过某件好礼的人", "從沒兌換過某項好禮的人",
    ),
    (
        Keeps(),
        "People who have a reward of yours among their favourites", "收藏了本店好礼的人", "收藏了本店好禮的人",
    ),
    (
        Not(Keeps()),
        "People who have no reward of yours among their favourites", "没有收藏本店好礼的人", "沒有收藏本店好禮的人",
    ),
    (Keeps(7), "People who have a certain reward among their favourites", "收藏了某件好礼的人", "收藏了某項好禮的人"),
    (
        Not(Keeps(7)),
        "People who do not have a certain reward among their favourites",
        "没有收藏某件好礼的人", "沒有收藏某項好禮的人",
    ),
    (
        Tapped(7),
        "People who have tapped a button of yours in the last 7 days",
        "最近 7 天点过本店消息按钮的人", "最近 7 天點過本店訊息按鈕的人",
    ),
    (
        Not(Tapped(7)),
        "People who have tapped no button of yours for 7 days",
        "7 天没点过本店消息按钮的人", "7 天沒點過本店訊息按鈕的人",
    ),
    (
        BirthdayIn((5, 12)),
        "People who have their birthday in May or December", "生日在五月或十二月的人", "生日在五月或十二月的人",
    ),
    (
        Not(BirthdayIn((5,))),
        "People who do not have their birthday in May", "生日不在五月的人", "生日不在五月的人",
    ),
    (
        BirthdayMonth(0, "UTC"),
        "People who have their birthday in the month of sending", "生日在发送当月的人", "生日在傳送當月的人",
    ),
    (
        Not(BirthdayMonth(0, "UTC")),
        "People who do not have their birthday in the month of sending", "生日不在发送当月的人", "生日不在傳送當月的人",
    ),
    (
        BirthdayMonth(1, "UTC"),
        "People who have their birthday 1 month after sending",
        "生日在发送后第 1 个月的人", "生日在傳送後第 1 個月的人",
    ),
    (
        Not(BirthdayMonth(1, "UTC")),
        "People who do not have their birthday 1 month after sending",
        "生日不在发送后第 1 个月的人", "生日不在傳送後第 1 個月的人",
    ),
    (
        Speaks((Language.ENGLISH, Language.TRADITIONAL)),
        "People who use the bot in English or 繁體中文", "使用English或繁體中文的人", "使用English或繁體中文的人",
    ),
    (
        Not(Speaks((Language.ENGLISH,))),
        "People who do not use the bot in English", "不用English的人", "不使用English的人",
    ),
    (
        HasReferral(ReferralStatus.BROUGHT_FRIENDS),
        "People who have brought friends", "带来过好友的人", "帶來過好友的人",
    ),
    (
        Not(HasReferral(ReferralStatus.BROUGHT_FRIENDS)),
        "People who have not brought friends", "没有带来过好友的人", "沒有帶來過好友的人",
    ),
    (
        HasReferral(ReferralStatus.WAS_BROUGHT),
        "People who were brought by a friend", "由好友带来的人", "由好友帶來的人",
    ),
    (
        Not(HasReferral(ReferralStatus.WAS_BROUGHT)),
        "People who were not brought by a friend", "不是由好友带来的人", "不是由好友帶來的人",
    ),
    (
        InSaved(1),
        "People who are in the list “VIP &amp; &lt;co&gt;”",
        "在名单“VIP &amp; &lt;co&gt;”里的人", "在名單「VIP &amp; &lt;co&gt;」裡的人",
    ),
    (
        Not(InSaved(1)),
        "People who are not in the list “VIP &amp; &lt;co&gt;”",
        "不在名单“VIP &amp; &lt;co&gt;”里的人", "不在名單「VIP &amp; &lt;co&gt;」裡的人",
    ),
    # What is joined by the other word stands in brackets.
    (
        All((AnyOf((SILVER, COFFEE)), Not(Bought(None, "tea")))),
        "People who (are Silver, or have bought “coffee” in the last 30 days), and have never bought “tea”",
        "（是银卡，或者最近 30 天买过“coffee”），并且从没买过“tea”的人",
        "（是銀卡，或者最近 30 天買過「coffee」），而且從沒買過「tea」的人",
    ),
    (
        AnyOf((SILVER, All((COFFEE, POINTS)))),
        "People who are Silver, or (have bought “coffee” in the last 30 days, and have 1,000 points or more)",
        "是银卡，或者（最近 30 天买过“coffee”，并且积分满 1,000 分）的人",
        "是銀卡，或者（最近 30 天買過「coffee」，而且點數滿 1,000 點）的人",
    ),
    (
        All((POINTS, Not(AnyOf((SILVER, COFFEE))))),
        "People who have 1,000 points or more, and do not fit this: (are Silver, or have bought “coffee” in the last "
        "30 days)",
        "积分满 1,000 分，并且不符合（是银卡，或者最近 30 天买过“coffee”）的人",
        "點數滿 1,000 點，而且不符合（是銀卡，或者最近 30 天買過「coffee」）的人",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("segment", "english", "simplified", "traditional"), SENTENCES)
def test_a_sentence_says_whom_it_means(segment: Segment, english: str, simplified: str, traditional: str) -> None:
    for language, said in (("en", english), ("zh-Hans", simplified), ("zh-Hant", traditional)):
        assert sentence(segment, "EUR", texts_for(language), NAMED) == said


@given(segments())
def test_every_segment_has_its_sentence_in_every_language(segment: Segment) -> None:
    for language in ("en", "zh-Hans", "zh-Hant"):
        texts = texts_for(language)
        assert sentence(segment, "EUR", texts)
        assert 0 < len(short(segment, texts)) <= SHORT
