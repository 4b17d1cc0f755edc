"""parse_mode to text and entities."""

from collections.abc import Callable

from sandbox.detection import with_detected
from sandbox.errors import bad_request
from sandbox.formatting_html import parse_html
from sandbox.formatting_markdown import parse_markdown, parse_markdown_v2
from sandbox.model import Json
from sandbox.text import FormattedText, tidy, trimmed, utf16_length

TEXT_MAX = 4096
CAPTION_MAX = 1024

PARSERS: dict[str, Callable[[str], FormattedText]] = {
    "html": parse_html,
    "markdownv2": parse_markdown_v2,
    "markdown": parse_markdown,
}
DETECTED_ONLY = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})
"""Kinds that Telegram finds by itself and does not take from a bot."""


def understand(
    text: str,
    parse_mode: str | None = None,
    entities: list[Json] | None = None,
    user_of: Callable[[int], Json | None] = lambda user_id: None,
) -> FormattedText:
    """The text as people see it. `user_of` gives a mentioned User; without one the mention is dropped.

    As in Telegram a parse_mode wins over given entities, and the ends are stripped of white space.
    """
    if parse_mode:
        parser = PARSERS.get(parse_mode.lower())
        if parser is None:
            raise bad_request("unsupported parse_mode")
        formatted = parser(text)
    else:
        formatted = FormattedText(text.replace("\r", ""), given_entities(entities or [], text))
    if formatted.entities:
        known = [known_entity(each, user_of) for each in formatted.entities]
        formatted.entities = tidy([each for each in known if each is not None])
    return with_detected(trimmed(formatted))


def given_entities(entities: list[Json], text: str) -> list[Json]:
    end = utf16_length(text)
    kept = []
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] < 0 or entity["offset"] + entity["length"] > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity['offset']} ends after the end of the text "
                f"at UTF-16 offset {entity['offset'] + entity['length']}"
            )
        if entity["type"] not in DETECTED_ONLY:
            kept.append(dict(entity))
    return kept


def known_entity(entity: Json, user_of: Callable[[int], Json | None]) -> Json | None:
    if entity["type"] != "text_mention":
        return entity
    user = user_of(entity["user"]["id"])
    return {**entity, "user": user} if user else None


def understand_text(text: str, params: Json, user_of: Callable[[int], Json | None]) -> FormattedText:
    """A message's text; ApiError 400 if nothing is left of it or it is longer than 4096 UTF-16 units."""
    formatted = understand(text, params.get("parse_mode"), params.get("entities"), user_of)
    if not formatted.text:
        raise bad_request("message text is empty")
    if utf16_length(formatted.text) > TEXT_MAX:
        raise bad_request("message is too long")
    return formatted


def understand_caption(params: Json, user_of: Callable[[int], Json | None]) -> FormattedText:
    """A caption, which may be empty; ApiError 400 if it is longer than 1024 UTF-16 units."""
    caption = params.get("caption")
    if not caption:
        return FormattedText("")
    formatted = understand(caption, params.get("parse_mode"), params.get("caption_entities"), user_of)
    if utf16_length(formatted.text) > CAPTION_MAX:
        raise bad_request("message caption is too long")
    return formatted
