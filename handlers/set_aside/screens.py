"""What could not be handled: when, what and why, and never what somebody wrote."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.admin.callbacks import Admin
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, button
from handlers.set_aside.callbacks import HandleAgain, LetBe, SetAsidePage
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.services.set_aside import PAGE
from loyalty.set_aside import SetAside


def page(found: Sequence[SetAside], after: int, has_more: bool, member: Member, texts: Texts) -> Screen:
    lines: list[str] = [texts("<b>Set aside: what could not be handled</b>"), ""]
    if not found:
        lines.append(texts("Nothing is set aside."))
    for each in found:
        lines += [_line(each, member, texts), why(each.reason, texts), ""]
    if found:
        lines.append(texts("The log says more under each number. What people wrote is not shown."))
    rows: list[Row] = [
        [
            button(texts("{number}: again", number=each.number), HandleAgain(update_id=each.update_id)),
            button(texts("{number}: skip", number=each.number), LetBe(update_id=each.update_id)),
        ]
        for each in found
    ]
    paging = newest_and_older(
        SetAsidePage() if after else None, SetAsidePage(after=after + PAGE) if has_more else None, texts
    )
    return Screen("\n".join(lines).rstrip(), [*rows, paging, [button(texts("Admin"), Admin())]])


def _line(each: SetAside, member: Member, texts: Texts) -> Markup:
    return texts(
        "<b>{number}</b> · {when} · {kind} · person {person}",
        number=each.number,
        when=texts.moment(each.at, member.zone),
        kind=each.kind or "?",
        person=str(each.person_id),
    )


def why(reason: str, texts: Texts) -> Markup:
    match reason:
        case "unreadable":
            return texts("It could not be read.")
        case "call":
            return texts("Telegram refused the answer again and again.")
        case "starts":
            return texts("The program ended each time it came to this.")
        case _:
            return texts("A defect of the program.")
