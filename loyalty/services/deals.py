from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.deals import (
    NOUN,
    Field,
    Figures,
    GroupFacts,
    ListedDeal,
    answered,
    check_complete,
    check_left,
    check_over,
    cleared,
    ended,
    said,
    turned,
    typed,
)
from loyalty.errors import DealUnavailable
from loyalty.group_buys import Deal, Group, NewDeal, Taken
from loyalty.members import Language, Member
from loyalty.merchants import Merchant, Right, shop_at
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import seating
from loyalty.services.group_buys import DealSeen
from loyalty.services.staff import check_right
from loyalty.services.wares import FIRST, PAGE, store_picture, terms_at
from loyalty.wares import Turn, WareState, check_there, standing


@dataclass(frozen=True, slots=True)
class DealCard:
    """A deal as its shop sees it. Its days are those of `zone`."""

    deal: Deal
    state: WareState
    figures: Figures
    currency: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DealPage:
    """A page of a shop's deals. `more_after` is the (rank, id) to page on from, None on the last page."""

    shop: Merchant
    listed: tuple[tuple[ListedDeal, WareState], ...]
    more_after: tuple[int, int] | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class DealGroups:
    """A page of a deal's groups, for its shop. `more_after` as in DealPage."""

    deal: Deal
    groups: tuple[Group, ...]
    more_after: tuple[int, int] | None
    is_first_page: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class DealTable:
    deal: Deal
    groups: tuple[GroupFacts, ...]
    now: datetime


