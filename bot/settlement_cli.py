"""`perkchat ledger statement`: what merchants and the club settle for a month, as a table or as CSV."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

from cyclopts import Parameter

from bot.ledger_cli import opened
from bot.settings import Settings, WrongSetting
from loyalty.errors import NotFound
from loyalty.months import Month, read_month, written
from loyalty.settlements import Carried, Settlement

if TYPE_CHECKING:
    from loyalty.services.settlements import SettlementService
    from storage.database import Database

P = ParamSpec("P")
T = TypeVar("T")
STDOUT = "-"


def statement(
    *, month: str, merchant: int | None = None, csv: Annotated[str, Parameter(allow_leading_hyphen=True)] = ""
) -> None:
    """What merchants and the club settle for a month. Exit code 0 only if all points add up.

    Parameters
    ----------
    month
        Such as 2026-10, in the club's zone.
    merchant
        The number of one merchant: its figures, and with --csv a line per transaction.
    csv
        A file to write to, or - for the standard output, instead of the table.
    """
    from loyalty.services.settlements import SettlementService
    from storage.unit_of_work import UnitFactory

    wanted = read_month(month)
    if wanted is None:
        raise WrongSetting(f"--month {month}: year and month, such as 2026-10")
    with opened() as database:
        programme = Settings.load().programme
        service = SettlementService(UnitFactory(database), lambda: datetime.now(UTC), programme)
        try:
            if csv:
                _write(database, service, wanted, merchant, csv)
                return
            holds = _print(database, service, wanted, merchant)
        except NotFound:
            raise WrongSetting(f"--merchant {merchant}: there is no merchant with this number") from None
    sys.exit(0 if holds else 1)


def _ask(database: Database, use_case: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """By the bridge, which knows what only reads: the club goes on, and nobody waits for the writer's lock."""
    return asyncio.run(database.run(use_case, *args, **kwargs))


def _write(database: Database, service: SettlementService, month: Month, merchant: int | None, target: str) -> None:
    if merchant is None:
        file = _ask(database, service.file, month)
    else:
        file = _ask(database, service.merchant_file, merchant, month)
    if target == STDOUT:
        sys.stdout.write(file.content.decode("utf-8-sig"))
        return
    try:
        Path(target).write_bytes(file.content)
    except OSError as error:
        raise WrongSetting(f"--csv {target}: {error.strerror or error}") from None


def _print(database: Database, service: SettlementService, month: Month, merchant: int | None) -> bool:
    if merchant is None:
        found = _ask(database, service.of_all, month)
        shown, settlements, is_running = found.month, found.settlements, found.is_running
    else:
        one = _ask(database, service.of, merchant, month)
        shown, settlements, is_running = one.month, (one.settlement,), one.is_running
    carried = _ask(database, service.carried)
    lines = [written(shown) + (", so far" if is_running else ""), *_table(settlements), _check(carried)]
    sys.stdout.write("\n".join(lines) + "\n")
    return carried.holds


def _table(settlements: Sequence[Settlement]) -> list[str]:
    head = ("no", "merchant", "issued", "redeemed", "expired", "to settle")
    rows = [
        (str(one.merchant.id), one.merchant.name, *map(str, (one.issued, one.redeemed, one.expired, one.net)))
        for one in settlements
    ]
    if len(rows) > 1:
        figures = ([s.issued, s.redeemed, s.expired, s.net] for s in settlements)
        rows.append(("", "all", *(str(sum(column)) for column in zip(*figures, strict=True))))
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(_aligned(cell, width, column) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in (head, *rows)
    ]


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 1 else cell.rjust(width)


def _check(carried: Carried) -> str:
    sign = "✓" if carried.holds else "✗"
    total = carried.merchants + carried.club + carried.members
    return f"{sign} merchants {carried.merchants} + club {carried.club} + members {carried.members} = {total}"
