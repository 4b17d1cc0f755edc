"""Motifs to keep, to wear and to do."""

import math

from handlers.pictures.canvas import Canvas, Point, arc, darker, lighter, mixed, smooth
from handlers.pictures.props import INK, LEAF, LEAF_DEEP, flower, shadow, star
from handlers.pictures.tones import Tone


def gift(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 424, 185)
    band = "#fff4df"
    canvas.rect(250, 245, 300, 175, 14, darker(tone.main, 0.1))
    canvas.rect(250, 245, 150, 175, 14, tone.main)
    canvas.rect(300, 245, 194, 175, 0, tone.main)
    canvas.rect(376, 245, 48, 175, 0, band)
    canvas.rect(232, 205, 336, 62, 14, lighter(tone.main, 0.14))
    canvas.rect(232, 250, 336, 17, 8, darker(tone.main, 0.16))
    canvas.rect(374, 205, 52, 62, 0, "#ffffff")
    for side in (-1, 1):
        canvas.blob([(400, 200), (400 + side * 45, 130), (400 + side * 108, 128), (400 + side * 92, 188)], tone.deep)
        canvas.blob(
            [(400, 198), (400 + side * 52, 152), (400 + side * 84, 152), (400 + side * 72, 182)],
            darker(tone.deep),
        )
        canvas.poly([(400, 196), (400 + side * 26, 200), (400 + side * 72, 246), (400 + side * 40, 250)], tone.deep)
    canvas.rect(378, 176, 44, 40, 14, lighter(tone.deep, 0.2))


def book(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 418, 240)
    canvas.poly([(178, 186), (400, 214), (622, 186), (622, 398), (400, 420), (178, 398)], tone.deep)
    canvas.poly([(178, 186), (400, 214), (622, 186), (622, 386), (400, 408), (178, 386)], tone.main)
    for side in (-1, 1):
        for inset, fill in ((0, "#e3d3b8"), (8, "#fffaf0")):
            outer = 206 - inset * 1.1
            top = smooth([(400, 196), (400 + side * 70, 160), (400 + side * 150, 160), (400 + side * outer, 176)])
            bottom = smooth([(400 + side * outer, 376), (400 + side * 150, 360), (400 + side * 70, 362), (400, 396)])
            canvas.poly([*top, *((x, y - inset * 0.6) for x, y in bottom)], fill)
        for row in range(6):
            y = 200 + row * 26
            if side < 0 and row < 3:
                continue
            end = 170 if row % 3 != 2 else 120
            canvas.curve([(400 + side * 36, y + 12), (400 + side * 90, y - 4), (400 + side * end, y - 2)], 6, "#d8c8b2")
    canvas.poly([(396, 198), (404, 198), (406, 396), (394, 396)], "#d9c7aa")
    # A picture on the left page, a ribbon, and letters that fly away.
    canvas.ellipse(300, 216, 54, 34, lighter(tone.main, 0.55))
    canvas.poly([(262, 238), (290, 204), (310, 226), (326, 212), (346, 238)], tone.main)
    canvas.circle(330, 200, 9, "#f7b733")
    canvas.poly([(470, 168), (500, 166), (500, 250), (485, 234), (470, 250)], "#e2566a")
    _crane(canvas, 418, 108, tone)


def _crane(canvas: Canvas, x: float, y: float, tone: Tone) -> None:
    white, shade = "#ffffff", mixed(tone.blob, "#8fa3b5", 0.35)
    canvas.poly([(x - 70, y - 52), (x - 2, y + 26), (x + 20, y)], shade)
    canvas.poly([(x + 62, y - 62), (x - 14, y + 6), (x + 22, y + 28)], white)
    canvas.poly([(x - 40, y + 6), (x + 52, y + 8), (x + 6, y + 44)], white)
    canvas.poly([(x + 6, y + 44), (x + 52, y + 8), (x + 16, y + 12)], shade)
    canvas.poly([(x - 30, y + 10), (x - 96, y - 2), (x - 84, y + 12), (x - 22, y + 30)], white)
    canvas.poly([(x - 96, y - 2), (x - 114, y + 14), (x - 84, y + 10)], tone.main)
    canvas.poly([(x + 38, y + 10), (x + 98, y - 22), (x + 40, y + 26)], shade)


