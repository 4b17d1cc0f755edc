"""Messages that nobody asked for at that moment: facts from the outbox become a screen in the member's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.admin.notices import NOTICES as ADMIN
from handlers.broadcasts.notices import NOTICES as BROADCASTS
from handlers.cards.notices import NOTICES as CARDS
from handlers.choices.notices import NOTICES as CHOICES
from handlers.claims.notices import NOTICES as CLAIMS
from handlers.deals.notices import NOTICES as DEALS
from handlers.earning.notices import NOTICES as EARNING
from handlers.group_buys.notices import NOTICES as GROUP_BUYS
from handlers.links import Links
from handlers.merchant.notices import NOTICES as MERCHANT
from handlers.merging.notices import NOTICES as MERGING
from handlers.notifications.notices import NOTICES as NOTIFICATIONS
from handlers.offers.notices import NOTICES as OFFERS
from handlers.points.notices import NOTICES as POINTS
from handlers.points.warning_notices import NOTICES as WARNINGS
from handlers.profile.notices import NOTICES as PROFILE
from handlers.referrals.notices import NOTICES as REFERRALS
from handlers.rewards.notices import NOTICES as REWARDS
from handlers.screens import Screen
from handlers.shelf.notices import NOTICES as SHELF
from handlers.staff.notices import NOTICES as STAFF
from handlers.tiers.notices import NOTICES as TIERS
from handlers.till.notices import NOTICES as TILL
from handlers.transfers.notices import NOTICES as TRANSFERS
from locales.texts import Texts
from loyalty.deliveries import Delivery

Notice = Callable[[Delivery, Texts, Links], Screen]

NOTICES: Mapping[str, Notice] = {
    **POINTS,
    **REFERRALS,
    **GROUP_BUYS,
    **CHOICES,
    **MERGING,
    **OFFERS,
    **PROFILE,
    **MERCHANT,
    **BROADCASTS,
    **TRANSFERS,
    **ADMIN,
    **WARNINGS,
    **REWARDS,
    **STAFF,
    **TILL,
    **CARDS,
    **EARNING,
    **TIERS,
    **SHELF,
    **DEALS,
    **CLAIMS,
    **NOTIFICATIONS,
}


def render(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """Raises LookupError for a kind that nobody knows."""
    return NOTICES[delivery.kind](delivery, texts, links)
