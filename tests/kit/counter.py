"""People at a shop, for conversations: those who work there, those who come with points."""

from __future__ import annotations

from loyalty.merchants import Role
from tests.kit.chat import Chat, Person
from tests.kit.shops import appoint


async def staff(chat: Chat, shop: int, name: str = "Olive", role: Role = Role.OWNER, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    appoint(chat.app.units, shop, await person.member(), role)
    return person


async def comes_with(chat: Chat, name: str, points: int) -> Person:
    person = chat.member(name)
    await person.says("/start")
    await person.earns(points)
    return person
