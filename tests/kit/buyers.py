"""People with points in a chat, and groups of theirs."""

from __future__ import annotations

from tests.kit.chat import Chat, Person


async def buyers(chat: Chat, *names: str, points: int = 500, language: str = "en") -> list[Person]:
    """Members who have that many points, and have read what was sent to them so far."""
    found = chat.members(*names, language=language)
    for person in found:
        await person.says("/start")
        if points:
            await person.earns(points)
    await chat.courier.delivers()
    return found


async def group_of(chat: Chat, deal_id: int, first: Person, *others: Person) -> int:
    """An open group that `first` leads; answers its id. What was sent about it is read."""
    nonce = f"{len(chat.messages(first.id)):08}"
    seen = await chat.run(chat.club.group_buys.open, await first.member(), deal_id, nonce)
    for person in others:
        await chat.run(chat.club.group_buys.join, await person.member(), seen.group.id)
    await chat.courier.delivers()
    return seen.group.id


async def time_is_over(chat: Chat, hours: float = 24) -> None:
    """The groups are closed, and everybody has heard of it."""
    chat.clock.advance(hours=hours)
    for _ in range(2):
        await chat.timetable.works("close due groups")
    await chat.courier.delivers()
