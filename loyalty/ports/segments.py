from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.segments import SavedList, Segment


class Segments(Protocol):
    """What shops keep under a name. Whoever changes one has locked the merchant: lists mention each other."""

    def get(self, segment_id: int) -> SavedList | None: ...
    def kept(self, merchant_id: int) -> Sequence[SavedList]:
        """Those of a shop by name, deleted ones left out."""

    def ever(self, merchant_id: int) -> Mapping[int, SavedList]:
        """All of a shop by id, deleted ones too."""

    def named(self, merchant_id: int, name: str) -> SavedList | None: ...
    def add(self, merchant_id: int, name: str, segment: Segment, author_id: int, at: datetime) -> SavedList | None:
        """None where the shop keeps one under this name, which stays."""

    def write(self, segment_id: int, segment: Segment, at: datetime) -> None:
        """From now on it means this."""

    def rename(self, segment_id: int, name: str, at: datetime) -> None: ...
    def delete(self, segment_id: int, at: datetime | None) -> None:
        """None: it is kept again."""

    def remember(self, broadcast_id: int, before: Segment) -> None:
        """What a draft meant before its last change."""

    def before(self, broadcast_id: int) -> Segment | None: ...
    def sold(self, merchant_id: int, limit: int) -> Sequence[str]:
        """Tags of what a shop sold lately, the most frequent first."""
