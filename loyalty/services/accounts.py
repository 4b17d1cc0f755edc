"""What the operator does with somebody's account. Who is an operator is decided before a use case is called."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.accounts import AccountLine
from loyalty.deliveries import Notice
from loyalty.errors import NotFound, NotReversible, VoucherRefused
from loyalty.members import Member
from loyalty.movements import Subject
from loyalty.points import Balance, Kind
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger, members, seating, vouchers
from loyalty.vouchers import Voucher, VoucherState

PAGE = 6


@dataclass(frozen=True, slots=True)
class AccountView:
    """A member's standing and a page of transactions. `older_than` is the number to page on from, None at the end."""

    member: Member
    balance: Balance
    lines: tuple[AccountLine, ...]
    older_than: int | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is asked before a transaction is undone. `voucher` would be cancelled with it."""

    line: AccountLine
    member: Member
    voucher: Voucher | None


@dataclass(frozen=True, slots=True)
class Undone:
    """`points` is what the member got by it, or with a minus gave. `is_replay`: it was undone before by the same wish,
    and nobody was told again."""

    line: AccountLine
    member: Member
    points: int
    balance: Balance
    is_replay: bool


@dataclass(frozen=True, slots=True)
class CreditAgreed:
    member: Member
    points: int
    balance: Balance


class AccountService:
    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def view(self, member_id: int, before_id: int | None = None) -> AccountView:
        """Raises NotFound."""
        with self._units() as uow:
            return self._view(uow, _member(uow, member_id), before_id)

    @reads
    def view_of(self, code: str) -> AccountView:
        """By the member's code. Raises NotFound."""
        with self._units() as uow:
            return self._view(uow, members.meant(uow, code), None)

    @reads
    def ask_reverse(self, transaction_id: int) -> Undoing:
        """What undoing would undo. Raises NotFound, NotReversible; VoucherRefused where it was used already."""
        with self._units() as uow:
            line = _line(uow, transaction_id)
            if line.obstacle is not None:
                raise NotReversible(transaction_id, line.obstacle)
            return Undoing(line, _member(uow, line.member_id), _unused(_voucher(uow, line)))

    def reverse(self, transaction_id: int, *, actor: str) -> Undone:
        """Undoes a transaction, once, and tells the member; the voucher that was given for it is no longer good,
        and the reward is in stock again.

        What of an award was spent meanwhile follows the programme's policy. Raises NotFound, NotReversible;
        VoucherRefused where the voucher was used already.
        """
        now = self._clock()
        with self._units() as uow:
            line = _line(uow, transaction_id)
            if line.obstacle is not None and line.obstacle != "reversed":
                raise NotReversible(transaction_id, line.obstacle)
            voucher = _voucher(uow, line)
            if voucher is not None:
                vouchers.hold_shelf(uow, voucher)
            recorded = ledger.reverse(uow, self._programme, transaction_id, actor=actor, at=now)
            undoing = uow.accounts.line(recorded.transaction_id)
            points = undoing.points if undoing is not None else 0  # all of it had expired
            if not recorded.is_replay:
                if voucher is not None:
                    vouchers.cancel(uow, voucher, now)
                if points:
                    uow.outbox.add([_told(line, points)], now)
            member, balance = _member(uow, line.member_id), uow.ledger.balance(line.member_id)
            uow.commit()
        return Undone(line, member, points, balance, recorded.is_replay)

    def agree_credit(self, code: str, points: int, *, key: str) -> CreditAgreed:
        """Agrees how far below zero a member may spend, and tells the member; 0 takes the credit line away.

        Raises NotFound, InvalidAmount, CreditInUse.
        """
        now = self._clock()
        with self._units() as uow:
            member = members.meant(uow, code)
            before = uow.ledger.lock(member.id)
            ledger.set_credit(uow, member.id, points)
            if before.floor != -points:
                uow.outbox.add([Notice(member.id, "credit_agreed", key, {"points": points})], now)
            balance = uow.ledger.balance(member.id)
            uow.commit()
        return CreditAgreed(member, points, balance)

    def _view(self, uow: UnitOfWork, member: Member, before_id: int | None) -> AccountView:
        lines = uow.accounts.page(member.id, before_id=before_id, limit=PAGE + 1)
        return AccountView(
            member=member,
            balance=uow.ledger.balance(member.id),
            lines=tuple(lines[:PAGE]),
            older_than=lines[PAGE - 1].transaction_id if len(lines) > PAGE else None,
            is_first_page=before_id is None,
        )


def _member(uow: UnitOfWork, member_id: int) -> Member:
    member = uow.members.get(member_id)
    if member is None:
        raise NotFound("member", member_id)
    return member


def _line(uow: UnitOfWork, transaction_id: int) -> AccountLine:
    line = uow.accounts.line(transaction_id)
    if line is None:
        raise NotFound("transaction", str(transaction_id))
    return line


def _voucher(uow: UnitOfWork, line: AccountLine) -> Voucher | None:
    """What was given for the points: a voucher bought by oneself has its transaction's key, a group buy's that of the
    seat in the group that filled, which may have taken the people of the one that was joined."""
    match line.movement.kind:
        case Kind.REDEEM:
            return uow.vouchers.by_key(line.key)
        case Kind.CAPTURE:
            noun, _, number = line.movement.cause.partition(":")
            if noun != "group":
                return None
            return uow.vouchers.by_key(f"group:{seating.standing(uow, int(number)).id}:{line.member_id}")
        case _:
            return None


def _unused(voucher: Voucher | None) -> Voucher | None:
    if voucher is not None and voucher.state is VoucherState.USED:
        raise VoucherRefused("used", voucher.used_at)
    return voucher


def _told(line: AccountLine, points: int) -> Notice:
    """As facts, because the member's language is known when it is sent."""
    movement = line.movement
    facts = {
        "points": points,
        "kind": movement.kind,
        "amount": line.points,
        "cause": movement.cause,
        "at": movement.at.isoformat(),
        "merchant": _facts(movement.merchant),
        "subject": _facts(movement.subject),
    }
    return Notice(line.member_id, "reversed", f"reversed:{line.transaction_id}", facts)


def _facts(subject: Subject | None) -> dict[str, object] | None:
    return None if subject is None else {"name": subject.name, "translations": dict(subject.translations)}
