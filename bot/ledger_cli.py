"""`perkchat ledger`: audit the books and derive them anew. Results go to stdout, what moves meanwhile to stderr."""

from __future__ import annotations

import json as text_format
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from bot.settings import Settings, WrongSetting

if TYPE_CHECKING:  # the database is loaded by the commands that need it
    from storage.audit import Finding
    from storage.database import Database
    from storage.rebuild import Rebuilt

ledger = App(name="ledger", help="The points ledger.")
Flag = Annotated[bool, Parameter(negative="")]


@ledger.command(name="audit")
def audit_ledger(*, json: Flag = False) -> None:
    """Recompute everything from the postings. Exit code 0 only if all holds.

    Parameters
    ----------
    json
        For machines: what was checked and what was found, as one JSON object.
    """
    from storage.audit import audit, row_counts

    with (
        opened() as database,
        # The club goes on: on SQLite anything else would take the writer's lock.
        database.engine.connect().execution_options(reads_only=True) as connection,
    ):
        checked_at = datetime.now(UTC)
        with progress_bar("Auditing") as progress:
            findings = audit(connection, progress)
        if json:
            print(_as_json(findings, database.engine.dialect.name, checked_at, row_counts(connection)))
        else:
            _print_findings(findings)
    sys.exit(0 if all(finding.holds for finding in findings) else 1)


@ledger.command(name="rebuild")
def rebuild_ledger(*, check: Flag = False, yes: Flag = False) -> None:
    """Derive balances and lots from the append-only rows, and write what differs.

    Parameters
    ----------
    check
        Only compare. Exit code 0 if nothing differs, 1 if something does.
    yes
        Write. Without it you are told what would change.
    """
    from storage.rebuild import compare, rebuild

    with opened() as database:
        if yes and not check:
            with progress_bar("Rebuilding") as progress:
                written = rebuild(database, progress)
            _print_differences(written, "changed")
            sys.exit(1 if written.obstacles else 0)
        with (
            database.engine.connect().execution_options(reads_only=True) as connection,
            progress_bar("Comparing") as progress,
        ):
            found = compare(connection, progress)
    _print_differences(found, "would change")
    if check:
        sys.exit(1 if found.count else 0)
    print("Nothing is written without `--yes`.")
    sys.exit(2)


@contextmanager
def opened() -> Iterator[Database]:
    """A database of this program's schema, or WrongSetting."""
    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    from storage.database import Database
    from storage.migrate import versions

    settings = Settings.load()
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        raise _unusable(f"there is no {settings.sqlite_path}; `perkchat migrate` makes one.")
    try:
        database = Database(settings.database_url)
        has, knows = versions(database)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise _unusable(str(error)) from None
    try:
        if has != knows:
            raise _unusable(f"The database is at version {has}, this program needs {knows}: run `perkchat migrate`.")
        yield database
    except OperationalError as error:  # it went away meanwhile
        raise _unusable(str(error)) from None
    finally:
        database.close()


def _unusable(said: str) -> WrongSetting:
    return WrongSetting(f"PERKCHAT_DATABASE_URL: {said.splitlines()[0]}")


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar where somebody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{'✓' if finding.holds else '✗'} {finding.check}")
        _print_shown(finding.faults, finding.faulty_count)


def _print_differences(found: Rebuilt, verb: str) -> None:
    if not found.count:
        print("Balances and lots are what the postings and lot entries say.")
        return
    _print_shown([str(difference) for difference in found.shown], found.count)
    print(f"Balances that {verb}: {found.balances}. Lots that {verb}: {found.lots}.")
    if found.obstacles:
        print(f"Left alone: {found.obstacles}, because no writing makes them right. `perkchat ledger audit` says more.")


def _print_shown(shown: list[str] | tuple[str, ...], count: int) -> None:
    for line in shown:
        print(f"    {line}")
    if count > len(shown):
        print(f"    and {count - len(shown)} more")


def _as_json(findings: list[Finding], database: str, checked_at: datetime, counts: dict[str, int]) -> str:
    return text_format.dumps(
        {
            "version": version("perkchat"),
            "database": database,
            "checked_at": checked_at.isoformat(timespec="seconds"),
            "holds": all(finding.holds for finding in findings),
            "counts": counts,
            "findings": [
                {
                    "check": finding.check,
                    "holds": finding.holds,
                    "faulty_count": finding.faulty_count,
                    "faults": list(finding.faults),
                }
                for finding in findings
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
