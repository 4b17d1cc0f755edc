"""Privacy mode: which of the messages in a group the bot gets to see."""

from sandbox.model import ADMINISTRATORS, Chat, Json, Message
from sandbox.world import World


def is_for_bot(world: World, chat: Chat, message: Message) -> bool:
    """Whether the bot gets a person's message: in groups privacy mode leaves it only what is meant for it."""
    if not chat.has(world.bot_id):
        return False
    if not chat.is_group or not world.has_privacy or chat.status(world.bot_id) in ADMINISTRATORS:
        return True
    if "via_bot" in message or message.get("reply_to_message", {}).get("from", {}).get("id") == world.bot_id:
        return True
    return any(is_address(world, message, entity) for entity in message.get("entities", ()))


def is_address(world: World, message: Message, entity: Json) -> bool:
    """A command or a mention that means the bot; a command without a name means every bot."""
    if entity["type"] not in ("bot_command", "mention"):
        return False
    units = message["text"].encode("utf-16-le")
    begin = entity["offset"] * 2
    _, _, name = units[begin : begin + entity["length"] * 2].decode("utf-16-le").partition("@")
    if not name:
        return bool(entity["type"] == "bot_command")
    return bool(name.lower() == world.bot["username"].lower())
