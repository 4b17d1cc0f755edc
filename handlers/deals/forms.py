"""The questions that are answered by typing, each with its way out."""

from __future__ import annotations

from handlers import wares
from handlers.deals.callbacks import ChangeDeal, ClearDeal, ClearDealWords, ShowDealWords, ShowShopDeal, ShowShopDeals
from handlers.screens import Button, Screen, button
from handlers.wares import question
from locales.texts import Markup, Texts
from loyalty.answers import LIMIT_MAX, NAME_MAX, example_price
from loyalty.deals import HOURS_MAX, Field
from loyalty.group_buys import SIZE_MAX, SIZE_MIN, Deal
from loyalty.members import Language
from loyalty.points import POINTS_MAX
from loyalty.services.deals import DealCard


def ask_new(
    merchant_id: int, title: str, field: Field, decimals: int, texts: Texts, complaint: str | None = None
) -> Screen:
    """A question about a new one, called `title` so far. `complaint`, here and below: what was wrong with what was
    typed; the form is still open."""
    asked = wares.ask_stock(None, texts) if field is Field.STOCK else _ask(field, decimals, texts)
    heading = texts("<b>{title}</b>", title=title) + "\n\n" if title else ""
    return question(heading + asked, [button(texts("Cancel"), ShowShopDeals(merchant_id=merchant_id))], complaint)


def ask(card: DealCard, field: Field, decimals: int, texts: Texts, complaint: str | None = None) -> Screen:
    """For one field of a deal; `decimals` are those of the currency."""
    deal = card.deal
    asked = wares.ask_stock(deal.stock, texts) if field is Field.STOCK else _ask(field, decimals, texts)
    heading = texts("<b>{title}</b>", title=wares.called(deal.title, deal.translations, texts))
    return question(f"{heading}\n\n{asked}", [*_without(deal, field, texts), _cancel(deal, texts)], complaint)


def ask_picture(card: DealCard, texts: Texts, complaint: str | None = None, *, is_new: bool = False) -> Screen:
    """`is_new`: the last question about a new one."""
    deal = card.deal
    if is_new:
        ways = [button(texts("Without a picture"), ShowShopDeal(deal_id=deal.id))]
    else:
        ways = [*_without(deal, Field.PICTURE, texts), _cancel(deal, texts)]
    return question(wares.ask_picture(texts), ways, complaint)


def ask_words(card: DealCard, field: Field, language: Language, texts: Texts, complaint: str | None = None) -> Screen:
    deal = card.deal
    ways = [button(texts("Cancel"), ShowDealWords(deal_id=deal.id))]
    if field in deal.translations.get(language, {}):
        clear = ClearDealWords(deal_id=deal.id, language=language, field=field)
        ways.insert(0, button(texts("As first written"), clear))
    original = deal.title if field is Field.NAME else deal.description
    return wares.ask_words(field, language, original, ways, texts, complaint)


def _ask(field: Field, decimals: int, texts: Texts) -> Markup:
    match field:
        case Field.NAME:
            return texts("What do people buy together? Type its name, up to {most} characters.", most=NAME_MAX)
        case Field.DESCRIPTION:
            return wares.ask_description(texts)
        case Field.GROUP_POINTS:
            return texts(
                "How many points does it take from each in a group? Type a whole number from 1 to {most}.",
                most=POINTS_MAX,
            )
        case Field.SOLO_POINTS:
            return texts("How many points does it take alone? Type a whole number from 1 to {most}.", most=POINTS_MAX)
        case Field.GROUP_PRICE:
            return texts(
                "How much does each in a group pay at the counter, on top of the points? Type it like {example}.",
                example=example_price(decimals),
            )
        case Field.SOLO_PRICE:
            return texts(
                "How much is paid at the counter alone, on top of the points? Type it like {example}.",
                example=example_price(decimals),
            )
        case Field.SIZE:
            return texts(
                "How many people make a group? Type a whole number from {least} to {most}.",
                least=SIZE_MIN,
                most=SIZE_MAX,
            )
        case Field.HOURS:
            return texts(
                "How many hours does a group have to fill? Type a whole number from 1 to {most}.", most=HOURS_MAX
            )
        case Field.LIMIT:
            return texts("How many can one member have? Type a whole number from 1 to {most}.", most=LIMIT_MAX)
        case Field.BONUS:
            return texts(
                "How many points does the organiser get when the group is full? Type a whole number from 1 to {most}.",
                most=POINTS_MAX,
            )
        case Field.STARTS:
            return wares.ask_starts(texts)
        case _:
            return wares.ask_ends(texts)


def _without(deal: Deal, field: Field, texts: Texts) -> list[Button]:
    """The button that takes back what the field says, where it says something."""
    says = {
        Field.DESCRIPTION: bool(deal.description),
        Field.GROUP_PRICE: bool(deal.group_price_minor),
        Field.SOLO_PRICE: bool(deal.solo_price_minor),
        Field.BONUS: bool(deal.bonus_points),
        Field.STARTS: deal.starts_at is not None,
        Field.ENDS: deal.ends_at is not None,
        Field.PICTURE: deal.picture_id is not None,
    }
    return [button(wares.without(field, texts), ClearDeal(deal_id=deal.id, field=field))] if says.get(field) else []


def _cancel(deal: Deal, texts: Texts) -> Button:
    return button(texts("Cancel"), ChangeDeal(deal_id=deal.id))
