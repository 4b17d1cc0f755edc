"""Updates as no test's author would write them, made from the Bot API's own types: each field may be left out, null, of
another JSON type, huge, negative, empty, half a sign, or nested as deep as the types allow.

The same seed makes the same updates. Most look like something that a person does, with one or a few things wrong.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from typing import Any, TypeVar, get_args

from aiogram.filters.callback_data import CallbackData

from loyalty.codes import ALPHABET

T = TypeVar("T")
Json = dict[str, Any]
SCALARS = ("Integer", "Float", "String", "Boolean", "True", "False")
NODES_MAX = 120  # of one update: wide and deep at once would only take time
DATA_MAX = 64  # bytes of callback data

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "half \ud83d",
    "\ude00 half",
    "\u202eevil\u202c",
    "\u2067isolated",
    "\u200b" * 7,
    "\u3164",
    "x" * 4096,
    "积" * 4096,
    "🙂" * 2048,
    "a\u0301" * 40,
    "\n" * 30,
    "{first_name} {0} %s %(n)d",
    "<b>&lt;</i>",
    "'; DROP TABLE members; --",
    "=1+1",
    "²",
    "٣",
    "1e309",
    "-0",
    "None",
    "/",
    "//",
    "/" + "x" * 300,
    "/start@",
    "/start r_",
    "/start r_\ud83d",
    "/start \0",
    "@perkchat_bot",
)
NUMBERS = (0, -1, 1, 7, 2**31, -(2**31) - 1, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, -(10**30))
WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    "7",
    7,
    -1,
    1.5,
    1e300,
    True,
    False,
    [],
    [[]],
    {},
    {"id": None},
    [None],
    [{}],
    10**30,
    "\ud83d",
)
TYPED = (
    "12.50",
    "12,50",
    "1 250,00",
    "1250 # 42",
    "100",
    "-5",
    "0",
    "20%",
    "9-17",
    "1 May",
    "3/5",
    "31.2.2026",
    "18:00",
    "ABCD2345",
    "ABCD-2345 12.50",
    "ABCD2345 20",
    "+49 170 1234567",
    "5678",
    "Coffee",
    "Lunch & <Dinner>",
    "a" * 200,
    "積分",
    "hi",
)


@dataclass(frozen=True)
class Cast:
    """Who is there, and what they may plausibly say and tap."""

    people: Sequence[Json]
    """Users, as the Bot API writes them."""
    groups: Sequence[Json]
    """Chats of many."""
    buttons: Sequence[type[CallbackData]]
    commands: Sequence[str]
    links: Sequence[str]
    """Prefixes of deep links and of inline queries."""
    wishes: Sequence[str]
    shown: Callable[[int], Json | None]
    """The last message of the bot in a chat."""


class OddUpdates:
    def __init__(self, seed: int, cast: Cast, *, first_id: int = 1, nested_max: int = 8) -> None:
        self._chance, self._cast, self._nested_max = random.Random(seed), cast, nested_max
        api = json.loads(files("sandbox").joinpath("bot_api.json").read_text(encoding="utf-8"))
        self._types: Json = api["types"]
        self._kinds: list[str] = api["update_kinds"]
        self._next_id, self._serial, self._nodes = first_id, 0, 0

    def batch(self, size: int) -> list[Json]:
        """As getUpdates would give them, but for ids that come twice, in the wrong order, or are none."""
        updates = [self._update() for _ in range(size)]
        chance = self._chance
        if chance.random() < 0.3:
            updates.insert(chance.randrange(size), chance.choice(updates))
        if chance.random() < 0.3:
            first, second = chance.sample(range(size), 2)
            updates[first], updates[second] = updates[second], updates[first]
        if chance.random() < 0.1:
            updates[chance.randrange(size)]["update_id"] = chance.choice((*NUMBERS, self._wrong()))
        return updates

    def _update(self) -> Json:
        chance = self._chance
        self._nodes = 0
        kind, content = self._content()
        update: Json = {"update_id": self._next_id, kind: content}
        self._next_id += 1
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 4))):
            self._spoil(update)
        return update

    def _content(self) -> tuple[str, Any]:
        draw = self._chance.random()
        if draw < 0.42:
            return "message", self._message()
        if draw < 0.76:
            return "callback_query", self._tap()
        if draw < 0.82:
            return "inline_query", {
                "id": self._number(),
                "from": self._person(),
                "query": self._query(),
                "offset": self._pick("", "", "1", "99999999999999999999", *TEXTS[:6]),
            }
        if draw < 0.84:
            return "chosen_inline_result", {
                "result_id": self._pick("1", "g_1", "o_2", *TEXTS),
                "from": self._person(),
                "query": self._query(),
                "inline_message_id": f"BoxInline{self._chance.randrange(50):08d}",
            }
        if draw < 0.87:
            return "my_chat_member", self._membership()
        kind = self._chance.choice(self._kinds)
        if kind == "callback_query":
            return kind, self._tap()
        [content_type] = self._types["Update"]["fields"][kind][0]
        return kind, self._make(content_type, self._chance.randint(1, self._nested_max))

    # What people do

    def _message(self) -> Json:
        person = self._person()
        message: Json = {"message_id": self._chance.randrange(1, 10**6), "date": 1_777_000_000, "from": person}
        message["chat"] = self._chat(person)
        content = self._chance.random()
        if content < 0.75:
            message["text"] = self._said()
            if self._chance.random() < 0.3:
                message["entities"] = self._entities(message["text"])
        for _ in range(self._chance.choice((0, 0, 1, 3)) if content < 0.75 else 2):
            self._add_field(message, "Message")
        if self._chance.random() < 0.1:
            message["rich_message"] = {"blocks": [{"type": "paragraph", "text": self._rich_text()}]}
        if self._chance.random() < 0.1:
            message["reply_to_message"] = self._replied_to(self._chance.randint(1, self._nested_max))
        return message

    def _tap(self) -> Json:
        person = self._person()
        tap: Json = {"id": self._number(), "from": person, "chat_instance": "1", "data": self._data()}
        draw = self._chance.random()
        if draw < 0.15:
            tap["inline_message_id"] = self._pick("BoxInline00000001", *TEXTS)
        elif draw < 0.95:
            chat = self._chat(person)
            shown = self._cast.shown(chat["id"]) if self._chance.random() < 0.8 else None
            made_up = {"message_id": self._chance.randrange(10**6), "date": self._pick(0, 1_777_000_000), "chat": chat}
            tap["message"] = deepcopy(shown) if shown else made_up
        return tap

    def _membership(self) -> Json:
        person = self._person()
        return {
            "chat": self._chat(person),
            "from": person,
            "date": 1_777_000_000,
            "old_chat_member": self._make("ChatMember", 2),
            "new_chat_member": self._make("ChatMember", 2),
        }

    def _person(self) -> Json:
        return dict(self._chance.choice(self._cast.people))

    def _chat(self, person: Json) -> Json:
        draw = self._chance.random()
        if draw < 0.8:
            return {"id": person["id"], "type": "private", "first_name": person["first_name"]}
        if draw < 0.97:
            return dict(self._chance.choice(self._cast.groups))
        return {"id": -self._chance.randrange(1, 10**9), "type": self._pick("channel", "group", "supergroup", "séance")}

    def _said(self) -> str:
        draw, cast = self._chance.random(), self._cast
        if draw < 0.35:
            return (
                f"/{self._chance.choice(cast.commands)}{self._pick('', '', '@perkchat_bot')} {self._argument()}".strip()
            )
        if draw < 0.45:
            return f"/start {self._query()}"
        if draw < 0.55:
            return self._chance.choice(cast.wishes)
        if draw < 0.85:
            return self._chance.choice(TYPED)
        return self._chance.choice(TEXTS)

    def _argument(self) -> str:
        return (
            self._pick("", "", str(self._chance.randrange(20)), *TYPED, *TEXTS) if self._chance.random() < 0.5 else ""
        )

    def _query(self) -> str:
        prefix = self._chance.choice(self._cast.links)
        rest = self._pick("1", "2", "99", self._code(8), self._code(13), *TEXTS)
        return self._pick(f"{prefix}_{rest}", f"{prefix}_{rest}", f"{prefix}_{rest}", rest, "coffee")

    def _data(self) -> str:
        button = self._chance.choice(self._cast.buttons)
        data = ":".join([button.__prefix__, *(self._value(field) for field in button.model_fields.values())])
        if self._chance.random() < 0.1:
            data = self._pick(data[:-1], f"{data}:", f"{data}:1", button.__prefix__, ":", self._chance.choice(TEXTS))
        return data[:DATA_MAX]

    def _value(self, field: Any) -> str:
        """What a button may carry there, more often than not."""
        if self._chance.random() < 0.05:
            return self._pick("", "-1", "x", "\ud83d", "9" * 19, "9" * 30, "²", "\0")
        kind = field.annotation
        for part in (kind, *get_args(kind)):
            if isinstance(part, type) and issubclass(part, Enum):
                return str(self._chance.choice(list(part)).value)
        if kind is str:
            pattern = next((one.pattern for one in field.metadata if getattr(one, "pattern", None)), "")
            return self._code(13 if "13" in pattern else 8) if pattern else self._pick("a", "A", "0", "2026-04", "link")
        if kind is bool:
            return self._pick("0", "1")
        return str(self._chance.randrange(1, 9) if self._chance.random() < 0.8 else self._chance.choice(NUMBERS))

    def _code(self, length: int) -> str:
        return "".join(self._chance.choices(ALPHABET, k=length))

    def _entities(self, text: str) -> list[Json]:
        """Anywhere in the text, beyond its ends, and through the middle of its signs."""
        kinds = ("bold", "text_link", "custom_emoji", "url", "bot_command", "mention", "telepathy", "spoiler")
        return [
            {
                "type": self._chance.choice(kinds),
                "offset": self._chance.randrange(-1, len(text) + 3),
                "length": self._chance.randrange(-1, len(text) + 3),
            }
            for _ in range(self._chance.randint(0, 3))
        ]

    def _rich_text(self) -> Any:
        """Formats within formats: none of the types ends by itself."""
        text: Any = self._chance.choice(("deep", *TEXTS[:8]))
        kinds = ("bold", "italic", "underline", "spoiler", "marked", "url")
        for _ in range(self._chance.randint(1, self._nested_max)):
            text = {"type": self._chance.choice(kinds), "text": self._pick(text, text, [text, "beside"])}
        return text

    def _replied_to(self, depth: int) -> Json:
        person = self._person()
        message: Json = {"message_id": 1, "date": 1, "chat": self._chat(person), "from": person, "text": self._said()}
        if depth > 1:
            message[self._pick("reply_to_message", "pinned_message")] = self._replied_to(depth - 1)
        return message

    # What the types allow

    def _make(self, name: str, depth: int) -> Any:
        self._nodes += 1
        if name.startswith("Array of "):
            count = self._chance.choice((0, 1, 1, 2, 3)) if self._nodes < NODES_MAX else 0
            return [self._make(name.removeprefix("Array of "), depth - 1) for _ in range(count)]
        if name in SCALARS:
            return self._scalar(name)
        if name == "User" and self._chance.random() < 0.7:
            return self._person()
        if name == "Chat" and self._chance.random() < 0.7:
            return self._chat(self._person())
        if subtypes := self._types[name].get("subtypes"):
            return self._make(self._chance.choice(subtypes) if depth > 0 else subtypes[0], depth)
        made: Json = {}
        for field, (types, is_required) in self._types[name]["fields"].items():
            is_there = self._chance.random() < (0.97 if is_required else 0.12 if depth > 0 else 0)
            if is_there and (self._nodes < NODES_MAX and depth > -4):
                made[field] = self._make(self._chance.choice(types), depth - 1)
        if constant := self._types[name].get("constant"):
            made[constant[0]] = constant[1]
        return made

    def _add_field(self, made: Json, name: str) -> None:
        field, (types, _) = self._chance.choice(list(self._types[name]["fields"].items()))
        if field not in made:
            made[field] = self._make(self._chance.choice(types), self._chance.randint(0, self._nested_max))

    def _scalar(self, name: str) -> Any:
        match name:
            case "Integer":
                return self._chance.randrange(10**6) if self._chance.random() < 0.8 else self._chance.choice(NUMBERS)
            case "Float":
                return self._chance.choice((0.0, -1.5, 52.1, 1e300, 7))
            case "String":
                return self._chance.choice(TYPED) if self._chance.random() < 0.8 else self._chance.choice(TEXTS)
            case _:
                return name != "False"

    # What is wrong with it

    def _spoil(self, update: Json) -> None:
        """One thing anywhere in it, its id excepted."""
        places = [place for place in _places(update) if place[1] != "update_id"]
        if not places:
            return
        holder, key = self._chance.choice(places)
        value = holder[key]
        match self._chance.randrange(6):
            case 0:
                del holder[key]
            case 1:
                holder[key] = None
            case 2 if isinstance(value, str):
                holder[key] = self._chance.choice(TEXTS)
            case 3 if isinstance(value, int):
                holder[key] = self._chance.choice(NUMBERS)
            case 4 if isinstance(value, dict):
                value[self._pick("", "telepathy", "\ud83d", "id")] = self._wrong()
            case _:
                holder[key] = self._wrong()

    def _pick(self, *choices: T) -> T:
        return self._chance.choice(choices)

    def _wrong(self) -> Any:
        return deepcopy(self._chance.choice(WRONG))

    def _number(self) -> str:
        self._serial += 1
        return f"odd{self._serial}"


def _places(made: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Each field and each element, with what holds it; the upper ones more often, as they do more."""
    keys = made.keys() if isinstance(made, dict) else range(len(made))
    for key in keys:
        for _ in range(max(1, 4 - depth)):
            yield made, key
        if isinstance(made[key], dict | list):
            yield from _places(made[key], depth + 1)
