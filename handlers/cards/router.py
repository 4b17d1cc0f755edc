"""The member card: picture, code, phone number."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="cards")
