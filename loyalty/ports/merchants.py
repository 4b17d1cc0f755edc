from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.merchants import Merchant, Post, Role


class Merchants(Protocol):
    def add(self, name: str, at: datetime, translations: dict[str, dict[str, str]] | None = None) -> Merchant | None:
        """None when there is one of that name, whatever its case, width and blanks."""

    def named(self, name: str) -> Merchant | None:
        """Whatever the case, width and blanks of the name."""

    def get(self, merchant_id: int) -> Merchant | None: ...
    def lock(self, merchant_id: int) -> Merchant | None:
        """As `get`; until the end of the transaction nobody else changes the shop or its staff."""

    def rename(self, merchant_id: int, name: str) -> bool:
        """False when another shop has that name. A name in other languages ends with the one that it translated."""

    def page(self, after_id: int, limit: int) -> Sequence[Merchant]: ...
    def appoint(self, merchant_id: int, member_id: int, role: Role, at: datetime) -> bool:
        """False when the member had that role there already."""

    def posts(self, member_id: int) -> Sequence[Post]:
        """Where a member is staff, and as what."""
