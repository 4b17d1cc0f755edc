"""Telegram in a box: a local Bot API server with Telegram's limits, usable for any bot."""

from sandbox.errors import ActError, ApiError, NotThere
from sandbox.limits import LimitSettings
from sandbox.telegram import Telegram

__all__ = ["ActError", "ApiError", "LimitSettings", "NotThere", "Telegram"]
