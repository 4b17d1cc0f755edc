"""The step that makes a purchase as if it had never been: somebody at a till had mistyped. It takes the unit of work of
the use case, and never commits.

What a purchase causes is one list, `EFFECTS`, and each says how it is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from loyalty import favourites
from loyalty.ceilings import ReviewState
from loyalty.deliveries import WENT_OUT, Notice
from loyalty.errors import PurchaseRefundTooLarge, UndoRefused
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import AwardRole, Channel, Purchase, PurchaseAward
from loyalty.services import ledger, purchase_notices, refunds, tiers
from loyalty.services.refunds import RefundedPurchase


@dataclass(frozen=True, slots=True)
class Undoing:
    """A purchase on its way to never having been: its points are taken back already."""

    uow: UnitOfWork
    programme: Programme
    purchase: Purchase
    awards: Sequence[PurchaseAward]
    refunded: RefundedPurchase
    actor: str
    at: datetime

    @property
    def buyer_id(self) -> int:
        return self.purchase.wish.member_id

    @property
    def has_qualified(self) -> bool:
        """Whether it was the first purchase of somebody whom a friend had brought."""
        return any(award.role is AwardRole.REFEREE for award in self.awards)

    def withdraw(self, member_id: int, cause: str, taken_back: Callable[[], Iterable[Notice]]) -> None:
        """What was told for a cause is not sent any more; where it went out, that it was taken back is told."""
        if self.uow.outbox.withdraw(member_id, cause, self.at) in WENT_OUT:
            self.uow.outbox.add(list(taken_back()), self.at)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a purchase causes, the tables in which it leaves rows, and how it is undone."""

    name: str
    tables: frozenset[str]
    undo: Callable[[Undoing], None]


def _points(undoing: Undoing) -> None:
    """They went first, by a refund of all that was left: with them the buyer, who earned a commission, and both sides
    of a referral stand as before, and so does what caps and ceilings count."""


def _review(undoing: Undoing) -> None:
    undoing.uow.ceilings.decide(undoing.purchase.id, ReviewState.UNDONE, undoing.actor, undoing.at)


def _receipt(undoing: Undoing) -> None:
    undoing.uow.purchases.undo(undoing.purchase.id, undoing.at)


def _tier(undoing: Undoing) -> None:
    tiers.take_back(undoing.uow, undoing.programme, undoing.purchase, undoing.at)


def _referral(undoing: Undoing) -> None:
    """It waits again, and whoever brought the buyer is rewarded for the right purchase."""
    if undoing.has_qualified:
        undoing.uow.referrals.reopen(undoing.buyer_id)


def _favourites(undoing: Undoing) -> None:
    """What came within reach by it is told of when it does so again. Whoever has read of it is not told that it went:
    the points say so."""
    uow, since = undoing.uow, undoing.purchase.booked_at
    assert since is not None, "it was booked"
    member_ids = sorted({undoing.buyer_id, *(award.member_id for award in undoing.awards)})
    for member_id, reward_id, added_at in uow.favourites.out_of_reach(member_ids, since):
        state = uow.outbox.withdraw(member_id, favourites.cause_of(reward_id, added_at), undoing.at)
        if state not in WENT_OUT:
            uow.favourites.untell(member_id, reward_id)


def _notices(undoing: Undoing) -> None:
    purchase = undoing.purchase
    undoing.withdraw(
        undoing.buyer_id,
        f"purchase:{purchase.id}",
        lambda: purchase_notices.undone(undoing.uow, undoing.refunded),
    )
    for award in undoing.awards:
        told = partial(purchase_notices.taken_back, purchase, award)
        if award.role is AwardRole.COMMISSION:
            undoing.withdraw(award.member_id, f"commission:{purchase.id}:{award.level}", told)
        elif award.role is AwardRole.REFERRER:
            undoing.withdraw(award.member_id, f"referral_qualified:{undoing.buyer_id}", told)


