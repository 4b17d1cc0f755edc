from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number


class DealsPage(CallbackData, prefix="deals"):
    """Deals after `after` (0: the first page)."""

    after: Number = 0


class ShowDeal(CallbackData, prefix="deal"):
    """A deal, with its open groups after `after`."""

    deal_id: Number
    after: Number = 0


class AskToOpen(CallbackData, prefix="grpask"):
    deal_id: Number


class OpenGroup(CallbackData, prefix="grpopen"):
    """`nonce` is the idempotency key of this wish, at the price that was asked."""

    deal_id: Number
    nonce: Nonce
    points: Number
    price: Number


class JoinGroup(CallbackData, prefix="join"):
    """The group's id comes first: whoever is no member yet is led to the group by it.

    `language` is that of a card which everybody in a chat sees, so that it stays in one language whoever taps.
    """

    group_id: Number
    language: str = ""


class OpenHere(CallbackData, prefix="here"):
    """The Join of a live card from which no group was opened yet. The deal's id comes first, see JoinGroup."""

    deal_id: Number
    language: str = ""


class PostDeal(CallbackData, prefix="post"):
    """Turns the list that it stands under into the live card of a deal."""

    deal_id: Number
    language: str = ""


class DealsHere(CallbackData, prefix="dealshere"):
    """In a chat of many: deals after `after` (0: the first page)."""

    after: Number = 0
    language: str = ""


class NameInGroup(CallbackData, prefix="grpname"):
    """Whether others see the first name; asked when somebody joins before everybody's eyes."""

    group_id: Number
    on: bool


class ShowGroup(CallbackData, prefix="grp"):
    group_id: Number
    language: str = ""


class LeaveGroup(CallbackData, prefix="grpleave"):
    group_id: Number


class MyGroupsPage(CallbackData, prefix="grpmine"):
    """One's groups before `before` (0: the newest)."""

    before: Number = 0
