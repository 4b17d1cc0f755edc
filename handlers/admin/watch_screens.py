"""What the operator keeps an eye on: who tries codes, and who looks phones up."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.admin.callbacks import Admin, ClubLookups, ShowAccount, SuspectsPage
from handlers.paging import first_and_more, newest_and_older
from handlers.screens import Screen, button, shortened
from handlers.staff.screens import lookup_line
from locales.texts import Markup, Texts
from loyalty.attempts import Guess, Suspect
from loyalty.services.operators import Suspects
from loyalty.services.staff import Lookups


def suspects(seen: Suspects, zone: ZoneInfo, texts: Texts) -> Screen:
    """Who was paused within a week, and for how long still."""
    lines = [texts("<b>Who tried many wrong codes this week</b>"), ""]
    lines += [_suspect(one, seen.at, zone, texts) for one in seen.people]
    if not seen.people:
        lines.append(texts("Nobody."))
    rows = [
        [
            button(shortened(one.name), ShowAccount(member_id=one.tried.member_id))
            for one in seen.people[start : start + 2]
        ]
        for start in range(0, len(seen.people), 2)
    ]
    first = None if seen.is_first_page else SuspectsPage()
    more = None if seen.older_than is None else SuspectsPage(before=seen.older_than)
    ways = [button(texts("Phones looked up"), ClubLookups()), button(texts("Admin"), Admin())]
    return Screen("\n".join(lines), [*rows, first_and_more(first, more, texts), ways])


def lookups(seen: Lookups, zone: ZoneInfo, texts: Texts) -> Screen:
    paging = newest_and_older(
        None if seen.is_first_page else ClubLookups(),
        None if seen.older_than is None else ClubLookups(before=seen.older_than),
        texts,
    )
    lines = [texts("<b>Phones looked up at the tills</b>"), ""]
    lines += [texts("{what} · {shop}", what=lookup_line(one, zone, texts), shop=one.merchant) for one in seen.lookups]
    if not seen.lookups:
        lines.append(texts("None yet."))
    return Screen(
        "\n".join(lines), [paging, [button(texts("Wrong codes"), SuspectsPage()), button(texts("Admin"), Admin())]]
    )


def place(guess: Guess, texts: Texts) -> Markup:
    """Where somebody tried codes."""
    match guess:
        case Guess.TILL:
            return texts("at a till")
        case Guess.CARD:
            return texts("members' cards")
        case Guess.VOUCHER:
            return texts("vouchers")
        case Guess.NUMBER:
            return texts("codes for member numbers")
        case Guess.STAFF:
            return texts("invitations onto a staff")
        case Guess.FRIEND:
            return texts("members' codes, to send points")


def _suspect(one: Suspect, now: datetime, zone: ZoneInfo, texts: Texts) -> Markup:
    facts = {"name": one.name, "code": one.code, "place": place(one.tried.place, texts), "n": one.tried.misses_day}
    if one.tried.paused_until is not None and one.tried.is_paused(now):
        until = texts.moment(one.tried.paused_until, zone)
        return texts(
            "<b>{name}</b> · <code>{code}</code> · {place} · wrong in a day: {n} · paused until {until}",
            until=until,
            **facts,
        )
    return texts("<b>{name}</b> · <code>{code}</code> · {place} · wrong in a day: {n}", **facts)
