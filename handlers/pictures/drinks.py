"""Motifs to drink."""

from handlers.pictures.canvas import Canvas, arc, darker, lighter, mixed
from handlers.pictures.props import PORCELAIN, PORCELAIN_SHADE, face, shadow, steam
from handlers.pictures.tones import Tone


def coffee(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 425, 205)
    canvas.ellipse(400, 408, 190, 24, PORCELAIN_SHADE)
    canvas.ellipse(400, 401, 190, 24, PORCELAIN)
    canvas.ellipse(400, 400, 120, 13, PORCELAIN_SHADE)
    canvas.ring(522, 268, 44, 46, 22, darker(tone.main))
    canvas.rect(345, 370, 110, 28, 12, darker(tone.main))
    canvas.sector(400, 222, 135, 170, 0, 180, tone.main)
    canvas.crescent(400, 222, 135, 170, 0, 90, 0.72, darker(tone.main, 0.12))
    canvas.crescent(400, 222, 122, 150, 112, 165, 0.9, lighter(tone.main))
    canvas.ellipse(400, 222, 135, 30, lighter(tone.main, 0.5))
    canvas.ellipse(400, 224, 120, 23, "#6b3f2a")
    canvas.ellipse(400, 227, 112, 18, "#8a5638")
    _heart(canvas, 400, 227, 34, 11, "#f7e3c8")
    for x, height in ((345, 72), (400, 100), (455, 72)):
        steam(canvas, x, 182, height)


def _heart(canvas: Canvas, x: float, y: float, rx: float, ry: float, fill: str) -> None:
    canvas.blob(
        [
            (x, y + ry),
            (x - rx * 0.75, y + ry * 0.1),
            (x - rx * 0.85, y - ry * 0.6),
            (x - rx * 0.4, y - ry * 0.9),
            (x, y - ry * 0.35),
            (x + rx * 0.4, y - ry * 0.9),
            (x + rx * 0.85, y - ry * 0.6),
            (x + rx * 0.75, y + ry * 0.1),
        ],
        fill,
    )


def bubble_tea(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 440, 120)
    canvas.line([(468, 30), (425, 220)], 24, darker(tone.main))
    canvas.line([(464, 30), (421, 220)], 12, lighter(tone.main, 0.25))
    canvas.sector(400, 160, 100, 74, 180, 360, "#ffffff")
    canvas.crescent(400, 160, 100, 74, 300, 360, 0.8, mixed(tone.blob, "#ffffff", 0.4))
    canvas.poly([(300, 170), (500, 170), (473, 420), (327, 420)], "#fdf6ec")
    canvas.rect(327, 400, 146, 38, 18, "#fdf6ec")
    canvas.poly([(309, 205), (491, 205), (467, 418), (333, 418)], "#dcae82")
    canvas.rect(333, 396, 134, 36, 14, "#dcae82")
    canvas.blob([(307, 205), (352, 232), (396, 206), (446, 238), (493, 205), (400, 192)], "#f7e6d0")
    canvas.poly([(452, 214), (478, 210), (456, 416), (438, 416)], "#cf9c6d")
    canvas.rect(282, 154, 236, 24, 12, tone.main)
    canvas.rect(282, 166, 236, 12, 6, darker(tone.main))
    for x, y in (
        (350, 412),
        (384, 414),
        (418, 412),
        (448, 410),
        (366, 386),
        (401, 388),
        (436, 384),
        (345, 368),
        (452, 356),
    ):
        canvas.circle(x, y, 16, "#3d2328")
        canvas.circle(x - 5, y - 6, 4, "#8a6468")
    face(canvas, 396, 290, 32)
    canvas.line([(322, 218), (336, 350)], 8, "#fdf6ec")


def tea_set(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 432, 245)
    canvas.rect(150, 398, 520, 30, 14, "#8a5a3a")
    canvas.rect(150, 398, 520, 15, 8, "#a9744c")
    glaze = mixed(tone.main, "#6f9c8c", 0.55)
    # Handle over the pot, spout, body, lid.
    canvas.ring(330, 190, 92, 88, 15, "#7a4a2c", 180, 360)
    canvas.line([(238, 190), (246, 250)], 15, "#7a4a2c")
    canvas.line([(422, 190), (414, 250)], 15, "#7a4a2c")
    spout = [(410, 290), (452, 268), (474, 216), (508, 190), (522, 204), (502, 240), (488, 310), (425, 372)]
    canvas.blob(spout, darker(glaze, 0.1))
    canvas.blob(
        [(190, 300), (230, 235), (330, 212), (430, 235), (470, 300), (440, 385), (330, 402), (220, 385)],
        glaze,
    )
    canvas.blob([(430, 237), (470, 300), (440, 385), (330, 402), (400, 360), (428, 300)], darker(glaze, 0.12))
    canvas.blob([(212, 300), (240, 252), (290, 232), (258, 262), (232, 310)], lighter(glaze))
    canvas.ellipse(330, 225, 78, 20, darker(glaze, 0.22))
    canvas.sector(330, 222, 74, 42, 180, 360, lighter(glaze, 0.15))
    canvas.circle(330, 176, 17, "#7a4a2c")
    canvas.circle(326, 171, 6, "#a9744c")
    # A branch in bloom, painted on the pot.
    canvas.curve([(245, 370), (290, 340), (320, 300), (372, 285)], 6, "#5a3a2c")
    for x, y in ((290, 338), (320, 300), (372, 285), (345, 315), (268, 350)):
        for angle in range(0, 360, 72):
            px, py = arc(x, y, 9, 9, angle, angle)[0]
            canvas.circle(px, py, 6.5, "#fff4f2")
        canvas.circle(x, y, 4.5, "#e8697a")
    for x in (530, 618):
        canvas.rect(x - 20, 388, 40, 12, 5, darker(glaze, 0.25))
        canvas.sector(x, 334, 40, 62, 0, 180, glaze if x < 600 else lighter(glaze, 0.12))
        canvas.crescent(x, 334, 40, 62, 0, 90, 0.6, darker(glaze, 0.12))
        canvas.ellipse(x, 334, 40, 11, lighter(glaze, 0.5))
        canvas.ellipse(x, 335, 33, 8, "#c98c3c")
    for x in (548, 622):
        steam(canvas, x, 312, 52)
