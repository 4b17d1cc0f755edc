"""How purchases earn at a shop, edited by its owner."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="earning")
