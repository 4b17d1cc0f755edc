"""The catalogue: a page of rewards, what it can be narrowed down to, and the shops to pick from."""

from __future__ import annotations

from dataclasses import replace

from handlers import names
from handlers.paging import first_and_more
from handlers.points.callbacks import CheckIn
from handlers.rewards.callbacks import AskSearch, Browse, LeaveSearch, RewardsPage, ShopsPage, ShowFound
from handlers.rewards.screens import heading
from handlers.rewards.titles import reward_name, reward_shop
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.rewards import EVERYTHING, Listed, Reward, Wanted
from loyalty.services.rewards import Catalogue, Shops

FILTER_MAX = 16  # characters of a filter's words on its button: two stand side by side


def catalogue(seen: Catalogue, member: Member, texts: Texts, *, is_open: bool = False) -> Screen:
    """A page of rewards: what they cost, and which of them the member can have. `is_open`: the next words that are
    typed are looked for."""
    more = seen.more_after
    paging = first_and_more(
        None if seen.is_first_page else Browse.of(seen.wanted),
        None if more is None else Browse.of(seen.wanted, points=more.points, after=more.id),
        texts,
    )
    if not seen.rewards:
        filters = _filters(seen, texts) if seen.wanted != EVERYTHING else []
        return Screen(_nothing(seen, texts), [paging, *filters, _ways_on(seen, texts)])
    lines: list[str] = []
    if seen.is_near:
        lines += [_only_near(seen.wanted.words, texts), ""]
    lines += [
        texts.plural(
            "You have <b>{points}</b> point. What would you like?",
            "You have <b>{points}</b> points. What would you like?",
            seen.available,
            points=seen.available,
        ),
        "",
    ]
    lines += [_line(listed, seen, member, texts) for listed in seen.listed]
    if is_open:
        lines += ["", texts("Type another word to go on searching.")]
    rows: list[Row] = [[_to_card(reward, seen, texts)] for reward in seen.rewards]
    return Screen("\n".join(lines), [*rows, paging, *_filters(seen, texts), [button(texts("Home"), Home())]])


def shops(seen: Shops, texts: Texts) -> Screen:
    """The shops that have rewards, to pick one from."""
    if not seen.shops:
        nothing = _no_rewards(texts) if seen.is_first_page else texts("That was all of them.")
        return Screen(nothing, [[button(texts("Rewards"), RewardsPage()), button(texts("Home"), Home())]])
    rows: list[Row] = []
    for listed in seen.shops:
        merchant = listed.merchant
        name = shortened(merchant.shop(texts.language))
        to = Browse.of(replace(seen.wanted, merchant_id=merchant.id))
        rows.append([button(f"{name} · {texts.number(listed.rewards)}", to)])
    paging = first_and_more(
        None if seen.is_first_page else ShopsPage.of(seen.wanted),
        None if seen.more_after is None else ShopsPage.of(seen.wanted, after=seen.more_after),
        texts,
    )
    ways = [button(texts("All shops"), Browse.of(seen.wanted)), button(texts("Home"), Home())]
    return Screen(texts("Whose rewards would you like to see?"), [*rows, paging, ways])


