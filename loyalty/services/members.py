from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty import members as rules
from loyalty.claims import NUMBER, clean_number
from loyalty.codes import REFERRAL_LENGTH, Random, as_typed, new_code
from loyalty.errors import BirthdayLocked, Namesake, NotFound, ReferralRefused, SeveralMembers
from loyalty.members import Address, Birthday, Language, Member, Topic
from loyalty.merchants import Post
from loyalty.names import one_line, readable
from loyalty.notifications import Said
from loyalty.points import Balance
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.referrals import ReferralEvent
from loyalty.services import consents, referrals

NAMESAKES_MAX = 5  # of those who may be meant, as many as fit on a screen
_LINK = re.compile(r"(?:^|[=/])([a-z])_(\S*)$", re.IGNORECASE)
_BETWEEN_DIGITS = str.maketrans("", "", " +-()/.")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: the member, and the hats that the member wears."""

    member: Member
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`is_new` on the first start. `referral`: None, "bound", or why the link did not count."""

    member: Member
    is_new: bool
    balance: Balance
    referral: str | None = None
    referrer: str | None = None
    referee_points: int = 0
    referral_event: ReferralEvent = ReferralEvent.PURCHASE


@dataclass(frozen=True, slots=True)
class Profile:
    """What `/profile` shows. `locked_until`: the day on which the birthday can be changed again, None when now."""

    member: Member
    now: datetime
    locked_until: date | None = None


def with_code(uow: UnitOfWork, typed: str) -> Member:
    """Whose code this is, as somebody typed it. Raises NotFound."""
    member = uow.members.by_code(as_typed(typed))
    if member is None:
        raise NotFound("member", typed)
    return member


def meant(uow: UnitOfWork, typed: str) -> Member:
    """Whom an operator means: by the code of the card or of the invitation, a link with one, the member number of
    before, the phone or how it ends. Raises NotFound, SeveralMembers."""
    text = unicodedata.normalize("NFKC", readable(typed)).strip()
    link = _LINK.search(text)
    if link is not None:
        return _known(uow.members.by_card(as_typed(link[2])) if link[1] in "cC" else None, typed)
    code, number, digits = as_typed(text), clean_number(text), rules.without_trunk_zero(text).translate(_BETWEEN_DIGITS)
    holder = None if number is None else uow.members.at(Address(NUMBER, number))
    found = [uow.members.by_card(code), uow.members.by_code(code), holder and uow.members.get(holder.id)]
    if digits.isascii() and digits.isdecimal():
        for ending in dict.fromkeys((digits, digits.removeprefix("00"), digits.lstrip("0"))):
            if len(ending) >= rules.PHONE_ENDING:
                found += uow.members.by_phone_ending(ending, NAMESAKES_MAX + 1)
    people = {member.id: member for member in found if member is not None}
    if len(people) > 1:
        shown = [Namesake(one.id, one.name, one.code) for one in people.values()][:NAMESAKES_MAX]
        raise SeveralMembers(typed, tuple(shown), len(people) > len(shown))
    return _known(next(iter(people.values()), None), typed)


def _known(member: Member | None, typed: str) -> Member:
    if member is None:
        raise NotFound("member", typed)
    return member


