"""Offers and visits, put straight into the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from loyalty.offers import NewOffer, Offer
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.unit_of_work import UnitFactory
from tests.kit.shops import OPENED

_numbers = count(1)


def add_offer(units: UnitFactory, merchant_id: int, title: str = "Fresh beans", **facts: Any) -> int:
    slug = facts.pop("slug", f"offer-{next(_numbers)}")
    facts = {"text": "Roasted this morning.", "starts_at": OPENED, "published_at": OPENED, **facts}
    with units() as uow:
        offer_id = uow.offers.add(NewOffer(slug=slug, merchant_id=merchant_id, title=title, **facts))
        uow.commit()
    return offer_id


def add_claim(units: UnitFactory, merchant_id: int, title: str = "Free cookie", **facts: Any) -> int:
    """An offer that is claimed for a voucher, once per member unless `facts` say otherwise."""
    return add_offer(
        units, merchant_id, title, **{"text": "With any coffee.", "is_claimable": True, "per_member": 1, **facts}
    )


def offer_of(units: UnitFactory, offer_id: int) -> Offer:
    with units() as uow:
        offer = uow.offers.get(offer_id)
    assert offer is not None
    return offer


def visit(units: UnitFactory, merchant_id: int, points: Mapping[int, int], at: datetime) -> None:
    """Members (by id) earn points at a shop."""
    with units() as uow:
        for member_id, earned in points.items():
            cause = f"purchase:{next(_numbers)}"
            ledger.award(
                uow,
                Programme(),
                member_id,
                earned,
                key=cause,
                cause=cause,
                actor="test",
                at=at,
                funder_id=merchant_id,
            )
        uow.commit()
