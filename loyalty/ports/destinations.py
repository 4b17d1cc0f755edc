from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.broadcasts import Leads, Target


class Destinations(Protocol):
    """What of a shop's a button under a message can lead to: what members can see, or soon will."""

    def page(self, merchant_id: int, leads: Leads, at: datetime, *, after_id: int, limit: int) -> Sequence[Target]: ...
    def get(self, merchant_id: int, leads: Leads, at: datetime, target_id: int) -> Target | None: ...
