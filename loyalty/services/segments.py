"""Whom a draft of a shop means, changed a part at a time, and the lists that the shop keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from loyalty import segment_edits as edits
from loyalty.broadcasts import Broadcast
from loyalty.errors import BroadcastRefused, InvalidName, InvalidSegment, ListNameTaken, NotFound, SegmentChanged
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.names import one_line
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.rewards import Reward
from loyalty.segment_choices import Choice, Sort, condition_of
from loyalty.segments import (
    EVERYBODY,
    LIST_NAME_MAX,
    LISTS_MAX,
    All,
    AnyOf,
    Bought,
    Counted,
    Glimpse,
    Keeps,
    Redeemed,
    SavedList,
    Segment,
    check_resolved,
    conditions,
    fingerprint,
    mentioned,
)
from loyalty.services.staff import check_right
from loyalty.services.wares import FIRST

SAMPLES = 10
PRODUCTS_MAX = 100
REWARDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Named:
    """What a segment mentions by its number."""

    rewards: Mapping[int, Reward] = field(default_factory=dict)
    lists: Mapping[int, SavedList] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A draft's segment while a part of it is looked at."""

    draft: Broadcast
    segment: All | AnyOf
    named: Named

    @property
    def mark(self) -> str:
        return fingerprint(self.draft.segment)


@dataclass(frozen=True, slots=True)
class Offered:
    """Tags of what the shop sells, the most frequent first; its rewards; its lists."""

    seen: Seen
    products: Sequence[str] = ()
    rewards: Sequence[Reward] = ()
    lists: Sequence[SavedList] = ()


@dataclass(frozen=True, slots=True)
class SegmentCard:
    """The whole, with how many it means. `tightest`, where that is nobody: the part without which it would mean most,
    by its place, and how many that would be."""

    seen: Seen
    counted: Counted
    can_undo: bool
    tightest: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ListCard:
    seen: Seen
    saved: SavedList
    counted: Counted


