"""The catalogue as members leaf through it: one statement for each way of filtering it, all built once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, exists, func, or_, select

from loyalty.members import Tier
from loyalty.merchants import Merchant
from loyalty.rewards import SEARCH_WORDS, Listed, ShopListed, Wanted, searched
from storage.members import members
from storage.merchants import merchants
from storage.rewards import as_reward, favourites, is_on_offer, reward_query, rewards
from storage.schema import Id

ESCAPE = "\\"


def rank(tier: ColumnElement[str]) -> ColumnElement[int]:
    """A tier's place among the tiers, the lowest first."""
    return case(*((tier == each.value, each.rank) for each in Tier), else_=len(Tier))


_is_favourite = exists().where(
    favourites.c.member_id == bindparam("member_id", type_=Id), favourites.c.reward_id == rewards.c.id
)
_tier = select(members.c.tier).where(members.c.id == bindparam("member_id", type_=Id)).scalar_subquery()
_in_reach = and_(
    rewards.c.points <= bindparam("spendable", type_=Id),
    or_(rewards.c.stock.is_(None), rewards.c.stock > 0),
    rank(rewards.c.tier_min) <= rank(_tier),
)
# Each word is said of the reward, or is in the name of its shop.
_says_all = and_(
    *(
        or_(
            rewards.c.search.like(bindparam(f"word{n}"), escape=ESCAPE),
            rewards.c.merchant_id.in_(bindparam(f"shops{n}", expanding=True)),
        )
        for n in range(SEARCH_WORDS)
    )
)


def _page(of_shop: bool, in_reach: bool, favourite: bool, by_words: bool) -> Select[Any]:
    conditions = (
        (of_shop, rewards.c.merchant_id == bindparam("merchant_id")),
        (in_reach, _in_reach),
        (favourite, _is_favourite),
        (by_words, _says_all),
    )
    return (
        reward_query()
        .add_columns(_is_favourite.label("is_favourite"))
        .where(
            is_on_offer,
            or_(
                rewards.c.points > bindparam("after_points"),
                and_(rewards.c.points == bindparam("after_points"), rewards.c.id > bindparam("after_id")),
            ),
            *(condition for is_asked, condition in conditions if is_asked),
        )
        .order_by(rewards.c.points, rewards.c.id)
        .limit(bindparam("most"))
    )


_PAGES = {asked: _page(*asked) for asked in product((False, True), repeat=4)}
_SHOPS = (
    select(merchants.c.id, merchants.c.name, merchants.c.translations, func.count().label("rewards"))
    .join_from(merchants, rewards, rewards.c.merchant_id == merchants.c.id)
    .where(is_on_offer, merchants.c.id > bindparam("after_id"))
    .group_by(merchants.c.id)
    .order_by(merchants.c.id)
    .limit(bindparam("most"))
)


class SqlCatalogue:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self,
        member_id: int,
        wanted: Wanted,
        spendable: int,
        at: datetime,
        *,
        after: tuple[int, int],
        limit: int,
        called: Sequence[Sequence[int]] = (),
    ) -> Sequence[Listed]:
        asked = (wanted.merchant_id is not None, wanted.is_in_reach, wanted.is_favourite, bool(wanted.words))
        values: dict[str, object] = {
            "member_id": member_id,
            "at": at,
            "after_points": after[0],
            "after_id": after[1],
            "most": limit,
        }
        if wanted.merchant_id is not None:
            values["merchant_id"] = wanted.merchant_id
        if wanted.is_in_reach:
            values["spendable"] = spendable
        if wanted.words:
            values.update(_patterns(wanted.words))
            values.update({f"shops{n}": list(called[n]) if n < len(called) else [] for n in range(SEARCH_WORDS)})
        rows = self._connection.execute(_PAGES[asked], values)
        return [Listed(as_reward(row), bool(row.is_favourite)) for row in rows]

    def shops(self, at: datetime, *, after_id: int, limit: int) -> Sequence[ShopListed]:
        rows = self._connection.execute(_SHOPS, {"at": at, "after_id": after_id, "most": limit})
        return [ShopListed(Merchant(row.id, row.name, row.translations), row.rewards) for row in rows]


def _patterns(words: str) -> dict[str, str]:
    """A pattern for each word; where there are fewer, one that everything fits."""
    found = searched(words)
    found += [""] * (SEARCH_WORDS - len(found))
    return {f"word{n}": f"%{_literally(word)}%" for n, word in enumerate(found)}


def _literally(word: str) -> str:
    for sign in (ESCAPE, "%", "_"):
        word = word.replace(sign, ESCAPE + sign)
    return word
