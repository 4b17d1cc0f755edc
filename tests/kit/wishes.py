"""What the dictionary of wishes takes from the buttons."""

from __future__ import annotations

import tomllib
from pathlib import Path

import locales
from locales import texts_for


def every_label(language: str) -> dict[str, str]:
    """The labels of buttons in a language, with the command line that each stands for."""
    entries = tomllib.loads(Path(locales.__file__).with_name("wishes.toml").read_text(encoding="utf-8"))
    return {texts_for(language)(label): line for line, entry in entries.items() for label in entry.get("labels", ())}
