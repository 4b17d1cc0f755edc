from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.deals import Field
from loyalty.members import Language
from loyalty.wares import Turn


class ShowShopDeals(CallbackData, prefix="dlpage"):
    """A page of a shop's deals, after the one of this rank and id (0: the first page). Also the way out of the form
    for a new one."""

    merchant_id: Number
    rank: Number = 0
    before: Number = 0


class NewDeal(CallbackData, prefix="dlnew"):
    merchant_id: Number


class ShowShopDeal(CallbackData, prefix="dlcard"):
    """A deal as its shop sees it."""

    deal_id: Number


class ChangeDeal(CallbackData, prefix="dlparts"):
    """To all that can be changed about it; also the way out of a form."""

    deal_id: Number


class EditDeal(CallbackData, prefix="dledit"):
    deal_id: Number
    field: Field


class ClearDeal(CallbackData, prefix="dlclear"):
    """Without what the field said: for points alone, no bonus, no end."""

    deal_id: Number
    field: Field


class AllowSeveral(CallbackData, prefix="dlseveral"):
    """Whether one member may be in several open groups at once."""

    deal_id: Number
    is_allowed: bool


class ShowDealWords(CallbackData, prefix="dllang"):
    """Its words in the languages of the club."""

    deal_id: Number


class EditDealWords(CallbackData, prefix="dlwords"):
    deal_id: Number
    language: Language
    field: Field


class ClearDealWords(CallbackData, prefix="dlnowords"):
    deal_id: Number
    language: Language
    field: Field


class PreviewDeal(CallbackData, prefix="dlpreview"):
    deal_id: Number


class AskDealTurn(CallbackData, prefix="dlask"):
    """To the question before it is published or removed."""

    deal_id: Number
    turn: Turn


class TakeDealTurn(CallbackData, prefix="dlturn"):
    deal_id: Number
    turn: Turn


class AskEnd(CallbackData, prefix="dlend"):
    """To the question what becomes of its open groups."""

    deal_id: Number


class EndDeal(CallbackData, prefix="dlended"):
    deal_id: Number
    calls_off: bool


class ShowFigures(CallbackData, prefix="dlfigures"):
    deal_id: Number


class ShowDealGroups(CallbackData, prefix="dlgroups"):
    """Its groups, after the one of this rank and id (0: the first page)."""

    deal_id: Number
    rank: Number = 0
    before: Number = 0


class GetTable(CallbackData, prefix="dltable"):
    """Its groups as a file."""

    deal_id: Number
