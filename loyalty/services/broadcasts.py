from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loyalty.broadcasts import (
    FIRST,
    ORIGINAL,
    REDRAW,
    Broadcast,
    BroadcastState,
    Content,
    Reach,
    Shown,
    Standing,
    Wording,
    check_complete,
    check_length,
    time_left,
)
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.deliveries import Notice
from loyalty.errors import BroadcastRefused, NotAllowed, NotFound
from loyalty.members import Language, Member
from loyalty.merchants import Post, Right, may
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.staff import check_right

PAGE = 8
WATCHED_MAX = 20  # redrawn in one go
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Card:
    """A draft and whom it would reach now."""

    draft: Broadcast
    reach: Reach


@dataclass(frozen=True, slots=True)
class Question:
    """`nonce` makes the confirmation one thing, however often it is tapped."""

    card: Card
    nonce: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A progress to redraw, for somebody with this language. `is_last`: the report, nothing changes after it."""

    standing: Standing
    language: Language
    is_last: bool


class BroadcastService:
    """Every use case of the merchant looks anew whether the member speaks for that shop: buttons stay, roles end."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    # The draft

    @reads
    def shops(self, member: Member) -> Sequence[Post]:
        """The shops for which a member may speak, each once. Raises NotAllowed when there is none."""
        with self._units() as uow:
            posts = uow.merchants.posts(member.id)
        shops = {post.merchant_id: post for post in posts if may([post], Right.BROADCAST)}
        if not shops:
            raise NotAllowed(Right.BROADCAST)
        return list(shops.values())

    def draft(self, member: Member, merchant_id: int) -> Card:
        """The member's open draft at the shop, a new one if there is none."""
        now = self._clock()
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.BROADCAST)
            draft = uow.broadcasts.draft(merchant_id, member.id, now)
            card = Card(draft, _reach(uow, draft, now))
            uow.commit()
        return card

    @reads
    def card(self, member: Member, broadcast_id: int) -> Card:
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
            return Card(draft, _reach(uow, draft, self._clock()))

    def write(
        self, member: Member, broadcast_id: int, *, text: str = "", length: int = 0, picture: bytes | None = None
    ) -> Card:
        """Sets the text (HTML, and how long it is as shown), the picture, or both.

        Raises BroadcastRefused when it is empty, too long, or no draft any more.
        """
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.lock(broadcast_id))
            if not text and picture is None:
                raise BroadcastRefused("empty")
            content = draft.content
            if text:
                content = content.said(FIRST, ORIGINAL, Wording(text, length))
            if picture is not None:
                key = f"broadcast:{hashlib.sha256(picture).hexdigest()}"
                content = replace(content, picture_id=uow.pictures.add(key, picture))
            check_length(content.wording().length, has_picture=content.picture_id is not None)
            card = self._changed(uow, draft, content)
            uow.commit()
        return card

    def remove_picture(self, member: Member, broadcast_id: int) -> Card:
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.lock(broadcast_id))
            card = self._changed(uow, draft, replace(draft.content, picture_id=None))
            uow.commit()
        return card

    def _changed(self, uow: UnitOfWork, draft: Broadcast, content: Content) -> Card:
        uow.broadcasts.write(draft.id, content)
        changed = _found(uow.broadcasts.get(draft.id))
        return Card(changed, _reach(uow, changed, self._clock()))

    def delete(self, member: Member, broadcast_id: int) -> Broadcast:
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.lock(broadcast_id))
            uow.broadcasts.delete(draft.id)
            uow.commit()
        return draft

    # On its way

    @reads
    def ask(self, member: Member, broadcast_id: int) -> Question:
        """What is confirmed before anything is sent. Raises BroadcastRefused when there is nothing to say or nobody
        to say it to."""
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
            card = Card(draft, _reach(uow, draft, self._clock()))
        check_complete(card.draft)
        if not card.reach.agreed:
            raise BroadcastRefused("nobody")
        return Question(card, new_code(self._random, NONCE_LENGTH))

    def start(self, member: Member, broadcast_id: int, nonce: str, shown: Shown | None = None) -> Standing:
        """Lets it go: at once or when its time comes, its recipients are fixed and the courier begins. The same
        confirmation again answers how it stands.

        `shown` is the message in which progress is to be drawn.
        """
        now = self._clock()
        with self._units() as uow:
            broadcast = _lead(uow, member, uow.broadcasts.lock(broadcast_id))
            if broadcast.key is not None and broadcast.key == nonce:
                return _standing(uow, broadcast, now)
            check_complete(broadcast)
            uow.broadcasts.confirm(broadcast.id, BroadcastState.SCHEDULED, key=nonce, shown=shown, at=now)
            if broadcast.schedule.send_at is None or broadcast.schedule.send_at <= now:
                self._begin(uow, broadcast.id, now)
            standing = _standing(uow, _found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    def prepare_due(self) -> int:
        """Starts what is scheduled for now, or fixes the next recipients of what has started: so many at a time that
        nobody else waits long. Answers 0 when there is nothing left to prepare."""
        now = self._clock()
        with self._units() as uow:
            for broadcast_id in uow.broadcasts.to_start(now):
                broadcast = uow.broadcasts.lock(broadcast_id)
                if broadcast is not None and broadcast.state is BroadcastState.SCHEDULED:
                    uow.broadcasts.begin(broadcast_id, now)
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

    def _begin(self, uow: UnitOfWork, broadcast_id: int, now: datetime) -> None:
        """The first recipients at once: most shops have no more. Raises BroadcastRefused where there is nobody."""
        uow.broadcasts.begin(broadcast_id, now)
        self._fill(uow, _found(uow.broadcasts.get(broadcast_id)), now)
        begun = _found(uow.broadcasts.get(broadcast_id))
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
            broadcast = _started(_lead(uow, member, uow.broadcasts.lock(broadcast_id)))
            if not broadcast.state.is_over:
                uow.outbox.suppress_broadcast(broadcast.id, CANCELLED, now)
                left = uow.broadcasts.left(broadcast.id)
                uow.broadcasts.turn(broadcast.id, BroadcastState.CANCELLED, left=left, at=now)
            standing = _standing(uow, _found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    def _turn(self, member: Member, broadcast_id: int, *, is_paused: bool) -> Standing:
        now = self._clock()
        with self._units() as uow:
            broadcast = _started(_lead(uow, member, uow.broadcasts.lock(broadcast_id)))
            under_way = BroadcastState.SENDING if broadcast.filled_at is not None else BroadcastState.PREPARING
            before, after = (under_way, BroadcastState.PAUSED) if is_paused else (BroadcastState.PAUSED, under_way)
            if broadcast.state is before:
                uow.broadcasts.turn(broadcast.id, after, left=uow.broadcasts.left(broadcast.id), at=now)
            standing = _standing(uow, _found(uow.broadcasts.get(broadcast.id)), now)
            uow.broadcasts.note_drawn(broadcast.id, _drawn(standing))  # whoever tapped draws it themselves
            uow.commit()
        return standing

    @reads
    def standing(self, member: Member, broadcast_id: int) -> Standing:
        with self._units() as uow:
            broadcast = _started(_lead(uow, member, uow.broadcasts.get(broadcast_id)))
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


def _found(broadcast: Broadcast | None) -> Broadcast:
    if broadcast is None:
        raise NotFound("broadcast")
    return broadcast


def _reach(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Reach:
    return uow.recipients.reach(broadcast.merchant_id, broadcast.content.topic, broadcast.segment, at)


def _lead(uow: UnitOfWork, member: Member, broadcast: Broadcast | None) -> Broadcast:
    found = _found(broadcast)
    check_right(uow, member.id, found.merchant_id, Right.BROADCAST)
    return found


def _draft(uow: UnitOfWork, member: Member, broadcast: Broadcast | None) -> Broadcast:
    led = _lead(uow, member, broadcast)
    if not led.is_draft:
        raise BroadcastRefused("not_draft")
    return led


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


def _end(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Broadcast:
    uow.broadcasts.turn(broadcast.id, BroadcastState.DONE, left=0, at=at)
    facts = {
        "broadcast_id": broadcast.id,
        "shop": broadcast.content.shop,
        "sent": uow.broadcasts.tally(broadcast.id).sent,
    }
    uow.outbox.add([Notice(broadcast.author_id, "broadcast_done", f"broadcast_done:{broadcast.id}", facts)], at)
    return replace(broadcast, state=BroadcastState.DONE, finished_at=at)
