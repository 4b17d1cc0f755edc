"""Changing a segment, a part at a time. Each answers with another segment; what it leaves is tidy: no group of one, no
group within a group of its own kind, nothing negated twice.

A part is named by its path: a sign for its place in the whole, another for its place in that group, and so on; "" is
the whole. A part that is negated has the path of what it negates.
"""

from __future__ import annotations

from collections.abc import Callable

from loyalty.errors import NotFound
from loyalty.segments import EVERYBODY, All, AnyOf, Not, Segment, check

PLACES = "0123456789abcdefghijklmnopqrstuvwxyz"

Parts = tuple[Segment, ...]


def rooted(segment: Segment) -> All | AnyOf:
    """The same as a group, which is what parts are put into."""
    return segment if isinstance(segment, All | AnyOf) else All((segment,))


def core(segment: Segment) -> Segment:
    """What is negated, where something is."""
    while isinstance(segment, Not):
        segment = segment.part
    return segment


def part(segment: Segment, path: str) -> Segment:
    """Raises NotFound."""
    found: Segment = rooted(segment)
    for place in path:
        found = _parts(found, path)[_place(found, place, path)]
    return found


def add(segment: Segment, path: str, new: Segment) -> Segment:
    """One more part of a group. Raises NotFound, InvalidSegment."""

    def with_one_more(group: Segment) -> Parts:
        match group:
            case Not(inner):
                return tuple(_not(one) for one in with_one_more(inner))
            case All(parts):
                return (All((*parts, new)),)
            case AnyOf(parts):
                return (AnyOf((*parts, new)),)
            case _:
                raise NotFound("condition", path)

    return _edited(segment, path, with_one_more)


def join(segment: Segment, path: str, new: Segment) -> Segment:
    """Instead of a part, it or the new one; within an any-of, it and the new one. Raises NotFound, InvalidSegment."""
    other = AnyOf if isinstance(core(part(segment, path[:-1])), All) else All
    return _edited(segment, path, lambda old: (other((old, new)),))


def replace(segment: Segment, path: str, new: Segment) -> Segment:
    """Raises NotFound, InvalidSegment."""
    return _edited(segment, path, lambda old: (new,))


def negate(segment: Segment, path: str) -> Segment:
    """Who was meant by this part is not, and the other way round. Raises NotFound, InvalidSegment."""
    return _edited(segment, path, lambda old: (_not(old),))


def remove(segment: Segment, path: str) -> Segment:
    """Without the last part it is everybody. Raises NotFound."""
    return _edited(segment, path, lambda old: ())


def move_up(segment: Segment, path: str) -> Segment:
    """One place further to the front of its group; the first stays. Raises NotFound."""
    part(segment, path)

    def swapped(group: Segment) -> Parts:
        if isinstance(group, Not):
            return tuple(_not(one) for one in swapped(group.part))
        assert isinstance(group, All | AnyOf), "it has parts"
        place = _place(group, path[-1], path)
        parts = list(group.parts)
        parts.insert(max(0, place - 1), parts.pop(place))
        return (type(group)(tuple(parts)),)

    return _edited(segment, path[:-1], swapped) if path else segment


def turn(segment: Segment, path: str) -> Segment:
    """All of a group becomes any of it, and the other way round. Raises NotFound, InvalidSegment."""

    def turned(group: Segment) -> Parts:
        match group:
            case Not(inner):
                return tuple(_not(one) for one in turned(inner))
            case All(parts):
                return (AnyOf(parts),)
            case AnyOf(parts):
                return (All(parts),)
            case _:
                raise NotFound("condition", path)

    return _edited(segment, path, turned)


def put(segment: Segment, where: str, new: Segment) -> Segment:
    """`where` is how and a path: "a" adds to a group, "j" joins with a part, "r" replaces one.

    Raises NotFound, InvalidSegment.
    """
    how, path = where[:1], where[1:]
    return {"a": add, "j": join, "r": replace}[how](segment, path, new)


def tidy(segment: Segment) -> Segment:
    """The same in as few groups."""
    match segment:
        case Not(inner):
            return _not(tidy(inner))
        case All() | AnyOf():
            group = _flat(segment)
            return group.parts[0] if len(group.parts) == 1 else group
        case _:
            return segment


def _flat(group: All | AnyOf) -> All | AnyOf:
    parts: list[Segment] = []
    for one in map(tidy, group.parts):
        parts += one.parts if isinstance(one, All | AnyOf) and type(one) is type(group) else (one,)
    return type(group)(tuple(parts))


def _edited(segment: Segment, path: str, change: Callable[[Segment], Parts]) -> Segment:
    """The whole stays the kind of group that was chosen, even with one part or none: the next one goes into it."""
    root = rooted(segment)
    left = _at(root, path, change, path)
    return check(_flat(rooted(left[0]))) if left else EVERYBODY


def _at(node: Segment, path: str, change: Callable[[Segment], Parts], whole: str) -> Parts:
    if not path:
        return change(node)
    match node:
        case Not(inner):
            return tuple(_not(one) for one in _at(inner, path, change, whole))
        case All(parts) | AnyOf(parts):
            place = _place(node, path[0], whole)
            changed = (*parts[:place], *_at(parts[place], path[1:], change, whole), *parts[place + 1 :])
            return (type(node)(changed),) if changed else ()
        case _:
            raise NotFound("condition", whole)


def _parts(node: Segment, path: str) -> Parts:
    inner = core(node)
    if not isinstance(inner, All | AnyOf):
        raise NotFound("condition", path)
    return inner.parts


def _place(node: Segment, sign: str, path: str) -> int:
    place = PLACES.find(sign)
    if not 0 <= place < len(_parts(node, path)):
        raise NotFound("condition", path)
    return place


def _not(segment: Segment) -> Segment:
    return segment.part if isinstance(segment, Not) else Not(segment)
