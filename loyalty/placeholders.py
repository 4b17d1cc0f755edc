"""Placeholders in what a shop writes: {first_name}, {points|no}. After the bar stands what is said instead.

A text is HTML as Telegram takes it. Outside of tags, braces around a name make a placeholder; {{ and }} are the braces
themselves. Lengths are UTF-16 units of what is shown, as Telegram counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape

from loyalty.errors import BroadcastRefused
from loyalty.members import NAME_MAX
from loyalty.merchants import NAME_MAX as SHOP_MAX

FIRST_NAME, POINTS, TIER, SHOP = NAMES = ("first_name", "points", "tier", "shop")
LONGEST: Mapping[str, int] = {FIRST_NAME: 2 * NAME_MAX, POINTS: 16, TIER: 24, SHOP: 2 * SHOP_MAX}
SHOWN_MAX = 30  # of what was wrong, in the answer

_TOKEN = re.compile(r"<[^<>]*>|(?P<brace>\{\{|\}\})|\{(?P<name>[^{}<>|]*)(?:\|(?P<instead>[^{}<>]*))?\}|(?P<open>\{)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`typed` is how it stands in the text; `instead` is HTML, None where nothing was given."""

    name: str
    instead: str | None
    typed: str


def length(html: str) -> int:
    """How long HTML is as it is shown."""
    return _units(re.sub(r"<[^<>]*>", "", html))


def check(text: str) -> None:
    """Raises BroadcastRefused for a placeholder that nothing can be filled into, or a brace that is not closed."""
    for found in _TOKEN.finditer(text):
        if found["open"] is not None:
            given = unescape(re.sub(r"<[^<>]*>", "", text[found.start() :]))
            raise BroadcastRefused("open_brace", {"given": given[:SHOWN_MAX]})
        if found["name"] is not None and _name(found["name"]) not in NAMES:
            raise BroadcastRefused("unknown_placeholder", {"given": unescape(found[0])[:SHOWN_MAX]})


def fill(text: str, values: Mapping[str, str], missing: Collection[str] = ()) -> str:
    """The text for somebody: `values` are plain and are escaped here. Those named in `missing` give way to what the
    text says instead of them, where it does. What is no placeholder stays as it was typed."""
    return "".join(part if isinstance(part, str) else _said(part, values, missing) for part in parts(text))


def growth(text: str) -> int:
    """By how much filling in makes a text longer at the most; below zero where it can only become shorter."""
    more = 0
    for found in _TOKEN.finditer(text):
        if found["brace"] is not None:
            more -= 1
        elif found["name"] is not None and (name := _name(found["name"])) in NAMES:
            more += max(LONGEST[name], _units(found["instead"] or "")) - _units(found[0])
    return more


def is_personal(text: str) -> bool:
    """Whether it may say something else to each member."""
    return any(isinstance(part, Placeholder) and part.name != SHOP for part in parts(text))


@lru_cache(maxsize=64)  # a text is filled in for one member after the other
def parts(text: str) -> Sequence[str | Placeholder]:
    """Placeholders, and the HTML between them."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[str | Placeholder]:
    place = 0
    for found in _TOKEN.finditer(text):
        yield text[place : found.start()]
        place = found.end()
        if found["brace"] is not None:
            yield found[0][0]
        elif found["name"] is not None and (name := _name(found["name"])) in NAMES:
            yield Placeholder(name, found["instead"], found[0])
        else:
            yield found[0]
    yield text[place:]


def _said(placeholder: Placeholder, values: Mapping[str, str], missing: Collection[str]) -> str:
    if placeholder.instead is not None and placeholder.name in missing:
        return placeholder.instead
    return escape(values.get(placeholder.name, ""), quote=False)


def _name(typed: str) -> str:
    return typed.strip().casefold().replace(" ", "_")


def _units(html: str) -> int:
    return len(unescape(html).encode("utf-16-le", "surrogatepass")) // 2
