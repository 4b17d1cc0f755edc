"""A draft's segment: the sentence, how many it means, and its parts as buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handlers import names
from handlers.broadcasts.callbacks import ShowDraft
from handlers.screens import Button, Row, Screen, button, plain, shortened
from handlers.segments.callbacks import (
    AskName,
    ChooseSort,
    ChooseValue,
    Edit,
    EditPart,
    ShowLists,
    ShowPart,
    ShowSamples,
    ShowSegment,
)
from handlers.segments.sentences import phrase, sentence
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.segment_choices import Sort, choice_of
from loyalty.segment_edits import PLACES, core, part
from loyalty.segments import All, AnyOf, Glimpse, Not, Segment, is_everybody
from loyalty.services.segments import Seen, SegmentCard

LABEL_MAX = 44


def card(shown: SegmentCard, currency: str, texts: Texts) -> Screen:
    seen = shown.seen
    of_draft = {"broadcast_id": seen.draft.id, "mark": seen.mark}
    rows: list[Row] = [
        [button(shortened(plain(label), LABEL_MAX), ShowPart(**of_draft, path=path))]
        for path, label in _outline(seen, currency, texts)
    ]
    adding = [button(texts("Add a condition"), ChooseSort(**of_draft, where="a"))]
    if len(seen.segment.parts) > 1:
        adding.append(_turn(seen, "", texts))
    ways = []
    if shown.can_undo:
        ways.append(button(texts("Undo"), EditPart(**of_draft, edit=Edit.UNDO)))
    if not is_everybody(seen.segment):
        ways.append(button(texts("Everybody"), EditPart(**of_draft, edit=Edit.CLEAR)))
    keeping = [button(texts("Our lists"), ShowLists(broadcast_id=seen.draft.id))]
    if not is_everybody(seen.segment):
        keeping.append(button(texts("Keep as a list"), AskName(**of_draft)))
    looking = [button(texts("Show ten of them"), ShowSamples(broadcast_id=seen.draft.id))]
    return Screen(
        "\n".join(
            [
                texts("<b>To whom?</b>"),
                sentence(seen.segment, currency, texts, seen.named),
                "",
                *_numbers(shown, currency, texts),
            ]
        ),
        [
            *rows,
            adding,
            looking if shown.counted.meant else [],
            keeping,
            ways,
            [button(texts("« Back to the message"), ShowDraft(broadcast_id=seen.draft.id))],
        ],
    )


def _numbers(shown: SegmentCard, currency: str, texts: Texts) -> list[str]:
    counted = shown.counted
    if not counted.agreed:
        return [texts("Nobody has said yes to this topic yet, so nobody can be meant.")]
    lines: list[str] = [
        texts.plural(
            "<b>{meant}</b> of {n} person who said yes and can be reached.",
            "<b>{meant}</b> of {n} people who said yes and can be reached.",
            counted.agreed,
            meant=counted.meant,
        )
    ]
    if shown.tightest is not None:
        place, without = shown.tightest
        taking = phrase(shown.seen.segment.parts[place], currency, texts, shown.seen.named)
        lines.append(
            texts.plural(
                "Nobody fits. Without “{condition}” it would be {n} person.",
                "Nobody fits. Without “{condition}” it would be {n} people.",
                without,
                condition=taking,
            )
        )
    elif not counted.meant:
        lines.append(texts("Nobody fits. Make a condition wider, or remove one."))
    return lines


def _outline(seen: Seen, currency: str, texts: Texts) -> Iterator[tuple[str, str]]:
    """Each part's path and label, those of a group below it."""

    def below(group: Segment, path: str, number: str) -> Iterator[tuple[str, str]]:
        inner = core(group)
        if not isinstance(inner, All | AnyOf):
            return
        for place, one in enumerate(inner.parts):
            here, label = path + PLACES[place], f"{number}{place + 1}"
            if isinstance(core(one), All | AnyOf):
                yield here, f"{label}. {_kind_of_group(one, texts)}"
                yield from below(one, here, f"{label}.")
            else:
                yield here, f"{label}. {phrase(one, currency, texts, seen.named)}"

    yield from below(seen.segment, "", "")


def _kind_of_group(group: Segment, texts: Texts) -> Markup:
    is_all = isinstance(core(group), All)
    if isinstance(group, Not):
        return texts("Not all of these:") if is_all else texts("None of these:")
    return texts("All of these:") if is_all else texts("Any of these:")


