"""HTTP to parameters and back, in every form that bots' clients send."""

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web

from sandbox.errors import ApiError, bad_request
from sandbox.model import Json

Files = dict[str, tuple[str, bytes]]

encode_json = json.JSONEncoder(separators=(",", ":")).encode


async def read_call(request: web.Request) -> tuple[Json, Files]:
    """The parameters and files of a Bot API request: query, form, multipart or JSON."""
    query = request.query_string
    params: Json = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    files: Files = {}
    if request.can_read_body:
        if request.content_type == "multipart/form-data":
            more, files = await read_multipart(await request.multipart())
        else:
            more = decode_body(request.content_type, await request.read())
        params |= more
    return params, files


def decode_body(content_type: str, body: bytes) -> Json:
    """A body's parameters; ApiError 400 for JSON that is no object."""
    if not body:
        return {}
    if content_type == "application/json":
        try:
            params = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(params, dict):
            raise bad_request("object expected")
        return params
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


async def read_multipart(reader: MultipartReader) -> tuple[Json, Files]:
    params: Json = {}
    files: Files = {}
    async for part in reader:
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            params[part.name] = content.decode(errors="replace")
        else:
            files[part.name] = (part.filename, content)
    return params, files


def success(result: Any) -> web.Response:
    return json_response({"ok": True, "result": result})


def failure(error: ApiError) -> web.Response:
    """As Telegram answers: the error's code is the HTTP status, too."""
    answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        answer["parameters"] = error.parameters
    response = json_response(answer, error.code)
    if error.parameters and "retry_after" in error.parameters:
        response.headers["Retry-After"] = str(error.parameters["retry_after"])
    return response


def json_response(answer: Any, status: int = 200) -> web.Response:
    return web.Response(body=encode_json(answer).encode(), status=status, content_type="application/json")
