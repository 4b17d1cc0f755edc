from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number


class AskTransfer(CallbackData, prefix="sendform"):
    """To the form that asks for a code and points."""


class SendPoints(CallbackData, prefix="send"):
    """The answer to one question: `nonce` makes it happen once."""

    receiver_id: Number
    points: Number
    nonce: Nonce


class LeaveTransfer(CallbackData, prefix="nosend"):
    """Out of the form or the question; nothing is sent."""