class MemberService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme, language: Language) -> None:
        self._units, self._clock, self._random = units, clock, random
        self._programme, self._language = programme, language

    @reads
    def speaker(self, address: Address) -> Speaker | None:
        """Who speaks at this address, None when nobody has enrolled there."""
        with self._units() as uow:
            member = uow.members.at(address)
            if member is None or not member.is_staff:
                return None if member is None else Speaker(member)
            return Speaker(member, tuple(uow.merchants.posts(member.id)))

    def enrol(
        self,
        address: Address,
        *,
        name: str,
        client_language: str | None,
        referral_code: str | None = None,
        first_name: str | None = None,
    ) -> Enrolment:
        """Makes a member of whoever starts the bot. Starting again changes nothing and welcomes back.

        `first_name` as the messenger knows it; without, it is read out of `name`.
        """
        now = self._clock()
        with self._units() as uow:
            member, is_new = uow.members.at(address), False
            if member is None:
                language = rules.language_for(client_language, self._language)
                created = uow.members.add(
                    address=address,
                    name=one_line(name, rules.NAME_MAX),
                    first_name=None if first_name is None else one_line(first_name, rules.NAME_MAX),
                    language=language,
                    timezone=self._programme.timezone,  # until they say otherwise: a language is no place
                    code=new_code(self._random, REFERRAL_LENGTH),
                    at=now,
                )
                member, is_new = (created, True) if created else (uow.members.at(address), False)
            if member is None:
                raise NotFound("member", address.external_id)
            if not member.is_reachable:
                uow.members.set_reachable(address, True, now)
            outcome, referrer = None, None
            if referral_code is not None:
                try:
                    if not is_new:
                        raise ReferralRefused("already_member")
                    referrer = referrals.bind(uow, self._programme, member, as_typed(referral_code), now).name
                    outcome = "bound"
                except ReferralRefused as refusal:
                    outcome = refusal.reason
            balance = uow.ledger.balance(member.id)
            uow.commit()
        programme = self._programme
        return Enrolment(member, is_new, balance, outcome, referrer, programme.referee_points, programme.referral_event)

    @reads
    def profile(self, member_id: int) -> Profile:
        """Raises NotFound."""
        with self._units() as uow:
            member = uow.members.get(member_id)
        if member is None:
            raise NotFound("member", member_id)
        return Profile(member, self._clock(), self._locked_until(member))

    def rename(self, member: Member, given: str) -> str:
        name = rules.clean_name(given)
        with self._units() as uow:
            uow.members.rename(member.id, name)
            uow.commit()
        return name

    def show_name(self, member: Member, is_shown: bool) -> None:
        """Whether others in a group buy see the first name. Cards that show it, or do not, are drawn again."""
        now = self._clock()
        with self._units() as uow:
            uow.members.show_name(member.id, is_shown)
            uow.live_cards.mark_of(member.id, now)
            uow.commit()

    def speak(self, member: Member, language: Language) -> None:
        with self._units() as uow:
            uow.members.speak(member.id, language)
            uow.commit()

    def move(self, member: Member, given: str) -> str:
        """Sets the time zone, by IANA name or city. Raises InvalidTimezone."""
        timezone = rules.clean_timezone(given)
        with self._units() as uow:
            uow.members.move(member.id, timezone)
            uow.outbox.release(member.id, self._clock())  # it may be day there
            uow.commit()
        return timezone

    def celebrate(self, member: Member, birthday: Birthday, wording: str, place: str = "birthday") -> Said:
        """Sets the birthday, which is also a yes to the greeting (`wording` is what was shown).

        Raises BirthdayLocked when it was changed less than a year ago.
        """
        now = self._clock()
        with self._units() as uow:
            known = uow.members.get(member.id) or member
            if known.birthday != birthday:
                until = self._locked_until(known)
                if until is not None:
                    raise BirthdayLocked(until)
                uow.members.celebrate(member.id, birthday, now)
            said = self._say(uow, known, Topic.BIRTHDAY, True, at=now, wording=wording, place=place)
            uow.commit()
        return said

    def forget_birthday(self, member: Member, wording: str, place: str = "birthday") -> None:
        """Removes the birthday, and with it the yes to the greeting. A new one still waits for its year."""
        now = self._clock()
        with self._units() as uow:
            # The day of the last change stays: a birthday removed and entered again is a changed one.
            uow.members.celebrate(member.id, None, member.birthday_set_at)
            self._say(uow, member, Topic.BIRTHDAY, False, at=now, wording=wording, place=place)
            uow.commit()

    def consent(self, member: Member, topic: Topic, given: bool, wording: str, place: str = "") -> Said:
        """Says yes or no to a topic, in words that were shown at that place; a no also drops what of it is queued.

        ASKED: a message asks once more, and the yes counts when that is answered. Raises BirthdayMissing.
        """
        now = self._clock()
        with self._units() as uow:
            said = self._say(uow, member, topic, given, at=now, wording=wording, place=place)
            uow.commit()
        return said

    def _say(
        self, uow: UnitOfWork, member: Member, topic: Topic, given: bool, *, at: datetime, wording: str, place: str
    ) -> Said:
        return consents.say(uow, self._programme, member.id, topic, given, at=at, wording=wording, place=place)

    def set_reachable(self, address: Address, is_reachable: bool) -> None:
        """The person blocked the bot, or came back."""
        now = self._clock()
        with self._units() as uow:
            uow.members.set_reachable(address, is_reachable, now)
            uow.commit()

    def _locked_until(self, member: Member) -> date | None:
        """The day on which the member may change the birthday again; None when that is possible now."""
        if member.birthday_set_at is None:
            return None
        free_at = member.birthday_set_at + timedelta(days=self._programme.birthday_change_days)
        return member.local(free_at).date() if self._clock() < free_at else None
