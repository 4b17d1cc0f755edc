from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.merchants import Merchant, Post, Role


class Merchants(Protocol):
    def add(self, name: str, at: datetime, translations: dict[str, dict[str, str]] | None = None) -> Merchant | None:
        """None when there is one of that name."""

    def named(self, name: str) -> Merchant | None: ...
    def get(self, merchant_id: int) -> Merchant | None: ...
    def page(self, after_id: int, limit: int) -> Sequence[Merchant]: ...
    def appoint(self, merchant_id: int, member_id: int, role: Role, at: datetime) -> bool:
        """False when the member had that role there already."""

    def posts(self, member_id: int) -> Sequence[Post]:
        """Where a member is staff, and as what."""
