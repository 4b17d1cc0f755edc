from __future__ import annotations

from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button
from handlers.start.callbacks import Home
from handlers.transfers.callbacks import AskTransfer, LeaveTransfer, SendPoints
from locales.texts import Texts
from loyalty.services.transfers import Quote, Sent
from loyalty.transfers import Allowance


def ask(allowed: Allowance, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [
        texts("To whom, and how many points? Type your friend's code and the number, like this:"),
        "<code>ABCD2345 20</code>",
        texts("Your friend finds the code under /invite."),
        "",
        texts.plural(
            "You have {available} point, and can send {left} of them today.",
            "You have {available} points, and can send {left} of them today.",
            allowed.available,
            available=allowed.available,
            left=min(allowed.left, allowed.available),
        ),
    ]
    return Screen("\n".join(lines), [[button(texts("Cancel"), LeaveTransfer())]])


def misread(texts: Texts) -> str:
    return texts("I could not read a code and a whole number in that.")


def question(quote: Quote, texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts.plural(
                    "Send <b>{n}</b> point to {name}?",
                    "Send <b>{n}</b> points to {name}?",
                    quote.points,
                    name=quote.receiver,
                ),
                texts(
                    "You have {available} now, and {rest} afterwards.",
                    available=quote.available,
                    rest=quote.available - quote.points,
                ),
                texts("They keep their day of expiry. What is sent cannot be called back."),
            ]
        ),
        [
            [
                button(texts("Send"), SendPoints(code=quote.code, points=quote.points, nonce=quote.nonce)),
                button(texts("Cancel"), LeaveTransfer()),
            ]
        ],
    )


def sent(result: Sent, texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts.plural(
                    "Done. {name} has {n} point from you.",
                    "Done. {name} has {n} points from you.",
                    result.points,
                    name=result.receiver,
                ),
                texts.plural(
                    "You have <b>{points}</b> point now.",
                    "You have <b>{points}</b> points now.",
                    result.available,
                    points=result.available,
                ),
            ]
        ),
        [[button(texts("My points"), PointsPage()), button(texts("Send more"), AskTransfer())]],
    )


def left(texts: Texts) -> Screen:
    return Screen(
        texts("Nothing was sent."), [[button(texts("My points"), PointsPage()), button(texts("Home"), Home())]]
    )
