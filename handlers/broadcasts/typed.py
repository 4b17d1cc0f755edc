"""What somebody typed in Telegram, with its formatting, as HTML that shows the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from aiogram.enums import MessageEntityType
from aiogram.types import Message, MessageEntity
from aiogram.utils.text_decorations import HtmlDecoration


class _AsTyped(HtmlDecoration):
    """aiogram's, with links that may hold any character and code whose language Telegram understands."""

    def link(self, value: str, link: str) -> str:
        return f'<a href="{escape(link)}">{value}</a>'

    def pre_language(self, value: str, language: str) -> str:
        return f'<pre><code class="language-{escape(language)}">{value}</code></pre>'


_AS_TYPED = _AsTyped()
# Kinds that are nothing without what they bring along.
_NEEDS: dict[str, str] = {
    MessageEntityType.TEXT_LINK: "url",
    MessageEntityType.TEXT_MENTION: "user",
    MessageEntityType.CUSTOM_EMOJI: "custom_emoji_id",
    MessageEntityType.DATE_TIME: "unix_time",
}
_KNOWN: frozenset[str] = frozenset(MessageEntityType)


def typed_html(message: Message) -> str:
    """The text or caption of a message, "" if it has none. Markup that was typed by hand is shown as it was typed."""
    entities = message.entities or message.caption_entities or []
    text = message.text or message.caption or ""
    return _AS_TYPED.unparse(text, list(_sound(entities, text))).replace("\0", "")


def typed_length(message: Message) -> int:
    """As Telegram counts: UTF-16 units of what is shown."""
    return len((message.text or message.caption or "").encode("utf-16-le")) // 2


def _sound(entities: Sequence[MessageEntity], text: str) -> Iterator[MessageEntity]:
    """Those that can be written as HTML: within the text, around whole signs, each within the one around it.

    Offsets count UTF-16 units, of which an emoji has two; a client may begin or end between them, and then the emoji
    is not formatted. Where two cross, the later one ends with the earlier.
    """
    length, within_signs = 0, set()
    for sign in text:
        length += 1 + (sign > "\uffff")
        if sign > "\uffff":
            within_signs.add(length - 1)
    ends: list[int] = []
    for entity in sorted(entities, key=lambda each: (each.offset, -each.length)):
        start, end = max(0, entity.offset), min(length, entity.offset + entity.length)
        start, end = start + (start in within_signs), end - (end in within_signs)
        while ends and ends[-1] <= start:
            ends.pop()
        end = min([end, *ends[-1:]])
        if start < end and _is_complete(entity):
            ends.append(end)
            yield entity.model_copy(update={"offset": start, "length": end - start})


def _is_complete(entity: MessageEntity) -> bool:
    """Of a kind that we know, and with what its kind needs."""
    needed = _NEEDS.get(entity.type)
    return entity.type in _KNOWN and (needed is None or getattr(entity, needed, None) is not None)
