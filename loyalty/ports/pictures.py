from __future__ import annotations

from typing import Protocol

from loyalty.pictures import Picture


class Pictures(Protocol):
    def add(self, key: str, content: bytes) -> int:
        """Stores a picture under a key, once; answers its id."""

    def get(self, picture_id: int) -> Picture | None: ...
    def remember(self, picture_id: int, channel: str, file_id: str) -> None:
        """The channel keeps the picture under this id from now on: no second upload."""
