from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from loyalty.codes import CARD_LENGTH

CardCode = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{CARD_LENGTH}}}$")]


class ShowCard(CallbackData, prefix="card"):
    pass


class AskNewCode(CallbackData, prefix="newcard"):
    """Whether the code `instead_of` is to be replaced."""

    instead_of: CardCode


class NewCode(CallbackData, prefix="newcode"):
    """The yes to that. It names the code that it replaces, so that two taps replace it once."""

    instead_of: CardCode


class ShowPhone(CallbackData, prefix="phone"):
    """Also the way out of the form."""


class AskPhone(CallbackData, prefix="askphone"):
    """To the form that asks for the number."""


class ForgetPhone(CallbackData, prefix="nophone"):
    pass
