"""Updates are read leniently: of whatever Telegram sends, exactly those fields that somebody here looks at.

A table says for each kind of update which fields those are and what each must be. What is not in the table is dropped
unseen, however large or deeply nested it is; what is in it is bounded in length, and as deep as the table. A field that
is not what it should be is left out; an update that cannot do without it is unreadable. Only then are models made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiogram.enums import ContentType

from handlers.filters import SAID

NUMBER_MAX = 2**63 - 1  # what databases take for a number
MOMENT_MAX = 2**32  # seconds since 1970
NAME_MAX, TEXT_MAX, DATA_MAX = 256, 8_192, 256
ENTITIES_MAX, SIZES_MAX, PEOPLE_MAX, ROWS_MAX, BUTTONS_MAX = 200, 20, 200, 100, 10
DEPTH_MAX = 7  # of updates without deeply nested formats; a host's are read as they came up to here

Reader = Callable[[Any], Any]
ODD = object()  # what a reader answers when something is not what it should be


class Unreadable(Exception):
    """Something that nobody can do without is missing or odd. Says which field, and never what was in it."""


class Shape:
    """An object of which only these fields are read.

    Without one of `needed` it is odd. Odd `extra` are left out; those that have a `default` get it, missing ones too.
    """

    def __init__(
        self,
        needed: Mapping[str, Reader] | None = None,
        extra: Mapping[str, Reader] | None = None,
        default: Mapping[str, Any] | None = None,
    ) -> None:
        self.needed, self.extra, self.default = dict(needed or {}), dict(extra or {}), dict(default or {})

    def fields(self) -> Iterator[tuple[str, Reader]]:
        yield from self.needed.items()
        yield from self.extra.items()

    def __call__(self, raw: Any) -> Any:
        try:
            return self.read(raw)
        except Unreadable:
            return ODD

    def read(self, raw: Any) -> dict[str, Any]:
        """Raises Unreadable."""
        if not isinstance(raw, dict):
            raise Unreadable("no object")
        read = dict(self.default)
        for name, reader in self.needed.items():
            value = reader(raw.get(name))
            if value is ODD:
                raise Unreadable(name)
            read[name] = value
        for name, reader in self.extra.items():
            if (given := raw.get(name)) is not None and (value := reader(given)) is not ODD:
                read[name] = value
        return read


def words(most: int) -> Reader:
    def read(raw: Any) -> Any:
        return sound(raw[:most]) if isinstance(raw, str) else ODD

    return read


def named(most: int) -> Reader:
    """Words that something is known by, so there must be some."""
    read = words(most)
    return lambda raw: read(raw) or ODD


def sound(said: str) -> str:
    """What any database and any file can hold: no half of a surrogate pair, and no NUL."""
    if said.isascii():
        return said.replace("\0", " ")
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", " ")


def whole(least: int = 0, most: int = NUMBER_MAX) -> Reader:
    def read(raw: Any) -> Any:
        return raw if isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most else ODD

    return read


def flag(raw: Any) -> Any:
    return raw if isinstance(raw, bool) else ODD


def many(reader: Reader, most: int) -> Reader:
    """The first `most` of a list, without the odd ones."""

    def read(raw: Any) -> Any:
        if not isinstance(raw, list):
            return ODD
        return [value for each in raw[:most] if (value := reader(each)) is not ODD]

    return read


def or_none(reader: Reader) -> Reader:
    """It may be missing, but where it is there, nobody can do without it."""

    def read(raw: Any) -> Any:
        return None if raw is None else reader(raw)

    return read


ID, COUNT, MOMENT = whole(1), whole(), whole(0, MOMENT_MAX)
NAME, TEXT, FILE_ID = words(NAME_MAX), words(TEXT_MAX), words(NAME_MAX)
ANY_ID = whole(-NUMBER_MAX)

USER = Shape(
    {"id": ID},
    {
        "is_bot": flag,
        "first_name": NAME,
        "last_name": NAME,
        "username": NAME,
        "language_code": words(35),
        "is_premium": flag,
    },
    {"is_bot": False, "first_name": ""},
)
_CHAT = Shape(
    {"id": ANY_ID},
    {"type": words(16), "title": NAME, "username": NAME, "first_name": NAME, "last_name": NAME, "is_forum": flag},
)


def CHAT(raw: Any) -> Any:  # noqa: N802 - it stands among the shapes
    """One's own chat with the bot has one's own id; those of many have ids below zero."""
    read = _CHAT(raw)
    if read is not ODD:
        read.setdefault("type", "private" if read["id"] > 0 else "supergroup")
    return read


ENTITY = Shape(
    {"type": words(32), "offset": COUNT, "length": COUNT},
    {"url": words(2_048), "user": USER, "language": words(64), "custom_emoji_id": words(64)},
)
ENTITIES = many(ENTITY, ENTITIES_MAX)
PHOTO_SIZE = Shape(
    {"file_id": FILE_ID},
    {"file_unique_id": FILE_ID, "width": COUNT, "height": COUNT, "file_size": COUNT},
    {"file_unique_id": "", "width": 0, "height": 0},
)
DOCUMENT = Shape(
    {"file_id": FILE_ID},
    {"file_unique_id": FILE_ID, "file_name": NAME, "mime_type": NAME, "file_size": COUNT},
    {"file_unique_id": ""},
)
CONTACT = Shape(
    {"phone_number": words(64)},
    {"first_name": NAME, "last_name": NAME, "user_id": ID},
    {"first_name": ""},
)
_BUTTON = Shape(
    {"text": named(NAME_MAX)},
    {
        "callback_data": named(DATA_MAX),
        "url": named(2_048),
        "switch_inline_query": NAME,
        "switch_inline_query_current_chat": NAME,
        "switch_inline_query_chosen_chat": Shape(
            extra={
                "query": NAME,
                "allow_user_chats": flag,
                "allow_bot_chats": flag,
                "allow_group_chats": flag,
                "allow_channel_chats": flag,
            }
        ),
        "copy_text": Shape({"text": named(NAME_MAX)}),
    },
)


def BUTTON(raw: Any) -> Any:  # noqa: N802 - it stands among the shapes
    """One that does nothing is none: Telegram would refuse it when the keyboard is shown again."""
    read = _BUTTON(raw)
    return read if read is ODD or len(read) > 1 else ODD


KEYBOARD = Shape({"inline_keyboard": many(many(BUTTON, BUTTONS_MAX), ROWS_MAX)})
NOTHING = Shape()  # that it is there says everything

# What groups tell of themselves: nobody answers it, but one has to see that it is no message of a person.
SERVICE: Mapping[str, Reader] = {
    "new_chat_members": many(USER, PEOPLE_MAX),
    "left_chat_member": USER,
    "new_chat_title": NAME,
    "new_chat_photo": many(PHOTO_SIZE, SIZES_MAX),
    "delete_chat_photo": flag,
    "group_chat_created": flag,
    "supergroup_chat_created": flag,
    "channel_chat_created": flag,
    "message_auto_delete_timer_changed": Shape(
        extra={"message_auto_delete_time": COUNT}, default={"message_auto_delete_time": 0}
    ),
    "pinned_message": Shape({"message_id": COUNT, "chat": CHAT}, default={"date": 0}),
    "forum_topic_created": Shape(extra={"name": NAME, "icon_color": COUNT}, default={"name": "", "icon_color": 0}),
    "forum_topic_edited": NOTHING,
    "forum_topic_closed": NOTHING,
    "forum_topic_reopened": NOTHING,
    "general_forum_topic_hidden": NOTHING,
    "general_forum_topic_unhidden": NOTHING,
    "video_chat_started": NOTHING,
    "video_chat_ended": Shape(extra={"duration": COUNT}, default={"duration": 0}),
    "video_chat_participants_invited": Shape(default={"users": []}),
    "write_access_allowed": NOTHING,
    "boost_added": Shape(extra={"boost_count": COUNT}, default={"boost_count": 0}),
}
MIGRATION: Mapping[str, Reader] = {"migrate_to_chat_id": ANY_ID, "migrate_from_chat_id": ANY_ID}
# What clients tell besides: it is not read, and stands as the one kind that holds nothing.
BESIDES = {kind.value for kind in ContentType if kind not in SAID} - {*SERVICE, *MIGRATION}


class _Message(Shape):
    def read(self, raw: Any) -> dict[str, Any]:
        read = super().read(raw)
        if not BESIDES.isdisjoint(raw):
            read["write_access_allowed"] = {}
        return read


MESSAGE = _Message(
    {"message_id": COUNT, "chat": CHAT, "from": or_none(USER)},
    {
        "date": MOMENT,
        "edit_date": MOMENT,
        "sender_chat": CHAT,
        "is_automatic_forward": flag,
        "message_thread_id": COUNT,
        "is_topic_message": flag,
        "media_group_id": NAME,
        "via_bot": USER,
        "text": TEXT,
        "entities": ENTITIES,
        "caption": TEXT,
        "caption_entities": ENTITIES,
        "photo": many(PHOTO_SIZE, SIZES_MAX),
        "document": DOCUMENT,
        "contact": CONTACT,
        "reply_markup": KEYBOARD,
        **MIGRATION,
        **SERVICE,
    },
    {"date": 0},
)
# One that is tapped may answer a command, which is then known again: one step back, and no further.
_SHOWN = _Message(MESSAGE.needed, MESSAGE.extra | {"reply_to_message": MESSAGE}, MESSAGE.default)
_GONE = Shape({"message_id": COUNT, "chat": CHAT}, default={"date": 0})


def TAPPED(raw: Any) -> Any:  # noqa: N802 - it stands among the shapes
    """A message with a button. Of one that is gone Telegram says where it was, and a date of zero."""
    is_gone = isinstance(raw, dict) and raw.get("date") == 0
    return (_GONE if is_gone else _SHOWN)(raw)


CALLBACK_QUERY = Shape(
    {"id": named(NAME_MAX), "from": USER},
    {
        "message": TAPPED,  # one that is odd is left out: the answer is a new message then
        "inline_message_id": words(NAME_MAX),
        "chat_instance": words(NAME_MAX),
        "data": words(DATA_MAX),
    },
    {"chat_instance": ""},
)
INLINE_QUERY = Shape(
    {"id": named(NAME_MAX), "from": USER},
    {"query": words(DATA_MAX), "offset": words(64), "chat_type": words(16)},
    {"query": "", "offset": ""},
)
CHOSEN_INLINE_RESULT = Shape(
    {"result_id": words(64), "from": USER},
    {"query": words(DATA_MAX), "inline_message_id": words(NAME_MAX)},
    {"query": ""},
)
# Rights that a model asks for and nobody here looks at. Telegram's list of them grows.
_RIGHTS = dict.fromkeys(
    [
        "is_anonymous",
        "is_member",
        "can_be_edited",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
        "can_send_welcome_messages",
        "can_send_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
        "can_react_to_messages",
        "can_edit_tag",
        "can_pin_messages",
        "can_manage_topics",
    ],
    False,
)
STATUSES = frozenset({"creator", "administrator", "member", "restricted", "left", "kicked"})


def _status(raw: Any) -> Any:
    return raw if isinstance(raw, str) and raw in STATUSES else ODD


CHAT_MEMBER = Shape({"status": _status, "user": USER}, {"is_member": flag}, {"until_date": 0, **_RIGHTS})
CHAT_MEMBER_UPDATED = Shape(
    {"chat": CHAT, "from": USER, "new_chat_member": CHAT_MEMBER, "old_chat_member": CHAT_MEMBER},
    {"date": MOMENT},
    {"date": 0},
)
KINDS: Mapping[str, Shape] = {
    "message": MESSAGE,
    "edited_message": MESSAGE,
    "callback_query": CALLBACK_QUERY,
    "inline_query": INLINE_QUERY,
    "chosen_inline_result": CHOSEN_INLINE_RESULT,
    "my_chat_member": CHAT_MEMBER_UPDATED,
}


def read(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an update says, for the models; None for a kind that nobody here asked for. Raises Unreadable."""
    kind = kind_of(raw)
    if kind not in KINDS:
        return None
    try:
        content = KINDS[kind].read(raw[kind])
    except Unreadable as error:
        raise Unreadable(f"{kind}: {error}") from None
    return {"update_id": raw.get("update_id", 0), kind: _without_nothing(content)}


