from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from loyalty.amounts import Typed, read_amount, tagged
from loyalty.attempts import Guess
from loyalty.birthdays import LunarDays
from loyalty.ceilings import Review
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.errors import (
    CustomerNotFound,
    KeyReused,
    NotFound,
    OwnPurchase,
    PurchaseRefundTooLarge,
    ReceiptUsed,
    Refusal,
    SaleForgotten,
    VoucherRefused,
)
from loyalty.members import Member
from loyalty.merchants import Right, with_right
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import NewPurchase, Purchase, Sold, clean_note, clean_receipt, clean_tags
from loyalty.services import booking, customers, earning, guessing, operators, purchase_notices, refunds, undoing
from loyalty.services.customers import Candidates, Customer, Digits, Face
from loyalty.services.earning import Quote, RecordedPurchase
from loyalty.services.guessing import guarded
from loyalty.services.staff import check_owned, check_right
from loyalty.services.vouchers import as_shown, take
from loyalty.vouchers import Voucher, check_usable

PAGE = 6
USUAL = timedelta(days=30)  # so far back it is looked what is usual at a shop ...
USUAL_LEAST, USUAL_MOST = 20, 200  # ... at so many purchases; fewer do not tell
UNUSUAL_TIMES = 10
_APART = re.compile(r"[#＃]\s+(?=\S)")  # a receipt's number behind a blank


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was typed together with an amount. `given` is the amount as it was typed."""

    who: Face | Candidates
    given: str


@dataclass(frozen=True, slots=True)
class TillQuote:
    """What is asked before a purchase is booked. `nonce` makes one confirmation happen once. `usual_minor`: what
    purchases here mostly come to, where this one is many times that; None where it is nothing unusual. `is_own`: the
    one who stands at the till buys, and nobody else could book it."""

    customer: Customer
    typed: Typed
    currency: str
    earns: Quote
    nonce: str
    usual_minor: int | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """A purchase in the books, and what it gave to the buyer; where it was undone since, what was taken back.

    `is_replay`: the same confirmation came again.
    """

    sold: Sold
    points: int
    is_replay: bool
    undo_minutes: int
    review: Review | None = None  # it is unusually large, and somebody looks at it

    @property
    def is_own(self) -> bool:
        """Bought by the one who booked it."""
        return is_own(self.sold.purchase)


@dataclass(frozen=True, slots=True)
class Sales:
    """A page of a shop's purchases, newest first. `older_than` is the id to page on from, None on the last page.
    `receipt`: only those of this number, which has been given out on several days."""

    merchant_id: int
    sales: tuple[Sold, ...]
    older_than: int | None
    is_first_page: bool
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """One purchase, and what can still be done with it."""

    sold: Sold
    can_undo: bool


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What is asked before a refund: so much money, and the points that go back with it."""

    sold: Sold
    amount_minor: int
    points: int
    nonce: str


@dataclass(frozen=True, slots=True)
class TakenBackSale:
    """A purchase of which something, or by an undo all, was taken back."""

    sold: Sold
    amount_minor: int
    points: int
    is_replay: bool


