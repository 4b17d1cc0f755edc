"""The Bot API methods that the sandbox has, grouped as Telegram's documentation groups them."""

from sandbox.methods import chats, editing, inline, media, payments, profile, sending, updating
from sandbox.methods.registry import METHODS, Request

__all__ = [
    "METHODS",
    "Request",
    "chats",
    "editing",
    "inline",
    "media",
    "payments",
    "profile",
    "sending",
    "updating",
]
