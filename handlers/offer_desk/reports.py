"""What became of a shop's offers, as a table to take along."""

from __future__ import annotations

from handlers import wares
from handlers.offer_desk.callbacks import ShowShopOffers
from handlers.screens import Document, Screen, button, plain
from locales.texts import Texts
from loyalty.programme import Programme
from loyalty.services.offer_desk import DeskTable
from loyalty.sheets import Cell, csv_file


def caption(seen: DeskTable, texts: Texts) -> Screen:
    """What stands under the file."""
    said = texts("<b>Our offers</b> · {shop}", shop=seen.shop.shop(texts.language))
    count = texts.plural("{n} offer", "{n} offers", len(seen.listed))
    return Screen(f"{said}\n{count}", [[button(texts("Back"), ShowShopOffers(merchant_id=seen.shop.id))]])


def sheet(seen: DeskTable, programme: Programme, texts: Texts) -> Document:
    """A line for each offer, as they stand in the list; times are those of the club's clock."""
    titles = (
        texts("Title"),
        texts("State"),
        texts("Published"),
        texts("Ends"),
        texts("Left"),
        texts("Seen"),
        texts("Claimed"),
        texts("Used"),
        texts("Waiting"),
    )
    rows: list[list[Cell]] = [[plain(title) for title in titles]]
    for listed, state in seen.listed:
        offer, found = listed.offer, listed.figures
        published, ends = (
            programme.local(at).strftime("%Y-%m-%d %H:%M") if at is not None else ""
            for at in (offer.published_at, offer.ends_at)
        )
        left = "" if offer.stock is None or not offer.is_claimable else offer.stock
        stands = plain(wares.state(state, texts))
        rows.append(
            [
                wares.called(offer.title, offer.translations, texts),
                stands,
                published,
                ends,
                left,
                found.seen,
                found.claimed,
                found.used,
                found.waiting,
            ]
        )
    return Document(f"offers-{seen.shop.id}.csv", csv_file(rows))
