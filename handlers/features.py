"""The list of features."""

from __future__ import annotations

from aiogram.fsm.storage.base import BaseStorage

from handlers import meant
from handlers.admin import accounts, contacts, reviews, shops, watch
from handlers.admin import router as admin
from handlers.broadcasts import report_router as broadcast_reports
from handlers.broadcasts import router as broadcasts
from handlers.cards import router as cards
from handlers.choices import router as choices
from handlers.claims import router as claims
from handlers.deals import router as deals
from handlers.directory import Directory
from handlers.earning import router as earning
from handlers.group_buys import router as group_buys
from handlers.help import router as help_
from handlers.merchant import router as merchant
from handlers.merging import router as merging
from handlers.notifications import router as notifications
from handlers.notifications import taps
from handlers.offer_desk import router as offer_desk
from handlers.offers import router as offers
from handlers.points import router as points
from handlers.privacy import router as privacy
from handlers.profile import router as profile
from handlers.referrals import router as referrals
from handlers.rewards import browsing
from handlers.rewards import router as rewards
from handlers.segments import router as segments
from handlers.set_aside import router as set_aside
from handlers.settlements import router as settlements
from handlers.shelf import router as shelf
from handlers.shops import router as shop_fronts
from handlers.solo import router as solo
from handlers.staff import router as staff
from handlers.start import router as start
from handlers.statements import router as statements
from handlers.tiers import router as tiers
from handlers.till import router as till
from handlers.transfers import router as transfers
from handlers.words import router as words

FEATURES = (
    start,
    help_,
    privacy,
    shop_fronts,
    points,
    statements,
    transfers,
    referrals,
    browsing,
    rewards,
    group_buys,
    choices,
    merging,
    solo,
    offers,
    profile,
    notifications,
    taps,
    merchant,
    broadcasts,
    broadcast_reports,
    segments,
    settlements,
    staff,
    till,
    cards,
    earning,
    tiers,
    shelf,
    deals,
    offer_desk,
    claims,
    accounts,
    contacts,
    set_aside,
    shops,
    watch,
    reviews,
    admin,
    meant,
)
PUBLIC = frozenset({"group_buys"})  # what people do together, they may do before everybody's eyes


def directory(
    forms: BaseStorage, *, is_guest: bool = False, commands_without: frozenset[str] = frozenset()
) -> Directory:
    """The club's router, new each time: a router joins one dispatcher only."""
    features = [feature.setup() for feature in FEATURES]
    return Directory(
        features, words.setup(), forms, public=PUBLIC, is_guest=is_guest, commands_without=commands_without
    )
