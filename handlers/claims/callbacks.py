from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from loyalty.codes import VOUCHER_LENGTH

ClaimCode = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{VOUCHER_LENGTH}}}$")]


class TakeNumber(CallbackData, prefix="number"):
    """The yes to one question; the code makes it happen once."""

    code: ClaimCode


class LeaveNumber(CallbackData, prefix="nonumber"):
    """Out of the form or the question; nothing is taken over."""
