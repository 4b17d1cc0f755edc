from __future__ import annotations

from typing import Protocol


class Deals(Protocol): ...


class Groups(Protocol): ...
