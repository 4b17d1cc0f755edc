"""Who works at a shop: invitations, roles, the end of them."""

from __future__ import annotations

from aiogram import Router


def setup() -> Router:
    return Router(name="staff")
