from __future__ import annotations

from handlers.admin.callbacks import Admin, ConfirmAdjust, MerchantsPage, Stats, UndoAdjustment
from handlers.broadcasts.callbacks import Approvals
from handlers.broadcasts.report_callbacks import ShowClubSent
from handlers.meant import ways_to_name
from handlers.screens import Screen, button
from handlers.set_aside.callbacks import SetAsidePage
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.members import Member
from loyalty.points import Balance
from loyalty.services.operators import Adjusted, Asked, ClubReport


def admin(waiting: int, texts: Texts, aside: int = 0) -> Screen:
    """`waiting`: so many messages of shops wait for the operator. `aside`: so much that people sent could not be
    handled."""
    approvals = texts("Messages to approve: {n}", n=waiting)
    return Screen(
        "\n".join(
            [
                texts("<b>Running the club</b>"),
                texts("/stats – how the club stands"),
                texts("/broadcasts – which shop writes how much, and who stops it"),
                "<code>/adjust ABCD2345 50 </code>" + texts("reason – gives points; with a minus it takes them"),
                "<code>/ledger ABCD2345</code> " + texts("– a member's points, each movement with its number"),
                "<code>/reverse 1234</code> " + texts("– undoes the movement with this number"),
                "<code>/credit ABCD2345 50</code> " + texts("– how far below zero a member may spend"),
                "<code>/claim 4711</code> " + texts("– a code for the holder of a member number"),
                "<code>/grant ABCD2345 gold</code> " + texts("– gives a member a tier, whatever was bought"),
                "<code>/contacts ABCD2345</code> " + texts("– what we send a member and why, every yes and no"),
                "<code>/settle 2026-10</code> " + texts("– what the shops settle for a month"),
                texts("/reviews – large sales whose points wait for you"),
                texts("/guesses – who tries wrong codes, and who looks phones up"),
                texts("/approvals – messages of shops that wait for your yes"),
                texts("/updates – what people sent and could not be handled"),
                "<code>/merchant new </code>" + texts("name – adds a shop"),
                "<code>/merchant staff 3 ABCD2345 cashier</code> "
                + texts("– makes a member owner, marketer or cashier; with none, no staff any more"),
                "<code>/merchant list</code> " + texts("– all shops with their numbers"),
            ]
        ),
        [
            [button(approvals, Approvals())] if waiting else [],
            [button(texts("Set aside: {n}", n=aside), SetAsidePage())] if aside else [],
            [button(texts("How the club stands"), Stats()), button(texts("Shops"), MerchantsPage())],
            [button(texts("Who writes how much"), ShowClubSent()), button(texts("Home"), Home())],
        ],
    )


def stats(report: ClubReport, texts: Texts, picture: bytes | None) -> Screen:
    figures = report.figures
    issued, redeemed = figures.points_earned, figures.points_redeemed
    lines = [
        texts("<b>How the club stands</b>"),
        texts(
            "Members: {members} · new this week: {new} · active this month: {active} · out of reach: {lost}",
            members=figures.members,
            new=figures.members_new,
            active=figures.members_active,
            lost=figures.members_unreachable,
        ),
        texts("Said yes to offers: {agreed}", agreed=figures.consents_offers),
        texts(
            "Points earned: {earned} · redeemed: {redeemed} · expired: {expired}",
            earned=issued,
            redeemed=redeemed,
            expired=figures.points_expired,
        ),
        texts(
            "Points with members: {free} free, {held} set aside",
            free=figures.points_available,
            held=figures.points_held,
        ),
        texts("Vouchers: {issued} given out, {used} used", issued=figures.vouchers_issued, used=figures.vouchers_used),
        texts("Group buys: {open} open, {filled} filled", open=figures.groups_open, filled=figures.groups_filled),
        texts(
            "Friends brought: {joined}, of whom took part: {qualified}",
            joined=figures.referrals,
            qualified=figures.referrals_qualified,
        ),
        texts("Messages waiting: {waiting}", waiting=figures.deliveries_queued),
    ]
    return Screen("\n".join(lines), [[button(texts("Refresh"), Stats()), button(texts("Admin"), Admin())]], picture)


def how_to_adjust(texts: Texts) -> Screen:
    return Screen(
        texts("Type it like this: a member's code, whole points, and a reason that the member will read.")
        + "\n<code>/adjust ABCD2345 50 "
        + texts("sorry for the long wait")
        + f"</code>\n{ways_to_name(texts)}",
        [[button(texts("Admin"), Admin())]],
    )


def ask_adjust(asked: Asked, reason: str, number: int, texts: Texts) -> Screen:
    """Many points are asked about: one digit too many is soon typed."""
    said = texts(
        "Change the points of {name} by <b>{points}</b>? They have {balance} now.\nReason: {reason}",
        name=asked.member.name,
        points=texts.signed(asked.points),
        balance=asked.balance.available,
        reason=reason,
    )
    return Screen(said, [[button(texts("Confirm"), ConfirmAdjust(number=number)), button(texts("Cancel"), Admin())]])


def adjusted(result: Adjusted, texts: Texts) -> Screen:
    said = texts.plural(
        "{name}: <b>{points}</b> point. Balance now: {balance}.",
        "{name}: <b>{points}</b> points. Balance now: {balance}.",
        abs(result.points),
        name=result.member.name,
        points=texts.signed(result.points),
        balance=result.balance.available,
    )
    undo = UndoAdjustment(transaction_id=result.transaction_id)
    return Screen(said, [[button(texts("Undo"), undo), button(texts("Admin"), Admin())]])


def undone(member: Member, balance: Balance, texts: Texts) -> Screen:
    return Screen(
        texts.plural(
            "Taken back. {name} has {balance} point.",
            "Taken back. {name} has {balance} points.",
            balance.available,
            name=member.name,
            balance=balance.available,
        ),
        [[button(texts("Admin"), Admin())]],
    )
