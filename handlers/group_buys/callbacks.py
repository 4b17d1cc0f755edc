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


class ShowGroup(CallbackData, prefix="grp"):
    group_id: Number
    language: str = ""


class LeaveGroup(CallbackData, prefix="grpleave"):
    group_id: Number


class MyGroupsPage(CallbackData, prefix="grpmine"):
    """One's groups before `before` (0: the newest)."""

    before: Number = 0
