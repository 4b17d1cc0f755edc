"""Messages with files, albums, and fetching files."""

from typing import Any

from sandbox.errors import bad_request
from sandbox.files import DOWNLOAD_MAX, StoredFile
from sandbox.methods.registry import Handler, Request, method
from sandbox.methods.sending import caption_fields, check_possible, deliver, reply_fields, topic_fields
from sandbox.model import Chat, Json, Message, Upload
from sandbox.world import World

EXTRAS: dict[str, dict[str, Any]] = {
    "document": {},
    "video": {"width": 0, "height": 0, "duration": 0},
    "animation": {"width": 0, "height": 0, "duration": 0},
    "audio": {"duration": 0},
    "voice": {"duration": 0},
    "sticker": {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    },
}
"""Fields that a file object must have, taken from the parameters where they name them."""

NAMED = ("document", "video", "animation", "audio")
ALBUM_KINDS = ("photo", "video", "document", "audio")
ALBUM_MAX = 10


def stored_file(world: World, request: Request, kind: str, given: Upload | str) -> StoredFile:
    """The file that a parameter means: uploaded with it, sent before (file_id), or on the web (a link)."""
    if isinstance(given, Upload):
        return world.files.store(kind, given)
    if given.startswith("attach://"):
        upload = request.attached(given)
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return world.files.store(kind, upload)
    return world.files.reuse(kind, given)


def file_fields(world: World, kind: str, file: StoredFile, params: Json) -> Json:
    """The part of a Message that describes its file."""
    if kind == "photo":
        fields: Json = {"photo": world.files.photo_sizes(file)}
    else:
        described = {key: params.get(key, usual) for key, usual in EXTRAS[kind].items()}
        if kind in NAMED:
            described |= {"file_name": file.name, "mime_type": file.mime_type}
        fields = {kind: {**file.reference(), **described}}
        if kind == "animation":
            fields["document"] = {**file.reference(), "file_name": file.name, "mime_type": file.mime_type}
    if params.get("has_spoiler"):
        fields["has_media_spoiler"] = True
    return fields


def check_allowed(chat: Chat, kind: str) -> None:
    """Raises what Telegram answers where a group takes words alone."""
    if not chat.allows_media:
        raise bad_request(f"not enough rights to send {kind}s to the chat")


def sender_of(kind: str) -> Handler:
    def send(world: World, request: Request) -> Message:
        params = request.params
        chat = world.writable_chat(params["chat_id"])
        check_allowed(chat, kind)
        content = caption_fields(world, params)
        file = stored_file(world, request, kind, params[kind])
        return deliver(world, request, chat, {**file_fields(world, kind, file, params), **content})

    return send


for _kind in ("photo", *EXTRAS):
    method(f"send{_kind.capitalize()}")(sender_of(_kind))


def media_content(world: World, request: Request, media: Json) -> Json:
    """The content of an InputMedia object."""
    kind = media["type"]
    if kind != "photo" and kind not in EXTRAS:
        raise bad_request(f"the sandbox has no media of type {kind}")
    caption = caption_fields(world, media)
    return {**file_fields(world, kind, stored_file(world, request, kind, media["media"]), media), **caption}


@method("sendMediaGroup")
def send_media_group(world: World, request: Request) -> list[Message]:
    params = request.params
    chat = world.writable_chat(params["chat_id"])
    check_possible(params)
    for media in params["media"]:
        check_allowed(chat, media["type"])
    check_album([media["type"] for media in params["media"]])
    common = reply_fields(chat, params.get("reply_parameters"))
    common |= topic_fields(world, chat, params.get("message_thread_id"), common.get("reply_to_message"))
    common["media_group_id"] = str(world.serial())
    if params.get("protect_content"):
        common["has_protected_content"] = True
    contents = [media_content(world, request, media) for media in params["media"]]
    world.pace(chat, len(contents), is_paid=bool(params.get("allow_paid_broadcast")))
    return [world.post(chat, world.bot, {**common, **content}) for content in contents]


def check_album(kinds: list[str]) -> None:
    if len(kinds) < 2:
        raise bad_request("too few messages to send as an album")
    if len(kinds) > ALBUM_MAX:
        raise bad_request("too many messages to send as an album")
    mixed = {"photo" if kind == "video" else kind for kind in kinds}
    if len(mixed) > 1 or not set(kinds) <= set(ALBUM_KINDS):
        raise bad_request("Can't use the media of the specified type in the album")


@method("getFile")
def get_file(world: World, request: Request) -> Json:
    file = world.files.find(request.params["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > DOWNLOAD_MAX:
        raise bad_request("file is too big")
    return {**file.reference(), "file_path": file.path}
