from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loyalty.codes import NONCE_LENGTH, VOUCHER_LENGTH, Random, new_code
from loyalty.errors import NotEnoughPoints, PriceChanged, Refusal, RewardUnavailable
from loyalty.members import Member
from loyalty.nearness import has_word, nearest
from loyalty.points import expiry
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.rewards import (
    EVERYTHING,
    Listed,
    Reward,
    ShopListed,
    Wanted,
    counted_since,
    is_over,
    names_of,
    next_at,
    obstacle,
    said_of,
    searched,
)
from loyalty.services import ledger
from loyalty.services.vouchers import as_shown
from loyalty.vouchers import NewVoucher, Voucher
from loyalty.wares import visible

PAGE = 6
# What is compared word by word in the program is bounded, however many shops and rewards a club has.
SHOPS_SEARCHED = 2_000
NEAR_AMONG = 1_000


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A page of what was wanted, cheapest first. `more_after` is the last one shown when there are more.

    `is_near`: nothing has the words that were looked for; these have words like them.
    """

    listed: tuple[Listed, ...]
    available: int
    more_after: Reward | None
    is_first_page: bool
    wanted: Wanted = EVERYTHING
    currency: str = ""
    is_near: bool = False

    @property
    def rewards(self) -> tuple[Reward, ...]:
        return tuple(listed.reward for listed in self.listed)


@dataclass(frozen=True, slots=True)
class Shops:
    """A page of shops with rewards. `more_after` is the id to page on from, None on the last page."""

    shops: tuple[ShopListed, ...]
    more_after: int | None
    is_first_page: bool
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class RewardCard:
    """A reward as one member sees it. `obstacle` is what stands in the way besides points; `had` how many they had."""

    reward: Reward
    available: int
    had: int
    obstacle: Refusal | None
    is_favourite: bool = False
    currency: str = ""

    @property
    def is_over(self) -> bool:
        """It will not come back."""
        return is_over(self.obstacle)


@dataclass(frozen=True, slots=True)
class Quote:
    """What is asked before points are spent. `nonce` makes one confirmation happen once."""

    reward: Reward
    available: int
    nonce: str
    voucher_days: int
    currency: str = ""


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
    def catalogue(self, member_id: int, after: tuple[int, int] = (0, 0), wanted: Wanted = EVERYTHING) -> Catalogue:
        """What is wanted of the running rewards, after the one with these (points, id), with what the member can
        spend."""
        now, words = self._clock(), searched(wanted.words)
        with self._units() as uow:
            available = uow.ledger.balance(member_id).spendable
            page = partial(uow.catalogue.page, member_id, spendable=available, at=now, after=after)
            found = page(wanted, limit=PAGE + 1, called=_called(uow, words, now))
            near: Sequence[Listed] = ()
            if words and not found and after == (0, 0):
                among = page(replace(wanted, words=""), limit=NEAR_AMONG)
                near = nearest(words, [(listed, said_of(listed.reward)) for listed in among])[:PAGE]
        return Catalogue(
            listed=tuple(near or found[:PAGE]),
            available=available,
            more_after=found[PAGE - 1].reward if len(found) > PAGE else None,
            is_first_page=after == (0, 0),
            wanted=wanted,
            currency=self._programme.currency,
            is_near=bool(near),
        )

    @reads
    def shops(self, after_id: int = 0, wanted: Wanted = EVERYTHING) -> Shops:
        """A page of the shops with running rewards; `wanted` is what the catalogue is filtered by besides."""
        with self._units() as uow:
            found = uow.catalogue.shops(self._clock(), after_id=after_id, limit=PAGE + 1)
        return Shops(
            shops=tuple(found[:PAGE]),
            more_after=found[PAGE - 1].merchant.id if len(found) > PAGE else None,
            is_first_page=after_id == 0,
            wanted=wanted,
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
        nonce = new_code(self._random, NONCE_LENGTH)
        return Quote(card.reward, card.available, nonce, self._programme.voucher_days, card.currency)

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
            reward = visible(uow.rewards.lock(reward_id), "reward", reward_id)
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
                        price_minor=reward.price_minor,
                    )
                )
            available = uow.ledger.balance(member.id).spendable
            uow.commit()
        return Redemption(as_shown(voucher, self._programme, now), available, is_replay)

    def _check(self, uow: UnitOfWork, reward: Reward, member: Member, confirmed: tuple[int, int] | None) -> None:
        """Nothing is in the way, and one of the reward is the member's now."""
        _, refusal = standing(uow, reward, member, self._clock())
        if refusal is not None:
            raise refusal
        if confirmed is not None and confirmed != (reward.points, reward.price_minor):
            raise PriceChanged(reward.id)
        if not uow.rewards.take(reward.id):
            raise RewardUnavailable(reward.id, "sold_out")

    def _card(self, uow: UnitOfWork, member: Member, reward_id: int) -> RewardCard:
        reward = visible(uow.rewards.get(reward_id), "reward", reward_id)
        had, refusal = standing(uow, reward, member, self._clock())
        available = uow.ledger.balance(member.id).spendable
        is_favourite = uow.favourites.has(member.id, reward.id)
        return RewardCard(reward, available, had, refusal, is_favourite, self._programme.currency)


def standing(uow: UnitOfWork, reward: Reward, member: Member, now: datetime) -> tuple[int, Refusal | None]:
    """How many of it the member has had that count against its limit, and what stands in the way besides points."""
    had_at: Sequence[datetime] = ()
    if reward.per_member is not None:
        had_at = uow.vouchers.had(reward.id, member.id, counted_since(reward, now))
    return len(had_at), obstacle(reward, member.tier, len(had_at), now, next_at(reward, had_at))


def _called(uow: UnitOfWork, words: Sequence[str], now: datetime) -> list[list[int]]:
    """For each word, the shops with rewards whose name has it; with letters, where a word of the name begins so."""
    if not words:
        return []
    shops = [listed.merchant for listed in uow.catalogue.shops(now, after_id=0, limit=SHOPS_SEARCHED)]
    names = [(shop.id, names_of(shop)) for shop in shops]
    return [[shop_id for shop_id, said in names if has_word(said, word)] for word in words]
