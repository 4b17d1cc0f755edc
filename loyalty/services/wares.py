"""Steps that a shop's rewards and its group buys share. They take the unit of work of the use case that they are part
of, and never commit."""

from __future__ import annotations

import hashlib
from datetime import datetime

from loyalty.answers import Terms
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.wares import check_picture

PAGE = 6
FIRST = (0, 2**62)  # before the first (rank, id), as ids run downwards


def terms_at(programme: Programme, now: datetime, decimals: int) -> Terms:
    """`decimals` are those of the programme's currency."""
    return Terms(now.astimezone(programme.zone).date(), programme.zone, decimals, programme.coin)


def store_picture(uow: UnitOfWork, noun: str, content: bytes) -> int:
    """Its id; the same picture is kept once. Raises InvalidWare for one that is too large."""
    check_picture(len(content))
    return uow.pictures.add(f"{noun}:{hashlib.sha256(content).hexdigest()}", content)
