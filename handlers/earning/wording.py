"""A rule in sentences."""

from __future__ import annotations

from datetime import time
from typing import Any

from handlers import names
from locales.texts import Markup, Texts
from loyalty.earn_rules import Example, at_minute
from loyalty.earning import Cap, Earned, EarnRule, Factor, HappyHours
from loyalty.members import Tier

TAGS_SHOWN = 5


def rate(points: int, per_minor: int, currency: str, texts: Texts) -> Markup:
    return texts.plural(
        "{n} point per {amount}", "{n} points per {amount}", points, amount=texts.money(per_minor, currency)
    )


def hours(one: HappyHours, texts: Texts) -> Markup:
    """Days, from when to when, and how much."""
    return texts(
        "{days}, {starts}–{ends}: {percent} %",
        days=days(one.weekdays, texts),
        starts=clock(one.starts),
        ends=clock(one.ends),
        percent=one.percent,
    )


def days(weekdays: tuple[int, ...], texts: Texts) -> str:
    """Mon, Tue; every day if none is named."""
    return texts.listed(weekday(day, texts) for day in sorted(set(weekdays))) or texts("every day")


def weekday(number: int, texts: Texts, *, is_long: bool = False) -> str:
    """0 is Monday."""
    return str(texts.locale.days["stand-alone"]["wide" if is_long else "abbreviated"][number])


def clock(at: time) -> str:
    return at.isoformat("minutes")


def sentences(rule: EarnRule, currency: str, texts: Texts) -> list[Markup]:
    """The whole rule, a sentence for each part that it has."""
    lines = [texts("{rate}.", rate=rate(rule.points, rule.per_minor, currency, texts))]
    if rule.amount_minor_min:
        lines.append(
            texts("Purchases below {amount} earn nothing.", amount=texts.money(rule.amount_minor_min, currency))
        )
    lines += [
        texts("{tier} members get {percent} %.", tier=names.tier(texts, tier), percent=percent)
        for tier, percent in sorted(rule.tiers.items(), key=lambda one: one[0].rank)
    ]
    lines += [texts("Happy hours: {hours}", hours=hours(one, texts)) for one in rule.hours]
    if rule.tags:
        lines.append(texts("By product: {tags}", tags=_tags(rule, texts)))
    lines += _caps(rule, texts)
    lines += _bonuses(rule, texts)
    if rule.is_receipt_daily:
        lines.append(texts("Receipt numbers begin again each day."))
    return lines


def example(shown: Example, earned: Earned, currency: str, texts: Texts) -> Markup:
    """In one sentence: "€12.50 on Friday at 17:00 by a Gold member earns 25 points." """
    facts: dict[str, Any] = {
        "amount": texts.money(shown.amount_minor, currency),
        "weekday": weekday(shown.weekday, texts, is_long=True),
        "time": clock(at_minute(shown.minute)),
    }
    if shown.tier is Tier.MEMBER:
        return texts.plural(
            "{amount} on {weekday} at {time} earns <b>{n}</b> point.",
            "{amount} on {weekday} at {time} earns <b>{n}</b> points.",
            earned.points,
            **facts,
        )
    return texts.plural(
        "{amount} on {weekday} at {time} by a {tier} member earns <b>{n}</b> point.",
        "{amount} on {weekday} at {time} by a {tier} member earns <b>{n}</b> points.",
        earned.points,
        tier=names.tier(texts, shown.tier),
        **facts,
    )


def explained(rule: EarnRule, earned: Earned, texts: Texts) -> list[Markup]:
    """What the sum is made of, a line each."""
    lines = [texts("By the rate: {points}", points=earned.base)]
    for one in earned.added:
        facts = {"percent": one.percent, "points": texts.signed(one.points)}
        match one.factor:
            case Factor.TIER:
                lines.append(texts("{tier}, {percent} %: {points}", tier=names.tier(texts, one.of), **facts))
            case Factor.HOURS:
                lines.append(texts("Happy hours, {percent} %: {points}", **facts))
            case Factor.TAG:
                lines.append(texts("{tag}, {percent} %: {points}", tag=one.of, **facts))
    for cut in earned.cuts:
        points = texts.signed(-cut.points)
        match cut.cap:
            case Cap.MINIMUM:
                lines.append(texts("Below the minimum: {points}", points=points))
            case Cap.DAY:
                lines.append(texts("Above the most of a day: {points}", points=points))
            case Cap.MONTH:
                lines.append(texts("Above the most of a month: {points}", points=points))
            case Cap.CLUB:
                lines.append(texts("Above the club's ceiling: {points}", points=points))
            case Cap.PURCHASE:
                lines.append(texts("Above the most of a purchase: {points}", points=points))
    return [*lines, *(_bonuses(rule, texts) if earned.points else [])]


def _tags(rule: EarnRule, texts: Texts) -> Markup:
    tags = sorted(rule.tags.items())
    said = [texts("{tag} {percent} %", tag=tag, percent=percent) for tag, percent in tags[:TAGS_SHOWN]]
    if more := len(tags) - TAGS_SHOWN:
        said += [texts("{n} more", n=more)] if more > 0 else []
    return texts.listed(said)


def _caps(rule: EarnRule, texts: Texts) -> list[Markup]:
    lines = []
    if rule.points_day_max is not None:
        lines.append(
            texts.plural("At most {n} point a day each.", "At most {n} points a day each.", rule.points_day_max)
        )
    if rule.points_month_max is not None:
        lines.append(
            texts.plural("At most {n} point a month each.", "At most {n} points a month each.", rule.points_month_max)
        )
    return lines


def _bonuses(rule: EarnRule, texts: Texts) -> list[Markup]:
    lines = []
    if rule.first_points:
        lines.append(
            texts.plural(
                "The first purchase here brings {n} point more.",
                "The first purchase here brings {n} points more.",
                rule.first_points,
            )
        )
    if rule.birthday_points:
        lines.append(
            texts.plural(
                "The first one in the month of the birthday brings {n} point more.",
                "The first one in the month of the birthday brings {n} points more.",
                rule.birthday_points,
            )
        )
    return lines
