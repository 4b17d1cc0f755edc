"""The state of the box and the few moves that everything else is made of."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import ApiError, NotThere, bad_request, forbidden
from sandbox.events import Events
from sandbox.files import FileStore
from sandbox.limits import Limits
from sandbox.model import (
    ADMINISTRATORS,
    CallbackQuery,
    Chat,
    Checkout,
    InlineQuery,
    Json,
    MemberStatus,
    Message,
    Payment,
    Person,
    Webhook,
)
from sandbox.updates import UpdateQueue


class World:
    """One bot, the people around it and their chats. No I/O; time is `clock` plus what was moved on."""

    def __init__(self, bot: Json, *, clock: Callable[[], float], limits: Limits, has_privacy: bool) -> None:
        self._clock = clock
        self._moved_on = 0.0
        self.bot = bot
        self.has_privacy = has_privacy
        self.limits = limits
        self.events = Events()
        self.files = FileStore()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.dialogs: dict[tuple[int, int], Chat] = {}
        self.updates = UpdateQueue(self.now)
        self.webhook = Webhook()
        self.callback_queries: dict[str, CallbackQuery] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.checkouts: dict[str, Checkout] = {}
        self.payments: dict[str, Payment] = {}
        self.invoice_payloads: dict[tuple[int, int], str] = {}
        self.inline_messages: dict[str, tuple[Chat, int]] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.menu_buttons: dict[int, Json] = {}
        self.profile_texts: dict[tuple[str, str], str] = {}
        self._last_message_id = 0
        self._serial = 0

    @property
    def bot_id(self) -> int:
        user_id: int = self.bot["id"]
        return user_id

    def now(self) -> float:
        """Seconds since 1970 by the box's clock."""
        return self._clock() + self._moved_on

    def advance(self, seconds: float) -> None:
        """Moves the box's clock on."""
        self._moved_on += seconds

    def date(self) -> int:
        return int(self.now())

    def serial(self) -> int:
        """A number that was not given before, for ids of queries and the like."""
        self._serial += 1
        return self._serial

    # Who and where

    def person(self, user_id: int) -> Person:
        """NotThere if nobody has that id."""
        person = self.people.get(user_id)
        if person is None:
            raise NotThere(f"there is no person {user_id}")
        return person

    def user(self, user_id: int) -> Json | None:
        """The User object of a person or of the bot."""
        if user_id == self.bot_id:
            return self.bot
        person = self.people.get(user_id)
        return person.user if person else None

    def chat_for_bot(self, chat_id: int | str) -> Chat:
        """The chat a Bot API call names; ApiError 400 if there is none such or it became a supergroup."""
        chat = self.chats.get(as_chat_id(chat_id))
        if chat is None or self.bot_id not in chat.members:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to})
        return chat

    def writable_chat(self, chat_id: int | str) -> Chat:
        """A chat that lets the bot write; ApiError 403 in Telegram's words if it does not."""
        chat = self.chat_for_bot(chat_id)
        refusal = self._refusal(chat)
        if refusal is not None:
            raise refusal
        return chat

    def _refusal(self, chat: Chat) -> ApiError | None:
        if chat.is_group:
            if chat.has(self.bot_id):
                return None
            state = "was kicked from" if chat.status(self.bot_id) == "kicked" else "is not a member of"
            return forbidden(f"bot {state} the {chat.type} chat")
        person = self.people[chat.id]
        if person.is_deactivated:
            return forbidden("user is deactivated")
        if person.has_blocked:
            return forbidden("bot was blocked by the user")
        if not person.has_started:
            return forbidden("bot can't initiate conversation with a user")
        return None

    def pace(self, chat: Chat, count: int = 1, *, is_paid: bool = False) -> None:
        """Counts messages against the limits; ApiError 429 if the bot is too fast."""
        self.limits.admit(chat.id, is_group=chat.is_group, now=self.now(), count=count, is_paid=is_paid)

    # Messages

    def post(self, chat: Chat, sender: Json, content: Json, *, keyboard: Json | None = None) -> Message:
        """Puts a message into a chat and tells the watchers. `keyboard` is one that only people see."""
        message_id = self._message_id(chat)
        message = {
            "message_id": message_id,
            "from": sender,
            "chat": chat.info,
            "date": self.date(),
            **content,
        }
        chat.messages[message_id] = message
        if keyboard is not None:
            chat.reply_keyboards[message_id] = keyboard
        self.events.publish("message", chat_id=chat.id, message=chat.shown(message))
        return message

    def replace(self, chat: Chat, message: Message) -> None:
        """Puts an edited message in the place of the old one and tells the watchers."""
        chat.messages[message["message_id"]] = message
        self.events.publish("edited", chat_id=chat.id, message=chat.shown(message))

    def remove(self, chat: Chat, message_ids: list[int]) -> None:
        """Takes messages out of a chat and tells the watchers."""
        for message_id in message_ids:
            del chat.messages[message_id]
            chat.reply_keyboards.pop(message_id, None)
            self.inline_messages.pop(chat.inline_ids.pop(message_id, ""), None)
        self.events.publish("deleted", chat_id=chat.id, message_ids=message_ids)

    def make_inline(self, chat: Chat, message_id: int) -> str:
        """Gives a message that was sent through the bot the id by which the bot can edit it."""
        inline_id = f"BoxInline{self.serial():08d}"
        chat.inline_ids[message_id] = inline_id
        self.inline_messages[inline_id] = (chat, message_id)
        return inline_id

    def service(self, chat: Chat, sender: Json, content: Json) -> Message:
        """A service message; every bot in the chat gets it, privacy or not."""
        message = self.post(chat, sender, content)
        if chat.has(self.bot_id):
            self.updates.put("message", message)
        return message

    def change_member(self, chat: Chat, actor: Json, user_id: int, status: MemberStatus) -> None:
        """Changes somebody's standing in a chat; the bot learns of its own, and of others' if it asked to."""
        before = chat.status(user_id)
        if before == status:
            return
        user = self.user(user_id)
        change = {
            "chat": chat.info,
            "from": actor,
            "date": self.date(),
            "old_chat_member": chat_member(user, before),
            "new_chat_member": chat_member(user, status),
        }
        chat.members[user_id] = status
        if user_id == self.bot_id:
            self.updates.put("my_chat_member", change)
        elif chat.status(self.bot_id) in ADMINISTRATORS:
            self.updates.put("chat_member", change)

    def publish_chat(self, chat: Chat) -> None:
        self.events.publish("chat", chat=chat.info, members=chat.present())

    def _message_id(self, chat: Chat) -> int:
        if chat.type == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self._last_message_id += 1
        return self._last_message_id


def as_chat_id(chat_id: int | str) -> int:
    """Numbers may come as text; @usernames belong to channels and public groups, which the box has not."""
    if isinstance(chat_id, int):
        return chat_id
    try:
        return int(chat_id)
    except ValueError:
        raise bad_request("chat not found") from None


def chat_member(user: Json | None, status: MemberStatus) -> Json:
    """A ChatMember object."""
    more: Json = {}
    if status == "creator":
        more = {"is_anonymous": False}
    elif status == "administrator":
        more = {"can_be_edited": False, "is_anonymous": False, **ADMINISTRATOR_RIGHTS}
    elif status == "kicked":
        more = {"until_date": 0}
    return {"user": user, "status": status, **more}


ADMINISTRATOR_RIGHTS: dict[str, Any] = {
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": True,
    "can_restrict_members": True,
    "can_promote_members": False,
    "can_change_info": True,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    "can_pin_messages": True,
}
