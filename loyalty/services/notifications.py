from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time

from loyalty.errors import BirthdayMissing, NotFound
from loyalty.members import Member, Topic
from loyalty.notifications import AT_MOST_ONE, Choices, Consent, Less, Said, ShopChoice, Unasked
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import consents, members

PAGE = 6
LINES_PAGE = 4  # of the log: each repeats all that was agreed to
MUTED_SHOP = "muted_shop"


@dataclass(frozen=True, slots=True)
class Centre:
    """What comes to a member unasked, and what does not."""

    member: Member
    agreed: Mapping[Topic, datetime]
    choices: Choices
    muted: int  # shops


@dataclass(frozen=True, slots=True)
class ShopsPage:
    shops: Sequence[ShopChoice]
    after_id: int  # where the page begins
    next_id: int | None  # where the next one does


@dataclass(frozen=True, slots=True)
class UnaskedPage:
    member: Member
    messages: Sequence[Unasked]
    is_first: bool
    older_than: int | None


@dataclass(frozen=True, slots=True)
class LogPage:
    member: Member
    lines: Sequence[Consent]
    is_first: bool
    older_than: int | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What the operator sees of how the club writes to a member: read only."""

    centre: Centre
    lines: Sequence[Consent]
    messages: Sequence[Unasked]


@dataclass(frozen=True, slots=True)
class Explained:
    """A message, and since when the member says yes to its topic (None: does not any more)."""

    message: Unasked
    agreed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LessOf:
    """What can be had less of, with what a member has chosen now: it comes back when that is undone."""

    message: Unasked
    ways: Sequence[Less]
    per_week: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """`question` is the line of the question that is to be answered instead: this one was too old."""

    said: Said
    question: int | None = None


class NotificationService:
    """What members choose about messages that they did not ask for. Every change that could let something go has the
    contact policy asked again; what is not wanted any more leaves the queue at once."""

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def centre(self, member: Member) -> Centre:
        with self._units() as uow:
            return _centre(uow, member)

    @reads
    def audit(self, code: str) -> Audit:
        """Raises NotFound."""
        with self._units() as uow:
            member = members.meant(uow, code)
            return Audit(
                _centre(uow, member),
                uow.contacts.log(member.id, None, LINES_PAGE),
                uow.contacts.unasked(member.id, None, PAGE),
            )

    # Topics

    def stop_all(self, member: Member, wording: str, place: str) -> Sequence[Topic]:
        """No to every topic; answers what was on, which the second of two taps does not find any more."""
        now = self._clock()
        with self._units() as uow:
            uow.contacts.lock(member.id)
            was_on = list(uow.contacts.agreed(member.id))
            for topic in Topic:
                self._say(uow, member, topic, False, at=now, wording=wording, place=place)
            uow.commit()
        return was_on

    def take_stop_back(self, member: Member, topics: Sequence[Topic], wording: str, place: str) -> Said:
        """Yes again to these; ASKED when it was too long ago to be an undo and the club asks a second time."""
        now, said = self._clock(), []
        with self._units() as uow:
            for topic in topics:
                with suppress(BirthdayMissing):  # forgotten since then, and the greeting with it
                    said.append(self._say(uow, member, topic, True, at=now, wording=wording, place=place))
            uow.commit()
        return Said.ASKED if Said.ASKED in said else Said.DONE

    def confirm(self, member: Member, topic: Topic, line_id: int, given: bool, wording: str) -> Answered:
        """The answer to the second question. One that is too old, or was answered otherwise meanwhile, is asked anew.

        Raises NotFound when there is no such question to this member.
        """
        now, place = self._clock(), "confirmation"
        with self._units() as uow:
            uow.contacts.lock(member.id)
            question = uow.contacts.line(member.id, line_id)
            if question is None or question.topic is not topic or not question.is_question:
                raise NotFound("question", line_id)
            last = uow.contacts.last_said(member.id, topic)
            answered = Answered(Said.DONE)
            if not given:
                self._say(uow, member, topic, False, at=now, wording=wording, place=place)
            elif topic not in uow.contacts.agreed(member.id):
                if last is not None and last.id == question.id and question.is_open(now):
                    consents.agree(uow, member.id, topic, at=now, wording=wording, place=place)
                elif last is not None and last.is_open(now):
                    answered = Answered(Said.ASKED, last.id)
                else:
                    anew = uow.contacts.note(
                        member.id, topic, True, at=now, wording=wording, place=place, is_confirmed=False
                    )
                    answered = Answered(Said.ASKED, anew)
            uow.commit()
        return answered

    def _say(
        self, uow: UnitOfWork, member: Member, topic: Topic, given: bool, *, at: datetime, wording: str, place: str
    ) -> Said:
        return consents.say(uow, self._programme, member.id, topic, given, at=at, wording=wording, place=place)

    # Quiet hours and how often

    def be_quiet(self, member: Member, hours: tuple[time, time] | None) -> Centre:
        """Quiet from and until, on the member's clock; the same time twice is never, None is as the club has it."""
        starts, ends = hours or (None, None)
        return self._choose(member, lambda choices: replace(choices, quiet_from=starts, quiet_until=ends))

    def at_most(self, member: Member, per_day: int, per_week: int) -> Centre:
        """At most so many a day, or a week; 0: that one stays as it is, and both 0: as the club has it."""
        if not per_day and not per_week:
            return self._choose(member, lambda choices: replace(choices, per_day=None, per_week=None))
        return self._choose(
            member,
            lambda choices: replace(choices, per_day=per_day or choices.per_day, per_week=per_week or choices.per_week),
        )

    def _choose(self, member: Member, change: Callable[[Choices], Choices]) -> Centre:
        now = self._clock()
        with self._units() as uow:
            uow.contacts.lock(member.id)
            uow.contacts.choose(member.id, change(uow.contacts.choices(member.id)))
            uow.outbox.release(member.id, now)
            centre = _centre(uow, member)
            uow.commit()
        return centre

    # Shops

    @reads
    def shops(self, member: Member, after_id: int = 0) -> ShopsPage:
        with self._units() as uow:
            return _shops(uow, member, after_id)

    def mute(self, member: Member, merchant_id: int, is_muted: bool, wording: str, place: str) -> None:
        """Nothing more from a shop, or again. Raises NotFound."""
        now = self._clock()
        with self._units() as uow:
            _mute(uow, member, merchant_id, is_muted, at=now, wording=wording, place=place)
            uow.commit()

    # What was sent, and what was said

    @reads
    def unasked(self, member: Member, before_id: int | None = None) -> UnaskedPage:
        with self._units() as uow:
            page = uow.contacts.unasked(member.id, before_id, PAGE + 1)
        older = page[PAGE - 1].id if len(page) > PAGE else None
        return UnaskedPage(member, page[:PAGE], not before_id, older)

    @reads
    def log(self, member: Member, before_id: int | None = None) -> LogPage:
        with self._units() as uow:
            page = uow.contacts.log(member.id, before_id, LINES_PAGE + 1)
        older = page[LINES_PAGE - 1].id if len(page) > LINES_PAGE else None
        return LogPage(member, page[:LINES_PAGE], not before_id, older)

    @reads
    def member(self, member_id: int) -> Member:
        """For the operator's pages. Raises NotFound."""
        with self._units() as uow:
            found = uow.members.get(member_id)
        if found is None:
            raise NotFound("member", member_id)
        return found

    # From the message itself

    def open(self, member: Member, delivery_id: int) -> bool:
        """Notes a tap; False when it was sent to somebody else."""
        with self._units() as uow:
            is_theirs = uow.outbox.open(delivery_id, member.id, self._clock())
            uow.commit()
        return is_theirs

    def why(self, member: Member, delivery_id: int) -> Explained:
        """Raises NotFound when it was sent to somebody else; so do the others."""
        with self._units() as uow:
            message = self._tapped(uow, member, delivery_id)
            agreed = uow.contacts.agreed(member.id)
            uow.commit()
        return Explained(message, agreed.get(message.topic) if message.topic is not None else None)

    def less(self, member: Member, delivery_id: int) -> LessOf:
        """What there could be less of."""
        with self._units() as uow:
            message = self._tapped(uow, member, delivery_id)
            choices = uow.contacts.choices(member.id)
            ways = []
            if choices.often(self._programme)[1] > AT_MOST_ONE:
                ways.append(Less.WEEKLY)
            if message.merchant_id is not None and not uow.contacts.is_muted(member.id, message.merchant_id):
                ways.append(Less.SHOP)
            if message.topic in uow.contacts.agreed(member.id):
                ways.append(Less.TOPIC)
            uow.commit()
        return LessOf(message, ways, choices.per_week)

    def have_less(self, member: Member, delivery_id: int, less: Less, wording: str) -> tuple[Unasked, bool]:
        """Acts at once. With the message it answers whether that can be undone: it cannot where nothing was changed
        from this message."""
        now, place = self._clock(), place_of(delivery_id)
        with self._units() as uow:
            message = self._tapped(uow, member, delivery_id)
            is_undoable = True
            match less:
                case Less.WEEKLY:
                    choices = uow.contacts.choices(member.id)
                    uow.contacts.choose(member.id, replace(choices, per_week=AT_MOST_ONE))
                case Less.SHOP:
                    _mute(uow, member, message.merchant_id, True, at=now, wording=wording, place=place)
                case Less.TOPIC:
                    topic = _topic(message)
                    self._say(uow, member, topic, False, at=now, wording=wording, place=place)
                    last = uow.contacts.last_said(member.id, topic)
                    is_undoable = last is not None and last.place == place and not last.is_given
            uow.commit()
        return message, is_undoable

    def have_it_back(
        self, member: Member, delivery_id: int, less: Less, per_week: int | None, wording: str
    ) -> tuple[Unasked, Said]:
        """Undoes it. `per_week` is what was chosen before; what was chosen otherwise since then stays."""
        now, place, said = self._clock(), place_of(delivery_id), Said.DONE
        with self._units() as uow:
            message = self._tapped(uow, member, delivery_id)
            match less:
                case Less.WEEKLY:
                    choices = uow.contacts.choices(member.id)
                    if choices.per_week == AT_MOST_ONE:
                        uow.contacts.choose(member.id, replace(choices, per_week=per_week))
                        uow.outbox.release(member.id, now)
                case Less.SHOP:
                    _mute(uow, member, message.merchant_id, False, at=now, wording=wording, place=place)
                case Less.TOPIC:
                    said = self._say(uow, member, _topic(message), True, at=now, wording=wording, place=place)
            uow.commit()
        return message, said

    def _tapped(self, uow: UnitOfWork, member: Member, delivery_id: int) -> Unasked:
        uow.contacts.lock(member.id)  # first of all locks, here as everywhere
        message = uow.contacts.message(member.id, delivery_id)
        if message is None or not uow.outbox.open(delivery_id, member.id, self._clock()):
            raise NotFound("message", delivery_id)
        return message


