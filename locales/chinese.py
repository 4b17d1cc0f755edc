"""What a Chinese text must not have: Western commas and blanks, the other script's quotes and characters, English
nobody wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

HAN = r"[\u3400-\u9fff]"
# Names, words that Chinese readers write so, and what is typed in English in every language. What stands in <code>, and
# a code of digits and capitals with hyphens, is typed as it is.
ENGLISH = {"CSV", "Code", "QR", "Telegram", "MB", "Taipei", "Shanghai", "Hong", "Kong", "TA", "https"} | {
    "member",
    "silver",
    "gold",
    "none",
}

_NOT_SAID = re.compile(r"<code>.*?</code>|<[^>]*>|\{[^{}]*\}|/[a-z]+|\b[0-9A-Z]+(?:-[0-9A-Z]+)+\b")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_RULES = (
    ("a Latin comma, colon or full stop between Chinese words", re.compile(rf"{HAN}\s*[,;:!?]|[,;:!?]\s*{HAN}")),
    ("a full stop that is not Chinese", re.compile(rf"{HAN}\.(?!\.)")),
    ("Latin parentheses around Chinese words", re.compile(rf"\({HAN}|{HAN}\)")),
    ("a blank after a sentence", re.compile(rf"[。！？；，、：] +(?=[{HAN[1:-1]}“「（<{{])")),
    ("straight quotes", re.compile(rf"[\"']{HAN}|{HAN}[\"']")),
)
_QUOTES = {"zh-Hans": "「」『』", "zh-Hant": "“”‘’"}
# Character sets from when each script had its own: GB 2312 has no traditional character, Big5 no simplified one.
_CHARACTERS = {"zh-Hans": "gb2312", "zh-Hant": "big5"}


def chinese(said: str, language: str) -> Iterator[str]:
    """What is wrong with a text of a Chinese catalogue."""
    words = unescape(said)
    for fault, pattern in _RULES:
        if pattern.search(words):
            yield fault
    if any(quote in words for quote in _QUOTES[language]):
        yield f"quotes of the other script ({_QUOTES[language]})"
    if strange := [sign for sign in re.findall(HAN, words) if not sign.encode(_CHARACTERS[language], "ignore")]:
        yield f"characters of the other script ({''.join(strange)})"
    for word in _LATIN.findall(_NOT_SAID.sub(" ", words)):
        if word not in ENGLISH:
            yield f"English that is not listed ({word})"
