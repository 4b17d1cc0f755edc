"""What a member types to find a reward."""

from __future__ import annotations

import unicodedata

from handlers.rewards.callbacks import WORDS_MAX
from locales.texts import Markup, Texts
from loyalty.names import readable


def read_words(text: str) -> str:
    """The words as they are looked for: folded, and without what parts the fields of a button."""
    seen = "".join(" " if sign == ":" or unicodedata.category(sign)[0] in "CZ" else sign for sign in readable(text))
    return " ".join(seen.casefold().split())


def misread(words: str, texts: Texts) -> Markup | None:
    """What is wrong with words to search for; None if nothing is."""
    if not words:
        return texts("Type a word of what you are looking for.")
    if len(words.encode()) > WORDS_MAX:
        return texts("That is too long to search for. One or two words do.")
    return None
