"""Keyboards under messages: which ones Telegram takes, and which button a person means."""

from collections.abc import Iterator

from sandbox.errors import ApiError, bad_request
from sandbox.links import checked_link
from sandbox.model import Json

BUTTONS_MAX = 100
MARKUP_MAX = 10_240
STYLES = ("danger", "success", "primary")
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def inline_keyboard(markup: Json | None, *, is_invoice: bool = False, is_private: bool = True) -> Json | None:
    """The keyboard as Telegram keeps it, None for an empty one; ApiError 400 for what it would refuse."""
    if markup is None:
        return None
    rows = [[checked_button(button, is_private) for button in row] for row in markup["inline_keyboard"] if row]
    if not rows:
        return None
    if sum(map(len, rows)) > BUTTONS_MAX or length_of(rows) > MARKUP_MAX:
        raise bad_request("reply markup is too long")
    check_pay_button(rows, is_invoice)
    return {"inline_keyboard": rows}


def length_of(rows: list[list[Json]]) -> int:
    """Characters in what buttons say and carry."""
    return sum(len(value) for row in rows for button in row for value in button.values() if type(value) is str)


def checked_button(button: Json, is_private: bool) -> Json:
    if not button["text"]:
        raise unusable("Inline keyboard button text must be non-empty")
    if button.get("style", "primary") not in STYLES:
        raise unusable("Invalid button style specified")
    actions = [action for action in ACTIONS if action in button and button[action] is not False]
    if not actions:
        raise unusable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise unusable(f"Exactly one of {', '.join(actions)} may be used")
    return checked_action(button, actions[0], is_private)


def checked_action(button: Json, action: str, is_private: bool) -> Json:
    if action == "callback_data":
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
    elif action == "url":
        return {**button, "url": checked_url(button["url"], "URL")}
    elif action == "copy_text":
        if not 1 <= len(button["copy_text"]["text"]) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    elif action == "web_app":
        url = checked_url(button["web_app"]["url"], "Web App URL")
        if not url.startswith("https://"):
            raise wrong_url(url, "Web App URL", "Only HTTPS links are allowed")
        if not is_private:
            raise bad_request("BUTTON_TYPE_INVALID")
    elif action in ("login_url", "callback_game"):
        raise ApiError(501, f"Not Implemented: the sandbox has no {action} buttons")
    return button


def checked_url(url: str, title: str) -> str:
    link = checked_link(url)
    if link is None:
        raise wrong_url(url, title, "Wrong HTTP URL")
    return link


def wrong_url(url: str, title: str, reason: str) -> ApiError:
    return bad_request(f"inline keyboard button {title} '{url}' is invalid: {reason}")


def check_pay_button(rows: list[list[Json]], is_invoice: bool) -> None:
    first = rows[0][0]
    for button in buttons({"inline_keyboard": rows}):
        if button.get("pay") and (button is not first or not is_invoice):
            raise bad_request("BUTTON_TYPE_INVALID")
    if is_invoice and not first.get("pay"):
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")


def reply_keyboard(markup: Json) -> Json:
    """A keyboard in place of the person's own; ApiError 400 if it has no button or one without a text."""
    rows = [row for row in markup.get("keyboard", []) if row]
    if "keyboard" in markup and not rows:
        raise bad_request("reply keyboard must contain at least one button")
    for button in (each for row in rows for each in row):
        if not button["text"]:
            raise bad_request("can't parse keyboard button: Keyboard button text must be non-empty")
    return {**markup, "keyboard": rows} if "keyboard" in markup else markup


def unusable(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")


def buttons(markup: Json | None) -> Iterator[Json]:
    """All inline buttons, row by row."""
    for row in (markup or {}).get("inline_keyboard", []):
        yield from row


def find_button(markup: Json | None, *, data: str | None = None, text: str | None = None) -> Json | None:
    """The button with that callback data or that label."""
    for button in buttons(markup):
        if data is not None and button.get("callback_data") == data:
            return button
        if data is None and text is not None and button["text"] == text:
            return button
    return None
