from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.answers import clean_description, clean_name
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.errors import InvalidWare, NotFound
from loyalty.members import Language, Member, Tier
from loyalty.merchants import Merchant, Right, shop_at
from loyalty.offer_claims import good_until, obstacle
from loyalty.offer_desk import (
    NOUN,
    Field,
    Figures,
    ListedOffer,
    Target,
    check_complete,
    check_leading,
    claimed_here,
    cleared,
    ended,
    good_to_its_end,
    led_to,
    said,
    turned,
    typed,
)
from loyalty.offers import NewOffer, Offer, OfferKind
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.offer_claims import OfferCard
from loyalty.services.staff import check_right
from loyalty.services.wares import FIRST, PAGE, store_picture, terms_at
from loyalty.wares import Turn, WareState, check_there, standing

TABLE_MAX = 2_000  # lines of a table; no shop makes more offers


@dataclass(frozen=True, slots=True)
class DeskCard:
    """An offer as its shop sees it. `target` is what it leads to, None also where that is gone. Its days are those of
    `zone`; `voucher_days` are the programme's."""

    offer: Offer
    state: WareState
    figures: Figures
    target: Target | None
    currency: str
    zone: ZoneInfo
    voucher_days: int


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of a shop's offers. `more_after` is the (rank, id) to page on from, None on the last page."""

    shop: Merchant
    listed: tuple[tuple[ListedOffer, WareState], ...]
    more_after: tuple[int, int] | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class DeskTable:
    """All offers of a shop, in the order of its list, up to TABLE_MAX."""

    shop: Merchant
    listed: tuple[tuple[ListedOffer, WareState], ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """A page of what an offer can lead to, the newest first. `more_before` is the id to page on from."""

    card: DeskCard
    kind: OfferKind
    targets: tuple[Target, ...]
    more_before: int | None
    is_first_page: bool


class OfferDeskService:
    """The offers of a shop, made by its staff. Every use case looks anew whether the member may: buttons stay, posts
    end. Changes happen under a lock: what two people change, each gets, and of one field the later word counts.

    All of them raise NotAllowed, and NotFound where there is no such offer.
    """

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    # A look at it

    @reads
    def page(self, member: Member, merchant_id: int, after: tuple[int, int] | None = None) -> DeskPage:
        now = self._clock()
        with self._units() as uow:
            shop = shop_at(check_right(uow, member.id, merchant_id, Right.OFFERS), merchant_id)
            found = uow.offer_desk.page(merchant_id, now, after=after or FIRST, limit=PAGE + 1)
        shown = tuple((listed, standing(listed.offer, now)) for listed in found[:PAGE])
        last = shown[-1] if len(found) > PAGE else None
        more_after = None if last is None else (last[1].rank, last[0].offer.id)
        return DeskPage(shop, shown, more_after, is_first_page=after is None)

    @reads
    def table(self, member: Member, merchant_id: int) -> DeskTable:
        now = self._clock()
        with self._units() as uow:
            shop = shop_at(check_right(uow, member.id, merchant_id, Right.OFFERS), merchant_id)
            found = uow.offer_desk.page(merchant_id, now, after=FIRST, limit=TABLE_MAX)
        return DeskTable(shop, tuple((listed, standing(listed.offer, now)) for listed in found))

    @reads
    def card(self, member: Member, offer_id: int) -> DeskCard:
        with self._units() as uow:
            return self._card(uow, _led(uow, member, uow.offers.get(offer_id), offer_id))

    @reads
    def changeable(self, member: Member, offer_id: int) -> DeskCard:
        """Before it is changed. Raises InvalidWare for one that is removed."""
        card = self.card(member, offer_id)
        check_there(card.offer, NOUN)
        return card

    @reads
    def publishable(self, member: Member, offer_id: int) -> DeskCard:
        """Before members see it. Raises InvalidWare when nobody could have it, or it is removed."""
        card = self.changeable(member, offer_id)
        _check(card.offer, card.target, self._clock())
        return card

    @reads
    def preview(self, member: Member, offer_id: int) -> OfferCard:
        """As this member would see it if it ran now."""
        now = self._clock()
        with self._units() as uow:
            found = uow.offer_claims.look(offer_id)
            if found is None:
                raise NotFound(NOUN, offer_id)
            offer = _led(uow, member, found[0], offer_id)
        running = replace(offer, is_paused=False, published_at=now, removed_at=None)
        return OfferCard(
            offer=running,
            candidate=found[1].ending_by(self._programme.zone),
            had=0,
            obstacle=obstacle(running, member.tier, 0, now),
            good_until=self._programme.local(
                good_until(running, now, self._programme.voucher_days, self._programme.zone)
            ),
            now=now,
            nonce=new_code(self._random, NONCE_LENGTH),
            currency=self._programme.currency,
        )

    # A new one

    @reads
    def open(self, member: Member, merchant_id: int) -> str:
        """Before a new offer is typed: the nonce that makes it one, however often it arrives."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.OFFERS)
        return new_code(self._random, NONCE_LENGTH)

    def begin(self, member: Member, merchant_id: int, nonce: str, name: str, words: str) -> DeskCard:
        """A draft that is claimed here, with these words, both as typed: once per nonce. Raises InvalidWare."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.OFFERS)
            draft = NewOffer(
                slug=f"desk:{merchant_id}:{nonce}",
                merchant_id=merchant_id,
                title=clean_name(name),
                text=clean_description(words),
                is_claimable=True,
                per_member=1,
            )
            offer_id = uow.offers.add(draft)
            card = self._card(uow, _found(uow.offers.get(offer_id), offer_id))
            uow.commit()
        return card

    # Changes

    def write(self, member: Member, offer_id: int, field: Field, given: str, *, decimals: int) -> DeskCard:
        """One field as it was typed. `decimals` are those of the programme's currency. Raises InvalidWare."""
        terms = terms_at(self._programme, self._clock(), decimals, member.language)
        return self._change(member, offer_id, lambda offer: typed(offer, field, given, terms))

    def clear(self, member: Member, offer_id: int, field: Field) -> DeskCard:
        """Without what this field said: unlimited, from now, no end. Raises InvalidWare."""
        return self._change(member, offer_id, lambda offer: cleared(offer, field))

    def say(self, member: Member, offer_id: int, field: Field, language: Language, given: str | None) -> DeskCard:
        """Its name or words in a language; None: as it was first written. Raises InvalidWare."""
        return self._change(member, offer_id, lambda offer: said(offer, field, language, given))

    def for_tier(self, member: Member, offer_id: int, tier: Tier) -> DeskCard:
        """For members of this tier and up. Raises InvalidWare."""
        return self._change(member, offer_id, lambda offer: replace(offer, tier_min=tier))

    def to_its_end(self, member: Member, offer_id: int) -> DeskCard:
        """Its vouchers end when it does. Raises InvalidWare where it does not end."""
        return self._change(member, offer_id, good_to_its_end)

    def claim_here(self, member: Member, offer_id: int) -> DeskCard:
        """It gives a voucher at once. Raises InvalidWare."""
        return self._change(member, offer_id, claimed_here)

    @reads
    def targets(self, member: Member, offer_id: int, kind: OfferKind, before_id: int | None = None) -> Targets:
        """The shop's rewards or deals that it could lead to, those with an id below `before_id`. Raises InvalidWare."""
        card = self.changeable(member, offer_id)
        check_leading(kind)
        with self._units() as uow:
            found = uow.offer_desk.targets(
                card.offer.merchant.id, kind, self._clock(), before_id=before_id or FIRST[1], limit=PAGE + 1
            )
        more_before = found[PAGE - 1].id if len(found) > PAGE else None
        return Targets(card, kind, tuple(found[:PAGE]), more_before, is_first_page=before_id is None)

    def lead_to(self, member: Member, offer_id: int, kind: OfferKind, target_id: int) -> DeskCard:
        """It leads to a reward or a deal of the shop. Raises InvalidWare for one that is not to be had there."""
        with self._units() as uow:
            offer = _led(uow, member, uow.offer_claims.lock(offer_id), offer_id)
            check_there(offer, NOUN)
            check_leading(kind)
            target = uow.offer_desk.target(offer.merchant.id, kind, target_id, self._clock())
            if target is None:
                raise InvalidWare(Field.LEADS_TO, "gone")
            card = self._save(uow, led_to(offer, target))
            uow.commit()
        return card

    def picture(self, member: Member, offer_id: int, content: bytes) -> DeskCard:
        """Raises InvalidWare for one that is too large."""
        with self._units() as uow:
            offer = _led(uow, member, uow.offer_claims.lock(offer_id), offer_id)
            check_there(offer, NOUN)
            card = self._save(uow, replace(offer, picture_id=store_picture(uow, NOUN, content)))
            uow.commit()
        return card

    def turn(self, member: Member, offer_id: int, turn: Turn) -> DeskCard:
        """Publishes, pauses, resumes, removes it or brings it back; vouchers that were given stay good.

        The same again changes nothing. Raises InvalidWare for publishing what nobody could have.
        """
        now = self._clock()
        with self._units() as uow:
            offer = _led(uow, member, uow.offer_claims.lock(offer_id), offer_id)
            if turn is not Turn.REMOVE and turn is not Turn.BRING_BACK:
                check_there(offer, NOUN)
            if turn is Turn.PUBLISH and offer.published_at is None:
                _check(offer, _target(uow, offer, now), now)
            card = self._save(uow, turned(offer, turn, now))
            uow.commit()
        return card

    def end(self, member: Member, offer_id: int) -> DeskCard:
        """Nobody can have it any more; vouchers that were given stay good. The same again changes nothing. Raises
        InvalidWare."""
        now = self._clock()
        return self._change(member, offer_id, lambda offer: ended(offer, now))

    def _change(self, member: Member, offer_id: int, change: Callable[[Offer], Offer]) -> DeskCard:
        with self._units() as uow:
            offer = _led(uow, member, uow.offer_claims.lock(offer_id), offer_id)
            check_there(offer, NOUN)
            card = self._save(uow, change(offer))
            uow.commit()
        return card

    def _save(self, uow: UnitOfWork, offer: Offer) -> DeskCard:
        uow.offer_desk.save(offer)
        return self._card(uow, offer)

    def _card(self, uow: UnitOfWork, offer: Offer) -> DeskCard:
        now = self._clock()
        return DeskCard(
            offer=offer,
            state=standing(offer, now),
            figures=uow.offer_desk.figures(offer.id, now),
            target=_target(uow, offer, now),
            currency=self._programme.currency,
            zone=self._programme.zone,
            voucher_days=self._programme.voucher_days,
        )


def _found(offer: Offer | None, offer_id: int) -> Offer:
    if offer is None:
        raise NotFound(NOUN, offer_id)
    return offer


def _led(uow: UnitOfWork, member: Member, offer: Offer | None, offer_id: int) -> Offer:
    found = _found(offer, offer_id)
    check_right(uow, member.id, found.merchant.id, Right.OFFERS)
    return found


def _target(uow: UnitOfWork, offer: Offer, now: datetime) -> Target | None:
    target_id = offer.reward_id if offer.kind is OfferKind.REWARD else offer.deal_id
    if target_id is None:
        return None
    return uow.offer_desk.target(offer.merchant.id, offer.kind, target_id, now)


def _check(offer: Offer, target: Target | None, now: datetime) -> None:
    """Raises InvalidWare when no member could have this."""
    check_complete(offer, now)
    if offer.kind in (OfferKind.REWARD, OfferKind.DEAL) and target is None:
        raise InvalidWare(Field.LEADS_TO, "gone")
