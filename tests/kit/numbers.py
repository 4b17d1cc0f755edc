"""Members from before the club was in a chat, as an import leaves them."""

from __future__ import annotations

from datetime import datetime

from loyalty.imports import Batch, ImportKind, NewMemberLine
from loyalty.members import Member
from loyalty.services import Club


def bring_over(club: Club, number: str, name: str = "Nora Berg", **facts: object) -> None:
    """One member by an import of a single line."""
    line = NewMemberLine(line=2, number=number, name=name, **facts)  # type: ignore[arg-type]
    run = club.imports.begin(ImportKind.MEMBERS, f"kit:{number}")
    booked = club.imports.book_members(run, Batch((line,), 1))
    assert booked.added == 1
