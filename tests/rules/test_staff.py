"""Invitations and what roles bring, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.admin.commands import Appointment, read_appointment
from loyalty.errors import InviteRefused
from loyalty.merchants import Post, Role
from loyalty.staff import Invite, invite_code_in

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
OPEN = Invite(1, "7F3K9QWE2XH4P", 5, "Bean Bar", Role.CASHIER, "staff:1", NOW, NOW + timedelta(hours=48))


@pytest.mark.parametrize(
    ("invite", "at", "reason"),
    [
        (replace(OPEN, used_at=NOW, used_by=3), NOW, "used"),
        (replace(OPEN, revoked_at=NOW), NOW, "withdrawn"),
        (OPEN, NOW + timedelta(hours=48), "expired"),
        (replace(OPEN, used_at=NOW, used_by=3), NOW + timedelta(days=9), "used"),
    ],
)
def test_each_closed_invitation_says_why(invite: Invite, at: datetime, reason: str) -> None:
    with pytest.raises(InviteRefused) as refused:
        invite.check_open(at)
    assert refused.value.reason == reason


def test_an_invitation_is_open_to_the_last_moment() -> None:
    OPEN.check_open(NOW + timedelta(hours=48) - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("invited_as", "roles", "held"),
    [
        (Role.CASHIER, [], None),
        (Role.CASHIER, [Role.CASHIER], Role.CASHIER),
        (Role.CASHIER, [Role.MARKETER], None),
        (Role.CASHIER, [Role.OWNER], Role.OWNER),
        (Role.CASHIER, [Role.OWNER, Role.CASHIER], Role.CASHIER),
        (Role.OWNER, [Role.MARKETER, Role.CASHIER], None),
    ],
)
def test_who_has_the_rights_already_needs_no_invitation(invited_as: Role, roles: list[Role], held: Role | None) -> None:
    here = [Post(OPEN.merchant_id, "Bean Bar", role) for role in roles]
    post = replace(OPEN, role=invited_as).adds_nothing_to([*here, Post(6, "Red Door", Role.OWNER)])
    assert (None if post is None else post.role) is held


@pytest.mark.parametrize("given", ["7F3K9QWE2XH4P", "7f3k-9qwe-2xh4p", " 7F3K9QWE2XH4P "])
def test_a_code_is_read_as_it_was_meant(given: str) -> None:
    assert invite_code_in(given) == OPEN.code


@pytest.mark.parametrize(
    "given", ["", "7F3K", "7F3K9QWE2XH4P7", "7F3K9QWE2XH4!", "十二十二十二十二十二十二十", "%" * 13]
)
def test_what_is_no_code_is_unknown(given: str) -> None:
    with pytest.raises(InviteRefused) as refused:
        invite_code_in(given)
    assert refused.value.reason == "unknown"


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ("3 ABCD2345 owner", Appointment(3, "ABCD2345", Role.OWNER)),
        ("#3 abcd2345 CASHIER", Appointment(3, "abcd2345", Role.CASHIER)),
        ("3 ABCD2345 none", Appointment(3, "ABCD2345", None)),
        ("", None),
        ("3 ABCD2345", None),
        ("3 ABCD2345 chef", None),
        ("three ABCD2345 owner", None),
        ("3 ABCD2345 owner now", None),
        (f"{10**30} ABCD2345 owner", None),
    ],
)
def test_an_appointment_is_read_strictly(args: str, wanted: Appointment | None) -> None:
    assert read_appointment(args) == wanted
