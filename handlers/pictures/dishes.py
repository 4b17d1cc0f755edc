"""Motifs to eat."""

from handlers.pictures.canvas import Canvas, Point, darker, lighter
from handlers.pictures.props import PORCELAIN, PORCELAIN_SHADE, face, shadow, steam
from handlers.pictures.tones import Tone


def cake(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 428, 225)
    canvas.ellipse(400, 408, 215, 30, PORCELAIN_SHADE)
    canvas.ellipse(400, 400, 215, 30, PORCELAIN)
    # The front of the slice, in layers from the plate up.
    left, right = (230.0, 248.0), (575.0, 262.0)
    for top, bottom, colour in (
        (0, 140, "#f2c178"),
        (44, 64, "#fff3e0"),
        (96, 110, lighter(tone.main, 0.25)),
    ):
        canvas.poly(
            [
                (left[0], left[1] + top),
                (right[0], right[1] + top),
                (right[0], right[1] + bottom),
                (left[0], left[1] + bottom),
            ],
            colour,
        )
    icing = tone.main
    canvas.poly([left, (500, 165), right], lighter(icing, 0.3))
    canvas.poly([(left[0], left[1] - 2), right, (right[0], right[1] + 24), (left[0], left[1] + 22)], icing)
    for x, drop in ((249, 24), (290, 46), (338, 26), (384, 54), (430, 30), (478, 48), (522, 26), (556, 40)):
        y = left[1] + (x - left[0]) * 14 / 345
        canvas.rect(x - 18, y + 6, 36, 14 + drop, 18, icing)
    # A strawberry and two swirls of cream.
    for x, y in ((395, 205), (505, 215)):
        canvas.ellipse(x, y + 10, 40, 20, "#fff9ef")
        canvas.ellipse(x, y - 6, 30, 17, "#fff9ef")
        canvas.ellipse(x, y - 19, 17, 12, "#fff9ef")
    canvas.blob([(450, 215), (412, 178), (412, 142), (450, 130), (488, 142), (488, 178)], "#e23d4f")
    canvas.blob([(450, 207), (474, 180), (480, 152), (486, 165), (478, 184)], "#c42c44")
    for x, y in ((436, 160), (462, 160), (449, 178), (428, 178), (470, 180), (449, 147)):
        canvas.ellipse(x, y, 2.6, 4, "#ffe1a6")
    for tip in ((414, 122), (432, 108), (468, 108), (486, 122)):
        canvas.blob([(450, 132), ((450 + tip[0]) / 2, tip[1] - 1), tip, ((450 + tip[0]) / 2, 137)], "#4f9d55")


def bread(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 420, 230)
    canvas.rect(178, 396, 444, 24, 12, "#9a6238")
    canvas.rect(178, 396, 444, 12, 6, "#b87a48")
    crust = "#c9803f"
    canvas.blob(
        [(240, 392), (215, 320), (270, 225), (400, 190), (530, 225), (585, 320), (560, 392), (400, 398)],
        darker(crust),
    )
    canvas.blob(
        [(244, 380), (225, 312), (278, 226), (400, 194), (516, 226), (558, 305), (530, 372), (400, 388)],
        crust,
    )
    canvas.blob([(262, 290), (300, 235), (390, 208), (470, 220), (400, 240), (310, 272)], lighter(crust, 0.28))
    for x in (300, 385, 470):
        canvas.blob([(x - 10, 322), (x - 2, 268), (x + 34, 226), (x + 22, 280)], "#f6dcae")
        canvas.curve([(x - 6, 316), (x + 4, 268), (x + 32, 230)], 4, "#a9622d")
    for x, y in (
        (280, 335),
        (345, 345),
        (430, 335),
        (515, 330),
        (365, 225),
        (450, 250),
        (535, 285),
        (255, 315),
    ):
        canvas.ellipse(x, y, 5, 3, "#fdf0d8")
    # One slice in front shows the crumb.
    with canvas.turned(-8, 520, 350):
        canvas.rect(455, 285, 128, 110, 26, "#a9622d")
        canvas.ellipse(519, 292, 76, 42, "#a9622d")
        canvas.rect(464, 290, 110, 96, 20, "#fbe6bd")
        canvas.ellipse(519, 293, 66, 33, "#fbe6bd")
    face(canvas, 519, 325, 20)
    for side in range(5):
        canvas.ellipse(168, 190 + side * 26, 12, 16, "#e8b955")
        canvas.ellipse(190, 203 + side * 26, 12, 16, "#d69f3c")
    canvas.curve([(180, 180), (178, 300), (196, 396)], 6, "#c08f35")


