"""The lists that a shop keeps."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.screens import Row, Screen, button, shortened
from handlers.segments.callbacks import (
    AskName,
    DeleteList,
    Overwrite,
    RestoreList,
    ShowList,
    ShowLists,
    ShowSegment,
    StartFrom,
)
from handlers.segments.screens import back
from handlers.segments.sentences import sentence
from locales.texts import Texts
from loyalty.segments import LIST_NAME_MAX, SavedList, is_everybody
from loyalty.services.segments import ListCard, Seen

LISTS_A_PAGE = 8


def lists(seen: Seen, kept: Sequence[SavedList], page: int, texts: Texts) -> Screen:
    of_draft = {"broadcast_id": seen.draft.id}
    last = max(0, (len(kept) - 1) // LISTS_A_PAGE)
    page = min(page, last)
    rows: list[Row] = [
        [button(shortened(one.name), ShowList(**of_draft, segment_id=one.id))]
        for one in kept[page * LISTS_A_PAGE : (page + 1) * LISTS_A_PAGE]
    ]
    ways = []
    if page:
        ways.append(button(texts("« Previous"), ShowLists(**of_draft, page=page - 1)))
    if page < last:
        ways.append(button(texts("More »"), ShowLists(**of_draft, page=page + 1)))
    keeping = []
    if not is_everybody(seen.segment):
        keeping.append(button(texts("Keep as a list"), AskName(**of_draft, mark=seen.mark)))
    text = (
        texts("Your lists. Tap one to see whom it means.")
        if kept
        else texts("You keep no lists yet. Choose whom you mean, then keep that under a name for the next time.")
    )
    return Screen(text, [*rows, ways, keeping, [back(seen, texts)]])


def one_list(shown: ListCard, currency: str, texts: Texts) -> Screen:
    seen, saved = shown.seen, shown.saved
    of_list = {"broadcast_id": seen.draft.id, "segment_id": saved.id}
    lines: list[str] = [
        texts("<b>{name}</b>", name=saved.name),
        sentence(saved.segment, currency, texts, seen.named),
        "",
        texts.plural(
            "<b>{meant}</b> of {n} person who said yes and can be reached.",
            "<b>{meant}</b> of {n} people who said yes and can be reached.",
            shown.counted.agreed,
            meant=shown.counted.meant,
        ),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Write to these"), StartFrom(**of_list, mark=seen.mark))],
            [
                button(texts("Rename"), AskName(**of_list, mark=seen.mark)),
                button(texts("Delete list"), DeleteList(**of_list)),
            ],
            [
                button(texts("Our lists"), ShowLists(broadcast_id=seen.draft.id)),
                button(texts("« Back"), ShowSegment(broadcast_id=seen.draft.id)),
            ],
        ],
    )


def deleted(seen: Seen, saved: SavedList, texts: Texts) -> Screen:
    return Screen(
        texts("The list {name} is deleted. What mentions it goes on meaning the same people.", name=saved.name),
        [
            [button(texts("Undo"), RestoreList(broadcast_id=seen.draft.id, segment_id=saved.id))],
            [
                button(texts("Our lists"), ShowLists(broadcast_id=seen.draft.id)),
                button(texts("« Back"), ShowSegment(broadcast_id=seen.draft.id)),
            ],
        ],
    )


def ask_name(broadcast_id: int, texts: Texts, *, called: str = "", complaint: str = "") -> Screen:
    asked = (
        texts("What shall the list {name} be called now? Up to {most} characters.", name=called, most=LIST_NAME_MAX)
        if called
        else texts("Under which name shall I keep this? Up to {most} characters.", most=LIST_NAME_MAX)
    )
    return Screen(asked, [[button(texts("Cancel"), ShowSegment(broadcast_id=broadcast_id))]]).below(complaint)


def ask_overwrite(broadcast_id: int, mark: str, segment_id: int, name: str, texts: Texts) -> Screen:
    return Screen(
        texts(
            "You keep a list as {name} already. Shall it mean these people from now on? What mentions it will, too. "
            "Or type another name.",
            name=name,
        ),
        [
            [button(texts("Yes, replace it"), Overwrite(broadcast_id=broadcast_id, mark=mark, segment_id=segment_id))],
            [button(texts("Cancel"), ShowSegment(broadcast_id=broadcast_id))],
        ],
    )
