"""Members from before the club was in a chat, as an import leaves them."""

from __future__ import annotations

from typing import Any

from loyalty.claims import NUMBER
from loyalty.imports import Batch, ImportKind, NewMemberLine
from loyalty.members import Address, Member
from loyalty.services import Club
from storage.unit_of_work import UnitFactory


def bring_over(club: Club, number: str, name: str = "Nora Berg", **facts: Any) -> None:
    """One member, by an import of a single line."""
    line = NewMemberLine(2, number, name, **facts)
    run = club.imports.begin(ImportKind.MEMBERS, f"kit:{number}")
    assert club.imports.book_members(run, Batch((line,), 1)).added == 1


def holder(units: UnitFactory, number: str) -> Member:
    """Whose a number is."""
    with units() as uow:
        member = uow.members.at(Address(NUMBER, number))
    assert member is not None
    return member
