from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.earning.callbacks import EditPart, Group, SetPart
from handlers.earning.layout import back, form, grid, unit_of
from handlers.screens import Row, Screen, button
from locales.texts import Markup, Texts
from loyalty.earn_rules import TIER_PARTS, RulePart, part_of
from loyalty.earning import EarnRule
from loyalty.services.earn_rules import RuleCard

GROUPS = {
    Group.TIERS: (RulePart.SILVER, RulePart.GOLD),
    Group.CAPS: (RulePart.DAY, RulePart.MONTH),
    Group.BONUSES: (RulePart.FIRST, RulePart.BIRTHDAY),
}
PERCENTS = (100, 125, 150, 200)
CAPS = (0, 50, 100, 500)
BONUSES = (0, 10, 20, 50)


def parts(seen: RuleCard, rule: EarnRule, group: Group, currency: str, texts: Texts) -> Screen:
    """The numbers that belong together, with their values."""
    shop = seen.post.merchant_id
    rows: list[Row] = [
        [
            button(
                f"{part_name(part, texts)}: {part_value(part, part_of(rule, part), currency, texts)}",
                EditPart(merchant_id=shop, part=part),
            )
        ]
        for part in GROUPS[group]
    ]
    return Screen(_group_words(group, texts), [*rows, [back(shop, texts)]])


def part(
    seen: RuleCard, rule: EarnRule, which: RulePart, currency: str, texts: Texts, complaint: str | None = None
) -> Screen:
    shop, current = seen.post.merchant_id, part_of(rule, which)
    buttons = [
        button(part_value(which, number, currency, texts), SetPart(merchant_id=shop, part=which, number=number))
        for number in _choices(which, currency)
        if number != current
    ]
    lines = [
        texts(
            "<b>{part}</b>, now: {value}",
            part=part_name(which, texts),
            value=part_value(which, current, currency, texts),
        ),
        _how_to_type(which, texts),
    ]
    return form(shop, lines, grid(buttons, 4), texts, complaint)


def part_name(which: RulePart, texts: Texts) -> Markup:
    match which:
        case RulePart.MINIMUM:
            return texts("Minimum of a purchase")
        case RulePart.DAY:
            return texts("Most points in a day")
        case RulePart.MONTH:
            return texts("Most points in a month")
        case RulePart.FIRST:
            return texts("First purchase here")
        case RulePart.BIRTHDAY:
            return texts("Month of the birthday")
        case RulePart.RECEIPTS:
            return texts("Receipt numbers")
        case _:
            return names.tier(texts, TIER_PARTS[which])


def part_value(which: RulePart, number: int, currency: str, texts: Texts) -> Markup:
    if which in TIER_PARTS:
        return texts("{percent} %", percent=number)
    if which is RulePart.RECEIPTS:
        return texts("begin again each day") if number else texts("are used once")
    if not number:
        return texts("none")
    if which is RulePart.MINIMUM:
        return Markup(texts.money(number, currency))
    if which in GROUPS[Group.BONUSES]:
        return Markup(texts.signed(number))
    return Markup(texts.number(number))


def _group_words(group: Group, texts: Texts) -> Markup:
    match group:
        case Group.TIERS:
            return texts("<b>Tiers</b>: how much of the points each tier gets. 150 % is half as much again.")
        case Group.CAPS:
            return texts("<b>Caps</b>: the most points that one member earns here by purchases.")
        case Group.BONUSES:
            return texts("<b>Bonuses</b>: points on top, once each. Caps do not touch them.")


def _how_to_type(which: RulePart, texts: Texts) -> Markup:
    if which is RulePart.MINIMUM:
        return texts("Choose, or type an amount, such as <code>5</code> or <code>7.50</code>.")
    if which in TIER_PARTS:
        return texts("Choose, or type a percentage from 100 to 1000.")
    if which is RulePart.RECEIPTS:
        return texts("A receipt is booked once. Where your numbers begin again each morning: once a day.")
    return texts("Choose, or type a whole number of points; 0 is none.")


def _choices(which: RulePart, currency: str) -> Sequence[int]:
    if which is RulePart.MINIMUM:
        return [number * unit_of(currency) for number in (0, 5, 10, 20)]
    if which in TIER_PARTS:
        return PERCENTS
    if which is RulePart.RECEIPTS:
        return (0, 1)
    return BONUSES if which in GROUPS[Group.BONUSES] else CAPS
