from __future__ import annotations

from dataclasses import dataclass

from loyalty.codes import NONCE_LENGTH, VOUCHER_LENGTH, Random, new_code
from loyalty.errors import NotEnoughPoints, NotFound, PriceChanged, Refusal, RewardUnavailable
from loyalty.members import Member
from loyalty.points import expiry
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.rewards import Reward, obstacle
from loyalty.services import ledger
from loyalty.vouchers import NewVoucher, Voucher

PAGE = 6


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A page of running rewards, cheapest first. `more_after` is the last one shown when there are more."""

    rewards: tuple[Reward, ...]
    available: int
    more_after: Reward | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class RewardCard:
    """A reward as one member sees it. `obstacle` is what stands in the way besides points; `had` how many they had."""

    reward: Reward
    available: int
    had: int
    obstacle: Refusal | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What is asked before points are spent. `nonce` makes one confirmation happen once."""

    reward: Reward
    available: int
    nonce: str
    voucher_days: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """`is_replay`: the same confirmation came again; the voucher is the first one and nothing was spent."""

    voucher: Voucher
    available: int
    is_replay: bool


class RewardService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def catalogue(self, member_id: int, after: tuple[int, int] = (0, 0)) -> Catalogue:
        """The running rewards after the one with these (points, id), with what the member can spend."""
        with self._units() as uow:
            found = uow.rewards.running(self._clock(), after=after, limit=PAGE + 1)
            available = uow.ledger.balance(member_id).spendable
        return Catalogue(
            rewards=tuple(found[:PAGE]),
            available=available,
            more_after=found[PAGE - 1] if len(found) > PAGE else None,
            is_first_page=after == (0, 0),
        )

    @reads
    def card(self, member: Member, reward_id: int) -> RewardCard:
        """Raises NotFound."""
        with self._units() as uow:
            return self._card(uow, member, reward_id)

    @reads
    def quote(self, member: Member, reward_id: int) -> Quote:
        """Raises NotFound, RewardUnavailable, TierTooLow, NotEnoughPoints."""
        with self._units() as uow:
            card = self._card(uow, member, reward_id)
        if card.obstacle is not None:
            raise card.obstacle
        if card.reward.missing(card.available):
            raise NotEnoughPoints(card.reward.points, card.available)
        return Quote(card.reward, card.available, new_code(self._random, NONCE_LENGTH), self._programme.voucher_days)

    def redeem(
        self, member: Member, reward_id: int, nonce: str, confirmed: tuple[int, int] | None = None
    ) -> Redemption:
        """Points for a voucher, once per nonce. `confirmed` is the price that was said yes to, in points and in money
        (the smallest unit); None: whatever it costs.

        Raises NotFound, RewardUnavailable, TierTooLow, PriceChanged, NotEnoughPoints.
        """
        now = self._clock()
        key = f"redeem:{member.id}:{reward_id}:{nonce}"
        with self._units() as uow:
            # The reward first, then the balance: whoever wants the last one waits here, and no two wait crosswise.
            reward = uow.rewards.lock(reward_id)
            if reward is None:
                raise NotFound("reward", reward_id)
            voucher = uow.vouchers.by_key(key)
            is_replay = voucher is not None
            if voucher is None:
                self._check(uow, reward, member, confirmed)
                ledger.spend(
                    uow,
                    member.id,
                    reward.points,
                    key=key,
                    cause=f"reward:{reward.id}",
                    actor=f"member:{member.id}",
                    at=now,
                    merchant_id=reward.merchant.id,
                )
                voucher = uow.vouchers.issue(
                    NewVoucher(
                        key=key,
                        code=new_code(self._random, VOUCHER_LENGTH),
                        member_id=member.id,
                        merchant_id=reward.merchant.id,
                        title=reward.name,
                        translations=reward.translations,
                        points=reward.points,
                        issued_at=now,
                        expires_at=expiry(now, self._programme.voucher_days, self._programme.zone),
                        reward_id=reward.id,
                    )
                )
            available = uow.ledger.balance(member.id).spendable
            uow.commit()
        return Redemption(voucher, available, is_replay)

    def _check(self, uow: UnitOfWork, reward: Reward, member: Member, confirmed: tuple[int, int] | None) -> None:
        """Nothing is in the way, and one of the reward is the member's now."""
        refusal = obstacle(reward, member.tier, uow.vouchers.had(reward.id, member.id), self._clock())
        if refusal is not None:
            raise refusal
        if confirmed is not None and confirmed != (reward.points, reward.price_minor):
            raise PriceChanged(reward.id)
        if not uow.rewards.take(reward.id):
            raise RewardUnavailable(reward.id, "sold_out")

    def _card(self, uow: UnitOfWork, member: Member, reward_id: int) -> RewardCard:
        reward = uow.rewards.get(reward_id)
        if reward is None:
            raise NotFound("reward", reward_id)
        had = uow.vouchers.had(reward.id, member.id)
        available = uow.ledger.balance(member.id).spendable
        return RewardCard(reward, available, had, obstacle(reward, member.tier, had, self._clock()))
