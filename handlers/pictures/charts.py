"""Charts of reports: SVG written by hand, rendered by resvg, which the extra `charts` brings."""

import math
from collections.abc import Sequence
from html import escape

from handlers.pictures import fonts

WIDTH, HEIGHT = 800, 500

_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 770, 138, 446
INK, GREY, GRID, PAPER = "#2b2540", "#6c6580", "#e7e2f0", "#fffdf9"
# More labels than this run into each other; some are then left out, evenly.
_LABELS_MAX = 12
# A figure over each of more bars is noise, and every text costs a millisecond.
_FIGURES_MAX = 16
# A phone shows the picture about 390 points wide, half its pixels: nothing may be smaller than this.
_SMALL = 17

Series = tuple[str, str, Sequence[float]]


class ChartsUnavailable(RuntimeError):
    """No renderer is installed; the message names the extra that brings it."""


def bars(title: str, labels: Sequence[str], series: Sequence[Series], unit: str, empty: str = "") -> bytes:
    """Grouped bars as PNG of 800 x 500: for each label a bar of every series (name, `#rrggbb`, values).

    A value that is missing, infinite or NaN has no bar; negative ones hang below zero. Without any value
    the chart says `empty` instead. Raises ChartsUnavailable if the extra `charts` is not installed.
    """
    return rendered(_svg(title, labels, series, unit, empty))


def _svg(title: str, labels: Sequence[str], series: Sequence[Series], unit: str, empty: str) -> str:
    shown = [(name, colour, _values(values, len(labels))) for name, colour, values in series]
    parts: list[str] = []
    known = [value for _, _, values in shown for value in values if value is not None]
    if known:
        # Where all values are whole, a tick between them would be nonsense: nobody sells half a voucher.
        step_min = 1.0 if all(value == round(value) for value in known) else 0.0
        ticks = _ticks(min(*known, 0.0), max(*known, 0.0), step_min)
        parts += [*_legend(shown), *_axis(ticks, unit), *_columns(labels, shown, ticks)]
    else:
        parts += nothing(empty)
    return sheet(title, parts)


def nothing(said: str) -> list[str]:
    """In the place of a chart that would show nothing."""
    parts = [f'<rect x="30" y="90" width="740" height="380" rx="24" fill="{GRID}" fill-opacity=".5"/>']
    lines = fonts.wrapped(fonts.clean(said), 28, 640, 3)
    top = 290 - 20 * (len(lines) - 1)
    return [*parts, *(text(400, top + 40 * row, line, 28, GREY) for row, line in enumerate(lines))]


def sheet(title: str, parts: Sequence[str], height: int = HEIGHT) -> str:
    """The SVG of a chart under its title."""
    heading = text(30, 54, fonts.shortened(fonts.clean(title), 32, 740), 32, INK, "start", is_bold=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{fonts.FAMILY}">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{heading}{"".join(parts)}</svg>'
    )


def rendered(svg: str) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        raise ChartsUnavailable("charts need the extra: pip install 'perkchat[charts]'") from error
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[fonts.FILE]))


def _values(values: Sequence[float], count: int) -> list[float | None]:
    """As many values as there are labels, None where there is nothing to draw."""
    known = [float(value) if math.isfinite(value) else None for value in values[:count]]
    return known + [None] * (count - len(known))


def _ticks(low: float, high: float, step_min: float) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) from at or below `low` to at or above `high`."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 5.001)
    step = max(step, step_min)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _legend(series: Sequence[tuple[str, str, list[float | None]]]) -> list[str]:
    parts: list[str] = []
    x = 30.0
    for name, colour, _ in series:
        name = fonts.shortened(fonts.clean(name), 20, 220)
        advance = 27 + fonts.width(name, 20) + 28
        if x + advance > _RIGHT - 150:
            break
        parts.append(f'<rect x="{x:.0f}" y="79" width="18" height="18" rx="6" fill="{escape(colour)}"/>')
        parts.append(text(x + 27, 95, name, 20, GREY, "start"))
        x += advance
    return parts


def _axis(ticks: Sequence[float], unit: str) -> list[str]:
    parts = [text(_RIGHT, 95, fonts.shortened(fonts.clean(unit), 20, 150), 20, GREY, "end")]
    for tick in ticks:
        y = _height(tick, ticks)
        colour, width = (GREY, 2) if tick == 0 else (GRID, 1.5)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )
        parts.append(text(_LEFT - 14, y + 6, figure(tick), _SMALL, GREY, "end"))
    return parts


def _columns(
    labels: Sequence[str], series: Sequence[tuple[str, str, list[float | None]]], ticks: Sequence[float]
) -> list[str]:
    parts: list[str] = []
    room = (_RIGHT - _LEFT) / len(labels)
    thick = min(room * 0.84 / len(series), 80)
    zero = _height(0, ticks)
    every = math.ceil(len(labels) / _LABELS_MAX)
    figures = [figure(value) for _, _, values in series for value in values if value is not None]
    has_figures = len(figures) <= _FIGURES_MAX and max(fonts.width(f, _SMALL) for f in figures) <= thick + 2
    for index, label in enumerate(labels):
        middle = _LEFT + room * (index + 0.5)
        if index % every == 0:
            shown = fonts.shortened(fonts.clean(label), 20, room * every - 8)
            parts.append(text(middle, _BOTTOM + 32, shown, 20, INK))
        for place, (_, colour, values) in enumerate(series):
            value = values[index]
            if value is None:
                continue
            left = middle + (place - len(series) / 2) * thick
            y = _height(value, ticks)
            top, height = min(y, zero), abs(y - zero)
            radius = min(8, thick * 0.2, height / 2)
            parts.append(
                f'<rect x="{left + thick * 0.05:.1f}" y="{top:.1f}" width="{thick * 0.9:.1f}" '
                f'height="{height:.1f}" rx="{radius:.1f}" fill="{escape(colour)}"/>'
            )
            if has_figures:
                above = top - 7 if value >= 0 else top + height + 19
                parts.append(text(left + thick / 2, above, figure(value), _SMALL, INK))
    return parts


def _height(value: float, ticks: Sequence[float]) -> float:
    return _BOTTOM - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (_BOTTOM - _TOP)


def figure(value: float) -> str:
    """Grouped thousands, as read in all languages of the club; decimals only where there are any."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"


def text(x: float, y: float, text: str, size: int, colour: str, anchor: str = "middle", is_bold: bool = False) -> str:
    # The font has one weight only; a stroke in the same colour makes the other.
    bold = f' stroke="{colour}" stroke-width="0.9"' if is_bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{bold}>'
        f"{escape(text)}</text>"
    )
