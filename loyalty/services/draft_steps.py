"""Steps that the use cases of a draft share, and its operator's too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.broadcasts import (
    BUTTONS_MAX,
    FIRST,
    ORIGINAL,
    VARIANTS,
    Broadcast,
    Content,
    ContentButton,
    Reach,
)
from loyalty.errors import BroadcastRefused, NotFound
from loyalty.members import Language, Member
from loyalty.merchants import Right
from loyalty.ports import UnitOfWork
from loyalty.services.staff import check_right


@dataclass(frozen=True, slots=True)
class Card:
    """A draft and whom it would reach now."""

    draft: Broadcast
    reach: Reach


def found(broadcast: Broadcast | None, *, is_deleted_too: bool = False) -> Broadcast:
    if broadcast is None or (broadcast.is_deleted and not is_deleted_too):
        raise NotFound("broadcast")
    return broadcast


def reach(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Reach:
    return uow.recipients.reach(broadcast.merchant_id, broadcast.content.topic, broadcast.segment, at)


def reaches_anyone(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> bool:
    return uow.recipients.is_anyone(broadcast.merchant_id, broadcast.content.topic, broadcast.segment, at)


def led(uow: UnitOfWork, member: Member, broadcast: Broadcast | None, *, is_deleted_too: bool = False) -> Broadcast:
    """A broadcast of a shop for which the member speaks."""
    known = found(broadcast, is_deleted_too=is_deleted_too)
    check_right(uow, member.id, known.merchant_id, Right.BROADCAST)
    return known


def draft_of(uow: UnitOfWork, member: Member, broadcast: Broadcast | None) -> Broadcast:
    known = led(uow, member, broadcast)
    if not known.is_draft:
        raise BroadcastRefused("not_draft")
    return known


def check_place(content: Content, variant: str, language: str) -> None:
    """Raises BroadcastRefused for a wording that has no place: a translation of nothing, or into what it is in."""
    if variant not in VARIANTS or (language != ORIGINAL and language not in set(Language)):
        raise BroadcastRefused("no_wording")
    if language != ORIGINAL and variant not in content.wordings:
        raise BroadcastRefused("no_wording")
    if language == content.original != ORIGINAL:
        raise BroadcastRefused("language_taken")
    if variant != FIRST and not content.text:
        raise BroadcastRefused("empty")


def button_at(content: Content, place: int) -> ContentButton:
    if place >= len(content.buttons):
        raise NotFound("button", place)
    return content.buttons[place]


def with_button(content: Content, place: int, button: ContentButton) -> Content:
    """At a place that is taken, or the first one after them."""
    if place >= BUTTONS_MAX:
        raise BroadcastRefused("buttons", {"most": BUTTONS_MAX})
    buttons = list(content.buttons)
    buttons[place : place + 1] = [button]
    return replace(content, buttons=tuple(buttons))
