from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class AskMerge(CallbackData, prefix="mergeask"):
    """To the question before one's group and another become one."""

    group_id: Number


class Merge(CallbackData, prefix="merge"):
    group_id: Number
    other_id: Number
