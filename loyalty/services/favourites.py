"""Favourites: kept by members, told of when they come within reach."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.favourites import told
from loyalty.members import Member
from loyalty.ports import Clock, Units
from loyalty.programme import Programme
from loyalty.rewards import is_over
from loyalty.services.rewards import standing
from loyalty.wares import visible

TOLD = 500  # favourites in one transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """`is_in_reach`: the member could have it at once, so that there will be nothing to tell."""

    is_in_reach: bool


class FavouriteService:
    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    def keep(self, member: Member, reward_id: int) -> Kept:
        """Makes a reward a favourite; one that it is already stays as it is.

        Raises NotFound; RewardUnavailable for what was taken away or is over.
        """
        now = self._clock()
        with self._units() as uow:
            reward = visible(uow.rewards.get(reward_id), "reward", reward_id)
            _, refusal = standing(uow, reward, member, now)
            if refusal is not None and is_over(refusal):
                raise refusal
            is_in_reach = refusal is None and not reward.missing(uow.ledger.balance(member.id).spendable)
            uow.favourites.add(member.id, reward.id, now, is_told=is_in_reach)
            uow.commit()
        return Kept(is_in_reach)

    def drop(self, member_id: int, reward_id: int) -> None:
        """It is no favourite any more, if it was one."""
        with self._units() as uow:
            uow.favourites.remove(member_id, reward_id)
            uow.commit()

    def tell_due(self, limit: int = TOLD) -> int:
        """Tells members of favourites that they have the points for by now, each once, of at most `limit`; answers of
        how many."""
        now = self._clock()
        with self._units() as uow:
            found = uow.favourites.tell(now, limit)
            uow.outbox.add([told(favourite, now, self._programme) for favourite in found], now)
            uow.commit()
        return len(found)
