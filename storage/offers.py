"""Merchants' offers and who had them, and who had a turn on which day: at most one offer a day, also after a day
without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    CheckConstraint,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from loyalty.contact_policy import ContactHours
from loyalty.deliveries import DeliveryState
from loyalty.members import Tier, Topic
from loyalty.merchants import Merchant
from loyalty.offers import Candidate, NewOffer, Offer, OfferKind, Round, Shopper
from loyalty.points import Account
from loyalty.vouchers import VoucherState
from storage.books import balances, postings, transactions
from storage.contacts import muted_shops
from storage.dialects import insert_or_skip, per_dialect
from storage.group_buys import deals
from storage.members import addresses, consents, members
from storage.merchants import merchants
from storage.outbox import deliveries
from storage.rewards import is_on_offer, rewards
from storage.schema import Id, Instant, metadata
from storage.vouchers import vouchers
from storage.wares import is_running

offers = Table(
    "offers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False, index=True),
    Column("reward_id", Id, ForeignKey("rewards.id")),
    Column("deal_id", Id, ForeignKey("deals.id")),
    Column("picture_id", Id, ForeignKey("pictures.id")),
    Column("title", String(128), nullable=False),
    Column("text", Text, nullable=False),
    Column("translations", JSON, nullable=False),
    Column("tier_min", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("kind", String(16), nullable=False),
    Column("stock", Integer),  # null: unlimited
    Column("claimed", Integer, nullable=False, server_default="0"),  # what went, without what was given back
    Column("per_member", Integer),
    Column("price_minor", BigInteger, nullable=False, server_default="0"),  # paid at the counter
    Column("voucher_days", Integer),  # null: as the programme says; 0: to the end of the offer
    Column("published_at", Instant),  # null: a draft, which is paused, too
    Column("removed_at", Instant),
    CheckConstraint("state IN ('running', 'paused')", name="known_state"),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    CheckConstraint("kind IN ('claim', 'reward', 'deal', 'news')", name="known_kind"),
    CheckConstraint("(kind = 'reward') = (reward_id IS NOT NULL)", name="leads_to_reward"),
    CheckConstraint("(kind = 'deal') = (deal_id IS NOT NULL)", name="leads_to_deal"),
    CheckConstraint("stock >= 0 AND claimed >= 0", name="not_oversold"),
    CheckConstraint("per_member > 0", name="limit_allows_one"),
    CheckConstraint("price_minor >= 0 AND voucher_days >= 0", name="not_negative"),
)
_is_running = offers.c.state == "running"
Index("ix_offers_running", offers.c.id, sqlite_where=_is_running, postgresql_where=_is_running)

# Who looked at an offer, and how many of it they have: `most` is how many they might when they took the last one, so
# that no member can ever have more than the shop allows.
offer_members = Table(
    "offer_members",
    metadata,
    Column("offer_id", Id, ForeignKey("offers.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("had", Integer, nullable=False, server_default="0"),
    Column("most", Integer),
    PrimaryKeyConstraint("offer_id", "member_id"),
    CheckConstraint("had >= 0", name="not_below_nothing"),
    CheckConstraint("had <= most", name="not_too_many"),
)
_has_some = offer_members.c.had > 0
Index("ix_offer_members_had", offer_members.c.member_id, sqlite_where=_has_some, postgresql_where=_has_some)

# One row per member and day, by the day on the member's clock. `key` is what was offered, null where nothing fitted:
# nobody is looked at twice on a day.
offer_days = Table(
    "offer_days",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("key", String(64)),
    PrimaryKeyConstraint("member_id", "day"),
)

# How far the day's round of a zone has come. Without it the search for who is left would pass by all who had their
# turn already, every minute.
offer_rounds = Table(
    "offer_rounds",
    metadata,
    Column("timezone", String(64), primary_key=True),
    Column("day", Date, nullable=False),
    Column("after_id", Id, nullable=False),
    Column("started_at", Instant, nullable=False),
)
LOOK = 1_000  # members who agreed, in all zones, per step: bounds how long one takes
OVER = 2**62  # above every id

_ADD = insert_or_skip(offers)
_ID = select(offers.c.id).where(offers.c.slug == bindparam("slug"))


def offer_query() -> Select[Any]:
    """Offers, each with its shop and with what it leads to."""
    return (
        select(
            offers,
            merchants.c.name.label("merchant"),
            merchants.c.translations.label("merchant_translations"),
            merchants.c.orphaned_at.is_not(None).label("is_orphaned"),
            rewards.c.points.label("reward_points"),
            rewards.c.price_minor.label("reward_price_minor"),
            rewards.c.stock.label("reward_stock"),
            rewards.c.tier_min.label("reward_tier_min"),
            rewards.c.ends_at.label("reward_ends_at"),
            # What comes back after a while is offered again.
            case((rewards.c.per_member_days.is_(None), rewards.c.per_member)).label("reward_per_member"),
            deals.c.group_points.label("deal_points"),
            deals.c.group_price_minor.label("deal_price_minor"),
            deals.c.stock.label("deal_stock"),
            deals.c.ends_at.label("deal_ends_at"),
        )
        .join_from(offers, merchants, merchants.c.id == offers.c.merchant_id)
        .join(rewards, rewards.c.id == offers.c.reward_id, isouter=True)
        .join(deals, deals.c.id == offers.c.deal_id, isouter=True)
    )


_can_be_had = and_(is_on_offer, or_(rewards.c.stock.is_(None), rewards.c.stock > 0))
_can_be_bought = and_(
    is_running(deals, ~deals.c.is_paused),
    deals.c.stock >= deals.c.size,
)
_RUNNING = (
    offer_query()
    .where(
        is_running(offers, _is_running),
        or_(offers.c.kind != OfferKind.CLAIM.value, offers.c.stock.is_(None), offers.c.stock > 0),
        or_(offers.c.reward_id.is_(None), _can_be_had),
        or_(offers.c.deal_id.is_(None), _can_be_bought),
    )
    .order_by(offers.c.id.desc())
    .limit(bindparam("most"))
)
_GET = offer_query().where(offers.c.id == bindparam("offer_id"))
_OPEN_ROUND = insert_or_skip(offer_rounds)
_ROUND = select(offer_rounds).where(offer_rounds.c.timezone == bindparam("timezone")).with_for_update()
_KEEP_ROUND = (
    update(offer_rounds)
    .where(offer_rounds.c.timezone == bindparam("of_timezone"))
    .values(day=bindparam("to_day"), after_id=bindparam("to_id"), started_at=bindparam("begun_at"))
)
_AGREED = (
    select(consents.c.member_id)
    .where(consents.c.topic == Topic.OFFERS.value, consents.c.member_id > bindparam("after_id"))
    .order_by(consents.c.member_id)
    .limit(LOOK)
)
_DUE = (
    select(members.c.id, members.c.tier, func.coalesce(balances.c.available, 0).label("available"))
    .join_from(consents, members, members.c.id == consents.c.member_id)
    .join(balances, balances.c.member_id == members.c.id, isouter=True)
    .where(
        consents.c.topic == Topic.OFFERS.value,
        members.c.timezone == bindparam("timezone"),
        exists().where(addresses.c.member_id == members.c.id, addresses.c.is_reachable),
        # Not only this day: who has moved westward may be in the day before their last turn.
        ~exists().where(offer_days.c.member_id == members.c.id, offer_days.c.day >= bindparam("day")),
        ~exists().where(
            deliveries.c.member_id == members.c.id,
            deliveries.c.topic == Topic.OFFERS.value,
            deliveries.c.created_at >= bindparam("since"),
            deliveries.c.state != DeliveryState.SUPPRESSED.value,
        ),
    )
    .limit(bindparam("most"))
)
_DUE_NEXT = _DUE.where(
    consents.c.member_id > bindparam("after_id"), consents.c.member_id <= bindparam("to_id")
).order_by(members.c.id)
# In the order of the index that finds them: by id the database would pass by everybody who ever agreed.
_DUE_LATE = _DUE.where(consents.c.given_at >= bindparam("started_at")).order_by(consents.c.given_at)
_TAKE_TURN = per_dialect(
    offer_days, lambda statement: statement.on_conflict_do_nothing().returning(offer_days.c.member_id)
)
_FORGET = delete(offer_days).where(offer_days.c.day < bindparam("before"))

_of_batch: BindParameter[list[int]] = bindparam("ids", expanding=True)
# Rows of five kinds, told apart by `what`: a shop visited, a reward had or an offer claimed so many times, a thing
# offered, a shop muted.
_FEATURES = union_all(
    select(
        postings.c.member_id,
        literal("visited").label("what"),
        transactions.c.merchant_id.label("subject_id"),
        func.count().label("times"),
        literal("").label("key"),
    )
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id.in_(_of_batch),
        transactions.c.merchant_id.is_not(None),
        transactions.c.at >= bindparam("visited_since"),
    )
    .group_by(postings.c.member_id, transactions.c.merchant_id),
    select(vouchers.c.member_id, literal("had"), vouchers.c.reward_id, func.count(), literal(""))
    .where(
        vouchers.c.member_id.in_(_of_batch),
        vouchers.c.reward_id.is_not(None),
        vouchers.c.state != VoucherState.CANCELLED.value,
    )
    .group_by(vouchers.c.member_id, vouchers.c.reward_id),
    select(
        offer_members.c.member_id, literal("claimed"), offer_members.c.offer_id, offer_members.c.had, literal("")
    ).where(offer_members.c.member_id.in_(_of_batch), _has_some),
    select(offer_days.c.member_id, literal("offered"), literal(0), literal(1), offer_days.c.key).where(
        offer_days.c.member_id.in_(_of_batch),
        offer_days.c.day >= bindparam("offered_since"),
        offer_days.c.key.is_not(None),
    ),
    select(muted_shops.c.member_id, literal("muted"), muted_shops.c.merchant_id, literal(1), literal("")).where(
        muted_shops.c.member_id.in_(_of_batch)
    ),
)


class SqlOffers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, offer: NewOffer) -> int:
        self._connection.execute(
            _ADD[self._dialect],
            {
                "slug": offer.slug,
                "merchant_id": offer.merchant_id,
                "reward_id": offer.reward_id,
                "deal_id": offer.deal_id,
                "picture_id": offer.picture_id,
                "title": offer.title,
                "text": offer.text,
                "translations": dict(offer.translations),
                "tier_min": offer.tier_min,
                "state": "paused" if offer.published_at is None else "running",
                "starts_at": offer.starts_at,
                "ends_at": offer.ends_at,
                "kind": offer.kind.value,
                "stock": offer.stock,
                "per_member": offer.per_member,
                "price_minor": offer.price_minor,
                "voucher_days": offer.voucher_days,
                "published_at": offer.published_at,
            },
        )
        offer_id: int = self._connection.execute(_ID, {"slug": offer.slug}).scalar_one()
        return offer_id

    def get(self, offer_id: int) -> Offer | None:
        row = self._connection.execute(_GET, {"offer_id": offer_id}).one_or_none()
        return None if row is None else as_offer(row)

    def running(self, at: datetime, *, limit: int) -> Sequence[Candidate]:
        return [as_candidate(row) for row in self._connection.execute(_RUNNING, {"at": at, "most": limit})]

    def open_round(self, timezone: str, day: date, at: datetime) -> Round:
        self._connection.execute(
            _OPEN_ROUND[self._dialect], {"timezone": timezone, "day": day, "after_id": 0, "started_at": at}
        )
        row = self._connection.execute(_ROUND, {"timezone": timezone}).one()
        return Round(timezone, day, 0, at) if row.day < day else Round(timezone, row.day, row.after_id, row.started_at)

    def due(
        self, turns: Round, hours: ContactHours, *, limit: int
    ) -> tuple[Sequence[tuple[int, Tier, int]], Round, int]:
        zone = {"timezone": turns.timezone, "day": hours.day, "since": hours.day_began_at, "most": limit}
        if turns.after_id == OVER:
            late = self._due(_DUE_LATE, zone | {"started_at": turns.started_at})
            return late, turns, len(late)
        agreed = self._connection.execute(_AGREED, {"after_id": turns.after_id}).scalars().all()
        to_id = agreed[-1] if len(agreed) == LOOK else OVER
        found = self._due(_DUE_NEXT, zone | {"after_id": turns.after_id, "to_id": to_id})
        # A full batch may have left some of those looked at for the next one.
        return found, replace(turns, after_id=found[-1][0] if len(found) == limit else to_id), len(agreed)

    def _due(self, query: Select[Any], values: Mapping[str, object]) -> list[tuple[int, Tier, int]]:
        return [(row.id, Tier(row.tier), row.available) for row in self._connection.execute(query, values)]

    def keep_round(self, turns: Round) -> None:
        self._connection.execute(
            _KEEP_ROUND,
            {
                "of_timezone": turns.timezone,
                "to_day": turns.day,
                "to_id": turns.after_id,
                "begun_at": turns.started_at,
            },
        )

    def shoppers(
        self, members: Sequence[tuple[int, Tier, int]], *, visited_since: datetime, offered_since: date
    ) -> Sequence[Shopper]:
        visited: dict[int, set[int]] = {}
        had: dict[int, dict[int, int]] = {}
        claimed: dict[int, dict[int, int]] = {}
        offered: dict[int, set[str]] = {}
        muted: dict[int, set[int]] = {}
        for row in self._connection.execute(
            _FEATURES,
            {
                "ids": [member_id for member_id, _, _ in members],
                "visited_since": visited_since,
                "offered_since": offered_since,
            },
        ):
            match row.what:
                case "visited":
                    visited.setdefault(row.member_id, set()).add(row.subject_id)
                case "had":
                    had.setdefault(row.member_id, {})[row.subject_id] = row.times
                case "claimed":
                    claimed.setdefault(row.member_id, {})[row.subject_id] = row.times
                case "muted":
                    muted.setdefault(row.member_id, set()).add(row.subject_id)
                case _:
                    offered.setdefault(row.member_id, set()).add(row.key)
        return [
            Shopper(
                member_id,
                tier,
                available,
                visited=frozenset(visited.get(member_id, ())),
                had=had.get(member_id, {}),
                claimed=claimed.get(member_id, {}),
                offered=frozenset(offered.get(member_id, ())),
                muted=frozenset(muted.get(member_id, ())),
            )
            for member_id, tier, available in members
        ]

    def take_turns(self, day: date, keys: Mapping[int, str | None]) -> frozenset[int]:
        if not keys:
            return frozenset()
        rows = [{"member_id": member_id, "day": day, "key": key} for member_id, key in keys.items()]
        return frozenset(self._connection.execute(_TAKE_TURN[self._dialect], rows).scalars())

    def forget_turns(self, before: date) -> None:
        self._connection.execute(_FORGET, {"before": before})


def as_offer(row: Any) -> Offer:
    return Offer(
        id=row.id,
        merchant=_merchant(row),
        kind=OfferKind(row.kind),
        title=row.title,
        text=row.text,
        translations=row.translations,
        tier_min=Tier(row.tier_min),
        reward_id=row.reward_id,
        deal_id=row.deal_id,
        picture_id=row.picture_id,
        stock=row.stock,
        claimed=row.claimed,
        per_member=row.per_member,
        price_minor=row.price_minor,
        voucher_days=row.voucher_days,
        is_paused=row.state == "paused",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        published_at=row.published_at,
        removed_at=row.removed_at,
    )


def as_candidate(row: Any) -> Candidate:
    candidate = Candidate(
        key=f"offer:{row.id}",
        merchant=_merchant(row),
        title=row.title,
        text=row.text,
        translations=row.translations,
        tier_min=Tier(row.tier_min),
        reward_id=row.reward_id,
        deal_id=row.deal_id,
        picture_id=row.picture_id,
        offer_id=row.id,
        kind=OfferKind(row.kind),
        ends_at=row.ends_at,
    )
    match candidate.kind:
        case OfferKind.CLAIM:
            return replace(
                candidate,
                price_minor=row.price_minor,
                stock=row.stock,
                whole=None if row.stock is None else row.stock + row.claimed,
                per_member=row.per_member,
            )
        case OfferKind.REWARD:
            return replace(
                candidate,
                points=row.reward_points,
                price_minor=row.reward_price_minor,
                stock=row.reward_stock,
                per_member=row.reward_per_member,
                tier_min=max(candidate.tier_min, Tier(row.reward_tier_min), key=lambda tier: tier.rank),
                ends_at=_first(row.ends_at, row.reward_ends_at),
            )
        case OfferKind.DEAL:
            return replace(
                candidate,
                points=row.deal_points,
                price_minor=row.deal_price_minor,
                stock=row.deal_stock,
                ends_at=_first(row.ends_at, row.deal_ends_at),
            )
        case _:
            return candidate


def _merchant(row: Any) -> Merchant:
    return Merchant(row.merchant_id, row.merchant, row.merchant_translations, row.is_orphaned)


def _first(*ends: datetime | None) -> datetime | None:
    return min((each for each in ends if each is not None), default=None)
