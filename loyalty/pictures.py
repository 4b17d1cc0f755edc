from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture (PNG or JPEG), and the ids under which channels keep it already."""

    id: int
    content: bytes
    file_ids: Mapping[str, str] = field(default_factory=dict)
