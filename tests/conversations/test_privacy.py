"""The privacy page says what is so: it is compared with the tables, with what the till's screens are handed, and with
what a cashier gets to read."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterator
from types import ModuleType

import pytest

from bot.intake import KEPT
from handlers.merchant import screens as counter
from handlers.privacy import facts
from handlers.privacy.callbacks import PrivacyTopic
from handlers.privacy.facts import NOT_OF_CUSTOMERS, TABLES, TILL_SHOWS, Kept, Seen
from handlers.privacy.screens import MESSAGES_KEPT_HOURS, on, privacy
from handlers.till import return_screens
from handlers.till import screens as till
from locales import texts_for
from locales.texts import LANGUAGES
from loyalty.earning import EarnRule
from loyalty.merchants import Role
from loyalty.programme import Programme
from storage.schema import metadata
from tests.kit.chat import Chat, labels, said
from tests.kit.counter import staff
from tests.kit.shops import add_merchant, add_reward

PLAIN = {"updates", "forms"}  # they know people by their chats, without referring to members


def about_members() -> set[str]:
    """Every table from which references lead to a member, in however many steps."""
    found = {"members"}
    while more := {
        table.name
        for table in metadata.sorted_tables
        if table.name not in found
        and any(key.column.table.name in found for column in table.columns for key in column.foreign_keys)
    }:
        found |= more
    return found


def handed(module: ModuleType) -> Iterator[type]:
    """The dataclasses that a module's screens are handed, and those within them."""
    waiting = [
        kind
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        for hint in typing.get_type_hints(function).values()
        for kind in _within(hint)
    ]
    known: set[type] = set()
    while waiting:
        kind = waiting.pop()
        if kind in known or kind.__name__ in NOT_OF_CUSTOMERS:
            continue
        known.add(kind)
        yield kind
        for hint in typing.get_type_hints(kind).values():
            waiting += _within(hint)


def _within(hint: object) -> list[type]:
    found: list[type] = [hint] if isinstance(hint, type) and dataclasses.is_dataclass(hint) else []
    for part in typing.get_args(hint):
        found += _within(part)
    return found


def test_each_table_about_members_has_its_line_on_the_page() -> None:
    assert set(TABLES) == about_members() | PLAIN
    assert {fact for kept in TABLES.values() for fact in kept} == set(Kept)


def test_whatever_the_till_is_handed_is_named_on_the_page_or_not_shown() -> None:
    kinds = {kind for module in (till, return_screens, counter) for kind in handed(module)}
    now = {kind.__name__: {field.name for field in dataclasses.fields(kind)} for kind in kinds}
    assert now == {name: set(fields) for name, fields in TILL_SHOWS.items()}
    assert {fact for fields in TILL_SHOWS.values() for fact in fields.values() if fact is not None} == set(Seen)


def test_what_is_typed_is_kept_as_long_as_the_page_says() -> None:
    assert KEPT.total_seconds() == MESSAGES_KEPT_HOURS * 3600


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_line_stands_on_the_page_in_every_language(language: str) -> None:
    texts, programme = texts_for(language), Programme(has_transfers=True)
    kept, seen = on(PrivacyTopic.KEPT, programme, texts).text, on(PrivacyTopic.SEEN, programme, texts).text
    assert all(facts.kept(fact, texts) in kept for fact in Kept)
    assert all(facts.seen(fact, texts) in seen for fact in Seen)
    for topic in PrivacyTopic:
        page = on(topic, programme, texts)
        assert len(page.text) <= 2500, "nobody reads more than that in a chat"
        assert len(page.rows) >= 3
    assert len(privacy(programme, texts).text) <= 500


async def test_the_page_leads_through_its_topics(chat: Chat) -> None:
    ana = chat.member("Ana")
    page = await ana.says("/privacy")
    assert labels(page)[:4] == ["What we keep", "Who sees what", "How long", "Your rights"]
    for topic, words in (
        ("What we keep", "Your purchases: shop, time, amount"),
        ("Who sees what", "Which of its own rewards your points are enough for"),
        ("How long", "What you type and tap here: 48 hours"),
        ("Your rights", "there is no button for it here"),
    ):
        await ana.taps(topic)
        ana.sees(words)
    await ana.taps("Privacy")
    ana.sees("What Perkchat keeps about you")
    await ana.says("/privacy rights")
    ana.sees("Your rights")
    await ana.says("/privacy nonsense")
    ana.sees("What Perkchat keeps about you")


async def test_a_cashier_reads_no_more_than_the_page_says(chat: Chat) -> None:
    shop, elsewhere = add_merchant(chat.app.units, "Harbour Coffee"), add_merchant(chat.app.units, "Red Door")
    await chat.run(chat.club.purchases.set_rule, shop, EarnRule())
    cato, ana = await staff(chat, shop, "Cato", Role.CASHIER), chat.member("Ana Lopez")
    await ana.says("/start")
    await ana.earns(1234)
    member = await ana.member()
    await chat.run(chat.club.cards.set_phone, member, "+49170123456789", is_own=True)
    for merchant, name in ((shop, "Flat white"), (elsewhere, "Noodles")):
        reward = add_reward(chat.app.units, merchant, name)
        await chat.run(chat.club.rewards.redeem, member, reward, "ABCD2345")
    add_reward(chat.app.units, elsewhere, "Dumplings")
    read = [await cato.says("/till"), await cato.says("6789"), await cato.says("12.50 #A-1 beans")]
    read.append(await cato.taps("Confirm"))
    await cato.says("/till")
    read += [await cato.taps("Purchases and refunds"), await cato.taps("1. Ana")]
    whole = "\n".join(f"{said(message)} {labels(message)}" for message in read)
    assert "Ana" in whole
    assert "Flat white" in whole
    for secret in (
        "Lopez",
        "0170",
        "170123",
        "1,234",
        "1,074",
        "1,087",
        "Noodles",
        "Dumplings",
        "Red Door",
        member.code,
    ):
        assert secret not in whole, f"{secret} is shown:\n{whole}"
