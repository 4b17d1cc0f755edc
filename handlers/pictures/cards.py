"""Cards to show and to pass on: a member's card and invitation, the voucher of a reward, each with a QR code."""

from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from handlers.pictures import fonts
from handlers.pictures.canvas import Canvas, darker, lighter, png

WIDTH, HEIGHT = 800, 1000

# The QR is dark on white in every card: scanners of cheap phones give up on anything prettier.
_QR_INK = "#1d1740"
_QUIET_MODULES = 4

_NIGHT, _SUN, _LILAC = "#43318f", "#ffd166", "#e9e3ff"
_CORAL, _MINT, _WHITE = "#ff7f6b", "#63d2b4", "#ffffff"
_SLATE = "#101828"
_SAND, _SEA, _SEA_LIGHT, _INK, _GREY = "#fdebd8", "#0f7a78", "#c4efe9", "#2b2540", "#6c6580"


def qr_card(link: str, title: str, code: str, caption: str) -> bytes:
    """A member's invitation as PNG of 800 x 1000: who invites, the QR of the link, the code to type instead.

    Texts are cleaned and shortened to fit, and may be empty. Raises ValueError for a link that is empty
    or longer than a QR code holds (about 2,300 bytes).
    """
    card = _invitation().copy()
    draw = ImageDraw.Draw(card)
    _title(draw, title, 102, 620)
    card.paste(*_qr(link, 500, 400, 462))
    code, size = fonts.fitted(fonts.clean(code), (76, 64, 52, 42, 34), 470)
    _centred(draw, code, size, 800, _INK, is_mono=True, is_bold=True)
    _lines(draw, fonts.wrapped(fonts.clean(caption), 32, 640, 2), 32, 912, _LILAC)
    return png(card)


def voucher_card(link: str, title: str, merchant: str, code: str, note: str) -> bytes:
    """A voucher as PNG of 800 x 1000: merchant and reward above the tear line, QR, code and note below it.

    Texts and errors as for `qr_card`.
    """
    card = _ticket().copy()
    draw = ImageDraw.Draw(card)
    merchant, size = fonts.fitted(fonts.clean(merchant), (36, 32, 28), 370)
    _centred(draw, merchant, size, 136, _SEA_LIGHT)
    _title(draw, title, 234, 560)
    card.paste(*_qr(link, 426, 400, 549))
    code, size = fonts.fitted(fonts.clean(code), (48, 42, 36, 30, 24), 560)
    _centred(draw, code, size, 800, _INK, is_mono=True, is_bold=True)
    _lines(draw, fonts.wrapped(fonts.clean(note), 27, 560, 2), 27, 886, _GREY)
    return png(card)


def spent_card(title: str, merchant: str, note: str) -> bytes:
    """In the place of a voucher's picture that is to be scanned no more: 800 x 1000, without QR and code.

    Texts are cleaned and shortened to fit, and may be empty.
    """
    card = _ticket().copy()
    draw = ImageDraw.Draw(card)
    merchant, size = fonts.fitted(fonts.clean(merchant), (36, 32, 28), 370)
    _centred(draw, merchant, size, 136, _SEA_LIGHT)
    _title(draw, title, 234, 560)
    draw.rectangle((130, 762, 670, 838), fill=_WHITE)  # the pill of the code
    _lines(draw, fonts.wrapped(fonts.clean(note), 44, 560, 3), 44, 600, _GREY, is_bold=True)
    return png(card)


@dataclass(frozen=True, slots=True)
class Metal:
    """What a tier's card is made of: the sheet, the waves on it, the edge, and what is written in small."""

    sheet: str
    wave: str
    edge: str
    word: str


METALS = {
    "member": Metal("#1f6f5c", "#2b8a72", "#7fe0bd", "#d5f5e8"),
    "silver": Metal("#53607a", "#66748f", "#dfe6f2", "#eef2f9"),
    "gold": Metal("#9a6a12", "#b27d1c", "#ffd98a", "#fff0cc"),
}


