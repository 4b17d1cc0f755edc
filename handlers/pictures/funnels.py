"""How much of something became of something else: pairs of bars, with the share between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.pictures import fonts
from handlers.pictures.canvas import lighter
from handlers.pictures.charts import GREY, GRID, INK, PAPER, figure, nothing, rendered, sheet, text

LEFT, BAR, BAR_ENDS = 30, 236, 590  # labels, bars, and where the longest bar ends
SHARES = 716  # the middle of the shares
_TOP, _ROOM, _THICK, _GAP = 100, 128, 42, 8


@dataclass(frozen=True, slots=True)
class Step:
    """`share` is in percent how much of the first is left in the second; None of nothing."""

    colour: str
    first: tuple[str, int]
    then: tuple[str, int]
    share: int | None


def funnel(title: str, steps: Sequence[Step], empty: str) -> bytes:
    """Up to three steps as PNG of 800 x 500, each measured by its larger figure: they count different things. Without
    any figure the chart says `empty` instead. Raises ChartsUnavailable if the extra `charts` is not installed."""
    if not any(step.first[1] or step.then[1] for step in steps):
        return rendered(sheet(title, nothing(empty)))
    return rendered(sheet(title, [part for row, step in enumerate(steps) for part in _step(step, _TOP + _ROOM * row)]))


def _step(step: Step, top: float) -> list[str]:
    most = max(step.first[1], step.then[1], 1)
    below = top + _THICK + _GAP
    parts = [
        *bar(step.first, most, top, lighter(step.colour, 0.45), INK),
        *bar(step.then, most, below, step.colour, PAPER),
    ]
    if step.share is not None:
        middle = top + _THICK + _GAP / 2
        parts.append(
            f'<rect x="{SHARES - 62}" y="{middle - 30:.0f}" width="124" height="60" rx="30" fill="{step.colour}" '
            f'fill-opacity=".14"/>'
        )
        parts.append(text(SHARES, middle + 11, f"{figure(step.share)} %", 32, INK, is_bold=True))
    return parts


def bar(named: tuple[str, int], most: int, top: float, colour: str, inside: str, thick: float = _THICK) -> list[str]:
    """A figure with its name, as long as it is a part of `most`; what stands in the bar is written in `inside`."""
    name, value = named
    length = max(6, (BAR_ENDS - BAR) * value / most) if value else 0
    shown, size = fonts.fitted(fonts.clean(name), (22, 20, 18), BAR - LEFT - 14)
    baseline = top + thick / 2 + 8
    number, width = figure(value), fonts.width(figure(value), 22)
    # Where the bar has no room for its figure, it stands behind it.
    fits = length > width + 24
    x, anchor, ink = (BAR + length - 12, "end", inside) if fits else (BAR + length + 10, "start", INK)
    return [
        text(LEFT, baseline, shown, size, INK, "start"),
        f'<rect x="{BAR}" y="{top:.0f}" width="{BAR_ENDS - BAR}" height="{thick:.0f}" rx="12" fill="{GRID}" '
        f'fill-opacity=".45"/>',
        f'<rect x="{BAR}" y="{top:.0f}" width="{length:.1f}" height="{thick:.0f}" rx="{min(12, length / 2):.0f}" '
        f'fill="{colour}"/>',
        text(x, baseline, number, 22, ink if value else GREY, anchor, is_bold=True),
    ]
