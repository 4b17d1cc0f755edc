"""The buttons under a message, and where they lead."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import (
    AskAddress,
    AskLabel,
    LeadTo,
    PickTarget,
    RemoveLink,
    ShowLink,
    ShowLinks,
)
from handlers.broadcasts.card_screens import back
from handlers.paging import first_and_more
from handlers.screens import Row, Screen, button, shortened
from locales.texts import LANGUAGES, Texts
from loyalty.broadcasts import BUTTONS_MAX, LABEL_MAX, ORIGINAL, Broadcast, Leads, Target
from loyalty.members import Language


def links(draft: Broadcast, texts: Texts) -> Screen:
    buttons = draft.content.buttons
    lines: list[str] = [
        texts("<b>Buttons under the message</b>"),
        texts("Up to {most}. Each tap on one is counted, and the report says which were tapped.", most=BUTTONS_MAX),
    ]
    rows: list[Row] = [
        [button(labels.on_button(labels.label(each, texts.language)), ShowLink(broadcast_id=draft.id, place=place))]
        for place, each in enumerate(buttons)
    ]
    free = len(buttons)
    if free < BUTTONS_MAX:
        lines += ["", texts("Where shall the next one lead?")]
        to = {"broadcast_id": draft.id, "place": free}
        rows += [
            [
                button(texts("A link"), AskAddress(**to)),
                button(texts("A reward"), PickTarget(**to, leads=Leads.REWARD)),
            ],
            [
                button(texts("A group buy"), PickTarget(**to, leads=Leads.DEAL)),
                button(texts("An offer"), PickTarget(**to, leads=Leads.OFFER)),
            ],
        ]
    return Screen("\n".join(lines), [*rows, back(draft.id, texts)])


def link(draft: Broadcast, place: int, texts: Texts) -> Screen:
    shown = draft.content.buttons[place]
    lines: list[str] = [f"<b>{escape(shown.label, quote=False)}</b>"]
    lines += [
        f"{LANGUAGES[each]}: {escape(shown.labels[each], quote=False)}" for each in Language if each in shown.labels
    ]
    where = shown.target if shown.leads is Leads.LINK else labels.leads(shown.leads, texts)
    lines += ["", texts("It leads to {where}.", where=where)]
    of_link = {"broadcast_id": draft.id, "place": place}
    in_languages = [
        button(LANGUAGES[each], AskLabel(**of_link, language=each))
        for each in Language
        if each.value != draft.content.original
    ]
    remove = RemoveLink(**of_link, count=len(draft.content.buttons))
    return Screen(
        "\n".join(lines),
        [
            [button(texts("What it says"), AskLabel(**of_link)), button(texts("Remove button"), remove)],
            in_languages,
            [button(texts("All buttons"), ShowLinks(broadcast_id=draft.id))],
            back(draft.id, texts),
        ],
    )


def targets(
    draft: Broadcast, place: int, leads: Leads, page: Sequence[Target], after: int, more_after: int | None, texts: Texts
) -> Screen:
    of_link = {"broadcast_id": draft.id, "place": place, "leads": leads}
    rows: list[Row] = [
        [
            button(
                labels.on_button(shortened(each.names.get(texts.language, each.name))),
                LeadTo(**of_link, target=each.id),
            )
        ]
        for each in page
    ]
    said = {
        Leads.REWARD: texts("To which of your rewards?"),
        Leads.DEAL: texts("To which of your group buys?"),
        Leads.OFFER: texts("To which of your offers?"),
    }[leads]
    nothing = {
        Leads.REWARD: texts("Your shop has no reward that members can see. Publish one first."),
        Leads.DEAL: texts("Your shop has no group buy that members can see. Publish one first."),
        Leads.OFFER: texts("Your shop has no offer that is running or coming."),
    }[leads]
    paging = first_and_more(
        PickTarget(**of_link) if after else None,
        None if more_after is None else PickTarget(**of_link, after=more_after),
        texts,
    )
    ways = [button(texts("Back"), ShowLinks(broadcast_id=draft.id))]
    return Screen(said if page or after else nothing, [*rows, paging, ways])


def ask_address(draft_id: int, texts: Texts, complaint: str = "") -> Screen:
    asked = texts(
        "Where shall it lead? Type or paste the whole address, like {example}.", example="https://example.com"
    )
    return Screen(asked, [[button(texts("Cancel"), ShowLinks(broadcast_id=draft_id))]]).below(complaint)


def ask_label(draft: Broadcast, place: int, language: str, texts: Texts, complaint: str = "") -> Screen:
    shown = draft.content.buttons[place]
    if language == ORIGINAL:
        asked = texts(
            "What shall the button say? Up to {most} characters. Words in other languages are typed anew after that.",
            most=LABEL_MAX,
        )
    else:
        asked = texts(
            "What shall the button say in {language}? Up to {most} characters.",
            language=LANGUAGES[language],
            most=LABEL_MAX,
        )
    said = f"{asked}\n\n“{escape(labels.label(shown, language), quote=False)}”"
    leave = ShowLink(broadcast_id=draft.id, place=place)
    return Screen(said, [[button(texts("Cancel"), leave)]]).below(complaint)
