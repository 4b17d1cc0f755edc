"""The merchants' earn rules, one each."""

from __future__ import annotations

from datetime import time
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Table,
    bindparam,
    false,
    select,
)
from sqlalchemy.exc import IntegrityError

from loyalty.earning import EarnRule, HappyHours
from loyalty.errors import NotFound
from loyalty.members import Tier
from storage.dialects import per_dialect
from storage.schema import Id, metadata
from storage.statements import Statement

earn_rules = Table(
    "earn_rules",
    metadata,
    Column("merchant_id", Id, ForeignKey("merchants.id"), primary_key=True, autoincrement=False),
    Column("points", BigInteger, nullable=False),
    Column("per_minor", BigInteger, nullable=False),
    Column("amount_minor_min", BigInteger, nullable=False),
    Column("tiers", JSON, nullable=False),  # {"gold": 150}
    Column("hours", JSON, nullable=False),  # [{"percent": 200, "weekdays": [4], "starts": "17:00", "ends": "19:00"}]
    Column("tags", JSON, nullable=False),  # {"beans": 200}
    Column("points_day_max", BigInteger),
    Column("points_month_max", BigInteger),
    Column("first_points", BigInteger, nullable=False),
    Column("birthday_points", BigInteger, nullable=False),
    Column("is_receipt_daily", Boolean, nullable=False, server_default=false()),
    CheckConstraint("points > 0 AND per_minor > 0", name="positive"),
)

_COLUMNS = [column.name for column in earn_rules.columns]
_SET = Statement(
    per_dialect(
        earn_rules,
        lambda statement: statement.on_conflict_do_update(
            index_elements=["merchant_id"],
            set_={name: statement.excluded[name] for name in _COLUMNS if name != "merchant_id"},
        ),
    ),
    _COLUMNS,
)
_OF = Statement(
    select(*(column for column in earn_rules.columns if column.name != "merchant_id")).where(
        earn_rules.c.merchant_id == bindparam("merchant_id", type_=Id)
    )
)
_LOCK = Statement(
    select(*(column for column in earn_rules.columns if column.name != "merchant_id"))
    .where(earn_rules.c.merchant_id == bindparam("merchant_id", type_=Id))
    .with_for_update()
)
_BEGIN = Statement(
    per_dialect(earn_rules, lambda statement: statement.on_conflict_do_nothing()),
    _COLUMNS,
)


class SqlEarnRules:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, EarnRule] = {}  # in this unit: an import asks for the same few a thousand times

    def of(self, merchant_id: int) -> EarnRule | None:
        if merchant_id not in self._known:
            row = _OF.row(self._connection, {"merchant_id": merchant_id})
            if row is None:
                return None
            self._known[merchant_id] = as_rule(row)
        return self._known[merchant_id]

    def lock(self, merchant_id: int) -> EarnRule | None:
        row = _LOCK.row(self._connection, {"merchant_id": merchant_id})
        return None if row is None else as_rule(row)

    def begin(self, merchant_id: int, rule: EarnRule) -> bool:
        return self._write(_BEGIN, merchant_id, rule) == 1

    def set(self, merchant_id: int, rule: EarnRule) -> None:
        self._write(_SET, merchant_id, rule)

    def _write(self, statement: Statement, merchant_id: int, rule: EarnRule) -> int:
        self._known.pop(merchant_id, None)
        values = {
            "merchant_id": merchant_id,
            "points": rule.points,
            "per_minor": rule.per_minor,
            "amount_minor_min": rule.amount_minor_min,
            "tiers": {tier.value: percent for tier, percent in rule.tiers.items()},
            "hours": [
                {
                    "percent": hours.percent,
                    "weekdays": list(hours.weekdays),
                    "starts": hours.starts.isoformat("minutes"),
                    "ends": hours.ends.isoformat("minutes"),
                }
                for hours in rule.hours
            ],
            "tags": dict(rule.tags),
            "points_day_max": rule.points_day_max,
            "points_month_max": rule.points_month_max,
            "first_points": rule.first_points,
            "birthday_points": rule.birthday_points,
            "is_receipt_daily": rule.is_receipt_daily,
        }
        try:
            return statement.run(self._connection, values)
        except IntegrityError as error:
            raise NotFound("merchant", merchant_id) from error


def as_rule(row: Any) -> EarnRule:
    """From the columns of a rule, in their order, without whose it is."""
    points, per_minor, amount_minor_min, tiers, hours, tags, day_max, month_max, *rest = row
    first_points, birthday_points, is_receipt_daily = rest
    return EarnRule(
        points=points,
        per_minor=per_minor,
        amount_minor_min=amount_minor_min,
        tiers={Tier(tier): percent for tier, percent in tiers.items()},
        hours=tuple(
            HappyHours(
                percent=one["percent"],
                weekdays=tuple(one["weekdays"]),
                starts=time.fromisoformat(one["starts"]),
                ends=time.fromisoformat(one["ends"]),
            )
            for one in hours
        ),
        tags=tags,
        points_day_max=day_max,
        points_month_max=month_max,
        first_points=first_points,
        birthday_points=birthday_points,
        is_receipt_daily=bool(is_receipt_daily),
    )
