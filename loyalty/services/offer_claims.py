from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.codes import NONCE_LENGTH, VOUCHER_LENGTH, Random, new_code
from loyalty.errors import OfferUnavailable, PriceChanged, Refusal
from loyalty.members import Member
from loyalty.offer_claims import good_until, obstacle
from loyalty.offers import Candidate, Offer
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import NewVoucher, Voucher
from loyalty.wares import visible


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer as one member sees it. `candidate` says what it costs and how many are left, `obstacle` what stands in
    the way of having it; `had` is how many they have. A voucher that is claimed now is good until `good_until`;
    `nonce` makes one claim happen once. `is_first_look`: it is to be noted, see `look_at`."""

    offer: Offer
    candidate: Candidate
    had: int
    obstacle: Refusal | None
    good_until: datetime
    now: datetime
    nonce: str
    currency: str
    is_first_look: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """`is_replay`: the same button was tapped again; the voucher is the first one."""

    voucher: Voucher
    is_replay: bool


class OfferClaimService:
    """One offer, looked at and claimed."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def card(self, member: Member, offer_id: int) -> OfferCard:
        """Raises NotFound."""
        with self._units() as uow:
            offer, candidate = look(uow, offer_id)
            had = uow.offer_claims.had(offer_id, member.id)
        return OfferCard(
            offer=offer,
            candidate=candidate.ending_by(self._programme.zone),
            had=had or 0,
            obstacle=obstacle(offer, member.tier, had or 0, self._clock()),
            good_until=self._programme.local(self._good_until(offer)),
            now=self._clock(),
            nonce=new_code(self._random, NONCE_LENGTH),
            currency=self._programme.currency,
            is_first_look=had is None,
        )

    def look_at(self, member_id: int, offer_id: int) -> None:
        """Notes that the member has looked at the offer; its shop counts how many did."""
        with self._units() as uow:
            uow.offer_claims.see(offer_id, member_id, self._clock())
            uow.commit()

    def claim(self, member: Member, offer_id: int, nonce: str, price_minor: int | None = None) -> Claimed:
        """A voucher, once per nonce. `price_minor` is the price at the counter that the member has seen (in the
        smallest unit); None: whatever it is.

        Raises NotFound, OfferUnavailable, TierTooLow, PriceChanged.
        """
        now = self._clock()
        key = f"offer:{member.id}:{offer_id}:{nonce}"
        with self._units() as uow:
            # The offer first: whoever wants the last one waits here.
            offer = visible(uow.offer_claims.lock(offer_id), "offer", offer_id)
            voucher = uow.vouchers.by_key(key)
            is_replay = voucher is not None
            if voucher is None:
                self._take(uow, offer, member, price_minor)
                voucher = uow.vouchers.issue(
                    NewVoucher(
                        key=key,
                        code=new_code(self._random, VOUCHER_LENGTH),
                        member_id=member.id,
                        merchant_id=offer.merchant.id,
                        title=offer.title,
                        translations=offer.translations,
                        points=0,
                        issued_at=now,
                        expires_at=self._good_until(offer),
                        offer_id=offer.id,
                        price_minor=offer.price_minor,
                    )
                )
            uow.commit()
        return Claimed(as_shown(voucher, self._programme, now), is_replay)

    def _take(self, uow: UnitOfWork, offer: Offer, member: Member, price_minor: int | None) -> None:
        """Nothing is in the way, and one of the offer is the member's now."""
        had = uow.offer_claims.had(offer.id, member.id) or 0
        refusal = obstacle(offer, member.tier, had, self._clock())
        if refusal is not None:
            raise refusal
        if not offer.is_claimable:
            raise OfferUnavailable(offer.id, "elsewhere")
        if price_minor is not None and price_minor != offer.price_minor:
            raise PriceChanged(offer.id)
        if not uow.offer_claims.take(offer.id, member.id, offer.per_member, self._clock()):
            raise OfferUnavailable(offer.id, "sold_out")

    def _good_until(self, offer: Offer) -> datetime:
        return good_until(offer, self._clock(), self._programme.voucher_days, self._programme.zone)


def look(uow: UnitOfWork, offer_id: int) -> tuple[Offer, Candidate]:
    """An offer and what it is to members. Raises NotFound."""
    offer, candidate = uow.offer_claims.look(offer_id) or (None, None)
    shown = visible(offer, "offer", offer_id)
    assert candidate is not None, "they come together"
    return shown, candidate