def member_card(link: str, club: str, name: str, tier: str, metal: Metal, code: str) -> bytes:
    """A member's card as PNG of 800 x 1000: the club and its mark, name and tier above, QR and code below.

    `tier` is the word for it, `metal` its colours. Texts and errors as for `qr_card`.
    """
    card = _sheet(metal).copy()
    draw = ImageDraw.Draw(card)
    club = fonts.clean(club)
    _left(draw, club[:1].upper(), 52, 116, 116, metal.sheet, is_middle=True)
    _left(draw, *fonts.fitted(club, (46, 40, 34, 28), 400), 184, 116, _WHITE)
    tier, size = fonts.fitted(fonts.clean(tier), (34, 28, 24), 150)
    pill = fonts.width(tier, size) + 48
    draw.rounded_rectangle((736 - pill, 86, 736, 146), 30, fill=metal.edge)
    _left(draw, tier, size, 736 - pill / 2, 115, darker(metal.sheet, 0.5), is_middle=True)
    _left(draw, *fonts.fitted(fonts.clean(name), (64, 54, 46, 38), 672), 64, 226, _WHITE)
    card.paste(*_qr(link, 520, 400, 548))
    code, size = fonts.fitted(fonts.clean(code), (84, 74, 62, 50), 600)
    _centred(draw, code, size, 872, _SLATE, is_mono=True, is_bold=True)
    return png(card)


