"""Tiers: what a member reached by what was bought in twelve months."""

from __future__ import annotations

from enum import StrEnum


class TierBasis(StrEnum):
    """What counts towards a tier, less what refunds took back."""

    POINTS = "points"  # that purchases earned
    SPEND = "spend"  # in the currency's smallest unit
