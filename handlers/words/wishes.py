"""Finds the wish in free text: a small dictionary, not a language model, so that it never guesses wildly."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import locales
from locales import texts_for
from locales.texts import LANGUAGES

LENGTH_MAX = 80  # longer texts are stories, and a word in them is no wish
STOP = "stop"

_POLITE = re.compile(r"^(?:please|pls|plz|请|請|麻烦|麻煩)\s*|\s*(?:please|pls|plz|thanks|谢谢|謝謝|唔該|吧|啦|喇|了)$")


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What people say, with the command line that it stands for."""

    whole: dict[str, str]  # as a whole message
    within: tuple[tuple[str, str], ...]  # also within a longer one; the longest first: "group buy" before "group"


@cache
def _phrases() -> _Phrases:
    source = Path(locales.__file__).with_name("wishes.toml").read_text(encoding="utf-8")
    whole: dict[str, str] = {}
    within: list[tuple[str, str]] = []
    for line, entry in tomllib.loads(source).items():
        labels = [_folded(texts_for(code)(label)) for code in LANGUAGES for label in entry.get("labels", ())]
        words = [_folded(phrase) for phrase in entry.get("words", ())]
        for phrase in (*labels, *map(_folded, entry.get("whole", ())), *words):
            whole.setdefault(phrase, line)
        within += [(phrase, line) for phrase in words]
    return _Phrases(whole, tuple(sorted(within, key=lambda pair: -len(pair[0]))))


def wish(text: str) -> str | None:
    """The command line that a text wishes for ("points", "help cost"), None when it is not clear enough."""
    said = _folded(text)
    if not said or len(said) > LENGTH_MAX:
        return None
    if (line := _as_a_whole(said)) is not None:
        return line
    spaced = f" {said} "
    for phrase, line in _phrases().within:
        if f" {phrase} " in spaced if phrase.isascii() else phrase in said:
            return line
    return None


def whole_wish(text: str) -> str | None:
    """The same where the text is nothing but the wish, politeness aside: "stop", not "the bus stop"."""
    return _as_a_whole(_folded(text))


def _as_a_whole(said: str) -> str | None:
    whole = _phrases().whole
    return whole.get(said) or whole.get(_POLITE.sub("", said))


def _folded(text: str) -> str:
    """Casefolded, without punctuation."""
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.casefold().replace("’", "'")).split())
