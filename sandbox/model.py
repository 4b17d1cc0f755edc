"""The things of the world: people, chats, files, and what waits for the bot's answer.

Messages, users and chats are kept as the Bot API writes them. Such a dict is never changed once seen, only
replaced by another one: updates, events and answers can hold on to it without copies.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

Json = dict[str, Any]
Message = Json
MemberStatus = Literal["creator", "administrator", "member", "left", "kicked"]

GENERAL = 1
"""The topic of a forum that its messages are in without naming one."""

PRESENT = ("creator", "administrator", "member")
ADMINISTRATORS = ("creator", "administrator")

QUERY_LIFETIME = 150
"""Seconds after which Telegram forgets a callback query."""

PRE_CHECKOUT_LIFETIME = 10
"""Seconds in which a pre-checkout query must be answered."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a request."""

    name: str
    content: bytes


@dataclass(slots=True)
class Person:
    """Somebody with a Telegram client. `user` is the User object, as the bot sees it."""

    user: Json
    has_started: bool = False
    """Has written to the bot, which may write back from then on."""
    has_blocked: bool = False
    is_deactivated: bool = False

    @property
    def id(self) -> int:
        user_id: int = self.user["id"]
        return user_id

    def view(self) -> Json:
        """`Person` of the control API."""
        return {**self.user, "blocked_bot": self.has_blocked}


@dataclass(slots=True)
class Chat:
    """A chat with its history. `info` is the Chat object."""

    info: Json
    members: dict[int, MemberStatus] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    reply_keyboards: dict[int, Json] = field(default_factory=dict)
    """Keyboards that are shown to people but are not part of the Message that the Bot API gives."""
    inline_ids: dict[int, str] = field(default_factory=dict)
    """inline_message_id of messages with a keyboard that were sent through the bot."""
    pinned: list[int] = field(default_factory=list)
    topics: dict[int, bool] = field(default_factory=dict)
    """Of a forum, by the id of the thread, and whether it is closed; GENERAL is there from the start."""
    migrated_to: int | None = None
    allows_media: bool = True
    """Whether the group lets its members, and so the bot, send pictures and files."""
    last_message_id: int = 0
    """Only supergroups count on their own; the others share the numbers of the bot's account."""

    @property
    def id(self) -> int:
        chat_id: int = self.info["id"]
        return chat_id

    @property
    def type(self) -> str:
        kind: str = self.info["type"]
        return kind

    @property
    def is_group(self) -> bool:
        return self.info["type"] in ("group", "supergroup")

    def status(self, user_id: int) -> MemberStatus:
        return self.members.get(user_id, "left")

    def has(self, user_id: int) -> bool:
        return self.members.get(user_id) in PRESENT

    def present(self) -> list[int]:
        return [user_id for user_id, status in self.members.items() if status in PRESENT]

    def shown(self, message: Message) -> Message:
        """The message as people see it, with a reply keyboard if it brought one."""
        keyboard = self.reply_keyboards.get(message["message_id"])
        return message if keyboard is None else {**message, "reply_markup": keyboard}

    def view(self, last: int = 200) -> Json:
        """`ChatView` of the control API."""
        messages = list(self.messages.values())[-last:]
        return {
            "chat": self.info,
            "members": self.present(),
            "messages": [self.shown(message) for message in messages],
        }


Answer = TypeVar("Answer")


@dataclass(slots=True)
class Question(Generic[Answer]):
    """Something that the bot was asked and has to answer in time."""

    id: str
    user_id: int
    chat_id: int
    asked_at: float
    answer: Answer | None = None
    _waiting: list[Callable[[], None]] = field(default_factory=list)

    def settle(self, answer: Answer) -> None:
        """Keeps the answer and tells those who wait for it."""
        self.answer = answer
        waiting, self._waiting = self._waiting, []
        for tell in waiting:
            tell()

    def when_answered(self, tell: Callable[[], None]) -> None:
        """Calls `tell` once, at once if the answer is there already."""
        if self.answer is not None:
            tell()
        else:
            self._waiting.append(tell)


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What answerCallbackQuery said."""

    text: str | None = None
    show_alert: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What answerInlineQuery said."""

    results: list[Json]
    messages: dict[str, Json] = field(default_factory=dict)
    """By result id: what is sent if the result is chosen."""
    next_offset: str = ""
    button: Json | None = None


@dataclass(frozen=True, slots=True)
class CheckoutAnswer:
    """What answerPreCheckoutQuery said; `message` is the payment's own message if it went through."""

    ok: bool
    error_message: str | None = None
    message: Message | None = None


@dataclass(slots=True)
class CallbackQuery(Question[CallbackAnswer]):
    """A tap on a callback button."""


@dataclass(slots=True)
class InlineQuery(Question[InlineAnswer]):
    """`@bot query`, typed by a person in a chat."""

    query: str = ""


@dataclass(slots=True)
class Checkout(Question[CheckoutAnswer]):
    """A payment under way."""

    invoice: Json = field(default_factory=dict)


@dataclass(slots=True)
class Payment:
    """A payment made in Telegram Stars."""

    charge_id: str
    user_id: int
    details: Json
    is_refunded: bool = False


@dataclass(frozen=True, slots=True)
class Tap:
    """What a tap did: asked the bot (`query`), began to pay (`checkout`), or something in the own client."""

    query: CallbackQuery | None = None
    checkout: Checkout | None = None
    opened: Json = field(default_factory=dict)
    """`url`, `switch_inline_query`, `switch_inline_query_current_chat`, `copy_text` or `web_app`."""


@dataclass(slots=True)
class Webhook:
    """Where updates are to be delivered, and how that goes."""

    url: str = ""
    secret_token: str | None = None
    max_connections: int = 40
    last_error_at: float | None = None
    last_error: str | None = None
