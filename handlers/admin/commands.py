"""What the operator types, read strictly: a command that is not quite right changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.merchants import Role

NUMBER_LENGTH_MAX = 18  # what a database takes for a number


@dataclass(frozen=True, slots=True)
class Adjustment:
    code: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Appointment:
    merchant_id: int
    code: str
    role: Role


@dataclass(frozen=True, slots=True)
class CreditWish:
    code: str
    points: int


def read_adjustment(args: str | None) -> Adjustment | None:
    """`<member> <points> <reason>`: a whole number other than 0, with or without sign; None if it is not that."""
    parts = (args or "").split(maxsplit=2)
    if len(parts) < 3:
        return None
    code, points, reason = parts
    try:
        number = int(points.replace("−", "-"))
    except ValueError:
        return None
    return Adjustment(code, number, " ".join(reason.split())) if number else None


def read_appointment(args: str) -> Appointment | None:
    """`<shop number> <member> <owner|marketer|cashier>`; None if it is not that."""
    parts = args.split()
    if len(parts) != 3 or not parts[0].isdecimal() or parts[2].casefold() not in set(Role):
        return None
    return Appointment(int(parts[0]), parts[1], Role(parts[2].casefold()))


def read_credit(args: str | None) -> CreditWish | None:
    """`<member> <points>`: a whole number, 0 to take the credit line away; None if it is not that."""
    parts = (args or "").split()
    if len(parts) != 2 or not parts[1].isdecimal():
        return None
    return CreditWish(parts[0], int(parts[1]))


def read_number(args: str | None) -> int | None:
    """The number of a movement, as it is or with the sign that stands before it: "1234", "#1234"."""
    number = (args or "").strip().removeprefix("#")
    return int(number) if number.isdecimal() and len(number) <= NUMBER_LENGTH_MAX else None
