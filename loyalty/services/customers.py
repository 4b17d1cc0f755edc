"""Steps by which a till finds a customer, and what it may know of one. They take the unit of work of the use case, and
never commit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.attempts import is_whole_number
from loyalty.claims import NUMBER, clean_number
from loyalty.codes import ALPHABET, CARD_LENGTH, VOUCHER_LENGTH, as_typed
from loyalty.errors import CustomerNotFound, NotFound, VoucherRefused
from loyalty.members import PHONE_ENDING, Address, Member, Tier
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.rewards import Reward
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import Voucher

CANDIDATES_MAX = 5
VOUCHERS_MAX = 5
REWARDS_MAX = 3
PHONE_DIGITS_MAX = 17  # with two zeros for the plus sign
CARD_ENDING = 2  # signs that tell two cards apart, and open none
_AND_AMOUNT = r"\s+(?P<rest>\W{0,2}[A-Z]{0,3}\W{0,2}\d.*)"
_WITH_AMOUNT = [  # a card's code may be written in two halves
    re.compile(code + _AND_AMOUNT, re.IGNORECASE | re.DOTALL)
    for code in (r"(?P<code>[0-9A-Z]{4} [0-9A-Z]{4})", r"(?P<code>\S+)")
]
_LINK = re.compile(r"(?:^|[=/])([a-z])_(\S*)$", re.IGNORECASE)
_BETWEEN_DIGITS = str.maketrans("", "", " +-()/.")


@dataclass(frozen=True, slots=True)
class Face:
    """All that a shop sees of a member."""

    id: int
    first_name: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several who may be meant, with what tells people of one name apart at a counter, as far as it is known:
    the first letter of the family name, since when a member, the last purchase here, how the code of the card ends."""

    face: Face
    initial: str
    joined_at: datetime
    bought_at: datetime | None
    card_ending: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Those who have what was typed as the end of their phone, or as their member number. `has_more`: and others
    besides, so the whole number or the card is needed."""

    people: tuple[Candidate, ...]
    has_more: bool

    @property
    def faces(self) -> tuple[Face, ...]:
        return tuple(one.face for one in self.people)


@dataclass(frozen=True, slots=True)
class Digits:
    """What may be the last four digits of a phone, or all of it; `holder` has them as a member number of before."""

    digits: str
    holder: Member | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody at the till of a shop: with the vouchers to be handed in there, those that end first at the front, and
    a few of its rewards that they could have now, the dearest first."""

    face: Face
    vouchers: tuple[Voucher, ...]
    rewards: tuple[Reward, ...]


def find(uow: UnitOfWork, given: str) -> Face | Voucher | Digits:
    """Whose card, whose member number of before, or which voucher was scanned or typed at a shop; or that it is digits,
    for `by_phone`.

    Nobody is found by the code that invites friends: that one is public. Raises CustomerNotFound, VoucherRefused.
    """
    text = unicodedata.normalize("NFKC", given).strip()
    link = _LINK.search(text)
    if link is not None:
        return _behind(uow, link[1].casefold(), as_typed(link[2]))
    code, digits = as_typed(text), text.translate(_BETWEEN_DIGITS)
    is_number = digits.isascii() and digits.isdecimal()
    if len(code) == CARD_LENGTH and (member := uow.members.by_card(code)) is not None:
        return face(member)
    if len(code) == VOUCHER_LENGTH and (voucher := uow.vouchers.by_code(code)) is not None:
        return voucher
    holder = _holder(uow, text)
    if is_number:
        if holder is None and len(digits) < PHONE_ENDING:
            raise CustomerNotFound("short")
        return Digits(digits, holder)
    if holder is not None:
        return face(holder)
    if len(code) == CARD_LENGTH:
        raise CustomerNotFound("code")
    if len(code) == VOUCHER_LENGTH:
        raise VoucherRefused("unknown")
    raise CustomerNotFound("unreadable")


def is_code(given: str) -> bool:
    """Whether this can be nothing else than the code of a card or a voucher, with an amount behind it or not. Words of
    as many letters have no digit."""
    text = unicodedata.normalize("NFKC", given).strip()
    return any(_is_code(whole) for whole in (text, *(code for code, _ in with_amount(text))))


