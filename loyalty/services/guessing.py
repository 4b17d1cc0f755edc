"""The step that every use case takes where somebody may try a code that nobody told them.

A use case that takes a guess is marked with `guarded`: who is paused is refused before anything is looked up, a wrong
code is counted in a unit of its own (that of the use case is rolled back), and a right one takes the count back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from loyalty.attempts import Guess, Limits, is_wrong, missed
from loyalty.deliveries import Notice
from loyalty.errors import GuessingPaused, Refusal
from loyalty.members import Member
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme
from loyalty.services import operators

HOUR = timedelta(hours=1)

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Service")


class Service(Protocol):
    _units: Units
    _clock: Clock
    _programme: Programme


# Every use case that takes a guess, for the test that tries each of them.
GUARDED: dict[str, Guess] = {}


def guarded(
    guess: Guess,
) -> Callable[[Callable[Concatenate[S, Member, P], T]], Callable[Concatenate[S, Member, P], T]]:
    """Raises GuessingPaused, besides what the use case raises."""

    def guard(use_case: Callable[Concatenate[S, Member, P], T]) -> Callable[Concatenate[S, Member, P], T]:
        GUARDED[use_case.__qualname__] = guess

        @wraps(use_case)
        def tried(self: S, member: Member, /, *args: P.args, **kwargs: P.kwargs) -> T:
            now = self._clock()
            with self._units() as uow:
                before = uow.attempts.of(member.id)
            if before is not None and before.paused_until is not None and before.is_paused(now):
                raise GuessingPaused("codes", before.paused_until)
            try:
                found = use_case(self, member, *args, **kwargs)
            except Refusal as refusal:
                if is_wrong(refusal):
                    _count(self, member, guess, now)
                raise
            if before is not None and before.misses:
                with self._units() as uow:
                    uow.attempts.clear(member.id)
                    uow.commit()
            return found

        return tried

    return guard


def check_lookup(uow: UnitOfWork, programme: Programme, staff_id: int, at: datetime) -> None:
    """Raises GuessingPaused for who has looked up as many phones within the hour as anybody may."""
    count, first_at = uow.attempts.looked_up(staff_id, at - HOUR)
    if first_at is not None and count >= programme.phone_lookups_hour:
        raise GuessingPaused("phones", first_at + HOUR)


def looked_up(
    uow: UnitOfWork, programme: Programme, seeker: Member, merchant_id: int, digits: str, found: int, at: datetime
) -> None:
    """Notes that a phone was looked up. Owner and operator hear, once a day, of who does so as often as anybody may."""
    uow.attempts.look_up(seeker.id, merchant_id, digits[-4:], is_whole=len(digits) > 4, found=found, at=at)
    count, _ = uow.attempts.looked_up(seeker.id, at - HOUR)
    if count == programme.phone_lookups_hour:
        merchant = uow.merchants.get(merchant_id)
        assert merchant is not None, "somebody stands at its till"
        facts = {"name": seeker.first_name, "shop": merchant.name, "merchant_id": merchant_id, "n": count}
        cause = f"{seeker.id}:{at.astimezone(programme.zone).date().isoformat()}"
        operators.tell(uow, programme, "club_lookups", f"club_lookups:{cause}", facts, at)
        owners = uow.staff.owners(merchant_id)
        uow.outbox.add([Notice(one, "many_lookups", f"many_lookups:{cause}", facts) for one in owners], at)


def _count(service: Service, member: Member, guess: Guess, at: datetime) -> None:
    programme = service._programme
    with service._units() as uow:
        before = uow.attempts.lock(member.id)
        after = missed(before, member.id, guess, at, _limits(programme))
        uow.attempts.save(after)
        if after.is_paused(at) and (before is None or before.paused_until != after.paused_until):
            facts: dict[str, Any] = {"name": member.name, "code": member.code, "place": guess.value}
            cause = f"guessing:{member.id}:{at.astimezone(programme.zone).date().isoformat()}"
            operators.tell(uow, programme, "guessing", cause, facts, at)
        uow.commit()


def _limits(programme: Programme) -> Limits:
    return Limits(
        misses=programme.guesses_max,
        within=timedelta(minutes=programme.guess_minutes),
        misses_day=programme.guesses_day_max,
        pause=timedelta(minutes=programme.guess_minutes),
    )
