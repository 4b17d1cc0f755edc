"""Collects msgids from the code into the catalogues, and checks that every language says all of them."""

from __future__ import annotations

import ast
import re
import string
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from locales.chinese import chinese
from locales.texts import DOMAIN, LANGUAGES, catalogue_path

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "handlers", "locales")
SHORT_WORDS = 2
LOOKUPS = {"texts", "self", "N_"}  # texts("..."), self("...") within Texts; N_ marks a msgid that is looked up later


def template() -> Catalog:
    """All msgids of the code."""
    found = Catalog(domain=DOMAIN, project="Perkchat", fuzzy=False)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for said in msgids(path.read_text(encoding="utf-8")):
                found.add(said.msgid, context=said.context)
    return found


class Said(NamedTuple):
    """A text as the code says it, a plural one as a pair; `context` where its words mean something else elsewhere."""

    msgid: str | tuple[str, str]
    context: str | None = None


def msgids(source: str) -> Iterator[Said]:
    """The texts of a module. By the syntax tree: Babel's own extractor reads tokens, and before Python 3.12 it sees
    nothing within f-strings."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(msgid)), *_]) if name in LOOKUPS:
                yield Said(msgid)
            case ast.Call(
                func=ast.Attribute(attr="about"),
                args=[ast.Constant(value=str(context)), ast.Constant(value=str(msgid)), *_],
            ):
                yield Said(msgid, context)
            case ast.Call(
                func=ast.Attribute(attr="plural"),
                args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_],
            ):
                yield Said((one, many))
            case _:
                pass


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


# What is counted on screens. "1 points" is wrong, and so is any of these after a number in a text without a plural.
COUNTED = "points|vouchers|places|days|weeks|hours|minutes|people|groups|shops|purchases|friends|lots|decimals"
_COUNT = re.compile(rf"(?<!to )\{{\w+\}}(?:</b>)? (?:(?!in )\w+ )?(?:{COUNTED})\b")


def check() -> int:
    complaints = [complaint for language in LANGUAGES if language != "en" for complaint in faults(language)]
    complaints += meanings(ROOT / room for room in ROOMS)
    complaints += joined_by_commas(ROOT / "handlers")
    complaints += counted_without_plural()
    for complaint in complaints:
        sys.stderr.write(complaint + "\n")
    return 1 if complaints else 0


def meanings(rooms: Iterable[Path]) -> Iterator[str]:
    """Short texts that several features say: a word or two can mean one thing here and another there, and Chinese has
    a word for each. Either it is listed as meaning the same everywhere, or it says in which context it stands."""
    features: defaultdict[str, set[str]] = defaultdict(set)
    for room in rooms:
        for path in sorted(room.rglob("*.py")):
            feature = path.relative_to(room).parts[0].removesuffix(".py")
            for said in msgids(path.read_text(encoding="utf-8")):
                if said.context is None and isinstance(said.msgid, str) and _is_short(said.msgid):
                    features[said.msgid].add(feature)
    listed = set((ROOT / "locales" / "same_everywhere.txt").read_text(encoding="utf-8").splitlines())
    for msgid in sorted(features):
        if len(features[msgid]) > 1 and msgid not in listed:
            where = ", ".join(sorted(features[msgid]))
            yield (
                f"{msgid!r} is said by {where}: if it means the same in each, list it in locales/same_everywhere.txt, "
                f'else say texts.about("<context>", {msgid!r})'
            )
    for msgid in sorted(listed - {said for said, where in features.items() if len(where) > 1}):
        yield f"locales/same_everywhere.txt: {msgid!r} is said by one feature at most"


def joined_by_commas(room: Path) -> Iterator[str]:
    """A comma and a blank join words in English alone."""
    for path in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Constant(value=", "), attr="join")):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: texts.listed(...) joins as the language does"


def _is_short(msgid: str) -> bool:
    return "{" not in msgid and len(msgid.split()) <= SHORT_WORDS


def faults(language: str) -> Iterator[str]:
    """What is missing, left over, or differs in its placeholders."""
    catalogue, found = read(language), template()
    for message in found:
        if not message.id:
            continue
        translated = catalogue.get(message.id, message.context)
        if translated is None or translated.fuzzy or not all(_forms(translated.string)):
            yield f"{language}: not translated: {message.id!r}"
        elif wrong := [fault for form in _forms(translated.string) for fault in chinese(form, language)]:
            yield from (f"{language}: {fault}: {message.id!r} -> {translated.string!r}" for fault in wrong)
        elif any(_placeholders(form) != _wanted(message) for form in _forms(translated.string)):
            yield f"{language}: other placeholders: {message.id!r} -> {translated.string!r}"
    for message in catalogue:
        if message.id and found.get(message.id, message.context) is None:
            yield f"{language}: nobody says this any more: {message.id!r}"


def counted_without_plural(ids: Iterable[object] | None = None) -> Iterator[str]:
    """Texts that count something and have one form for all numbers; of the code, where no `ids` are given. A span such
    as "1 to 5 points" needs no other form."""
    for msgid in (message.id for message in template()) if ids is None else ids:
        if isinstance(msgid, str) and (found := _COUNT.search(msgid)) is not None:
            yield f"en: {found[0]!r} is wrong for one: use texts.plural: {msgid!r}"


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