def _qr(link: str, box: int, x: int, y: int) -> tuple[Image.Image, tuple[int, int]]:
    """The code in whole pixels per module, quiet zone left within the box, and where its corner goes."""
    if not link:
        raise ValueError("a QR code needs a link")
    matrix = segno.make(link, error="m", micro=False).matrix
    side = len(matrix)
    image = Image.new("RGB", (side, side), _WHITE)
    dots = Image.frombytes("L", (side, side), bytes(255 * module for row in matrix for module in row))
    image.paste(_QR_INK, (0, 0), dots)
    scale = box // (side + 2 * _QUIET_MODULES)
    image = image.resize((side * scale, side * scale), Image.Resampling.NEAREST)
    return image, (x - image.width // 2, y - image.height // 2)


def _title(draw: ImageDraw.ImageDraw, text: str, y: int, width_max: int) -> None:
    """One large line if it fits, else two smaller ones."""
    text = fonts.clean(text)
    for size in (64, 56):
        if fonts.width(text, size) <= width_max:
            _centred(draw, text, size, y, _WHITE, is_bold=True)
            return
    _lines(draw, fonts.wrapped(text, 46, width_max, 2), 46, y, _WHITE, is_bold=True)


def _lines(draw: ImageDraw.ImageDraw, lines: list[str], size: int, y: int, colour: str, is_bold: bool = False) -> None:
    step = size * 1.32
    for index, line in enumerate(lines):
        _centred(draw, line, size, y + (index - (len(lines) - 1) / 2) * step, colour, is_bold=is_bold)


def _centred(
    draw: ImageDraw.ImageDraw,
    text: str,
    size: int,
    y: float,
    colour: str,
    is_mono: bool = False,
    is_bold: bool = False,
) -> None:
    if not text:
        return
    # The font has one weight only; a stroke in the same colour makes the other.
    draw.text(
        (WIDTH / 2, y),
        text,
        fill=colour,
        font=fonts.font(size, is_mono),
        anchor="mm",
        stroke_width=size // 40 if is_bold else 0,
        stroke_fill=colour,
    )


def _left(
    draw: ImageDraw.ImageDraw, text: str, size: int, x: float, y: float, colour: str, is_middle: bool = False
) -> None:
    """A bold line that begins at `x`, or has its middle there."""
    anchor = "mm" if is_middle else "lm"
    face = fonts.font(size)
    draw.text((x, y), text, fill=colour, font=face, anchor=anchor, stroke_width=size // 40, stroke_fill=colour)


@lru_cache(maxsize=len(METALS))
def _sheet(metal: Metal) -> Image.Image:
    """Where name and QR go: metal above and around, white where it is scanned and read."""
    canvas = Canvas(WIDTH, HEIGHT, metal.sheet, scale=2)
    for x, y, radius in ((700, 40, 250), (90, 330, 210), (760, 620, 170), (40, 860, 230)):
        canvas.circle(x, y, radius, metal.wave)
    for x, y, radius in ((700, 40, 150), (90, 330, 110), (40, 860, 120)):
        canvas.circle(x, y, radius, metal.sheet)
    canvas.circle(116, 116, 50, metal.edge)
    canvas.rect(64, 296, 672, 656, 48, darker(metal.sheet, 0.35))
    canvas.rect(64, 288, 672, 656, 48, _WHITE)
    canvas.rect(128, 806, 544, 5, 2, lighter(metal.edge, 0.35))
    return canvas.finished()


@lru_cache(maxsize=1)
def _invitation() -> Image.Image:
    canvas = Canvas(WIDTH, HEIGHT, _NIGHT, scale=2)
    soft = lighter(_NIGHT, 0.09)
    canvas.circle(70, 40, 230, soft)
    canvas.circle(770, 560, 260, soft)
    canvas.circle(90, 980, 210, soft)
    for x, y, radius, colour in (
        (58, 250, 11, _SUN),
        (96, 400, 7, _MINT),
        (52, 560, 9, _CORAL),
        (92, 690, 6, _SUN),
        (744, 210, 8, _MINT),
        (706, 330, 6, _CORAL),
        (752, 470, 11, _SUN),
        (712, 640, 8, _MINT),
        (748, 730, 6, _CORAL),
        (60, 60, 8, _MINT),
        (738, 62, 10, _CORAL),
    ):
        canvas.circle(x, y, radius, colour)
    for x, y, angle, colour in (
        (72, 330, 30, _CORAL),
        (62, 480, -40, _SUN),
        (88, 620, 60, _MINT),
        (730, 270, -30, _SUN),
        (716, 400, 50, _LILAC),
        (742, 565, -60, _CORAL),
    ):
        with canvas.turned(angle, x, y):
            canvas.rect(x - 14, y - 5, 28, 10, 5, colour)
    canvas.rect(134, 208, 532, 532, 44, darker(_NIGHT, 0.4))
    canvas.rect(134, 196, 532, 532, 44, _WHITE)
    canvas.rect(140, 752, 520, 104, 52, darker(_SUN, 0.3))
    canvas.rect(140, 746, 520, 104, 52, _SUN)
    return canvas.finished()


@lru_cache(maxsize=1)
def _ticket() -> Image.Image:
    canvas = Canvas(WIDTH, HEIGHT, _SAND, scale=2)
    for x, y, radius in ((24, 150, 34), (770, 560, 40), (30, 780, 26), (768, 250, 22), (20, 480, 18)):
        canvas.circle(x, y, radius, darker(_SAND, 0.07))
    left, right, top, bottom, tear = 80, 720, 60, 940, 336
    canvas.rect(left, top, right - left, tear - top, 0, _SEA)
    canvas.circle(608, 178, 104, lighter(_SEA, 0.1))
    canvas.circle(150, 290, 62, lighter(_SEA, 0.1))
    canvas.rect(left, tear, right - left, bottom - tear, 0, _WHITE)
    # The perforation: bites of the background along both short edges, larger ones where it is torn off.
    for x in range(left + 20, right, 40):
        canvas.circle(x, top, 12, _SAND)
        canvas.circle(x, bottom, 12, _SAND)
    for x in (left, right):
        canvas.circle(x, tear, 26, _SAND)
    for x in range(left + 44, right - 40, 26):
        canvas.line([(x, tear), (x + 12, tear)], 5, darker(_WHITE, 0.2))
    for x, y in ((190, 136), (610, 136)):
        canvas.poly(
            [
                (x, y - 12),
                (x + 4, y - 4),
                (x + 12, y),
                (x + 4, y + 4),
                (x, y + 12),
                (x - 4, y + 4),
                (x - 12, y),
                (x - 4, y - 4),
            ],
            _SUN,
        )
    canvas.rect(130, 762, 540, 76, 20, "#f4f0fb")
    return canvas.finished()
