"""What a broadcast says to everybody in one of its wordings and a language, laid out once and filled in for each.

A message to a million differs from one member to the next in a number and in what placeholders say. Making buttons anew
for each of them was the larger part of what rendering cost.
"""

from __future__ import annotations

from functools import partial

from handlers.broadcasts import screens
from handlers.broadcasts.reading import Reader
from handlers.screens import Layout, Screen
from locales.texts import Texts
from loyalty import placeholders
from loyalty.broadcasts import Content


class FormLetter:
    """Is for every delivery what `screens.message` would be."""

    def __init__(self, content: Content, texts: Texts, variant: str | None) -> None:
        self._words = partial(screens.words, content, texts, variant)
        self._same_words: str | None = None  # where nothing in them is the member's own
        if not placeholders.is_personal(content.wording(variant, texts.language).text):
            self._same_words = self._words(Reader())
        self._layout = Layout(partial(screens.buttons, content, texts))
        self._picture = screens.picture(content)

    def screen(self, delivery_id: int, reader: Reader) -> Screen:
        words = self._words(reader) if self._same_words is None else self._same_words
        return Screen(words, picture=self._picture, markup=self._layout.markup(delivery_id))
