"""`mark` is the fingerprint of the segment that a button was drawn for; `where` and `path` see `segment_edits`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Number
from loyalty.segment_choices import Sort
from loyalty.segments import DEPTH_MAX, MARK_LENGTH

Mark = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{MARK_LENGTH}}}$")]
Path = Annotated[str, Field(pattern=rf"^[0-9a-z]{{0,{DEPTH_MAX}}}$")]
PartPath = Annotated[str, Field(pattern=rf"^[0-9a-z]{{1,{DEPTH_MAX}}}$")]
Where = Annotated[str, Field(pattern=rf"^(a[0-9a-z]{{0,{DEPTH_MAX}}}|[jr][0-9a-z]{{1,{DEPTH_MAX}}})$")]


class Edit(StrEnum):
    NEGATE = "n"
    REMOVE = "r"
    MOVE_UP = "u"
    TURN = "t"
    CLEAR = "c"
    UNDO = "z"


class ShowSegment(CallbackData, prefix="sg"):
    """Also the way out of a form."""

    broadcast_id: Number


class ShowPart(CallbackData, prefix="sgp"):
    broadcast_id: Number
    mark: Mark
    path: PartPath


class ChooseSort(CallbackData, prefix="sgk"):
    broadcast_id: Number
    mark: Mark
    where: Where


class ChooseValue(CallbackData, prefix="sgv"):
    """What a condition of a sort can be. `first` and `second`: what is chosen so far."""

    broadcast_id: Number
    mark: Mark
    where: Where
    sort: Sort
    first: Number = 0
    second: Number = 0
    is_not: bool = False


class PutCondition(CallbackData, prefix="sgs"):
    broadcast_id: Number
    mark: Mark
    where: Where
    sort: Sort
    first: Number = 0
    second: Number = 0
    is_not: bool = False


class EditPart(CallbackData, prefix="sge"):
    broadcast_id: Number
    mark: Mark
    edit: Edit
    path: Path = ""


class ShowSamples(CallbackData, prefix="sgten"):
    broadcast_id: Number


class ShowLists(CallbackData, prefix="sgl"):
    broadcast_id: Number
    page: Number = 0


class ShowList(CallbackData, prefix="sgone"):
    broadcast_id: Number
    segment_id: Number


class StartFrom(CallbackData, prefix="sgtake"):
    broadcast_id: Number
    mark: Mark
    segment_id: Number


class AskName(CallbackData, prefix="sgsave"):
    """The form for a name: of a new list, or another one for a list."""

    broadcast_id: Number
    mark: Mark
    segment_id: Number = 0


class Overwrite(CallbackData, prefix="sgover"):
    broadcast_id: Number
    mark: Mark
    segment_id: Number


class DeleteList(CallbackData, prefix="sgdel"):
    broadcast_id: Number
    segment_id: Number


class RestoreList(CallbackData, prefix="sgback"):
    broadcast_id: Number
    segment_id: Number
