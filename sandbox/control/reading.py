"""Reads what a control request says, and answers it in JSON."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.errors import ActError
from sandbox.model import Json
from sandbox.wire import json_response

Act = Callable[[web.Request, Json], Awaitable[Any]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
}


def answering(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler around `act`: JSON in and out, errors as `{"error": ...}`."""

    async def handler(request: web.Request) -> web.Response:
        try:
            body = await read_body(request)
            return json_response(await act(request, body))
        except ActError as error:
            return json_response({"error": error.message}, error.status)

    return handler


async def read_body(request: web.Request) -> Json:
    if not request.can_read_body:
        return {}
    try:
        body = await request.json()
    except ValueError:
        raise ActError("the body is no JSON") from None
    if not isinstance(body, dict):
        raise ActError("the body is no JSON object")
    return body


def maybe(body: Json, name: str, kind: str) -> Any:
    """The value of that name, None if it is not there; ActError if it is of another kind."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, KINDS[kind]) or isinstance(value, bool):
        raise ActError(f"{name} is to be of kind {kind}")
    return value


def text(body: Json, name: str) -> str:
    value = maybe(body, name, "text")
    if value is None:
        raise ActError(f"{name} is missing")
    return str(value)


def integer(body: Json, name: str) -> int:
    value = maybe(body, name, "integer")
    if value is None:
        raise ActError(f"{name} is missing")
    return int(value)


def real(body: Json, name: str) -> float:
    value = maybe(body, name, "number")
    if value is None:
        raise ActError(f"{name} is missing")
    return float(value)


def from_base64(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error, ValueError):
        raise ActError("the file is no base64") from None


def part(request: web.Request, name: str) -> int:
    """The id in that place of the path."""
    try:
        return int(request.match_info[name])
    except ValueError:
        raise ActError(f"{request.match_info[name]!r} is no id") from None


def asked(request: web.Request, name: str) -> int | None:
    """The whole number that the query string gives for that name."""
    given = request.query.get(name)
    if given is None:
        return None
    try:
        return int(given)
    except ValueError:
        raise ActError(f"{name} is to be a whole number") from None
