from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.answers import clean_name, whole
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.errors import NotFound
from loyalty.members import Language, Member, Tier
from loyalty.merchants import Merchant, Right, shop_at
from loyalty.points import POINTS_MAX
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.rewards import NewReward, Reward, RewardState, obstacle
from loyalty.services.rewards import RewardCard
from loyalty.services.staff import check_right
from loyalty.services.wares import FIRST, PAGE, store_picture, terms_at
from loyalty.shelf import Field, Figures, Stocked, check_complete, cleared, limited_to, said, turned, typed
from loyalty.wares import Turn, WareState, check_there, standing

NOUN = "reward"


@dataclass(frozen=True, slots=True)
class ShelfCard:
    """A reward as its shop sees it. Its days are those of `zone`."""

    reward: Reward
    state: WareState
    figures: Figures
    currency: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """A page of a shop's rewards. `more_after` is the (rank, id) to page on from, None on the last page."""

    shop: Merchant
    stocked: tuple[tuple[Stocked, WareState], ...]
    more_after: tuple[int, int] | None
    is_first_page: bool


class ShelfService:
    """The rewards of a shop, made by its staff. Every use case looks anew whether the member may: buttons stay, posts
    end. Changes happen under a lock: what two people change, each gets, and of one field the later word counts.

    All of them raise NotAllowed, and NotFound where there is no such reward.
    """

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    # A look at it

    @reads
    def page(self, member: Member, merchant_id: int, after: tuple[int, int] | None = None) -> ShelfPage:
        now = self._clock()
        with self._units() as uow:
            shop = shop_at(check_right(uow, member.id, merchant_id, Right.REWARDS), merchant_id)
            found = uow.shelf.page(merchant_id, now, after=after or FIRST, limit=PAGE + 1)
        shown = tuple((stocked, standing(stocked.reward, now)) for stocked in found[:PAGE])
        last = shown[-1] if len(found) > PAGE else None
        more_after = None if last is None else (last[1].rank, last[0].reward.id)
        return ShelfPage(shop, shown, more_after, is_first_page=after is None)

    @reads
    def card(self, member: Member, reward_id: int) -> ShelfCard:
        with self._units() as uow:
            return self._card(uow, _led(uow, member, uow.rewards.get(reward_id)))

    @reads
    def changeable(self, member: Member, reward_id: int) -> ShelfCard:
        """Before it is changed. Raises InvalidWare for one that is removed."""
        card = self.card(member, reward_id)
        check_there(card.reward, NOUN)
        return card

    @reads
    def publishable(self, member: Member, reward_id: int) -> ShelfCard:
        """Before members see it. Raises InvalidWare when something is missing, or it is removed."""
        card = self.changeable(member, reward_id)
        check_complete(card.reward)
        return card

    @reads
    def preview(self, member: Member, reward_id: int) -> RewardCard:
        """As this member would see it if it ran now."""
        now = self._clock()
        with self._units() as uow:
            reward = _led(uow, member, uow.rewards.get(reward_id))
            available = uow.ledger.balance(member.id).spendable
        running = replace(reward, state=RewardState.RUNNING, published_at=now, removed_at=None)
        refusal = obstacle(running, member.tier, 0, now)
        return RewardCard(running, available, 0, refusal, currency=self._programme.currency)

    # A new one

    @reads
    def open(self, member: Member, merchant_id: int) -> str:
        """Before a new reward is typed: the nonce that makes it one, however often it arrives."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.REWARDS)
        return new_code(self._random, NONCE_LENGTH)

    def begin(self, member: Member, merchant_id: int, nonce: str, name: str, points: str) -> ShelfCard:
        """A draft with this name and price, both as typed: once per nonce. Raises InvalidWare."""
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.REWARDS)
            draft = NewReward(
                slug=f"shelf:{merchant_id}:{nonce}",
                merchant_id=merchant_id,
                name=clean_name(name),
                description="",
                points=whole(points, Field.POINTS, POINTS_MAX),
            )
            reward_id = uow.rewards.add(draft)
            card = self._card(uow, _found(uow.rewards.get(reward_id)))
            uow.commit()
        return card

    # Changes

    def write(self, member: Member, reward_id: int, field: Field, given: str, *, decimals: int) -> ShelfCard:
        """One field as it was typed. `decimals` are those of the programme's currency. Raises InvalidWare."""
        terms = terms_at(self._programme, self._clock(), decimals, member.language)
        return self._change(member, reward_id, lambda reward: typed(reward, field, given, terms))

    def clear(self, member: Member, reward_id: int, field: Field) -> ShelfCard:
        """Without what this field said: unlimited, from now, no end. Raises InvalidWare."""
        return self._change(member, reward_id, lambda reward: cleared(reward, field))

    def say(self, member: Member, reward_id: int, field: Field, language: Language, given: str | None) -> ShelfCard:
        """Its name or description in a language; None: as it was first written. Raises InvalidWare."""
        return self._change(member, reward_id, lambda reward: said(reward, field, language, given))

    def for_tier(self, member: Member, reward_id: int, tier: Tier) -> ShelfCard:
        """For members of this tier and up. Raises InvalidWare."""
        return self._change(member, reward_id, lambda reward: replace(reward, tier_min=tier))

    def limit_within(self, member: Member, reward_id: int, days: int | None) -> ShelfCard:
        """The limit per member counts within so many days; None: ever. Raises InvalidWare."""
        return self._change(member, reward_id, lambda reward: limited_to(reward, days))

    def picture(self, member: Member, reward_id: int, content: bytes) -> ShelfCard:
        """Raises InvalidWare for one that is too large."""
        with self._units() as uow:
            reward = _led(uow, member, uow.rewards.lock(reward_id))
            check_there(reward, NOUN)
            card = self._save(uow, replace(reward, picture_id=store_picture(uow, NOUN, content)))
            uow.commit()
        return card

    def turn(self, member: Member, reward_id: int, turn: Turn) -> ShelfCard:
        """Publishes, pauses, resumes, removes it or brings it back; vouchers that were given stay good.

        The same again changes nothing. Raises InvalidWare for publishing what is not complete.
        """
        now = self._clock()
        with self._units() as uow:
            reward = _led(uow, member, uow.rewards.lock(reward_id))
            if turn is not Turn.REMOVE and turn is not Turn.BRING_BACK:
                check_there(reward, NOUN)
            card = self._save(uow, turned(reward, turn, now))
            uow.commit()
        return card

    def _change(self, member: Member, reward_id: int, change: Callable[[Reward], Reward]) -> ShelfCard:
        with self._units() as uow:
            reward = _led(uow, member, uow.rewards.lock(reward_id))
            check_there(reward, NOUN)
            card = self._save(uow, change(reward))
            uow.commit()
        return card

    def _save(self, uow: UnitOfWork, reward: Reward) -> ShelfCard:
        uow.shelf.save(reward)
        return self._card(uow, reward)

    def _card(self, uow: UnitOfWork, reward: Reward) -> ShelfCard:
        now: datetime = self._clock()
        figures = uow.shelf.figures(reward.id, now)
        return ShelfCard(reward, standing(reward, now), figures, self._programme.currency, self._programme.zone)


def _found(reward: Reward | None, reward_id: int | None = None) -> Reward:
    if reward is None:
        raise NotFound("reward", reward_id)
    return reward


def _led(uow: UnitOfWork, member: Member, reward: Reward | None) -> Reward:
    found = _found(reward)
    check_right(uow, member.id, found.merchant.id, Right.REWARDS)
    return found
