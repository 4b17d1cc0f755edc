"""parse_mode HTML: strict, as Telegram is. Errors name the byte where they happened."""

import html
import re
from dataclasses import dataclass

from sandbox.errors import ApiError, bad_request
from sandbox.links import checked_link, linked_user
from sandbox.model import Json
from sandbox.text import FormattedText, Writer

STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
}
TAGS = frozenset({*STYLES, "a", "pre", "blockquote", "tg-emoji", "tg-time"})
# The only attributes that mean something; others are allowed and ignored, as in Telegram.
ATTRIBUTES = {
    "a": ("href",),
    "code": ("class",),
    "span": ("class",),
    "tg-emoji": ("emoji-id",),
    "blockquote": ("expandable",),
    "tg-time": ("unix", "format"),
}
MARKUP = re.compile(r"[<&]")
REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));?")
TAG_NAME = re.compile(r"[^\s>]*")
SPACE = re.compile(r"\s*")
NAME = re.compile(r"[^\s=>]*")
TOKEN = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(slots=True)
class OpenTag:
    name: str
    offset: int
    attributes: dict[str, str]


class HtmlReader:
    """Reads one marked-up text, once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._out = Writer()
        self._open: list[OpenTag] = []
        self._entities: list[Json] = []

    def read(self) -> FormattedText:
        source = self._source
        while markup := MARKUP.search(source, self._position):
            self._out.write(source[self._position : markup.start()])
            self._position = markup.start()
            if markup[0] == "&":
                self._out.write(self._reference())
            elif source.startswith("</", self._position):
                self._end_tag()
            else:
                self._start_tag()
        self._out.write(source[self._position :])
        if self._open:
            raise unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        return FormattedText(self._out.text(), self._entities)

    def _reference(self) -> str:
        found = REFERENCE.match(self._source, self._position)
        if found is None:
            self._position += 1
            return "&"
        self._position = found.end()
        return html.unescape(found[0] if found[0].endswith(";") else f"{found[0]};")

    def _start_tag(self) -> None:
        begin = self._position
        name = self._read(TAG_NAME, begin + 1).lower()
        if self._is_over():
            raise unparsable(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in TAGS:
            raise unparsable(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes = {}
        while not self._skips_to(">"):
            attribute, value = self._attribute(name, begin)
            if attribute in ATTRIBUTES.get(name, ()):
                attributes[attribute] = value
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self._position += 1
        self._open.append(OpenTag(name, self._out.offset, attributes))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._read(NAME, self._position).lower()
        if not name:
            raise unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
        if self._skips_to(">") or not self._skips_to("="):
            return name, ""
        self._position += 1
        value = self._value() if not self._skips_to(">") else ""
        if self._is_over():
            raise unparsable(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        return name, value

    def _value(self) -> str:
        quote = self._source[self._position : self._position + 1]
        if quote in ("'", '"') and quote:
            end = self._source.find(quote, self._position + 1)
            if end < 0:
                self._position = len(self._source)
                return ""
            value = self._source[self._position + 1 : end]
            self._position = end + 1
            return html.unescape(value)
        begin = self._position
        value = self._read(TOKEN, begin)
        if not self._is_over() and self._source[self._position] not in " \t\r\n>":
            raise unparsable(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return value.lower()

    def _end_tag(self) -> None:
        begin = self._position
        if not self._open:
            raise unparsable(f"Unexpected end tag at byte offset {self._byte(begin)}")
        name = self._read(TAG_NAME, begin + 2).lower()
        if not self._skips_to(">"):
            raise unparsable(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self._position += 1
        opened = self._open.pop()
        if name and name != opened.name:
            raise unparsable(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{opened.name}>", found "</{name}>"'
            )
        self._close(opened)

    def _close(self, tag: OpenTag) -> None:
        length = self._out.offset - tag.offset
        entity = self._meaning(tag) if length else None
        if entity is not None:
            self._entities.append({"type": entity.pop("type"), "offset": tag.offset, "length": length, **entity})

    def _meaning(self, tag: OpenTag) -> Json | None:
        """The entity without its place; None for a link that leads nowhere."""
        if tag.name == "a":
            return link_entity(tag.attributes.get("href") or self._text_since(tag.offset))
        if tag.name == "pre":
            return self._preformatted(tag)
        if tag.name == "blockquote":
            return {"type": "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"}
        if tag.name == "tg-emoji":
            return custom_emoji_entity(tag.attributes.get("emoji-id", ""))
        if tag.name == "tg-time":
            return time_entity(tag.attributes.get("unix", ""), tag.attributes.get("format"))
        language = tag.attributes.get("class", "").removeprefix("language-") if tag.name == "code" else ""
        if language and self._open and self._open[-1].name == "pre" and self._open[-1].offset == tag.offset:
            self._open[-1].attributes["language"] = language
        return {"type": STYLES[tag.name]}

    def _preformatted(self, tag: OpenTag) -> Json:
        """`<pre><code class="language-x">` around the same text is one entity."""
        last = self._entities[-1] if self._entities else None
        if (
            last
            and last["type"] == "code"
            and last["offset"] == tag.offset
            and last["length"] == self._out.offset - tag.offset
        ):
            self._entities.pop()
            if language := tag.attributes.get("language"):
                return {"type": "pre", "language": language}
        return {"type": "pre"}

    def _text_since(self, offset: int) -> str:
        return self._out.text().encode("utf-16-le")[offset * 2 :].decode("utf-16-le")

    def _read(self, pattern: re.Pattern[str], position: int) -> str:
        found = pattern.match(self._source, position)
        assert found is not None  # every pattern here matches nothing, too
        self._position = found.end()
        return found[0]

    def _skips_to(self, character: str) -> bool:
        self._read(SPACE, self._position)
        if character == ">" and self._is_over():
            return False
        return self._source.startswith(character, self._position)

    def _is_over(self) -> bool:
        return self._position >= len(self._source)

    def _byte(self, position: int) -> int:
        return len(self._source[:position].encode())


def unparsable(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def link_entity(url: str) -> Json | None:
    user_id = linked_user(url)
    if user_id is not None:
        return {"type": "text_mention", "user": {"id": user_id}}
    link = checked_link(url)
    return {"type": "text_link", "url": link} if link else None


def custom_emoji_entity(emoji_id: str) -> Json:
    if not emoji_id.isdigit():
        raise unparsable("Invalid custom emoji identifier specified")
    return {"type": "custom_emoji", "custom_emoji_id": emoji_id}


def time_entity(unix: str, date_time_format: str | None) -> Json:
    if not unix.isdigit():
        raise unparsable("Invalid Unix time specified")
    entity: Json = {"type": "date_time", "unix_time": int(unix)}
    return {**entity, "date_time_format": date_time_format} if date_time_format else entity


def parse_html(text: str) -> FormattedText:
    return HtmlReader(text).read()
