from __future__ import annotations

from handlers.cards.callbacks import ShowCard
from handlers.earning.wording import rate, sentences
from handlers.group_buys.callbacks import ShowDeal
from handlers.paging import first_and_more
from handlers.rewards.callbacks import Browse
from handlers.screens import Row, Screen, button, shortened
from handlers.shops.callbacks import ShopFront, Shops
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty import fronts
from loyalty.fronts import ShopFronts, ShopPage
from loyalty.merchants import said_in

NAMED = 3


def shops(seen: ShopFronts, texts: Texts) -> Screen:
    """Where members earn and spend, and what a purchase brings at each."""
    after = 0 if seen.is_first_page or not seen.shops else seen.shops[0].merchant.id - 1
    paging = first_and_more(
        None if seen.is_first_page else Shops(),
        None if seen.more_after is None else Shops(after=seen.more_after),
        texts,
    )
    ways: Row = [button(texts("My card"), ShowCard()), button(texts("Home"), Home())]
    if not seen.shops:
        return Screen(_none(seen, texts), [paging, ways])
    lines: list[str] = [
        texts.plural("<b>{n} shop takes part</b>", "<b>{n} shops take part</b>", seen.total),
        texts("Show your card there before you pay."),
        "",
        *(_line(one, seen.currency, texts) for one in seen.shops),
    ]
    rows: list[Row] = [
        [button(shortened(one.merchant.shop(texts.language)), ShopFront(merchant_id=one.merchant.id, after=after))]
        for one in seen.shops
    ]
    return Screen("\n".join(lines), [*rows, paging, ways])


def shop(seen: ShopPage, after: int, texts: Texts) -> Screen:
    """One shop: what purchases earn, and what there is to be had. `after` is the page of shops that it stands on."""
    front = seen.front
    lines: list[str] = [texts("<b>{shop}</b>", shop=front.merchant.shop(texts.language)), ""]
    if front.rule is None:
        lines.append(_earns_nothing(texts))
    else:
        lines += sentences(front.rule, seen.currency, texts)
    if front.deals:
        lines += ["", texts.plural("{n} group buy runs here.", "{n} group buys run here.", front.deals)]
    rows: list[Row] = []
    if front.rewards:
        rewards = texts("Rewards here ({n})", n=front.rewards)
        rows.append([button(rewards, Browse(shop=front.merchant.id))])
    for deal in seen.deals:
        title = shortened(said_in(texts.language, deal.translations, "name", deal.title))
        rows.append([button(f"👥 {title}", ShowDeal(deal_id=deal.id))])
    ways: Row = [button(texts("All shops"), Shops(after=after)), button(texts("Home"), Home())]
    return Screen("\n".join(lines), [*rows, ways])


def where(seen: ShopFronts, texts: Texts) -> Markup:
    """How many there are, and the names of the first few."""
    if not seen.shops:
        return _none(seen, texts)
    few = " · ".join(one.merchant.shop(texts.language) for one in seen.shops[:NAMED])
    more = " …" if seen.total > NAMED else ""
    return texts.plural(
        "{n} shop takes part: {shops}", "{n} shops take part: {shops}", seen.total, shops=f"{few}{more}"
    )


def _none(seen: ShopFronts, texts: Texts) -> Markup:
    if not seen.is_first_page:
        return texts("That was all of them.")
    return texts("No shop has opened here yet. As soon as one does, you find it in this place.")


def _line(front: fronts.ShopFront, currency: str, texts: Texts) -> Markup:
    name = front.merchant.shop(texts.language)
    if front.rule is None:
        return texts("<b>{shop}</b>: purchases earn nothing yet", shop=name)
    return texts(
        "<b>{shop}</b>: {rate}", shop=name, rate=rate(front.rule.points, front.rule.per_minor, currency, texts)
    )


def _earns_nothing(texts: Texts) -> Markup:
    return texts("Purchases earn nothing here yet. Your points can be spent here.")
