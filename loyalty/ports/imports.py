from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.imports import ImportKind, ImportRun, KnownReceipt, NewMemberLine
from loyalty.members import Language


class Imports(Protocol):
    """Runs of an import, and what they look up and write in bulk."""

    def begin(self, kind: ImportKind, fingerprint: str, at: datetime) -> ImportRun:
        """The run of a file: where it was cut off, or from the start."""

    def lock(self, run_id: int) -> ImportRun:
        """How far a run is, and no other run writes until the unit ends. Raises NotFound."""

    def note(self, run: ImportRun) -> None: ...
    def finish(self, run_id: int, at: datetime) -> None: ...
    def members(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """Whose these numbers are, as far as they are known."""

    def receipts(self, merchant_id: int, receipts: Sequence[str]) -> Sequence[tuple[str, datetime, KnownReceipt]]:
        """The purchases that have these receipts of a merchant's already, each with its moment."""

    def keys(self, keys: Sequence[str]) -> set[str]:
        """Those of the purchases' keys that are known."""

    def add_member(
        self,
        line: NewMemberLine,
        *,
        language: Language,
        timezone: str,
        code: str,
        kept_until: datetime | None,
        at: datetime,
    ) -> int | None:
        """The new member's id; None when another member has the code."""