def umbrella(canvas: Canvas, tone: Tone) -> None:
    for x, y in ((150, 170), (215, 395), (600, 380), (662, 300), (255, 320), (560, 290), (128, 290)):
        canvas.blob([(x, y - 20), (x - 9, y + 3), (x, y + 13), (x + 9, y + 3)], "#5aaee3")
        canvas.circle(x - 3, y + 4, 2.4, "#d7effc")
    canvas.line([(400, 70), (400, 400)], 12, "#7a4a2c")
    canvas.ring(366, 400, 34, 34, 15, "#7a4a2c", 0, 180)
    canvas.line([(400, 56), (400, 82)], 12, tone.deep)
    edges = [-1.0, -0.52, 0.0, 0.52, 1.0]
    fills = [darker(tone.main, 0.02), lighter(tone.main, 0.42), tone.main, lighter(tone.main, 0.3)]
    for left, right, fill in zip(edges, edges[1:], fills, strict=False):
        rise = smooth([(400 + right * 215, 262), (400 + (left + right) * 107.5, 226), (400 + left * 215, 262)])
        canvas.poly([*_rib(left), *reversed(rise), *reversed(_rib(right))], fill)
    for edge in edges[1:-1]:
        canvas.line(_rib(edge), 3, darker(tone.main, 0.15))
    for edge in edges:
        canvas.circle(400 + edge * 215, 262, 6, tone.deep)
    canvas.curve([(232, 190), (268, 138), (318, 106)], 9, lighter(tone.main, 0.6))


def _rib(share: float) -> list[Point]:
    turns = [math.radians(90 * step / 24) for step in range(25)]
    return [(400 + share * 215 * math.sin(turn), 262 - 180 * math.cos(turn)) for turn in turns]


def bicycle(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 436, 245)
    for x in (255, 545):
        canvas.ring(x, 335, 92, 92, 15, INK)
        canvas.ring(x, 335, 80, 80, 5, "#fff7ea")
        for angle in range(0, 180, 30):
            ends = arc(x, 335, 78, 78, angle, angle)[0], arc(x, 335, 78, 78, angle + 180, angle + 180)[0]
            canvas.line(ends, 2.4, mixed(tone.blob, INK, 0.45))
        canvas.circle(x, 335, 13, tone.deep)
    frame = tone.main
    canvas.line([(255, 335), (330, 208)], 13, darker(frame))
    canvas.line([(255, 335), (388, 340)], 13, darker(frame))
    canvas.line([(330, 208), (388, 340), (508, 212)], 15, frame)
    canvas.line([(334, 216), (506, 206)], 15, frame)
    canvas.line([(490, 150), (545, 335)], 15, frame)
    canvas.line([(316, 182), (332, 212)], 11, INK)
    canvas.blob([(262, 168), (300, 164), (362, 168), (364, 180), (310, 192), (270, 186)], INK)
    canvas.curve([(490, 150), (484, 128), (450, 118), (424, 126)], 11, INK)
    canvas.line([(428, 126), (446, 119)], 17, "#8a5a3a")
    canvas.circle(388, 340, 29, darker(tone.deep))
    canvas.circle(388, 340, 18, lighter(tone.main, 0.5))
    canvas.line([(372, 304), (404, 376)], 8, INK)
    for x, y in ((366, 302), (410, 378)):
        canvas.line([(x - 12, y), (x + 14, y)], 10, INK)
    for x, y, petal in ((532, 104, "#ffffff"), (606, 106, "#ffd166"), (568, 84, "#ff9aa8")):
        flower(canvas, x - 12, y + 6, 27, petal, "#f7b733")
    canvas.line([(505, 200), (540, 200)], 9, INK)
    canvas.poly([(506, 134), (640, 134), (622, 214), (524, 214)], "#c98f52")
    for row in range(3):
        canvas.line([(512 + row * 5, 156 + row * 20), (634 - row * 5, 156 + row * 20)], 4, "#a56f38")
    for step in range(5):
        canvas.line([(530 + step * 22, 138), (538 + step * 17.5, 210)], 4, "#a56f38")
    canvas.rect(498, 126, 150, 16, 8, "#b57b40")


def tote(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 440, 175)
    canvas.ring(400, 190, 74, 120, 17, darker(tone.main, 0.1), 180, 360)
    with canvas.turned(14, 480, 150):
        canvas.rect(462, 70, 50, 190, 24, "#d39a55")
        for y in (96, 130, 164):
            canvas.line([(474, y + 8), (500, y - 6)], 7, "#f2d29d")
    for x, y, angle in ((318, 160, -28), (352, 140, -8), (292, 186, -48)):
        with canvas.turned(angle, x, y + 50):
            canvas.blob([(x, y - 46), (x - 24, y + 6), (x, y + 66), (x + 24, y + 6)], LEAF)
            canvas.line([(x, y - 26), (x, y + 60)], 3.5, LEAF_DEEP)
    canvas.poly([(252, 188), (548, 188), (566, 412), (546, 434), (254, 434), (234, 412)], "#e7d6b8")
    canvas.poly([(252, 188), (548, 188), (563, 400), (540, 424), (260, 424), (237, 400)], "#fff6e3")
    canvas.poly([(506, 188), (548, 188), (563, 400), (540, 424), (520, 424)], "#f3e4c8")
    canvas.line([(262, 208), (538, 208)], 3, "#dcc6a0")
    canvas.ring(400, 190, 74, 132, 17, tone.main, 180, 360)
    for x in (326, 474):
        canvas.rect(x - 15, 184, 30, 46, 6, tone.main)
        canvas.line([(x - 7, 196), (x + 7, 216)], 3, lighter(tone.main, 0.6))
        canvas.line([(x + 7, 196), (x - 7, 216)], 3, lighter(tone.main, 0.6))
    canvas.circle(396, 318, 76, lighter(tone.main, 0.35))
    canvas.circle(396, 318, 66, tone.main)
    canvas.circle(396, 296, 22, "#ffe9b0")
    for y, fill in ((322, lighter(tone.main, 0.55)), (346, "#ffffff")):
        canvas.curve([(346, y), (371, y - 11), (396, y), (421, y + 11), (446, y)], 10, fill)