class TillService:
    """The till of a shop, for staff with the right to sell. Of a customer they see the first name and the tier.

    Every method raises NotAllowed for those without the right at the shop. `decimals` are those of the programme's
    currency: who can write it knows them.
    """

    def __init__(
        self,
        units: Units,
        clock: Clock,
        random: Random,
        programme: Programme,
        lunar_days: LunarDays | None = None,
    ) -> None:
        self._units, self._clock, self._random = units, clock, random
        self._programme, self._lunar_days = programme, lunar_days

    @guarded(Guess.TILL)
    def find(self, staff: Member, merchant_id: int, given: str) -> Face | Candidates | Voucher | Asked:
        """Who or what was typed or scanned: the code of a card or of a voucher, a link with one, the last four digits
        of a phone or all of it, or a member number; a customer with an amount behind it, too. Raises CustomerNotFound,
        OwnPurchase, VoucherRefused for one that cannot be taken here and now."""
        now = self._clock()
        with self._units() as uow:
            posts = check_right(uow, staff.id, merchant_id, Right.SELL)
            found, amount = self._look(uow, staff, merchant_id, given, now)
            if isinstance(found, Face):
                self._check_own(uow, staff, merchant_id, found.id)
            uow.commit()
        if isinstance(found, Voucher):
            here = [post for post in with_right(posts, Right.SELL) if post.merchant_id == merchant_id]
            return check_usable(as_shown(found, self._programme, now), here, now)
        return found if amount is None else Asked(found, amount)

    @reads
    def is_known(self, staff: Member, merchant_id: int, given: str) -> bool:
        """Whether what was typed may be a customer: the end of somebody's phone, or a member number. Who it is, only
        `find` says, which writes it down."""
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            return customers.is_known(uow, given)

    def _look(
        self, uow: UnitOfWork, staff: Member, merchant_id: int, given: str, now: datetime
    ) -> tuple[Face | Candidates | Voucher, str | None]:
        """What was typed as a whole, else as somebody with an amount behind. A phone that is looked up is written down,
        also one that finds nobody, and there are so many an hour."""
        refusal: Refusal | None = None
        digits, people = None, list[Member]()
        for text, amount in [(given, None), *customers.with_amount(given)]:
            try:
                found = customers.find(uow, text)
            except (CustomerNotFound, VoucherRefused) as reason:
                refusal = refusal or reason
                continue
            if not isinstance(found, Digits):
                return found, None if isinstance(found, Voucher) else amount
            if digits is None:
                guessing.check_lookup(uow, self._programme, staff.id, now)
            digits, people = found, list(customers.by_phone(uow, found))
            if people:
                break
            refusal = refusal or CustomerNotFound("phone")
        if digits is not None:
            guessing.looked_up(uow, self._programme, staff, merchant_id, digits.digits, len(people), now)
        if not people:
            uow.commit()
            raise refusal or CustomerNotFound("unreadable")
        return customers.faces(uow, people, merchant_id), amount

    @guarded(Guess.CARD)
    def card_owner(self, member: Member, code: str) -> int:
        """The id of the member whose card has this code; for who scans one without standing at a till.

        Raises CustomerNotFound.
        """
        with self._units() as uow:
            owner = customers.by_card(uow, code)
        if owner is None:
            raise CustomerNotFound("code")
        return owner.id

    @reads
    def customer(self, staff: Member, merchant_id: int, customer_id: int) -> Customer:
        """Raises NotFound."""
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            member = customers.known(uow, customer_id)
            return customers.customer(uow, self._programme, member, merchant_id, self._clock())

    @reads
    def quote(self, staff: Member, merchant_id: int, customer_id: int, given: str, decimals: int) -> TillQuote:
        """What a purchase would earn, typed as `loyalty.amounts` reads it, and what else the customer has here.

        Raises NotFound, AmountRefused, InvalidPurchase, OwnPurchase, ReceiptUsed.
        """
        now = self._clock()
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            check_owned(uow, merchant_id)
            is_own = self._check_own(uow, staff, merchant_id, customer_id)
            typed, wish = self._wish(uow, "", merchant_id, customer_id, given, decimals, now)
            member = customers.known(uow, customer_id)
            seen = customers.customer(uow, self._programme, member, merchant_id, now)
            known = earning.with_receipt_of(uow, self._programme, wish)
            if known is not None and wish.receipt is not None:
                raise ReceiptUsed(merchant_id, wish.receipt, known.wish.at)
            earns = earning.quote(uow, self._programme, member, wish, at=now, lunar_days=self._lunar_days)
            usual = usual_minor(uow.purchases.amounts(merchant_id, now - USUAL, USUAL_MOST))
        nonce = new_code(self._random, NONCE_LENGTH)
        is_usual = usual is None or typed.amount_minor <= UNUSUAL_TIMES * usual
        return TillQuote(seen, typed, wish.currency, earns, nonce, None if is_usual else usual, is_own)

    def book(self, staff: Member, merchant_id: int, customer_id: int, given: str, decimals: int, nonce: str) -> Booked:
        """Books what was quoted, once per nonce; the customer hears of it, of one without points, too.

        Raises NotFound, AmountRefused, InvalidPurchase, OwnPurchase, ReceiptUsed, KeyReused.
        """
        now, key = self._clock(), _key(staff, nonce)
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            first = uow.purchases.by_key(key)
            if first is not None:
                if (first.wish.merchant_id, first.wish.member_id) != (merchant_id, customer_id):
                    raise KeyReused(key)
                return self._again(uow, first)
            check_owned(uow, merchant_id)
            is_own = self._check_own(uow, staff, merchant_id, customer_id)
            _, wish = self._wish(uow, key, merchant_id, customer_id, given, decimals, now)
            recorded = booking.book(
                uow,
                self._programme,
                wish,
                actor=_actor(staff),
                at=now,
                lunar_days=self._lunar_days,
                is_told_anyway=True,
            )
            if recorded.purchase.wish.key != key:  # the receipt was there, of the same customer and amount
                assert wish.receipt is not None, "without one only the key makes a replay"
                raise ReceiptUsed(merchant_id, wish.receipt, recorded.purchase.wish.at)
            booked = self._booked(uow, recorded)
            if is_own:
                self._tell_of_own(uow, staff, booked.sold.purchase, now)
            uow.commit()
        return booked

    @reads
    def booked(self, staff: Member, nonce: str) -> Booked:
        """What was booked by this confirmation. Raises SaleForgotten where nothing was."""
        with self._units() as uow:
            first = uow.purchases.by_key(_key(staff, nonce))
            if first is None:
                raise SaleForgotten
            check_right(uow, staff.id, first.wish.merchant_id, Right.SELL)
            return self._again(uow, first)

    def undo(self, staff: Member, purchase_id: int) -> TakenBackSale:
        """Undoes a purchase that was booked at the till a few minutes ago, once, by whoever stands there; whoever
        had heard of it hears that it went. Raises NotFound, UndoRefused, PurchaseRefundTooLarge."""
        now = self._clock()
        with self._units() as uow:
            self._own(uow, staff, purchase_id)
            undone = undoing.undo(uow, self._programme, purchase_id, actor=_actor(staff), at=now)
            done = _taken_back(uow, undone)
            uow.commit()
        return done

    @reads
    def sales(self, staff: Member, merchant_id: int, before_id: int | None = None) -> Sales:
        """A page of what the shop sold."""
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            found = uow.purchases.recent(merchant_id, before_id=before_id, limit=PAGE + 1)
        return Sales(
            merchant_id=merchant_id,
            sales=tuple(found[:PAGE]),
            older_than=found[PAGE - 1].purchase.id if len(found) > PAGE else None,
            is_first_page=before_id is None,
        )

    @reads
    def find_purchase(self, staff: Member, merchant_id: int, receipt: str) -> Sale | Sales:
        """The purchase with this receipt of the shop; of a shop whose numbers begin again each day, the latest ones of
        several days. Raises NotFound, InvalidPurchase."""
        number = clean_receipt(receipt.strip().removeprefix("#"))
        with self._units() as uow:
            check_right(uow, staff.id, merchant_id, Right.SELL)
            found = [] if number is None else uow.purchases.with_receipt(merchant_id, number, PAGE)
            if not found:
                raise NotFound("receipt", number)
            if len(found) == 1:
                return self._sale(uow, found[0].purchase.id)
        return Sales(merchant_id, tuple(found), older_than=None, is_first_page=True, receipt=number)

    @reads
    def voucher(self, staff: Member, merchant_id: int, customer_id: int, voucher_id: int) -> Voucher:
        """A voucher of the customer who is served, if it can be taken here and now. Raises VoucherRefused."""
        with self._units() as uow:
            posts = check_right(uow, staff.id, merchant_id, Right.SELL)
            found = check_usable(_of(uow, customer_id, merchant_id, voucher_id), posts, self._clock())
        return as_shown(found, self._programme, self._clock())

    def take(self, staff: Member, merchant_id: int, customer_id: int, voucher_id: int) -> Voucher:
        """Takes a voucher of the customer who is served, once; they are told. Nobody else's can be taken so: for that
        it takes its code. Raises VoucherRefused."""
        now = self._clock()
        with self._units() as uow:
            posts = check_right(uow, staff.id, merchant_id, Right.SELL)
            taken = take(uow, self._programme, _of(uow, customer_id, merchant_id, voucher_id), posts, staff, now)
            uow.commit()
        return as_shown(taken, self._programme, now)

    @reads
    def purchase(self, staff: Member, purchase_id: int) -> Sale:
        """Raises NotFound."""
        with self._units() as uow:
            self._own(uow, staff, purchase_id)
            return self._sale(uow, purchase_id)

    @reads
    def refund_quote(self, staff: Member, purchase_id: int, given: str | None, decimals: int) -> RefundQuote:
        """What a refund of the amount that was typed would take back; without one, of all that is left.

        Raises NotFound, AmountRefused, PurchaseRefundTooLarge.
        """
        with self._units() as uow:
            purchase = self._own(uow, staff, purchase_id)
            left = purchase.left_minor
            amount = left if given is None else self._read(given, purchase.wish.currency, decimals).amount_minor
            if not 0 < amount <= left:
                raise PurchaseRefundTooLarge(purchase_id, amount, left, purchase.wish.currency)
            points = refunds.due_from(uow, self._programme, purchase, amount, purchase.wish.member_id)
            sold = _sold(uow, purchase_id)
        return RefundQuote(sold, amount, points, new_code(self._random, NONCE_LENGTH))

    def refund(self, staff: Member, purchase_id: int, amount_minor: int, nonce: str) -> TakenBackSale:
        """Refunds so much of a purchase, once per nonce; the customer hears of points that go back.

        Raises NotFound, InvalidPurchase, KeyReused, PurchaseRefundTooLarge.
        """
        now = self._clock()
        with self._units() as uow:
            self._own(uow, staff, purchase_id)
            refunded = booking.refund(
                uow, self._programme, purchase_id, amount_minor, key=_key(staff, nonce), actor=_actor(staff), at=now
            )
            done = _taken_back(uow, refunded)
            uow.commit()
        return done

    def _wish(
        self,
        uow: UnitOfWork,
        key: str,
        merchant_id: int,
        customer_id: int,
        given: str,
        decimals: int,
        now: datetime,
    ) -> tuple[Typed, NewPurchase]:
        given = _APART.sub("#", given)
        typed = self._read(given, self._programme.currency, decimals)
        rule = uow.earn_rules.of(merchant_id)
        tags, note = tagged(typed.words, rule.tags if rule is not None else ())
        wish = NewPurchase(
            key=key,
            member_id=customer_id,
            merchant_id=merchant_id,
            amount_minor=typed.amount_minor,
            currency=self._programme.currency,
            at=now,
            receipt=clean_receipt(typed.receipt),
            tags=clean_tags(tags),
            note=clean_note(note),
        )
        return typed, wish

    def _check_own(self, uow: UnitOfWork, staff: Member, merchant_id: int, customer_id: int) -> bool:
        """Whether they serve themselves, which is for nobody who has a colleague. Raises OwnPurchase."""
        if customer_id != staff.id:
            return False
        if uow.staff.sellers(merchant_id) > 1:
            raise OwnPurchase(merchant_id)
        return True

    def _tell_of_own(self, uow: UnitOfWork, staff: Member, purchase: Purchase, now: datetime) -> None:
        """Where nobody else sells, the operators hear of it, once a day."""
        wish, merchant = purchase.wish, uow.merchants.get(purchase.wish.merchant_id)
        assert merchant is not None, "somebody stands at its till"
        facts = {
            "name": staff.first_name,
            "shop": merchant.name,
            "merchant_id": merchant.id,
            "minor": wish.amount_minor,
            "currency": wish.currency,
            "points": purchase.earned.points,
        }
        day = now.astimezone(self._programme.zone).date().isoformat()
        operators.tell(uow, self._programme, "own_sale", f"own_sale:{merchant.id}:{day}", facts, now)

    def _read(self, given: str, currency: str, decimals: int) -> Typed:
        programme = self._programme
        coin = programme.coin if currency == programme.currency else None
        most = programme.till_most_minor(decimals)
        return read_amount(given, currency=currency, decimals=decimals, amount_minor_max=most, coin=coin)

    def _own(self, uow: UnitOfWork, staff: Member, purchase_id: int) -> Purchase:
        """A purchase at a shop where they may sell. Raises NotFound, NotAllowed for another shop's."""
        purchase = uow.purchases.get(purchase_id)
        if purchase is None:
            raise NotFound("purchase", purchase_id)
        check_right(uow, staff.id, purchase.wish.merchant_id, Right.SELL)
        return purchase

    def _sale(self, uow: UnitOfWork, purchase_id: int) -> Sale:
        sold = _sold(uow, purchase_id)
        can_undo = undoing.can_undo(self._programme, sold.purchase, self._clock()) and sold.purchase.left_minor > 0
        return Sale(sold, can_undo)

    def _again(self, uow: UnitOfWork, first: Purchase) -> Booked:
        return self._booked(uow, RecordedPurchase(first, tuple(uow.purchases.awards(first.id)), is_replay=True))

    def _booked(self, uow: UnitOfWork, recorded: RecordedPurchase) -> Booked:
        sold = _sold(uow, recorded.purchase.id)
        points = recorded.points(*purchase_notices.BUYERS)
        is_large = points >= self._programme.review_points
        if sold.purchase.is_undone:
            points = undoing.taken(uow, sold.purchase)
        return Booked(
            sold,
            points,
            recorded.is_replay,
            self._programme.till_undo_minutes,
            uow.ceilings.review(recorded.purchase.id) if is_large else None,
        )


