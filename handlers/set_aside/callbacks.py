from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Number

# Below zero are the numbers of those that came without one.
UpdateId = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class SetAsidePage(CallbackData, prefix="aside"):
    """What could not be handled, without the first `after`."""

    after: Number = 0


class HandleAgain(CallbackData, prefix="asideagain"):
    update_id: UpdateId


class LetBe(CallbackData, prefix="asideskip"):
    update_id: UpdateId
