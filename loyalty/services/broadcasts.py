from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loyalty.broadcasts import (
    REDRAW,
    Broadcast,
    BroadcastState,
    Content,
    ContentButton,
    Shown,
    Standing,
    check_complete,
    time_left,
)
from loyalty.codes import NONCE_LENGTH, new_code
from loyalty.deliveries import Notice
from loyalty.errors import BroadcastRefused, NotFound
from loyalty.members import Address, Language, Member, Topic
from loyalty.merchants import Right
from loyalty.ports import UnitOfWork, reads
from loyalty.schedules import check_still_ahead, useful_until
from loyalty.segments import is_everybody
from loyalty.services import trials
from loyalty.services.draft_steps import Card, draft_of, found, led, reach, reaches_anyone
from loyalty.services.drafts import PAGE, Drafts
from loyalty.services.segments import Named, named_in
from loyalty.services.staff import check_right

WATCHED_MAX = 20  # redrawn in one go
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Question:
    """`nonce` makes the confirmation one thing, however often it is tapped. `named`: what its segment mentions."""

    card: Card
    nonce: str
    named: Named
    currency: str
    needs_approval: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A progress to redraw, for somebody with this language. `is_last`: the report, nothing changes after it."""

    standing: Standing
    language: Language
    is_last: bool


class BroadcastService(Drafts):
    """A broadcast all its life: until it is confirmed as a draft, then on its way, then over."""

    # On its way

    @reads
    def ask(self, member: Member, broadcast_id: int) -> Question:
        """What is confirmed before anything is sent. Raises BroadcastRefused when there is nothing to say, nobody to
        say it to, or its time went by."""
        now = self._clock()
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            card = Card(draft, reach(uow, draft, now))
            named = named_in(uow, draft.merchant_id, draft.segment)
        self._check(draft, member, now, is_anyone_meant=card.reach.agreed > 0)
        programme = self._programme
        nonce = new_code(self._random, NONCE_LENGTH)
        return Question(card, nonce, named, programme.currency, programme.needs_approval)

    def start(
        self,
        member: Member,
        broadcast_id: int,
        nonce: str,
        shown: Shown | None = None,
        operators: Collection[Address] = (),
    ) -> Standing:
        """Lets it go: at once or when its time comes, its recipients are fixed and the courier begins. Where the
        operator looks first it waits, and those `operators` who are members are told. The same confirmation again
        answers how it stands.

        `shown` is the message in which progress is to be drawn.
        """
        now = self._clock()
        with self._units() as uow:
            broadcast = led(uow, member, uow.broadcasts.lock(broadcast_id))
            if broadcast.key is not None and broadcast.key == nonce:
                return _standing(uow, broadcast, now)
            self._check(broadcast, member, now, is_anyone_meant=reaches_anyone(uow, broadcast, now))
            waits = self._programme.needs_approval
            state = BroadcastState.WAITING if waits else BroadcastState.SCHEDULED
            if broadcast.schedule.valid_hours != self._programme.broadcast_hours:
                schedule = replace(broadcast.schedule, valid_hours=self._programme.broadcast_hours)
                uow.broadcasts.plan(broadcast.id, schedule, broadcast.trial)
            uow.broadcasts.confirm(broadcast.id, state, key=nonce, shown=shown, at=now)
            if waits:
                _tell(uow, operators, broadcast, nonce, now)
            elif broadcast.schedule.send_at is None or broadcast.schedule.send_at <= now:
                self._begin(uow, broadcast.id, now)
            standing = _standing(uow, found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    def _check(self, draft: Broadcast, member: Member, now: datetime, *, is_anyone_meant: bool) -> None:
        check_complete(draft)
        if not is_anyone_meant:
            raise BroadcastRefused(_nobody(draft))
        check_still_ahead(draft.schedule, now, member.zone)

    def revise(self, member: Member, broadcast_id: int) -> Card:
        """Takes back what waits for its time or for the operator: it is a draft again. Raises BroadcastRefused when it
        is on its way, or its author has begun another draft."""
        with self._units() as uow:
            broadcast = led(uow, member, uow.broadcasts.lock(broadcast_id))
            if broadcast.state in (BroadcastState.WAITING, BroadcastState.SCHEDULED):
                self._reopen(uow, broadcast)
            elif not broadcast.is_draft:
                raise BroadcastRefused("not_draft")
            return self._committed(uow, broadcast.id)

    def prepare_due(self) -> int:
        """Starts what is scheduled for now, or fixes the next recipients of what has started: so many at a time that
        nobody else waits long. What should have started long ago is called off, and its author told. Answers 0 when
        there is nothing left to prepare."""
        now = self._clock()
        with self._units() as uow:
            for broadcast_id in uow.broadcasts.to_start(now):
                broadcast = uow.broadcasts.lock(broadcast_id)
                if broadcast is not None and broadcast.state is BroadcastState.SCHEDULED:
                    _begin_or_miss(uow, broadcast, now)
            filling = uow.broadcasts.to_fill()
            broadcast = uow.broadcasts.lock(filling[0]) if filling else None
            if broadcast is not None and broadcast.state is BroadcastState.PREPARING:
                self._fill(uow, broadcast, now)
            uow.commit()
        return len(filling)

    @reads
    def is_any_to_prepare(self) -> bool:
        """Whether `prepare_due` would do something: a look that disturbs nobody."""
        with self._units() as uow:
            return bool(uow.broadcasts.to_fill() or uow.broadcasts.to_start(self._clock()))

    def decide_due(self) -> int:
        """Decides the tests whose time has come, even where nobody's turn comes just then. Answers how many."""
        now = self._clock()
        decided = 0
        with self._units() as uow:
            for seen in uow.broadcasts.undecided():
                if seen.decides_at is not None and seen.decides_at <= now:
                    broadcast = uow.broadcasts.lock(seen.id)
                    if broadcast is not None and broadcast.trial.winner is None:
                        trials.decide(uow, broadcast, trials.score_all(uow, broadcast), now)
                        decided += 1
            uow.commit()
        return decided

    def _begin(self, uow: UnitOfWork, broadcast_id: int, now: datetime) -> None:
        """The first recipients at once: most shops have no more. Raises BroadcastRefused where there is nobody."""
        _launch(uow, found(uow.broadcasts.get(broadcast_id)), now)
        self._fill(uow, found(uow.broadcasts.get(broadcast_id)), now)
        begun = found(uow.broadcasts.get(broadcast_id))
        if begun.filled_at is not None and not begun.recipients:
            raise BroadcastRefused("nobody")

    def _fill(self, uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> None:
        more = uow.recipients.enlist(broadcast, now)
        done_at = now if more.is_last else None
        uow.broadcasts.filled(broadcast.id, to_id=more.to_id, added=more.added, done_at=done_at)

    def pause(self, member: Member, broadcast_id: int) -> Standing:
        """Nothing more is taken from its queue. Pausing what is paused, or over, changes nothing."""
        return self._turn(member, broadcast_id, is_paused=True)

    def resume(self, member: Member, broadcast_id: int) -> Standing:
        return self._turn(member, broadcast_id, is_paused=False)

    def cancel(self, member: Member, broadcast_id: int) -> Standing:
        """Whoever has not got it will not. What is over stays as it is."""
        now = self._clock()
        with self._units() as uow:
            broadcast = _started(led(uow, member, uow.broadcasts.lock(broadcast_id)))
            if not broadcast.state.is_over:
                uow.outbox.suppress_broadcast(broadcast.id, CANCELLED, now)
                left = uow.broadcasts.left(broadcast.id)
                uow.broadcasts.turn(broadcast.id, BroadcastState.CANCELLED, left=left, at=now)
            standing = _standing(uow, found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    def _turn(self, member: Member, broadcast_id: int, *, is_paused: bool) -> Standing:
        now = self._clock()
        with self._units() as uow:
            broadcast = _started(led(uow, member, uow.broadcasts.lock(broadcast_id)))
            under_way = BroadcastState.SENDING if broadcast.filled_at is not None else BroadcastState.PREPARING
            before, after = (under_way, BroadcastState.PAUSED) if is_paused else (BroadcastState.PAUSED, under_way)
            if broadcast.state is before:
                uow.broadcasts.turn(broadcast.id, after, left=uow.broadcasts.left(broadcast.id), at=now)
            standing = _standing(uow, found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    @reads
    def standing(self, member: Member, broadcast_id: int) -> Standing:
        with self._units() as uow:
            broadcast = _started(led(uow, member, uow.broadcasts.get(broadcast_id)))
            return _standing(uow, broadcast, self._clock())

    @reads
    def history(
        self, member: Member, merchant_id: int, before_id: int | None = None
    ) -> tuple[Sequence[Broadcast], int | None]:
        """A page of what the shop has sent, newest first, and the id to page on from."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.BROADCAST)
            page = uow.broadcasts.page(merchant_id, before_id=before_id, limit=PAGE + 1)
        return page[:PAGE], page[PAGE - 1].id if len(page) > PAGE else None

    # For the courier

    @reads
    def content(self, broadcast_id: int) -> Content | None:
        """What to send. It does not change any more once a broadcast has started."""
        with self._units() as uow:
            broadcast = uow.broadcasts.get(broadcast_id)
        return None if broadcast is None else broadcast.content

    @reads
    def is_any_due(self) -> bool:
        """Whether `due` would do something: a look that disturbs nobody."""
        with self._units() as uow:
            return uow.broadcasts.is_any_due(self._clock() - REDRAW)

    def due(self) -> Sequence[Drawing]:
        """What is to be redrawn now; each comes up at most every three seconds, whoever asks. A broadcast of which
        nothing is left ends here, and whoever sent it is told."""
        now = self._clock()
        drawings = []
        with self._units() as uow:
            for broadcast, drawn, language in uow.broadcasts.due(now - REDRAW, now, WATCHED_MAX):
                is_full = broadcast.filled_at is not None and not broadcast.state.is_over
                if is_full and not uow.broadcasts.left(broadcast.id):
                    broadcast = _end(uow, broadcast, now)
                standing = _standing(uow, broadcast, now)
                is_last = broadcast.state.is_over and not standing.left
                if is_last or drawn != _drawn(standing):
                    uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))
                    drawings.append(Drawing(standing, language, is_last))
            uow.commit()
        return drawings

    def drawn(self, drawing: Drawing, shown: Shown | None = None) -> None:
        """It was drawn, in a new message if `shown` names one."""
        if shown is None and not drawing.is_last:
            return
        with self._units() as uow:
            uow.broadcasts.note_shown(drawing.standing.broadcast.id, shown, is_told=drawing.is_last)
            uow.commit()

    def postpone(self, drawing: Drawing, seconds: float) -> None:
        """The channel wants no drawing for so long."""
        with self._units() as uow:
            until = self._clock() + timedelta(seconds=seconds)
            uow.broadcasts.postpone(drawing.standing.broadcast.id, until - REDRAW)
            uow.broadcasts.note_drawn(drawing.standing.broadcast.id, "")
            uow.commit()

    # For those who get one

    def follow(self, member: Member, delivery_id: int, place: int) -> ContentButton:
        """Where a button of a message leads; the first tap on it is noted. Raises NotFound when the message went to
        somebody else, or has no such button."""
        with self._units() as uow:
            content = self._open(uow, member, delivery_id)
            if place >= len(content.buttons):
                raise NotFound("button", place)
            uow.broadcasts.tap(delivery_id, place, self._clock())
            uow.commit()
        return content.buttons[place]

    def _open(self, uow: UnitOfWork, member: Member, delivery_id: int) -> Content:
        content = uow.broadcasts.content_of(delivery_id, member.id)
        if content is None or not uow.outbox.open(delivery_id, member.id, self._clock()):
            raise NotFound("broadcast", delivery_id)
        return content


def _started(broadcast: Broadcast) -> Broadcast:
    if broadcast.is_draft:
        raise BroadcastRefused("not_running")
    return broadcast


def _standing(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Standing:
    if broadcast.state.is_over:
        tally = uow.broadcasts.tally(broadcast.id)
        return Standing(broadcast, tally.left, tally=tally)
    left = uow.broadcasts.left(broadcast.id)
    return Standing(broadcast, left, time_left(broadcast, left, at))


def _drawn(standing: Standing) -> str:
    """What can be seen of it in short: the same again need not be drawn."""
    return f"{standing.broadcast.state}:{standing.left}"


def _nobody(draft: Broadcast) -> str:
    if not is_everybody(draft.segment):
        return "nobody_meant"
    return "nobody" if draft.content.topic is Topic.OFFERS else "nobody_agreed"


def _tell(uow: UnitOfWork, operators: Collection[Address], broadcast: Broadcast, nonce: str, at: datetime) -> None:
    """Those operators who are members hear that something waits for them."""
    known = [uow.members.at(address) for address in operators]
    facts = broadcast.facts
    cause = f"approval_wanted:{broadcast.id}:{nonce}"
    uow.outbox.add([Notice(each.id, "approval_wanted", cause, facts) for each in known if each is not None], at)


def _begin_or_miss(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> None:
    until = useful_until(broadcast.schedule)
    if until is None or now < until:
        _launch(uow, broadcast, now)
        return
    uow.broadcasts.turn(broadcast.id, BroadcastState.CANCELLED, left=0, at=now)
    facts = broadcast.facts
    cause = f"broadcast_missed:{broadcast.id}"
    uow.outbox.add([Notice(broadcast.author_id, "broadcast_missed", cause, facts)], now)


def _launch(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> None:
    """From now on it reckons. Where its test group is too small to show anything, all wordings go out at once."""
    if broadcast.is_trial and broadcast.is_too_small_to_test(reach(uow, broadcast, now).agreed):
        uow.broadcasts.plan(broadcast.id, broadcast.schedule, replace(broadcast.trial, percent=100))
    uow.broadcasts.begin(broadcast.id, now)


def _end(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Broadcast:
    uow.broadcasts.turn(broadcast.id, BroadcastState.DONE, left=0, at=at)
    facts = {**broadcast.facts, "sent": uow.broadcasts.tally(broadcast.id).sent}
    uow.outbox.add([Notice(broadcast.author_id, "broadcast_done", f"broadcast_done:{broadcast.id}", facts)], at)
    return replace(broadcast, state=BroadcastState.DONE, finished_at=at)
