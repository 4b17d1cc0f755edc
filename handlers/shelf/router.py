"""A shop's rewards, made and changed by its staff."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="shelf")
