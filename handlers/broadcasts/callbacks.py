from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Compose(CallbackData, prefix="bcompose"):
    """The draft at a shop."""

    merchant_id: int


class ShowDraft(CallbackData, prefix="bdraft"):
    """Also the way out of a form."""

    broadcast_id: int


class ChangeText(CallbackData, prefix="btext"):
    broadcast_id: int


class ChangePicture(CallbackData, prefix="bpicture"):
    broadcast_id: int


class RemovePicture(CallbackData, prefix="bnopicture"):
    broadcast_id: int


class Preview(CallbackData, prefix="bpreview"):
    broadcast_id: int


class DeleteDraft(CallbackData, prefix="bdelete"):
    broadcast_id: int


class AskToSend(CallbackData, prefix="bask"):
    broadcast_id: int


class Send(CallbackData, prefix="bsend"):
    broadcast_id: int
    nonce: str


class Pause(CallbackData, prefix="bpause"):
    broadcast_id: int


class Resume(CallbackData, prefix="bresume"):
    broadcast_id: int


class CallOff(CallbackData, prefix="bcancel"):
    broadcast_id: int


class ShowStanding(CallbackData, prefix="breport"):
    broadcast_id: int


class History(CallbackData, prefix="bhistory"):
    """A page of what the shop has sent before `before` (0: the newest)."""

    merchant_id: int
    before: int = 0


class Why(CallbackData, prefix="bwhy"):
    """Under a broadcast. `delivery_id` 0: a preview, in which nothing happens."""

    delivery_id: int


class SetConsent(CallbackData, prefix="bconsent"):
    """Under a broadcast: no more offers, or offers again. `delivery_id` 0: a preview."""

    delivery_id: int
    given: bool
