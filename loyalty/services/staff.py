from __future__ import annotations

from loyalty.codes import Random
from loyalty.errors import NotAllowed
from loyalty.merchants import Post, Right, may
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme


def check_right(uow: UnitOfWork, member_id: int, merchant_id: int, right: Right) -> list[Post]:
    """The posts of a member who has a right at a shop. Raises NotAllowed.

    Looked up now, inside the use case: a button outlives the post that it was made for.
    """
    posts = list(uow.merchants.posts(member_id))
    if not may(posts, right, merchant_id):
        raise NotAllowed(right)
    return posts


class StaffService:
    """Who works at a shop, and as what."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
