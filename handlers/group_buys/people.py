"""Who is in a group, as others may know it: first names of those who agreed, and how many the others are."""

from __future__ import annotations

from handlers.screens import shortened
from locales.texts import Texts
from loyalty.group_buys import Group

NAMES_MAX = 12
NAME_MAX = 20
SOMEBODY = "👤"


def names(texts: Texts, group: Group) -> str:
    """ "Ana ⭐, Bo and 2 more": the organiser is marked. "3 people are in" where nobody's name is shown."""
    shown = [
        texts.person(first_name(seat.name)) + (" ⭐" if seat.member_id == group.organiser_id else "")
        for seat in group.seats
        if seat.is_shown
    ][:NAMES_MAX]
    rest = len(group.seats) - len(shown)
    if not shown:
        return texts.plural("{n} person is in", "{n} people are in", rest)
    named = texts.listed(shown)
    return texts("{names} and {n} more", names=named, n=rest) if rest else named


def leader(group: Group, texts: Texts) -> str:
    """The organiser's first name on a button; a figure where it is not to be shown."""
    return next(
        (
            texts.person(first_name(seat.name))
            for seat in group.seats
            if seat.member_id == group.organiser_id and seat.is_shown
        ),
        SOMEBODY,
    )


def first_name(name: str) -> str:
    return shortened(name, NAME_MAX)
