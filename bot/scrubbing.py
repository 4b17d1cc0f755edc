"""Keeps out of the log what does not belong there: tokens, passwords, and what people wrote.

It works on the finished line, so that an exception's words and a library's own messages pass through it as well.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, TextIO

CUT = "…"
_SECRETS = (
    (re.compile(r"/bot\d+(?::|%3A)[^/\s\"']+", re.IGNORECASE), f"/bot{CUT}"),
    (re.compile(r"\b\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE), CUT),  # as BotFather makes them
    (re.compile(r"\b(\w+(?:\+\w+)?://)[^\s/\"'?]*@"), rf"\1{CUT}@"),
    (re.compile(r"\b(password=)(?:'[^']*'|\S+)", re.IGNORECASE), rf"\1{CUT}"),
)
# What quotes that with which it failed: pydantic, PostgreSQL (whole rows), aiogram (whole updates), readers of numbers.
_QUOTES = (
    (re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL), f"input_value={CUT}"),
    (re.compile(r"^(\s*DETAIL:).*$", re.MULTILINE), rf"\1 {CUT}"),
    (re.compile(r"^(Update: ).*$", re.MULTILINE), rf"\1{CUT}"),
    (re.compile(r"(invalid literal for int\(\) with base \d+|could not convert string to float): .*"), rf"\1: {CUT}"),
)


class Scrubbing:
    """`secrets` are known besides by their very words, whatever they look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, CUT)
        for pattern, instead in (*_SECRETS, *_QUOTES):
            text = pattern.sub(instead, text)
        return text

    def processor(self, _logger: Any, _name: str, event: str | MutableMapping[str, Any]) -> Any:
        """For structlog: the last one, behind the renderer."""
        return self(event) if isinstance(event, str) else event


def log_through(scrub: Scrubbing, stream: TextIO) -> None:
    """What libraries log, what they warn of, and the traceback with which the program ends."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(scrub))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(True)

    def last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        stream.write(scrub("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = last_words


class _Formatter(logging.Formatter):
    def __init__(self, scrub: Scrubbing) -> None:
        super().__init__(logging.BASIC_FORMAT)
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return self._scrub(super().format(record))
