from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.members import Calendar


class ShowProfile(CallbackData, prefix="profile"):
    pass


class EditName(CallbackData, prefix="name"):
    pass


class ShowBirthday(CallbackData, prefix="bday"):
    pass


class PickBirthday(CallbackData, prefix="bdaypick"):
    """Month 0: show the months. Day 0: show the days of the month. Both given: ask whether that is right."""

    calendar: Calendar = Calendar.SOLAR
    month: Number = 0
    day: Number = 0


class TypeBirthday(CallbackData, prefix="bdaytype"):
    calendar: Calendar = Calendar.SOLAR


class SaveBirthday(CallbackData, prefix="bdaysave"):
    calendar: Calendar
    month: Number
    day: Number


class GreetMe(CallbackData, prefix="bdaygreet"):
    on: bool


class ForgetBirthday(CallbackData, prefix="bdaydrop"):
    is_sure: bool = False


class PickZone(CallbackData, prefix="zone"):
    """`name` empty: show the choice."""

    name: str = ""


class TypeZone(CallbackData, prefix="zonetype"):
    pass


class ShowMyName(CallbackData, prefix="showname"):
    """Whether others in a group buy see the first name."""

    on: bool
