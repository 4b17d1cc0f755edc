"""Which function does which Bot API method."""

from collections.abc import Callable
from typing import Any

from sandbox.model import Json, Upload
from sandbox.world import World

Files = dict[str, Upload]


class Request:
    """One call: its checked parameters, and the files that came with it."""

    __slots__ = ("files", "params", "used")

    def __init__(self, params: Json, files: Files) -> None:
        self.params = params
        self.files = files
        self.used: set[str] = set()

    def attached(self, reference: str) -> Upload | None:
        """The upload behind `attach://name`."""
        name = reference.removeprefix("attach://")
        if name == reference or name not in self.files:
            return None
        self.used.add(name)
        return self.files[name]


Handler = Callable[[World, Request], Any]

METHODS: dict[str, Handler] = {}


def method(name: str) -> Callable[[Handler], Handler]:
    """Makes the function the one that does the Bot API method `name`."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = handler
        return handler

    return register
