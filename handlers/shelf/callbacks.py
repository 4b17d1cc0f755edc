from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.members import Language, Tier
from loyalty.shelf import Field
from loyalty.wares import Turn


class ShowShelf(CallbackData, prefix="shelf"):
    """A page of a shop's rewards, after the one of this rank and id (0: the first page). Also the way out of the form
    for a new one."""

    merchant_id: Number
    rank: Number = 0
    before: Number = 0


class NewReward(CallbackData, prefix="shnew"):
    merchant_id: Number


class ShowStocked(CallbackData, prefix="shcard"):
    """A reward as its shop sees it; also the way out of a form."""

    reward_id: Number


class Edit(CallbackData, prefix="shedit"):
    reward_id: Number
    field: Field


class Clear(CallbackData, prefix="shclear"):
    """Without what the field said: unlimited, from now, no end."""

    reward_id: Number
    field: Field


class SetTier(CallbackData, prefix="shtier"):
    reward_id: Number
    tier: Tier


class SetSpan(CallbackData, prefix="shspan"):
    """Within how many days the limit per member counts; 0: ever."""

    reward_id: Number
    days: Number


class ShowWords(CallbackData, prefix="shlang"):
    """Its words in the languages of the club."""

    reward_id: Number


class EditWords(CallbackData, prefix="shwords"):
    reward_id: Number
    language: Language
    field: Field


class ClearWords(CallbackData, prefix="shnowords"):
    reward_id: Number
    language: Language
    field: Field


class PreviewReward(CallbackData, prefix="shpreview"):
    reward_id: Number


class AskTurn(CallbackData, prefix="shask"):
    """To the question before it is published or removed."""

    reward_id: Number
    turn: Turn


class TakeTurn(CallbackData, prefix="shturn"):
    reward_id: Number
    turn: Turn
