from __future__ import annotations

from typing import Protocol


class Tiers(Protocol):
    """What tiers are reckoned from, and their changes."""
