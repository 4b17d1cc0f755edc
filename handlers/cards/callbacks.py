from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import CardCode


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
