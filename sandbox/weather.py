"""Bad weather between the bot and Telegram: slow, lost and drowned requests."""

import random
from dataclasses import dataclass

from sandbox.errors import ActError
from sandbox.model import Json


@dataclass(frozen=True, slots=True)
class Flood:
    retry_after: int
    times: int = 1
    chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to the bot's requests. Shares are between 0 and 1."""

    latency_ms: float = 0
    loss: float = 0
    """Share of connections dropped before the call is done."""
    lost_answers: float = 0
    """Share of connections dropped after the call is done: the bot cannot know that it was."""
    flood: Flood | None = None
    down: bool = False

    @classmethod
    def parse(cls, given: Json) -> "Weather":
        """The weather of the control API; ActError for what it does not know."""
        flood = given.get("flood")
        try:
            weather = cls(**{**given, "flood": Flood(**flood) if flood else None})
        except TypeError as error:
            raise ActError(f"no such weather: {error}") from error
        numbers = (weather.latency_ms, weather.loss, weather.lost_answers)
        if not all(isinstance(number, int | float) for number in numbers):
            raise ActError("latency_ms, loss and lost_answers are numbers")
        if not (weather.latency_ms >= 0 and 0 <= weather.loss <= 1 and 0 <= weather.lost_answers <= 1):
            raise ActError("latency_ms is not negative, loss and lost_answers are between 0 and 1")
        return weather


class Sky:
    """The present weather and the dice it throws; a seed makes them fall the same again."""

    def __init__(self, seed: int | None = None) -> None:
        self.weather = Weather()
        self._random = random.Random(seed)

    def loses_request(self) -> bool:
        return self.weather.down or self._happens(self.weather.loss)

    def loses_answer(self) -> bool:
        return self._happens(self.weather.lost_answers)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share
