from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.earning import wording
from handlers.earning.callbacks import (
    BeginRule,
    EditPart,
    EditRate,
    Group,
    SetRate,
    ShowHours,
    ShowParts,
    ShowTags,
)
from handlers.earning.layout import as_try, form, grid, unit_of
from handlers.merchant.callbacks import Console
from handlers.screens import Row, Screen, button
from locales.texts import Markup, Texts
from loyalty.earn_rules import RulePart
from loyalty.earning import EarnRule
from loyalty.services.earn_rules import RuleCard


def card(seen: RuleCard, currency: str, texts: Texts, undo: CallbackData | None = None) -> Screen:
    """The rule in sentences, with an example, and a way to each part. `undo` takes back what was just changed."""
    shop = seen.post.merchant_id
    title = texts("<b>How purchases earn</b> · {shop}", shop=seen.post.shop(texts.language))
    if seen.rule is None:
        return _empty(shop, title, currency, texts)
    lines: list[str] = [texts("Saved."), ""] if seen.before is not None else []
    lines += [title, "", *wording.sentences(seen.rule, currency, texts), ""]
    rows: list[Row] = [[button(texts("Undo"), undo)]] if undo is not None else []
    if seen.example is not None and seen.earned is not None:
        lines.append(
            texts("For example: {example}", example=wording.example(seen.example, seen.earned, currency, texts))
        )
        rows.append([button(texts("Try it"), as_try(shop, seen.example))])
    lines.append(texts("What was booked keeps what it earned."))
    rows += [
        [
            button(texts("Rate"), EditRate(merchant_id=shop)),
            button(texts("Minimum"), EditPart(merchant_id=shop, part=RulePart.MINIMUM)),
        ],
        [
            button(texts("Tiers"), ShowParts(merchant_id=shop, group=Group.TIERS)),
            button(texts("Happy hours"), ShowHours(merchant_id=shop)),
        ],
        [
            button(texts("Products"), ShowTags(merchant_id=shop)),
            button(texts("Caps"), ShowParts(merchant_id=shop, group=Group.CAPS)),
        ],
        [
            button(texts("Bonuses"), ShowParts(merchant_id=shop, group=Group.BONUSES)),
            button(texts("Receipts"), EditPart(merchant_id=shop, part=RulePart.RECEIPTS)),
        ],
        [button(texts("« Back"), Console(merchant_id=shop))],
    ]
    return Screen("\n".join(lines), rows)


def rate(seen: RuleCard, rule: EarnRule, currency: str, texts: Texts, complaint: str | None = None) -> Screen:
    shop, unit = seen.post.merchant_id, unit_of(currency)
    choices = [
        SetRate(merchant_id=shop, points=points, per_minor=per * unit)
        for points, per in ((1, 1), (2, 1), (1, 5), (1, 10))
    ]
    buttons = [
        button(wording.rate(choice.points, choice.per_minor, currency, texts), choice)
        for choice in choices
        if (choice.points, choice.per_minor) != (rule.points, rule.per_minor)
    ]
    lines = [
        texts("Now: {rate}.", rate=wording.rate(rule.points, rule.per_minor, currency, texts)),
        texts("Choose another rate, or type one: points per amount, such as <code>2 per 5</code>."),
    ]
    return form(shop, lines, grid(buttons, 2), texts, complaint)


def misread(texts: Texts) -> Markup:
    return texts("I could not read that.")


def _empty(shop: int, title: str, currency: str, texts: Texts) -> Screen:
    offer = wording.rate(1, unit_of(currency), currency, texts)
    said = texts("Purchases here earn nothing yet. Begin with a rate; everything else can be changed later.")
    return Screen(
        f"{title}\n\n{said}",
        [[button(offer, BeginRule(merchant_id=shop))], [button(texts("« Back"), Console(merchant_id=shop))]],
    )
