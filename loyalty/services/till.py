from __future__ import annotations

from loyalty.codes import Random
from loyalty.ports import Clock, Units
from loyalty.programme import Programme


class TillService:
    """The till of a shop, for staff with the right to sell."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
