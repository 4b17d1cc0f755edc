"""By what people know a broadcast again."""

from __future__ import annotations

import re
from html import unescape

from locales.texts import Markup, Texts
from loyalty.broadcasts import Broadcast, BroadcastState, Content
from loyalty.merchants import said_in


def shop_of(content: Content, texts: Texts) -> str:
    return said_in(texts.language, content.translations, "name", content.shop)


def words_of(broadcast: Broadcast) -> str:
    """The words alone, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", broadcast.content.text)).split())


def title_of(broadcast: Broadcast, texts: Texts) -> Markup:
    """The shop, and how far its message is."""
    shop, state = shop_of(broadcast.content, texts), state_of(broadcast.state, texts)
    return texts("<b>{shop}</b>: {state}", shop=shop, state=state)


def state_of(state: BroadcastState, texts: Texts) -> Markup:
    match state:
        case BroadcastState.DONE:
            return texts("sent")
        case BroadcastState.CANCELLED:
            return texts("called off")
        case BroadcastState.PAUSED:
            return texts("paused")
        case BroadcastState.SENDING | BroadcastState.PREPARING:
            return texts("on its way")
        case _:
            return texts("not begun yet")
