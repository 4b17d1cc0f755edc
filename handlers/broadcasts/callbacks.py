"""Every button names its broadcast, and of what it changes all there is to say: one that is tapped twice does nothing
twice. Those about one of the buttons under the message say at which place it is."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Nonce, Number
from loyalty.broadcasts import ORIGINAL, Leads, Method, Metric
from loyalty.members import Language, Topic

Variant = Annotated[str, Field(pattern=r"^[A-D]$")]
InLanguage = Annotated[str, Field(pattern=r"^(en|zh-Hans|zh-Hant)?$")]  # "" is the one it was first written in
Place = Annotated[int, Field(ge=0, le=9)]
Day = Annotated[int, Field(ge=1, le=3_652_059)]  # as `date.toordinal` counts
Hour = Annotated[int, Field(ge=0, le=23)]
Small = Annotated[int, Field(ge=0, le=100)]


# The draft as a whole


class Compose(CallbackData, prefix="bcompose"):
    """The draft at a shop."""

    merchant_id: Number


class ShowDraft(CallbackData, prefix="bdraft"):
    """Also the way out of a form."""

    broadcast_id: Number


class DeleteDraft(CallbackData, prefix="bdelete"):
    broadcast_id: Number


class RestoreDraft(CallbackData, prefix="bundelete"):
    broadcast_id: Number


class CopyToDraft(CallbackData, prefix="bcopy"):
    """A new draft like this one; `replaces` what the member has begun."""

    broadcast_id: Number
    replaces: bool = False


class ShowTopics(CallbackData, prefix="btopics"):
    broadcast_id: Number


class SetTopic(CallbackData, prefix="btopic"):
    broadcast_id: Number
    topic: Topic


# What it says


class ChangeText(CallbackData, prefix="btext"):
    broadcast_id: Number


class ShowWordings(CallbackData, prefix="bwords"):
    broadcast_id: Number


class WriteWording(CallbackData, prefix="bwrite"):
    broadcast_id: Number
    variant: Variant
    language: InLanguage = ORIGINAL


class RemoveWording(CallbackData, prefix="bunwrite"):
    """In a language, or with none the whole version."""

    broadcast_id: Number
    variant: Variant
    language: InLanguage = ORIGINAL


class AskOriginal(CallbackData, prefix="boriginals"):
    broadcast_id: Number


class SetOriginal(CallbackData, prefix="boriginal"):
    broadcast_id: Number
    language: Language


class ChangePicture(CallbackData, prefix="bpicture"):
    broadcast_id: Number


class RemovePicture(CallbackData, prefix="bnopicture"):
    broadcast_id: Number


# Where it leads


class ShowLinks(CallbackData, prefix="blinks"):
    broadcast_id: Number


class ShowLink(CallbackData, prefix="blink"):
    broadcast_id: Number
    place: Place


class AskAddress(CallbackData, prefix="baddress"):
    """To the form that asks for an address."""

    broadcast_id: Number
    place: Place


class PickTarget(CallbackData, prefix="bpick"):
    """A page of what a button can lead to, after the one with this id."""

    broadcast_id: Number
    place: Place
    leads: Leads
    after: Number = 0


class LeadTo(CallbackData, prefix="blead"):
    broadcast_id: Number
    place: Place
    leads: Leads
    target: Number


class AskLabel(CallbackData, prefix="blabel"):
    broadcast_id: Number
    place: Place
    language: InLanguage = ORIGINAL


class RemoveLink(CallbackData, prefix="bnolink"):
    """`count`: of so many."""

    broadcast_id: Number
    place: Place
    count: Place


# When


class ShowTimes(CallbackData, prefix="bwhen"):
    broadcast_id: Number


class PlanNow(CallbackData, prefix="bnow"):
    broadcast_id: Number


class PickDay(CallbackData, prefix="bdays"):
    """`is_local`: on each member's clock."""

    broadcast_id: Number
    is_local: bool


class PickHour(CallbackData, prefix="bhours"):
    broadcast_id: Number
    is_local: bool
    day: Day


class PlanAt(CallbackData, prefix="bat"):
    broadcast_id: Number
    is_local: bool
    day: Day
    hour: Hour


class TypeMoment(CallbackData, prefix="bmoment"):
    broadcast_id: Number


# How its versions are compared


class ShowTrial(CallbackData, prefix="btrial"):
    broadcast_id: Number


class SetTrial(CallbackData, prefix="bset"):
    """The whole of it, with what is to be different."""

    broadcast_id: Number
    share: Small
    metric: Metric
    method: Method
    hours: Small


# As it will be seen


class Preview(CallbackData, prefix="bpreview"):
    """With one's own eyes."""

    broadcast_id: Number


class PreviewAs(CallbackData, prefix="bseen"):
    """A version in a language; `member` is one of the samples, 0: oneself."""

    broadcast_id: Number
    variant: Variant
    language: InLanguage = ORIGINAL
    member: Number = 0


class ShowSamples(CallbackData, prefix="bsamples"):
    broadcast_id: Number


class SendTest(CallbackData, prefix="btest"):
    broadcast_id: Number
    variant: Variant
    nonce: Nonce
    language: InLanguage = ORIGINAL


# On its way


class AskToSend(CallbackData, prefix="bask"):
    broadcast_id: Number


class AskAgain(CallbackData, prefix="bagain"):
    """To the second question, where there are many."""

    broadcast_id: Number


class Send(CallbackData, prefix="bsend"):
    broadcast_id: Number
    nonce: str


class Revise(CallbackData, prefix="brevise"):
    """What waits becomes a draft again."""

    broadcast_id: Number


class Pause(CallbackData, prefix="bpause"):
    broadcast_id: Number


class Resume(CallbackData, prefix="bresume"):
    broadcast_id: Number


class CallOff(CallbackData, prefix="bcancel"):
    broadcast_id: Number


class ShowStanding(CallbackData, prefix="breport"):
    broadcast_id: Number


class History(CallbackData, prefix="bhistory"):
    """A page of what the shop has sent before `before` (0: the newest)."""

    merchant_id: Number
    before: Number = 0


# For the operator


class Approvals(CallbackData, prefix="bwaiting"):
    before: Number = 0


class ShowApproval(CallbackData, prefix="bapproval"):
    """Also the way out of the form."""

    broadcast_id: Number


class Approve(CallbackData, prefix="bapprove"):
    broadcast_id: Number


class Decline(CallbackData, prefix="bdecline"):
    """To the form that asks why."""

    broadcast_id: Number


# Under a broadcast


class Follow(CallbackData, prefix="bgo"):
    """One of the shop's own buttons. `delivery_id` 0: a preview."""

    delivery_id: Number
    place: Place
