"""Finds the wish in free text: a small dictionary, not a language model, so that it never guesses wildly."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import locales

LENGTH_MAX = 80  # longer texts are stories, and a word in them is no wish


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Phrase and command, the longest phrase first: "group buy" before "group"."""
    source = Path(locales.__file__).with_name("wishes.toml").read_text(encoding="utf-8")
    pairs = [(phrase, command) for command, entry in tomllib.loads(source).items() for phrase in entry["words"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def wish(text: str) -> str | None:
    """The command that a text wishes for, None when it is not clear enough."""
    said = " ".join(re.sub(r"[^\w\s'-]", " ", text.casefold()).split())
    if not said or len(said) > LENGTH_MAX:
        return None
    spaced = f" {said} "
    for phrase, command in _phrases():
        if phrase.isascii():
            if f" {phrase} " in spaced:
                return command
        elif phrase in said:
            return command
    return None
