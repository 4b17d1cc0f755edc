from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class Compose(CallbackData, prefix="bcompose"):
    """The draft at a shop."""

    merchant_id: Number


class ShowDraft(CallbackData, prefix="bdraft"):
    """Also the way out of a form."""

    broadcast_id: Number


class ChangeText(CallbackData, prefix="btext"):
    broadcast_id: Number


class ChangePicture(CallbackData, prefix="bpicture"):
    broadcast_id: Number


class RemovePicture(CallbackData, prefix="bnopicture"):
    broadcast_id: Number


class Preview(CallbackData, prefix="bpreview"):
    broadcast_id: Number


class DeleteDraft(CallbackData, prefix="bdelete"):
    broadcast_id: Number


class AskToSend(CallbackData, prefix="bask"):
    broadcast_id: Number


class Send(CallbackData, prefix="bsend"):
    broadcast_id: Number
    nonce: str


class Pause(CallbackData, prefix="bpause"):
    broadcast_id: Number


class Resume(CallbackData, prefix="bresume"):
    broadcast_id: Number


class CallOff(CallbackData, prefix="bcancel"):
    broadcast_id: Number


class ShowStanding(CallbackData, prefix="breport"):
    broadcast_id: Number


class History(CallbackData, prefix="bhistory"):
    """A page of what the shop has sent before `before` (0: the newest)."""

    merchant_id: Number
    before: Number = 0
