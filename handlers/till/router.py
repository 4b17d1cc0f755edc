"""The till: a customer, an amount, points; undo and refund."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="till")
