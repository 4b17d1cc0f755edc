"""Watching the box and changing what surrounds it: weather, limits, clock."""

from dataclasses import asdict, replace

from aiohttp import web

from sandbox.bot_routes import file_response
from sandbox.calls import printable
from sandbox.control.reading import Act, answering, asked, real
from sandbox.errors import ActError
from sandbox.model import Json
from sandbox.telegram import Telegram
from sandbox.weather import Sky, Weather
from sandbox.wire import json_response

LIMITS: dict[str, tuple[type, ...]] = {
    "per_second": (int,),
    "per_chat_per_second": (int, float),
    "per_chat_burst": (int,),
    "per_group_per_minute": (int,),
    "paid_per_second": (int,),
    "enabled": (bool,),
}


class WorldControl:
    """The rest of `/sandbox/...`"""

    def __init__(self, telegram: Telegram, sky: Sky) -> None:
        self._telegram = telegram
        self._sky = sky

    def add_to(self, app: web.Application) -> None:
        acts: list[tuple[str, str, Act]] = [
            ("GET", "/sandbox/state", self.state),
            ("GET", "/sandbox/calls", self.calls),
            ("GET", "/sandbox/updates", self.updates),
            ("PUT", "/sandbox/weather", self.set_weather),
            ("PUT", "/sandbox/limits", self.set_limits),
            ("PUT", "/sandbox/clock", self.set_clock),
        ]
        for method, path, act in acts:
            app.router.add_route(method, path, answering(act))
        app.router.add_get("/sandbox/files/{file_id}", self.file)

    async def state(self, request: web.Request, body: Json) -> Json:
        return self._telegram.state()

    async def calls(self, request: web.Request, body: Json) -> Json:
        calls = self._telegram.calls.after(asked(request, "after") or 0, request.query.get("method"))
        return {"calls": printable(calls), "last": self._telegram.calls.last}

    async def updates(self, request: web.Request, body: Json) -> Json:
        return self._telegram.updates.summary(with_ids=request.query.get("ids") == "1")

    async def file(self, request: web.Request) -> web.Response:
        file = self._telegram.world.files.find(request.match_info["file_id"])
        return json_response({"error": "no such file"}, 404) if file is None else file_response(file)

    async def set_weather(self, request: web.Request, body: Json) -> Json:
        weather = self._sky.weather = Weather.parse(body)
        self._telegram.limits.floods.clear()
        if weather.flood is not None:
            flood = weather.flood
            self._telegram.limits.flood(flood.retry_after, flood.times, flood.chat_id)
        shown = asdict(weather)
        self._telegram.events.publish("weather", **shown)
        return shown

    async def set_limits(self, request: web.Request, body: Json) -> Json:
        for name, value in body.items():
            if name not in LIMITS:
                raise ActError(f"there is no limit {name}")
            if type(value) not in LIMITS[name] or value < 0 or (value == 0 and name != "enabled"):
                raise ActError(f"{name} is not to be {value!r}")
        settings = replace(self._telegram.limits.settings, **body)
        self._telegram.limits.apply(settings)
        return asdict(settings)

    async def set_clock(self, request: web.Request, body: Json) -> Json:
        seconds = real(body, "advance_s")
        if seconds < 0:
            raise ActError("the clock only moves on")
        self._telegram.advance(seconds)
        return {"now": self._telegram.now()}
