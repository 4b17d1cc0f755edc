from __future__ import annotations

from loyalty.codes import CARD_LENGTH, Random, new_code
from loyalty.errors import NotFound, NotOwnContact
from loyalty.members import Member, clean_phone
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme


class CardService:
    """Member cards: codes that the till scans, and phone numbers by which it finds people."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    def card(self, member: Member) -> str:
        """The code on the member's card, made when it is first asked for."""
        return member.card_code or self.renew(member, None)

    def renew(self, member: Member, instead_of: str | None) -> str:
        """Puts a new code in the place of `instead_of`, which is no member's any more. Where the card has another code
        already, that one stays: the same wish came twice. A card that has none yet gets its first, whatever was to be
        replaced. Answers the code that the card has then."""
        with self._units() as uow:
            while (known := _known(uow, member).card_code) in (None, instead_of):
                fresh = new_code(self._random, CARD_LENGTH)
                if uow.members.set_card(member.id, fresh, known):  # if not, somebody was faster, or it is another's
                    uow.commit()
                    return fresh
        assert known is not None, "a card has a code from now on"
        return known

    def set_phone(self, member: Member, given: str, *, is_own: bool) -> str:
        """Notes the number by whose last digits a shop finds the member; `is_own`: the messenger says that it is.

        Raises NotOwnContact, InvalidPhone.
        """
        if not is_own:
            raise NotOwnContact
        phone = clean_phone(given)
        self._write_phone(member, phone)
        return phone

    def forget_phone(self, member: Member) -> None:
        self._write_phone(member, None)

    def _write_phone(self, member: Member, phone: str | None) -> None:
        with self._units() as uow:
            uow.members.set_phone(member.id, phone)
            uow.commit()


def _known(uow: UnitOfWork, member: Member) -> Member:
    known = uow.members.get(member.id)
    if known is None:
        raise NotFound("member", member.id)
    return known
