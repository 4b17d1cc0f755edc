"""What the screens of a shop's rewards, offers and group buys have in common: how it stands, its days, its words, and
the questions that are answered by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from aiogram.filters.callback_data import CallbackData

from handlers.rewards.titles import last_day
from handlers.screens import Button, Row, Screen, button
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.answers import DESCRIPTION_MAX, NAME_MAX, example_price
from loyalty.members import Language
from loyalty.merchants import Translations, said_in
from loyalty.wares import PICTURE_BYTES_MAX, Ware, WareState

MEGABYTE = 1024 * 1024
MARKS = {
    WareState.RUNNING: "▶️",
    WareState.UPCOMING: "⏳",
    WareState.PAUSED: "⏸",
    WareState.DRAFT: "✏️",
    WareState.ENDED: "⏹",
    WareState.REMOVED: "🗑",
}


def state(state: WareState, texts: Texts) -> Markup:
    match state:
        case WareState.RUNNING:
            return texts("Running")
        case WareState.UPCOMING:
            return texts("Soon")
        case WareState.PAUSED:
            return texts("Paused")
        case WareState.DRAFT:
            return texts("Drafts")
        case WareState.ENDED:
            return texts("Ended")
        case WareState.REMOVED:
            return texts("Removed")


def standing(state_: WareState, is_sold_out: bool, texts: Texts) -> Markup:
    match state_:
        case WareState.DRAFT:
            return texts("A draft: only your shop sees it")
        case WareState.PAUSED:
            return texts("Paused: members cannot have it just now")
        case WareState.RUNNING if is_sold_out:
            return texts("Sold out for now.")
        case _:
            return state(state_, texts)


def called(title: str, translations: Translations, texts: Texts) -> str:
    """As the reader's customers know it."""
    return said_in(texts.language, translations, "name", title)


def titled(title: str, translations: Translations, texts: Texts) -> Markup:
    """As the reader's customers know it, and as it was first written: that is what *Title* changes."""
    shown = called(title, translations, texts)
    if shown == title:
        return texts("<b>{title}</b>", title=shown)
    return texts("<b>{title}</b> ({original})", title=shown, original=title)


def window(ware: Ware, zone: ZoneInfo, texts: Texts) -> Iterator[str]:
    """From when and until when, where it is not always."""
    if ware.starts_at is not None:
        yield texts("From: {date}", date=first_day(ware.starts_at, zone, texts))
    if ware.ends_at is not None:
        yield texts("Last day: {date}", date=last_day(ware.ends_at.astimezone(zone), texts))


def looks(picture_id: int | None, translations: Translations, texts: Texts) -> Iterator[str]:
    """Whether it has a picture, and in which languages it is described besides."""
    yield texts("Picture: no") if picture_id is None else texts("Picture: yes")
    if translations:
        yield texts("Also in: {languages}", languages=texts.listed(LANGUAGES[each] for each in sorted(translations)))


def first_day(starts_at: datetime, zone: ZoneInfo, texts: Texts) -> str:
    return texts.date(starts_at.astimezone(zone).date())


def preview(seen: Screen, back: CallbackData, texts: Texts) -> Screen:
    """What a member sees, with the way back in place of the member's ways on."""
    return Screen(seen.text, [[button(texts("Back"), back)]], picture=seen.picture)


def words(
    name: str,
    translations: Translations,
    edit: Callable[[Language, str], CallbackData],
    back: CallbackData,
    texts: Texts,
) -> Screen:
    """What members read in each language, and where it can be said differently; `edit` leads to that."""
    lines: list[str] = [
        texts("Members read it in their language where you write it, and otherwise as it was first written:"),
        f"<b>{escape(name, quote=False)}</b>",
    ]
    rows: list[Row] = []
    for language in Language:
        said = translations.get(language, {})
        said_here = " · ".join(escape(word, quote=False) for word in said.values())
        in_language = LANGUAGES[language]
        lines += ["", f"{in_language}: {said_here or texts('as first written')}"]
        rows.append(
            [
                button(texts("Name in {language}", language=in_language), edit(language, "name")),
                button(texts("Text in {language}", language=in_language), edit(language, "description")),
            ]
        )
    return Screen("\n".join(lines), [*rows, [button(texts("Back"), back)]])


def question(asked: str, ways: Sequence[Button], complaint: str | None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    return Screen(f"{complaint}\n\n{asked}" if complaint else asked, [ways])


def ask_words(
    field: str, language: Language, original: str, ways: Sequence[Button], texts: Texts, complaint: str | None
) -> Screen:
    in_language = LANGUAGES[language]
    if field == "name":
        asked = texts("Type its name in {language}, up to {most} characters.", language=in_language, most=NAME_MAX)
    else:
        asked = texts(
            "Type its description in {language}, up to {most} characters.", language=in_language, most=DESCRIPTION_MAX
        )
    quoted = [f"“{escape(original, quote=False)}”"] if original else []
    return question("\n\n".join([asked, *quoted]), ways, complaint)


def ask_description(texts: Texts) -> Markup:
    return texts("What does one get, and what should one know? Up to {most} characters.", most=DESCRIPTION_MAX)


def ask_price(decimals: int, texts: Texts) -> Markup:
    return texts(
        "How much is paid at the counter, on top of the points? Type it like {example}.",
        example=example_price(decimals),
    )


def ask_stock(stock: int | None, texts: Texts) -> Markup:
    if stock is None:
        return texts("How many are there? Type the number.")
    return texts("Left: {stock}. Type a change like +10 or -2, or how many there are now like =5.", stock=stock)


def ask_starts(texts: Texts) -> Markup:
    return texts("From which day on? Type it like 24 Dec or 2026-12-24.")


def ask_ends(texts: Texts) -> Markup:
    return texts("Until which day, that day included? Type it like 24 Dec or 2026-12-24.")


def ask_picture(texts: Texts) -> Markup:
    return texts("Send me a picture of it, as a photo of up to {most} MB.", most=PICTURE_BYTES_MAX // MEGABYTE)


def without(field: str, texts: Texts) -> Markup:
    """On the button that takes back what a field says."""
    match field:
        case "description":
            return texts("No description")
        case "price" | "group_price" | "solo_price":
            return texts("Points alone")
        case "to_pay":
            return texts("Free")
        case "days":
            return texts("As usual")
        case "stock":
            return texts("Unlimited")
        case "limit":
            return texts("No limit")
        case "bonus":
            return texts("No bonus")
        case "starts":
            return texts("From now")
        case "ends":
            return texts("No end")
        case _:
            return texts("Remove picture")
