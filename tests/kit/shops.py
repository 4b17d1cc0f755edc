"""Shops with staff and rewards, put straight into the database."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from loyalty.members import Address, Language, Member
from loyalty.merchants import Role
from loyalty.rewards import NewReward
from loyalty.services import Club
from storage.unit_of_work import UnitFactory

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


def add_merchant(units: UnitFactory, name: str, translations: dict[str, dict[str, str]] | None = None) -> int:
    with units() as uow:
        merchant = uow.merchants.add(name, OPENED, translations) or uow.merchants.named(name)
        uow.commit()
    assert merchant is not None
    return merchant.id


def appoint(units: UnitFactory, merchant_id: int, member: Member, role: Role = Role.CASHIER) -> None:
    with units() as uow:
        uow.merchants.appoint(merchant_id, member.id, role, OPENED)
        uow.commit()


def add_reward(units: UnitFactory, merchant_id: int, name: str = "Flat white", **facts: Any) -> int:
    slug = facts.pop("slug", f"reward-{next(_numbers)}")
    facts = {"description": "With silky milk.", "points": 80, "published_at": OPENED, **facts}
    with units() as uow:
        reward_id = uow.rewards.add(NewReward(slug=slug, merchant_id=merchant_id, name=name, **facts))
        uow.commit()
    return reward_id


def enrol(units: UnitFactory, name: str) -> Member:
    """A member who has never said anything."""
    number = next(_numbers)
    with units() as uow:
        member = uow.members.add(
            address=Address("test", str(number)),
            name=name,
            language=Language.ENGLISH,
            timezone="UTC",
            code=f"MEMB{number}",
            at=OPENED,
        )
        uow.commit()
    assert member is not None
    return member


def with_points(club: Club, units: UnitFactory, name: str, points: int) -> Member:
    member = enrol(units, name)
    club.operators.adjust(member.id, points, "test", key=f"test:{member.id}", actor="test")
    return member
