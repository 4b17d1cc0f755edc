"""Changing and deleting messages, by chat and number or by inline_message_id."""

from sandbox.errors import ApiError, bad_request
from sandbox.formatting import understand_text
from sandbox.keyboards import inline_keyboard
from sandbox.methods.media import check_allowed, media_content
from sandbox.methods.registry import Request, method
from sandbox.methods.sending import SERVICE, caption_fields, check_possible, text_fields
from sandbox.model import ADMINISTRATORS, Chat, Json, Message
from sandbox.world import World

DELETABLE_FOR = 48 * 3600
TEXT = ("text", "entities", "link_preview_options")
CAPTION = ("caption", "caption_entities", "show_caption_above_media")
MEDIA = ("photo", "document", "video", "animation", "audio", "voice", "has_media_spoiler")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Target:
    """The message that an edit means."""

    def __init__(self, world: World, params: Json) -> None:
        self._world = world
        self._params = params
        self.is_inline = "inline_message_id" in params
        self.chat, self.message = self._find_inline() if self.is_inline else self._find()

    def _find_inline(self) -> tuple[Chat, Message]:
        found = self._world.inline_messages.get(self._params["inline_message_id"])
        if found is None:
            raise bad_request("MESSAGE_ID_INVALID")
        chat, message_id = found
        return chat, chat.messages[message_id]

    def _find(self) -> tuple[Chat, Message]:
        if "chat_id" not in self._params:
            raise bad_request("chat_id is empty")
        if "message_id" not in self._params:
            raise bad_request("message identifier is not specified")
        chat = self._world.writable_chat(self._params["chat_id"])
        message = chat.messages.get(self._params["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self._world.bot_id or not SERVICE.isdisjoint(message):
            raise bad_request("message can't be edited")
        return chat, message

    def keyboard(self) -> Json:
        keyboard = inline_keyboard(
            self._params.get("reply_markup"),
            is_invoice="invoice" in self.message,
            is_private=not self.chat.is_group,
        )
        return {"reply_markup": keyboard} if keyboard else {}

    def change(self, replaced: tuple[str, ...], content: Json) -> Message | bool:
        """Puts `content` in the place of the fields `replaced`; the keyboard is always set anew."""
        old = self.message
        kept = {key: value for key, value in old.items() if key not in (*replaced, "reply_markup")}
        new = {**kept, **content, **self.keyboard()}
        if new == old:
            raise bad_request(NOT_MODIFIED)
        self._world.pace(self.chat)
        if replaced:
            new["edit_date"] = self._world.date()
        self._world.replace(self.chat, new)
        return True if self.is_inline else new


@method("editMessageText")
def edit_message_text(world: World, request: Request) -> Message | bool:
    params = request.params
    check_possible(params)
    if "rich_message" in params:
        raise ApiError(501, "Not Implemented: the sandbox has no rich messages")
    target = Target(world, params)
    if "text" not in target.message:
        raise bad_request("there is no text in the message to edit")
    formatted = understand_text(params.get("text", ""), params, world.user)
    return target.change(TEXT, text_fields(formatted, params))


@method("editMessageCaption")
def edit_message_caption(world: World, request: Request) -> Message | bool:
    check_possible(request.params)
    target = Target(world, request.params)
    if all(kind not in target.message for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return target.change(CAPTION, caption_fields(world, request.params))


@method("editMessageMedia")
def edit_message_media(world: World, request: Request) -> Message | bool:
    check_possible(request.params)
    target = Target(world, request.params)
    if target.is_inline and request.files:
        raise bad_request("can't upload new files to an inline message: use a file_id or a link")
    check_allowed(target.chat, request.params["media"]["type"])
    content = media_content(world, request, request.params["media"])
    return target.change((*TEXT, *CAPTION, *MEDIA), content)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, request: Request) -> Message | bool:
    check_possible(request.params)
    return Target(world, request.params).change((), {})


@method("deleteMessage")
def delete_message(world: World, request: Request) -> bool:
    chat = world.writable_chat(request.params["chat_id"])
    message = chat.messages.get(request.params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    check_deletable(world, chat, message)
    world.remove(chat, [message["message_id"]])
    return True


@method("deleteMessages")
def delete_messages(world: World, request: Request) -> bool:
    chat = world.writable_chat(request.params["chat_id"])
    message_ids = request.params["message_ids"]
    if not 1 <= len(message_ids) <= 100:
        raise bad_request("message identifiers are not specified" if not message_ids else "too many messages to delete")
    found = [message_id for message_id in dict.fromkeys(message_ids) if message_id in chat.messages]
    for message_id in found:
        check_deletable(world, chat, chat.messages[message_id])
    if found:
        world.remove(chat, found)
    return True


def check_deletable(world: World, chat: Chat, message: Message) -> None:
    is_own = message["from"]["id"] == world.bot_id
    if chat.is_group and chat.status(world.bot_id) in ADMINISTRATORS:
        return
    if chat.is_group and not is_own:
        raise bad_request("message can't be deleted")
    if message["date"] <= world.now() - DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