def scissors(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 440, 190)
    with canvas.turned(18, 265, 260):
        canvas.rect(236, 110, 52, 290, 18, tone.deep)
        for row in range(18):
            canvas.rect(280, 132 + row * 14, 66, 8, 4, tone.deep)
        canvas.rect(244, 124, 10, 262, 5, lighter(tone.deep, 0.25))
    steel, shade = "#f2f5f8", "#c3ccd6"
    for side, fill, edge in ((1, shade, "#a9b4c0"), (-1, steel, shade)):
        with canvas.turned(side * 17, 455, 250):
            canvas.poly(
                [(455 - side * 3, 46), (455 + side * 19, 84), (455 + side * 19, 270), (455 - side * 15, 270)],
                fill,
            )
            canvas.poly(
                [(455 - side * 3, 46), (455 + side * 5, 60), (455 - side * 4, 270), (455 - side * 15, 270)],
                edge,
            )
            canvas.line([(455, 262), (455, 318)], 26, tone.main)
            canvas.ring(455 + side * 6, 366, 38, 50, 19, darker(tone.main, 0.12) if side > 0 else tone.main)
    canvas.circle(455, 256, 14, "#8894a3")
    canvas.line([(449, 250), (461, 262)], 4, "#e6ebf0")
    for x, y in ((570, 140), (610, 200), (330, 90)):
        canvas.poly(
            [
                (x, y - 24),
                (x + 7, y - 7),
                (x + 24, y),
                (x + 7, y + 7),
                (x, y + 24),
                (x - 7, y + 7),
                (x - 24, y),
                (x - 7, y - 7),
            ],
            "#ffffff",
        )


def ticket(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 438, 225)
    for x, y, radius in (
        (468, 168, 30),
        (510, 150, 34),
        (556, 168, 30),
        (490, 190, 28),
        (534, 186, 30),
        (578, 192, 24),
    ):
        canvas.circle(x, y, radius, "#ffe9b3")
        canvas.circle(x - 7, y - 7, radius * 0.62, "#fff8df")
        canvas.ring(x + 4, y + 4, radius * 0.4, radius * 0.4, 4, "#f3cd7c", 20, 130)
    top, bottom = (442, 606), (466, 582)
    for step in range(6):
        left, right = step / 6, (step + 1) / 6
        fill = "#fff8f0" if step % 2 else "#df4a56"
        canvas.poly(
            [
                (top[0] + (top[1] - top[0]) * left, 200),
                (top[0] + (top[1] - top[0]) * right, 200),
                (bottom[0] + (bottom[1] - bottom[0]) * right, 430),
                (bottom[0] + (bottom[1] - bottom[0]) * left, 430),
            ],
            fill,
        )
    canvas.ellipse(524, 306, 42, 42, "#fff8f0")
    star(canvas, 524, 306, 28, "#f7b733")
    for angle, x, y, fill in ((-22, 318, 250, lighter(tone.main, 0.3)), (-7, 322, 322, tone.main)):
        with canvas.turned(angle, x, y):
            _stub(canvas, x, y, 160, 66, 20, darker(fill, 0.2))
            _stub(canvas, x, y - 6, 160, 66, 20, fill)
            _stub(canvas, x, y - 6, 146, 53, 14, lighter(fill, 0.25))
            _stub(canvas, x, y - 6, 142, 49, 14, fill)
            for row in range(7):
                canvas.circle(x + 76, y - 56 + row * 17, 4, lighter(fill, 0.6))
            star(canvas, x - 70, y - 6, 38, "#fff4d6")
            for row, length in ((-26, 62), (-4, 62), (18, 40)):
                canvas.line([(x - 14, y + row), (x - 14 + length, y + row)], 9, lighter(fill, 0.6))


def _stub(canvas: Canvas, x: float, y: float, half: float, height: float, notch: float, fill: str) -> None:
    right = arc(x + half, y, notch, notch, -90, -270)
    left = arc(x - half, y, notch, notch, 90, -90)
    canvas.poly(
        [
            (x - half, y - height),
            (x + half, y - height),
            *right,
            (x + half, y + height),
            (x - half, y + height),
            *left,
        ],
        fill,
    )