# In the order in which they are undone. A table with a column that leads to a purchase, or to one of its transactions,
# stands here, or a test asks why it does not.
EFFECTS = (
    Effect(
        "points",
        frozenset(
            {"transactions", "postings", "lot_entries", "lots", "balances", "purchase_awards", "purchase_refunds"}
        ),
        _points,
    ),
    Effect("room below the ceilings", frozenset({"shop_days"}), _points),
    Effect("review", frozenset({"purchase_reviews"}), _review),
    Effect("receipt", frozenset({"purchases"}), _receipt),
    Effect("tier", frozenset({"members", "tier_changes"}), _tier),
    Effect("referral", frozenset({"referrals"}), _referral),
    Effect("favourites", frozenset({"favourites"}), _favourites),
    Effect("notices", frozenset({"deliveries"}), _notices),
)


def undo(uow: UnitOfWork, programme: Programme, purchase_id: int, *, actor: str, at: datetime) -> RefundedPurchase:
    """Takes back all that a purchase caused, once, within the minutes of the programme since it was booked at a till.

    Unlike a refund it costs nobody what is given once: the right purchase may have the same receipt, and it earns the
    bonuses and the referral's rewards anew. Whoever was told of something is told that it went; what nobody was told
    yet is not told. Raises NotFound, UndoRefused, PurchaseRefundTooLarge where all of it was refunded already.
    """
    purchase, key = locked(uow, purchase_id), key_of("undo", purchase_id)
    first = uow.purchases.refund_by_key(key)
    if first is not None:
        return RefundedPurchase(purchase, first, is_replay=True)
    if not can_undo(programme, purchase, at):
        raise UndoRefused(programme.till_undo_minutes)
    if purchase.left_minor == 0:
        raise PurchaseRefundTooLarge(purchase_id, purchase.wish.amount_minor, 0, purchase.wish.currency)
    return as_if_never(uow, programme, purchase, key=key, actor=actor, at=at)


def as_if_never(
    uow: UnitOfWork, programme: Programme, purchase: Purchase, *, key: str, actor: str, at: datetime
) -> RefundedPurchase:
    """Undoes every effect of a purchase of which something is left. All who got of it are locked."""
    awards = uow.purchases.awards(purchase.id)
    undone = refunds.refund(uow, programme, purchase.id, purchase.left_minor, key=key, actor=actor, at=at)
    undoing = Undoing(uow, programme, purchase, awards, undone, actor, at)
    for effect in EFFECTS:
        effect.undo(undoing)
    return undone


def taken(uow: UnitOfWork, purchase: Purchase) -> int:
    """What was really taken back from the buyer when the purchase was undone."""
    undone = uow.purchases.refund_by_key(key_of("undo", purchase.id)) or uow.purchases.refund_by_key(
        key_of("refuse", purchase.id)
    )
    return 0 if undone is None else RefundedPurchase(purchase, undone, True).taken_from(purchase.wish.member_id)


def key_of(way: str, purchase_id: int) -> str:
    """Of the refund that undid a purchase. `way`: undo, at a till, or refuse, by the operator."""
    return f"{way}:{purchase_id}"


def can_undo(programme: Programme, purchase: Purchase, at: datetime) -> bool:
    """Whether it was booked at a till, so few minutes ago."""
    if purchase.wish.channel is not Channel.TILL or purchase.booked_at is None:
        return False
    return at < purchase.booked_at + timedelta(minutes=programme.till_undo_minutes)


def locked(uow: UnitOfWork, purchase_id: int) -> Purchase:
    """The purchase, when nobody else moves points of those who got some of it. Raises NotFound."""
    awards = uow.purchases.awards(purchase_id)
    buyer_id = refunds.existing(uow, purchase_id).wish.member_id
    ledger.lock_all(uow, (buyer_id, *(award.member_id for award in awards)))
    return refunds.existing(uow, purchase_id)  # again, because others may have been faster
