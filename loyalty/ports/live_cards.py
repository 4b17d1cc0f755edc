from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.live_cards import LiveCard, Place


class LiveCards(Protocol):
    def mark(self, group_ids: Sequence[int], at: datetime) -> None:
        """The cards of these groups are to be drawn again, each as soon as it may."""

    def reopen(self, group_id: int, at: datetime) -> None:
        """Nobody is left in a group: its cards invite to open a new one, each as soon as it may."""

    def mark_at(self, place: Place, at: datetime) -> None:
        """The card of this place is."""

    def mark_of(self, member_id: int, at: datetime) -> None:
        """The cards of all groups that a member sits in are: how the member is shown has changed."""

    def at(self, place: Place) -> LiveCard | None: ...
    def post(
        self,
        place: Place,
        deal_id: int,
        group_id: int | None,
        language: str,
        *,
        at: datetime,
        due_at: datetime | None,
        free_at: datetime,
    ) -> None:
        """A card that is there already stays what it is; one that was lost is found again."""

    def open_in(self, chat: str, deal_id: int, at: datetime) -> int | None:
        """The latest group of a deal that a card of this chat belongs to and that can still be joined."""

    def beside(self, place: Place, group_id: int) -> Sequence[LiveCard]:
        """The other cards of a group in the chat of this place."""

    def opened(self, place: Place, group_id: int, at: datetime) -> None:
        """Somebody opened a group from the card."""

    def is_any_due(self, at: datetime) -> bool: ...
    def claim(self, at: datetime, *, lease: datetime, limit: int) -> Sequence[LiveCard]:
        """Cards that are due, outcomes first. They are the caller's until `lease`, and due again then."""

    def drawn(self, card: LiveCard, *, lease: datetime, rests_until: datetime, due_at: datetime | None) -> None:
        """A claimed card shows what there is. Where it was marked meanwhile it is due after its rest, else `due_at`."""

    def postpone(self, cards: Sequence[tuple[LiveCard, datetime]]) -> None:
        """Each is due at its moment, and not before."""

    def replace(self, card: LiveCard, message: str) -> bool:
        """The card has a new message in its chat. False if another card has it."""

    def lose(self, card: LiveCard, reason: str, at: datetime) -> None: ...
    def lose_chat(self, chat: str, reason: str, at: datetime) -> None: ...
    def move(self, chat: str, to: str, at: datetime) -> None:
        """A chat has another id now, and the messages of the old one cannot be edited any more: cards that still have
        something to tell get new messages."""
