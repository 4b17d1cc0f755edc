"""Changing a segment part by part: what it means then, reckoned for every way in which its conditions can hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import segment_edits as edits
from loyalty.errors import InvalidSegment, NotFound
from loyalty.segments import (
    CONDITIONS_MAX,
    EVERYBODY,
    All,
    AnyOf,
    Bought,
    Condition,
    IsCustomer,
    Not,
    Segment,
    conditions,
    fingerprint,
)

A, B, C, D = (Bought(days) for days in (1, 2, 3, 4))
NEW = IsCustomer()
LETTERS = (A, B, C, D, NEW)
Truths = dict[Condition, bool]


def worlds() -> Iterator[Truths]:
    for truths in product((False, True), repeat=len(LETTERS)):
        yield dict(zip(LETTERS, truths, strict=True))


def holds(segment: Segment, truths: Truths) -> bool:
    match segment:
        case All(parts):
            return all(holds(part, truths) for part in parts)
        case AnyOf(parts):
            return any(holds(part, truths) for part in parts)
        case Not(part):
            return not holds(part, truths)
        case _:
            return truths[segment]


def means_the_same(one: Segment, other: Segment) -> bool:
    return all(holds(one, truths) == holds(other, truths) for truths in worlds())


def paths(segment: Segment, path: str = "") -> Iterator[str]:
    inner = edits.core(segment)
    if isinstance(inner, All | AnyOf):
        for place, part in enumerate(inner.parts):
            yield path + edits.PLACES[place]
            yield from paths(part, path + edits.PLACES[place])


def groups(depth: int) -> st.SearchStrategy[Segment]:
    """Any, tidy or not, at most so many groups deep."""
    letter: st.SearchStrategy[Segment] = st.sampled_from((A, B, C, D))
    inner = letter if depth == 1 else letter | groups(depth - 1)
    parts = st.lists(inner | inner.map(Not), min_size=1, max_size=3).map(tuple)
    return parts.map(All) | parts.map(AnyOf)


def is_tidy(segment: Segment, *, is_root: bool = True) -> bool:
    match segment:
        case Not(Not()):
            return False
        case Not(part):
            return is_tidy(part, is_root=False)
        case All(parts) | AnyOf(parts):
            return (is_root or len(parts) > 1) and all(
                not isinstance(part, type(segment)) and is_tidy(part, is_root=False) for part in parts
            )
        case _:
            return True


@given(groups(2))
def test_tidying_changes_no_meaning(segment: Segment) -> None:
    tidied = edits.tidy(segment)
    assert means_the_same(tidied, segment)
    assert edits.tidy(tidied) == tidied
    assert is_tidy(tidied)


@given(groups(2), st.data())
def test_each_edit_means_what_it_says_of_the_part(segment: Segment, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(paths(segment))))
    old = edits.part(segment, path)
    parent = edits.core(edits.part(segment, path[:-1]))
    either = AnyOf if isinstance(parent, All) else All

    def with_part(new: Segment | None) -> Segment:
        return _with(segment, path, new)

    for edited, expected in (
        (edits.replace(segment, path, NEW), with_part(NEW)),
        (edits.negate(segment, path), with_part(Not(old))),
        (edits.join(segment, path, NEW), with_part(either((old, NEW)))),
        (edits.move_up(segment, path), segment),
        (edits.remove(segment, path), with_part(None)),
    ):
        assert means_the_same(edited, expected)
        assert isinstance(edited, All | AnyOf)
        assert is_tidy(edited)


def _with(segment: Segment, path: str, new: Segment | None) -> Segment:
    """Another way to put a part in its place, or to leave it out with the groups that are empty then."""

    def rebuilt(node: Segment, path: str) -> Segment | None:
        if not path:
            return new
        match node:
            case Not(inner):
                inside = rebuilt(inner, path)
                return None if inside is None else Not(inside)
            case All(parts) | AnyOf(parts):
                place = edits.PLACES.index(path[0])
                kept = [
                    part
                    for number, one in enumerate(parts)
                    if (part := rebuilt(one, path[1:]) if number == place else one) is not None
                ]
                return type(node)(tuple(kept)) if kept else None
        raise AssertionError(node)

    return rebuilt(segment, path) or EVERYBODY


@given(groups(2))
def test_adding_and_turning(segment: Segment) -> None:
    root = edits.rooted(segment)
    assert means_the_same(edits.add(segment, "", NEW), type(root)((*root.parts, NEW)))
    other = AnyOf if isinstance(root, All) else All
    assert means_the_same(edits.turn(segment, ""), other(root.parts))


@given(groups(2), groups(2))
def test_a_fingerprint_is_that_of_one_segment(one: Segment, other: Segment) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_groups_come_and_go_as_they_are_needed() -> None:
    segment = edits.add(EVERYBODY, "", A)
    assert segment == All((A,))
    segment = edits.put(segment, "j0", B)
    assert segment == All((AnyOf((A, B)),))
    segment = edits.put(segment, "j0", C)  # the group itself, or C
    assert segment == All((AnyOf((A, B, C)),))
    segment = edits.put(segment, "a", D)
    assert segment == All((AnyOf((A, B, C)), D))
    segment = edits.put(segment, "r00", NEW)
    segment = edits.remove(edits.remove(segment, "01"), "01")
    assert segment == All((NEW, D))
    assert edits.remove(edits.remove(segment, "0"), "0") == EVERYBODY


def test_a_ready_made_pair_goes_into_the_group_it_is_put_into() -> None:
    pair = All((A, Not(B)))
    assert edits.add(All((C,)), "", pair) == All((C, A, Not(B)))
    assert edits.add(AnyOf((C,)), "", pair) == AnyOf((C, pair))


def test_a_whole_that_needs_any_one_stays_so_with_one_part_left() -> None:
    segment = edits.turn(All((A, B)), "")
    assert edits.add(edits.remove(segment, "1"), "", C) == AnyOf((A, C))


def test_a_negated_group_keeps_its_paths() -> None:
    segment = All((Not(AnyOf((A, B))),))
    assert edits.part(segment, "01") == B
    assert edits.add(segment, "0", C) == All((Not(AnyOf((A, B, C))),))
    assert edits.negate(segment, "0") == All((AnyOf((A, B)),))
    assert edits.turn(segment, "0") == All((Not(All((A, B))),))
    assert edits.remove(segment, "01") == All((Not(A),))


def test_what_stood_alone_can_be_changed_too() -> None:
    """Kept ones may be a condition without a group."""
    assert edits.part(A, "0") == A
    assert edits.add(A, "", B) == All((A, B))
    assert edits.remove(Not(A), "0") == EVERYBODY


@pytest.mark.parametrize("path", ["1", "00", "0z", "!"])
def test_what_is_not_there_cannot_be_changed(path: str) -> None:
    for edit in (edits.negate, edits.remove, edits.move_up, edits.turn, edits.part):
        with pytest.raises(NotFound):
            edit(All((A,)), path)
    for put in (edits.add, edits.replace, edits.join):
        with pytest.raises(NotFound):
            put(All((A,)), path, NEW)


def test_no_edit_leads_beyond_what_fits() -> None:
    full = All(tuple(Bought(days) for days in range(1, CONDITIONS_MAX + 1)))
    with pytest.raises(InvalidSegment, match="too_many"):
        edits.add(full, "", NEW)
    with pytest.raises(InvalidSegment, match="too_many"):
        edits.join(full, "0", NEW)
    assert sum(1 for _ in conditions(edits.replace(full, "0", NEW))) == CONDITIONS_MAX
    deep = All((AnyOf((All((AnyOf((A, B)), C)), D)),))
    with pytest.raises(InvalidSegment, match="too_deep"):
        edits.join(deep, "0000", NEW)