class SegmentService:
    """Everything raises NotAllowed for those who may not write to the shop's customers, BroadcastRefused for what is
    no draft any more, and SegmentChanged where `mark` is not the fingerprint of what there is now: nothing changes
    then. The same change twice is one."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self._units, self._clock = units, clock

    # The draft's segment

    @reads
    def card(self, member: Member, broadcast_id: int) -> SegmentCard:
        with self._units() as uow:
            return self._card(uow, _draft(uow, member, uow.broadcasts.get(broadcast_id)))

    @reads
    def look(self, member: Member, broadcast_id: int, mark: str) -> Seen:
        with self._units() as uow:
            return _seen(uow, _unchanged(_draft(uow, member, uow.broadcasts.get(broadcast_id)), mark))

    @reads
    def offered(self, member: Member, broadcast_id: int, mark: str, sort: Sort) -> Offered:
        """What a condition of this sort can be about."""
        with self._units() as uow:
            seen = _seen(uow, _unchanged(_draft(uow, member, uow.broadcasts.get(broadcast_id)), mark))
            merchant_id = seen.draft.merchant_id
            match sort:
                case Sort.PRODUCT | Sort.PAIR:
                    return Offered(seen, products=_products(uow, seen.draft))
                case Sort.REWARDS | Sort.FAVOURITES:
                    shelf = uow.shelf.page(merchant_id, self._clock(), after=FIRST, limit=REWARDS_MAX)
                    return Offered(seen, rewards=[stocked.reward for stocked in shelf])
                case Sort.SAVED:
                    return Offered(seen, lists=uow.segments.kept(merchant_id))
                case _:
                    return Offered(seen)

    @reads
    def samples(self, member: Member, broadcast_id: int) -> tuple[Seen, Sequence[Glimpse]]:
        """A few whom it means, those who agreed last at the front."""
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
            topic, now = draft.content.topic, self._clock()
            found = uow.recipients.glimpses(draft.merchant_id, topic, draft.segment, now, limit=SAMPLES)
            return _seen(uow, draft), found

    def put(self, member: Member, broadcast_id: int, mark: str, where: str, choice: Choice) -> SegmentCard:
        """See `segment_edits.put`. Raises InvalidSegment, NotFound."""

        def changed(uow: UnitOfWork, draft: Broadcast) -> Segment:
            tags = _products(uow, draft) if choice.sort in (Sort.PRODUCT, Sort.PAIR) else ()
            return edits.put(draft.segment, where, condition_of(choice, member.timezone, tags))

        return self._change(member, broadcast_id, mark, changed)

    def negate(self, member: Member, broadcast_id: int, mark: str, path: str) -> SegmentCard:
        return self._change(member, broadcast_id, mark, lambda _, draft: edits.negate(draft.segment, path))

    def remove(self, member: Member, broadcast_id: int, mark: str, path: str) -> SegmentCard:
        return self._change(member, broadcast_id, mark, lambda _, draft: edits.remove(draft.segment, path))

    def move_up(self, member: Member, broadcast_id: int, mark: str, path: str) -> SegmentCard:
        return self._change(member, broadcast_id, mark, lambda _, draft: edits.move_up(draft.segment, path))

    def turn(self, member: Member, broadcast_id: int, mark: str, path: str) -> SegmentCard:
        return self._change(member, broadcast_id, mark, lambda _, draft: edits.turn(draft.segment, path))

    def clear(self, member: Member, broadcast_id: int, mark: str) -> SegmentCard:
        return self._change(member, broadcast_id, mark, lambda _, __: EVERYBODY)

    def undo(self, member: Member, broadcast_id: int, mark: str) -> SegmentCard:
        """Back to what it was before the last change; once more, and that change is made again."""
        return self._change(
            member, broadcast_id, mark, lambda uow, draft: uow.segments.before(draft.id) or draft.segment
        )

    def start_from(self, member: Member, broadcast_id: int, mark: str, segment_id: int) -> SegmentCard:
        """The draft means what the list means now; what is changed afterwards leaves the list as it is."""
        return self._change(
            member, broadcast_id, mark, lambda uow, draft: _kept(uow, draft.merchant_id, segment_id).segment
        )

    def _change(
        self, member: Member, broadcast_id: int, mark: str, change: Callable[[UnitOfWork, Broadcast], Segment]
    ) -> SegmentCard:
        with self._units() as uow:
            draft = _unchanged(_draft(uow, member, uow.broadcasts.lock(broadcast_id)), mark)
            changed = change(uow, draft)
            if changed != draft.segment:
                if mentioned(changed):
                    _check_lists(uow, draft, changed)
                uow.broadcasts.aim(draft.id, changed)
                uow.segments.remember(draft.id, draft.segment)
            card = self._card(uow, _draft(uow, member, uow.broadcasts.get(broadcast_id)))
            uow.commit()
        return card

    def _card(self, uow: UnitOfWork, draft: Broadcast) -> SegmentCard:
        seen, now = _seen(uow, draft), self._clock()
        about = (draft.merchant_id, draft.content.topic)
        counted = uow.recipients.count(*about, draft.segment, now)
        tightest = None
        if not counted.meant and counted.agreed and isinstance(seen.segment, All) and len(seen.segment.parts) > 1:
            without = uow.recipients.without_each(*about, seen.segment.parts, now)
            place = max(range(len(without)), key=lambda place: (without[place], -place))
            tightest = (place, without[place]) if without[place] else None
        before = uow.segments.before(draft.id)
        return SegmentCard(seen, counted, before is not None and before != draft.segment, tightest)

    # The lists

    @reads
    def lists(self, member: Member, broadcast_id: int) -> tuple[Seen, Sequence[SavedList]]:
        """What the shop keeps, by name."""
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
            return _seen(uow, draft), uow.segments.kept(draft.merchant_id)

    @reads
    def saved(self, member: Member, broadcast_id: int, segment_id: int) -> ListCard:
        """Raises NotFound."""
        with self._units() as uow:
            draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
            return self._list_card(uow, draft, _kept(uow, draft.merchant_id, segment_id))

    def save(self, member: Member, broadcast_id: int, mark: str, name: str) -> ListCard:
        """Keeps the draft's segment under a name.

        Raises InvalidName, InvalidSegment where the shop keeps too many, ListNameTaken.
        """
        name, now = _clean_name(name), self._clock()
        with self._units() as uow:
            draft = self._locked(uow, member, broadcast_id)
            _unchanged(draft, mark)
            taken = uow.segments.named(draft.merchant_id, name)
            if taken is not None and taken.segment != draft.segment:
                raise ListNameTaken(taken.id, name)
            if taken is None and len(uow.segments.kept(draft.merchant_id)) >= LISTS_MAX:
                raise InvalidSegment("too_many_lists", LISTS_MAX)
            saved = taken or uow.segments.add(draft.merchant_id, name, draft.segment, member.id, now)
            assert saved is not None, "the shop is locked"
            card = self._list_card(uow, draft, saved)
            uow.commit()
        return card

    def overwrite(self, member: Member, broadcast_id: int, mark: str, segment_id: int) -> ListCard:
        """The list means what the draft means. Raises NotFound, InvalidSegment for a list that would mention itself."""
        with self._units() as uow:
            draft = self._locked(uow, member, broadcast_id)
            _unchanged(draft, mark)
            saved = _kept(uow, draft.merchant_id, segment_id)
            known = {one.id: one.segment for one in uow.segments.ever(draft.merchant_id).values()}
            known[saved.id] = draft.segment
            for segment in known.values():
                check_resolved(segment, known)
            uow.segments.write(saved.id, draft.segment, self._clock())
            card = self._list_card(uow, draft, _kept(uow, draft.merchant_id, segment_id))
            uow.commit()
        return card

    def rename(self, member: Member, broadcast_id: int, segment_id: int, name: str) -> ListCard:
        """Raises NotFound, InvalidName, ListNameTaken."""
        name = _clean_name(name)
        with self._units() as uow:
            draft = self._locked(uow, member, broadcast_id)
            saved = _kept(uow, draft.merchant_id, segment_id)
            _check_free(uow, draft.merchant_id, saved.id, name)
            uow.segments.rename(saved.id, name, self._clock())
            card = self._list_card(uow, draft, _kept(uow, draft.merchant_id, segment_id))
            uow.commit()
        return card

    def delete(self, member: Member, broadcast_id: int, segment_id: int) -> tuple[Seen, SavedList]:
        """Nobody is offered the list any more; what mentions it goes on meaning what it meant. Deleting it again
        changes nothing. Raises NotFound."""
        with self._units() as uow:
            draft = self._locked(uow, member, broadcast_id)
            saved = _of_shop(uow, draft.merchant_id, segment_id)
            if saved.deleted_at is None:
                uow.segments.delete(saved.id, self._clock())
            seen = _seen(uow, draft)
            uow.commit()
        return seen, saved

    def restore(self, member: Member, broadcast_id: int, segment_id: int) -> ListCard:
        """Takes a deletion back. Raises NotFound, InvalidSegment where the shop keeps too many, ListNameTaken."""
        with self._units() as uow:
            draft = self._locked(uow, member, broadcast_id)
            saved = _of_shop(uow, draft.merchant_id, segment_id)
            if saved.deleted_at is not None:
                _check_free(uow, draft.merchant_id, saved.id, saved.name)
                if len(uow.segments.kept(draft.merchant_id)) >= LISTS_MAX:
                    raise InvalidSegment("too_many_lists", LISTS_MAX)
                uow.segments.delete(saved.id, None)
            card = self._list_card(uow, draft, _kept(uow, draft.merchant_id, segment_id))
            uow.commit()
        return card

    def _locked(self, uow: UnitOfWork, member: Member, broadcast_id: int) -> Broadcast:
        """The draft, and nobody else changes the shop's lists until the unit ends: they mention each other."""
        draft = _draft(uow, member, uow.broadcasts.get(broadcast_id))
        uow.merchants.lock(draft.merchant_id)
        return _draft(uow, member, uow.broadcasts.lock(broadcast_id))

    def _list_card(self, uow: UnitOfWork, draft: Broadcast, saved: SavedList) -> ListCard:
        counted = uow.recipients.count(draft.merchant_id, draft.content.topic, saved.segment, self._clock())
        seen = Seen(draft, edits.rooted(draft.segment), named_in(uow, draft.merchant_id, saved.segment))
        return ListCard(seen, saved, counted)


