"""What a deal offers to groups, bought by one member alone."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.errors import NotEnoughPoints
from loyalty.group_buys import Deal
from loyalty.members import Member
from loyalty.ports import Clock, Units, reads
from loyalty.programme import Programme
from loyalty.services import seating
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import Voucher
from loyalty.wares import visible


@dataclass(frozen=True, slots=True)
class SoloQuote:
    """What the member is asked to confirm; `nonce` makes it happen once."""

    deal: Deal
    available: int
    nonce: str
    voucher_days: int
    currency: str


@dataclass(frozen=True, slots=True)
class Bought:
    """`is_replay`: the same confirmation came again; the voucher is the first one and nothing was spent."""

    voucher: Voucher
    available: int
    is_replay: bool


class SoloService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def quote(self, member: Member, deal_id: int) -> SoloQuote:
        """Raises NotFound, DealUnavailable, NotEnoughPoints."""
        with self._units() as uow:
            deal = visible(uow.deals.get(deal_id), "deal", deal_id)
            deal.check_buying(uow.groups.taken(deal_id, member.id), self._clock())
            available = uow.ledger.balance(member.id).spendable
        if available < deal.solo_points:
            raise NotEnoughPoints(needed=deal.solo_points, available=available)
        nonce = new_code(self._random, NONCE_LENGTH)
        return SoloQuote(deal, available, nonce, self._programme.voucher_days, self._programme.currency)

    def buy(self, member: Member, deal_id: int, nonce: str, confirmed: tuple[int, int] | None = None) -> Bought:
        """Points for a voucher, once per nonce. `confirmed` is the price that was said yes to, in points and in money
        (the smallest unit); None: whatever it costs.

        Raises NotFound, DealUnavailable, PriceChanged, NotEnoughPoints.
        """
        now = self._clock()
        key = f"alone:{member.id}:{deal_id}:{nonce}"
        with self._units() as uow:
            # The deal first, then the balance: whoever wants the last one waits here, and no two wait crosswise.
            deal = visible(uow.deals.lock(deal_id), "deal", deal_id)
            uow.ledger.lock(member.id)
            voucher = uow.vouchers.by_key(key)
            is_replay = voucher is not None
            if voucher is None:
                voucher = seating.buy_alone(
                    uow, self._programme, self._random, deal, member, now, key=key, confirmed=confirmed
                )
            available = uow.ledger.balance(member.id).spendable
            uow.commit()
        return Bought(as_shown(voucher, self._programme, now), available, is_replay)
