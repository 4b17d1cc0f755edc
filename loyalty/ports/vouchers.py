from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.vouchers import Ending, NewVoucher, Shelf, Voucher


class Vouchers(Protocol):
    def issue(self, voucher: NewVoucher) -> Voucher:
        """Stores it. `key` happens once: a second issue under it answers with the first voucher."""

    def issue_all(self, new: Sequence[NewVoucher]) -> None:
        """Stores new ones, at once."""

    def get(self, voucher_id: int) -> Voucher | None: ...
    def by_code(self, code: str) -> Voucher | None: ...
    def by_key(self, key: str) -> Voucher | None: ...
    def use(self, voucher_id: int, staff_id: int, at: datetime) -> bool:
        """issued -> used under a lock. False when it is no longer issued."""

    def put_back(self, voucher_id: int, used_at: datetime) -> bool:
        """used -> issued, of what was used at that moment. False when it is not so any more."""

    def show_in(self, voucher_id: int, chat: str, message_id: int) -> None:
        """Remembers a message that shows the voucher with its code; it may have shown another one before."""

    def shown_in(self, voucher_id: int, limit: int) -> Sequence[tuple[str, int]]:
        """Chat and number of the messages that show it, newest first."""

    def cancel(self, voucher_id: int, at: datetime) -> bool:
        """issued -> cancelled under a lock. False when it is no longer issued."""

    def of(self, member_id: int, shelf: Shelf, at: datetime, *, before_id: int | None, limit: int) -> Sequence[Voucher]:
        """A member's vouchers as they stand at an instant, newest first."""

    def had(self, reward_id: int, member_id: int, since: datetime | None) -> Sequence[datetime]:
        """When a member got vouchers of a reward after `since` (None: ever), newest first. Cancelled ones do not
        count."""

    def paid_by(self, voucher_id: int) -> int | None:
        """The transaction that spent the points for it; None for what a group bought."""

    def to_warn(self, at: datetime, until: datetime, issued_before: datetime, limit: int) -> Sequence[Ending]:
        """Vouchers that end until then, of which nobody was told; of what was issued later everybody knows."""

    def mark_warned(self, voucher_ids: Sequence[int], at: datetime) -> None: ...

    def usable(self, member_id: int, merchant_id: int, at: datetime, *, limit: int) -> Sequence[Voucher]:
        """A member's vouchers that the merchant may take now, those that end first at the front."""
