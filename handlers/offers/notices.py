from __future__ import annotations

from collections.abc import Callable

from handlers.footers import footer, noted
from handlers.links import Links
from handlers.offers.ways import way_to
from handlers.screens import Screen, StoredPicture
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.merchants import said_in


def offer(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    title = said_in(texts.language, facts["translations"], "title", facts["title"])
    text = said_in(texts.language, facts["translations"], "text", facts["text"])
    shop = said_in(texts.language, facts["merchant_translations"], "name", facts["merchant"])
    said = (
        texts.plural(
            "<b>{title}</b> · {shop} · {points} point\n{text}",
            "<b>{title}</b> · {shop} · {points} points\n{text}",
            facts["points"],
            title=title,
            shop=shop,
            points=facts["points"],
            text=text,
        )
        if facts["points"] is not None
        else texts("<b>{title}</b> · {shop}\n{text}", title=title, shop=shop, text=text)
    )
    return Screen(
        said,
        [
            # What was queued by an earlier version knows of no offer.
            [noted(way_to(texts("Show me"), facts["reward_id"], facts["deal_id"], facts.get("offer_id")), delivery.id)],
            footer(texts, delivery.id),
        ],
        picture=StoredPicture(facts["picture_id"]) if facts["picture_id"] is not None else None,
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"offer": offer}
