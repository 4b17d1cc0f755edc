from __future__ import annotations

from handlers.earning import wording
from handlers.earning.callbacks import AddHours, AskTimes, PickDays, RemoveHours, ShowHours
from handlers.earning.layout import back, grid
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.earn_rules import at_minute, bits_of, days_in, minute_of
from loyalty.earning import EarnRule, HappyHours
from loyalty.services.earn_rules import RuleCard

HOUR_PERCENTS = (125, 150, 200, 300)


def happy_hours(seen: RuleCard, rule: EarnRule, texts: Texts) -> Screen:
    shop = seen.post.merchant_id
    lines: list[str] = [texts("<b>Happy hours</b>, on the club's clock. Where several fit, the best one counts.")]
    lines += [f"{number}. {wording.hours(one, texts)}" for number, one in enumerate(rule.hours, 1)]
    if not rule.hours:
        lines.append(texts("None yet."))
    drop = [
        button(texts("Remove {number}", number=number), RemoveHours(**_as_button(shop, one)))
        for number, one in enumerate(rule.hours, 1)
    ]
    add = button(texts("Add happy hours"), PickDays(merchant_id=shop))
    return Screen("\n".join(lines), [*grid(drop, 2), [add], [back(shop, texts)]])


def pick_days(shop: int, days: int, texts: Texts) -> Screen:
    toggles = [
        button(
            f"{'✓ ' if days >> day & 1 else ''}{wording.weekday(day, texts)}",
            PickDays(merchant_id=shop, days=days ^ 1 << day),
        )
        for day in range(7)
    ]
    go_on = button(texts("On to the hours »"), AskTimes(merchant_id=shop, days=days))
    lines = [
        texts("On which days? Tap them; none means every day."),
        texts("Now: {days}", days=wording.days(days_in(days), texts)),
    ]
    cancel = button(texts("Cancel"), ShowHours(merchant_id=shop))
    return Screen("\n".join(lines), [*grid(toggles, 4), [go_on], [cancel]])


def ask_times(shop: int, days: int, texts: Texts, complaint: str | None = None) -> Screen:
    ask = texts(
        "{days}: from when to when? Type it like <code>17-19</code> or <code>17:30-19:00</code>.",
        days=wording.days(days_in(days), texts),
    )
    return Screen(
        f"{complaint}\n\n{ask}" if complaint else ask,
        [
            [
                button(texts("Other days"), PickDays(merchant_id=shop, days=days)),
                button(texts("Cancel"), ShowHours(merchant_id=shop)),
            ]
        ],
    )


def ask_percent(shop: int, days: int, starts: int, ends: int, texts: Texts) -> Screen:
    """The last question about happy hours."""
    choices = [
        button(
            texts("{percent} %", percent=percent),
            AddHours(merchant_id=shop, days=days, starts=starts, ends=ends, percent=percent),
        )
        for percent in HOUR_PERCENTS
    ]
    ask = texts(
        "{days}, {starts}–{ends}: how much? 200 % is twice the points.",
        days=wording.days(days_in(days), texts),
        starts=wording.clock(at_minute(starts)),
        ends=wording.clock(at_minute(ends)),
    )
    hint = texts("For another percentage, type it behind the hours: <code>17-19 180</code>.")
    return Screen(f"{ask}\n{hint}", [choices, [button(texts("Cancel"), ShowHours(merchant_id=shop))]])


def _as_button(shop: int, one: HappyHours) -> dict[str, int]:
    return {
        "merchant_id": shop,
        "days": bits_of(one.weekdays),
        "starts": minute_of(one.starts),
        "ends": minute_of(one.ends),
        "percent": one.percent,
    }
