"""What the bot may ask and do about a chat."""

from sandbox.errors import bad_request
from sandbox.methods.registry import Request, method
from sandbox.methods.sending import without_reply
from sandbox.model import ADMINISTRATORS, Chat, Json
from sandbox.world import World, chat_member

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@method("getChat")
def get_chat(world: World, request: Request) -> Json:
    """ChatFullInfo: the Chat and the fields that every chat has."""
    chat = world.chat_for_bot(request.params["chat_id"])
    full = {
        **chat.info,
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.pinned:
        full["pinned_message"] = without_reply(chat.messages[chat.pinned[-1]])
    return full


@method("getChatMember")
def get_chat_member(world: World, request: Request) -> Json:
    chat = readable_chat(world, request)
    user_id = request.params["user_id"]
    user = world.user(user_id)
    if user is None or (user_id not in chat.members and not chat.is_group):
        raise bad_request("invalid user_id specified")
    return chat_member(user, chat.status(user_id))


@method("getChatMemberCount")
def get_chat_member_count(world: World, request: Request) -> int:
    return len(readable_chat(world, request).present())


@method("getChatAdministrators")
def get_chat_administrators(world: World, request: Request) -> list[Json]:
    chat = readable_chat(world, request)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    members = ((world.user(user_id), status) for user_id, status in chat.members.items())
    return [
        chat_member(user, status)
        for user, status in members
        if status in ADMINISTRATORS and user and user["id"] != world.bot_id
    ]


def readable_chat(world: World, request: Request) -> Chat:
    """Groups are read by members only; a private chat can be read even if the person blocked the bot."""
    chat_id = request.params["chat_id"]
    chat = world.chat_for_bot(chat_id)
    return world.writable_chat(chat_id) if chat.is_group else chat


@method("leaveChat")
def leave_chat(world: World, request: Request) -> bool:
    chat = world.writable_chat(request.params["chat_id"])
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    world.post(chat, world.bot, {"left_chat_member": world.bot})
    world.change_member(chat, world.bot, world.bot_id, "left")
    world.publish_chat(chat)
    return True


@method("pinChatMessage")
def pin_chat_message(world: World, request: Request) -> bool:
    chat = pinnable_chat(world, request)
    message = chat.messages.get(request.params["message_id"])
    if message is None:
        raise bad_request("message to pin not found")
    if message["message_id"] in chat.pinned:
        chat.pinned.remove(message["message_id"])
    chat.pinned.append(message["message_id"])
    world.service(chat, world.bot, {"pinned_message": without_reply(message)})
    return True


@method("unpinChatMessage")
def unpin_chat_message(world: World, request: Request) -> bool:
    chat = pinnable_chat(world, request)
    message_id = request.params.get("message_id", chat.pinned[-1] if chat.pinned else None)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def pinnable_chat(world: World, request: Request) -> Chat:
    chat = world.writable_chat(request.params["chat_id"])
    if chat.type == "supergroup" and chat.status(world.bot_id) not in ADMINISTRATORS:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat
