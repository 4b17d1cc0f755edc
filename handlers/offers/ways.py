"""Where an offer leads, and what speaks for it in words."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.group_buys.callbacks import ShowDeal
from handlers.offers.callbacks import ShowOffer
from handlers.rewards.callbacks import RewardsPage, ShowReward
from handlers.screens import Button, button, shortened
from locales.texts import Markup, Texts
from loyalty.offers import Reason, Why

SHOP_MAX = 40  # characters of a shop's name in an alert, which holds 200 in all


def way_to(label: str, reward_id: int | None, deal_id: int | None, offer_id: int | None = None) -> Button:
    """The button to what is offered: a reward, a deal, the offer itself where it leads to neither; of what is none of
    them, the catalogue."""
    if reward_id is not None:
        return button(label, ShowReward(reward_id=reward_id))
    if deal_id is not None:
        return button(label, ShowDeal(deal_id=deal_id))
    return button(label, RewardsPage() if offer_id is None else ShowOffer(offer_id=offer_id))


def because(reasons: Sequence[Reason], shop: str, texts: Texts) -> Markup:
    """The reasons as sentences, the weightiest first."""
    return texts.sentences(_said(reason, shortened(shop, SHOP_MAX), texts) for reason in reasons)


def _said(reason: Reason, shop: str, texts: Texts) -> Markup:
    match reason.why:
        case Why.VISITED:
            return texts("You have been to {shop} lately.", shop=shop)
        case Why.AFFORDABLE:
            return texts("Your points are enough for it.")
        case Why.NEARLY:
            return texts.plural("Only {n} point is missing.", "Only {n} points are missing.", reason.missing)
        case Why.FREE:
            return texts("It costs no points.")
        case Why.TIER:
            return texts("It is for your tier.")
        case Why.NEW:
            return texts("We have not shown it to you lately.")
