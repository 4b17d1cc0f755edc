"""The draft: a line for each of its parts, a way to change each, and whom it would reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import (
    AskToSend,
    ChangePicture,
    ChangeText,
    Compose,
    CopyToDraft,
    DeleteDraft,
    History,
    Preview,
    RemovePicture,
    RestoreDraft,
    SetTopic,
    ShowDraft,
    ShowLinks,
    ShowTimes,
    ShowTopics,
    ShowTrial,
    ShowWordings,
)
from handlers.screens import Row, Screen, button
from handlers.segments.callbacks import ShowSegment
from handlers.segments.sentences import short
from handlers.start.callbacks import Home
from locales.texts import LANGUAGES, Texts
from loyalty.broadcasts import BUTTONS_MAX, FIRST, ORIGINAL, TOPICS, Broadcast
from loyalty.merchants import Post
from loyalty.services.draft_steps import Card

DONE, OPEN, TO_DO = "✅", "▫️", "✏️"


def choose_shop(shops: Sequence[Post], texts: Texts) -> Screen:
    rows = [
        [button(texts("{shop}", shop=post.shop(texts.language)), Compose(merchant_id=post.merchant_id))]
        for post in shops
    ]
    return Screen(texts("For which shop do you want to write?"), [*rows, [button(texts("Home"), Home())]])


def card(seen: Card, zone: ZoneInfo, texts: Texts) -> Screen:
    draft = seen.draft
    title = texts("<b>{shop}</b>: a message to the customers", shop=labels.shop(draft.content, texts))
    return Screen(
        "\n".join([title, *_facts(draft, zone, texts), "", labels.reach(seen, texts)]),
        [
            *_parts(draft, texts),
            _sending(seen, texts),
            [
                button(texts("Delete draft"), DeleteDraft(broadcast_id=draft.id)),
                button(texts("Sent before"), History(merchant_id=draft.merchant_id)),
            ],
            [button(texts("Home"), Home())],
        ],
    )


def _facts(draft: Broadcast, zone: ZoneInfo, texts: Texts) -> Iterator[str]:
    content = draft.content
    if content.text:
        yield f"{DONE} {labels.quoted(content.text, texts)}"
        yield from _languages(draft, texts)
    else:
        yield f"{TO_DO} " + texts("There are no words in it yet.")
    yield f"{DONE} " + texts("With a picture") if content.picture_id is not None else f"{OPEN} " + texts("No picture")
    if content.buttons:
        said = " · ".join(labels.label(each, texts.language) for each in content.buttons)
        yield f"{DONE} " + texts("Buttons: {labels}", labels=said)
    else:
        yield f"{OPEN} " + texts("No buttons")
    yield f"{DONE} " + texts("About: {topic}", topic=names.topic_title(texts, content.topic))
    yield f"{DONE} " + texts("When: {when}", when=labels.when(draft.schedule, zone, texts))
    if draft.is_trial:
        method = labels.method(draft.trial.method, texts)
        metric = labels.metric(draft.trial.metric, texts)
        yield f"{DONE} " + texts("Test: {method}, by {metric}", method=method, metric=metric)


def _languages(draft: Broadcast, texts: Texts) -> Iterator[str]:
    """In which languages, and in how many versions, where it is more than one."""
    content = draft.content
    others = [language for language in content.wordings[FIRST] if language != ORIGINAL]
    if others:
        said = texts.listed([labels.language(ORIGINAL, content, texts), *(LANGUAGES[each] for each in sorted(others))])
        yield f"{DONE} " + texts("In {languages}", languages=said)
    if draft.is_trial:
        yield f"{DONE} " + texts("Versions: {variants}", variants=texts.listed(content.variants))


def _parts(draft: Broadcast, texts: Texts) -> list[Row]:
    """A row for each part."""
    content = draft.content
    of_draft = {"broadcast_id": draft.id}
    if not content.text:
        return [
            [button(texts("Type the text"), ChangeText(**of_draft))],
            [button(texts("Add picture"), ChangePicture(**of_draft))],
        ]
    has_picture = content.picture_id is not None
    links = texts("Buttons: {n} of {most}", n=len(content.buttons), most=BUTTONS_MAX)
    return [
        [
            button(texts("Change text"), ChangeText(**of_draft)),
            button(texts("Languages and versions"), ShowWordings(**of_draft)),
        ],
        [
            button(texts("Change picture") if has_picture else texts("Add picture"), ChangePicture(**of_draft)),
            *([button(texts("Remove picture"), RemovePicture(**of_draft))] if has_picture else ()),
        ],
        [
            button(links, ShowLinks(**of_draft)),
            button(texts("About: {topic}", topic=names.topic_title(texts, content.topic)), ShowTopics(**of_draft)),
        ],
        [
            button(texts("When"), ShowTimes(**of_draft)),
            *([button(texts("Test"), ShowTrial(**of_draft))] if draft.is_trial else ()),
        ],
        [button(texts("To whom: {people}", people=short(draft.segment, texts)), ShowSegment(**of_draft))],
    ]


def _sending(seen: Card, texts: Texts) -> Row:
    draft, agreed = seen.draft, seen.reach.agreed
    if not draft.content.text:
        return []
    send = (
        texts.plural("Send to {n} person", "Send to {n} people", agreed)
        if draft.schedule.send_at is None
        else texts.plural("Schedule for {n} person", "Schedule for {n} people", agreed)
    )
    return [button(texts("Preview"), Preview(broadcast_id=draft.id)), button(send, AskToSend(broadcast_id=draft.id))]


def topics(draft: Broadcast, texts: Texts) -> Screen:
    rows = [
        [
            button(
                (f"{DONE} " if topic is draft.content.topic else "") + names.topic_title(texts, topic),
                SetTopic(broadcast_id=draft.id, topic=topic),
            )
        ]
        for topic in TOPICS
    ]
    said = texts("What is it about? It reaches only those who have said yes to that.")
    return Screen(said, [*rows, back(draft.id, texts)])


def deleted(draft: Broadcast, texts: Texts) -> Screen:
    return Screen(
        texts("The draft is gone. Nobody has got it."),
        [
            [button(texts("Undo"), RestoreDraft(broadcast_id=draft.id))],
            [button(texts("New message"), Compose(merchant_id=draft.merchant_id))],
            [button(texts("Sent before"), History(merchant_id=draft.merchant_id)), button(texts("Home"), Home())],
        ],
    )


def other_draft(complaint: str, draft_id: int, texts: Texts, copied_id: int | None = None) -> Screen:
    """Another draft is in the way; it may give way to a copy of `copied_id`."""
    rows: list[Row] = [[button(texts("Show that draft"), ShowDraft(broadcast_id=draft_id))]]
    if copied_id is not None:
        replace = CopyToDraft(broadcast_id=copied_id, replaces=True)
        rows.insert(0, [button(texts("Write over it"), replace)])
    return Screen(complaint, [*rows, [button(texts("Home"), Home())]])


def try_again(draft_id: int, said: str, texts: Texts) -> Screen:
    """What is right, while the form stays open."""
    return Screen(said, [[button(texts("Cancel"), ShowDraft(broadcast_id=draft_id))]])


def leave_form(draft: Broadcast, texts: Texts) -> Row:
    return [
        button(texts("Cancel"), ShowDraft(broadcast_id=draft.id)),
        button(texts("Sent before"), History(merchant_id=draft.merchant_id)),
    ]


def back(draft_id: int, texts: Texts) -> Row:
    return [button(texts("To the draft"), ShowDraft(broadcast_id=draft_id))]
