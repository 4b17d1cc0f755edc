"""What merchants wrote, in the reader's language where they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from locales.texts import Texts
from loyalty.merchants import said_in
from loyalty.rewards import Reward
from loyalty.vouchers import Voucher


def reward_name(reward: Reward, texts: Texts) -> str:
    return said_in(texts.language, reward.translations, "name", reward.name)


def reward_description(reward: Reward, texts: Texts) -> str:
    return said_in(texts.language, reward.translations, "description", reward.description)


def reward_shop(reward: Reward, texts: Texts) -> str:
    return reward.merchant.shop(texts.language)


def voucher_title(voucher: Voucher, texts: Texts) -> str:
    return said_in(texts.language, voucher.translations, "name", voucher.title)


def voucher_shop(voucher: Voucher, texts: Texts) -> str:
    return said_in(texts.language, voucher.merchant_translations, "name", voucher.merchant)


def noticed(facts: Mapping[str, Any], texts: Texts) -> tuple[str, str]:
    """Title and shop of the voucher that a notice is about."""
    return (
        said_in(texts.language, facts["translations"], "name", facts["title"]),
        said_in(texts.language, facts["merchant_translations"], "name", facts["merchant"]),
    )


def last_day(expires_at: datetime, texts: Texts) -> str:
    """The last day of what ends then. The end of a day is the next day's first instant, so that is the day before.

    `expires_at` is on the club's clock (`Programme.local`): whoever reads it elsewhere is told the same day.
    """
    return texts.date((expires_at - timedelta(seconds=1)).date())
