"""Pictures of rewards and deals: a motif on a tone. They stand in where a merchant has sent no photograph."""

from collections.abc import Callable

from handlers.pictures import dishes, drinks, garden, things
from handlers.pictures.canvas import Canvas, lighter, png
from handlers.pictures.tones import TONES, Tone

WIDTH, HEIGHT = 800, 500

MOTIFS: dict[str, Callable[[Canvas, Tone], None]] = {
    "bicycle": things.bicycle,
    "book": things.book,
    "bread": dishes.bread,
    "bubble-tea": drinks.bubble_tea,
    "cake": dishes.cake,
    "coffee": drinks.coffee,
    "dumplings": dishes.dumplings,
    "flowers": garden.flowers,
    "gift": things.gift,
    "noodles": dishes.noodles,
    "plant": garden.plant,
    "scissors": things.scissors,
    "soap": garden.soap,
    "tea-set": drinks.tea_set,
    "ticket": things.ticket,
    "tote": things.tote,
    "umbrella": things.umbrella,
}


def picture(motif: str, tone: str) -> bytes:
    """A PNG of 800 x 500. An unknown motif is a gift box, an unknown tone is amber."""
    colours = TONES.get(tone, TONES["amber"])
    canvas = Canvas(WIDTH, HEIGHT, colours.back)
    _backdrop(canvas, colours)
    MOTIFS.get(motif, things.gift)(canvas, colours)
    return png(canvas.finished())


def _backdrop(canvas: Canvas, tone: Tone) -> None:
    soft = lighter(tone.blob, 0.45)
    canvas.circle(90, 60, 130, soft)
    canvas.circle(745, 455, 150, soft)
    canvas.circle(400, 255, 225, tone.blob)
    for x, y, radius in (
        (118, 330, 9),
        (165, 205, 5),
        (655, 120, 8),
        (700, 250, 5),
        (250, 52, 6),
        (560, 58, 5),
    ):
        canvas.circle(x, y, radius, lighter(tone.main, 0.3))
    for x, y in ((95, 245), (690, 175), (640, 345), (170, 105)):
        canvas.line([(x - 9, y), (x + 9, y)], 5, "#ffffff")
        canvas.line([(x, y - 9), (x, y + 9)], 5, "#ffffff")
