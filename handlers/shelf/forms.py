"""The questions that are answered by typing, each with its way out."""

from __future__ import annotations

from html import escape

from handlers import names
from handlers.screens import Button, Screen, button
from handlers.shelf.callbacks import Clear, ClearWords, SetSpan, SetTier, ShowShelf, ShowStocked, ShowWords
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.members import Language, Tier
from loyalty.points import POINTS_MAX
from loyalty.services.shelf import ShelfCard
from loyalty.shelf import DESCRIPTION_MAX, LIMIT_MAX, NAME_MAX, PICTURE_BYTES_MAX, SPANS, Field, example_price

MEGABYTE = 1024 * 1024


def ask_new_name(merchant_id: int, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`, here and below: what was wrong with what was typed; the form is still open."""
    return _question(_ask_name(texts), [_no_new_one(merchant_id, texts)], complaint)


def ask_new_points(merchant_id: int, name: str, texts: Texts, complaint: str | None = None) -> Screen:
    asked = texts(
        "<b>{name}</b>. How many points does it take? Type a whole number from 1 to {most}.", name=name, most=POINTS_MAX
    )
    return _question(asked, [_no_new_one(merchant_id, texts)], complaint)


def ask_picture(card: ShelfCard, texts: Texts, complaint: str | None = None, *, is_new: bool = False) -> Screen:
    """`is_new`: the last question about a new one."""
    asked = texts("Send me a picture of it, as a photo of up to {most} MB.", most=PICTURE_BYTES_MAX // MEGABYTE)
    to_card = ShowStocked(reward_id=card.reward.id)
    if is_new:
        return _question(asked, [button(texts("Without a picture"), to_card)], complaint)
    return _question(asked, [*_without(card, Field.PICTURE, texts), button(texts("Cancel"), to_card)], complaint)


def ask(card: ShelfCard, field: Field, decimals: int, texts: Texts, complaint: str | None = None) -> Screen:
    """For one field of a reward; `decimals` are those of the currency."""
    cancel = button(texts("Cancel"), ShowStocked(reward_id=card.reward.id))
    asked = _heading(card, texts) + "\n\n" + _ask(card, field, decimals, texts)
    return _question(asked, [*_without(card, field, texts), cancel], complaint)


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
    reward, in_language = card.reward, LANGUAGES[language]
    if field is Field.NAME:
        asked = texts("Type its name in {language}, up to {most} characters.", language=in_language, most=NAME_MAX)
        original = reward.name
    else:
        asked = texts(
            "Type its description in {language}, up to {most} characters.", language=in_language, most=DESCRIPTION_MAX
        )
        original = reward.description
    ways = [button(texts("Cancel"), ShowWords(reward_id=reward.id))]
    if field in reward.translations.get(language, {}):
        clear = ClearWords(reward_id=reward.id, language=language, field=field)
        ways.insert(0, button(texts("As first written"), clear))
    quoted = [f"“{escape(original, quote=False)}”"] if original else []
    return _question("\n\n".join([asked, *quoted]), ways, complaint)


def _question(asked: str, ways: list[Button], complaint: str | None) -> Screen:
    return Screen(f"{complaint}\n\n{asked}" if complaint else asked, [ways])


def _no_new_one(merchant_id: int, texts: Texts) -> Button:
    return button(texts("Cancel"), ShowShelf(merchant_id=merchant_id))


def _heading(card: ShelfCard, texts: Texts) -> str:
    return texts("<b>{title}</b>", title=card.reward.name)


def _ask_name(texts: Texts) -> Markup:
    return texts("What is the reward called? Type its name, up to {most} characters.", most=NAME_MAX)


def _ask(card: ShelfCard, field: Field, decimals: int, texts: Texts) -> Markup:
    match field:
        case Field.NAME:
            return _ask_name(texts)
        case Field.DESCRIPTION:
            return texts("What does one get, and what should one know? Up to {most} characters.", most=DESCRIPTION_MAX)
        case Field.POINTS:
            return texts("How many points does it take? Type a whole number from 1 to {most}.", most=POINTS_MAX)
        case Field.PRICE:
            return texts(
                "How much is paid at the counter, on top of the points? Type it like {example}.",
                example=example_price(decimals),
            )
        case Field.STOCK:
            return _ask_stock(card.reward.stock, texts)
        case Field.LIMIT:
            return texts("How often can one member have it? Type a whole number from 1 to {most}.", most=LIMIT_MAX)
        case Field.STARTS:
            return texts("From which day on? Type it like 24.12. or 2026-12-24.")
        case _:
            return texts("Until which day, that day included? Type it like 24.12. or 2026-12-24.")


def _ask_stock(stock: int | None, texts: Texts) -> Markup:
    if stock is None:
        return texts("How many are there? Type the number.")
    return texts("Left: {stock}. Type a change like +10 or -2, or how many there are now like =5.", stock=stock)


def _without(card: ShelfCard, field: Field, texts: Texts) -> list[Button]:
    """The button that takes back what the field says, where it says something."""
    reward = card.reward
    match field:
        case Field.DESCRIPTION if reward.description:
            label = texts("No description")
        case Field.PRICE if reward.price_minor:
            label = texts("Points alone")
        case Field.STOCK if reward.stock is not None:
            label = texts("Unlimited")
        case Field.LIMIT if reward.per_member is not None:
            label = texts("No limit")
        case Field.STARTS if reward.starts_at is not None:
            label = texts("From now")
        case Field.ENDS if reward.ends_at is not None:
            label = texts("No end")
        case Field.PICTURE if reward.picture_id is not None:
            label = texts("Remove picture")
        case _:
            return []
    return [button(label, Clear(reward_id=reward.id, field=field))]


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
