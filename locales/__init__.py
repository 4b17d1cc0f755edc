"""The words of the club, in all its languages."""

from locales.texts import LANGUAGES, Texts, texts_for

__all__ = ["LANGUAGES", "Texts", "texts_for"]
