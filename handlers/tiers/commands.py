"""What the operator types about tiers, read strictly."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.members import Tier


@dataclass(frozen=True, slots=True)
class GrantWish:
    code: str
    tier: Tier


def read_grant(args: str | None) -> GrantWish | None:
    """`<member> <member|silver|gold>`; None if it is not that."""
    parts = (args or "").split()
    if len(parts) != 2 or parts[1].casefold() not in set(Tier):
        return None
    return GrantWish(parts[0], Tier(parts[1].casefold()))
