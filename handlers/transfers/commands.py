"""What a member types to send points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    code: str
    points: int


def read_wish(args: str) -> Wish | None:
    """`<member's code> <points>`; None if it is not that. Whether the points can be sent is not looked at."""
    parts = args.split()
    if len(parts) < 2:
        return None
    try:
        return Wish(" ".join(parts[:-1]), int(parts[-1]))
    except ValueError:
        return None
