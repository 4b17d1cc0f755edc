from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loyalty.birthdays import LunarDays
from loyalty.earning import EarnRule
from loyalty.errors import NotFound
from loyalty.ports import Clock, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import (
    Channel,
    NewPurchase,
    clean_note,
    clean_receipt,
    clean_tags,
    valid_amount_minor,
)
from loyalty.services import booking, earning
from loyalty.services.earning import Quote, RecordedPurchase
from loyalty.services.refunds import RefundedPurchase


class PurchaseService:
    """Purchases and their refunds; who may book them is decided before. Amounts are in the smallest unit of the
    programme's currency. Without `lunar_days` only solar birthdays have a month."""

    def __init__(self, units: Units, clock: Clock, programme: Programme, lunar_days: LunarDays | None = None) -> None:
        self._units, self._clock, self._programme, self._lunar_days = units, clock, programme, lunar_days

    @reads
    def rule(self, merchant_id: int) -> EarnRule | None:
        with self._units() as uow:
            return uow.earn_rules.of(merchant_id)

    def set_rule(self, merchant_id: int, rule: EarnRule) -> None:
        """How purchases at a merchant earn from now on. Raises NotFound."""
        with self._units() as uow:
            uow.earn_rules.set(merchant_id, rule)
            uow.commit()

    @reads
    def quote(
        self,
        member_id: int,
        merchant_id: int,
        amount_minor: int,
        *,
        at: datetime | None = None,
        channel: Channel = Channel.TILL,
        tags: Iterable[str] = (),
    ) -> Quote:
        """What a purchase would earn, explained. Raises InvalidPurchase, NotFound."""
        now = self._clock()
        wish = self._wish("", member_id, merchant_id, amount_minor, at or now, channel, None, tags, "")
        with self._units() as uow:
            member = uow.members.get(member_id)
            if member is None:
                raise NotFound("member", member_id)
            return earning.quote(uow, self._programme, member, wish, at=now, lunar_days=self._lunar_days)

    def record(
        self,
        member_id: int,
        merchant_id: int,
        amount_minor: int,
        *,
        key: str,
        actor: str,
        receipt: str | None = None,
        at: datetime | None = None,
        channel: Channel = Channel.TILL,
        tags: Iterable[str] = (),
        note: str = "",
    ) -> RecordedPurchase:
        """Books a purchase made `at` an instant (default: now), once per key and per receipt of the merchant; the
        buyer and who gets a commission hear of it. A key belongs to one purchase: nobody else's.
        The tier that the buyer has reached by it counts from the next one on.

        Raises InvalidPurchase, NotFound, KeyReused, ReceiptUsed.
        """
        now = self._clock()
        wish = self._wish(key, member_id, merchant_id, amount_minor, at or now, channel, receipt, tags, note)
        with self._units() as uow:
            recorded = booking.book(uow, self._programme, wish, actor=actor, at=now, lunar_days=self._lunar_days)
            uow.commit()
        return recorded

    def refund(self, purchase_id: int, amount_minor: int, *, key: str, actor: str) -> RefundedPurchase:
        """Refunds so much of a purchase, once per key; the buyer hears of it.

        Raises InvalidPurchase, NotFound, KeyReused, PurchaseRefundTooLarge.
        """
        now = self._clock()
        with self._units() as uow:
            refunded = booking.refund(uow, self._programme, purchase_id, amount_minor, key=key, actor=actor, at=now)
            uow.commit()
        return refunded

    def _wish(
        self,
        key: str,
        member_id: int,
        merchant_id: int,
        amount_minor: int,
        at: datetime,
        channel: Channel,
        receipt: str | None,
        tags: Iterable[str],
        note: str,
    ) -> NewPurchase:
        return NewPurchase(
            key=key,
            member_id=member_id,
            merchant_id=merchant_id,
            amount_minor=valid_amount_minor(amount_minor),
            currency=self._programme.currency,
            at=at,
            channel=channel,
            receipt=clean_receipt(receipt),
            tags=clean_tags(tags),
            note=clean_note(note),
        )
