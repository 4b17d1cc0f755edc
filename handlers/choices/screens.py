"""What becomes of a group that did not fill, for one of its people."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.choices.callbacks import Choose, ShowChoices
from handlers.group_buys.callbacks import DealsPage, MyGroupsPage, ShowDeal, ShowGroup
from handlers.group_buys.prices import alone, on_top
from handlers.group_buys.screens import chosen, heading, progress
from handlers.screens import Button, Row, Screen, button
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.group_buys import Choice, Group
from loyalty.services.choices import ChoiceSeen, Chosen


def choices(seen: ChoiceSeen, zone: ZoneInfo, texts: Texts) -> Screen:
    """What can be chosen now; once that is done or over, what came of it."""
    group, deal = seen.group, seen.deal
    lines: list[str] = [
        heading(texts, deal),
        texts("It did not fill in time, and everybody's points went back."),
        chosen(seen.choosing, seen.now, zone, texts),
        "",
    ]
    if seen.ways:
        lines += [
            *_ways(seen, texts),
            texts.plural(
                "You have {points} point.", "You have {points} points.", seen.available, points=seen.available
            ),
        ]
    rows: list[Row] = [[_way(way, seen, texts)] for way in seen.ways]
    if not seen.ways:
        rows += [
            _led_to(seen.choosing.led_to_id, texts),
            [button(texts("Open a new group"), ShowDeal(deal_id=deal.id))],
        ]
    return Screen(
        "\n".join(lines).strip(),
        [
            *rows,
            [
                button(texts("About this group buy"), ShowDeal(deal_id=group.deal_id)),
                button(texts("My groups"), MyGroupsPage()),
            ],
            [button(texts("Home"), Home())],
        ],
    )


def kept(result: Chosen, texts: Texts) -> Screen:
    """The points stay where they are."""
    lines: list[str] = [
        heading(texts, result.deal),
        "",
        texts("Your points stay with you. Nothing else happens."),
        texts.plural(
            "You have {points} point.", "You have {points} points.", result.available, points=result.available
        ),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Open a new group"), ShowDeal(deal_id=result.deal.id))],
            [button(texts("« Group buys"), DealsPage()), button(texts("Home"), Home())],
        ],
    )


def went_on(choice: Choice, texts: Texts) -> Markup:
    """Over the group that a choice led to."""
    if choice is Choice.EXTEND:
        return texts("You are trying it once more.")
    return texts("You went over to another group.")


def back(group_id: int, texts: Texts) -> Button:
    return button(texts("Back"), ShowChoices(group_id=group_id))


def way(choice: Choice, group_id: int, points: int, price_minor: int, currency: str, texts: Texts) -> Button:
    """The button of a choice; `points` and `price_minor` are what one costs alone."""
    match choice:
        case Choice.REFUND:
            return button(texts("Keep my points"), Choose(group_id=group_id, choice=choice))
        case Choice.EXTEND:
            return button(texts("Once more with the others"), Choose(group_id=group_id, choice=choice))
        case Choice.MERGE:
            return button(texts("Join another group"), Choose(group_id=group_id, choice=choice))
        case Choice.SOLO:
            to = Choose(group_id=group_id, choice=choice, points=points, price=price_minor)
            return button(alone(texts, points, price_minor, currency), to)


def _way(choice: Choice, seen: ChoiceSeen, texts: Texts) -> Button:
    deal = seen.deal
    return way(choice, seen.group.id, deal.solo_points, deal.solo_price_minor, seen.currency, texts)


def _ways(seen: ChoiceSeen, texts: Texts) -> list[str]:
    """What the ways that set points aside cost, and whom they lead to."""
    lines: list[str] = []
    if Choice.EXTEND in seen.ways and seen.successor is None:
        lines.append(
            _cost(
                texts.plural(
                    "Once more: {points} point",
                    "Once more: {points} points",
                    seen.group.points,
                    points=seen.group.points,
                ),
                seen.group,
                seen,
                texts,
            )
        )
    if Choice.EXTEND in seen.ways and seen.successor is not None:
        others = seen.successor
        head = texts.plural(
            "The others are trying it once more: {points} point",
            "The others are trying it once more: {points} points",
            others.points,
            points=others.points,
        )
        lines += [_cost(head, others, seen, texts), progress(others, seen.now, texts)]
    if Choice.MERGE in seen.ways and seen.other is not None:
        head = texts.plural(
            "Another group: {points} point",
            "Another group: {points} points",
            seen.other.points,
            points=seen.other.points,
        )
        lines += [_cost(head, seen.other, seen, texts), progress(seen.other, seen.now, texts)]
    return lines


def _cost(head: Markup, group: Group, seen: ChoiceSeen, texts: Texts) -> str:
    return f"{head} {on_top(texts, group.price_minor, seen.currency)}" if group.price_minor else head


def _led_to(group_id: int | None, texts: Texts) -> list[Button]:
    return [] if group_id is None else [button(texts("See the group"), ShowGroup(group_id=group_id))]
