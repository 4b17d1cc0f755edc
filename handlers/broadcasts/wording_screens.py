"""The words of a draft: in which languages, and in how many versions."""

from __future__ import annotations

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import (
    AskOriginal,
    RemoveWording,
    SetOriginal,
    ShowWordings,
    WriteWording,
)
from handlers.broadcasts.card_screens import DONE, back, leave_form, try_again
from handlers.screens import Row, Screen, button
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.broadcasts import CAPTION_MAX, FIRST, ORIGINAL, PICTURE_BYTES_MAX, TEXT_MAX, Broadcast
from loyalty.members import Language
from loyalty.placeholders import FIRST_NAME, NAMES

MEGABYTE = 1024 * 1024
NOW_MAX = 300  # characters of what it says now, above the question


def ask_text(draft: Broadcast, texts: Texts, variant: str = FIRST, language: str = ORIGINAL) -> Screen:
    content = draft.content
    most = CAPTION_MAX if content.picture_id is not None else TEXT_MAX
    shop = labels.shop(content, texts)
    if language != ORIGINAL:
        asked = texts(
            "Type it in {language}, as the customers of <b>{shop}</b> shall read it. Up to {most} characters.",
            language=LANGUAGES[language],
            shop=shop,
            most=most,
        )
    elif variant != FIRST:
        asked = texts(
            "Type version {variant}, as the customers of <b>{shop}</b> shall read it. Up to {most} characters.",
            variant=variant,
            shop=shop,
            most=most,
        )
    else:
        asked = texts(
            "What do you want to tell the customers of <b>{shop}</b>? Type it as they shall read it, bold and links "
            "included. Up to {most} characters; a picture can come with it.",
            shop=shop,
            most=most,
        )
    now = content.wordings.get(variant, {}).get(language)
    quoted = [labels.quoted(now.text, texts, NOW_MAX)] if now is not None else []
    ways = leave_form(draft, texts)
    if language != ORIGINAL:
        ways = [button(texts("Cancel"), ShowWordings(broadcast_id=draft.id))]
        if now is not None:
            unwrite = RemoveWording(broadcast_id=draft.id, variant=variant, language=language)
            ways.insert(0, button(texts("As first written"), unwrite))
    elif variant != FIRST:
        ways = [button(texts("Cancel"), ShowWordings(broadcast_id=draft.id))]
    return Screen("\n\n".join([asked, *quoted, known_placeholders(texts)]), [ways])


def known_placeholders(texts: Texts) -> Markup:
    friend = texts("friend")
    return texts(
        "In it, {names} become each one's own. {example} says “{friend}” to whom we cannot name.",
        names=texts.listed(f"{{{name}}}" for name in NAMES),
        example=f"{{{FIRST_NAME}|{friend}}}",
        friend=friend,
    )


def ask_picture(draft: Broadcast, texts: Texts) -> Screen:
    return Screen(texts("Send me the picture."), [leave_form(draft, texts)])


def not_a_text(draft_id: int, texts: Texts) -> Screen:
    said = texts("Nice, but I need words here, or a picture. Type what your customers shall read.")
    return try_again(draft_id, said, texts)


def not_a_picture(draft_id: int, texts: Texts, size: int | None = None) -> Screen:
    """`size`: of the file that came instead, in bytes."""
    said: str = texts("I need a picture here. Send it as a photo, not as a file.")
    if size is not None and size > PICTURE_BYTES_MAX:
        said = texts(
            "That file has {size} MB, and a picture up to {most} MB. Send it as a photo: then it becomes small enough.",
            size=-(-size // MEGABYTE),
            most=PICTURE_BYTES_MAX // MEGABYTE,
        )
    return try_again(draft_id, said, texts)


def wordings(draft: Broadcast, texts: Texts) -> Screen:
    content = draft.content
    lines: list[str] = [
        texts(
            "Members read it in their language where you write it, and otherwise as it was first written ({language}).",
            language=labels.language(ORIGINAL, content, texts),
        )
    ]
    rows: list[Row] = []
    for variant in content.variants:
        said = content.wordings.get(variant, {})
        if draft.is_trial:
            lines += ["", texts("<b>Version {variant}</b>", variant=variant)]
        lines += [labels.quoted(content.wording(variant).text, texts)] if said else []
        lines += [f"{LANGUAGES[each]}: {labels.quoted(said[each].text, texts)}" for each in Language if each in said]
        rows += _rows(draft, variant, texts)
    if (following := content.next_variant) is not None:
        add = WriteWording(broadcast_id=draft.id, variant=following)
        rows.append([button(texts("Add version {variant}", variant=following), add)])
        if not draft.is_trial:
            lines += ["", texts("With a second version you can test which of them does better.")]
    written_in = texts("First written in: {language}", language=labels.language(ORIGINAL, content, texts))
    rows.append([button(written_in, AskOriginal(broadcast_id=draft.id))])
    return Screen("\n".join(lines), [*rows, back(draft.id, texts)])


def _rows(draft: Broadcast, variant: str, texts: Texts) -> list[Row]:
    """To change a version in each of its languages; marked where it says something in one."""
    said = draft.content.wordings.get(variant, {})
    named = f"{variant} · " if draft.is_trial else ""
    in_languages = [
        button(
            f"{named}{f'{DONE} ' if each in said else ''}{LANGUAGES[each]}",
            WriteWording(broadcast_id=draft.id, variant=variant, language=each),
        )
        for each in Language
        if each.value != draft.content.original
    ]
    if not draft.is_trial:
        return [in_languages]
    whole = [button(texts("Change {variant}", variant=variant), WriteWording(broadcast_id=draft.id, variant=variant))]
    if variant != FIRST:
        remove = RemoveWording(broadcast_id=draft.id, variant=variant)
        whole.append(button(texts("Remove {variant}", variant=variant), remove))
    return [whole, in_languages]


def ask_original(draft: Broadcast, texts: Texts) -> Screen:
    taken = {language for languages in draft.content.wordings.values() for language in languages}
    rows = [
        [
            button(
                (f"{DONE} " if each.value == draft.content.original else "") + LANGUAGES[each],
                SetOriginal(broadcast_id=draft.id, language=each),
            )
        ]
        for each in Language
        if each not in taken
    ]
    said = texts("In which language is it written? Whoever has no words of their own language reads these.")
    return Screen(said, [*rows, [button(texts("Back"), ShowWordings(broadcast_id=draft.id))]])
