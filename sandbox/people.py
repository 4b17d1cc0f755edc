"""People with Telegram clients: what they say, tap, type, open and pay."""

from typing import Any

from sandbox.commands import menu_button_of, menu_of
from sandbox.errors import ActError, NotThere
from sandbox.keyboards import find_button
from sandbox.links import START_PAYLOAD, bot_link
from sandbox.model import (
    CallbackQuery,
    Chat,
    Checkout,
    InlineQuery,
    Json,
    Message,
    Person,
    Tap,
)
from sandbox.speech import Speech

FIRST_PERSON = 1_000_001
CLIENT_SIDE = (
    "url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "web_app",
)
SETTINGS = ("first_name", "last_name", "username", "language_code", "is_premium")


class People(Speech):
    """Acts as people. A `chat_id` of None means the person's private chat with the bot.

    What a real client would not offer raises ActError; what does not exist raises NotThere.
    """

    def add_person(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "en",
        user_id: int | None = None,
    ) -> Person:
        """Somebody new, who has not yet written to the bot."""
        user_id = user_id or max(FIRST_PERSON, max(self._world.people, default=0) + 1)
        if self._world.user(user_id) is not None or user_id < 1:
            raise ActError(f"the id {user_id} is taken")
        user: Json = {"id": user_id, "is_bot": False, "first_name": first_name}
        more = {"last_name": last_name, "username": username, "language_code": language_code}
        person = Person(user | {key: value for key, value in more.items() if value})
        self._world.people[user_id] = person
        self._world.chats[user_id] = Chat(
            private_chat_info(person.user), {user_id: "member", self._world.bot_id: "member"}
        )
        self._world.events.publish("person", person=person.view())
        return person

    def add_crowd(self, count: int, *, first_id: int) -> None:
        """Many at once, with ids one after the other, who have all started the bot; no update tells it so."""
        for user_id in range(first_id, first_id + count):
            self.add_person(f"Person {user_id}", user_id=user_id).has_started = True

    def change(self, user_id: int, **settings: Any) -> Person:
        """Changes the client's settings and the name; None takes a value away."""
        person = self._world.person(user_id)
        if unknown := settings.keys() - set(SETTINGS):
            raise ActError(f"a person has no {min(unknown)}")
        if not all(value is None or isinstance(value, str | bool) for value in settings.values()):
            raise ActError("settings are texts, is_premium is true or false")
        user = person.user | settings
        person.user = {key: value for key, value in user.items() if value is not None}
        self._world.chats[user_id].info = private_chat_info(person.user)
        self._world.events.publish("person", person=person.view())
        return person

    # Buttons

    def tap(
        self,
        user_id: int,
        message_id: int,
        *,
        data: str | None = None,
        text: str | None = None,
        chat_id: int | None = None,
    ) -> Tap:
        """Taps the inline button with that callback data or that label."""
        chat = self._chat(user_id, chat_id)
        message = self._message(chat, message_id)
        button = find_button(message.get("reply_markup"), data=data, text=text)
        if button is None:
            raise NotThere(f"the message has no button {data if data is not None else text!r}")
        if "callback_data" in button:
            return Tap(query=self._callback(user_id, chat, message, button["callback_data"]))
        if button.get("pay"):
            return Tap(checkout=self.pay(user_id, message_id, chat_id=chat.id))
        return Tap(opened={key: button[key] for key in CLIENT_SIDE if key in button})

    def _callback(self, user_id: int, chat: Chat, message: Message, data: str) -> CallbackQuery:
        world = self._world
        query = CallbackQuery(str(world.serial()), user_id, chat.id, world.now())
        world.callback_queries[query.id] = query
        payload: Json = {"id": query.id, "from": world.person(user_id).user, "chat_instance": str(chat.id)}
        inline_id = chat.inline_ids.get(message["message_id"])
        payload |= {"inline_message_id": inline_id} if inline_id else {"message": message}
        world.updates.put("callback_query", {**payload, "data": data})
        return query

    def forge(self, user_id: int, message_id: int, data: str, *, chat_id: int | None = None) -> CallbackQuery:
        """Sends callback data that no button of the message has, or has no more: an old client, or a tampered one."""
        chat = self._chat(user_id, chat_id)
        return self._callback(user_id, chat, self._message(chat, message_id), data)

    # Inline mode

    def inline_query(self, user_id: int, query: str, *, chat_id: int | None = None, offset: str = "") -> InlineQuery:
        """Types `@bot query` in a chat, any chat; nothing is sent yet."""
        world = self._world
        chat = self._chat(user_id, chat_id)
        asked = InlineQuery(str(world.serial()), user_id, chat.id, world.now(), query=query)
        world.inline_queries[asked.id] = asked
        payload = {
            "id": asked.id,
            "from": world.person(user_id).user,
            "query": query,
            "offset": offset,
            "chat_type": "sender" if chat.id == user_id else chat.type,
        }
        world.updates.put("inline_query", payload)
        return asked

    def choose_inline(
        self, user_id: int, inline_query_id: str, result_id: str, *, chat_id: int | None = None
    ) -> Message:
        """Sends a result of an own inline query into a chat; the bot gets chosen_inline_result."""
        world = self._world
        asked = world.inline_queries.get(inline_query_id)
        if asked is None or asked.user_id != user_id or asked.answer is None:
            raise NotThere(f"no answered inline query {inline_query_id} of this person")
        content = asked.answer.messages.get(result_id)
        if content is None:
            raise NotThere(f"the inline query has no result {result_id!r}")
        message = self._write(user_id, chat_id, {"via_bot": world.bot, **content})
        chosen: Json = {"result_id": result_id, "from": world.person(user_id).user, "query": asked.query}
        if "reply_markup" in content:
            chat = self._chat(user_id, chat_id)
            chosen["inline_message_id"] = world.make_inline(chat, message["message_id"])
        world.updates.put("chosen_inline_result", chosen)
        return message

    # Links, blocking, paying

    def open_link(self, user_id: int, url: str, *, chat_id: int | None = None) -> Message:
        """Follows a link to the bot: `?start=x` says `/start x` to it, `?startgroup=x` brings it to a group.

        Somebody who blocked the bot thereby unblocks it, as a client's Restart button does.
        """
        world = self._world
        link = bot_link(url)
        if link is None or link[0].lower() != world.bot["username"].lower():
            raise ActError(f"{url} does not lead to @{world.bot['username']}")
        _, action, payload = link
        if not START_PAYLOAD.match(payload):
            raise ActError("a start parameter has at most 64 characters A-Z, a-z, 0-9, _ and -")
        if action == "startgroup":
            return self._start_in_group(user_id, chat_id, payload)
        self.unblock(user_id)
        return self.say(user_id, f"/start {payload}".rstrip())

    def _start_in_group(self, user_id: int, chat_id: int | None, payload: str) -> Message:
        world = self._world
        chat = self._chat(user_id, chat_id)
        if not chat.is_group:
            raise ActError("a startgroup link needs the chat_id of a group")
        if not chat.has(world.bot_id):
            actor = world.person(user_id).user
            world.change_member(chat, actor, world.bot_id, "member")
            world.service(chat, actor, {"new_chat_members": [world.bot]})
            world.publish_chat(chat)
        command = f"/start@{world.bot['username']} {payload}".rstrip()
        return self.say(user_id, command, chat_id=chat.id)

    def block(self, user_id: int) -> None:
        """Blocks the bot: sends to this person answer 403 from now on."""
        self._set_blocked(user_id, True)

    def unblock(self, user_id: int) -> None:
        """Lets the bot write again."""
        self._set_blocked(user_id, False)

    def _set_blocked(self, user_id: int, is_blocked: bool) -> None:
        world = self._world
        person = world.person(user_id)
        if person.has_blocked == is_blocked:
            return
        person.has_blocked = is_blocked
        world.change_member(world.chats[user_id], person.user, world.bot_id, "kicked" if is_blocked else "member")
        world.events.publish("blocked", user_id=user_id, blocked=is_blocked)

    def deactivate(self, user_id: int) -> None:
        """Deletes the account: sends answer 403 for ever, and the person can do nothing more."""
        self._world.person(user_id).is_deactivated = True

    def pay(self, user_id: int, message_id: int, *, chat_id: int | None = None) -> Checkout:
        """Pays an invoice: the bot gets pre_checkout_query and, if it agrees, successful_payment."""
        world = self._world
        chat = self._chat(user_id, chat_id)
        message = self._message(chat, message_id)
        if "invoice" not in message:
            raise ActError("the message is no invoice")
        invoice = {
            "currency": message["invoice"]["currency"],
            "total_amount": message["invoice"]["total_amount"],
            "invoice_payload": world.invoice_payloads[chat.id, message_id],
        }
        checkout = Checkout(str(world.serial()), user_id, chat.id, world.now(), invoice=invoice)
        world.checkouts[checkout.id] = checkout
        world.updates.put("pre_checkout_query", {"id": checkout.id, "from": world.person(user_id).user, **invoice})
        return checkout

    def menu(self, user_id: int, *, chat_id: int | None = None) -> Json:
        """The commands and the menu button that this person's client offers in a chat."""
        chat = self._chat(user_id, chat_id)
        return {
            "commands": menu_of(self._world, chat, user_id),
            "menu_button": menu_button_of(self._world, chat),
        }


def private_chat_info(user: Json) -> Json:
    """The Chat object of a private chat with that person."""
    fields = ("first_name", "last_name", "username")
    return {"id": user["id"], "type": "private", **{key: user[key] for key in fields if key in user}}
