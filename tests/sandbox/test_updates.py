"""The queue: handed out until confirmed, in order, for a day."""

from sandbox import Telegram
from sandbox.model import Json, Person


def said(telegram: Telegram, **params: object) -> list[str]:
    updates: list[Json] = telegram.call("getUpdates", params)
    return [update["message"]["text"] for update in updates]


def test_redelivery_until_an_offset_confirms(telegram: Telegram, ana: Person) -> None:
    first = telegram.updates.summary()["confirmed"]
    for text in ("one", "two", "three"):
        telegram.people.say(ana.id, text)
    assert said(telegram, limit=2) == ["one", "two"]
    assert said(telegram) == ["one", "two", "three"]
    ids = telegram.updates.summary(with_ids=True)["ids"]
    assert len(ids["redelivered"]) == 2
    assert said(telegram, offset=ids["pending"][1]) == ["two", "three"]
    assert said(telegram, offset=ids["pending"][2] + 1) == []
    summary = telegram.updates.summary()
    assert (summary["confirmed"] - first, summary["pending"]) == (3, 0)


def test_a_negative_offset_forgets_all_but_the_last(telegram: Telegram, ana: Person) -> None:
    for text in ("one", "two", "three"):
        telegram.people.say(ana.id, text)
    assert said(telegram, offset=-2) == ["two", "three"]
    assert said(telegram) == ["two", "three"]
    assert said(telegram, offset=-100) == ["two", "three"]


def test_updates_are_forgotten_after_a_day(telegram: Telegram, ana: Person) -> None:
    telegram.people.say(ana.id, "old")
    telegram.advance(24 * 3600 - 1)
    telegram.people.say(ana.id, "new")
    assert said(telegram) == ["old", "new"]
    telegram.advance(2)
    assert said(telegram) == ["new"]


def test_allowed_updates_hold_from_now_on(telegram: Telegram, ana: Person) -> None:
    telegram.people.say(ana.id, "before")
    telegram.call("getUpdates", {"allowed_updates": ["callback_query"], "limit": 1})
    telegram.people.say(ana.id, "unwanted")
    assert said(telegram) == ["before"]
    telegram.call("getUpdates", {"allowed_updates": []})
    telegram.people.say(ana.id, "wanted")
    assert said(telegram) == ["before", "wanted"]


def test_membership_of_others_only_on_demand(telegram: Telegram, ana: Person) -> None:
    group = telegram.groups.create("Friends", [ana.id])
    telegram.groups.set_status(group.id, 42, "administrator")
    bo, cy = telegram.people.add_person("Bo"), telegram.people.add_person("Cy")
    telegram.groups.add(group.id, bo.id)
    telegram.call("getUpdates", {"allowed_updates": ["chat_member"], "offset": -1})
    telegram.groups.add(group.id, cy.id)
    (*_, last) = telegram.call("getUpdates")
    assert last["chat_member"]["new_chat_member"]["user"]["id"] == cy.id


def test_events_can_be_replayed(telegram: Telegram, ana: Person) -> None:
    seq = telegram.events.seq
    telegram.people.say(ana.id, "one")
    telegram.people.say(ana.id, "two")
    after = telegram.events.after(seq)
    assert [event["message"]["text"] for event in after] == ["one", "two"]
    assert [event["seq"] for event in after] == [seq + 1, seq + 2]
    assert telegram.events.after(seq + 2) == []
