"""What the operator types, read strictly: a command that is not quite right changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.merchants import Role


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
