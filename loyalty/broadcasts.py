"""Broadcasts: what a merchant tells those who said yes, from the draft to the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from loyalty import placeholders
from loyalty.errors import BroadcastRefused
from loyalty.members import Topic
from loyalty.merchants import NAME_MAX, Translations
from loyalty.names import one_line
from loyalty.segments import EVERYBODY, Segment, is_everybody

TEXT_MAX = 3_500  # as shown, in UTF-16 units; Telegram takes 4,096 with the shop's line above
CAPTION_MAX = 1_024 - 2 * NAME_MAX - 2  # under a picture: what the shop's line, in the longest case, leaves of it
REDRAW = timedelta(seconds=3)  # progress is drawn at most this often
MEASURED_MIN = timedelta(seconds=1)  # a speed measured over less is chance
PICTURE_BYTES_MAX = 10 * 1024 * 1024  # Telegram takes no larger photo
BUTTONS_MAX = 3
LABEL_MAX = 40
LINK_MAX = 500
CROWD = 1_000  # more people than these, and the question is asked again
EVERYBODY_MIN = 100  # so is it for everybody, where that is more than a handful
TESTED_MIN = 100  # people per wording; with fewer, chance decides
TESTED_LEAST = 10  # people per wording; with fewer, nothing can be said, and nobody is to wait for it
VARIANTS = "ABCD"
FIRST = VARIANTS[0]
ORIGINAL = ""  # the language in which a wording was first written: who has no wording of their own reads this one
TOPICS = (Topic.OFFERS, Topic.GROUP_BUYS, Topic.NEWS, Topic.SURVEYS)  # what a shop may write about
TEST_PERCENTS = (10, 20, 50, 100)
TEST_HOURS = (1, 2, 4, 12, 24)
DELETED = "DELETED"  # in the place of a confirmation: a draft that can be taken back, and is in no list


class BroadcastState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"  # for the operator's yes
    SCHEDULED = "scheduled"
    PREPARING = "preparing"  # its recipients are being fixed
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (BroadcastState.DONE, BroadcastState.CANCELLED)


class Method(StrEnum):
    """How the wording is found that the rest gets: the best of a test, or each as often as it is likely to be best."""

    FIXED = "fixed"
    THOMPSON = "thompson"


class Metric(StrEnum):
    TAPS = "taps"
    REDEMPTIONS = "redemptions"


class Leads(StrEnum):
    """Where a button leads."""

    LINK = "link"
    REWARD = "reward"
    DEAL = "deal"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` is HTML with placeholders; `length` as it is shown at the longest, in UTF-16 units."""

    text: str
    length: int


# By variant, then by language.
Wordings = Mapping[str, Mapping[str, Wording]]


@dataclass(frozen=True, slots=True)
class ContentButton:
    """`target` is the address of a link, or the id of what it leads to. `labels` are the label in other languages."""

    label: str
    leads: Leads
    target: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Something of the shop's that a button can lead to, with its name in other languages."""

    id: int
    name: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a member gets. `translations` are those of the shop's name; `original` is the language in which the wordings
    were first written, "" while nobody has said."""

    shop: str
    translations: Translations
    wordings: Wordings = field(default_factory=dict)
    picture_id: int | None = None
    topic: Topic = Topic.OFFERS
    buttons: Sequence[ContentButton] = ()
    merchant_id: int = 0
    original: str = ORIGINAL

    @property
    def variants(self) -> str:
        return "".join(sorted(self.wordings)) or FIRST

    def wording(self, variant: str | None = FIRST, language: str = ORIGINAL) -> Wording:
        """The variant's words in a language, else in the one it was written in; empty where there are none yet."""
        said = self.wordings.get(variant or FIRST, {})
        return said.get(language) or said.get(ORIGINAL) or Wording("", 0)

    def said(self, variant: str, language: str, wording: Wording) -> Content:
        """The same with these words for a variant in a language."""
        return replace(self, wordings={**self.wordings, variant: {**self.wordings.get(variant, {}), language: wording}})

    def unsaid(self, variant: str, language: str) -> Content:
        """Without a variant's words in a language; without those in the first one, without the variant."""
        left = {name: dict(languages) for name, languages in self.wordings.items()}
        if language == ORIGINAL:
            left.pop(variant, None)
        else:
            left.get(variant, {}).pop(language, None)
        return replace(self, wordings=left)

    @property
    def next_variant(self) -> str | None:
        """What one more wording would be called; None when there are as many as there can be."""
        return next((variant for variant in VARIANTS if variant not in self.wordings), None)

    @property
    def text(self) -> str:
        """The first wording, by which people know the broadcast again."""
        return self.wording().text


