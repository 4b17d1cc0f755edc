"""`perkchat updates`: what people sent and could not be handled. Never the text: only when, what and why."""

from __future__ import annotations

import sys

from cyclopts import App

from bot.ledger_cli import opened
from bot.settings import WrongSetting
from loyalty.errors import NotFound

updates = App(name="updates", help="What people sent and could not be handled.")
MOST = 200


@updates.command(name="list")
def list_updates() -> None:
    """What is set aside, newest first: number, when, kind, person, starts or tries, why. Exit code 0 if nothing is."""
    from loyalty.services.set_aside import SetAsideService
    from storage.unit_of_work import UnitFactory

    with opened() as database:
        found, has_more = SetAsideService(UnitFactory(database)).page(0, MOST)
    for each in found:
        at = each.at.strftime("%Y-%m-%d %H:%M:%S")
        print(
            f"{each.number:<8} {at}  {each.kind or '?':<20} person {each.person_id:<12} "
            f"tried {each.attempts}  {each.reason or 'defect':<10} update {each.update_id}, {each.length} signs"
        )
    if has_more:
        print(f"and more: these are the newest {MOST}")
    if not found:
        print("Nothing is set aside.")
    sys.exit(1 if found else 0)


@updates.command
def skip(number: str) -> None:
    """Let one be: nobody handles it any more.

    Parameters
    ----------
    number
        What the person was told, or the update's own number.
    """
    _decide(number, is_again=False)
    print(f"{number} is skipped.")


@updates.command
def again(number: str) -> None:
    """Have one handled again: by the running program within seconds, or at its next start.

    Parameters
    ----------
    number
        What the person was told, or the update's own number.
    """
    _decide(number, is_again=True)
    print(f"{number} is handled again.")


def _decide(number: str, *, is_again: bool) -> None:
    from loyalty.services.set_aside import SetAsideService
    from storage.unit_of_work import UnitFactory

    with opened() as database:
        service = SetAsideService(UnitFactory(database))
        try:
            (service.again if is_again else service.skip)(number)
        except NotFound:
            raise WrongSetting(f"{number}: nothing with this number is set aside") from None