def _draft(uow: UnitOfWork, member: Member, broadcast: Broadcast | None) -> Broadcast:
    if broadcast is None:
        raise NotFound("broadcast")
    check_right(uow, member.id, broadcast.merchant_id, Right.BROADCAST)
    if not broadcast.is_draft:
        raise BroadcastRefused("not_draft")
    return broadcast


def _unchanged(draft: Broadcast, mark: str) -> Broadcast:
    if fingerprint(draft.segment) != mark:
        raise SegmentChanged()
    return draft


def _seen(uow: UnitOfWork, draft: Broadcast) -> Seen:
    return Seen(draft, edits.rooted(draft.segment), named_in(uow, draft.merchant_id, draft.segment))


def named_in(uow: UnitOfWork, merchant_id: int, segment: Segment) -> Named:
    """What a segment of a shop mentions, by its names."""
    ids = {one.reward_id for one in conditions(segment) if isinstance(one, Redeemed | Keeps)} - {None}
    found = (uow.rewards.get(one) for one in ids if one is not None)
    rewards = {reward.id: reward for reward in found if reward is not None and reward.merchant.id == merchant_id}
    return Named(rewards, uow.segments.ever(merchant_id) if mentioned(segment) else {})


def _products(uow: UnitOfWork, draft: Broadcast) -> Sequence[str]:
    """What was sold lately, what its rule knows besides, and what the segment speaks of already."""
    sold = uow.segments.sold(draft.merchant_id, PRODUCTS_MAX)
    rule = uow.earn_rules.of(draft.merchant_id)
    spoken_of = [one.tag for one in conditions(draft.segment) if isinstance(one, Bought) and one.tag]
    return list(dict.fromkeys([*sold, *sorted(rule.tags if rule is not None else ()), *spoken_of]))