def usual_minor(amounts: Sequence[int]) -> int | None:
    """The amount in the middle of those of a shop; None where too few tell."""
    return int(median_low(amounts)) if len(amounts) >= USUAL_LEAST else None


def is_own(purchase: Purchase) -> bool:
    """Whether somebody booked it for themselves."""
    return purchase.booked_by == f"staff:{purchase.wish.member_id}"


def _of(uow: UnitOfWork, customer_id: int, merchant_id: int, voucher_id: int) -> Voucher | None:
    voucher = uow.vouchers.get(voucher_id)
    if voucher is None or (voucher.member_id, voucher.merchant_id) != (customer_id, merchant_id):
        return None
    return voucher


def _key(staff: Member, nonce: str) -> str:
    return f"till:{staff.id}:{nonce}"


def _actor(staff: Member) -> str:
    return f"staff:{staff.id}"


def _sold(uow: UnitOfWork, purchase_id: int) -> Sold:
    sold = uow.purchases.sold(purchase_id)
    assert sold is not None, "it was there a moment ago"
    return sold


def _taken_back(uow: UnitOfWork, refunded: refunds.RefundedPurchase) -> TakenBackSale:
    sold = _sold(uow, refunded.purchase.id)
    points = refunded.taken_from(sold.purchase.wish.member_id)
    return TakenBackSale(sold, refunded.refund.amount_minor, points, refunded.is_replay)
