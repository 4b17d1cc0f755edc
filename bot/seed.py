"""Moves the demo's town into a database. Every row has a key, so that repeating it changes nothing."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.town import NOON, Deal, Offer, Person, Reward, Town, Words, load_town
from bot.town import Merchant as Shop
from handlers.pictures.scenes import picture
from loyalty import tiers
from loyalty.codes import REFERRAL_LENGTH, new_code
from loyalty.group_buys import NewDeal
from loyalty.members import Address, Birthday, Calendar, Language, Member, Tier, Topic
from loyalty.merchants import Merchant, Role
from loyalty.offers import NewOffer
from loyalty.programme import Programme
from loyalty.purchases import Channel, NewPurchase
from loyalty.rewards import NewReward
from loyalty.services import earning
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory

CHANNEL = "telegram"
LANGUAGES = {"en": Language.ENGLISH, "zh-hans": Language.SIMPLIFIED, "zh-hant": Language.TRADITIONAL}
TIER_KEPT_DAYS = 365  # people of the demo have the tier that the town says, whatever they bought
ROLES = {"cashier": Role.CASHIER, "marketer": Role.MARKETER, "owner": Role.OWNER}


def seed_town(database: Database, now: datetime | None = None) -> list[str]:
    """Shops, rewards, deals, offers, people and their history; answers what is there now, a line each."""
    town, at = load_town(), now or datetime.now(UTC)
    with UnitFactory(database)() as uow:
        merchants = {merchant.key: _merchant(uow, merchant, at) for merchant in town.merchants}
        rewards = {
            reward.key: uow.rewards.add(_reward(uow, reward, merchants[reward.merchant], at)) for reward in town.rewards
        }
        for deal in town.deals:
            uow.deals.add(_deal(uow, deal, merchants[deal.merchant], at))
        for offer in town.offers:
            uow.offers.add(_offer(uow, offer, merchants[offer.merchant], at))
        newcomers = {
            person.key: member
            for person in town.people
            if (member := _person(uow, town, person, merchants, rewards, at)) is not None
        }
        _history(uow, town, newcomers, merchants, at)
        for key, member in newcomers.items():
            _rise(uow, town.person(key), member)
        uow.commit()
    return [
        f"{len(town.merchants)} shops, {len(town.rewards)} rewards, {len(town.deals)} group buys, "
        f"{len(town.offers)} offers",
        f"{len(town.people)} people: " + ", ".join(f"{person.first_name} ({person.role})" for person in town.people),
    ]


def _merchant(uow: SqlUnitOfWork, shop: Shop, at: datetime) -> Merchant:
    added = uow.merchants.add(shop.name.en, at, _translations(shop.name, shop.description))
    merchant = added or uow.merchants.named(shop.name.en)
    assert merchant is not None, "it was added just now or before"
    if uow.earn_rules.of(merchant.id) is None:
        uow.earn_rules.set(merchant.id, shop.rule)
    return merchant


def _reward(uow: SqlUnitOfWork, reward: Reward, merchant: Merchant, at: datetime) -> NewReward:
    return NewReward(
        slug=reward.key,
        merchant_id=merchant.id,
        name=reward.name.en,
        description=reward.description.en,
        translations=_translations(reward.name, reward.description),
        points=reward.cost,
        stock=reward.stock,
        tier_min=Tier(reward.tier_min),
        per_member=reward.limit,
        per_member_days=reward.limit_days or None,
        price_minor=reward.price_minor,
        picture_id=_picture(uow, reward.motif, reward.tone),
        published_at=at,
    )


def _deal(uow: SqlUnitOfWork, deal: Deal, merchant: Merchant, at: datetime) -> NewDeal:
    return NewDeal(
        slug=deal.key,
        merchant_id=merchant.id,
        title=deal.title.en,
        description=deal.description.en,
        translations=_translations(deal.title, deal.description),
        solo_points=deal.solo_points,
        solo_price_minor=deal.solo_price_minor,
        group_price_minor=deal.group_price_minor,
        bonus_points=deal.bonus_points,
        group_points=deal.group_points,
        size=deal.size,
        hours=deal.hours,
        stock=deal.stock,
        picture_id=_picture(uow, deal.motif, deal.tone),
        published_at=at,
    )


def _offer(uow: SqlUnitOfWork, offer: Offer, merchant: Merchant, at: datetime) -> NewOffer:
    return NewOffer(
        slug=offer.key,
        merchant_id=merchant.id,
        title=offer.title.en,
        text=offer.description.en,
        translations=_translations(offer.title, offer.description),
        tier_min=Tier(offer.tier_min),
        is_claimable=True,
        stock=offer.stock or None,
        per_member=offer.limit,
        price_minor=offer.price_minor,
        ends_at=at + timedelta(hours=offer.hours) if offer.hours else None,
        picture_id=_picture(uow, offer.motif, offer.tone),
        published_at=at,
    )


def _person(
    uow: SqlUnitOfWork,
    town: Town,
    person: Person,
    merchants: dict[str, Merchant],
    rewards: dict[str, int],
    at: datetime,
) -> Member | None:
    """Whoever is new here; None if they are here already."""
    address = Address(CHANNEL, str(person.user_id))
    if uow.members.at(address) is not None:
        return None
    joined_at = at - timedelta(days=1 + max((earning.days_ago for earning in person.history), default=0))
    member = uow.members.add(
        address=address,
        name=f"{person.first_name} {person.last_name}".strip(),
        first_name=person.first_name,
        language=LANGUAGES[person.language],
        timezone=person.zone,
        code=new_code(secrets.SystemRandom(), REFERRAL_LENGTH),
        at=joined_at,
    )
    assert member is not None, "nobody lived at this address a moment ago"
    birthday = Birthday(person.birthday.month, person.birthday.day, Calendar(person.birthday.calendar))
    uow.members.celebrate(member.id, birthday, joined_at)
    if Tier(person.tier) is not Tier.MEMBER:
        uow.members.promote(member.id, Tier(person.tier), at + timedelta(days=TIER_KEPT_DAYS))
    if person.shows_name:
        uow.members.show_name(member.id, True)
    if person.phone:
        uow.members.set_phone(member.id, person.phone)
    for key in person.favourites:
        # Told already of what is in reach from the start: nobody is greeted by a message from the past.
        cost = next(reward.cost for reward in town.rewards if reward.key == key)
        uow.favourites.add(member.id, rewards[key], at, is_told=person.points >= cost)
    for topic in Topic if person.agrees else ():
        uow.members.consent(member.id, topic, True, at=joined_at, wording="demo")
    if person.role in ROLES:
        uow.merchants.appoint(merchants[person.merchant].id, member.id, ROLES[person.role], joined_at)
    return member


def _rise(uow: SqlUnitOfWork, person: Person, member: Member) -> None:
    """To the tier that the purchases come to, if that is more than the town says: nobody is greeted by a rise."""
    reached = tiers.reached(Programme().tier_minimums, person.points)
    if list(Tier).index(reached) > list(Tier).index(Tier(person.tier)):
        uow.members.promote(member.id, reached, None)


def _history(
    uow: SqlUnitOfWork, town: Town, newcomers: dict[str, Member], merchants: dict[str, Merchant], at: datetime
) -> None:
    """The past purchases of everybody, oldest first, each booked when it was made: so the shops list them in order.
    Nobody is told: it is long ago."""
    programme = Programme(timezone=town.zone, currency=town.currency)
    past = [(bought, person.key) for person in town.people if person.key in newcomers for bought in person.history]
    for bought, key in sorted(past, key=lambda one: -one[0].days_ago):
        day = at.astimezone(ZoneInfo(town.zone)).date() - timedelta(days=bought.days_ago)
        bought_at = datetime.combine(day, time(NOON), ZoneInfo(town.zone)).astimezone(UTC)
        wish = NewPurchase(
            key=f"seed:{bought.key}",
            member_id=newcomers[key].id,
            merchant_id=merchants[bought.merchant].id,
            amount_minor=bought.amount_minor,
            currency=town.currency,
            at=bought_at,
            channel=Channel(bought.channel),
            receipt=f"LB-{bought.key}",
            tags=bought.tags,
            note=bought.note,
        )
        earning.record(uow, programme, wish, actor="seed", at=bought_at)


def _picture(uow: SqlUnitOfWork, motif: str, tone: str) -> int:
    return uow.pictures.add(f"{motif}:{tone}", picture(motif, tone))


def _translations(name: Words, description: Words) -> dict[str, dict[str, str]]:
    return {
        "zh-Hans": {"name": name.zh_hans, "description": description.zh_hans},
        "zh-Hant": {"name": name.zh_hant, "description": description.zh_hant},
    }
