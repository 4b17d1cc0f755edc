"""What the operator types, read strictly: a command that is not quite right changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.amounts import Counted, leading_whole, plain_digits, whole_number
from loyalty.merchants import Role
from loyalty.names import one_line

NUMBER_LENGTH_MAX = 18  # what a database takes for a number
NO_ROLE = "none"


@dataclass(frozen=True, slots=True)
class Adjustment:
    code: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """`role` None ends whatever the member is there."""

    merchant_id: int
    code: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class CreditWish:
    code: str
    points: int


def read_adjustment(args: str | None) -> Adjustment | None:
    """`<member> <points> <reason>`: a whole number other than 0, with or without sign; None if it is not that."""
    code, _, rest = " ".join((args or "").split()).partition(" ")
    read = leading_whole(rest, Counted.POINTS, is_signed=True)
    if read is None:
        return None
    number, reason = read
    return Adjustment(code, number, one_line(reason)) if number and one_line(reason) else None


def read_appointment(args: str) -> Appointment | None:
    """`<shop number> <member> <owner|marketer|cashier|none>`; None if it is not that."""
    parts = args.split()
    number, role = read_number(parts[0]) if len(parts) == 3 else None, parts[-1].casefold() if parts else ""
    if number is None or role not in {NO_ROLE, *Role}:
        return None
    return Appointment(number, parts[1], None if role == NO_ROLE else Role(role))


def read_credit(args: str | None) -> CreditWish | None:
    """`<member> <points>`: a whole number, 0 to take the credit line away; None if it is not that."""
    code, _, rest = " ".join((args or "").split()).partition(" ")
    points = whole_number(rest, Counted.POINTS)
    return None if points is None else CreditWish(code, points)


def read_number(args: str | None) -> int | None:
    """The number of a movement, as it is or with the sign that stands before it: "1234", "#1234"."""
    number = plain_digits(args or "").removeprefix("#")
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= NUMBER_LENGTH_MAX else None
