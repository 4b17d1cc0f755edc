"""Taking over a member number from before."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="claims")
