from __future__ import annotations

from typing import Protocol

from loyalty.earning import EarnRule


class EarnRules(Protocol):
    def of(self, merchant_id: int) -> EarnRule | None:
        """None where purchases earn nothing."""

    def set(self, merchant_id: int, rule: EarnRule) -> None:
        """From now on; what was recorded keeps what it earned. Raises NotFound for an unknown merchant."""
