"""Which command menu a person sees: Telegram's order of scopes, each first in the person's language."""

import re

from sandbox.errors import bad_request
from sandbox.model import ADMINISTRATORS, Chat, Json
from sandbox.world import World

LANGUAGE = re.compile(r"(?:[a-z]{2})?\Z")


def check_language(code: str) -> str:
    """Telegram takes two letters or nothing, whatever longer codes its clients have."""
    if not LANGUAGE.match(code):
        raise bad_request("invalid language code specified")
    return code


def scope_key(scope: Json) -> str:
    """`chat_member:-5:7`, `default`."""
    return ":".join(str(scope[part]) for part in ("type", "chat_id", "user_id") if part in scope)


def is_scope_of(chat: Chat, scope: Json) -> None:
    """ApiError 400 where the scope makes no sense in that chat."""
    if scope["type"] != "chat" and not chat.is_group:
        raise bad_request("can't use specified scope in private chats")


def scopes_of(chat: Chat, user_id: int) -> list[str]:
    """The scopes that reach a person in a chat, the narrowest first."""
    if not chat.is_group:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    scopes = [f"chat_member:{chat.id}:{user_id}"]
    is_administrator = chat.status(user_id) in ADMINISTRATORS
    if is_administrator:
        scopes.append(f"chat_administrators:{chat.id}")
    scopes.append(f"chat:{chat.id}")
    if is_administrator:
        scopes.append("all_chat_administrators")
    return [*scopes, "all_group_chats", "default"]


def menu_of(world: World, chat: Chat, user_id: int) -> list[Json]:
    """The commands that the person's client offers in that chat."""
    language = world.person(user_id).user.get("language_code", "")[:2]
    for scope in scopes_of(chat, user_id):
        for code in (language, ""):
            if commands := world.commands.get((scope, code)):
                return commands
    return []


def menu_button_of(world: World, chat: Chat) -> Json:
    """The button beside the person's input field: the chat's own, that of all chats, or the commands."""
    for key in (chat.id, 0):
        button = world.menu_buttons.get(key, {"type": "default"})
        if button["type"] != "default":
            return button
    return {"type": "commands"}
