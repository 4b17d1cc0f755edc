from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median


def machine() -> str:
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("aiogram", "python-telegram-bot", "SQLAlchemy", "uvloop")
    )
    return f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}, {libraries}."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and every round."""
    shown = ", ".join(f"{value:.{digits}f}" for value in values)
    return f"**{median(values):.{digits}f}** ({shown})"


def verdict(value: float, most: float) -> str:
    return "kept" if value <= most else "**missed**"


def least(values: Sequence[float], value: float) -> str:
    """Whether the median reaches it."""
    return "kept" if median(values) >= value else "**missed**"
