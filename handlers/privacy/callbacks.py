from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class PrivacyTopic(StrEnum):
    """What `/privacy <topic>` answers; wishes lead to it, too."""

    KEPT = "kept"
    SEEN = "seen"
    TIME = "time"
    RIGHTS = "rights"


class Privacy(CallbackData, prefix="privacy"):
    pass


class PrivacyOn(CallbackData, prefix="privacyon"):
    topic: PrivacyTopic
