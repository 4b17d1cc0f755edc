"""What somebody typed in Telegram, with its formatting, as HTML that shows the same."""

from __future__ import annotations

from html import escape

from aiogram.types import Message
from aiogram.utils.text_decorations import HtmlDecoration


class _AsTyped(HtmlDecoration):
    """aiogram's, with links that may hold any character and code whose language Telegram understands."""

    def link(self, value: str, link: str) -> str:
        return f'<a href="{escape(link)}">{value}</a>'

    def pre_language(self, value: str, language: str) -> str:
        return f'<pre><code class="language-{escape(language)}">{value}</code></pre>'


_AS_TYPED = _AsTyped()


def typed_html(message: Message) -> str:
    """The text or caption of a message, "" if it has none. Markup that was typed by hand is shown as it was typed."""
    entities = message.entities or message.caption_entities or []
    return _AS_TYPED.unparse(message.text or message.caption or "", entities).replace("\0", "")


def typed_length(message: Message) -> int:
    """As Telegram counts: UTF-16 units of what is shown."""
    return len((message.text or message.caption or "").encode("utf-16-le")) // 2
