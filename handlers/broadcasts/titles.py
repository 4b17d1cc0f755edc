"""By what people know a broadcast again."""

from __future__ import annotations

from handlers.broadcasts import labels
from locales.texts import Markup, Texts
from loyalty.broadcasts import Broadcast, BroadcastState


def title_of(broadcast: Broadcast, texts: Texts) -> Markup:
    """The shop, and how far its message is."""
    shop, state = labels.shop(broadcast.content, texts), state_of(broadcast.state, texts)
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
