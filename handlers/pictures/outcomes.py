"""What became of a message: how many are left at each stage, and below it how well its wordings do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.pictures import fonts
from handlers.pictures.charts import GREY, GRID, HEIGHT, INK, PAPER, figure, nothing, rendered, sheet, text
from handlers.pictures.funnels import BAR, BAR_ENDS, LEFT, SHARES, bar

_TOP, _BOTTOM = 92, 470
_STAGE, _SPAN = "#3f6db8", "#2e9e6b"
_ROOM = 62  # of a wording
_GAP = 14  # between two stages


@dataclass(frozen=True, slots=True)
class Stage:
    """`share` as it is written."""

    name: str
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class Span:
    """Between which shares, in percent, the true one lies, and the one that was measured."""

    name: str
    low: float
    share: float
    high: float


def outcome(title: str, stages: Sequence[Stage], spans: Sequence[Span], empty: str) -> bytes:
    """As PNG, 800 wide and 500 high, and higher by a strip for each of the `spans`. All stages are measured by the
    largest one. Where nobody came even to the first one the chart says `empty`. Raises ChartsUnavailable if the extra
    `charts` is not installed."""
    most = max((stage.count for stage in stages), default=0)
    if not most:
        return rendered(sheet(title, nothing(empty)))
    room = (_BOTTOM - _TOP) / len(stages)
    parts = [part for row, stage in enumerate(stages) for part in _stage(stage, most, _TOP + room * row, room - _GAP)]
    scale = _scale(spans)
    parts += [part for row, span in enumerate(spans) for part in _span(span, scale, HEIGHT + _ROOM * row)]
    return rendered(sheet(title, parts, HEIGHT + _ROOM * len(spans)))


def _stage(stage: Stage, most: int, top: float, thick: float) -> list[str]:
    return [
        *bar((stage.name, stage.count), most, top, _STAGE, PAPER, thick),
        text(SHARES, top + thick / 2 + 8, fonts.clean(stage.share), 22, INK, is_bold=True),
    ]


def _scale(spans: Sequence[Span]) -> float:
    """The percent at the right end: a round number, so that it can be read."""
    high = max((span.high for span in spans), default=100.0)
    return next((end for end in (1, 2, 5, 10, 20, 50) if high <= end), 100)


def _span(span: Span, scale: float, top: float) -> list[str]:
    """The line is where the share may lie, the dot where it was seen."""
    middle = top + _ROOM / 2 - 10
    low, share, high = (
        BAR + (BAR_ENDS - BAR) * min(value, scale) / scale for value in (span.low, span.share, span.high)
    )
    name, size = fonts.fitted(fonts.clean(span.name), (22, 20, 18), BAR - LEFT - 14)
    return [
        text(LEFT, middle + 8, name, size, INK, "start"),
        f'<rect x="{BAR}" y="{middle - 12:.0f}" width="{BAR_ENDS - BAR}" height="24" rx="12" fill="{GRID}" '
        f'fill-opacity=".45"/>',
        f'<rect x="{low:.1f}" y="{middle - 5:.0f}" width="{max(high - low, 2):.1f}" height="10" rx="5" '
        f'fill="{_SPAN}" fill-opacity=".55"/>',
        f'<circle cx="{share:.1f}" cy="{middle:.0f}" r="10" fill="{_SPAN}"/>',
        text(SHARES, middle + 2, f"{span.share:g} %", 22, INK, is_bold=True),
        text(SHARES, middle + 24, f"{span.low:g}–{span.high:g} %", 17, GREY),
        text(BAR_ENDS, middle + 29, f"{figure(scale)} %", 17, GREY, "end"),
        text(BAR, middle + 29, "0", 17, GREY, "start"),
    ]
