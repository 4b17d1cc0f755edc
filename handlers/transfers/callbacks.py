from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import MemberCode, Nonce, Number


class AskTransfer(CallbackData, prefix="sendform"):
    """To the form that asks for a code and points."""


class SendPoints(CallbackData, prefix="send"):
    """The answer to one question: `nonce` makes it happen once. The receiver is named by the code that they gave away:
    an id would be anybody's who counts."""

    code: MemberCode
    points: Number
    nonce: Nonce


class LeaveTransfer(CallbackData, prefix="nosend"):
    """Out of the form or the question; nothing is sent."""
