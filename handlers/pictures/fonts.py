"""The one font of all pictures, and how text is cleaned, measured, shortened and wrapped in it."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from PIL import ImageFont

# A wheel among the requirements carries it, so that Chinese reads the same on every machine.
FILE = str(files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc")
FAMILY = "WenQuanYi Micro Hei"

_PROPORTIONAL, _MONO = 0, 1
# Never in any font: its picture is what this font draws for a character that it lacks.
_NOWHERE = "\uffff"
_ELLIPSIS = "…"
# A line must not begin with these.
_CLOSING = frozenset("，。、！？；：」』）》〉】…,.!?;:)]}’”%")
# What may stay together: a run without spaces or CJK, spaces, or one CJK character.
_PIECE = re.compile(r"[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+|\s+|.", re.DOTALL)
# Nobody reads more on a picture, and measuring a novel would take seconds.
_LENGTH_MAX = 500


@lru_cache(maxsize=64)
def font(size: int, is_mono: bool = False) -> ImageFont.FreeTypeFont:
    """The club's font in pixels; `is_mono` for codes, whose characters must be told apart."""
    return ImageFont.truetype(FILE, size, index=_MONO if is_mono else _PROPORTIONAL)


def clean(text: str) -> str:
    """The text as one line that the font can draw; it may become empty.

    What the font lacks (emoji, some scripts) is dropped, and so are controls and direction overrides.
    """
    composed = unicodedata.normalize("NFC", text[:_LENGTH_MAX])
    kept = (" " if char.isspace() else char for char in composed if char.isspace() or _is_drawable(char))
    return " ".join("".join(kept).split())


def width(text: str, size: int, is_mono: bool = False) -> float:
    """How wide the text is, in pixels."""
    return font(size, is_mono).getlength(text)


def shortened(text: str, size: int, width_max: float) -> str:
    """The longest beginning that fits, with an ellipsis if anything is left out."""
    if width(text, size) <= width_max:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + _ELLIPSIS, size) <= width_max:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + _ELLIPSIS


def fitted(text: str, sizes: Sequence[int], width_max: float) -> tuple[str, int]:
    """The text and the first size (large to small) in which it fits; if none, shortened in the last."""
    for size in sizes:
        if width(text, size) <= width_max:
            return text, size
    return shortened(text, sizes[-1], width_max), sizes[-1]


def wrapped(text: str, size: int, width_max: float, lines_max: int) -> list[str]:
    """The text in lines that fit, broken at spaces or between Chinese characters; the last is shortened."""
    lines: list[str] = []
    line = ""
    pieces = [part for piece in _PIECE.findall(text) for part in _parts(piece, size, width_max)]
    for index, piece in enumerate(pieces):
        joined = line + piece
        if not line or piece in _CLOSING or width(joined.rstrip(), size) <= width_max:
            line = joined if line else piece.lstrip()
            continue
        if len(lines) == lines_max - 1:
            line += "".join(pieces[index:])
            break
        lines.append(line.rstrip())
        line = piece.lstrip()
    lines.append(line.rstrip())
    return [shortened(line, size, width_max) for line in lines if line]


def _parts(piece: str, size: int, width_max: float) -> list[str]:
    """A word wider than a line is broken, as an address or a 200-letter name would be."""
    if width(piece, size) <= width_max:
        return [piece]
    step = max(1, int(len(piece) * width_max / width(piece, size)) - 1)
    return [piece[start : start + step] for start in range(0, len(piece), step)]


@lru_cache(maxsize=8192)
def _is_drawable(char: str) -> bool:
    if unicodedata.category(char).startswith("C"):
        return False
    return _shape(char) != _shape(_NOWHERE)


def _shape(char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(20).getmask(char)
    return mask.size, bytes(mask)
