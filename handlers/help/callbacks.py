from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class HelpTopic(StrEnum):
    """What `/help <topic>` answers; wishes lead to it, too."""

    COST = "cost"
    EARN = "earn"
    REFUND = "refund"
    THANKS = "thanks"
    COMMANDS = "commands"


class HelpOn(CallbackData, prefix="helpon"):
    topic: HelpTopic


class Contact(CallbackData, prefix="contact"):
    """To the people who run the club."""
