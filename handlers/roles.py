"""For whom a handler is. Each is registered with one of these flags; without one it is for nobody."""

from __future__ import annotations

from loyalty.merchants import Right

MEMBER = {"role": "member"}
STAFF = {"role": "staff"}  # of any shop, as whatever
OPERATOR = {"role": "operator"}


def staff_with(right: Right) -> dict[str, str]:
    """For staff who have this right at some shop. At which one, the use case checks: it knows what is asked for."""
    return {"role": right.value}
