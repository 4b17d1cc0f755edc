from __future__ import annotations

from handlers.points.callbacks import PointsPage, ShowHistory
from handlers.points.screens import sums
from handlers.screens import Button, Screen, button
from handlers.start.callbacks import Home
from handlers.statements.callbacks import GetStatement, PickMonth
from locales.texts import Markup, Texts
from loyalty.months import Month
from loyalty.movements import Statement

MONTHS_A_ROW = 4


def months(first: Month, last: Month, year: int, texts: Texts, said: str = "") -> Screen:
    """The months of a year for which there is a statement; `said` stands above."""
    year = min(max(year or last.year, first.year), last.year)
    there = [Month(year, number) for number in range(1, 13) if first <= Month(year, number) <= last]
    labels = [
        button(texts.month(year, month.number, is_short=True), GetStatement(year=year, month=month.number))
        for month in there
    ]
    rows = [labels[start : start + MONTHS_A_ROW] for start in range(0, len(labels), MONTHS_A_ROW)]
    paging: list[Button] = []
    if year > first.year:
        paging.append(button(f"« {year - 1}", PickMonth(year=year - 1)))
    if year < last.year:
        paging.append(button(f"{year + 1} »", PickMonth(year=year + 1)))
    asked = texts("<b>Statements of {year}</b>\nWhich month would you like as a file?", year=str(year))
    return Screen(
        "\n\n".join(part for part in (said, asked) if part),
        [*rows, paging, [button(texts("My points"), PointsPage()), button(texts("Home"), Home())]],
    )


def unreadable(last: Month, texts: Texts) -> Markup:
    return texts(
        "I could not read a month in that. Write it like {example}, or pick one.",
        example=f"/statement {last.year}-{last.number:02}",
    )


def caption(statement: Statement, month: Month, texts: Texts) -> Screen:
    """What stands under the file."""
    lines: list[str] = [
        texts("<b>Statement for {month}</b>", month=texts.month(month.year, month.number)),
        sums(statement.totals, texts),
        texts("Before: {before} · after: {after}", before=statement.before, after=statement.after),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Chart"), ShowHistory()), button(texts("Other months"), PickMonth(year=month.year))],
            [button(texts("My points"), PointsPage()), button(texts("Home"), Home())],
        ],
    )
