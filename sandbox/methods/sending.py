"""Messages of text, places and contacts; copies and forwards; chat actions."""

from typing import Any

from sandbox.errors import bad_request
from sandbox.formatting import understand_caption, understand_text
from sandbox.keyboards import inline_keyboard, reply_keyboard
from sandbox.methods.registry import Request, method
from sandbox.model import ADMINISTRATORS, GENERAL, Chat, Json, Message
from sandbox.text import FormattedText
from sandbox.world import World

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
SERVICE = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "group_chat_created",
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_photo",
        "forum_topic_created",
        "forum_topic_closed",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "successful_payment",
        "refunded_payment",
    }
)
CONTENT = (
    "text",
    "entities",
    "link_preview_options",
    "photo",
    "document",
    "sticker",
    "voice",
    "video",
    "animation",
    "audio",
    "location",
    "venue",
    "contact",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
)
REFUSED_ELSEWHERE = ("business_connection_id", "suggested_post_parameters", "direct_messages_topic_id")


def deliver(world: World, request: Request, chat: Chat, content: Json, *, is_invoice: bool = False) -> Message:
    """Sends `content` into the chat, with what all send methods have in common: reply, keyboard, limits."""
    params = request.params
    check_possible(params)
    common = reply_fields(chat, params.get("reply_parameters"))
    common |= topic_fields(world, chat, params.get("message_thread_id"), common.get("reply_to_message"))
    shown_only = None
    markup = params.get("reply_markup")
    if markup is not None and "inline_keyboard" in markup:
        keyboard = inline_keyboard(markup, is_invoice=is_invoice, is_private=not chat.is_group)
        if keyboard is not None:
            common["reply_markup"] = keyboard
    elif markup is not None:
        shown_only = reply_keyboard(markup)
    if params.get("protect_content"):
        common["has_protected_content"] = True
    if effect := params.get("message_effect_id"):
        common["effect_id"] = effect
    world.pace(chat, is_paid=bool(params.get("allow_paid_broadcast")))
    return world.post(chat, world.bot, {**common, **content}, keyboard=shown_only)


def check_possible(params: Json) -> None:
    for field in REFUSED_ELSEWHERE:
        if field in params:
            raise bad_request(f"the sandbox has no business accounts and channels ({field})")


def topic_fields(world: World, chat: Chat, thread_id: int | None, replied: Message | None) -> Json:
    """Where in a forum a message goes: the thread that is named, that of what it answers, or the general topic."""
    if thread_id is None and replied is not None:
        thread_id = replied.get("message_thread_id")
    if thread_id is not None and (thread_id == GENERAL or thread_id not in chat.topics):
        raise bad_request("message thread not found")
    if chat.topics.get(thread_id or GENERAL) and chat.status(world.bot_id) not in ADMINISTRATORS:
        raise bad_request("TOPIC_CLOSED")
    return {} if thread_id is None else {"message_thread_id": thread_id, "is_topic_message": True}


def reply_fields(chat: Chat, reply: Json | None) -> Json:
    if reply is None:
        return {}
    if reply.get("chat_id") not in (None, chat.id, str(chat.id)):
        raise bad_request("the sandbox has no replies to other chats")
    replied = chat.messages.get(reply["message_id"])
    if replied is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    fields: Json = {"reply_to_message": without_reply(replied)}
    if quote := reply.get("quote"):
        fields["quote"] = quoted(replied, quote)
    return fields


def quoted(replied: Message, quote: str) -> Json:
    place = str(replied.get("text", replied.get("caption", ""))).find(quote)
    if place < 0:
        raise bad_request("QUOTE_TEXT_INVALID")
    return {"text": quote, "position": place, "is_manual": True}


def without_reply(message: Message) -> Message:
    """As a replied message stands in its answer: not with the one it answered itself."""
    if "reply_to_message" not in message:
        return message
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def text_fields(formatted: FormattedText, params: Json) -> Json:
    fields: Json = {"text": formatted.text}
    if formatted.entities:
        fields["entities"] = formatted.entities
    if preview := params.get("link_preview_options"):
        fields["link_preview_options"] = preview
    return fields


def caption_fields(world: World, params: Json) -> Json:
    formatted = understand_caption(params, world.user)
    if not formatted.text:
        return {}
    fields: Json = {"caption": formatted.text}
    if formatted.entities:
        fields["caption_entities"] = formatted.entities
    if params.get("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    return fields


@method("sendMessage")
def send_message(world: World, request: Request) -> Message:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    return deliver(world, request, chat, text_fields(understand_text(params["text"], params, world.user), params))


@method("sendLocation")
def send_location(world: World, request: Request) -> Message:
    chat = world.writable_chat(request.params["chat_id"])
    if request.params.get("live_period"):
        raise bad_request("the sandbox has no live locations")
    return deliver(world, request, chat, {"location": location_of(request.params)})


@method("sendVenue")
def send_venue(world: World, request: Request) -> Message:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    venue = {"location": location_of(params), "title": params["title"], "address": params["address"]}
    return deliver(world, request, chat, {"location": venue["location"], "venue": venue})


@method("sendContact")
def send_contact(world: World, request: Request) -> Message:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    fields = ("phone_number", "first_name", "last_name", "vcard")
    return deliver(world, request, chat, {"contact": {key: params[key] for key in fields if key in params}})


def location_of(params: Json) -> Json:
    latitude, longitude = params["latitude"], params["longitude"]
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong location specified")
    return {"latitude": latitude, "longitude": longitude}


@method("copyMessage")
def copy_message(world: World, request: Request) -> Json:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    original = found_message(world, params, "message to copy not found")
    if not SERVICE.isdisjoint(original) or "invoice" in original:
        raise bad_request("message can't be copied")
    content = {key: original[key] for key in CONTENT if key in original}
    if "caption" in params and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_fields(world, params)
    return {"message_id": deliver(world, request, chat, content)["message_id"]}


@method("forwardMessage")
def forward_message(world: World, request: Request) -> Message:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    original = found_message(world, params, "message to forward not found")
    if not SERVICE.isdisjoint(original) or original.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    content = {key: original[key] for key in (*CONTENT, "invoice") if key in original}
    origin = {"type": "user", "date": original["date"], "sender_user": original["from"]}
    return deliver(world, request, chat, {"forward_origin": original.get("forward_origin", origin), **content})


def found_message(world: World, params: Json, otherwise: str) -> Message:
    message = world.chat_for_bot(params["from_chat_id"]).messages.get(params["message_id"])
    if message is None:
        raise bad_request(otherwise)
    return message


@method("sendChatAction")
def send_chat_action(world: World, request: Request) -> bool:
    chat = world.writable_chat(request.params["chat_id"])
    action = request.params["action"]
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.events.publish("typing", chat_id=chat.id, action=action)
    return True


@method("setMessageReaction")
def set_message_reaction(world: World, request: Request) -> bool:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    if params["message_id"] not in chat.messages:
        raise bad_request("message to react not found")
    reaction: list[Any] = params.get("reaction", [])
    if len(reaction) > 1 or any(each["type"] != "emoji" for each in reaction):
        raise bad_request("REACTION_INVALID")
    world.events.publish(
        "reaction", chat_id=chat.id, message_id=params["message_id"], user_id=world.bot_id, reaction=reaction
    )
    return True