@dataclass(frozen=True, slots=True)
class Schedule:
    """When it goes out. `send_at` None: as soon as it is confirmed. With `local_hour`, each member gets it at that hour
    of `local_day` on the own clock, or at once where that is over. After `valid_hours` more it is of no use."""

    send_at: datetime | None = None
    local_day: date | None = None
    local_hour: int | None = None
    valid_hours: int = 48


@dataclass(frozen=True, slots=True)
class Trial:
    """How several wordings are compared: `percent` of the recipients get them in equal parts, and `hours` later the
    rest gets the `winner` (fixed), or each in turn what is likely to be best by then (thompson)."""

    method: Method = Method.FIXED
    metric: Metric = Metric.TAPS
    percent: int = 20
    hours: int = 4
    winner: str | None = None
    decided_at: datetime | None = None

    @property
    def has_rest(self) -> bool:
        """Whether some wait for the outcome."""
        return self.method is Method.FIXED and self.percent < 100


@dataclass(frozen=True, slots=True)
class Shown:
    """The message of the chat in which the progress is drawn."""

    chat: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`key` is the confirmation's nonce, once there is one. Up to the member `filled_to_id`, recipients are fixed."""

    id: int
    merchant_id: int
    author_id: int
    state: BroadcastState
    content: Content
    created_at: datetime
    segment: Segment = EVERYBODY
    schedule: Schedule = Schedule()
    trial: Trial = Trial()
    key: str | None = None
    confirmed_at: datetime | None = None
    approved_by: int | None = None
    note: str = ""  # why the operator said no
    recipients: int = 0
    filled_to_id: int = 0
    filled_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    shown: Shown | None = None
    measured_from: datetime | None = None  # since when it has been sending without a break ...
    measured_left: int = 0  # ... and how many were left then

    @property
    def is_draft(self) -> bool:
        return self.state is BroadcastState.DRAFT

    @property
    def facts(self) -> dict[str, Any]:
        """By which a notice names it."""
        shop = {"shop": self.content.shop, "merchant_translations": dict(self.content.translations)}
        return {"broadcast_id": self.id, **shop}

    @property
    def is_deleted(self) -> bool:
        return self.key == DELETED

    @property
    def is_trial(self) -> bool:
        return len(self.content.variants) > 1

    @property
    def decides_at(self) -> datetime | None:
        """When its test is decided by itself; None where nobody waits for that."""
        if not self.is_trial or not self.trial.has_rest or self.started_at is None:
            return None
        return self.started_at + timedelta(hours=self.trial.hours)

    def tested_each(self, recipients: int) -> int:
        """How many get each wording of its test, of so many recipients."""
        return recipients * self.trial.percent // 100 // len(self.content.variants)

    def is_too_small_to_test(self, recipients: int) -> bool:
        """Whether the rest would wait for a test that can show nothing."""
        return self.is_trial and self.trial.has_rest and self.tested_each(recipients) < TESTED_LEAST

    def asks_again(self, recipients: int) -> bool:
        """Whether so many are so many that one yes is not enough."""
        return recipients > CROWD or (is_everybody(self.segment) and recipients >= EVERYBODY_MIN)

    @property
    def starts_at(self) -> datetime:
        """From when it reckons: its trial, and how long it may wait."""
        assert self.started_at is not None, "only what has started"
        return self.started_at


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of those who said yes to the topic and can be reached a segment means, and how many members there are
    in all."""

    agreed: int
    members: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the deliveries, counted from their rows."""

    left: int = 0  # queued or being sent
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    opened: int = 0
    suppressed: Mapping[str, int] = field(default_factory=dict)  # by reason


@dataclass(frozen=True, slots=True)
class Standing:
    """How a broadcast stands. `tally` only when it is over: it takes a look at every row."""

    broadcast: Broadcast
    left: int
    time_left: timedelta | None = None
    tally: Tally | None = None

    @property
    def done(self) -> int:
        return self.broadcast.recipients - self.left


_ORIGINAL_IN = "original"  # beside the variants, whose names are single letters


def wordings_as_json(content: Content) -> dict[str, Any]:
    """As they are kept, with the language in which they were first written."""
    kept: dict[str, Any] = {
        variant: {language: {"text": said.text, "length": said.length} for language, said in languages.items()}
        for variant, languages in content.wordings.items()
    }
    return kept | ({_ORIGINAL_IN: content.original} if content.original else {})


def wordings_from_json(kept: Mapping[str, Any]) -> Wordings:
    return {
        variant: {language: Wording(**said) for language, said in languages.items()}
        for variant, languages in kept.items()
        if variant != _ORIGINAL_IN
    }


