"""For whom a handler is. Each is registered with one of these flags; without one it is for nobody."""

from __future__ import annotations

from collections.abc import Sequence

from loyalty.merchants import Post, Right, may

MEMBER = {"role": "member"}
STAFF = {"role": "staff"}  # of any shop, as whatever
OPERATOR = {"role": "operator"}


def staff_with(right: Right) -> dict[str, str]:
    """For staff who have this right at some shop. At which one, the use case checks: it knows what is asked for."""
    return {"role": right.value}


def allowed(role: str | None, posts: Sequence[Post], *, is_operator: bool) -> bool:
    """Whether somebody with these posts may use a handler of this role. At which shop, the use case checks."""
    if role == MEMBER["role"]:
        return True
    if role == OPERATOR["role"]:
        return is_operator
    if role == STAFF["role"]:
        return bool(posts)
    return role in set(Right) and may(posts, Right(role))
