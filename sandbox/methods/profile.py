"""What the bot is called and what it offers: commands, menu button, descriptions."""

import re

from sandbox.commands import check_language, is_scope_of, scope_key
from sandbox.errors import bad_request
from sandbox.methods.registry import Handler, Request, method
from sandbox.model import Json
from sandbox.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z")
COMMANDS_MAX = 100


@method("getMe")
def get_me(world: World, request: Request) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.has_privacy,
        "supports_guest_queries": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


@method("setMyCommands")
def set_my_commands(world: World, request: Request) -> bool:
    key = commands_key(world, request.params)
    commands = [checked_command(command) for command in request.params["commands"]]
    if len(commands) > COMMANDS_MAX:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    if commands:
        world.commands[key] = commands
    else:
        world.commands.pop(key, None)
    world.events.publish("commands")
    return True


@method("deleteMyCommands")
def delete_my_commands(world: World, request: Request) -> bool:
    world.commands.pop(commands_key(world, request.params), None)
    world.events.publish("commands")
    return True


@method("getMyCommands")
def get_my_commands(world: World, request: Request) -> list[Json]:
    """Of exactly that scope and language, as in Telegram: what people see is resolved elsewhere."""
    return world.commands.get(commands_key(world, request.params), [])


def commands_key(world: World, params: Json) -> tuple[str, str]:
    scope = params.get("scope", {"type": "default"})
    if "chat_id" in scope:
        chat = world.chat_for_bot(scope["chat_id"])
        is_scope_of(chat, scope)
        scope = {**scope, "chat_id": chat.id}
    return scope_key(scope), check_language(params.get("language_code", ""))


def checked_command(command: Json) -> Json:
    name = command["command"].removeprefix("/")
    if not COMMAND.match(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"]) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": command["description"]}


@method("setChatMenuButton")
def set_chat_menu_button(world: World, request: Request) -> bool:
    button = request.params.get("menu_button", {"type": "default"})
    if button["type"] == "web_app" and not button["web_app"]["url"].startswith("https://"):
        raise bad_request("menu button Web App URL is invalid: Only HTTPS links are allowed")
    world.menu_buttons[menu_button_key(world, request.params)] = button
    world.events.publish("commands")
    return True


@method("getChatMenuButton")
def get_chat_menu_button(world: World, request: Request) -> Json:
    key = menu_button_key(world, request.params)
    return world.menu_buttons.get(key, {"type": "default" if key else "commands"})


def menu_button_key(world: World, params: Json) -> int:
    """A private chat, or 0 for all of them."""
    if "chat_id" not in params:
        return 0
    chat = world.chat_for_bot(params["chat_id"])
    if chat.is_group:
        raise bad_request("chat must be a private chat")
    return chat.id


PROFILE_TEXTS = {"name": 64, "description": 512, "short_description": 120}
"""The bot's own texts with their greatest lengths."""


def setter_of(field: str) -> Handler:
    def set_text(world: World, request: Request) -> bool:
        text = request.params.get(field, "")
        if len(text) > PROFILE_TEXTS[field]:
            raise bad_request(f"{field.upper()}_TOO_LONG")
        world.profile_texts[field, check_language(request.params.get("language_code", ""))] = text
        world.events.publish("commands")
        return True

    return set_text


def getter_of(field: str) -> Handler:
    def get_text(world: World, request: Request) -> Json:
        language = check_language(request.params.get("language_code", ""))
        usual = world.bot["first_name"] if field == "name" else ""
        texts = world.profile_texts
        return {field: texts.get((field, language)) or texts.get((field, "")) or usual}

    return get_text


for _field in PROFILE_TEXTS:
    _title = _field.title().replace("_", "")
    method(f"setMy{_title}")(setter_of(_field))
    method(f"getMy{_title}")(getter_of(_field))
