from __future__ import annotations

from typing import Protocol

from loyalty.earning import EarnRule


class EarnRules(Protocol):
    def of(self, merchant_id: int) -> EarnRule | None:
        """None where purchases earn nothing."""

    def lock(self, merchant_id: int) -> EarnRule | None:
        """Whoever else wants to change the rule waits until the end of the unit."""

    def begin(self, merchant_id: int, rule: EarnRule) -> bool:
        """The first rule of a merchant; False where there is one, which stays. Raises NotFound for an unknown
        merchant."""

    def set(self, merchant_id: int, rule: EarnRule) -> None:
        """From now on; what was recorded keeps what it earned. Raises NotFound for an unknown merchant."""
