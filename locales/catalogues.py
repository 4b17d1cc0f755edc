"""Collects msgids from the code into the catalogues, and checks that every language says all of them."""

from __future__ import annotations

import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from locales.texts import DOMAIN, LANGUAGES, catalogue_path

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "handlers", "locales")
# texts("...") and texts.plural("...", "...", n); N_ marks a msgid that is looked up later.
KEYWORDS = {"texts": None, "self": None, "plural": (1, 2), "N_": None}


def template() -> Catalog:
    """All msgids of the code."""
    found = Catalog(domain=DOMAIN, project="Perkchat", fuzzy=False)
    for room in ROOMS:
        for path, line, msgid, comments, _context in extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            found.add(msgid, locations=[(f"{room}/{path}", line)], auto_comments=comments)
    return found


def read(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language.replace("-", "_"), domain=DOMAIN, project="Perkchat", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language.replace("-", "_"), domain=DOMAIN)


def collect() -> int:
    found = template()
    for language in LANGUAGES:
        if language == "en":
            continue
        catalogue = read(language)
        catalogue.update(found, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        write(language, catalogue)
    return 0


def write(language: str, catalogue: Catalog) -> None:
    """Without dates and line numbers: a catalogue changes only when its words do."""
    header = {
        "Project-Id-Version": "Perkchat",
        "Language": language.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": catalogue.plural_forms,
    }
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        lines = "".join(f'"{name}: {value}\\n"\n' for name, value in header.items())
        target.write(f'# {LANGUAGES[language]}\nmsgid ""\nmsgstr ""\n{lines}\n'.encode())
        write_po(target, catalogue, width=110, sort_output=True, no_location=True, omit_header=True)


def check() -> int:
    complaints = [complaint for language in LANGUAGES if language != "en" for complaint in faults(language)]
    for complaint in complaints:
        sys.stderr.write(complaint + "\n")
    return 1 if complaints else 0


def faults(language: str) -> Iterator[str]:
    """What is missing, left over, or differs in its placeholders."""
    catalogue, found = read(language), template()
    for message in found:
        if not message.id:
            continue
        translated = catalogue.get(message.id)
        if translated is None or not all(_forms(translated.string)):
            yield f"{language}: not translated: {message.id!r}"
        elif any(_placeholders(form) != _wanted(message) for form in _forms(translated.string)):
            yield f"{language}: other placeholders: {message.id!r} -> {translated.string!r}"
    for message in catalogue:
        if message.id and found.get(message.id) is None:
            yield f"{language}: nobody says this any more: {message.id!r}"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if text is None:
        return [""]
    return [text] if isinstance(text, str) else list(text)


def _wanted(message: Message) -> set[str]:
    forms = _forms(message.id)
    # "One place left" may do without its number; the form for many names all that there is to name.
    return _placeholders(forms[-1])


def _placeholders(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}
