"""Why somebody waits for a message, or does not get it, in words."""

from __future__ import annotations

from locales.texts import Markup, Texts


def waits(why: str, texts: Texts) -> Markup:
    match why:
        case "quiet_hours":
            return texts("Not woken: quiet hours")
        case "one_a_day":
            return texts("Had a message today")
        case "few_a_week":
            return texts("Had enough messages this week")
        case "seldom":
            return texts("Looked at few, so they get fewer")
        case _:
            return texts("Next in line")


def not_sent(why: str, texts: Texts) -> Markup:
    match why:
        case "blocked":
            return texts("Have blocked the bot")
        case "unreachable":
            return texts("Cannot be reached any more")
        case "no_consent":
            return texts("Have stopped such messages meanwhile")
        case "muted_shop":
            return texts("Want no messages of this shop")
        case "lost_interest":
            return texts("Ignored the last ones about this")
        case "quiet_hours":
            return texts("Quiet hours until it was too late")
        case "one_a_day" | "few_a_week":
            return texts("Had other messages until it was too late")
        case "seldom":
            return texts("Get few messages, and this one came too late")
        case "too_late":
            return texts("Its time was over")
        case "cancelled":
            return texts("Called off before it went out")
        case _:
            return texts("Not sent")


def failed(why: str, texts: Texts) -> Markup:
    """`why` may be Telegram's own words."""
    match why:
        case "unreachable":
            return texts("Failed: no such chat any more")
        case "unreadable":
            return texts("Failed: it could not be written")
        case "network":
            return texts("Failed: no connection")
        case _:
            return texts("Failed: “{words}”", words=why)
