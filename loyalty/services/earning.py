"""Steps of a purchase: what it gives to whom. They take the unit of work of the use case that they are part of, and
never commit.

All who get something are locked first, by their ids upwards: caps and replays of a member stand in a row, and no two
wait for each other crosswise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from loyalty.birthdays import LunarDays, brings_gift
from loyalty.ceilings import Ceiling, cut
from loyalty.earning import Earned, EarnRule, birthday_year, day_of, month_of, months_later, points_for, share
from loyalty.errors import KeyReused, NotFound, ReceiptUsed
from loyalty.members import Member
from loyalty.points import Kind
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import (
    AwardRole,
    Channel,
    NewPurchase,
    Purchase,
    PurchaseAward,
    valid_amount_minor,
)
from loyalty.referrals import ReferralEvent
from loyalty.services import ledger, operators, referrals


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points on top of a purchase, once per `key`."""

    role: AwardRole
    points: int
    key: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What a purchase would earn its buyer. `releases_at`: when the points become available; None: at once."""

    earned: Earned
    bonuses: tuple[Bonus, ...] = ()
    releases_at: datetime | None = None
    ceiling: Ceiling | None = None  # of the operator's, that has cut it
    is_held: bool = False  # it is unusually large: until somebody has looked, the points are pending

    @property
    def points(self) -> int:
        return self.earned.points + sum(bonus.points for bonus in self.bonuses)


@dataclass(frozen=True, slots=True)
class RecordedPurchase:
    """`is_replay`: it was there already; nothing was written, and the awards are those of the first time.

    `releases_at`: when the buyer's points become available; None: they are, or there are none.
    """

    purchase: Purchase
    awards: tuple[PurchaseAward, ...]
    is_replay: bool
    releases_at: datetime | None = None
    is_held: bool = False

    def points(self, *roles: AwardRole) -> int:
        """What was given in these roles."""
        return sum(award.points for award in self.awards if award.role in roles)


def quote(
    uow: UnitOfWork,
    programme: Programme,
    member: Member,
    wish: NewPurchase,
    *,
    at: datetime,
    lunar_days: LunarDays | None = None,
) -> Quote:
    """What the purchase would earn if it were recorded `at` that moment. A merchant without a rule gives nothing."""
    releases_at = _releases_at(programme, wish, at)
    rule = uow.earn_rules.of(wish.merchant_id)
    if rule is None:
        return Quote(Earned(), releases_at=releases_at)
    zone = programme.zone
    today, this_month = 0, 0
    if rule.points_day_max is not None or rule.points_month_max is not None:
        today, this_month = uow.purchases.earned(
            member.id, wish.merchant_id, day_of(wish.at, zone), month_of(wish.at, zone)
        )
    earned = points_for(
        rule,
        wish.amount_minor,
        at=wish.at,
        zone=zone,
        tier=member.tier,
        tags=wish.tags,
        earned_today=today,
        earned_this_month=this_month,
    )
    bonuses = _bonuses(uow, programme, rule, member, wish, lunar_days) if earned.points else ()
    if wish.channel is Channel.IMPORT or not earned.points:  # an import is the operator's own
        return Quote(earned, bonuses, releases_at)
    given = uow.ceilings.given(member.id, wish.merchant_id, day_of(wish.at, zone), at.astimezone(zone).date())
    earned, points, ceiling = cut(programme, wish.amount_minor, earned, [bonus.points for bonus in bonuses], given)
    bonuses = tuple(replace(bonus, points=left) for bonus, left in zip(bonuses, points, strict=True) if left)
    quoted = Quote(earned, bonuses, releases_at, ceiling)
    if quoted.points < programme.review_points:
        return quoted
    looked_at = at + timedelta(days=programme.review_days)
    return replace(quoted, releases_at=max(looked_at, releases_at or looked_at), is_held=True)


def record(
    uow: UnitOfWork,
    programme: Programme,
    wish: NewPurchase,
    *,
    actor: str,
    at: datetime,
    lunar_days: LunarDays | None = None,
) -> RecordedPurchase:
    """Books a purchase `at` this moment, with all that follows: the buyer's points and bonuses, paid by the merchant;
    commissions and referral rewards, paid by the club.

    Once per key and per receipt of the merchant: a replay answers with the first result. Points of a purchase with a
    return window are pending until it ends, commissions always. A purchase that earns nothing is booked all the same.
    Raises InvalidPurchase, NotFound, KeyReused, ReceiptUsed for a receipt of another purchase.
    """
    valid_amount_minor(wish.amount_minor)
    member = uow.members.get(wish.member_id)
    if member is None:
        raise NotFound("member", wish.member_id)
    if uow.merchants.get(wish.merchant_id) is None:
        raise NotFound("merchant", wish.merchant_id)
    wish = replace(wish, at=min(wish.at, at))  # no till sells tomorrow's coffee: its clock is ahead
    wish = replace(wish, receipt_day=receipt_day(uow, programme, wish))
    earners = _commission_earners(uow, programme, wish)
    referrer_id = referrals.waiting(uow, programme, member.id, ReferralEvent.PURCHASE)
    ledger.lock_all(uow, (member.id, *earners, *([] if referrer_id is None else [referrer_id])))
    first = _first(uow, programme, wish)
    if first is not None:
        return _as_before(uow, programme, first, at)
    day = at.astimezone(programme.zone).date()
    is_counted = wish.channel is not Channel.IMPORT
    if is_counted:
        uow.ceilings.lock(wish.merchant_id, day)
    quoted = quote(uow, programme, member, wish, at=at, lunar_days=lunar_days)
    purchase = uow.purchases.add(wish, quoted.earned, booked_by=actor, booked_at=at)
    if purchase is None:  # another member's purchase with the same key or receipt was faster
        first = _first(uow, programme, wish)
        assert first is not None, "it conflicted, so it is there"
        return _as_before(uow, programme, first, at)
    awards = [*_to_buyer(uow, programme, purchase, quoted, actor, at)]
    if quoted.earned.points:
        awards += _commissions(uow, programme, purchase, earners, actor, at)
    if quoted.earned.points and referrer_id is not None:
        awards += _referral(uow, programme, member.id, at, quoted.releases_at)
    for award in awards:
        uow.purchases.add_award(purchase.id, award)
    if quoted.points and is_counted:
        uow.ceilings.add(wish.merchant_id, day, quoted.points)
    _alert(uow, programme, purchase, quoted, at)
    return RecordedPurchase(purchase, tuple(awards), False, quoted.releases_at, quoted.is_held)


def _alert(uow: UnitOfWork, programme: Programme, purchase: Purchase, quoted: Quote, at: datetime) -> None:
    """The operator hears of each sale to be looked at, and once per shop and day that a ceiling was reached."""
    if quoted.is_held:
        assert quoted.releases_at is not None, "what is held is pending"
        uow.ceilings.hold(purchase.id, quoted.points, at, quoted.releases_at)
    if quoted.ceiling is None and not quoted.is_held:
        return
    merchant = uow.merchants.get(purchase.wish.merchant_id)
    assert merchant is not None, "it sold something"
    facts: dict[str, Any] = {
        "shop": merchant.name,
        "points": quoted.points,
        "minor": purchase.wish.amount_minor,
        "currency": purchase.wish.currency,
    }
    if quoted.is_held:
        assert quoted.releases_at is not None, "as above"
        held = {**facts, "purchase_id": purchase.id, "releases_at": quoted.releases_at.isoformat()}
        operators.tell(uow, programme, "sale_held", f"sale_held:{purchase.id}", held, at)
    if quoted.ceiling is not None:
        day = at.astimezone(programme.zone).date()
        cause = f"ceiling:{merchant.id}:{day.isoformat()}"
        reached = {**facts, "ceiling": quoted.ceiling.value, "merchant_id": merchant.id}
        operators.tell(uow, programme, "ceiling_reached", cause, reached, at)


def commission_releases_at(programme: Programme, purchase: Purchase) -> datetime:
    """When the return window has ended; a day later at least, for tills make mistakes, too."""
    days = max(programme.commission_days_min, programme.return_days(purchase.wish.channel))
    return purchase.wish.at + timedelta(days=days)


def receipt_day(uow: UnitOfWork, programme: Programme, wish: NewPurchase) -> str:
    """The club's day of a purchase where the receipt numbers of its shop begin again each day; else empty."""
    rule = uow.earn_rules.of(wish.merchant_id)
    return wish.at.astimezone(programme.zone).date().isoformat() if rule is not None and rule.is_receipt_daily else ""


