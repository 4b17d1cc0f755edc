"""Text with entities as Telegram counts them: offsets and lengths in UTF-16 units."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.model import Json

SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
CODE = frozenset({"code", "pre"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
OUTER_FIRST = (
    "blockquote",
    "expandable_blockquote",
    "text_link",
    "text_mention",
    "pre",
    "code",
    "custom_emoji",
    "date_time",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
)
ORDER = {kind: place for place, kind in enumerate(OUTER_FIRST)}


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class FormattedText:
    """A text and its entities, as MessageEntity objects."""

    text: str
    entities: list[Json] = field(default_factory=list)


class Writer:
    """Collects the visible text of a marked-up one and knows the offset where the next entity would begin."""

    __slots__ = ("_parts", "offset")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.offset = 0

    def write(self, text: str) -> None:
        text = text.replace("\r", "")
        if text:
            self._parts.append(text)
            self.offset += utf16_length(text)

    def text(self) -> str:
        return "".join(self._parts)

    def is_at_line_start(self) -> bool:
        return not self._parts or self._parts[-1].endswith("\n")


def in_order(entities: Iterable[Json]) -> list[Json]:
    """By offset, the longer first, the outer kind first."""
    return sorted(entities, key=lambda each: (each["offset"], -each["length"], ORDER.get(each["type"], 99)))


def end_of(entity: Json) -> int:
    end: int = entity["offset"] + entity["length"]
    return end


def overlap(one: Json, other: Json) -> bool:
    return bool(one["offset"] < end_of(other) and other["offset"] < end_of(one))


def tidy(entities: list[Json]) -> list[Json]:
    """As Telegram keeps entities: in order, none empty, equal styles merged, no style around or in code."""
    if not entities:
        return entities
    fixed = [each for each in entities if each["length"] > 0 and each["type"] not in SPLITTABLE]
    code = [each for each in fixed if each["type"] in CODE]
    fixed = [each for each in fixed if each["type"] in CODE | QUOTES or not any(overlap(each, c) for c in code)]
    for style in SPLITTABLE.intersection([each["type"] for each in entities]):
        for begin, end in merged_spans([each for each in entities if each["type"] == style]):
            fixed += [
                {"type": style, "offset": left, "length": right - left}
                for left, right in spans_outside(begin, end, code)
            ]
    return in_order(fixed)


def merged_spans(entities: list[Json]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for entity in in_order(each for each in entities if each["length"] > 0):
        if spans and entity["offset"] <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end_of(entity)))
        else:
            spans.append((entity["offset"], end_of(entity)))
    return spans


def spans_outside(begin: int, end: int, holes: list[Json]) -> list[tuple[int, int]]:
    spans = []
    for hole in in_order(holes):
        if begin < hole["offset"] < end:
            spans.append((begin, hole["offset"]))
        if hole["offset"] < end and end_of(hole) > begin:
            begin = end_of(hole)
    if begin < end:
        spans.append((begin, end))
    return spans


def trimmed(formatted: FormattedText) -> FormattedText:
    """Without white space at either end; entities move along."""
    text = formatted.text
    stripped = text.strip(" \n\t")
    if len(stripped) == len(text):
        return formatted
    skipped = utf16_length(text[: len(text) - len(text.lstrip(" \n\t"))])
    length = utf16_length(stripped)
    kept = []
    for entity in formatted.entities:
        begin = max(0, entity["offset"] - skipped)
        end = min(length, end_of(entity) - skipped)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return FormattedText(stripped, kept)
