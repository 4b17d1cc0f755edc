"""`perkchat` as somebody types it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main


@dataclass(frozen=True, slots=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


def perkchat(folder: Path, *words: str, **environment: str) -> Ran:
    """In a folder, with what the shell would hand over, to the end. In this process: another one has to import
    everything first, which takes longer than most commands do."""
    out, err = io.StringIO(newline=None), io.StringIO(newline=None)
    with pytest.MonkeyPatch.context() as here, redirect_stdout(out), redirect_stderr(err):
        here.chdir(folder)
        for name, value in environment.items():
            here.setenv(name, value)
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
        else:
            code = 0
    assert code is None or isinstance(code, int)
    return Ran(code or 0, out.getvalue(), err.getvalue())


def process(folder: Path, *words: str, **environment: str) -> Ran:
    """The same in a process of its own, where that is the point."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)
