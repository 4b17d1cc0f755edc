from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.admin.callbacks import Admin
from handlers.cards.callbacks import ShowCard
from handlers.claims.callbacks import LeaveNumber, TakeNumber
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button, copy_button
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.codes import grouped
from loyalty.services.claims import Claimed, Issued, Offered


def ask(texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines.append(
        texts("You had a member number before? Type the code that the club gave you for it, such as 7F3K-9QWE-2XH4P.")
    )
    return Screen("\n".join(lines), [[button(texts("Cancel"), LeaveNumber())]])


def question(offered: Offered, texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts(
                    "Is this you? {initial}. with the number <b>{number}</b>",
                    initial=offered.initial,
                    number=offered.number,
                ),
                texts("Its points and its tier become yours. That is done once and cannot be called back."),
            ]
        ),
        [[button(texts("Yes, that is me"), TakeNumber(code=offered.code)), button(texts("Cancel"), LeaveNumber())]],
    )


def taken(claimed: Claimed, texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts("Welcome back, {name}. The number is yours.", name=claimed.member.first_name),
                texts.plural(
                    "You have <b>{points}</b> point now.",
                    "You have <b>{points}</b> points now.",
                    claimed.available,
                    points=claimed.available,
                ),
            ]
        ),
        [
            [button(texts("My points"), PointsPage()), button(texts("My card"), ShowCard())],
            [button(texts("Home"), Home())],
        ],
    )


def left(texts: Texts) -> Screen:
    return Screen(texts("Nothing was changed."), [[button(texts("Home"), Home())]])


def how_to_issue(texts: Texts) -> Screen:
    return Screen(
        texts("Type the member number for which somebody needs a code, like this:") + "\n<code>/claim 4711</code>",
        [[button(texts("Admin"), Admin())]],
    )


def issued(code: Issued, zone: ZoneInfo, texts: Texts, links: Links) -> Screen:
    link = links.claim(code.code)
    return Screen(
        "\n".join(
            [
                texts("The code for number {number}: <code>{code}</code>", number=code.number, code=grouped(code.code)),
                link,
                texts(
                    "It works once, until {at}. Give it to nobody but the holder.",
                    at=texts.moment(code.expires_at, zone),
                ),
            ]
        ),
        [[copy_button(texts("Copy link"), link)], [button(texts("Admin"), Admin())]],
    )
