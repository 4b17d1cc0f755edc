"""Finds what Telegram marks in every text by itself: commands, mentions, links, tags, addresses."""

import re

from sandbox.model import Json
from sandbox.text import CODE, FormattedText, in_order, overlap, utf16_length

HINT = re.compile(r"[@/#$+.]")
TOP_LEVEL_DOMAINS = "com|org|net|info|edu|gov|app|dev|shop|store|io|me|cn|hk|tw|sg|vn|ru|uk|de|fr|es|it|eu|us|co|ai"
KINDS = [
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[A-Za-z]{2,}(?!\w)")),
    (
        "url",
        re.compile(
            r"(?<![\w@.])(?:(?:https?|ftp|tg|ton)://[^\s<>\"'«»“”，。）]+"
            rf"|(?:[\w-]+\.)+(?:{TOP_LEVEL_DOMAINS})(?![\w-])(?:[/?#][^\s<>\"'«»“”，。）]*)?)",
            re.IGNORECASE,
        ),
    ),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("hashtag", re.compile(r"(?<![\w#@])#(?=\w*[^\W\d_])\w{1,256}(?!#)")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d{7,15}(?!\w)")),
]
TRAILING = ".,:;!?)]}'\"…"
UNBREAKABLE = CODE | {
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
    "mention",
    "url",
    "bot_command",
}


def detect(text: str) -> list[Json]:
    """Entities found in a plain text, none overlapping another, in order."""
    if not HINT.search(text):
        return []
    found: list[Json] = []
    for kind, pattern in KINDS:
        for match in pattern.finditer(text):
            entity = as_entity(kind, text, match.start(), match[0])
            if not any(overlap(entity, other) for other in found):
                found.append(entity)
    return in_order(found)


def as_entity(kind: str, text: str, start: int, matched: str) -> Json:
    if kind == "url":
        matched = matched.rstrip(TRAILING)
    return {"type": kind, "offset": utf16_length(text[:start]), "length": utf16_length(matched)}


def with_detected(formatted: FormattedText) -> FormattedText:
    """Adds what is found outside links and code; styles may lie over it."""
    found = detect(formatted.text)
    if not found:
        return formatted
    taken = [each for each in formatted.entities if each["type"] in UNBREAKABLE]
    free = [each for each in found if not any(overlap(each, other) for other in taken)]
    return FormattedText(formatted.text, in_order([*formatted.entities, *free]))
