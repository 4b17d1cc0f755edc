"""Motifs that grow, or smell as if they did."""

from handlers.pictures.canvas import Canvas, Point, darker, lighter, mixed
from handlers.pictures.props import LEAF, LEAF_DEEP, face, flower, shadow
from handlers.pictures.tones import Tone


def flowers(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 440, 110)
    for x in (366, 388, 411, 434):
        canvas.line([(400, 380), (x, 440)], 8, LEAF_DEEP)
    for x, y, angle in ((262, 215, -50), (540, 215, 50), (300, 120, -25), (505, 118, 28), (400, 92, 0)):
        with canvas.turned(angle, x, y):
            canvas.blob([(x, y - 52), (x - 24, y), (x, y + 52), (x + 24, y)], LEAF)
            canvas.line([(x, y - 34), (x, y + 40)], 3, LEAF_DEEP)
    yellow, white = "#f7b733", "#fff7ee"
    bloom = mixed(tone.main, "#f0708c", 0.45)
    for x, y, radius, petal, heart in (
        (305, 190, 46, lighter(bloom, 0.35), yellow),
        (497, 188, 46, white, yellow),
        (360, 132, 42, white, yellow),
        (448, 128, 44, lighter(bloom, 0.1), "#ffe7a3"),
        (400, 205, 56, bloom, "#ffe7a3"),
        (330, 248, 36, white, yellow),
        (474, 250, 38, lighter(bloom, 0.45), yellow),
    ):
        flower(canvas, x, y, radius, petal, heart)
    paper = "#fff8ec"
    canvas.poly([(282, 255), (400, 300), (518, 255), (438, 408), (362, 408)], "#e8d8bf")
    canvas.blob([(272, 246), (330, 268), (392, 312), (432, 400), (400, 416), (360, 404)], paper)
    canvas.blob([(530, 246), (470, 268), (420, 308), (398, 380), (412, 414), (440, 404)], "#f3e6d0")
    canvas.rect(352, 372, 96, 26, 12, tone.deep)
    for side in (-1, 1):
        canvas.blob(
            [(400, 385), (400 + side * 30, 360), (400 + side * 58, 368), (400 + side * 40, 394)],
            lighter(tone.deep, 0.15),
        )
        canvas.line([(400, 390), (400 + side * 24, 428)], 11, tone.deep)
    canvas.circle(400, 385, 12, darker(tone.deep))


def plant(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 440, 130)
    for points in (
        [(400, 330), (385, 250), (312, 183)],
        [(400, 330), (410, 220), (425, 130)],
        [(405, 330), (450, 260), (510, 205)],
        [(395, 330), (350, 290), (290, 280)],
        [(405, 330), (460, 300), (505, 300)],
    ):
        canvas.curve(points, 9, LEAF_DEEP)
    for x, y, size, angle, fill in (
        (285, 282, 0.62, -78, LEAF_DEEP),
        (516, 300, 0.6, 82, LEAF_DEEP),
        (298, 168, 0.94, -46, LEAF),
        (524, 190, 0.92, 46, mixed(LEAF, "#7cc06f", 0.5)),
        (424, 118, 1.05, 6, mixed(LEAF, "#2f7a58", 0.35)),
    ):
        _monstera(canvas, x, y, size, angle, fill, tone.blob)
    clay = mixed("#cf7748", tone.main, 0.22)
    canvas.poly([(312, 330), (488, 330), (464, 436), (336, 436)], clay)
    canvas.poly([(440, 330), (488, 330), (464, 436), (428, 436)], darker(clay, 0.12))
    canvas.rect(296, 304, 208, 42, 12, lighter(clay, 0.12))
    canvas.rect(296, 334, 208, 12, 6, darker(clay, 0.15))
    face(canvas, 394, 378, 22)


def _monstera(canvas: Canvas, x: float, y: float, size: float, angle: float, fill: str, gap: str) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * size, y + dy * size

    outline = (
        (0, -78),
        (42, -62),
        (66, -14),
        (58, 34),
        (28, 58),
        (0, 42),
        (-28, 58),
        (-58, 34),
        (-66, -14),
        (-42, -62),
    )
    with canvas.turned(angle, x, y):
        canvas.blob([at(dx, dy) for dx, dy in outline], fill)
        for side in (-1, 1):
            # The slits show the wall: that is what makes it a monstera.
            for rise in (-38, -6, 26):
                canvas.poly([at(side * 24, rise - 2), at(side * 68, rise - 20), at(side * 68, rise - 6)], gap)
            for rise in (-28, 4):
                canvas.line([at(0, rise + 12), at(side * 40, rise - 6)], 3 * size, darker(fill, 0.2))
        canvas.line([at(0, -62), at(0, 46)], 5 * size, darker(fill, 0.25))


def soap(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 430, 225)
    for y, fill in ((404, "#8f5f3c"), (392, "#b98352")):
        canvas.rect(190, y, 420, 22, 11, fill)
    for x in (238, 538):
        canvas.rect(x, 412, 26, 20, 6, "#8f5f3c")
    canvas.rect(236, 246, 328, 152, 50, darker(tone.main, 0.06))
    canvas.rect(236, 232, 328, 148, 50, lighter(tone.main, 0.42))
    canvas.rect(254, 246, 292, 116, 40, lighter(tone.main, 0.55))
    canvas.rect(254, 252, 292, 116, 40, lighter(tone.main, 0.46))
    canvas.rect(340, 232, 120, 166, 0, "#e9dcc6")
    canvas.rect(340, 232, 120, 150, 0, "#fff8ec")
    canvas.curve([(366, 352), (392, 318), (424, 268)], 5, LEAF_DEEP)
    for x, y, angle in ((380, 338, -75), (408, 322, 70), (396, 298, -60), (428, 284, 50)):
        with canvas.turned(angle, x, y):
            canvas.blob([(x, y - 24), (x - 9, y), (x, y + 18), (x + 9, y)], LEAF)
    for x, y in ((402, 318), (418, 298), (388, 322), (410, 276), (424, 264)):
        flower(canvas, x, y, 11, "#f9b234", "#fff0b8")
    canvas.curve([(276, 290), (284, 268), (312, 258)], 9, "#ffffff")
    for x, y, radius in (
        (250, 210, 40),
        (304, 158, 27),
        (520, 196, 34),
        (566, 140, 22),
        (470, 138, 18),
        (228, 130, 18),
        (600, 222, 15),
        (384, 112, 22),
    ):
        canvas.circle(x, y, radius, lighter(tone.blob, 0.55))
        canvas.ring(x, y, radius, radius, 4, "#ffffff")
        canvas.ring(x, y, radius * 0.66, radius * 0.66, radius * 0.14, "#ffffff", 195, 255)
