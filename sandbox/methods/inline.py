"""Answers to taps and to inline queries."""

from sandbox.errors import ApiError, bad_request
from sandbox.formatting import understand_text
from sandbox.keyboards import inline_keyboard
from sandbox.methods.media import EXTRAS, file_fields
from sandbox.methods.registry import Request, method
from sandbox.methods.sending import caption_fields, location_of, text_fields
from sandbox.model import QUERY_LIFETIME, CallbackAnswer, InlineAnswer, Json
from sandbox.world import World

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
RESULTS_MAX = 50
ANSWER_MAX = 200
PLACE_FIELDS = (
    "latitude",
    "longitude",
    "title",
    "address",
    "phone_number",
    "first_name",
    "last_name",
    "vcard",
)


@method("answerCallbackQuery")
def answer_callback_query(world: World, request: Request) -> bool:
    params = request.params
    query = world.callback_queries.get(params["callback_query_id"])
    if query is None or query.asked_at + QUERY_LIFETIME < world.now():
        raise bad_request(TOO_OLD)
    text = params.get("text", "")
    if len(text) > ANSWER_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answer is not None:
        return True  # as in Telegram: answered once is answered, a second time changes nothing
    answer = CallbackAnswer(text or None, params.get("show_alert", False), params.get("url"))
    query.settle(answer)
    if answer.text or answer.url:
        world.events.publish(
            "toast",
            user_id=query.user_id,
            chat_id=query.chat_id,
            text=text,
            show_alert=answer.show_alert,
            **({"url": answer.url} if answer.url else {}),
        )
    return True


@method("answerInlineQuery")
def answer_inline_query(world: World, request: Request) -> bool:
    params = request.params
    query = world.inline_queries.get(params["inline_query_id"])
    if query is None or query.asked_at + QUERY_LIFETIME < world.now():
        raise bad_request(TOO_OLD)
    results = params["results"]
    if len(results) > RESULTS_MAX:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    checked = [checked_result(each) for each in results]
    messages = {result["id"]: message_of(world, result) for result in checked}
    query.settle(InlineAnswer(checked, messages, params.get("next_offset", ""), params.get("button")))
    return True


def checked_result(result: Json) -> Json:
    if not 1 <= len(result["id"].encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    keyboard = inline_keyboard(result.get("reply_markup"))
    return {**result, "reply_markup": keyboard} if keyboard else result


def message_of(world: World, result: Json) -> Json:
    """The content that choosing the result sends. Made on answering, where the bot's mistakes belong."""
    keyboard = {"reply_markup": result["reply_markup"]} if "reply_markup" in result else {}
    given = result.get("input_message_content")
    return {**(given_content(world, given) if given else own_content(world, result)), **keyboard}


def given_content(world: World, given: Json) -> Json:
    if "message_text" in given:
        return text_fields(understand_text(given["message_text"], given, world.user), given)
    if "phone_number" in given:
        return {"contact": given}
    if "address" in given:
        return {"venue": {"location": location_of(given), "title": given["title"], "address": given["address"]}}
    if "latitude" in given:
        return {"location": location_of(given)}
    raise ApiError(501, "Not Implemented: the sandbox has no such input_message_content")


def own_content(world: World, result: Json) -> Json:
    kind = "animation" if result["type"] in ("gif", "mpeg4_gif") else result["type"]
    if kind in ("location", "venue", "contact"):
        return given_content(world, {key: result[key] for key in PLACE_FIELDS if key in result})
    if kind != "photo" and kind not in EXTRAS:
        raise bad_request("MESSAGE_EMPTY" if kind == "article" else f"the sandbox has no inline results of type {kind}")
    source = next(result[key] for key in (f"{result['type']}_{end}" for end in ("file_id", "url")) if key in result)
    file = world.files.reuse(kind, source)
    return {**file_fields(world, kind, file, result), **caption_fields(world, result)}
