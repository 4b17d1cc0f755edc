from __future__ import annotations

from datetime import timedelta

from handlers.points.callbacks import CheckIn, PointsPage
from handlers.points.causes import because
from handlers.screens import Screen, button
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.members import Member
from loyalty.services.points import CheckedIn, Overview


def overview(seen: Overview, member: Member, texts: Texts) -> Screen:
    """The balance, what expires next, and a page of movements."""
    lines: list[str] = [texts("<b>{points}</b> points to spend", points=seen.standing.balance.available)]
    if seen.standing.balance.held:
        lines.append(texts("{points} set aside for group buys", points=seen.standing.balance.held))
    if seen.standing.balance.pending:
        lines.append(texts("{points} on their way", points=seen.standing.balance.pending))
    if seen.standing.expires_next is not None:
        at, points = seen.standing.expires_next
        # The end of a day is the next day's first instant: name the last day on which they still count.
        last_day = member.local(at - timedelta(seconds=1)).date()
        lines.append(texts("{points} of them expire after {date}", points=points, date=texts.date(last_day)))
    lines.append("")
    if seen.movements:
        lines.extend(
            f"<b>{texts.signed(movement.amount)}</b>  {because(texts, movement)}"
            f" · {texts.date(member.local(movement.at).date())}"
            for movement in seen.movements
        )
    else:
        lines.append(texts("No movements yet. A check-in a day is an easy start."))
    paging = []
    if not seen.is_first_page:
        paging.append(button(texts("« Newest"), PointsPage()))
    if seen.older_than is not None:
        paging.append(button(texts("Older »"), PointsPage(before=seen.older_than)))
    return Screen(
        "\n".join(lines),
        rows=[paging, [button(texts("Check in"), CheckIn()), button(texts("Home"), Home())]],
    )


def checked_in(result: CheckedIn, texts: Texts) -> Screen:
    lines: list[str] = [
        texts.plural("+{n} point for checking in.", "+{n} points for checking in.", result.points),
        texts.plural("Your streak: {n} day.", "Your streak: {n} days.", result.streak)
        + " "
        + texts("Tomorrow brings {points}.", points=result.points_tomorrow),
    ]
    if result.referral_points:
        lines.append(texts("And {points} more as a welcome: a friend brought you here.", points=result.referral_points))
    lines.append(texts("You have <b>{points}</b> points now.", points=result.balance.available))
    return Screen("\n".join(lines), rows=[[button(texts("My points"), PointsPage()), button(texts("Home"), Home())]])
