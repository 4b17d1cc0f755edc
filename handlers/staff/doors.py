"""What the one who follows an invitation sees."""

from __future__ import annotations

from handlers import names
from handlers.merchant.callbacks import Console
from handlers.screens import Screen, button
from handlers.staff.callbacks import JoinStaff
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.services.invites import Invitation


def invited(seen: Invitation, texts: Texts) -> Screen:
    if seen.held is not None:
        return already(seen, texts)
    return Screen(
        "\n".join(
            [
                texts(
                    "{shop} invites you onto its staff, as <b>{role}</b>.",
                    shop=seen.invite.shop(texts.language),
                    role=names.a_role(texts, seen.invite.role),
                ),
                texts("The shop's owner sees your first name. You stay a member as you are."),
            ]
        ),
        [[button(texts("Join the staff"), JoinStaff(code=seen.invite.code)), button(texts("No, thank you"), Home())]],
    )


def joined(seen: Invitation, texts: Texts) -> Screen:
    if seen.held is not None:
        return already(seen, texts)
    shop = seen.invite.shop(texts.language)
    return Screen(
        texts(
            "Welcome to the staff of {shop}. You are {role} there now.",
            shop=shop,
            role=names.a_role(texts, seen.invite.role),
        ),
        [
            [button(names.way_in(texts, shop, seen.invite.role), Console(merchant_id=seen.invite.merchant_id))],
            [button(texts("Home"), Home())],
        ],
    )


def already(seen: Invitation, texts: Texts) -> Screen:
    assert seen.held is not None, "somebody who has no role there is asked"
    shop = seen.invite.shop(texts.language)
    return Screen(
        texts("You are {role} at {shop} already.", role=names.a_role(texts, seen.held), shop=shop),
        [
            [button(names.way_in(texts, shop, seen.held), Console(merchant_id=seen.invite.merchant_id))],
            [button(texts("Home"), Home())],
        ],
    )
