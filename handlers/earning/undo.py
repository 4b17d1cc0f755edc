"""The button that takes back what was just changed: it carries what was there before, where that fits."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.earning.callbacks import AddHours, RemoveHours, RemoveTag, SetPart, SetRate, SetTag
from loyalty.earn_rules import RulePart, bits_of, mark, minute_of, part_of
from loyalty.earning import EarnRule
from loyalty.services.earn_rules import RuleCard


def undo(seen: RuleCard) -> CallbackData | None:
    """None where nothing changed, or where what was there does not fit into a button."""
    before, after, shop = seen.before, seen.rule, seen.post.merchant_id
    if before is None or after is None:
        return None
    if (before.points, before.per_minor) != (after.points, after.per_minor):
        return SetRate(merchant_id=shop, points=before.points, per_minor=before.per_minor)
    for part in RulePart:
        if part_of(before, part) != part_of(after, part):
            return SetPart(merchant_id=shop, part=part, number=part_of(before, part))
    return _hours(shop, before, after) or _tag(shop, before, after)


def _hours(shop: int, before: EarnRule, after: EarnRule) -> CallbackData | None:
    gone, new = set(before.hours) - set(after.hours), set(after.hours) - set(before.hours)
    for kind, changed in ((AddHours, gone), (RemoveHours, new)):  # what was replaced comes back by adding
        for one in changed:
            return kind(
                merchant_id=shop,
                days=bits_of(one.weekdays),
                starts=minute_of(one.starts),
                ends=minute_of(one.ends),
                percent=one.percent,
            )
    return None


def _tag(shop: int, before: EarnRule, after: EarnRule) -> CallbackData | None:
    for tag in sorted(before.tags.keys() | after.tags.keys()):
        if tag not in before.tags:
            return RemoveTag(merchant_id=shop, tag=mark(tag))
        if before.tags[tag] != after.tags.get(tag):
            return _fitting(SetTag.model_construct(merchant_id=shop, percent=before.tags[tag], tag=tag))
    return None


def _fitting(wanted: CallbackData) -> CallbackData | None:
    try:
        wanted.pack()
    except ValueError:  # too long, or with the sign that parts its fields
        return None
    return wanted