def _check_lists(uow: UnitOfWork, draft: Broadcast, segment: Segment) -> None:
    """A list that is deleted may stay where it is mentioned, and is not mentioned anew."""
    ever = uow.segments.ever(draft.merchant_id)
    for segment_id in mentioned(segment) - mentioned(draft.segment):
        if segment_id not in ever or ever[segment_id].deleted_at is not None:
            raise InvalidSegment("gone")
    check_resolved(segment, {one.id: one.segment for one in ever.values()})


def _of_shop(uow: UnitOfWork, merchant_id: int, segment_id: int) -> SavedList:
    saved = uow.segments.get(segment_id)
    if saved is None or saved.merchant_id != merchant_id:
        raise NotFound("list", segment_id)
    return saved


def _kept(uow: UnitOfWork, merchant_id: int, segment_id: int) -> SavedList:
    saved = _of_shop(uow, merchant_id, segment_id)
    if saved.deleted_at is not None:
        raise NotFound("list", segment_id)
    return saved


def _check_free(uow: UnitOfWork, merchant_id: int, segment_id: int, name: str) -> None:
    taken = uow.segments.named(merchant_id, name)
    if taken is not None and taken.id != segment_id:
        raise ListNameTaken(taken.id, name)


def _clean_name(given: str) -> str:
    name = one_line(given)
    if not 1 <= len(name) <= LIST_NAME_MAX:
        raise InvalidName(LIST_NAME_MAX)
    return name
