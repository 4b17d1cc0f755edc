"""What people put into chats: texts, pictures, files, stickers, voices, places, contacts."""

from sandbox.detection import detect
from sandbox.errors import ActError, ApiError, NotThere
from sandbox.files import StoredFile
from sandbox.formatting import understand
from sandbox.methods.media import file_fields
from sandbox.methods.sending import without_reply
from sandbox.model import ADMINISTRATORS, GENERAL, Chat, Json, Message, Upload
from sandbox.privacy import is_for_bot
from sandbox.world import World

ANONYMOUS: Json = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Who stands for administrators that write as their group."""

FIRST_DIALOG = 9_000_000_000_000
"""Ids of chats between two people lie beyond those of people; the bot never meets them."""


class Speech:
    """Writes as people. `chat_id` None means the person's private chat with the bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    def say(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        parse_mode: str | None = None,
        topic: int | None = None,
        is_anonymous: bool = False,
    ) -> Message:
        """Writes a text. Commands, mentions and links in it become entities.

        `parse_mode` is for what a client's formatting menu does: `<b>this</b>` is bold, not typed like that.
        `topic`: the thread of a forum. `is_anonymous`: an administrator of a group who writes as the group.
        """
        formatted = understand(text, parse_mode)
        if not formatted.text:
            raise ActError("the text is empty")
        content: Json = {"text": formatted.text}
        if formatted.entities:
            content["entities"] = formatted.entities
        if topic is not None:
            content |= self._in_topic(user_id, chat_id, topic)
        return self._write(user_id, chat_id, content, reply_to, is_anonymous=is_anonymous)

    def send_photo(
        self,
        user_id: int,
        content: bytes,
        *,
        caption: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        album: str | None = None,
    ) -> Message:
        """Sends a picture; ActError if the bytes are none. Pictures of one `album` are sent together."""
        file = self._store("photo", "photo.jpg", content)
        fields = self._file_content("photo", file, caption)
        if album is not None:
            fields["media_group_id"] = album
        return self._write(user_id, chat_id, fields, reply_to)

    def send_document(
        self,
        user_id: int,
        name: str,
        content: bytes,
        *,
        caption: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Sends a file with its name."""
        file = self._store("document", name, content)
        return self._write(user_id, chat_id, self._file_content("document", file, caption), reply_to)

    def send_sticker(
        self,
        user_id: int,
        *,
        emoji: str = "👍",
        content: bytes = b"sticker",
        chat_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Sends a sticker that stands for an emoji."""
        file = self._store("sticker", "sticker.webp", content)
        fields = file_fields(self._world, "sticker", file, {})
        fields["sticker"]["emoji"] = emoji
        return self._write(user_id, chat_id, fields, reply_to)

    def send_voice(
        self,
        user_id: int,
        *,
        content: bytes = b"voice",
        duration: int = 1,
        chat_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Sends a voice note of so many seconds."""
        file = self._store("voice", "voice.ogg", content)
        fields = file_fields(self._world, "voice", file, {"duration": duration})
        return self._write(user_id, chat_id, fields, reply_to)

    def send_location(
        self,
        user_id: int,
        latitude: float,
        longitude: float,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Shows a place."""
        location = {"latitude": latitude, "longitude": longitude}
        return self._write(user_id, chat_id, {"location": location}, reply_to)

    def send_contact(
        self,
        user_id: int,
        phone_number: str,
        first_name: str,
        *,
        last_name: str | None = None,
        contact_user_id: int | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Shares an entry of the address book; `contact_user_id` is their id (one's own for oneself)."""
        contact: Json = {"phone_number": phone_number, "first_name": first_name}
        more = {"last_name": last_name, "user_id": contact_user_id}
        contact |= {key: value for key, value in more.items() if value is not None}
        return self._write(user_id, chat_id, {"contact": contact}, reply_to)

    def edit(self, user_id: int, message_id: int, text: str, *, chat_id: int | None = None) -> Message:
        """Rewrites an own text; the bot gets edited_message if it got the message."""
        chat = self._chat(user_id, chat_id)
        old = self._message(chat, message_id)
        if old["from"]["id"] != user_id or "text" not in old or "via_bot" in old:
            raise ActError("only own texts can be edited")
        formatted = understand(text)
        new = {key: value for key, value in old.items() if key != "entities"}
        new |= {"text": formatted.text, "edit_date": self._world.date()}
        if formatted.entities:
            new["entities"] = formatted.entities
        self._world.replace(chat, new)
        if is_for_bot(self._world, chat, new):
            self._world.updates.put("edited_message", new)
        return new

    def does(self, user_id: int, content: Json, *, chat_id: int | None = None) -> Message:
        """Something that a client does to a chat, of which a service message tells: pins, sets a timer, a picture."""
        chat = self._chat(user_id, chat_id)
        return self._world.service(chat, self._world.person(user_id).user, content)

    def _in_topic(self, user_id: int, chat_id: int | None, topic: int) -> Json:
        chat = self._chat(user_id, chat_id)
        if topic not in chat.topics:
            raise NotThere(f"chat {chat.id} has no topic {topic}")
        if chat.topics[topic] and chat.status(user_id) not in ADMINISTRATORS:
            raise ActError("the topic is closed")
        return {} if topic == GENERAL else {"message_thread_id": topic, "is_topic_message": True}

    def _write(
        self,
        user_id: int,
        chat_id: int | None,
        content: Json,
        reply_to: int | None = None,
        *,
        is_anonymous: bool = False,
    ) -> Message:
        world = self._world
        chat = self._chat(user_id, chat_id)
        person = world.person(user_id)
        if chat.id == user_id:
            if person.has_blocked:
                raise ActError("this person has blocked the bot")
            person.has_started = True
        if reply_to is not None:
            content = {"reply_to_message": without_reply(self._message(chat, reply_to)), **content}
        sender = person.user
        if is_anonymous:
            if not chat.is_group or chat.status(user_id) not in ADMINISTRATORS:
                raise ActError("only administrators of a group write as the group")
            sender, content = ANONYMOUS, {"sender_chat": chat.info, **content}
        message = world.post(chat, sender, content)
        if is_for_bot(world, chat, message):
            world.updates.put("message", message)
        return message

    def _store(self, kind: str, name: str, content: bytes) -> StoredFile:
        try:
            return self._world.files.store(kind, Upload(name, content))
        except ApiError as error:
            raise ActError(error.description) from error

    def _file_content(self, kind: str, file: StoredFile, caption: str) -> Json:
        content = file_fields(self._world, kind, file, {})
        if caption:
            content["caption"] = caption
            if entities := detect(caption):
                content["caption_entities"] = entities
        return content

    def _chat(self, user_id: int, chat_id: int | None) -> Chat:
        """The chat as this person names it: by its id, or by the person on the other side."""
        world = self._world
        if world.person(user_id).is_deactivated:
            raise ActError("this account is deactivated")
        if chat_id is None or chat_id == world.bot_id:
            chat_id = user_id
        if chat_id != user_id and chat_id in world.people:
            return self._dialog(user_id, chat_id)
        chat = world.chats.get(chat_id)
        if chat is None or not chat.has(user_id):
            raise NotThere(f"person {user_id} has no chat {chat_id}")
        if chat.migrated_to is not None:
            raise ActError(f"the group became the supergroup {chat.migrated_to}")
        return chat

    def _dialog(self, user_id: int, other_id: int) -> Chat:
        """The private chat of two people, which the bot never sees; inline mode works there, too."""
        world = self._world
        pair = (min(user_id, other_id), max(user_id, other_id))
        if pair in world.dialogs:
            return world.dialogs[pair]
        names = ", ".join(world.person(each).user["first_name"] for each in pair)
        info = {"id": FIRST_DIALOG + len(world.dialogs), "type": "private", "title": names}
        chat = Chat(info, dict.fromkeys(pair, "member"))
        world.dialogs[pair] = world.chats[chat.id] = chat
        world.publish_chat(chat)
        return chat

    def _message(self, chat: Chat, message_id: int) -> Message:
        message = chat.messages.get(message_id)
        if message is None:
            raise NotThere(f"chat {chat.id} has no message {message_id}")
        return message
