"""`python -m benchmarks`: measures, prints and writes docs/benchmarks.md; with names of parts, those alone."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import answers, beside, closing, dispatch, flood, group_buys, imports, ledger, sending, starting, sweeps
from benchmarks.report import machine

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`; the figures of a part are of its own last run. Every figure stands beside a peer or a limit
that was measured in the same run, the contestants taking turns; ratios are medians over the rounds, and all rounds are
shown. CPU is the time that the process used (user and system), read from the operating system; what was answered is
counted at the sandbox.
"""
PARTS: dict[str, Callable[[], str]] = {
    "dispatch": lambda: asyncio.run(dispatch.measure()),
    "answers": lambda: asyncio.run(answers.measure()),
    "beside": lambda: asyncio.run(beside.measure()),
    "flood": lambda: asyncio.run(flood.measure()),
    "sending": lambda: asyncio.run(sending.measure()),
    "starting": starting.measure,
    "ledger": ledger.measure,
    "group_buys": group_buys.measure,
    "sweeps": sweeps.measure,
    "closing": closing.measure,
    "imports": imports.measure,
}


def main(names: Iterable[str]) -> None:
    for name in names or PARTS:
        text = PARTS[name]()
        sys.stdout.write(text + "\n")
        _put(text)


def _put(text: str) -> None:
    """Into the page, in the place of what this part said before: what comes later may fail, and takes nothing along."""
    known = _sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    parts = [HEAD, machine(), *(known | _sections(text)).values()]
    PAGE.write_text("\n".join(part.strip() + "\n" for part in parts), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    """Everything below a heading of the second order, by the heading."""
    found = re.findall(r"^## .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {section.partition("\n")[0]: section for section in found}


if __name__ == "__main__":
    main(sys.argv[1:])
