from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loyalty.errors import NotFound
from loyalty.merchants import Right
from loyalty.months import Month, span, written
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.staff import check_right
from loyalty.settlements import (
    ENTRY_COLUMNS,
    SETTLEMENT_COLUMNS,
    Carried,
    Settlement,
    SettlementEntry,
    entry_row,
    settlement_row,
)
from loyalty.sheets import BOM, csv_lines

ENTRIES = 5_000  # read at once


@dataclass(frozen=True, slots=True)
class ClubSettlement:
    """A month of all merchants that had any movement in it. `is_running`: it is not over yet."""

    month: Month
    settlements: tuple[Settlement, ...]
    is_running: bool

    @property
    def net(self) -> int:
        return sum(settlement.net for settlement in self.settlements)


@dataclass(frozen=True, slots=True)
class MerchantSettlement:
    month: Month
    settlement: Settlement
    is_running: bool


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: bytes


class SettlementService:
    """Months are those of the club's zone. A month that has not begun is answered with the one that runs."""

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def of_all(self, wanted: Month | None = None) -> ClubSettlement:
        """For the operator. Without a month, the one that runs."""
        month, is_running = self._month(wanted)
        with self._units() as uow:
            found = uow.settlements.of_all(*span(month, self._programme.zone))
        return ClubSettlement(month, tuple(found), is_running)

    @reads
    def of(self, merchant_id: int, wanted: Month | None = None) -> MerchantSettlement:
        """For the operator. Raises NotFound."""
        with self._units() as uow:
            return self._of(uow, merchant_id, wanted)

    @reads
    def own(self, member_id: int, merchant_id: int, wanted: Month | None = None) -> MerchantSettlement:
        """For the merchant's owner. Raises NotAllowed for everybody else."""
        with self._units() as uow:
            check_right(uow, member_id, merchant_id, Right.STATEMENT)
            return self._of(uow, merchant_id, wanted)

    @reads
    def file(self, wanted: Month | None = None) -> File:
        """All merchants of a month, a line each, as CSV."""
        of_all = self.of_all(wanted)
        rows = [settlement_row(of_all.month, settlement) for settlement in of_all.settlements]
        return _file(f"settlement-{written(of_all.month)}.csv", csv_lines([SETTLEMENT_COLUMNS, *rows]))

    @reads
    def merchant_file(self, merchant_id: int, wanted: Month | None = None) -> File:
        """A merchant's month, a line per transaction, as CSV. Raises NotFound."""
        with self._units() as uow:
            return self._merchant_file(uow, merchant_id, wanted)

    @reads
    def own_file(self, member_id: int, merchant_id: int, wanted: Month | None = None) -> File:
        """The same for the merchant's owner. Raises NotAllowed for everybody else."""
        with self._units() as uow:
            check_right(uow, member_id, merchant_id, Right.STATEMENT)
            return self._merchant_file(uow, merchant_id, wanted)

    @reads
    def carried(self) -> Carried:
        """Whether merchants, club and members come to nothing, as they must. Reads all postings."""
        with self._units() as uow:
            return uow.settlements.carried()

    def _month(self, wanted: Month | None) -> tuple[Month, bool]:
        running = Month.of(self._clock(), self._programme.zone)
        month = min(wanted or running, running)
        return month, month == running

    def _of(self, uow: UnitOfWork, merchant_id: int, wanted: Month | None) -> MerchantSettlement:
        month, is_running = self._month(wanted)
        found = uow.settlements.of(merchant_id, *span(month, self._programme.zone))
        if found is None:
            merchant = uow.merchants.get(merchant_id)
            if merchant is None:
                raise NotFound("merchant", merchant_id)
            found = Settlement(merchant)
        return MerchantSettlement(month, found, is_running)

    def _merchant_file(self, uow: UnitOfWork, merchant_id: int, wanted: Month | None) -> File:
        if uow.merchants.get(merchant_id) is None:
            raise NotFound("merchant", merchant_id)
        month, _ = self._month(wanted)
        parts = [csv_lines([ENTRY_COLUMNS])]
        parts += [
            csv_lines(entry_row(entry, self._programme.zone) for entry in page)
            for page in self._entries(uow, merchant_id, month)
        ]
        return _file(f"statement-{merchant_id}-{written(month)}.csv", "".join(parts))

    def _entries(self, uow: UnitOfWork, merchant_id: int, month: Month) -> Iterator[list[SettlementEntry]]:
        since, until = span(month, self._programme.zone)
        after_id = 0
        while page := list(uow.settlements.entries(merchant_id, since, until, after_id=after_id, limit=ENTRIES)):
            yield page
            after_id = page[-1].transaction_id


def _file(name: str, text: str) -> File:
    return File(name, (BOM + text).encode())
