from __future__ import annotations

from handlers.offers.callbacks import MyOffers, OffersConsent, OffersPage, SetOffers, ShowOffer
from handlers.offers.terms import terms
from handlers.offers.ways import because, way_to
from handlers.paging import first_and_more
from handlers.points.callbacks import PointsPage
from handlers.profile.callbacks import ShowProfile
from handlers.rewards.callbacks import RewardsPage
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.merchants import said_in
from loyalty.offers import Candidate, Why
from loyalty.services.offers import ListedPick, Running


def running(seen: Running, member: Member, texts: Texts) -> Screen:
    """A page of what is running for a member, the best first, each with its terms and what speaks for it most."""
    rows: list[Row] = []
    if seen.listed:
        heading = texts("<b>Today for you</b>")
        if seen.pages > 1:
            heading = texts("<b>Today for you</b> · {page} of {pages}", page=seen.number + 1, pages=seen.pages)
        parts: list[str] = [heading, *(_line(listed, seen, member, texts) for listed in seen.listed)]
        rows += [[_to(listed.pick.candidate, seen.number, texts)] for listed in seen.listed]
    else:
        parts = [
            texts(
                "Nothing fits you today. With a few more points, or after a visit to one of the shops, there will be "
                "something."
            )
        ]
        rows.append([button(texts("Rewards"), RewardsPage()), button(texts("My points"), PointsPage())])
    rows.append(
        first_and_more(
            MyOffers() if seen.number else None,
            OffersPage(number=seen.number + 1) if seen.number + 1 < seen.pages else None,
            texts,
        )
    )
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


def _line(listed: ListedPick, seen: Running, member: Member, texts: Texts) -> str:
    candidate, foremost = listed.pick.candidate, listed.pick.foremost
    shop = candidate.merchant.shop(texts.language)
    said: list[str] = [
        texts("<b>{title}</b> · {shop}", title=_title(candidate, texts), shop=shop),
        terms(candidate, listed.had, member, seen.now, seen.currency, texts),
        # That it is free stands in its terms.
        "" if foremost is None or foremost.why is Why.FREE else f"<i>{because([foremost], shop, texts)}</i>",
    ]
    return "\n".join(line for line in said if line)


def _to(candidate: Candidate, page: int, texts: Texts) -> Button:
    """To the offer; a reward that nobody announced is its own."""
    title = shortened(_title(candidate, texts))
    if candidate.offer_id is None:
        return way_to(title, candidate.reward_id, candidate.deal_id)
    return button(title, ShowOffer(offer_id=candidate.offer_id, page=page))


def _title(candidate: Candidate, texts: Texts) -> str:
    return said_in(texts.language, candidate.translations, "name", candidate.title)
