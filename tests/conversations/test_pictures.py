"""Pictures decode back: what a phone's camera reads from a card is the link that went in."""

import io
import sys
from collections.abc import Callable
from itertools import groupby

import pytest
import segno
from PIL import Image

from bot.town import load_town
from handlers.pictures import fonts
from handlers.pictures.cards import qr_card, voucher_card
from handlers.pictures.charts import ChartsUnavailable, bars
from handlers.pictures.funnels import Step, funnel
from handlers.pictures.outcomes import Span, Stage, outcome
from handlers.pictures.scenes import MOTIFS, picture
from handlers.pictures.tones import TONES

INVITE = "https://t.me/perkchat_bot?start=r_ANA4K7"
VOUCHER = "https://t.me/perkchat_bot?start=v_7HQ2MX9RTB4K"

Grid = list[list[bool]]

HARD_TEXTS = {
    "empty": "",
    "blank": " \n\t ",
    "long": "Maximiliane-Alexandra " * 10,
    "one long word": "x" * 200,
    "long Chinese": "生意兴隆通四海财源茂盛达三江" * 15,
    "emoji only": "🎉👩‍👩‍👧‍👦🇹🇼",
    "right to left": "שלום عليكم",
    "direction override": "Ana\u202e gnp.exe",
    "combining": "Z̸̡̛͎̦a̵͖l̶̰g̴̱o",
    "controls and markup": "a\x00b\x1b<b>&amp;\ufffe\ud800",
}


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def dark(image: Image.Image) -> Grid:
    grey, width = image.convert("L").tobytes(), image.width
    return [[value < 128 for value in grey[start : start + width]] for start in range(0, len(grey), width)]


def finder(line: list[bool], unit_min: int = 2) -> tuple[int, int, int] | None:
    """Start of the first and end of the last finder pattern (1:1:3:1:1), and the pixels of a module."""
    runs: list[tuple[int, int, bool]] = []
    place = 0
    for is_dark, run in groupby(line):
        length = len(list(run))
        runs.append((place, length, is_dark))
        place += length
    found = []
    for index in range(len(runs) - 4):
        start, unit, is_dark = runs[index]
        lengths = [length for _, length, _ in runs[index : index + 5]]
        if is_dark and unit >= unit_min and lengths == [unit, unit, 3 * unit, unit, unit]:
            found.append((start, start + 7 * unit, unit))
    return (found[0][0], found[-1][1], found[0][2]) if len(found) > 1 else None


def read_modules(png: bytes) -> Grid:
    """Finds the code as a scanner does, by its finder patterns, and samples every module at its centre."""
    rows = dark(decoded(png))
    columns = [list(column) for column in zip(*rows, strict=True)]
    left, right, unit = next(hit for hit in map(finder, rows) if hit)
    top, bottom, _ = next(hit for hit in map(finder, columns) if hit)
    quiet = range(1, 4 * unit)
    assert not any(rows[top - away][x] or rows[bottom - 1 + away][x] for away in quiet for x in range(left, right))
    assert not any(rows[y][left - away] or rows[y][right - 1 + away] for away in quiet for y in range(top, bottom))
    half = unit // 2
    return [[rows[y + half][x + half] for x in range(left, right, unit)] for y in range(top, bottom, unit)]


def modules_of(link: str) -> Grid:
    return [[bool(module) for module in row] for row in segno.make(link, error="m", micro=False).matrix]


@pytest.mark.parametrize("link", [INVITE, VOUCHER, "x", "https://example.org/" + "é语" * 60])
def test_the_cards_can_be_scanned(link: str) -> None:
    assert read_modules(qr_card(link, "Ana invites you", "ANA4K7", "Scan me")) == modules_of(link)
    card = voucher_card(link, "Flat white", "Harbour Coffee", "7HQ2MX9RTB4K", "Valid until 21 December")
    assert read_modules(card) == modules_of(link)


def test_the_card_of_another_link_reads_differently() -> None:
    assert read_modules(qr_card(INVITE, "Ana", "ANA4K7", "")) != modules_of(INVITE[:-1] + "8")


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_hard_texts_spoil_no_picture(text: str) -> None:
    card = qr_card(INVITE, text, text, text)
    assert decoded(card).size == (800, 1000)
    assert read_modules(card) == modules_of(INVITE)
    assert read_modules(voucher_card(VOUCHER, text, text, text, text)) == modules_of(VOUCHER)
    assert decoded(bars(text, [text, text], [(text, "#3fae86", [3, 5])], text)).size == (800, 500)
    assert decoded(bars(text, [], [], text, text)).size == (800, 500)
    assert decoded(picture(text, text)).size == (800, 500)


