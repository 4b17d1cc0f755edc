from __future__ import annotations

import asyncio

from aiogram.types import KeyboardButton, ReplyKeyboardMarkup

from handlers import names
from handlers.cards.callbacks import AskNewCode, AskPhone, ForgetPhone, NewCode, ShowCard, ShowPhone
from handlers.links import Links
from handlers.pictures.cards import METALS, member_card
from handlers.screens import Row, Screen, button, plain
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.codes import in_halves
from loyalty.members import PHONE_ENDING, Member


async def card(
    member: Member, code: str, club: str, texts: Texts, links: Links, *, above: Markup | None = None
) -> Screen:
    """The card to show at a till, with the code to read out where nothing scans."""
    lines: list[str] = [above, ""] if above else []
    lines += [
        texts("The code of your card: <code>{code}</code>", code=in_halves(code)),
        texts("Show this card before you pay. The shop scans it or types the code, and your points are booked."),
    ]
    # A twentieth of a second of drawing, during which others are answered.
    picture = await asyncio.to_thread(
        member_card,
        links.card(code),
        club,
        member.name or plain(texts("friend")),
        plain(names.tier(texts, member.tier)),
        METALS[member.tier],
        in_halves(code),
    )
    return Screen(
        "\n".join(lines),
        [
            [button(texts("New code"), AskNewCode(instead_of=code)), button(texts("My phone number"), ShowPhone())],
            [button(texts("Home"), Home())],
        ],
        picture=picture,
    )


def ask_new_code(code: str, texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts("Replace the code <code>{code}</code> by a new one?", code=in_halves(code)),
                texts("The old code stops working at once, also on pictures of the card that you have saved."),
            ]
        ),
        [[button(texts("New code"), NewCode(instead_of=code)), button(texts("Keep it"), ShowCard())]],
    )


def renewed(texts: Texts) -> Markup:
    return texts("This is your new card. The old code does not work any more.")


def phone(number: str | None, texts: Texts) -> Screen:
    """`number` None: the club has none."""
    if number is None:
        said = texts(
            "The club does not know your phone number. If you share it, shops find you by its last {n} digits when "
            "you have no card at hand. They never see the rest.",
            n=PHONE_ENDING,
        )
        rows: list[Row] = [[button(texts("Share my number"), AskPhone())]]
    else:
        said = texts(
            "Your number: <b>{phone}</b>. Shops find you by its last {n} digits and never see the rest.",
            phone=number,
            n=PHONE_ENDING,
        )
        rows = [[button(texts("Remove my number"), ForgetPhone()), button(texts("Change my number"), AskPhone())]]
    return Screen(said, [*rows, [button(texts("My card"), ShowCard()), button(texts("Home"), Home())]])


def ask_phone(texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was sent; the form is still open."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines.append(texts("Tap “Share my number” below the text field. Telegram asks you once more before it sends it."))
    return Screen("\n".join(lines), [[button(texts("Cancel"), ShowPhone())]])


def contact_key(texts: Texts) -> ReplyKeyboardMarkup:
    """The only key by which Telegram vouches that a number is the sender's own."""
    key = KeyboardButton(text=plain(texts("Share my number")), request_contact=True)
    return ReplyKeyboardMarkup(keyboard=[[key]], resize_keyboard=True, one_time_keyboard=True)