def read_as_it_came(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """For the handlers of a host, who look at whatever they like. What is nested deeper than usual is read as ours are:
    models of nested formats cost ten times more with each level."""
    return dict(raw) if _is_flat(raw, DEPTH_MAX) else read(raw)


def kind_of(raw: Mapping[str, Any]) -> str:
    """The kind of an update; empty where it has none."""
    return next((name for name in raw if name in KINDS), "") or next((name for name in raw if name != "update_id"), "")


def person_of(raw: Any) -> int:
    """Whose update it is: updates of one person keep their order. 0 for those of nobody."""
    content = _content(raw)
    for key in ("from", "user", "chat"):
        if isinstance(sender := content.get(key), dict):
            number = ANY_ID(sender.get("id"))
            return 0 if number is ODD else number
    return 0


def chat_of(raw: Any) -> int:
    """The chat it comes from; 0 where there is none, or it cannot be read."""
    content = _content(raw)
    for where in (content, content.get("message")):
        if isinstance(where, dict) and isinstance(chat := where.get("chat"), dict):
            number = ANY_ID(chat.get("id"))
            return 0 if number is ODD else number
    return 0


def language_of(raw: Any) -> str | None:
    """The language that the sender's client says it speaks."""
    sender = _content(raw).get("from")
    code = sender.get("language_code") if isinstance(sender, dict) else None
    return sound(code[:35]) if isinstance(code, str) else None


def query_of(raw: Any) -> str:
    """The id by which a tap is answered; empty if it is none, or cannot be read."""
    query = raw.get("callback_query") if isinstance(raw, dict) else None
    number = query.get("id") if isinstance(query, dict) else None
    return number if isinstance(number, str) and number.isascii() and 0 < len(number) <= NAME_MAX else ""


def _content(raw: Any) -> dict[str, Any]:
    """What the update carries besides its number."""
    if not isinstance(raw, dict):
        return {}
    content = raw.get(kind_of(raw))
    return content if isinstance(content, dict) else {}


def _without_nothing(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}


def _is_flat(raw: Any, most: int) -> bool:
    within: list[Any] = [raw]
    for _ in range(most):
        within = [
            value
            for each in within
            for value in (each.values() if isinstance(each, dict) else each)
            if isinstance(value, dict | list)
        ]
        if not within:
            return True
    return False