def noodles(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 428, 150)
    canvas.rect(330, 392, 140, 34, 10, darker(tone.main))
    canvas.sector(400, 252, 200, 158, 0, 180, tone.main)
    canvas.crescent(400, 252, 200, 158, 0, 90, 0.74, darker(tone.main, 0.12))
    for step in range(7):
        x = 248 + step * 50
        canvas.ring(x, 330 - abs(step - 3) * 4, 15, 12, 6, lighter(tone.main, 0.6))
    canvas.ellipse(400, 252, 200, 52, lighter(tone.main, 0.55))
    canvas.ellipse(400, 256, 182, 43, "#c9732f")
    canvas.ellipse(400, 260, 172, 36, "#e0914a")
    for row, (y, reach) in enumerate(((242, 105), (254, 140), (266, 150), (278, 125), (288, 75))):
        points: list[Point] = [(400 + reach * (step / 4 - 1), y + (6 if (step + row) % 2 else -5)) for step in range(9)]
        canvas.curve([(x, y + 6) for x, y in points], 6, "#e9b95c")
        canvas.curve(points, 9, "#fbe3a2")
    # Seaweed, half an egg, a slice of beef, spring onion.
    canvas.poly([(245, 246), (262, 150), (318, 158), (312, 252)], "#2f5144")
    canvas.poly([(262, 150), (318, 158), (316, 176), (259, 168)], "#3d6655")
    canvas.ellipse(345, 262, 46, 24, "#fffaf2")
    canvas.ellipse(345, 261, 24, 13, "#f7a823")
    canvas.blob([(412, 276), (432, 258), (475, 256), (492, 272), (460, 290)], "#9a4c3a")
    canvas.curve([(428, 272), (450, 264), (476, 270)], 4, "#c77a61")
    for x, y in ((395, 244), (500, 246), (520, 262), (408, 288), (300, 280), (470, 240)):
        canvas.ring(x, y, 6, 4, 4, "#5fae57")
    # Chopsticks lift some noodles.
    for dx in (-17, -6, 5, 16):
        canvas.curve([(448 + dx, 118), (446 + dx * 1.2, 170), (440 + dx * 1.5, 238)], 7, "#fbe3a2")
    canvas.line([(425, 128), (640, 62)], 11, "#7a3d2c")
    canvas.line([(425, 112), (632, 36)], 11, "#93503a")
    for x, height in ((270, 60), (345, 80)):
        steam(canvas, x + 10, 138, height)


def dumplings(canvas: Canvas, tone: Tone) -> None:
    shadow(canvas, tone, 432, 235)
    wood, rim = "#d9a866", "#b98345"
    canvas.rect(190, 300, 420, 108, 0, wood)
    canvas.ellipse(400, 406, 210, 22, wood)
    canvas.rect(190, 330, 420, 16, 0, rim)
    canvas.rect(190, 382, 420, 16, 0, rim)
    for x in range(215, 610, 34):
        canvas.line([(x, 350), (x, 378)], 3, darker(wood, 0.14))
    canvas.rect(378, 318, 44, 92, 8, tone.main)
    canvas.ellipse(400, 300, 210, 56, rim)
    canvas.ellipse(400, 302, 192, 47, lighter(wood, 0.45))
    for x in range(-150, 151, 50):
        canvas.line([(400 + x, 262 + abs(x) * 0.07), (400 + x, 340 - abs(x) * 0.07)], 3, "#e3c08a")
    canvas.blob([(255, 318), (300, 342), (330, 318), (290, 300)], "#7fb85f")
    canvas.blob([(480, 338), (530, 336), (560, 312), (505, 305)], "#6aa84f")
    for x, y, size in ((318, 238, 0.9), (482, 238, 0.9), (400, 270, 1.12)):
        _dumpling(canvas, x, y, size)
    face(canvas, 400, 290, 19)
    for x, height in ((285, 62), (400, 84), (515, 62)):
        steam(canvas, x, 158, height)


def _dumpling(canvas: Canvas, x: float, y: float, size: float) -> None:
    def at(dx: float, dy: float) -> Point:
        return x + dx * size, y + dy * size

    canvas.blob(
        [
            at(-100, 36),
            at(-76, -8),
            at(-30, -42),
            at(30, -42),
            at(76, -8),
            at(100, 36),
            at(60, 62),
            at(-60, 62),
        ],
        "#ead9bd",
    )
    canvas.blob(
        [
            at(-94, 32),
            at(-72, -6),
            at(-30, -36),
            at(30, -36),
            at(72, -6),
            at(94, 32),
            at(56, 52),
            at(-56, 52),
        ],
        "#fff8ea",
    )
    for dx, dy in ((-66, -16), (-40, -38), (-13, -48), (13, -48), (40, -38), (66, -16)):
        canvas.ellipse(*at(dx, dy), 15 * size, 13 * size, "#fff8ea")
        canvas.curve([at(dx, dy + 2), at(dx * 0.82, dy + 28)], 4 * size, "#e0cba8")
