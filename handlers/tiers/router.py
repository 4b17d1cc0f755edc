"""The member's tier: what it brings, and what the next one needs."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="tiers")