def ask_words(wanted: Wanted, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    ask = texts("What are you looking for? Type a word or two, such as coffee.")
    return Screen(f"{complaint}\n\n{ask}" if complaint else ask, [[button(texts("Cancel"), LeaveSearch.of(wanted))]])


def _filters(seen: Catalogue, texts: Texts) -> list[Row]:
    """What can be narrowed down, and what is already: one tap takes that away again."""
    wanted = seen.wanted
    in_reach, favourite = replace(wanted, is_in_reach=not wanted.is_in_reach), not wanted.is_favourite
    return [
        [
            button(_ticked(texts("Within reach"), wanted.is_in_reach), Browse.of(in_reach)),
            button(
                _ticked(texts("Favourites"), wanted.is_favourite), Browse.of(replace(wanted, is_favourite=favourite))
            ),
        ],
        [_by_shop(seen, texts), _by_words(wanted, texts)],
    ]


def _ticked(label: str, is_on: bool) -> str:
    return f"✓ {label}" if is_on else label


def _by_shop(seen: Catalogue, texts: Texts) -> Button:
    if seen.wanted.merchant_id is None:
        return button(texts("By shop"), ShopsPage.of(seen.wanted))
    name = reward_shop(seen.rewards[0], texts) if seen.rewards else texts("This shop")
    return button(f"✕ {shortened(name, FILTER_MAX)}", Browse.of(replace(seen.wanted, merchant_id=None)))


def _by_words(wanted: Wanted, texts: Texts) -> Button:
    if not wanted.words:
        return button(texts("Search"), AskSearch.of(wanted))
    return button(f"✕ {shortened(wanted.words, FILTER_MAX)}", Browse.of(replace(wanted, words="")))


def _nothing(seen: Catalogue, texts: Texts) -> Markup:
    """Why a page is empty, in the words of what was asked for."""
    if not seen.is_first_page:
        return texts("That was all of them.")
    match seen.wanted:
        case Wanted(merchant_id=None, is_in_reach=False, is_favourite=False, words=""):
            return _no_rewards(texts)
        case Wanted(merchant_id=None, is_in_reach=False, is_favourite=False, words=words):
            return texts("I found no reward for “{words}”. Perhaps another word finds it.", words=words)
        case Wanted(merchant_id=None, is_in_reach=True, is_favourite=False, words=""):
            return texts.plural(
                "With {points} point nothing is within reach yet. A check-in a day gets you there.",
                "With {points} points nothing is within reach yet. A check-in a day gets you there.",
                seen.available,
                points=seen.available,
            )
        case Wanted(merchant_id=None, is_in_reach=False, is_favourite=True, words=""):
            return texts(
                "You have no favourites yet. Open a reward that you like and add it; "
                "I will tell you when you have the points for it."
            )
        case Wanted(is_in_reach=False, is_favourite=False, words=""):
            return texts("This shop has no rewards just now.")
        case _:
            return texts("Nothing fits all of this. Take something away, or see everything.")


def _only_near(words: str, texts: Texts) -> Markup:
    return texts("I found no reward for “{words}”. Perhaps you mean one of these:", words=words)


def _no_rewards(texts: Texts) -> Markup:
    return texts("The shops have no rewards just now. Your points keep, and new ones come.")


def _ways_on(seen: Catalogue, texts: Texts) -> list[Button]:
    is_all = seen.wanted == EVERYTHING
    check_in = [button(texts("Check in"), CheckIn())] if is_all or seen.wanted.is_in_reach else []
    everything = [] if is_all else [button(texts("Everything"), RewardsPage())]
    return [*check_in, *everything, button(texts("Home"), Home())]


def _to_card(reward: Reward, seen: Catalogue, texts: Texts) -> Button:
    cost = texts.number(reward.points)
    if reward.price_minor:
        cost += f" + {texts.money(reward.price_minor, seen.currency)}"
    to = ShowFound.of(seen.wanted, reward_id=reward.id)
    return button(f"{shortened(reward_name(reward, texts))} · {cost}", to)


def _line(listed: Listed, seen: Catalogue, member: Member, texts: Texts) -> str:
    """A reward in the list: a mark that tells at a glance, then the words for it."""
    reward = listed.reward
    mark, remark = _standing(reward, seen.available, member, texts)
    if reward.price_minor:
        price = texts.money(reward.price_minor, seen.currency)
        cost = texts.plural(
            "{points} point and {price} · {remark}",
            "{points} points and {price} · {remark}",
            reward.points,
            points=reward.points,
            price=price,
            remark=remark,
        )
    else:
        cost = texts.plural(
            "{points} point · {remark}",
            "{points} points · {remark}",
            reward.points,
            points=reward.points,
            remark=remark,
        )
    loved = " ♥" if listed.is_favourite else ""
    return f"{mark} {heading(reward, texts)}{loved}\n      {cost}"


def _standing(reward: Reward, available: int, member: Member, texts: Texts) -> tuple[str, Markup]:
    missing = reward.missing(available)
    if reward.is_sold_out:
        return "▫️", texts("sold out")
    if not member.tier.reaches(reward.tier_min):
        tier = names.tier(texts, reward.tier_min)
        return "🔒", texts("{medal} from {tier}", medal=names.tier_medal(reward.tier_min), tier=tier)
    if missing:
        return "▫️", texts.plural("{missing} point missing", "{missing} points missing", missing, missing=missing)
    return "✅", texts("yours if you like")
