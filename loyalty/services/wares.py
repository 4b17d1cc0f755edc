"""Steps that a shop's rewards and its group buys share. They take the unit of work of the use case that they are part
of, and never commit."""

from __future__ import annotations

import hashlib
from datetime import datetime

from loyalty.answers import Terms
from loyalty.members import Language
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.wares import check_picture

PAGE = 6
FIRST = (0, 2**62)  # before the first (rank, id), as ids run downwards


def terms_at(programme: Programme, now: datetime, decimals: int, language: Language) -> Terms:
    """`decimals` are those of the programme's currency, `language` is that of who types."""
    return Terms(programme.local(now).date(), programme.zone, decimals, programme.coin, language)


def store_picture(uow: UnitOfWork, noun: str, content: bytes) -> int:
    """Its id; the same picture is kept once. Raises InvalidWare for one that is too large."""
    check_picture(len(content))
    return uow.pictures.add(f"{noun}:{hashlib.sha256(content).hexdigest()}", content)
