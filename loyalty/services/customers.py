"""Steps by which a till finds a customer, and what it may know of one. They take the unit of work of the use case, and
never commit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.attempts import is_whole_number
from loyalty.codes import CARD_LENGTH, VOUCHER_LENGTH, as_typed
from loyalty.errors import CustomerNotFound, NotFound, VoucherRefused
from loyalty.members import PHONE_ENDING, Member, Tier
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.rewards import Reward
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import Voucher

CANDIDATES_MAX = 5
VOUCHERS_MAX = 5
REWARDS_MAX = 3
PHONE_DIGITS_MAX = 17  # with two zeros for the plus sign
_LINK = re.compile(r"(?:^|[=/])([a-z])_(\S*)$", re.IGNORECASE)
_BETWEEN_DIGITS = str.maketrans("", "", " +-()/.")


@dataclass(frozen=True, slots=True)
class Face:
    """All that a shop sees of a member."""

    id: int
    first_name: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Candidates:
    """Those whose phone ends alike. `has_more`: and others besides, so the whole number or the card is needed."""

    faces: tuple[Face, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Digits:
    """What may be the last four digits of a phone, or all of it."""

    digits: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody at the till of a shop: with the vouchers to be handed in there, those that end first at the front, and
    a few of its rewards that they could have now, the dearest first."""

    face: Face
    vouchers: tuple[Voucher, ...]
    rewards: tuple[Reward, ...]


def find(uow: UnitOfWork, given: str) -> Face | Voucher | Digits:
    """Whose card or which voucher was scanned or typed, or that it is a phone, for `by_phone`.

    Nobody is found by the code that invites friends: that one is public. Raises CustomerNotFound, VoucherRefused.
    """
    text = unicodedata.normalize("NFKC", given).strip()
    link = _LINK.search(text)
    if link is not None:
        return _behind(uow, link[1].casefold(), as_typed(link[2]))
    code, digits = as_typed(text), text.translate(_BETWEEN_DIGITS)
    is_number = digits.isascii() and digits.isdecimal()
    if len(code) == CARD_LENGTH and ((member := uow.members.by_card(code)) is not None or not is_number):
        return _existing(member)
    if len(code) == VOUCHER_LENGTH and ((voucher := uow.vouchers.by_code(code)) is not None or not is_number):
        return _issued(voucher)
    if not is_number:
        raise CustomerNotFound("unreadable")
    if len(digits) < PHONE_ENDING:
        raise CustomerNotFound("short")
    return Digits(digits)


def by_card(uow: UnitOfWork, code: str) -> Member | None:
    """Whose card has this code, as it was typed or scanned."""
    return uow.members.by_card(as_typed(code))


def customer(uow: UnitOfWork, programme: Programme, member_id: int, merchant_id: int, now: datetime) -> Customer:
    """Raises NotFound."""
    member = uow.members.get(member_id)
    if member is None:
        raise NotFound("customer", member_id)
    points = uow.ledger.balance(member_id).spendable
    usable = uow.vouchers.usable(member_id, merchant_id, now, limit=VOUCHERS_MAX)
    return Customer(
        face(member),
        tuple(as_shown(voucher, programme, now) for voucher in usable),
        tuple(uow.rewards.in_reach(merchant_id, member_id, member.tier, points, now, limit=REWARDS_MAX)),
    )


def face(member: Member) -> Face:
    return Face(member.id, member.first_name, member.tier)


def _behind(uow: UnitOfWork, kind: str, code: str) -> Face | Voucher:
    """What a link leads to."""
    match kind:
        case "c":
            return _existing(uow.members.by_card(code))
        case "v":
            return _issued(uow.vouchers.by_code(code))
        case _:
            raise CustomerNotFound("unreadable")


def by_phone(uow: UnitOfWork, given: Digits) -> Sequence[Member]:
    """Whose phone ends in these four digits, one more than are shown at most, or whose phone it is.

    With more digits than four it takes the whole number: each digit between would tell one more of somebody's.
    """
    digits = given.digits
    if len(digits) == PHONE_ENDING:
        return uow.members.by_phone_ending(digits, CANDIDATES_MAX + 1)
    if len(digits) > PHONE_DIGITS_MAX:
        return ()
    # At home people dial a zero before the number, which its international form does not have.
    ending = digits.lstrip("0")
    if len(ending) < PHONE_ENDING:
        return ()
    found = uow.members.by_phone_ending(ending, CANDIDATES_MAX + 1)
    return [member for member in found if is_whole_number(member.phone or "", digits)]


def faces(found: Sequence[Member]) -> Face | Candidates:
    """Raises CustomerNotFound where there is nobody."""
    match found:
        case []:
            raise CustomerNotFound("phone")
        case [member]:
            return face(member)
        case _:
            return Candidates(tuple(face(member) for member in found[:CANDIDATES_MAX]), len(found) > CANDIDATES_MAX)


def _existing(member: Member | None) -> Face:
    if member is None:
        raise CustomerNotFound("code")
    return face(member)


def _issued(voucher: Voucher | None) -> Voucher:
    if voucher is None:
        raise VoucherRefused("unknown")
    return voucher
