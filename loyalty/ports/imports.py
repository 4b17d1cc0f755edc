from __future__ import annotations

from typing import Protocol


class Imports(Protocol):
    """Runs of an import, and what they write in bulk."""
