"""What could not be handled and was set aside under a number, so that the next one goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """`number` is what the person was told. Of what they sent only the length is known here, never the text.

    `reason`: "unreadable"; "defect" of ours; "call", which Telegram refused for good; "starts": the program ended with
    it, again and again.
    """

    number: str
    update_id: int
    kind: str
    person_id: int
    reason: str
    attempts: int
    at: datetime
    length: int