def _turn(seen: Seen, path: str, texts: Texts) -> Button:
    is_all = isinstance(core(part(seen.segment, path)), All)
    label = texts("Any one is enough") if is_all else texts("All must fit")
    return button(label, EditPart(broadcast_id=seen.draft.id, mark=seen.mark, edit=Edit.TURN, path=path))


def back(seen: Seen, texts: Texts) -> Button:
    return button(texts("« Back"), ShowSegment(broadcast_id=seen.draft.id))


def one_part(seen: Seen, path: str, currency: str, texts: Texts) -> Screen:
    """A condition or a group, and what can be done with it. Raises NotFound."""
    node, of_draft = part(seen.segment, path), {"broadcast_id": seen.draft.id, "mark": seen.mark}
    is_within_all = isinstance(core(part(seen.segment, path[:-1])), All)
    choice = choice_of(node)
    if choice is None:
        changing = [button(texts("Add to it"), ChooseSort(**of_draft, where=f"a{path}")), _turn(seen, path, texts)]
    else:
        chosen = {"first": choice.first} if choice.sort in (Sort.TIER, Sort.LANGUAGE, Sort.BIRTHDAY) else {}
        to = ChooseValue(**of_draft, where=f"r{path}", sort=choice.sort, is_not=choice.is_not, **chosen)
        changing = [button(texts("Change"), to)]
    joining = texts("Or …") if is_within_all else texts("And …")
    moving = [button(texts("Remove"), EditPart(**of_draft, edit=Edit.REMOVE, path=path))]
    if path[-1] != PLACES[0]:
        moving.insert(0, button(texts("Move up"), EditPart(**of_draft, edit=Edit.MOVE_UP, path=path)))
    return Screen(
        texts("<b>This condition</b>: people who {condition}", condition=phrase(node, currency, texts, seen.named)),
        [
            changing,
            [
                button(texts("The opposite"), EditPart(**of_draft, edit=Edit.NEGATE, path=path)),
                button(joining, ChooseSort(**of_draft, where=f"j{path}")),
            ],
            moving,
            [back(seen, texts)],
        ],
    )


def sorts(seen: Seen, where: str, texts: Texts) -> Screen:
    of_draft = {"broadcast_id": seen.draft.id, "mark": seen.mark, "where": where}
    choices = [button(sort_name(sort, texts), ChooseValue(**of_draft, sort=sort)) for sort in Sort]
    match where[0]:
        case "j":
            asked = texts("Or what else may it be?")
            if not isinstance(core(part(seen.segment, where[1:-1])), All):
                asked = texts("And what else must fit?")
        case _:
            asked = texts("What shall it be about?")
    rows = [choices[start : start + 2] for start in range(0, len(choices), 2)]
    return Screen(asked, [*rows, [back(seen, texts)]])


def sort_name(sort: Sort, texts: Texts) -> Markup:
    match sort:
        case Sort.TIER:
            return texts("Tier")
        case Sort.POINTS:
            return texts("Points")
        case Sort.CUSTOMER:
            return texts("Customer or not yet")
        case Sort.LAST:
            return texts("Last purchase")
        case Sort.PRODUCT:
            return texts("A product")
        case Sort.PAIR:
            return texts("Bought this, not that")
        case Sort.SPENT:
            return texts("Spend")
        case Sort.REWARDS:
            return texts("Rewards redeemed")
        case Sort.FAVOURITES:
            return texts("Favourites")
        case Sort.TAPPED:
            return texts("Taps on messages")
        case Sort.BIRTHDAY:
            return texts("Birthday")
        case Sort.LANGUAGE:
            return texts("Language")
        case Sort.FRIENDS:
            return texts("Friends")
        case Sort.SAVED:
            return texts("One of our lists")


def samples(seen: Seen, found: Sequence[Glimpse], texts: Texts) -> Screen:
    """Without names: they said yes to messages, not to being looked up."""
    lines = [
        texts(
            "{initial}. · {tier} · {language} · since {month}",
            initial=one.initial,
            tier=names.tier(texts, one.tier),
            language=LANGUAGES[one.language.value],
            month=texts.month(one.joined_at.year, one.joined_at.month),
        )
        for one in found
    ]
    head = texts("Some whom this means, the latest to say yes first. Names stay with the club.")
    text = "\n".join([head, "", *lines]) if lines else texts("Nobody fits. Make a condition wider, or remove one.")
    return Screen(text, [[back(seen, texts)]])
