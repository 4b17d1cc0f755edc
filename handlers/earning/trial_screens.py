from __future__ import annotations

from handlers import names
from handlers.earning import wording
from handlers.earning.callbacks import AskTry, Try
from handlers.earning.layout import as_try, back, form, grid
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.earn_rules import DAY_MINUTES, at_minute
from loyalty.members import Tier
from loyalty.services.earn_rules import RuleCard

STEP = 30  # minutes between two examples


def trial(seen: RuleCard, currency: str, texts: Texts) -> Screen:
    """An example that can be turned: the sentence, what the sum is made of, and a button for each turn."""
    rule, shown, earned = seen.rule, seen.example, seen.earned
    assert rule is not None, "who tries has a rule"
    assert shown is not None, "who tries has an example"
    assert earned is not None, "it was reckoned"
    shop = seen.post.merchant_id
    lines: list[str] = [wording.example(shown, earned, currency, texts), "", *wording.explained(rule, earned, texts)]
    here = as_try(shop, shown)
    days = [
        button(f"{'✓ ' if day == shown.weekday else ''}{wording.weekday(day, texts)}", _but(here, weekday=day))
        for day in range(7)
    ]
    hours = [
        button(
            f"{'◀ ' if step < 0 else ''}{wording.clock(at_minute(shown.minute + step))}{' ▶' if step > 0 else ''}",
            _but(here, minute=(shown.minute + step) % DAY_MINUTES),
        )
        for step in (-6 * STEP, -STEP, STEP, 6 * STEP)
    ]
    tiers = [
        button(f"{'✓ ' if tier is shown.tier else ''}{names.tier(texts, tier)}", _but(here, tier=tier)) for tier in Tier
    ]
    another = AskTry(merchant_id=shop, weekday=shown.weekday, minute=shown.minute, tier=shown.tier)
    return Screen(
        "\n".join(lines),
        [*grid(days, 4), hours, tiers, [button(texts("Another amount"), another), back(shop, texts)]],
    )


def ask_amount(shop: int, texts: Texts, complaint: str | None = None) -> Screen:
    lines = [texts("Type an amount, with a product if you like: <code>12.50</code> or <code>12.50 coffee</code>.")]
    return form(shop, lines, [], texts, complaint)


def _but(here: Try, **turned: object) -> Try:
    return here.model_copy(update=turned)
