from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Number
from loyalty.members import Topic
from loyalty.notifications import PER_DAY, PER_WEEK

HALF_HOUR = 30
Minute = Annotated[int, Field(ge=0, lt=24 * 60, multiple_of=HALF_HOUR)]  # after midnight


class ShowCentre(CallbackData, prefix="notify"):
    pass


class ShowTopic(CallbackData, prefix="ntopic"):
    """What a yes means, and the way to it."""

    topic: Topic


class SetTopic(CallbackData, prefix="nset"):
    topic: Topic
    given: bool


class StopAll(CallbackData, prefix="nstop"):
    """`topics`: what was on, a bit each, for the undo."""

    topics: Annotated[int, Field(ge=0, lt=2 ** len(Topic))]


class UndoStopAll(CallbackData, prefix="nunstop"):
    topics: Annotated[int, Field(ge=0, lt=2 ** len(Topic))]


class ShowQuiet(CallbackData, prefix="nquiet"):
    pass


class QuietFrom(CallbackData, prefix="nfrom"):
    """The hours from which it can be quiet; `is_half`: the half hours."""

    is_half: bool = False


class QuietUntil(CallbackData, prefix="nuntil"):
    starts: Minute
    is_half: bool = False


class SetQuiet(CallbackData, prefix="nquietset"):
    """The same time twice: never."""

    starts: Minute
    ends: Minute


class QuietAsTheClub(CallbackData, prefix="nquietclub"):
    pass


class ShowOften(CallbackData, prefix="noften"):
    pass


class SetOften(CallbackData, prefix="noftenset"):
    """At most so many a day, or a week (0: that one stays); both 0: the club's default."""

    per_day: Annotated[int, Field(ge=0, le=PER_DAY[-1])] = 0
    per_week: Annotated[int, Field(ge=0, le=PER_WEEK[-1])] = 0


class ShopsPage(CallbackData, prefix="nshops"):
    after: Number = 0


class MuteShop(CallbackData, prefix="nmute"):
    merchant_id: Number
    is_muted: bool
    after: Number = 0  # the page it stands on


class SentPage(CallbackData, prefix="nsent"):
    """What was sent unasked before the message `before` (0: the newest)."""

    before: Number = 0


class SaidPage(CallbackData, prefix="nsaid"):
    """What was said yes and no to before the line `before` (0: the newest)."""

    before: Number = 0


class Confirm(CallbackData, prefix="nconfirm"):
    """The answer to the second question."""

    topic: Topic
    line_id: Number
    given: bool


class ContactsCard(CallbackData, prefix="contacts"):
    """For the operator."""

    member_id: Number


class ContactsSent(CallbackData, prefix="contactssent"):
    member_id: Number
    before: Number = 0


class ContactsSaid(CallbackData, prefix="contactssaid"):
    member_id: Number
    before: Number = 0
