"""The book of Bot API calls: what the bot really did, as a test or a benchmark wants to count it."""

from collections import deque
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from sandbox.errors import ApiError
from sandbox.model import Json, Upload

KEPT = 200_000


class CallBook:
    """The last 200,000 calls, numbered from 1."""

    def __init__(self, tell: Callable[[Json], None]) -> None:
        self.last = 0
        self._tell = tell
        self._calls: deque[Json] = deque(maxlen=KEPT)

    def note(self, at: float, method: str, params: Json, result: Any = None, error: ApiError | None = None) -> None:
        """Writes down a finished call, successful unless there is an error."""
        self.last += 1
        call: Json = {"n": self.last, "at": at, "method": method, "params": params, "ok": error is None}
        if error is None:
            call["result"] = result
        else:
            call["error_code"] = error.code
            call["description"] = error.description
        self._calls.append(call)
        self._tell(call)

    def after(self, number: int = 0, method: str | None = None) -> list[Json]:
        """The calls with a higher number, of that method if one is named."""
        later = takewhile(lambda call: call["n"] > number, reversed(self._calls))
        return [call for call in later if method is None or call["method"].lower() == method.lower()][::-1]


def printable(value: Any) -> Any:
    """`value` for JSON: of an uploaded file its name and size."""
    if isinstance(value, Upload):
        return {"file_name": value.name, "file_size": len(value.content)}
    if isinstance(value, dict):
        return {key: printable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [printable(each) for each in value]
    return value
