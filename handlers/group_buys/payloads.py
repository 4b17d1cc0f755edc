from __future__ import annotations

from loyalty.errors import NotFound

ID_DIGITS = 18


def id_in(payload: str) -> int:
    """The id at the end of a link or of an inline query. Raises NotFound for anything that cannot be one."""
    if not (payload.isascii() and payload.isdecimal()) or len(payload) > ID_DIGITS:
        raise NotFound("group", payload)
    return int(payload)
