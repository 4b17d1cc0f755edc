from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.errors import VoucherRefused
from loyalty.merchants import Post, Role
from loyalty.vouchers import Viewer, Voucher, VoucherState, check_usable, code_in, viewer

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
VOUCHER = Voucher(
    id=1,
    code="7HQ2MX9RTB4K0",
    member_id=5,
    first_name="Ana",
    merchant_id=2,
    merchant="Harbour Coffee",
    title="Flat white",
    translations={},
    points=80,
    state=VoucherState.ISSUED,
    issued_at=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(seconds=1),
)
HERE, ELSEWHERE = Post(2, "Harbour Coffee", Role.CASHIER), Post(3, "Red Door", Role.OWNER)


def test_staff_of_its_merchant_may_take_it_until_its_last_second() -> None:
    assert check_usable(VOUCHER, [ELSEWHERE, HERE], NOW) is VOUCHER


@pytest.mark.parametrize(
    ("voucher", "posts", "refusal"),
    [
        (None, [HERE], VoucherRefused("unknown")),
        (VOUCHER, [ELSEWHERE], VoucherRefused("other_merchant")),
        (replace(VOUCHER, state=VoucherState.USED, used_at=NOW), [ELSEWHERE], VoucherRefused("other_merchant")),
        (replace(VOUCHER, state=VoucherState.USED, used_at=NOW), [HERE], VoucherRefused("used", NOW)),
        (replace(VOUCHER, expires_at=NOW), [HERE], VoucherRefused("expired", NOW)),
        (replace(VOUCHER, state=VoucherState.CANCELLED), [HERE], VoucherRefused("cancelled")),
    ],
)
def test_refusals(voucher: Voucher | None, posts: list[Post], refusal: VoucherRefused) -> None:
    with pytest.raises(VoucherRefused) as raised:
        check_usable(voucher, posts, NOW)
    assert raised.value == refusal


@pytest.mark.parametrize(
    ("member_id", "posts", "seen_as"),
    [
        (5, [], Viewer.OWNER),
        (5, [ELSEWHERE], Viewer.OWNER),
        (5, [HERE], Viewer.COUNTER),
        (6, [HERE], Viewer.COUNTER),
        (6, [ELSEWHERE], Viewer.STRANGER),
        (6, [], Viewer.STRANGER),
    ],
)
def test_in_what_role_somebody_looks(member_id: int, posts: list[Post], seen_as: Viewer) -> None:
    assert viewer(VOUCHER, member_id, posts) is seen_as


@pytest.mark.parametrize(
    "given",
    ["7HQ2MX9RTB4K0", " 7hq2-mx9r-tb4ko ", "https://t.me/perkchat_bot?start=v_7HQ2MX9RTB4K0", "v_7HQ2MX9RTB4K0"],
)
def test_a_code_is_found_in_what_people_type_and_paste(given: str) -> None:
    assert code_in(given) == VOUCHER.code
