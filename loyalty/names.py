"""What people write in one line: names above all, and how somebody is called by theirs. Each entry cleans it here.

Two kinds of signs are taken out: what nobody sees (a name of a Hangul filler alone looks like none at all), and what
changes how the text after it stands (a right-to-left override turns the rest of a line around).
"""

from __future__ import annotations

import re
import unicodedata

_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "mme", "mlle"})
# Titles that are also names: Ing, Fr and M are people, "Ing.", "Fr." and "M." are not.
_DOTTED = frozenset({"ing", "dipl", "fr", "m", "sr", "sra", "srta", "sig", "rev", "jr", "med", "phd"})
_BOUND = frozenset({"عبد", "أبو", "ابو", "أم", "abd", "abu"})  # names that are one with the word after them
_BLANKS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800\U0001d159"), " ")  # Hangul fillers, a braille blank
_UNSEEN_MARKS = frozenset("\u034f\u17b4\u17b5")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")  # England, Scotland, Wales: of tags
_ZWNJ, ZWJ = "\u200c", "\u200d"
_JOINING = range(0x0600, 0x1100), range(0x1780, 0x18B0)  # Arabic to Myanmar, Khmer, Mongolian: joiners spell there
_PICTURES = ("So", "Cn")
_SKINS = range(0x1F3FB, 0x1F400)
_LETTERS_OF_FLAGS = range(0x1F1E6, 0x1F200)  # two of them make one flag
MARKS_MAX = 8  # on one letter; more of them run over the lines above and below


def readable(given: str) -> str:
    """Text without what nobody sees and without what turns the text around it, as NFC. Line breaks and tabs stay, so
    do the joiners of emoji and of the scripts that are spelt with them."""
    text = unicodedata.normalize("NFC", given)
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    flags = {place for flag in _FLAG.finditer(text) for place in range(*flag.span())}
    for place, sign in enumerate(text.translate(_BLANKS)):
        if place in flags or sign.isspace() or not _is_hidden(sign, kept, text[place + 1 : place + 2]):
            kept.append(sign)
    return "".join(kept)


def one_line(given: str, most: int | None = None) -> str:
    """`readable` text with its blanks folded, cut to `most` code points. Empty where nothing of it is seen."""
    line = " ".join(readable(given).split())
    if most is not None:
        line = cut(line, most).rstrip()
    return line if is_seen(line) else ""


def is_seen(text: str) -> bool:
    """Whether anything of it shows on a screen."""
    return any(_is_ink(sign) for sign in text.translate(_BLANKS))


def cut(text: str, most: int) -> str:
    """The beginning, at most so many code points long, which ends between two signs that people see as such: no half
    flag, no letter without its accent."""
    if len(text) <= most:
        return text
    end = most
    while end > 0 and _goes_on(text, end):
        end -= 1
    return text[: end or most]


def first_part(name: str) -> str:
    """How somebody is called, read out of a whole name: titles are skipped, and "Lopez, Ana" is Ana. Empty for none."""
    line = one_line(name)
    family, comma, given = line.partition(",")
    for said in (given, family) if comma else (line,):
        words = [word for word in said.split() if any(sign.isalnum() for sign in word)]
        named = [word for word in words if not _is_title(word)] or words
        if named:
            is_bound = named[0].casefold() in _BOUND and len(named) > 1
            return " ".join(named[:2]) if is_bound else named[0]
    return line


def _is_title(word: str) -> bool:
    title = word.casefold().removesuffix(".")
    return title in _TITLES or (word.endswith(".") and title in _DOTTED)


def key_of(name: str) -> str:
    """By what two names are one and the same: without case, width and blanks that differ."""
    return " ".join(unicodedata.normalize("NFKC", readable(name)).casefold().split())


def _is_ink(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category == "Cn" or category[0] not in "CZM"  # emoji younger than this Python are unassigned to it


def _is_hidden(sign: str, before: list[str], after: str) -> bool:
    category = unicodedata.category(sign)
    if sign in (ZWJ, _ZWNJ):
        return not _joins(sign, before, after)
    if category == "Cf":
        return unicodedata.bidirectional(sign) != "AN"  # signs of Arabic numbers are seen
    if category[0] == "M":
        tail = before[-MARKS_MAX:]
        is_heap = len(tail) == MARKS_MAX and all(unicodedata.category(each)[0] == "M" for each in tail)
        return sign in _UNSEEN_MARKS or is_heap
    return category in ("Cc", "Cs") or 0xE0000 <= ord(sign) <= 0xE00FF


def _joins(joiner: str, before: list[str], after: str) -> bool:
    if not before or not after:
        return False
    code = ord(before[-1])
    if any(code in script for script in _JOINING):
        return True
    if joiner == _ZWNJ or unicodedata.category(after) not in _PICTURES:
        return False
    return code in _SKINS or before[-1] == "\ufe0f" or unicodedata.category(before[-1]) in _PICTURES


def _goes_on(text: str, place: int) -> bool:
    """Whether the sign at `place` belongs to the one before it."""
    sign, before = text[place], text[place - 1]
    if unicodedata.category(sign)[0] == "M" or sign in (ZWJ, _ZWNJ) or before == ZWJ:
        return True
    if ord(sign) in _SKINS or 0xE0020 <= ord(sign) <= 0xE007F:
        return True
    if ord(sign) not in _LETTERS_OF_FLAGS:
        return False
    row = 0
    while row < place and ord(text[place - 1 - row]) in _LETTERS_OF_FLAGS:
        row += 1
    return row % 2 == 1
