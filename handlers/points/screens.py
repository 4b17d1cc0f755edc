from __future__ import annotations

from collections.abc import Sequence

from handlers.paging import newest_and_older
from handlers.points.callbacks import CheckIn, ListMovements, PointsPage, ShowHistory, ShowWhy
from handlers.points.causes import because
from handlers.rewards.titles import last_day
from handlers.screens import Button, Screen, button
from handlers.start.callbacks import Home
from handlers.statements.callbacks import PickMonth
from handlers.tiers.callbacks import MyTier
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.months import Month
from loyalty.movements import Shown, Standing, Totals
from loyalty.services.points import CheckedIn, Overview


def overview(seen: Overview, member: Member, texts: Texts) -> Screen:
    """What the member has, what comes and goes next, and a page of movements, each with its why."""
    lines: list[str] = [*_standing(seen.standing, member, texts), ""]
    lines += [
        f"{number}. <b>{texts.signed(movement.amount)}</b>  {because(texts, movement)}"
        f" · {texts.date(member.local(movement.at).date())}"
        for number, movement in enumerate(seen.movements, 1)
    ]
    if not seen.movements:
        lines.append(_nothing(seen, texts))
    else:
        lines += ["", texts("Why? Tap the number of a line.")]
    return Screen(
        "\n".join(lines),
        rows=[
            [_filter(shown, seen.shown, texts) for shown in Shown],
            [
                button(
                    texts.number(number),
                    ShowWhy(movement_id=movement.id, shown=seen.shown, before=seen.before_id or 0),
                )
                for number, movement in enumerate(seen.movements, 1)
            ],
            _paging(seen, texts),
            [button(texts("Statement"), PickMonth()), button(texts("Chart"), ShowHistory())],
            [button(texts("My tier"), MyTier())],
            [button(texts("Check in"), CheckIn()), button(texts("Home"), Home())],
        ],
    )


def history(months: Sequence[tuple[Month, Totals]], texts: Texts, chart: bytes | None) -> Screen:
    """The last months in figures, under the chart where there is one."""
    lines: list[str] = [f"<b>{texts('Your points, month by month')}</b>", ""]
    lines += [
        f"{texts.month(month.year, month.number)}: {sums(totals, texts)}"
        for month, totals in months
        if totals != Totals()
    ]
    if all(totals == Totals() for _, totals in months):
        lines.append(texts("Nothing here yet. A check-in a day is an easy start."))
    ways = [button(texts("My points"), PointsPage()), button(texts("Statement"), PickMonth())]
    return Screen("\n".join(lines), [ways], picture=chart)


def sums(totals: Totals, texts: Texts) -> Markup:
    """A month in one line."""
    return texts(
        "{earned} earned, {spent} spent, {expired} expired",
        **{
            name: texts.signed(points) if points else texts.number(0)
            for name, points in (("earned", totals.earned), ("spent", totals.spent), ("expired", totals.expired))
        },
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
    lines.append(
        texts.plural(
            "You have <b>{points}</b> point now.",
            "You have <b>{points}</b> points now.",
            result.balance.available,
            points=result.balance.available,
        )
    )
    return Screen("\n".join(lines), rows=[[button(texts("My points"), PointsPage()), button(texts("Home"), Home())]])


def _standing(standing: Standing, member: Member, texts: Texts) -> list[str]:
    balance = standing.balance
    lines: list[str] = [
        texts.plural(
            "<b>{points}</b> point to spend", "<b>{points}</b> points to spend", balance.owned, points=balance.owned
        )
    ]
    if balance.available < 0:
        lines.append(texts("You owe {points}: your next points fill that first.", points=-balance.available))
    if on_credit := balance.spendable - balance.owned:
        lines.append(texts("{points} more on credit", points=on_credit))
    if standing.expires_next is not None:
        at, points = standing.expires_next
        lines.append(
            texts.plural(
                "{points} of them expires after {date}",
                "{points} of them expire after {date}",
                points,
                points=points,
                date=last_day(at, texts),
            )
        )
    if standing.releases_next is not None:
        at, points = standing.releases_next
        day = texts.date(member.local(at).date())
        lines.append(
            texts("{points} on their way, the next {part} on {date}", points=balance.pending, part=points, date=day)
            if points < balance.pending
            else texts("{points} on their way, here on {date}", points=points, date=day)
        )
    elif balance.pending:
        lines.append(texts("{points} on their way", points=balance.pending))
    if balance.held:
        lines.append(texts("{points} set aside for group buys", points=balance.held))
    return lines


def _nothing(seen: Overview, texts: Texts) -> Markup:
    if seen.before_id is not None:
        return texts("That was all of them.")
    match seen.shown:
        case Shown.EARNED:
            return texts("Nothing earned yet. A check-in a day is an easy start.")
        case Shown.SPENT:
            return texts("Nothing spent yet. What you like is waiting under /rewards.")
        case Shown.EXPIRED:
            return texts("Nothing has expired. May it stay so.")
        case Shown.ALL:
            return texts("Nothing here yet. A check-in a day is an easy start.")


def _filter(shown: Shown, chosen: Shown, texts: Texts) -> Button:
    match shown:
        case Shown.ALL:
            label = texts("All")
        case Shown.EARNED:
            label = texts("Earned")
        case Shown.SPENT:
            label = texts("Spent")
        case Shown.EXPIRED:
            label = texts("Expired")
    return button(f"✓ {label}" if shown is chosen else label, ListMovements(shown=shown))


def _paging(seen: Overview, texts: Texts) -> list[Button]:
    return newest_and_older(
        None if seen.before_id is None else ListMovements(shown=seen.shown),
        None if seen.older_than is None else ListMovements(shown=seen.shown, before=seen.older_than),
        texts,
    )
