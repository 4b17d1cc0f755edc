from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from handlers import names, wares
from handlers.merchant.callbacks import Console
from handlers.paging import newest_and_older
from handlers.rewards.titles import reward_name
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.shelf.callbacks import (
    AskTurn,
    Edit,
    EditWords,
    NewReward,
    PreviewReward,
    ShowShelf,
    ShowStocked,
    ShowWords,
    TakeTurn,
)
from handlers.start.callbacks import Home
from handlers.wares import MARKS
from locales.texts import Markup, Texts
from loyalty.members import Language, Tier
from loyalty.merchants import said_in
from loyalty.rewards import Reward
from loyalty.services.shelf import ShelfCard, ShelfPage
from loyalty.shelf import Field, Stocked
from loyalty.wares import Turn, WareState


def page(seen: ShelfPage, texts: Texts) -> Screen:
    """A shop's rewards as they stand, in the reader's words: what is left of each, and how many went."""
    shop = said_in(texts.language, seen.shop.translations, "name", seen.shop.name)
    lines: list[str] = [texts("<b>Our rewards</b> · {shop}", shop=shop)]
    if not seen.stocked:
        lines += ["", _nothing(seen, texts)]
    for state, stocked in groupby(seen.stocked, key=lambda each: each[1]):
        lines += ["", f"{MARKS[state]} <b>{wares.state(state, texts)}</b>"]
        lines += [_line(each, texts) for each, _ in stocked]
    to_cards: list[Row] = [[_to_card(each, state, texts)] for each, state in seen.stocked]
    return Screen(
        "\n".join(lines),
        [
            *to_cards,
            _paging(seen, texts),
            [button(texts("New reward"), NewReward(merchant_id=seen.shop.id))],
            [button(texts("Back to the shop"), Console(merchant_id=seen.shop.id)), button(texts("Home"), Home())],
        ],
    )


def card(seen: ShelfCard, texts: Texts) -> Screen:
    """Everything about a reward, and a button for each part of it."""
    if seen.state is WareState.REMOVED:
        return removed(seen, texts)
    reward, figures = seen.reward, seen.figures
    lines = [
        wares.titled(reward.name, reward.translations, texts),
        f"{MARKS[seen.state]} {wares.standing(seen.state, reward.is_sold_out, texts)}",
        "",
        *([escape(reward.description, quote=False), ""] if reward.description else []),
        *_facts(seen, texts),
        "",
        texts(
            "Redeemed {redeemed} · used {used} · waiting {waiting}",
            redeemed=figures.redeemed,
            used=figures.used,
            waiting=figures.waiting,
        ),
    ]
    return Screen("\n".join(lines), [_turns(seen, texts), *_edits(reward, texts), *_ways(reward, texts)])


def removed(seen: ShelfCard, texts: Texts) -> Screen:
    """The reward is gone for members; one tap brings it back as it was."""
    reward = seen.reward
    return Screen(
        texts(
            "<b>{title}</b> is removed. Members do not see it any more; vouchers that they have stay good.",
            title=reward_name(reward, texts),
        ),
        [
            [button(texts("Bring it back"), TakeTurn(reward_id=reward.id, turn=Turn.BRING_BACK))],
            [button(texts("All rewards"), ShowShelf(merchant_id=reward.merchant.id)), button(texts("Home"), Home())],
        ],
    )


def ask_publish(seen: ShelfCard, texts: Texts) -> Screen:
    reward = seen.reward
    asked = texts(
        "Publish <b>{title}</b> for {cost}? Every member can see it then.",
        title=reward_name(reward, texts),
        cost=_cost(seen, texts),
    )
    lines: list[str] = [asked]
    if reward.starts_at is not None:
        lines.append(texts("It starts on {date}.", date=wares.first_day(reward.starts_at, seen.zone, texts)))
    return Screen("\n".join(lines), _answers(reward, texts("Publish"), Turn.PUBLISH, texts))


def ask_remove(seen: ShelfCard, texts: Texts) -> Screen:
    lines: list[str] = [
        texts("Remove <b>{title}</b>? Members will not see it any more.", title=reward_name(seen.reward, texts))
    ]
    if seen.figures.waiting:
        lines.append(
            texts.plural(
                "{n} voucher for it waits to be used, and stays good.",
                "{n} vouchers for it wait to be used, and stay good.",
                seen.figures.waiting,
            )
        )
    return Screen("\n".join(lines), _answers(seen.reward, texts("Remove"), Turn.REMOVE, texts))


def words(seen: ShelfCard, texts: Texts) -> Screen:
    reward = seen.reward

    def edit(language: Language, field: str) -> EditWords:
        return EditWords(reward_id=reward.id, language=language, field=Field(field))

    return wares.words(reward.name, reward.translations, edit, ShowStocked(reward_id=reward.id), texts)


def _nothing(seen: ShelfPage, texts: Texts) -> Markup:
    if not seen.is_first_page:
        return texts("That was all of them.")
    return texts("Your shop has no rewards yet. What would your customers like?")


