from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from loyalty.codes import NONCE_LENGTH

ID_MAX = 2**62  # what a database can look for
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
After = Annotated[int, Field(ge=0, le=ID_MAX)]


class DealsPage(CallbackData, prefix="deals"):
    """Deals after `after` (0: the first page)."""

    after: After = 0


class ShowDeal(CallbackData, prefix="deal"):
    """A deal, with its open groups after `after`."""

    deal_id: Id
    after: After = 0


class AskToOpen(CallbackData, prefix="grpask"):
    deal_id: Id


class OpenGroup(CallbackData, prefix="grpopen"):
    """`nonce` is the idempotency key of this wish."""

    deal_id: Id
    nonce: Annotated[str, Field(min_length=NONCE_LENGTH, max_length=NONCE_LENGTH)]


class JoinGroup(CallbackData, prefix="join"):
    """The group's id comes first: whoever is no member yet is led to the group by it.

    `language` is that of a card which everybody in a chat sees, so that it stays in one language whoever taps.
    """

    group_id: Id
    language: str = ""


class ShowGroup(CallbackData, prefix="grp"):
    group_id: Id
    language: str = ""


class LeaveGroup(CallbackData, prefix="grpleave"):
    group_id: Id


class MyGroupsPage(CallbackData, prefix="grpmine"):
    """One's groups before `before` (0: the newest)."""

    before: After = 0
