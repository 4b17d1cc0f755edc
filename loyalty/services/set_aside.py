"""What could not be handled, for the operator: to be looked at, tried again, or let be."""

from __future__ import annotations

from collections.abc import Sequence

from loyalty.errors import NotFound
from loyalty.ports import Units, reads
from loyalty.set_aside import SetAside

PAGE = 5


class SetAsideService:
    """Who is an operator is decided before a use case is called."""

    def __init__(self, units: Units) -> None:
        self._units = units

    @reads
    def count(self) -> int:
        with self._units() as uow:
            return uow.updates.count_aside()

    @reads
    def page(self, after: int = 0, limit: int = PAGE) -> tuple[Sequence[SetAside], bool]:
        """A page, newest first, without the first `after`; and whether there are more."""
        with self._units() as uow:
            found = uow.updates.aside(after=after, limit=limit + 1)
        return found[:limit], len(found) > limit

    def again(self, number: str) -> None:
        """The running program takes it up within seconds. Raises NotFound."""
        self._decide(number, is_again=True)

    def skip(self, number: str) -> None:
        """Nobody handles it any more. Raises NotFound."""
        self._decide(number, is_again=False)

    def _decide(self, number: str, *, is_again: bool) -> None:
        with self._units() as uow:
            if not uow.updates.decide(number, is_again=is_again):
                raise NotFound("update", number)
            uow.commit()
