from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from loyalty.members import TERMS_VERSION, Address, Birthday, Language, Member, Tier, Topic


class Members(Protocol):
    def at(self, address: Address) -> Member | None: ...
    def get(self, member_id: int) -> Member | None: ...
    def by_code(self, code: str) -> Member | None: ...
    def by_card(self, code: str) -> Member | None: ...
    def by_phone_ending(self, digits: str, limit: int) -> Sequence[Member]:
        """Whose phone ends in these digits, four at least, by id."""

    def add(
        self,
        *,
        address: Address,
        name: str,
        language: Language,
        timezone: str,
        code: str,
        at: datetime,
        first_name: str | None = None,
    ) -> Member | None:
        """The new member, or None when the address already has one (two first updates at once).

        Without a `first_name`, it is read out of the name.
        """

    def rename(self, member_id: int, name: str) -> None:
        """The first name is read out of the new name."""

    def speak(self, member_id: int, language: Language) -> None: ...
    def move(self, member_id: int, timezone: str) -> None: ...
    def promote(self, member_id: int, tier: Tier, kept_until: datetime | None = None) -> None:
        """Gives a tier; until then nobody looks at what was earned."""

    def celebrate(self, member_id: int, birthday: Birthday | None, set_at: datetime | None) -> None: ...
    def set_card(self, member_id: int, code: str, instead_of: str | None) -> bool:
        """False when the member's card is not `instead_of` any more, or another member has this code."""

    def set_phone(self, member_id: int, phone: str | None) -> None: ...
    def show_name(self, member_id: int, is_shown: bool) -> None:
        """Whether others in a group buy see the first name."""

    def consent(
        self,
        member_id: int,
        topic: Topic,
        given: bool,
        *,
        at: datetime,
        wording: str,
        place: str = "",
        version: int = TERMS_VERSION,
    ) -> bool:
        """Sets the consent and logs it with the wording that was shown, and where. False when it stood so already."""

    def set_reachable(self, address: Address, is_reachable: bool, at: datetime) -> None: ...
    def check_in(self, member_id: int, day: date, streak: int, wish: str = "") -> bool:
        """Notes the day's check-in, and which wish it was. False when there is one for that day."""

    def last_check_in(self, member_id: int) -> tuple[date, int, str] | None:
        """Day, streak and wish of the latest check-in."""

    def timezones(self) -> Sequence[str]:
        """The zones in which members live, by name."""

    def with_birthday(self, timezone: str, causes: Mapping[Birthday, str], *, limit: int) -> Sequence[Member]:
        """Reachable members of a zone who agreed to greetings, with one of these birthdays and without a delivery of
        the cause that belongs to it, by id, at most `limit`."""
