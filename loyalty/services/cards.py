from __future__ import annotations

from loyalty.codes import Random
from loyalty.ports import Clock, Units
from loyalty.programme import Programme


class CardService:
    """Member cards: codes that the till scans, and phone numbers by which it finds people."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
