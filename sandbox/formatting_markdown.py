"""parse_mode MarkdownV2 and the older Markdown: as strict as Telegram. Errors name their byte."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sandbox.errors import ApiError
from sandbox.formatting_html import custom_emoji_entity, link_entity, time_entity, unparsable
from sandbox.model import Json
from sandbox.text import FormattedText, Writer

RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
TITLES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "link": "TextUrl",
    "special": "CustomEmoji",
    "blockquote": "BlockQuote",
}
"""Telegram's names of the kinds, as they stand in its errors."""

ENDS = {
    "bold": "*",
    "code": "`",
    "pre": "```",
    "link": "]",
    "special": "]",
    "underline": "__",
    "strikethrough": "~",
    "spoiler": "||",
}


@dataclass(slots=True)
class Opened:
    kind: str
    offset: int
    position: int
    language: str = ""


class MarkdownReader:
    """What both dialects share: a source, a place in it and what came out so far."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._out = Writer()
        self._entities: list[Json] = []

    def _at(self, text: str) -> bool:
        return self._source.startswith(text, self._position)

    def _next(self) -> str:
        return self._source[self._position]

    def _is_over(self) -> bool:
        return self._position >= len(self._source)

    def _byte(self, position: int) -> int:
        return len(self._source[:position].encode())

    def _add(self, entity: Json | None, offset: int) -> None:
        if entity is not None and self._out.offset > offset:
            length = self._out.offset - offset
            self._entities.append({"type": entity.pop("type"), "offset": offset, "length": length, **entity})

    def _text_since(self, offset: int) -> str:
        return self._out.text().encode("utf-16-le")[offset * 2 :].decode("utf-16-le")

    def _code_language(self) -> str:
        """The word after ``` and one line break; a word that ends in ` is text."""
        end = self._position
        while end < len(self._source) and not self._source[end].isspace() and self._source[end] != "`":
            end += 1
        language = ""
        if end < len(self._source) and self._source[end] != "`":
            language = self._source[self._position : end]
            self._position = end
        for line_break in ("\r\n", "\n\r", "\n", "\r"):
            if self._at(line_break):
                self._position += len(line_break)
                break
        return language


class MarkdownV2Reader(MarkdownReader):
    """Reads one marked-up text, once."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._open: list[Opened] = []
        self._is_in_quote = False

    def read(self) -> FormattedText:
        while not self._is_over():
            character = self._next()
            if character == "\\" and self._is_escape():
                self._out.write(self._source[self._position + 1])
                self._position += 2
            elif character not in self._reserved():
                self._out.write(character)
                self._position += 1
            elif self._ends_here():
                self._end()
            else:
                self._begin()
        if self._is_in_quote:
            self._end_quote()
        if self._open:
            raise self._endless(self._open[-1])
        return FormattedText(self._out.text(), self._entities)

    def _is_escape(self) -> bool:
        following = self._source[self._position + 1 : self._position + 2]
        return bool(following) and 0 < ord(following) <= 126

    def _reserved(self) -> frozenset[str]:
        in_code = self._open and self._open[-1].kind in ("code", "pre")
        return frozenset("`") if in_code else RESERVED

    def _ends_here(self) -> bool:
        if not self._open:
            return False
        if self._is_in_quote and self._next() == "\n":
            return not self._source.startswith(">", self._position + 1)
        kind = self._open[-1].kind
        if kind == "italic":
            return self._at("_") and not self._at("__")
        return kind in ENDS and self._at(ENDS[kind])

    def _begin(self) -> None:
        position = self._position
        if self._at("\n"):
            self._line_break()
        elif self._at(">") and self._out.is_at_line_start() and not self._is_in_quote:
            self._is_in_quote = True
            self._push("blockquote", position, 1)
        elif self._at("__"):
            self._push("underline", position, 2)
        elif self._at("_"):
            self._push("italic", position, 1)
        elif self._at("*"):
            self._push("bold", position, 1)
        elif self._at("~"):
            self._push("strikethrough", position, 1)
        elif self._at("||"):
            self._push("spoiler", position, 2)
        elif self._at("["):
            self._push("link", position, 1)
        elif self._at("!["):
            self._push("special", position, 2)
        elif self._at("```"):
            self._push("pre", position, 3)
            self._open[-1].language = self._code_language()
        elif self._at("`"):
            self._push("code", position, 1)
        else:
            raise unparsable(f"Character '{self._next()}' is reserved and must be escaped with the preceding '\\'")

    def _push(self, kind: str, position: int, width: int) -> None:
        self._position += width
        self._open.append(Opened(kind, self._out.offset, position))

    def _line_break(self) -> None:
        self._out.write("\n")
        self._position += 1
        if self._is_in_quote and self._at(">"):
            self._position += 1

    def _end(self) -> None:
        if self._next() == "\n":
            self._end_quote()
            return
        opened = self._open.pop()
        self._position += 1 if opened.kind == "italic" else len(ENDS[opened.kind])
        self._add(self._meaning(opened), opened.offset)

    def _end_quote(self) -> None:
        """At a line break or at the end; `||` right before it makes the quote an expandable one."""
        opened = self._open.pop()
        kind = "blockquote"
        if opened.kind == "spoiler" and opened.offset == self._out.offset and self._open:
            opened = self._open.pop()
            kind = "expandable_blockquote"
        if opened.kind != "blockquote":
            raise self._endless(opened)
        self._is_in_quote = False
        self._add({"type": kind}, opened.offset)

    def _meaning(self, opened: Opened) -> Json | None:
        if opened.kind == "link":
            url = self._url("a URL") if self._at("(") else self._text_since(opened.offset)
            return link_entity(url)
        if opened.kind == "special":
            if not self._at("("):
                raise unparsable("Custom emoji entity must contain a tg://emoji URL")
            return special_entity(self._url("a custom emoji URL"))
        if opened.kind == "pre" and opened.language:
            return {"type": "pre", "language": opened.language}
        return {"type": opened.kind}

    def _url(self, title: str) -> str:
        self._position += 1
        begin = self._position
        url = []
        while not self._is_over() and self._next() != ")":
            if self._next() == "\\" and self._is_escape():
                self._position += 1
            url.append(self._next())
            self._position += 1
        if self._is_over():
            raise unparsable(f"Can't find end of {title} at byte offset {self._byte(begin)}")
        self._position += 1
        return "".join(url)

    def _endless(self, opened: Opened) -> ApiError:
        place = self._byte(opened.position)
        return unparsable(f"Can't find end of {TITLES[opened.kind]} entity at byte offset {place}")


