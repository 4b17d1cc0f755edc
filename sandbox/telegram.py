"""Telegram in a box: one bot, its people and chats, driven by plain function calls.

telegram = Telegram("42:SANDBOX", "perkchat_bot", "Perkchat")
ana = telegram.people.add_person("Ana")
telegram.people.say(ana.id, "/start")
telegram.call("getUpdates")
telegram.call("sendMessage", {"chat_id": ana.id, "text": "Hello"})
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.calls import CallBook
from sandbox.errors import ApiError, bad_request
from sandbox.groups import Groups
from sandbox.limits import Limits, LimitSettings
from sandbox.methods import METHODS, Request
from sandbox.methods.updating import begin_poll
from sandbox.model import Json, Upload
from sandbox.people import People
from sandbox.schema import Method, load_schema
from sandbox.world import World


class Telegram:
    """The whole world of one bot. Synchronous, without any I/O, not for several threads at once."""

    def __init__(
        self,
        token: str = "42:SANDBOX",
        username: str = "sandbox_bot",
        first_name: str = "Sandbox",
        *,
        clock: Callable[[], float] = time.time,
        limits: LimitSettings | None = None,
        has_privacy: bool = True,
    ) -> None:
        """`clock` gives seconds since 1970. `has_privacy` is the bot's privacy mode in groups."""
        self.token = token
        bot = {"id": bot_id_of(token), "is_bot": True, "first_name": first_name, "username": username}
        self.world = World(bot, clock=clock, limits=Limits(limits), has_privacy=has_privacy)
        self.people = People(self.world)
        self.groups = Groups(self.world)
        self.events = self.world.events
        self.updates = self.world.updates
        self.limits = self.world.limits
        self.calls = CallBook(lambda call: self.events.mention("call", call=call))
        self._schema = load_schema()

    def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Any:
        """Does a Bot API method and gives its `result`; ApiError is what Telegram would answer instead.

        `files` are uploads by the name of their field, or by the name that `attach://name` refers to.
        The result belongs to the box: read it, do not change it.
        """
        given = dict(params or {})
        try:
            known = self._schema.method(method)
            method = known.name
            request = self._request(known, given, files)
            given = request.params
            result = METHODS[method](self.world, request)
        except ApiError as error:
            self.calls.note(self.world.now(), method, given, error=error)
            raise
        self.calls.note(self.world.now(), method, given, result)
        return result

    def begin_poll(self, params: Mapping[str, Any]) -> int:
        """What getUpdates does before it waits, and the seconds it is to wait: 0 if something is pending."""
        checked = self._schema.method("getUpdates").check(dict(params))
        begin_poll(self.world, checked)
        timeout: int = checked.get("timeout", 0)
        return 0 if len(self.updates) else timeout

    def advance(self, seconds: float) -> None:
        """Moves the box's clock on: limits recover, queries and updates grow old."""
        self.world.advance(seconds)

    def now(self) -> float:
        """Seconds since 1970 by the box's clock."""
        return self.world.now()

    def state(self) -> Json:
        """Everything that the page shows, as in the control API."""
        return {
            "seq": self.events.seq,
            "now": self.now(),
            "bot": self.world.bot,
            "people": [person.view() for person in self.world.people.values()],
            "chats": [chat.view() for chat in self.world.chats.values()],
        }

    def _request(self, method: Method, params: Json, files: Mapping[str, tuple[str, bytes]] | None) -> Request:
        if not files:
            return Request(method.check(params), {})
        uploads = {field: Upload(name, content) for field, (name, content) in files.items()}
        for field in uploads.keys() & method.fields.keys():
            params[field] = uploads.pop(field)
        checked = method.check(params)
        text = repr(checked)
        for field in uploads:
            if f"attach://{field}" not in text:
                raise bad_request(f'unknown file "{field}" ({method.name} has no such field and nothing attaches it)')
        return Request(checked, uploads)


def bot_id_of(token: str) -> int:
    """A token begins with the bot's id."""
    number = token.partition(":")[0]
    if not number.isdigit():
        raise ValueError(f"a token looks like 42:SECRET, not {token!r}")
    return int(number)