class DealService:
    """The group buys of a shop, made by its staff. Every use case looks anew whether the member may: buttons stay,
    posts end. Changes happen under a lock: what two people change, each gets, and of one field the later word counts.
    Groups that are open keep the terms on which they were opened.

    All of them raise NotAllowed, and NotFound where there is no such deal.
    """

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    # A look at it

    @reads
    def page(self, member: Member, merchant_id: int, after: tuple[int, int] | None = None) -> DealPage:
        now = self._clock()
        with self._units() as uow:
            shop = shop_at(check_right(uow, member.id, merchant_id, Right.DEALS), merchant_id)
            found = uow.deal_desk.page(merchant_id, now, after=after or FIRST, limit=PAGE + 1)
        shown = tuple((listed, standing(listed.deal, now)) for listed in found[:PAGE])
        last = shown[-1] if len(found) > PAGE else None
        more_after = None if last is None else (last[1].rank, last[0].deal.id)
        return DealPage(shop, shown, more_after, is_first_page=after is None)

    @reads
    def card(self, member: Member, deal_id: int) -> DealCard:
        with self._units() as uow:
            return self._card(uow, _led(uow, member, uow.deals.get(deal_id), deal_id))

    @reads
    def changeable(self, member: Member, deal_id: int) -> DealCard:
        """Before it is changed. Raises InvalidWare for one that is removed."""
        card = self.card(member, deal_id)
        check_there(card.deal, NOUN)
        return card

    @reads
    def publishable(self, member: Member, deal_id: int) -> DealCard:
        """Before members see it. Raises InvalidWare when nobody could take part in it, or it is removed."""
        card = self.changeable(member, deal_id)
        check_complete(card.deal, self._clock())
        return card

    @reads
    def removable(self, member: Member, deal_id: int) -> DealCard:
        """Before it is removed. Raises InvalidWare as long as it runs, or groups of it do."""
        card = self.changeable(member, deal_id)
        check_over(card.deal, self._clock())
        check_left(card.deal, card.figures.open)
        return card

    @reads
    def preview(self, member: Member, deal_id: int) -> DealSeen:
        """As a member with this one's points would see it if it ran now and nobody had opened a group yet."""
        now = self._clock()
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.get(deal_id), deal_id)
            available = uow.ledger.balance(member.id).owned
        running = replace(deal, published_at=now, is_paused=False, removed_at=None)
        refusal = None
        try:
            running.check_opening(Taken(), now)
        except DealUnavailable as reason:
            refusal = reason
        return DealSeen(
            deal=running, groups=(), more_after=None, available=available, mine=None, refusal=refusal, now=now
        )

    @reads
    def groups(self, member: Member, deal_id: int, after: tuple[int, int] | None = None) -> DealGroups:
        """A page of its groups, the open ones first."""
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.get(deal_id), deal_id)
            found = uow.groups.of_deal(deal_id, after=after or (-1, 0), limit=PAGE + 1)
        last = found[PAGE - 1] if len(found) > PAGE else None
        more_after = None if last is None else (int(last.closed_at is not None), last.id)
        return DealGroups(deal, tuple(found[:PAGE]), more_after, is_first_page=after is None, now=self._clock())

    @reads
    def table(self, member: Member, deal_id: int) -> DealTable:
        """All its groups."""
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.get(deal_id), deal_id)
            return DealTable(deal, tuple(uow.deal_desk.groups(deal_id)), self._clock())

    # A new one

    @reads
    def open(self, member: Member, merchant_id: int) -> str:
        """Before a new deal is typed: the nonce that makes it one, however often it arrives."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.DEALS)
        return new_code(self._random, NONCE_LENGTH)

    @reads
    def check(self, member: Member, merchant_id: int, answers: Mapping[str, str], *, decimals: int) -> Deal:
        """What the answers come to so far. Raises InvalidWare for the one that cannot be taken."""
        with self._units() as uow:
            return self._answered(uow, member, merchant_id, answers, decimals)

    def begin(
        self, member: Member, merchant_id: int, nonce: str, answers: Mapping[str, str], *, decimals: int
    ) -> DealCard:
        """A draft made of all answers: once per nonce. Raises InvalidWare."""
        with self._units() as uow:
            deal = self._answered(uow, member, merchant_id, answers, decimals)
            deal_id = uow.deals.add(_draft(deal, f"deal:{merchant_id}:{nonce}"))
            card = self._card(uow, seating.found(uow.deals.get(deal_id), NOUN, deal_id))
            uow.commit()
        return card

    # Changes

    def write(self, member: Member, deal_id: int, field: Field, given: str, *, decimals: int) -> DealCard:
        """One field as it was typed. `decimals` are those of the programme's currency. Raises InvalidWare."""
        terms = terms_at(self._programme, self._clock(), decimals, member.language)
        return self._change(member, deal_id, lambda deal: typed(deal, field, given, terms))

    def clear(self, member: Member, deal_id: int, field: Field) -> DealCard:
        """Without what this field said: for points alone, from now, no end. Raises InvalidWare."""
        return self._change(member, deal_id, lambda deal: cleared(deal, field))

    def say(self, member: Member, deal_id: int, field: Field, language: Language, given: str | None) -> DealCard:
        """Its name or description in a language; None: as it was first written. Raises InvalidWare."""
        return self._change(member, deal_id, lambda deal: said(deal, field, language, given))

    def allow_several(self, member: Member, deal_id: int, *, is_allowed: bool) -> DealCard:
        """Whether one member may be in several open groups of it at once. Raises InvalidWare."""
        return self._change(member, deal_id, lambda deal: replace(deal, is_several_allowed=is_allowed))

    def picture(self, member: Member, deal_id: int, content: bytes) -> DealCard:
        """Raises InvalidWare for one that is too large."""
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.lock(deal_id), deal_id)
            check_there(deal, NOUN)
            card = self._save(uow, replace(deal, picture_id=store_picture(uow, NOUN, content)))
            uow.commit()
        return card

    def turn(self, member: Member, deal_id: int, turn: Turn) -> DealCard:
        """Publishes, pauses, resumes, removes it or brings it back. The same again changes nothing.

        Raises InvalidWare for publishing what nobody could take part in, and for removing what somebody can.
        """
        now = self._clock()
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.lock(deal_id), deal_id)
            if turn is Turn.REMOVE:
                check_left(deal, uow.deal_desk.figures(deal_id, now).open)
            elif turn is not Turn.BRING_BACK:
                check_there(deal, NOUN)
            card = self._save(uow, turned(deal, turn, now))
            uow.commit()
        return card

    def end(self, member: Member, deal_id: int, *, calls_off: bool) -> DealCard:
        """No group can be opened any more. Those that are open run to their end or, with `calls_off`, are called off:
        everybody has all points back and is told. The same again changes nothing; one that is over can still have
        its groups called off. Raises InvalidWare."""
        now = self._clock()
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.get(deal_id), deal_id)
            # Groups before their deal, the order in which all lock. Under the deal's lock no group is opened any more,
            # and those that were while it was waited for are found by the second look.
            if calls_off:
                uow.groups.lock_open(deal_id, now)
            deal = seating.found(uow.deals.lock(deal_id), NOUN, deal_id)
            check_there(deal, NOUN)
            uow.deal_desk.save(ended(deal, now))
            if calls_off:
                self._call_off(uow, deal, now)
            card = self._card(uow, seating.found(uow.deals.get(deal_id), NOUN, deal_id))
            uow.commit()
        return card

    def _answered(
        self, uow: UnitOfWork, member: Member, merchant_id: int, answers: Mapping[str, str], decimals: int
    ) -> Deal:
        shop = shop_at(check_right(uow, member.id, merchant_id, Right.DEALS), merchant_id)
        return answered(shop, answers, terms_at(self._programme, self._clock(), decimals, member.language))

    def _call_off(self, uow: UnitOfWork, deal: Deal, now: datetime) -> None:
        groups = uow.groups.lock_open(deal.id, now)
        if not groups:
            return
        seating.call_off(uow, self._programme, groups, now)
        for group in groups:
            seating.tell(uow, "group_ended", group, deal, [seat.member_id for seat in group.seats], now)

    def _change(self, member: Member, deal_id: int, change: Callable[[Deal], Deal]) -> DealCard:
        with self._units() as uow:
            deal = _led(uow, member, uow.deals.lock(deal_id), deal_id)
            check_there(deal, NOUN)
            card = self._save(uow, change(deal))
            uow.commit()
        return card

    def _save(self, uow: UnitOfWork, deal: Deal) -> DealCard:
        uow.deal_desk.save(deal)
        return self._card(uow, deal)

    def _card(self, uow: UnitOfWork, deal: Deal) -> DealCard:
        now = self._clock()
        figures = uow.deal_desk.figures(deal.id, now)
        return DealCard(deal, standing(deal, now), figures, self._programme.currency, self._programme.zone)


def _led(uow: UnitOfWork, member: Member, deal: Deal | None, deal_id: int) -> Deal:
    found = seating.found(deal, NOUN, deal_id)
    check_right(uow, member.id, found.merchant.id, Right.DEALS)
    return found


def _draft(deal: Deal, slug: str) -> NewDeal:
    return NewDeal(
        slug=slug,
        merchant_id=deal.merchant.id,
        title=deal.title,
        description=deal.description,
        solo_points=deal.solo_points,
        group_points=deal.group_points,
        size=deal.size,
        hours=deal.hours,
        stock=deal.stock,
        per_member=deal.per_member,
    )