class MarkdownV1Reader(MarkdownReader):
    """Reads one text in the older dialect, which nests nothing."""

    def read(self) -> FormattedText:
        while not self._is_over():
            character = self._next()
            following = self._source[self._position + 1 : self._position + 2]
            if character == "\\" and following and following in "_*`[":
                self._out.write(following)
                self._position += 2
            elif character in "_*`[":
                self._entity(character)
            else:
                self._out.write(character)
                self._position += 1
        return FormattedText(self._out.text(), self._entities)

    def _entity(self, character: str) -> None:
        begin, offset = self._position, self._out.offset
        language = None
        end = "]" if character == "[" else character
        self._position += 1
        if self._source.startswith("```", begin):
            self._position += 2
            language = self._code_language()
            end = "```"
        found = self._source.find(end, self._position)
        if found < 0:
            raise unparsable(f"Can't find end of the entity starting at byte offset {self._byte(begin)}")
        self._out.write(self._source[self._position : found])
        self._position = found + len(end)
        self._add(self._meaning(character, language, offset), offset)

    def _meaning(self, character: str, language: str | None, offset: int) -> Json | None:
        if character == "[":
            return link_entity(self._url() if self._at("(") else self._text_since(offset))
        if language is not None:
            return {"type": "pre", "language": language} if language else {"type": "pre"}
        return {"type": {"_": "italic", "*": "bold", "`": "code"}[character]}

    def _url(self) -> str:
        end = self._source.find(")", self._position)
        end = len(self._source) if end < 0 else end
        url = self._source[self._position + 1 : end]
        self._position = end + 1
        return url


def special_entity(url: str) -> Json:
    """What `![text](tg://emoji?id=1)` and `![text](tg://time?unix=1)` mean."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme == "tg" and parts.netloc == "time":
        return time_entity(query.get("unix", ""), query.get("format"))
    if parts.scheme != "tg" or parts.netloc != "emoji":
        raise unparsable("Custom emoji entity must contain a tg://emoji URL")
    return custom_emoji_entity(query.get("id", ""))


def parse_markdown_v2(text: str) -> FormattedText:
    return MarkdownV2Reader(text).read()


def parse_markdown(text: str) -> FormattedText:
    return MarkdownV1Reader(text).read()
