"""Live cards: posted into chats of many, opened and joined from there, and drawn again by the painter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from loyalty.codes import Random
from loyalty.errors import DealUnavailable, NotFound
from loyalty.group_buys import Deal, Group, GroupState, Taken
from loyalty.live_cards import Drawing, Face, LiveCard, Place
from loyalty.members import Member
from loyalty.merchants import said_in
from loyalty.nearness import nearest
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import seating
from loyalty.services.group_buys import GroupSeen
from loyalty.services.seating import found
from loyalty.wares import visible

LEASE = timedelta(seconds=60)  # longer than a round of drawings takes
RESULTS = 20
SEARCHED = 500  # a club has tens of deals; their words stand in three languages inside of JSON


class LiveCardService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    # What people do

    @reads
    def face_of_deal(self, deal_id: int) -> Face:
        """A deal before anybody has opened a group from the card. Raises NotFound."""
        with self._units() as uow:
            return self._face_of(uow, deal_id, None, self._clock())

    @reads
    def face_of_group(self, group_id: int) -> Face:
        """Raises NotFound."""
        with self._units() as uow:
            return self._face_of(uow, None, group_id, self._clock())

    @reads
    def face_here(self, chat: str, deal_id: int) -> Face:
        """A deal for a chat: the group of it that is open there already, where one is. Raises NotFound."""
        now = self._clock()
        with self._units() as uow:
            return self._face_of(uow, deal_id, uow.live_cards.open_in(chat, deal_id, now), now)

    @reads
    def search(self, words: str, language: str) -> Sequence[Face]:
        """Deals that a group can be opened of and whose title has all of the words; where there is none, those whose
        title and shop have them, or words like them. Without words, the first ones."""
        now, wanted = self._clock(), words.casefold().split()
        with self._units() as uow:
            running = uow.deals.running(now, after_id=0, limit=SEARCHED if wanted else RESULTS)
        said = [(deal, *_said_of(deal, language)) for deal in running]
        found = [deal for deal, title, _ in said if all(word in title for word in wanted)]
        found = found or nearest(wanted, [(deal, f"{title}\n{shop}") for deal, title, shop in said])
        faces = (self._face(deal, None, now) for deal in found)
        return [face for face in faces if face.refusal is None][:RESULTS]

    @reads
    def known(self, place: Place) -> LiveCard | None:
        """The live card of a place; None where none is known, or it was taken for lost."""
        with self._units() as uow:
            card = uow.live_cards.at(place)
        return None if card is None or card.is_lost else card

    def post(
        self,
        place: Place,
        language: str,
        *,
        deal_id: int | None = None,
        group_id: int | None = None,
        is_drawn: bool = False,
    ) -> None:
        """Makes a message the live card of a deal or of a group; posting again changes nothing. Where a group of the
        deal is open in this chat, it is a card of that group, so that the chat fills one.

        `is_drawn`: it shows what there is already. Raises NotFound.
        """
        now = self._clock()
        with self._units() as uow:
            if group_id is None and deal_id is not None and not place.is_inline:
                group_id = uow.live_cards.open_in(place.chat, deal_id, now)
            face = self._face_of(uow, deal_id, group_id, now)
            uow.live_cards.post(
                place,
                face.deal.id,
                group_id,
                language,
                at=now,
                due_at=face.next_look if is_drawn else now,
                free_at=now + place.rest if is_drawn else now,
            )
            uow.commit()

    def succeed(self, place: Place) -> Sequence[LiveCard]:
        """The card of this place takes the place of the others that its chat has of the same group: they are drawn no
        more, and whoever asks says on them where it goes on."""
        now = self._clock()
        with self._units() as uow:
            card = uow.live_cards.at(place)
            if card is None or card.group_id is None or place.is_inline:
                return ()
            others = uow.live_cards.beside(place, card.group_id)
            for other in others:
                uow.live_cards.lose(other, "further down", now)
            uow.commit()
        return others

    def open_or_join(self, member: Member, place: Place) -> GroupSeen:
        """The first tap on a card opens a group, whoever comes later joins it; so does the first tap on another card
        of the deal in the same chat.

        Raises NotFound, DealUnavailable, NotEnoughPoints, AlreadyInGroup, GroupIsFull, GroupIsClosed.
        """
        now = self._clock()
        with self._units() as uow:
            card = uow.live_cards.at(place)
            if card is None:
                raise NotFound("live card", place.key)
            group_id = card.group_id
            if group_id is None:
                # Everybody who would open one waits here for the deal, so that one of them does.
                deal = visible(uow.deals.lock(card.deal_id), "deal", card.deal_id)
                opened, key = _latest(uow, place)
                elsewhere = None if place.is_inline else uow.live_cards.open_in(place.chat, deal.id, now)
                if opened is None and elsewhere is not None:
                    opened = found(uow.groups.get(elsewhere), "group", elsewhere)
                    uow.live_cards.opened(place, opened.id, now)
                    uow.commit()
                if opened is None:
                    uow.ledger.lock(member.id)
                    deal.check_opening(uow.groups.taken(deal.id, member.id), now)
                    terms = seating.terms_of(deal, now)
                    opened = seating.open_group(uow, terms, deal, member, now, key=key)
                    uow.live_cards.opened(place, opened.id, now)
                    seen = self._seated(uow, opened, deal, member, now)
                    uow.commit()
                    return seen
                group_id = opened.id
        return self.join(member, group_id)

    def join(self, member: Member, group_id: int) -> GroupSeen:
        """Takes a place from a card that many see: what it means for the member is told in private.

        Raises NotFound, AlreadyInGroup, GroupIsFull, GroupIsClosed, DealUnavailable, NotEnoughPoints.
        """
        now = self._clock()
        with self._units() as uow:
            group = found(uow.groups.lock(group_id), "group", group_id)
            deal = found(uow.deals.get(group.deal_id), "deal", group.deal_id)
            joined = seating.join(uow, self._programme, self._random, group, deal, member, now)
            seen = self._seated(uow, joined, deal, member, now)
            uow.commit()
        return seen

    def look_again(self, place: Place) -> None:
        """Somebody came upon a card that did not show how things stand."""
        with self._units() as uow:
            uow.live_cards.mark_at(place, self._clock())
            uow.commit()

    # What becomes of chats

    def lose_chat(self, chat: str, reason: str) -> None:
        """The bot cannot write to a chat any more: its cards are not tried again."""
        with self._units() as uow:
            uow.live_cards.lose_chat(chat, reason, self._clock())
            uow.commit()

    def move(self, chat: str, to: str) -> None:
        """A chat has another id now: its cards go on there."""
        with self._units() as uow:
            uow.live_cards.move(chat, to, self._clock())
            uow.commit()

    # What the painter does

    @reads
    def is_any_due(self) -> bool:
        with self._units() as uow:
            return uow.live_cards.is_any_due(self._clock())

    def claim(self, limit: int) -> Sequence[Drawing]:
        """Cards to be drawn now, outcomes first. Whatever becomes of the caller, each is due again after the lease."""
        now = self._clock()
        lease = now + LEASE
        with self._units() as uow:
            cards = uow.live_cards.claim(now, lease=lease, limit=limit)
            if not cards:
                return []
            deals = {deal.id: deal for deal in uow.deals.those(list({card.deal_id for card in cards}))}
            opened = {card.group_id for card in cards if card.group_id is not None}
            groups = {group.id: group for group in uow.groups.those(list(opened))}
            uow.commit()
        return [
            Drawing(card, self._face(deals[card.deal_id], groups.get(card.group_id or 0), now), lease) for card in cards
        ]

    def drawn(self, drawing: Drawing, message: str | None = None) -> None:
        """The card shows its face; `message` is the new one that it had to be given."""
        now, card = self._clock(), drawing.card
        rests_until = now + card.place.rest
        next_at = drawing.face.next_look
        with self._units() as uow:
            uow.live_cards.drawn(
                card,
                lease=drawing.lease,
                rests_until=rests_until,
                due_at=None if next_at is None else max(next_at, rests_until),
            )
            if message is not None and not uow.live_cards.replace(card, message):
                uow.live_cards.lose(card, "replaced", now)
            uow.commit()

    def postpone(self, drawings: Iterable[tuple[Drawing, float]]) -> None:
        """Each is due again in so many seconds."""
        now = self._clock()
        with self._units() as uow:
            uow.live_cards.postpone([(drawing.card, now + timedelta(seconds=seconds)) for drawing, seconds in drawings])
            uow.commit()

    def lose(self, card: LiveCard, reason: str) -> None:
        """The message is not there any more: the card is not tried again."""
        with self._units() as uow:
            uow.live_cards.lose(card, reason, self._clock())
            uow.commit()

    # Steps

    def _face_of(self, uow: UnitOfWork, deal_id: int | None, group_id: int | None, now: datetime) -> Face:
        group = None if group_id is None else found(uow.groups.get(group_id), "group", group_id)
        of_deal = group.deal_id if group is not None else deal_id or 0
        return self._face(visible(uow.deals.get(of_deal), "deal", of_deal), group, now)

    def _face(self, deal: Deal, group: Group | None, now: datetime) -> Face:
        refusal = None
        try:
            deal.check_opening(Taken(), now)
        except DealUnavailable as reason:
            refusal = reason
        return Face(deal, group, refusal, self._programme.currency, now)

    def _seated(self, uow: UnitOfWork, group: Group, deal: Deal, member: Member, now: datetime) -> GroupSeen:
        """Tells whoever has just sat down, once a group, and asks about the name whoever was never asked."""
        more = {"is_filled": group.state is GroupState.FILLED, "asks_name": member.shows_name is None}
        seating.tell(uow, "group_seat", group, deal, [member.id], now, more=more)
        return GroupSeen(group, deal, now, uow.ledger.balance(member.id).owned)


def _latest(uow: UnitOfWork, place: Place) -> tuple[Group | None, str]:
    """The group that was opened from a card, None where there is none or everybody has left it; and the key of the
    next one. A tap that comes twice finds the group of the first."""
    key = place.key
    while (opened := uow.groups.by_key(key)) is not None and opened.is_deserted:
        key = f"{place.key}:{opened.id}"
    return opened, key


def _said_of(deal: Deal, language: str) -> tuple[str, str]:
    """Title and shop, by which a deal can be found: casefolded, as they were written first and in a language."""
    title = f"{deal.title}\n{said_in(language, deal.translations, 'name', deal.title)}"
    return title.casefold(), f"{deal.merchant.name}\n{deal.merchant.shop(language)}".casefold()
