"""`python -m benchmarks`: measures, prints and writes docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks import answers, beside, closing, dispatch, group_buys, imports, ledger, sending, sweeps
from benchmarks.report import machine

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`; figures are of the last run. Every figure stands beside a peer or a limit that was measured in
the same run, the contestants taking turns; ratios are medians over the rounds, and all rounds are shown. CPU is the
time that the process used (user and system), read from the operating system; what was answered is counted at the
sandbox.
"""


def main() -> None:
    parts = [
        HEAD,
        machine(),
        asyncio.run(dispatch.measure()),
        asyncio.run(answers.measure()),
        asyncio.run(beside.measure()),
        asyncio.run(sending.measure()),
        ledger.measure(),
        group_buys.measure(),
        sweeps.measure(),
        closing.measure(),
        imports.measure(),
    ]
    text = "\n".join(part.rstrip() + "\n" for part in parts)
    sys.stdout.write(text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
