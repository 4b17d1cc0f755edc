"""The questions that are answered by typing, each with its way out."""

from __future__ import annotations

from handlers import names, wares
from handlers.rewards.titles import reward_name
from handlers.screens import Button, Screen, button
from handlers.shelf.callbacks import Clear, ClearWords, SetSpan, SetTier, ShowShelf, ShowStocked, ShowWords
from handlers.wares import question
from locales.texts import Markup, Texts
from loyalty.answers import LIMIT_MAX, NAME_MAX
from loyalty.members import Language, Tier
from loyalty.points import POINTS_MAX
from loyalty.services.shelf import ShelfCard
from loyalty.shelf import SPANS, Field


def ask_new_name(merchant_id: int, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`, here and below: what was wrong with what was typed; the form is still open."""
    return question(_ask_name(texts), [_no_new_one(merchant_id, texts)], complaint)


def ask_new_points(merchant_id: int, name: str, texts: Texts, complaint: str | None = None) -> Screen:
    asked = texts(
        "<b>{name}</b>. How many points does it take? Type a whole number from 1 to {most}.", name=name, most=POINTS_MAX
    )
    return question(asked, [_no_new_one(merchant_id, texts)], complaint)


def ask_picture(card: ShelfCard, texts: Texts, complaint: str | None = None, *, is_new: bool = False) -> Screen:
    """`is_new`: the last question about a new one."""
    asked = wares.ask_picture(texts)
    to_card = ShowStocked(reward_id=card.reward.id)
    if is_new:
        return question(asked, [button(texts("Without a picture"), to_card)], complaint)
    return question(asked, [*_without(card, Field.PICTURE, texts), button(texts("Cancel"), to_card)], complaint)


def ask(card: ShelfCard, field: Field, decimals: int, texts: Texts, complaint: str | None = None) -> Screen:
    """For one field of a reward; `decimals` are those of the currency."""
    cancel = button(texts("Cancel"), ShowStocked(reward_id=card.reward.id))
    asked = _heading(card, texts) + "\n\n" + _ask(card, field, decimals, texts)
    return question(asked, [*_without(card, field, texts), cancel], complaint)


def ask_tier(card: ShelfCard, texts: Texts) -> Screen:
    of_reward = {"reward_id": card.reward.id}
    tiers = [
        [button(f"{names.tier_medal(tier)} {names.tier(texts, tier)}", SetTier(**of_reward, tier=tier))]
        for tier in Tier
    ]
    asked = _heading(card, texts) + "\n\n" + texts("From which tier on can members have it?")
    return Screen(asked, [*tiers, [button(texts("Cancel"), ShowStocked(**of_reward))]])


def ask_span(card: ShelfCard, texts: Texts) -> Screen:
    """After the limit itself: within what time it counts."""
    per_member = card.reward.per_member or 1
    asked = texts.plural(
        "One member can have it {n} time. Within what time?",
        "One member can have it {n} times. Within what time?",
        per_member,
    )
    spans = [button(_span(days, texts), SetSpan(reward_id=card.reward.id, days=days or 0)) for days in SPANS]
    return Screen(_heading(card, texts) + "\n\n" + asked, [spans[:2], spans[2:]])


def ask_words(card: ShelfCard, field: Field, language: Language, texts: Texts, complaint: str | None = None) -> Screen:
    reward = card.reward
    ways = [button(texts("Cancel"), ShowWords(reward_id=reward.id))]
    if field in reward.translations.get(language, {}):
        clear = ClearWords(reward_id=reward.id, language=language, field=field)
        ways.insert(0, button(texts("As first written"), clear))
    original = reward.name if field is Field.NAME else reward.description
    return wares.ask_words(field, language, original, ways, texts, complaint)


def _no_new_one(merchant_id: int, texts: Texts) -> Button:
    return button(texts("Cancel"), ShowShelf(merchant_id=merchant_id))


def _heading(card: ShelfCard, texts: Texts) -> str:
    return texts("<b>{title}</b>", title=reward_name(card.reward, texts))


def _ask_name(texts: Texts) -> Markup:
    return texts("What is the reward called? Type its name, up to {most} characters.", most=NAME_MAX)


def _ask(card: ShelfCard, field: Field, decimals: int, texts: Texts) -> Markup:
    match field:
        case Field.NAME:
            return _ask_name(texts)
        case Field.DESCRIPTION:
            return wares.ask_description(texts)
        case Field.POINTS:
            return texts("How many points does it take? Type a whole number from 1 to {most}.", most=POINTS_MAX)
        case Field.PRICE:
            return wares.ask_price(decimals, texts)
        case Field.STOCK:
            return wares.ask_stock(card.reward.stock, texts)
        case Field.LIMIT:
            return texts("How often can one member have it? Type a whole number from 1 to {most}.", most=LIMIT_MAX)
        case Field.STARTS:
            return wares.ask_starts(texts)
        case _:
            return wares.ask_ends(texts)


def _without(card: ShelfCard, field: Field, texts: Texts) -> list[Button]:
    """The button that takes back what the field says, where it says something."""
    reward = card.reward
    says = {
        Field.DESCRIPTION: bool(reward.description),
        Field.PRICE: bool(reward.price_minor),
        Field.STOCK: reward.stock is not None,
        Field.LIMIT: reward.per_member is not None,
        Field.STARTS: reward.starts_at is not None,
        Field.ENDS: reward.ends_at is not None,
        Field.PICTURE: reward.picture_id is not None,
    }
    if not says.get(field):
        return []
    return [button(wares.without(field, texts), Clear(reward_id=reward.id, field=field))]


def _span(days: int | None, texts: Texts) -> Markup:
    match days:
        case 30:
            return texts("A month")
        case 7:
            return texts("A week")
        case 1:
            return texts("A day")
        case _:
            return texts("Ever")