def test_a_card_needs_a_link_that_a_code_can_hold() -> None:
    for link in ("", "x" * 5000):
        with pytest.raises(ValueError):
            qr_card(link, "Ana", "ANA4K7", "")


def test_long_texts_stay_inside_the_ticket() -> None:
    long = "Six pan-fried dumplings with everything that the kitchen has " * 4
    plain = decoded(voucher_card(VOUCHER, "", "", "", ""))
    full = decoded(voucher_card(VOUCHER, long, long, "7HQ2MX9RTB4K" * 3, long))
    for edge in ((0, 0, 90, 1000), (710, 0, 800, 1000), (0, 0, 800, 80), (0, 930, 800, 1000)):
        assert plain.crop(edge).tobytes() == full.crop(edge).tobytes()


def test_what_the_font_lacks_is_dropped_and_the_rest_stays() -> None:
    assert fonts.clean("  小林 🎉 invites\nyou 👩‍👩‍👧") == "小林 invites you"
    assert fonts.clean("美玲・Zoë Жанна") == "美玲・Zoë Жанна"
    assert fonts.clean("Ana\u202e\u200fx\x00") == "Anax"


def test_text_is_wrapped_between_words_and_between_chinese_characters() -> None:
    lines = fonts.wrapped("Both of us get points after your first purchase", 30, 300, 4)
    assert " ".join(lines) == "Both of us get points after your first purchase"
    assert all(fonts.width(line, 30) <= 300 for line in lines)
    chinese = fonts.wrapped("扫一扫，首次消费后，你我各得积分。", 30, 182, 4)
    assert "".join(chinese) == "扫一扫，首次消费后，你我各得积分。"
    assert not any(line[0] in "，。" for line in chinese)
    assert fonts.wrapped("One two three four five six", 30, 150, 1)[0].endswith("…")
    assert fonts.wrapped("", 30, 150, 2) == []


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_is_a_picture_of_its_own_in_every_tone(motif: str) -> None:
    pictures = {picture(motif, tone) for tone in TONES}
    assert len(pictures) == len(TONES)
    assert motif == "gift" or picture("gift", "rose") not in pictures


def test_an_unknown_motif_is_a_gift_box_and_an_unknown_tone_is_amber() -> None:
    assert picture("hovercraft", "rose") == picture("gift", "rose")
    assert picture("coffee", "plaid") == picture("coffee", "amber")


def test_the_town_asks_for_pictures_that_there_are() -> None:
    town = load_town()
    looks = [(merchant.motif, merchant.tone) for merchant in town.merchants]
    looks += [(reward.motif, reward.tone) for reward in town.rewards]
    looks += [(deal.motif, deal.tone) for deal in town.deals]
    assert {motif for motif, _ in looks} <= MOTIFS.keys()
    assert {tone for _, tone in looks} <= TONES.keys()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: qr_card(INVITE, "小林", "XL88Q2", "扫一扫"),
        lambda: voucher_card(VOUCHER, "Flat white", "Harbour Coffee", "7HQ2MX9RTB4K", ""),
        lambda: picture("noodles", "mint"),
        lambda: bars("积分", ["一", "二"], [("发放", "#9070d3", [3, 4.5])], "分"),
        lambda: funnel("咖啡豆", [Step("#9070d3", ("看过", 4), ("参与", 1), 25)], "没有"),
        lambda: outcome(
            "半价", [Stage("收件人", 4, ""), Stage("已送出", 1, "25 %")], [Span("写法 A", 1, 2, 4)], "没有"
        ),
    ],
)
def test_the_same_facts_give_the_same_bytes(draw: Callable[[], bytes]) -> None:
    assert draw() == draw()


def height_of(colour: tuple[int, int, int], png: bytes, left: int = 0, right: int = 800) -> int:
    image = decoded(png).crop((left, 120, right, 460))
    return sum(1 for y in range(image.height) if any(image.getpixel((x, y)) == colour for x in range(image.width)))


def test_bars_are_as_high_as_their_values() -> None:
    chart = bars("Points", ["a", "b"], [("given", "#3fae86", [1000, 250]), ("taken", "#ff7f6b", [500])], "points")
    green, coral = (0x3F, 0xAE, 0x86), (0xFF, 0x7F, 0x6B)
    whole = height_of(green, chart, right=430)
    assert height_of(coral, chart) == pytest.approx(whole / 2, abs=2)
    assert height_of(green, chart, left=440) == pytest.approx(whole / 4, abs=2)


