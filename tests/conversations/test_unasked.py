"""Promises about every message that nobody asked for: the row is under it, and there is one way out of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import handlers
from handlers import footers
from handlers.broadcasts.form_letters import FormLetter
from handlers.links import Links
from handlers.notices import render
from handlers.notifications import screens, words
from handlers.reply import TOAST_MAX
from handlers.screens import plain
from locales.texts import LANGUAGES, Texts, texts_for
from loyalty.broadcasts import Content, Wording
from loyalty.deliveries import Delivery, DeliveryState, Lane
from loyalty.members import Address, Language, Topic
from loyalty.notifications import Less, Unasked
from loyalty.offers import Why
from loyalty.services.notifications import Explained, LessOf

ROOT = Path(handlers.__file__).parent.parent
EN = texts_for("en")
LONG = "Ŵ" * 64
AT = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
OFFER: dict[str, Any] = {
    "title": "Beans",
    "text": "Fresh.",
    "translations": {},
    "merchant": "Bean Bar",
    "merchant_translations": {},
    "points": 80,
    "picture_id": None,
    "reward_id": 1,
    "deal_id": None,
}
FACTS: dict[str, dict[str, Any]] = {
    "offer": OFFER,
    "birthday": {"points": 30},
    "broadcast": {"letter": FormLetter(Content("Bean Bar", {}, {"A": {"": Wording("Come early", 10)}}), EN, None)},
}


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def marketing() -> Iterator[tuple[str, set[str]]]:
    """Kind and named fields of every notice that the code makes in the lane of marketing."""
    for _, module in sources("loyalty"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice":
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                if "lane" in named and "MARKETING" in ast.unparse(named["lane"]):
                    kind = named.get("kind") or node.args[1]
                    assert isinstance(kind, ast.Constant)
                    yield str(kind.value), {name for name in named if name}


def test_every_kind_of_marketing_is_known_here() -> None:
    """Whoever adds one adds its facts, and the next test looks at its row."""
    assert {kind for kind, _ in marketing()} | {"broadcast"} == set(FACTS)


def test_every_notice_of_marketing_names_topic_and_deadline() -> None:
    """Without a topic the contact policy would take it for something that was asked for."""
    for kind, named in marketing():
        assert {"topic", "deadline"} <= named, kind


@pytest.mark.parametrize("kind", FACTS)
def test_every_notice_of_marketing_has_the_row(kind: str) -> None:
    delivery = Delivery(
        id=7,
        member_id=1,
        kind=kind,
        facts=FACTS[kind],
        lane=Lane.MARKETING,
        address=Address("telegram", "1"),
        language=Language.ENGLISH,
        name="Ana",
        timezone="UTC",
        attempts=0,
    )
    keyboard = render(delivery, EN, Links("club")).keyboard
    assert keyboard is not None
    *others, last = keyboard.inline_keyboard
    assert [button.callback_data for button in last] == ["why:7", "less:7", "stop:7"]
    for button in (button for row in others for button in row):
        assert (button.callback_data or "").startswith("go:7:"), f"a tap on {button.text!r} goes unnoticed"


def test_nobody_writes_to_a_chat_around_the_outbox() -> None:
    """Whatever calls Telegram to send is an answer to the one who speaks."""
    sends = {"send_message", "send_photo", "send_document", "send_media_group", "copy_message", "forward_message"}
    found = {
        path
        for path, module in sources("bot", "handlers", "loyalty", "storage")
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in sends
    }
    assert found == {
        "bot/intake.py",  # the apology to whoever spoke
        "bot/middlewares/errors.py",  # the same
        "handlers/group_buys/live.py",  # the greeting of a group that the bot was just taken into
        "handlers/reply.py",  # answers; the courier and the painter send by it, too
    }


def test_nobody_but_the_courier_sends_screens_to_chats_of_its_choice() -> None:
    """`send_screen` takes any chat; the painter's are those where its cards live. In handlers it is given the one that
    somebody speaks in."""
    allowed = {"message.chat.id", "query.from_user.id", "chat_id"}
    for path, module in sources("bot", "handlers"):
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "send_screen":
                continue
            to = ast.unparse(node.args[1])
            assert path in ("bot/courier.py", "bot/painter.py") or to in allowed, f"{path} sends to {to}"


# Words: an alert holds 200 characters, in every language, whatever a shop is called


def unasked(**facts: Any) -> Unasked:
    known: dict[str, Any] = {
        "kind": "broadcast",
        "topic": Topic.OFFERS,
        "is_broadcast": True,
        "shop": LONG,
        "facts": {},
    }
    return Unasked(
        **{"id": 2**40, "state": DeliveryState.SENT, "reason": "agreed", "at": AT, "facts": {}, **known, **facts}
    )


def alerts(texts: Texts) -> Iterator[str]:
    zone = ZoneInfo("UTC")
    reasons = [[why, 1_000_000] for why in Why]
    for topic in Topic:
        for message in (
            unasked(topic=topic),
            unasked(topic=topic, is_broadcast=False, kind="offer", facts={"reasons": reasons}),
            unasked(topic=topic, is_broadcast=False, kind="news", shop=None),
        ):
            yield words.why(Explained(message, AT), zone, texts)
            yield words.why(Explained(message, None), zone, texts)
            for less in Less:
                yield words.done(less, message, texts)
                yield words.undone(less, message, texts)
    yield from (words.only_a_preview(texts), words.nothing_less(texts), screens.asked(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_fits(language: str) -> None:
    said = list(alerts(texts_for(language)))
    assert len(said) > 100
    assert [alert for alert in said if len(plain(alert)) > TOAST_MAX] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weightiest_reason_is_told_where_all_do_not_fit(language: str) -> None:
    texts = texts_for(language)
    offer = unasked(
        kind="offer", is_broadcast=False, facts={"reasons": [[Why.AFFORDABLE, 0], *([[Why.VISITED, 0]] * 5)]}
    )
    assert texts("Your points are enough for it.") in words.why(Explained(offer, AT), ZoneInfo("UTC"), texts)


def test_whom_a_shop_chose_is_its_own_business() -> None:
    told = words.why(Explained(unasked(shop="Bean Bar"), AT), ZoneInfo("UTC"), texts_for("en"))
    assert told == (
        "This is from Bean Bar. You said yes to offers on 30 Sept 2026. Among all who said yes, the shop chose whom to "
        "write to."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", Topic)
def test_every_button_of_the_row_can_be_packed_and_tells_its_topic(language: str, topic: Topic) -> None:
    """Telegram takes 64 bytes; the largest number there is must fit."""
    texts = texts_for(language)
    message = replace(unasked(topic=topic, merchant_id=1), id=2**62)
    rows = footers.ways_to_less(LessOf(message, list(Less), 70), texts)
    assert len(rows) == len(Less) + 1
    for less in Less:
        assert footers.taken_back(message.id, less, topic, texts, 70)
    others = {footers.undo_words(Less.TOPIC, other, texts) for other in Topic}
    assert len(others) == len(Topic)