def is_known(uow: UnitOfWork, given: str) -> bool:
    """Whether some member's number, or the end of a phone, is what was typed: no more is told of them."""
    text = unicodedata.normalize("NFKC", given).strip()
    for whole in (text, *(code for code, _ in with_amount(text))):
        digits = whole.translate(_BETWEEN_DIGITS)
        is_number = digits.isascii() and digits.isdecimal()
        if _holder(uow, whole) is not None or (is_number and _with_phone(uow, digits)):
            return True
        code = as_typed(whole)  # of letters alone, as some are: a word, until somebody has it
        if uow.members.by_card(code) is not None or uow.vouchers.by_code(code) is not None:
            return True
    return False


def with_amount(given: str) -> list[tuple[str, str]]:
    """Who may be meant and what they buy in "7F3K-9QWE 12.50 coffee", as it may be read."""
    text = unicodedata.normalize("NFKC", given).strip()
    found = (pattern.fullmatch(text) for pattern in _WITH_AMOUNT)
    return [(one["code"], one["rest"]) for one in found if one is not None]


def _is_code(text: str) -> bool:
    if _LINK.search(text) is not None:
        return True
    code, has_digit = as_typed(text), any(sign.isdigit() for sign in text)
    is_number = text.translate(_BETWEEN_DIGITS).isdecimal()
    return has_digit and not is_number and len(code) in (CARD_LENGTH, VOUCHER_LENGTH) and set(code) <= set(ALPHABET)


def by_card(uow: UnitOfWork, code: str) -> Member | None:
    """Whose card has this code, as it was typed or scanned."""
    return uow.members.by_card(as_typed(code))


def known(uow: UnitOfWork, customer_id: int) -> Member:
    """Raises NotFound."""
    member = uow.members.get(customer_id)
    if member is None:
        raise NotFound("customer", customer_id)
    return member


def customer(uow: UnitOfWork, programme: Programme, member: Member, merchant_id: int, now: datetime) -> Customer:
    """What the till may see of a member."""
    points = uow.ledger.balance(member.id).spendable
    usable = uow.vouchers.usable(member.id, merchant_id, now, limit=VOUCHERS_MAX)
    return Customer(
        face(member),
        tuple(as_shown(voucher, programme, now) for voucher in usable),
        tuple(uow.rewards.in_reach(merchant_id, member.id, member.tier, points, now, limit=REWARDS_MAX)),
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
    """Whose phone ends in these four digits, one more than are shown at most, or whose phone it is. Who holds the
    digits as a member number comes first.

    With more digits than four it takes the whole number: each digit between would tell one more of somebody's.
    """
    found = _with_phone(uow, given.digits)
    if given.holder is None:
        return found
    return [given.holder, *(member for member in found if member.id != given.holder.id)]


def _with_phone(uow: UnitOfWork, digits: str) -> Sequence[Member]:
    if len(digits) == PHONE_ENDING:
        return uow.members.by_phone_ending(digits, CANDIDATES_MAX + 1)
    # At home people dial a zero before the number, which its international form does not have.
    ending = digits.lstrip("0")
    if len(digits) > PHONE_DIGITS_MAX or len(ending) < PHONE_ENDING:
        return ()
    found = uow.members.by_phone_ending(ending, CANDIDATES_MAX + 1)
    return [member for member in found if is_whole_number(member.phone or "", digits)]


def faces(uow: UnitOfWork, found: Sequence[Member], merchant_id: int) -> Face | Candidates:
    """Raises CustomerNotFound where there is nobody."""
    if not found:
        raise CustomerNotFound("phone")
    if len(found) == 1:
        return face(found[0])
    shown = found[:CANDIDATES_MAX]
    bought_at = uow.purchases.latest([member.id for member in shown], merchant_id)
    people = tuple(_candidate(member, bought_at.get(member.id)) for member in shown)
    return Candidates(people, len(found) > CANDIDATES_MAX)


def _holder(uow: UnitOfWork, text: str) -> Member | None:
    """Whose member number of before the club was in a chat this is, whether they have taken it over or not."""
    number = clean_number(text)
    holder = None if number is None else uow.members.at(Address(NUMBER, number))
    return None if holder is None else uow.members.get(holder.id)


def _candidate(member: Member, bought_at: datetime | None) -> Candidate:
    _, *family = member.name.split()
    return Candidate(
        face=face(member),
        initial=family[-1][0].upper() if family else "",
        joined_at=member.joined_at,
        bought_at=bought_at,
        card_ending=(member.card_code or "")[-CARD_ENDING:],
    )


def _existing(member: Member | None) -> Face:
    if member is None:
        raise CustomerNotFound("code")
    return face(member)


def _issued(voucher: Voucher | None) -> Voucher:
    if voucher is None:
        raise VoucherRefused("unknown")
    return voucher