def _line(stocked: Stocked, texts: Texts) -> str:
    reward = stocked.reward
    facts = texts.plural(
        "{points} point · {stock} · redeemed {redeemed}",
        "{points} points · {stock} · redeemed {redeemed}",
        reward.points,
        points=reward.points,
        stock=_stock(reward, texts),
        redeemed=stocked.redeemed,
    )
    return f"{escape(reward_name(reward, texts), quote=False)}\n      {facts}"


def _to_card(stocked: Stocked, state: WareState, texts: Texts) -> Button:
    return button(
        f"{MARKS[state]} {shortened(reward_name(stocked.reward, texts))}", ShowStocked(reward_id=stocked.reward.id)
    )


def _paging(seen: ShelfPage, texts: Texts) -> Row:
    merchant_id = seen.shop.id
    more = seen.more_after
    return newest_and_older(
        None if seen.is_first_page else ShowShelf(merchant_id=merchant_id),
        None if more is None else ShowShelf(merchant_id=merchant_id, rank=more[0], before=more[1]),
        texts,
    )


def _turns(seen: ShelfCard, texts: Texts) -> Row:
    of_reward = {"reward_id": seen.reward.id}
    look = button(texts("Preview"), PreviewReward(**of_reward))
    match seen.state:
        case WareState.DRAFT:
            return [look, button(texts("Publish"), AskTurn(**of_reward, turn=Turn.PUBLISH))]
        case WareState.PAUSED:
            return [look, button(texts("Resume"), TakeTurn(**of_reward, turn=Turn.RESUME))]
        case WareState.ENDED:
            return [look]
        case _:
            return [look, button(texts("Pause"), TakeTurn(**of_reward, turn=Turn.PAUSE))]


def _edits(reward: Reward, texts: Texts) -> Iterator[Row]:
    stock = texts("Stock") if reward.stock is None else texts("Restock")
    for row in (
        ((texts("Title"), Field.NAME), (texts("Description"), Field.DESCRIPTION), (texts("Picture"), Field.PICTURE)),
        ((texts("Points"), Field.POINTS), (texts("Money"), Field.PRICE), (stock, Field.STOCK)),
        ((texts("Tier"), Field.TIER), (texts("Limit"), Field.LIMIT)),
        ((texts("Starts"), Field.STARTS), (texts("Ends"), Field.ENDS)),
    ):
        yield [button(label, Edit(reward_id=reward.id, field=field)) for label, field in row]


def _ways(reward: Reward, texts: Texts) -> Sequence[Row]:
    return [
        [
            button(texts("Other languages"), ShowWords(reward_id=reward.id)),
            button(texts("Remove"), AskTurn(reward_id=reward.id, turn=Turn.REMOVE)),
        ],
        [button(texts("All rewards"), ShowShelf(merchant_id=reward.merchant.id)), button(texts("Home"), Home())],
    ]


def _answers(reward: Reward, yes: str, turn: Turn, texts: Texts) -> Sequence[Row]:
    return [
        [button(yes, TakeTurn(reward_id=reward.id, turn=turn))],
        [button(texts("Cancel"), ShowStocked(reward_id=reward.id))],
    ]


def _facts(seen: ShelfCard, texts: Texts) -> Iterator[str]:
    reward = seen.reward
    yield texts("Cost: {cost}", cost=_cost(seen, texts))
    yield texts("Stock: {stock}", stock=_stock(reward, texts))
    yield texts("Limit: {limit}", limit=_limit(reward, texts))
    if reward.tier_min is Tier.MEMBER:
        yield texts("For: all members")
    else:
        tier = names.tier(texts, reward.tier_min)
        yield texts("For {medal} {tier} members and up.", medal=names.tier_medal(reward.tier_min), tier=tier)
    yield from wares.window(reward, seen.zone, texts)
    yield from wares.looks(reward.picture_id, reward.translations, texts)


def _cost(seen: ShelfCard, texts: Texts) -> Markup:
    reward = seen.reward
    if not reward.price_minor:
        return texts.plural("{n} point", "{n} points", reward.points)
    return texts.plural(
        "{n} point and {money} at the counter",
        "{n} points and {money} at the counter",
        reward.points,
        money=texts.money(reward.price_minor, seen.currency),
    )


def _stock(reward: Reward, texts: Texts) -> Markup:
    return texts("unlimited") if reward.stock is None else texts("{n} left", n=reward.stock)


def _limit(reward: Reward, texts: Texts) -> Markup:
    match reward.per_member, reward.per_member_days:
        case None, _:
            return texts("none")
        case most, None:
            return texts("{n} per member", n=most)
        case most, 30:
            return texts("{n} per member a month", n=most)
        case most, 7:
            return texts("{n} per member a week", n=most)
        case most, 1:
            return texts("{n} per member a day", n=most)
        case most, days:
            return texts.plural(
                "{n} per member in {days} day", "{n} per member in {days} days", days, n=most, days=days
            )
