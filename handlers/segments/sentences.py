"""A segment as one sentence. What is joined by the other word stands in brackets, so that it reads one way only."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.rewards.titles import reward_name
from handlers.screens import plain, shortened
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.segments import (
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
    Segment,
    Speaks,
    Spent,
    Tapped,
    is_everybody,
)
from loyalty.services.segments import Named

SHORT = 40
UNNAMED = Named()


def sentence(segment: Segment, currency: str | None, texts: Texts, named: Named = UNNAMED) -> Markup:
    if is_everybody(segment):
        return texts("Everybody who said yes to this")
    if segment == AnyOf():
        return texts("Nobody")
    return texts("People who {conditions}", conditions=_inside(segment, currency, texts, named))


def short(segment: Segment, texts: Texts) -> str:
    """For a button that knows neither the currency nor what lists and rewards are called."""
    return shortened(plain(sentence(segment, None, texts)), SHORT)


def phrase(segment: Segment, currency: str | None, texts: Texts, named: Named = UNNAMED) -> Markup:
    """A part of the sentence."""
    match segment:
        case All(parts) | AnyOf(parts) if len(parts) > 1:
            return texts("({conditions})", conditions=_inside(segment, currency, texts, named))
        case All(parts) | AnyOf(parts):
            return _inside(segment, currency, texts, named)
        case Not(All() | AnyOf() as group):
            return texts("do not fit this: {conditions}", conditions=phrase(group, currency, texts, named))
        case Not(Not(inner)):
            return phrase(inner, currency, texts, named)
        case Not(inner):
            return _negative(inner, currency, texts, named)
        case _:
            return _positive(segment, currency, texts, named)


def _inside(segment: Segment, currency: str | None, texts: Texts, named: Named) -> Markup:
    match segment:
        case All(()):
            return texts("are in the club")
        case AnyOf(()):
            return texts("nobody can be")
        case All((All() | AnyOf() as group,)) | AnyOf((All() | AnyOf() as group,)):
            return _inside(group, currency, texts, named)
        case All(parts):
            return _joined([phrase(part, currency, texts, named) for part in parts], texts("{one}, and {other}"))
        case AnyOf(parts):
            return _joined([phrase(part, currency, texts, named) for part in parts], texts("{one}, or {other}"))
        case _:
            return phrase(segment, currency, texts, named)


def _joined(phrases: Sequence[Markup], pattern: Markup) -> Markup:
    whole = phrases[0]
    for other in phrases[1:]:
        whole = Markup(pattern.format(one=whole, other=other))
    return whole


def either(words: Sequence[str], texts: Texts) -> Markup:
    """ "Silver or Gold" """
    return _joined([Markup(word) for word in words], texts("{one} or {other}"))


def months(numbers: Sequence[int], texts: Texts) -> Markup:
    return either([texts.locale.months["stand-alone"]["wide"][month] for month in numbers], texts)


def _positive(segment: Segment, currency: str | None, texts: Texts, named: Named) -> Markup:
    match segment:
        case HasTier(tiers):
            return texts("are {tiers}", tiers=either([names.tier(texts, tier) for tier in tiers], texts))
        case HasPoints(least, None):
            return texts.plural("have {n} point or more", "have {n} points or more", least)
        case HasPoints(least, most):
            return texts("have {least} to {most} points", least=least, most=most)
        case IsCustomer():
            return texts("are customers of yours")
        case Bought(None, ""):
            return texts("have bought here")
        case Bought(int(days), ""):
            return texts.plural("have bought here in the last {n} day", "have bought here in the last {n} days", days)
        case Bought(None, tag):
            return texts("have bought “{product}”", product=tag)
        case Bought(int(days), tag):
            return texts.plural(
                "have bought “{product}” in the last {n} day", "have bought “{product}” in the last {n} days",
                days, product=tag,
            )  # fmt: skip
        case Spent() if currency is None:
            return texts("have spent a certain amount here")
        case Spent(least_minor, None):
            return texts("have spent {money} or more here", money=_money(least_minor, currency, texts))
        case Spent(least_minor, int(days)):
            return texts.plural(
                "have spent {money} or more here in the last {n} day",
                "have spent {money} or more here in the last {n} days",
                days, money=_money(least_minor, currency, texts),
            )  # fmt: skip
        case Redeemed(None):
            return texts("have redeemed a reward of yours")
        case Redeemed(int(reward_id)):
            return texts("have redeemed {reward}", reward=_reward(reward_id, texts, named))
        case Keeps(None):
            return texts("have a reward of yours among their favourites")
        case Keeps(int(reward_id)):
            return texts("have {reward} among their favourites", reward=_reward(reward_id, texts, named))
        case Tapped(days):
            return texts.plural(
                "have tapped a button of yours in the last {n} day",
                "have tapped a button of yours in the last {n} days",
                days,
            )
        case BirthdayIn(numbers):
            return texts("have their birthday in {months}", months=months(numbers, texts))
        case BirthdayMonth(0, _):
            return texts("have their birthday in the month of sending")
        case BirthdayMonth(ahead, _):
            return texts.plural(
                "have their birthday {n} month after sending",
                "have their birthday {n} months after sending",
                ahead,
            )
        case Speaks(languages):
            return texts(
                "use the bot in {languages}", languages=either([LANGUAGES[one.value] for one in languages], texts)
            )
        case HasReferral(ReferralStatus.BROUGHT_FRIENDS):
            return texts("have brought friends")
        case HasReferral(_):
            return texts("were brought by a friend")
        case InSaved(segment_id):
            return texts("are in the list {list}", list=_list(segment_id, texts, named))
        case _:
            raise ValueError(segment)


def _negative(segment: Segment, currency: str | None, texts: Texts, named: Named) -> Markup:
    match segment:
        case HasTier(tiers):
            return texts("are not {tiers}", tiers=either([names.tier(texts, tier) for tier in tiers], texts))
        case HasPoints(least, None):
            return texts.plural("have less than {n} point", "have less than {n} points", least)
        case HasPoints(least, most):
            return texts("do not have {least} to {most} points", least=least, most=most)
        case IsCustomer():
            return texts("are no customers of yours yet")
        case Bought(None, ""):
            return texts("have never bought here")
        case Bought(int(days), ""):
            return texts.plural("have not bought here for {n} day", "have not bought here for {n} days", days)
        case Bought(None, tag):
            return texts("have never bought “{product}”", product=tag)
        case Bought(int(days), tag):
            return texts.plural(
                "have not bought “{product}” for {n} day", "have not bought “{product}” for {n} days",
                days, product=tag,
            )  # fmt: skip
        case Spent() if currency is None:
            return texts("have not spent a certain amount here")
        case Spent(least_minor, None):
            return texts("have spent less than {money} here", money=_money(least_minor, currency, texts))
        case Spent(least_minor, int(days)):
            return texts.plural(
                "have spent less than {money} here in the last {n} day",
                "have spent less than {money} here in the last {n} days",
                days, money=_money(least_minor, currency, texts),
            )  # fmt: skip
        case Redeemed(None):
            return texts("have never redeemed a reward of yours")
        case Redeemed(int(reward_id)):
            return texts("have never redeemed {reward}", reward=_reward(reward_id, texts, named))
        case Keeps(None):
            return texts("have no reward of yours among their favourites")
        case Keeps(int(reward_id)):
            return texts("do not have {reward} among their favourites", reward=_reward(reward_id, texts, named))
        case Tapped(days):
            return texts.plural(
                "have tapped no button of yours for {n} day",
                "have tapped no button of yours for {n} days",
                days,
            )
        case BirthdayIn(numbers):
            return texts("do not have their birthday in {months}", months=months(numbers, texts))
        case BirthdayMonth(0, _):
            return texts("do not have their birthday in the month of sending")
        case BirthdayMonth(ahead, _):
            return texts.plural(
                "do not have their birthday {n} month after sending",
                "do not have their birthday {n} months after sending",
                ahead,
            )
        case Speaks(languages):
            return texts(
                "do not use the bot in {languages}",
                languages=either([LANGUAGES[one.value] for one in languages], texts),
            )
        case HasReferral(ReferralStatus.BROUGHT_FRIENDS):
            return texts("have not brought friends")
        case HasReferral(_):
            return texts("were not brought by a friend")
        case InSaved(segment_id):
            return texts("are not in the list {list}", list=_list(segment_id, texts, named))
        case _:
            raise ValueError(segment)


def _money(minor: int, currency: str | None, texts: Texts) -> str:
    assert currency is not None, "no amount is named without"
    return texts.money(minor, currency)


def _reward(reward_id: int, texts: Texts, named: Named) -> Markup:
    reward = named.rewards.get(reward_id)
    return texts("a certain reward") if reward is None else texts("“{name}”", name=reward_name(reward, texts))


def _list(segment_id: int, texts: Texts, named: Named) -> Markup:
    saved = named.lists.get(segment_id)
    if saved is None:
        return texts("of a certain name")
    if saved.deleted_at is not None:
        return texts("“{name}” (deleted)", name=saved.name)
    return texts("“{name}”", name=saved.name)
