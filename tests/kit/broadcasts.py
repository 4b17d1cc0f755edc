"""Broadcasts with everything that came of them, put straight into the database: an hour of sending in a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from loyalty.broadcasts import Content, ContentButton, Metric, Wording, buttons_as_json, wordings_as_json
from storage.broadcasts import broadcast_taps, broadcasts
from storage.database import Database
from storage.members import consent_log
from storage.outbox import deliveries
from storage.purchases import purchases
from storage.vouchers import vouchers

_numbers = count(1)


def add_broadcast(
    database: Database,
    merchant_id: int,
    author_id: int,
    at: datetime,
    *,
    state: str = "done",
    words: Sequence[str] = ("Fresh croissants",),
    buttons: Sequence[ContentButton] = (),
    **facts: Any,
) -> int:
    """Of a shop, by a member, started and finished at an instant; a wording for each variant. Answers its id."""
    wordings = {name: {"": Wording(said, len(said))} for name, said in zip("ABCD", words, strict=False)}
    values: dict[str, Any] = {
        "merchant_id": merchant_id,
        "author_id": author_id,
        "state": state,
        "key": f"KEY{next(_numbers)}",
        "created_at": at,
        "confirmed_at": at,
        "wordings": wordings_as_json(Content("", {}, wordings)),
        "buttons": buttons_as_json(buttons),
        "metric": Metric.TAPS.value,
        "is_told": True,
        **facts,
    }
    if state not in ("waiting", "scheduled"):
        values |= {"started_at": at, "filled_at": at}
    if state in ("done", "cancelled"):
        values |= {"finished_at": at}
    with database.engine.begin() as connection:
        broadcast_id: int = connection.execute(insert(broadcasts).values(values)).inserted_primary_key[0]  # type: ignore[index]
    return broadcast_id


def deliver(
    database: Database,
    broadcast_id: int,
    merchant_id: int,
    member_id: int,
    at: datetime,
    state: str = "sent",
    reason: str = "agreed",
    *,
    variant: str = "A",
    opened: bool = False,
    taps: Sequence[int] = (),
    until: datetime | None = None,
    attempts: int | None = None,
) -> int:
    """A delivery in a state since an instant, with taps on buttons a minute later. Answers its id."""
    is_over = state not in ("queued", "sending")
    asked = int(state != "queued" and (state != "suppressed" or reason == "blocked"))
    with database.engine.begin() as connection:
        delivery_id: int = connection.execute(
            insert(deliveries).values(
                member_id=member_id,
                kind="broadcast",
                cause=f"broadcast:{broadcast_id}",
                facts={},
                lane="marketing",
                topic="offers",
                broadcast_id=broadcast_id,
                merchant_id=merchant_id,
                variant=variant,
                state=state,
                reason=reason,
                attempts=asked if attempts is None else attempts,
                not_before=until or at,
                created_at=at,
                finished_at=at if is_over else None,
                opened_at=at + timedelta(minutes=1) if opened or taps else None,
            )
        ).inserted_primary_key[0]  # type: ignore[index]
        if taps:
            connection.execute(
                insert(broadcast_taps),
                [{"delivery_id": delivery_id, "button": n, "at": at + timedelta(minutes=1)} for n in taps],
            )
    return delivery_id


def redeem(
    database: Database, merchant_id: int, member_id: int, at: datetime, points: int = 80, state: str = "issued"
) -> None:
    number = next(_numbers)
    with database.engine.begin() as connection:
        connection.execute(
            insert(vouchers).values(
                key=f"test:{number}",
                code=f"CODE{number}",
                member_id=member_id,
                merchant_id=merchant_id,
                title="Flat white",
                translations={},
                points=points,
                state=state,
                issued_at=at,
                expires_at=at + timedelta(days=90),
                used_at=at if state == "used" else None,
            )
        )


def buy(
    database: Database, merchant_id: int, member_id: int, at: datetime, minor: int = 1_000, refunded: int = 0
) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            insert(purchases).values(
                key=f"test:{next(_numbers)}",
                merchant_id=merchant_id,
                member_id=member_id,
                amount_minor=minor,
                refunded_minor=refunded,
                currency="EUR",
                channel="till",
                tags=[],
                note="",
                earned={},
                at=at,
            )
        )


def say_no(database: Database, member_id: int, place: str, at: datetime, *, given: bool = False) -> None:
    """As the log of consents keeps it."""
    with database.engine.begin() as connection:
        connection.execute(
            insert(consent_log).values(
                member_id=member_id, topic="offers", is_given=given, wording="Less of this", at=at, place=place
            )
        )
