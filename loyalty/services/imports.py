"""Members and purchases from files, in batches that are booked once.

Each batch is a transaction that also notes how far the file has come, so that an import which was cut off goes on where
it was. Whatever is known already is passed over: the number of a member, the receipt of a purchase at its shop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from loyalty.birthdays import LunarDays
from loyalty.codes import REFERRAL_LENGTH, Random, new_code
from loyalty.errors import ImportRunsElsewhere, KeyReused, NotFound, ReceiptUsed
from loyalty.imports import (
    Batch,
    Fault,
    ImportKind,
    ImportRun,
    KnownReceipt,
    LineError,
    NewMemberLine,
    NewPurchaseLine,
)
from loyalty.members import Language, Tier
from loyalty.merchants import Merchant
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import Channel, NewPurchase
from loyalty.services import earning, ledger

ACTOR = "import"
Report = Callable[[Sequence[LineError]], None]


@dataclass(slots=True)
class Outcome:
    """What became of the lines of a batch, or in a dry run would become of them."""

    added: int = 0
    known: int = 0
    errors: list[LineError] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Lines, not faults: a line may have several."""
        return len({error.line for error in self.errors})


def _to_nobody(_errors: Sequence[LineError]) -> None:
    return None


class ImportService:
    """Nobody is told of an import. `report` of a booking hears of the refused lines before they are counted, so that no
    line is passed over unheard."""

    def __init__(
        self, units: Units, clock: Clock, random: Random, programme: Programme, lunar_days: LunarDays | None = None
    ) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
        self._lunar_days = lunar_days

    @reads
    def shop(self, given: str) -> Merchant:
        """By its name, or by its number. Raises NotFound."""
        with self._units() as uow:
            shop = _shop(uow, given)
        if shop is None:
            raise NotFound("merchant", given)
        return shop

    def begin(self, kind: ImportKind, fingerprint: str) -> ImportRun:
        """The run of a file: where it was cut off, or from the start. One that has come to its end begins again."""
        with self._units() as uow:
            run = uow.imports.begin(kind, fingerprint, self._clock())
            uow.commit()
        return run

    def finish(self, run: ImportRun) -> None:
        with self._units() as uow:
            uow.imports.finish(run.id, self._clock())
            uow.commit()

    @reads
    def check_members(self, batch: Batch[NewMemberLine]) -> Outcome:
        """What `book_members` would do."""
        with self._units() as uow:
            new, outcome = self._new_members(uow, batch)
        outcome.added = len(new)
        return outcome

    def book_members(
        self,
        run: ImportRun,
        batch: Batch[NewMemberLine],
        *,
        language: Language = Language.ENGLISH,
        funder_id: int | None = None,
        report: Report = _to_nobody,
    ) -> ImportRun:
        """Adds the members whose numbers are not known; opening balances are paid by the shop `funder_id` or the club.

        Raises ImportRunsElsewhere.
        """
        with self._units() as uow:
            self._lock(uow, run)
            new, outcome = self._new_members(uow, batch)
            for line in new:
                self._add_member(uow, line, language, funder_id)
            outcome.added = len(new)
            return self._note(uow, run, batch, outcome, report)

    @reads
    def check_purchases(self, batch: Batch[NewPurchaseLine], shop: Merchant | None = None) -> Outcome:
        """What `book_purchases` would do."""
        with self._units() as uow:
            wishes, outcome = self._new_purchases(uow, batch, shop)
        outcome.added = len(wishes)
        return outcome

    def book_purchases(
        self,
        run: ImportRun,
        batch: Batch[NewPurchaseLine],
        *,
        shop: Merchant | None = None,
        report: Report = _to_nobody,
    ) -> ImportRun:
        """Books the purchases whose receipts are not known, as the till would have done then. `shop`: where lines name
        none. Raises ImportRunsElsewhere."""
        now = self._clock()
        with self._units() as uow:
            self._lock(uow, run)
            wishes, outcome = self._new_purchases(uow, batch, shop)
            for line, wish in wishes:
                try:
                    recorded = earning.record(
                        uow, self._programme, wish, actor=ACTOR, at=now, lunar_days=self._lunar_days
                    )
                except (ReceiptUsed, KeyReused):  # by a line of this batch that names the shop in another way
                    outcome.errors.append(LineError(line.line, "receipt", Fault.USED, line.receipt))
                else:
                    outcome.known += recorded.is_replay
                    outcome.added += not recorded.is_replay
            return self._note(uow, run, batch, outcome, report)

    def _lock(self, uow: UnitOfWork, run: ImportRun) -> None:
        if uow.imports.lock(run.id) != run:
            raise ImportRunsElsewhere

    def _note(
        self,
        uow: UnitOfWork,
        run: ImportRun,
        batch: Batch[NewMemberLine] | Batch[NewPurchaseLine],
        outcome: Outcome,
        report: Report,
    ) -> ImportRun:
        report(sorted(outcome.errors, key=lambda error: error.line))
        further = run.further(batch.count, outcome.added, outcome.known, outcome.refused)
        uow.imports.note(further)
        uow.commit()
        return further

    def _new_members(self, uow: UnitOfWork, batch: Batch[NewMemberLine]) -> tuple[list[NewMemberLine], Outcome]:
        known = uow.imports.members([line.number for line in batch.lines])
        new = [line for line in batch.lines if line.number not in known]
        return new, Outcome(known=batch.repeated + len(batch.lines) - len(new), errors=list(batch.errors))

    def _add_member(self, uow: UnitOfWork, line: NewMemberLine, language: Language, funder_id: int | None) -> None:
        now = self._clock()
        kept_until = now + timedelta(days=self._programme.tier_kept_days) if line.tier is not Tier.MEMBER else None
        member_id = None
        while member_id is None:
            member_id = uow.imports.add_member(
                line,
                language=language,
                timezone=self._programme.timezone,
                code=new_code(self._random, REFERRAL_LENGTH),
                kept_until=kept_until,
                at=now,
            )
        if line.points:
            ledger.award(
                uow,
                self._programme,
                member_id,
                line.points,
                key=f"opening:{line.number}",
                cause=f"opening:{member_id}",
                actor=ACTOR,
                at=now,
                funder_id=funder_id,
            )

    def _new_purchases(
        self, uow: UnitOfWork, batch: Batch[NewPurchaseLine], shop: Merchant | None
    ) -> tuple[list[tuple[NewPurchaseLine, NewPurchase]], Outcome]:
        outcome = Outcome(known=batch.repeated, errors=list(batch.errors))
        members = uow.imports.members(sorted({line.number for line in batch.lines}))
        shops = {name: _shop(uow, name) if name else shop for name in {line.shop for line in batch.lines}}
        meant: list[tuple[NewPurchaseLine, NewPurchase]] = []
        for line in batch.lines:
            member_id, merchant = members.get(line.number), shops[line.shop]
            if member_id is None:
                outcome.errors.append(LineError(line.line, "number", Fault.UNKNOWN, line.number))
            if merchant is None:
                outcome.errors.append(LineError(line.line, "shop", Fault.UNKNOWN, line.shop))
            if member_id is not None and merchant is not None:
                meant.append((line, self._wish(uow, line, member_id, merchant.id)))
        known = self._known_receipts(uow, [wish for _, wish in meant])
        keys = uow.imports.keys([wish.key for _, wish in meant])
        new = []
        for line, wish in meant:
            receipt = known.get((wish.merchant_id, line.receipt, earning.receipt_day(uow, self._programme, wish)))
            if wish.key in keys or receipt == KnownReceipt(wish.member_id, wish.amount_minor):
                outcome.known += 1
            elif receipt is not None:
                outcome.errors.append(LineError(line.line, "receipt", Fault.USED, line.receipt))
            else:
                new.append((line, wish))
        return new, outcome

    def _wish(self, uow: UnitOfWork, line: NewPurchaseLine, member_id: int, merchant_id: int) -> NewPurchase:
        wish = NewPurchase(
            key="",
            member_id=member_id,
            merchant_id=merchant_id,
            amount_minor=line.amount_minor,
            currency=self._programme.currency,
            at=line.at,
            channel=Channel.IMPORT,
            receipt=line.receipt,
            tags=line.tags,
            note=line.note,
        )
        # What was undone leaves its receipt to the right purchase: so the key says what was bought, too.
        content = f"{line.receipt}|{member_id}|{line.amount_minor}|{self._programme.currency}"
        if day := earning.receipt_day(uow, self._programme, wish):
            content += f"|{day}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        return replace(wish, key=f"import:{merchant_id}:{digest}")

    def _known_receipts(
        self, uow: UnitOfWork, wishes: Sequence[NewPurchase]
    ) -> Mapping[tuple[int, str, str], KnownReceipt]:
        """By shop, number and, where a shop's numbers begin again each day, the day."""
        by_shop: dict[int, list[NewPurchase]] = {}
        for wish in wishes:
            by_shop.setdefault(wish.merchant_id, []).append(wish)
        return {
            (merchant_id, receipt, earning.receipt_day(uow, self._programme, replace(meant[0], at=at))): known
            for merchant_id, meant in by_shop.items()
            for receipt, at, known in uow.imports.receipts(merchant_id, [wish.receipt or "" for wish in meant])
        }


def _shop(uow: UnitOfWork, given: str) -> Merchant | None:
    named = uow.merchants.named(given)
    if named is None and given.isascii() and given.isdecimal() and len(given) <= 18:
        return uow.merchants.get(int(given))
    return named