def original_from_json(kept: Mapping[str, Any]) -> str:
    return str(kept.get(_ORIGINAL_IN, ORIGINAL))


def buttons_as_json(buttons: Sequence[ContentButton]) -> list[dict[str, Any]]:
    return [
        {"label": one.label, "leads": one.leads.value, "target": one.target, "labels": dict(one.labels)}
        for one in buttons
    ]


def buttons_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[ContentButton, ...]:
    return tuple(ContentButton(one["label"], Leads(one["leads"]), one["target"], one["labels"]) for one in kept)


def content_as_json(content: Content) -> dict[str, Any]:
    """All of it, for a message that outlives its draft."""
    return {
        "shop": content.shop,
        "translations": content.translations,
        "wordings": wordings_as_json(content),
        "picture_id": content.picture_id,
        "buttons": buttons_as_json(content.buttons),
    }


def content_from_json(kept: Mapping[str, Any]) -> Content:
    return Content(
        kept["shop"],
        kept["translations"],
        wordings_from_json(kept["wordings"]),
        kept["picture_id"],
        buttons=buttons_from_json(kept["buttons"]),
    )


def worded(text: str, length: int) -> Wording:
    """A wording of HTML that is so long as it was typed. Raises BroadcastRefused for a placeholder that is none."""
    placeholders.check(text)
    return Wording(text, length + placeholders.growth(text))


def check_length(length: int, *, has_picture: bool) -> None:
    """Raises BroadcastRefused when a text of this length does not fit."""
    if length > TEXT_MAX:
        raise BroadcastRefused("too_long", {"length": length, "most": TEXT_MAX})
    if has_picture and length > CAPTION_MAX:
        raise BroadcastRefused("too_long_for_picture", {"length": length, "most": CAPTION_MAX})


def check_fits(content: Content) -> None:
    """The same for the longest of its wordings."""
    lengths = [said.length for languages in content.wordings.values() for said in languages.values()]
    check_length(max(lengths, default=0), has_picture=content.picture_id is not None)


def check_picture(size: int) -> None:
    """Raises BroadcastRefused for one of so many bytes."""
    if size > PICTURE_BYTES_MAX:
        raise BroadcastRefused("picture_too_large", {"most": PICTURE_BYTES_MAX, "size": size})


def clean_label(given: str) -> str:
    """What a button says. Raises BroadcastRefused."""
    label = one_line(given)
    if not label or len(label) > LABEL_MAX:
        raise BroadcastRefused("label", {"most": LABEL_MAX})
    return label


def clean_link(given: str) -> str:
    """An address that Telegram opens safely. Raises BroadcastRefused."""
    link = given.strip()
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise BroadcastRefused("link", {"most": LINK_MAX}) from None
    is_whole = parts.scheme == "https" and "." in host.strip(".") and parts.username is None
    if not is_whole or len(link) > LINK_MAX or any(sign.isspace() or not sign.isprintable() for sign in link):
        raise BroadcastRefused("link", {"most": LINK_MAX})
    return link


def check_topic(topic: Topic) -> None:
    """Raises BroadcastRefused for what a shop may not write about: birthdays are the club's."""
    if topic not in TOPICS:
        raise BroadcastRefused("topic")


def check_trial(trial: Trial) -> None:
    """Raises BroadcastRefused for a share or a time that is not offered."""
    if trial.percent not in TEST_PERCENTS or trial.hours not in TEST_HOURS:
        raise BroadcastRefused("trial")


def check_complete(broadcast: Broadcast) -> None:
    """Raises BroadcastRefused for what is not a draft, or a draft without words."""
    if not broadcast.is_draft:
        raise BroadcastRefused("not_draft")
    if not broadcast.content.text:
        raise BroadcastRefused("empty")


def sends_at(schedule: Schedule, started_at: datetime, timezone: str) -> datetime:
    """When whoever lives in a zone gets it: never before it has started. An instant in UTC; an hour that a clock change
    leaves out is the one after it."""
    if schedule.local_day is None or schedule.local_hour is None:
        return started_at
    local = datetime.combine(schedule.local_day, time(schedule.local_hour), tzinfo=ZoneInfo(timezone))
    return max(started_at, local.astimezone(UTC))


def time_left(broadcast: Broadcast, left: int, at: datetime) -> timedelta | None:
    """How long the rest takes at the speed since the last start or resume; None while nothing can be said."""
    if broadcast.state is not BroadcastState.SENDING or broadcast.measured_from is None:
        return None
    span, done = at - broadcast.measured_from, broadcast.measured_left - left
    if span < MEASURED_MIN or done <= 0 or left <= 0:
        return None
    return span * (left / done)