def test_nothing_to_show_says_so_instead_of_an_empty_axis() -> None:
    nothing = [
        bars("Points", [], [], "points", "Nothing yet"),
        bars("Points", ["a"], [], "points", "Nothing yet"),
        bars("Points", ["a"], [("given", "#3fae86", [])], "points", "Nothing yet"),
        bars("Points", ["a"], [("given", "#3fae86", [float("nan")])], "points", "Nothing yet"),
    ]
    assert len(set(nothing)) == 1
    assert nothing[0] != bars("Points", ["a"], [("given", "#3fae86", [0])], "points", "Nothing yet")


def width_of(colour: tuple[int, int, int], png: bytes) -> int:
    image = decoded(png)
    return sum(1 for x in range(image.width) if any(image.getpixel((x, y)) == colour for y in range(image.height)))


def test_each_pair_of_a_funnel_is_measured_by_itself() -> None:
    green, coral = (0x3F, 0xAE, 0x86), (0xFF, 0x7F, 0x6B)
    chart = funnel(
        "Coffee beans",
        [
            Step("#3fae86", ("Looked", 10_000), ("Took part", 2_500), 25),
            Step("#ff7f6b", ("Sold", 4), ("Collected", 4), 100),
        ],
        "Nothing yet",
    )
    assert decoded(chart).size == (800, 500)
    assert width_of(green, chart) == pytest.approx(width_of(coral, chart) / 4, abs=2)


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_a_funnel_takes_any_words(text: str) -> None:
    assert decoded(funnel(text, [Step("#3fae86", (text, 10**9), (text, 1), 0)], text)).size == (800, 500)


def test_a_funnel_of_nothing_says_so() -> None:
    nothing = funnel("Beans", [Step("#3fae86", ("Looked", 0), ("Took part", 0), None)], "Nothing yet")
    assert nothing == funnel("Beans", [], "Nothing yet")
    assert nothing != funnel("Beans", [Step("#3fae86", ("Looked", 1), ("Took part", 0), 0)], "Nothing yet")


BLUE, GREEN = (0x3F, 0x6D, 0xB8), (0x2E, 0x9E, 0x6B)


def test_the_stages_of_an_outcome_are_measured_by_the_largest() -> None:
    whole = width_of(BLUE, outcome("Half price", [Stage("Recipients", 1_000, "")], [], ""))
    half = outcome(
        "Half price", [Stage("Recipients", 0, ""), Stage("Sent", 500, ""), Stage("Opened", 1_000, "")], [], ""
    )
    middle = decoded(half).crop((0, 92 + 126, 800, 92 + 2 * 126))
    assert sum(1 for x in range(800) if any(middle.getpixel((x, y)) == BLUE for y in range(126))) == pytest.approx(
        whole / 2, abs=3
    )


def test_a_wording_stands_where_its_share_is_on_a_common_scale() -> None:
    stages = [Stage("Recipients", 10, "")]
    chart = decoded(outcome("Half price", stages, [Span("A", 1, 2, 4), Span("B", 2, 5, 10)], ""))
    assert chart.size == (800, 624)

    def dot(top: int) -> float:
        """The middle of what is green in a strip, besides the line."""
        line = [x for x in range(800) if chart.getpixel((x, top + 31 - 10 - 8)) == GREEN]
        return (line[0] + line[-1]) / 2

    assert dot(500) == pytest.approx(236 + 354 * 2 / 10, abs=2)
    assert dot(562) == pytest.approx(236 + 354 * 5 / 10, abs=2)


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_an_outcome_takes_any_words_and_figures(text: str) -> None:
    chart = outcome(text, [Stage(text, 10**9, text[:9]), Stage(text, 1, "")], [Span(text, 0, 100, 100)], text)
    assert decoded(chart).size == (800, 562)


def test_an_outcome_of_nobody_says_so() -> None:
    nobody = outcome("Half price", [Stage("Recipients", 0, "")], [Span("A", 0, 0, 100)], "Nobody yet")
    assert nobody == outcome("Half price", [], [], "Nobody yet")
    assert nobody != outcome("Half price", [Stage("Recipients", 1, "")], [], "Nobody yet")


def test_without_the_renderer_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ChartsUnavailable, match=r"perkchat\[charts\]"):
        bars("Points", ["a"], [("given", "#3fae86", [1])], "points")