def place_of(delivery_id: int) -> str:
    """How the log names a message as the place where something was said."""
    return f"message:{delivery_id}"


def _centre(uow: UnitOfWork, member: Member) -> Centre:
    return Centre(
        member,
        uow.contacts.agreed(member.id),
        uow.contacts.choices(member.id),
        uow.contacts.muted(member.id),
    )


def _shops(uow: UnitOfWork, member: Member, after_id: int) -> ShopsPage:
    page = uow.contacts.shops(member.id, after_id, PAGE + 1)
    return ShopsPage(page[:PAGE], after_id, page[PAGE - 1].merchant_id if len(page) > PAGE else None)


def _mute(
    uow: UnitOfWork, member: Member, merchant_id: int | None, is_muted: bool, *, at: datetime, wording: str, place: str
) -> None:
    if merchant_id is None or uow.merchants.get(merchant_id) is None:
        raise NotFound("shop", merchant_id)
    uow.contacts.lock(member.id)
    if is_muted:
        is_changed = uow.contacts.mute(member.id, merchant_id, at)
        uow.outbox.suppress_shop(member.id, merchant_id, MUTED_SHOP, at)
    else:
        is_changed = uow.contacts.unmute(member.id, merchant_id)
        uow.outbox.release(member.id, at)
    if is_changed:
        # A shop is muted for all that it may write about; most of that is offers.
        uow.contacts.note(
            member.id, Topic.OFFERS, not is_muted, at=at, wording=wording, place=place, merchant_id=merchant_id
        )


def _topic(message: Unasked) -> Topic:
    if message.topic is None:
        raise NotFound("message", message.id)
    return message.topic
