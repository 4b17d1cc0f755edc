from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.movements import Shown


class PointsPage(CallbackData, prefix="points"):
    """A page of all movements, older than `before` (0: the newest)."""

    before: Number = 0


class ListMovements(CallbackData, prefix="moves"):
    """A page of some movements, older than `before` (0: the newest)."""

    shown: Shown = Shown.ALL
    before: Number = 0


class ShowWhy(CallbackData, prefix="ptwhy"):
    """A movement explained. `shown` and `before` lead back to the page that it stands on."""

    movement_id: Number
    shown: Shown = Shown.ALL
    before: Number = 0


class ShowHistory(CallbackData, prefix="ptmonths"):
    """The last months, as a chart."""


class CheckIn(CallbackData, prefix="checkin"):
    pass