def with_receipt_of(uow: UnitOfWork, programme: Programme, wish: NewPurchase) -> Purchase | None:
    """The purchase that has the receipt of this one already: of the same day, where a shop's numbers begin again."""
    if wish.receipt is None:
        return None
    day = day_of(wish.at, programme.zone) if receipt_day(uow, programme, wish) else None
    return uow.purchases.by_receipt(wish.merchant_id, wish.receipt, day)


def _first(uow: UnitOfWork, programme: Programme, wish: NewPurchase) -> Purchase | None:
    """The purchase that this one repeats. Raises KeyReused, ReceiptUsed."""
    known = uow.purchases.by_key(wish.key)
    if known is not None:
        if not known.is_same(wish):
            raise KeyReused(wish.key)
        return known
    known = with_receipt_of(uow, programme, wish)
    if known is not None and not known.is_receipt_of(wish):
        assert wish.receipt is not None
        raise ReceiptUsed(wish.merchant_id, wish.receipt, known.wish.at)
    return known


def _as_before(uow: UnitOfWork, programme: Programme, first: Purchase, at: datetime) -> RecordedPurchase:
    releases_at = _releases_at(programme, first.wish, at)
    return RecordedPurchase(first, tuple(uow.purchases.awards(first.id)), True, releases_at)


