from __future__ import annotations

from handlers.offers.callbacks import MyOffers, OffersConsent, SetOffers
from handlers.offers.ways import because, way_to
from handlers.points.callbacks import PointsPage
from handlers.profile.callbacks import ShowProfile
from handlers.rewards.callbacks import RewardsPage
from handlers.screens import Row, Screen, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.merchants import said_in
from loyalty.offers import Pick
from loyalty.services.offers import Today


def today(seen: Today, texts: Texts) -> Screen:
    """What fits best today, each with its reasons."""
    rows: list[Row] = []
    if seen.picks:
        parts: list[str] = [texts("<b>Today for you</b>"), *(_pick(pick, texts) for pick in seen.picks)]
        for pick in seen.picks:
            title = shortened(said_in(texts.language, pick.candidate.translations, "title", pick.candidate.title))
            rows.append([way_to(title, pick.candidate.reward_id, pick.candidate.deal_id)])
    else:
        parts = [
            texts(
                "Nothing fits you today. With a few more points, or after a visit to one of the shops, there will be "
                "something."
            )
        ]
        rows.append([button(texts("Rewards"), RewardsPage()), button(texts("My points"), PointsPage())])
    if not seen.is_agreed:
        parts.append(texts("If you like, the best one comes to you each day."))
        rows.append([button(texts("Get offers"), OffersConsent())])
    return Screen("\n\n".join(parts), [*rows, [button(texts("Home"), Home())]])


def consent(texts: Texts) -> Screen:
    """What a yes means, before it is given."""
    return Screen(
        "\n\n".join([texts("<b>Shall we send you offers?</b>"), offer_terms(texts)]),
        [[button(texts("Yes, please"), SetOffers(on=True)), button(texts("No, thanks"), SetOffers(on=False))]],
    )


def offer_terms(texts: Texts) -> Markup:
    """What a member says yes to with offers."""
    return texts(
        "The offer of the day: at most one, the one that fits you best by your points, your tier and the shops you "
        "have been to, by day and never at night. And now and then a shop of the club writes to its customers. Each "
        "message has a Stop button; one tap, and no more come."
    )


def turned_on(texts: Texts) -> Screen:
    return Screen(
        texts("Offers are on. You can stop them at any time."),
        [
            [button(texts("Today for me"), MyOffers()), button(texts("Stop offers"), SetOffers(on=False))],
            [button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())],
        ],
    )


def asked_twice(said: str, texts: Texts) -> Screen:
    """After a yes, in a club that asks once more."""
    return Screen(said, [[button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())]])


def turned_off(texts: Texts) -> Screen:
    """The undo is one tap, so what it would turn on is said here again."""
    return Screen(
        "\n\n".join(
            [texts("Offers are off. No more will come."), texts("Was that a slip? {terms}", terms=offer_terms(texts))]
        ),
        [
            [button(texts("Turn on again"), SetOffers(on=True))],
            [button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())],
        ],
    )


def _pick(pick: Pick, texts: Texts) -> str:
    candidate = pick.candidate
    shop = candidate.merchant.shop(texts.language)
    title = said_in(texts.language, candidate.translations, "title", candidate.title)
    head = (
        texts("<b>{title}</b> · {shop} · {points} points", title=title, shop=shop, points=candidate.points)
        if candidate.points is not None
        else texts("<b>{title}</b> · {shop}", title=title, shop=shop)
    )
    return f"{head}\n<i>{because(pick.reasons, shop, texts)}</i>"
