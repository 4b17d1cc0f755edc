"""What several motifs share: shadows, steam, smiles, flowers."""

import math

from handlers.pictures.canvas import Canvas, Point, arc, darker, lighter
from handlers.pictures.tones import Tone

INK = "#4a3036"
PORCELAIN, PORCELAIN_SHADE = "#fffaf2", "#e9dccb"
LEAF, LEAF_DEEP = "#4f9f63", "#357a4d"


def shadow(canvas: Canvas, tone: Tone, y: float, rx: float) -> None:
    """What a thing casts on the table."""
    canvas.ellipse(400, y, rx, 17, darker(tone.blob, 0.13))


def steam(canvas: Canvas, x: float, y: float, height: float) -> None:
    """One curl of steam, rising from its lower end."""
    points: list[Point] = [(x - 9 * math.sin(step * 0.7), y - height * step / 12) for step in range(13)]
    canvas.curve(points, 8, "#ffffff")


def face(canvas: Canvas, x: float, y: float, size: float, colour: str = INK) -> None:
    """Two eyes, a smile and warm cheeks."""
    for side in (-1, 1):
        canvas.circle(x + side * size, y, size * 0.2, colour)
        canvas.ellipse(x + side * size * 1.5, y + size * 0.45, size * 0.34, size * 0.22, "#f4a3a0")
    canvas.ring(x, y + size * 0.15, size * 0.38, size * 0.36, size * 0.17, colour, 15, 165)


def flower(canvas: Canvas, x: float, y: float, radius: float, petal: str, heart: str) -> None:
    """Six round petals with a darker edge."""
    for fill, grown in ((darker(petal, 0.14), 1.0), (petal, 0.86)):
        for angle in range(0, 360, 60):
            px, py = arc(x, y, radius * 0.6, radius * 0.6, angle, angle)[0]
            canvas.circle(px, py, radius * 0.42 * grown, fill)
    canvas.circle(x, y, radius * 0.3, heart)
    canvas.circle(x - radius * 0.06, y - radius * 0.07, radius * 0.17, lighter(heart))


def star(canvas: Canvas, x: float, y: float, radius: float, fill: str) -> None:
    """Five points, one of them up."""
    turns = [(radius if step % 2 == 0 else radius * 0.46, -90 + step * 36) for step in range(10)]
    canvas.poly([arc(x, y, reach, reach, angle, angle)[0] for reach, angle in turns], fill)