def _releases_at(programme: Programme, wish: NewPurchase, at: datetime) -> datetime | None:
    ends_at = wish.at + timedelta(days=programme.return_days(wish.channel))
    return ends_at if ends_at > at else None


def _bonuses(
    uow: UnitOfWork,
    programme: Programme,
    rule: EarnRule,
    member: Member,
    wish: NewPurchase,
    lunar_days: LunarDays | None,
) -> tuple[Bonus, ...]:
    """Those that have never been given: one that a refund took back does not come again, one of an undone purchase
    does."""
    found = []
    if rule.first_points:
        found.append(Bonus(AwardRole.FIRST, rule.first_points, f"first_purchase:{wish.merchant_id}:{member.id}"))
    if rule.birthday_points and member.birthday is not None and member.birthday_set_at is not None:
        day = member.local(wish.at).date()
        year = birthday_year(member.birthday, day, lunar_days)
        set_on = member.local(member.birthday_set_at).date()
        if year is not None and brings_gift(set_on, day, programme.birthday_notice_days):
            key = f"birthday_purchase:{wish.merchant_id}:{member.id}:{year}"
            found.append(Bonus(AwardRole.BIRTHDAY, rule.birthday_points, key))
    keys = [referrals.key_of_next(uow, bonus.key) for bonus in found]
    return tuple(replace(bonus, key=key) for bonus, key in zip(found, keys, strict=True) if key is not None)


def _commission_earners(uow: UnitOfWork, programme: Programme, wish: NewPurchase) -> Sequence[int]:
    """Who gets a commission of the purchase, nearest first: the referrers above the buyer, so many months long."""
    if not programme.commission_percent:
        return ()
    bound = uow.referrals.of(wish.member_id)
    if bound is None or wish.at >= months_later(bound.bound_at, programme.commission_months, programme.zone):
        return ()
    return uow.referrals.chain(wish.member_id, len(programme.commission_percent))


def _to_buyer(
    uow: UnitOfWork, programme: Programme, purchase: Purchase, quoted: Quote, actor: str, at: datetime
) -> Sequence[PurchaseAward]:
    given = [Bonus(AwardRole.BUYER, quoted.earned.points, f"purchase:{purchase.id}"), *quoted.bonuses]
    causes = {AwardRole.BUYER: "purchase", AwardRole.FIRST: "first_purchase", AwardRole.BIRTHDAY: "birthday_purchase"}
    member_id = purchase.wish.member_id
    awards = []
    for one in given:
        if one.points:
            recorded = ledger.award(
                uow,
                programme,
                member_id,
                one.points,
                key=one.key,
                cause=f"{causes[one.role]}:{purchase.id}",
                actor=actor,
                at=at,
                funder_id=purchase.wish.merchant_id,
                releases_at=quoted.releases_at,
                earned_at=purchase.wish.at,
            )
            awards.append(_award(recorded.transaction_id, member_id, one.role, one.points))
    return awards


def _commissions(
    uow: UnitOfWork, programme: Programme, purchase: Purchase, earners: Sequence[int], actor: str, at: datetime
) -> Sequence[PurchaseAward]:
    """A percentage of the buyer's points, without bonuses, frozen until the purchase cannot be brought back."""
    releases_at = commission_releases_at(programme, purchase)
    awards = []
    for level, (member_id, percent) in enumerate(zip(earners, programme.commission_percent, strict=False), 1):
        points = share(purchase.earned.points, percent)
        if points:
            cause = f"commission:{purchase.id}:{level}"
            recorded = ledger.award(
                uow,
                programme,
                member_id,
                points,
                key=cause,
                cause=cause,
                actor=actor,
                at=at,
                kind=Kind.COMMISSION,
                releases_at=releases_at,
            )
            awards.append(_award(recorded.transaction_id, member_id, AwardRole.COMMISSION, points, level))
    return awards


def _referral(
    uow: UnitOfWork, programme: Programme, referee_id: int, at: datetime, releases_at: datetime | None
) -> Sequence[PurchaseAward]:
    qualified = referrals.qualify(uow, programme, referee_id, at, releases_at)
    if qualified is None:
        return ()
    return [
        _award(qualified.referrer_award, qualified.referrer_id, AwardRole.REFERRER, qualified.referrer_points),
        _award(qualified.referee_award, referee_id, AwardRole.REFEREE, qualified.referee_points),
    ]


def _award(transaction_id: int, member_id: int, role: AwardRole, points: int, level: int = 0) -> PurchaseAward:
    return PurchaseAward(transaction_id, member_id, role, points, level, role.clawback)
