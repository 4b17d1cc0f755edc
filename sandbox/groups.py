"""Group chats: who is in, who rules, and the day one becomes a supergroup."""

from collections.abc import Iterable

from sandbox.errors import ActError, NotThere
from sandbox.model import GENERAL, Chat, Json, MemberStatus
from sandbox.world import World

FIRST_SUPERGROUP = -1_002_000_000_001


class Groups:
    """Makes and changes groups. Service messages and membership updates reach the bot as in Telegram."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, title: str, member_ids: Iterable[int], *, with_bot: bool = True) -> Chat:
        """A basic group; the first member is its creator."""
        world = self._world
        members = [world.person(user_id) for user_id in member_ids]
        if not members:
            raise ActError("a group needs at least one person")
        info = {"id": self._next_id(), "type": "group", "title": title}
        chat = Chat(info, {person.id: "member" for person in members})
        chat.members[members[0].id] = "creator"
        world.chats[chat.id] = chat
        world.publish_chat(chat)
        creator = members[0].user
        if with_bot:
            world.change_member(chat, creator, world.bot_id, "member")
        world.service(chat, creator, {"group_chat_created": True})
        return chat

    def add(self, chat_id: int, user_id: int, *, by: int | None = None) -> None:
        """Somebody joins, or is brought in `by` another member; `user_id` may be the bot's."""
        chat = self.get(chat_id)
        user = self._user(user_id)
        if chat.has(user_id):
            return
        actor = self._actor(chat, user_id, by)
        self._world.change_member(chat, actor, user_id, "member")
        self._world.service(chat, actor, {"new_chat_members": [user]})
        self._world.publish_chat(chat)

    def remove(self, chat_id: int, user_id: int, *, by: int | None = None) -> None:
        """Somebody leaves, or is thrown out `by` another member; the bot can only be thrown out."""
        chat = self.get(chat_id)
        user = self._user(user_id)
        if not chat.has(user_id):
            raise NotThere(f"chat {chat_id} has no member {user_id}")
        actor = self._actor(chat, user_id, by)
        self._world.post(chat, actor, {"left_chat_member": user})
        if user_id != self._world.bot_id and chat.has(self._world.bot_id):
            self._world.updates.put("message", list(chat.messages.values())[-1])
        self._world.change_member(chat, actor, user_id, "left" if actor is user else "kicked")
        self._world.publish_chat(chat)

    def allow_media(self, chat_id: int, is_allowed: bool) -> None:
        """Lets everybody send pictures and files, or words alone."""
        self.get(chat_id).allows_media = is_allowed

    def set_status(self, chat_id: int, user_id: int, status: MemberStatus) -> None:
        """Makes a member an administrator, or an administrator a member again."""
        chat = self.get(chat_id)
        if not chat.has(user_id):
            raise NotThere(f"chat {chat_id} has no member {user_id}")
        self._world.change_member(chat, self._creator(chat), user_id, status)
        self._world.publish_chat(chat)

    def upgrade(self, chat_id: int) -> Chat:
        """The group becomes a supergroup with a new id; calls with the old one are told so."""
        world = self._world
        old = self.get(chat_id)
        if old.type != "group":
            raise ActError("only a basic group becomes a supergroup")
        count = sum(chat.type == "supergroup" for chat in world.chats.values())
        info = {**old.info, "id": FIRST_SUPERGROUP - count, "type": "supergroup"}
        new = Chat(info, dict(old.members))
        world.chats[new.id] = new
        world.publish_chat(new)
        creator = self._creator(old)
        world.service(old, creator, {"migrate_to_chat_id": new.id})
        world.service(new, creator, {"migrate_from_chat_id": old.id})
        old.migrated_to = new.id
        return new

    def open_forum(self, chat_id: int) -> None:
        """A supergroup is parted into topics; what is said in none of them is in the general one."""
        chat = self.get(chat_id)
        if chat.type != "supergroup":
            raise ActError("only a supergroup becomes a forum")
        chat.info = {**chat.info, "is_forum": True}
        chat.topics[GENERAL] = False
        self._world.publish_chat(chat)

    def add_topic(self, chat_id: int, name: str) -> int:
        """A new topic of a forum; answers the id of its thread, which is the message that tells of it."""
        chat = self._forum(chat_id)
        message = self._world.post(
            chat, self._creator(chat), {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        )
        thread_id: int = message["message_id"]
        topic = {"message_thread_id": thread_id, "is_topic_message": True}
        chat.messages[thread_id] = {**message, **topic}
        chat.topics[thread_id] = False
        if chat.has(self._world.bot_id):
            self._world.updates.put("message", chat.messages[thread_id])
        return thread_id

    def close_topic(self, chat_id: int, thread_id: int = GENERAL) -> None:
        """From now on administrators alone write there."""
        chat = self._forum(chat_id)
        if thread_id not in chat.topics:
            raise NotThere(f"the forum has no topic {thread_id}")
        chat.topics[thread_id] = True
        content: Json = {"forum_topic_closed": {}}
        if thread_id != GENERAL:
            content |= {"message_thread_id": thread_id, "is_topic_message": True}
        self._world.service(chat, self._creator(chat), content)

    def _forum(self, chat_id: int) -> Chat:
        chat = self.get(chat_id)
        if not chat.topics:
            raise ActError("the group is no forum")
        return chat

    def get(self, chat_id: int) -> Chat:
        """NotThere if there is no such group."""
        chat = self._world.chats.get(chat_id)
        if chat is None or not chat.is_group:
            raise NotThere(f"there is no group {chat_id}")
        return chat

    def _actor(self, chat: Chat, user_id: int, by: int | None) -> Json:
        """Who did it: the named member, else the person, for the bot the group's creator."""
        if by is not None:
            return self._world.person(by).user
        return self._creator(chat) if user_id == self._world.bot_id else self._world.person(user_id).user

    def _creator(self, chat: Chat) -> Json:
        people = [user_id for user_id in chat.members if user_id != self._world.bot_id]
        creator = next((each for each in people if chat.status(each) == "creator"), people[0])
        return self._world.person(creator).user

    def _user(self, user_id: int) -> Json:
        user = self._world.user(user_id)
        if user is None:
            raise NotThere(f"there is no person {user_id}")
        return user

    def _next_id(self) -> int:
        return -1001 - sum(chat.is_group for chat in self._world.chats.values())
