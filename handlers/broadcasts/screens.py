from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from handlers import footers
from handlers.broadcasts import labels, progress_screens
from handlers.broadcasts.callbacks import Compose, Follow, History, ShowStanding
from handlers.broadcasts.reading import Reader, filled
from handlers.broadcasts.report_callbacks import ShowShopSent
from handlers.broadcasts.reports import short
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, StoredPicture, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.broadcast_reports import PERIODS
from loyalty.broadcasts import Broadcast, BroadcastState, Content, Standing
from loyalty.merchants import NAME_MAX

PREVIEW = footers.PREVIEW


def message(
    content: Content,
    texts: Texts,
    delivery_id: int,
    *,
    variant: str | None = None,
    reader: Reader | None = None,
) -> Screen:
    """What a member gets: the shop's name, its words and buttons, and how to stop it. Preview and delivery are one
    screen."""
    return Screen(
        words(content, texts, variant, reader or Reader()), buttons(content, texts, delivery_id), picture(content)
    )


def words(content: Content, texts: Texts, variant: str | None, reader: Reader) -> str:
    shop = shortened(labels.shop(content, texts), NAME_MAX)
    said = filled(content.wording(variant, texts.language).text, reader, shop, texts)
    return f"<b>{escape(shop, quote=False)}</b>\n\n{said}"


def buttons(content: Content, texts: Texts, delivery_id: int) -> list[Row]:
    links: list[Row] = [
        [button(labels.on_button(labels.label(each, texts.language)), Follow(delivery_id=delivery_id, place=place))]
        for place, each in enumerate(content.buttons)
    ]
    return [*links, footers.footer(texts, delivery_id)]


def picture(content: Content) -> StoredPicture | None:
    return None if content.picture_id is None else StoredPicture(content.picture_id)


def standing(seen: Standing, texts: Texts, zone: ZoneInfo | None = None) -> Screen:
    """How it waits and how it goes, and the report after it. `zone`: of whoever looks."""
    if not seen.broadcast.state.is_over:
        return progress_screens.progress(seen, texts, zone or progress_screens.UTC)
    if seen.broadcast.started_at is None:
        return progress_screens.called_off(seen.broadcast, texts)
    return short(seen, texts)


def history(
    merchant_id: int, page: Sequence[Broadcast], older_than: int | None, zone: ZoneInfo, texts: Texts, *, is_first: bool
) -> Screen:
    """What the shop has sent, each with a button to its report."""
    rows: list[Row] = [
        [
            button(
                _mark(broadcast)
                + texts(
                    "{date} · {words}",
                    date=texts.date(_day_of(broadcast).astimezone(zone).date()),
                    words=shortened(labels.known_by(broadcast.content, texts), 24),
                ),
                ShowStanding(broadcast_id=broadcast.id),
            )
        ]
        for broadcast in page
    ]
    paging = newest_and_older(
        None if is_first else History(merchant_id=merchant_id),
        None if older_than is None else History(merchant_id=merchant_id, before=older_than),
        texts,
    )
    text = (
        texts("What your customers were sent so far. Tap one for its report.")
        if page
        else texts("Your customers have not been sent anything yet. The first message is quickly written.")
    )
    home = [button(texts("New message"), Compose(merchant_id=merchant_id)), button(texts("Home"), Home())]
    looking_back = [
        button(texts.plural("Last {n} day", "Last {n} days", n), ShowShopSent(merchant_id=merchant_id, period=n))
        for n in PERIODS
    ]
    return Screen(text, [*rows, paging, looking_back if page else [], home])


def _mark(broadcast: Broadcast) -> str:
    """What is not over shows how it stands."""
    marks = {
        BroadcastState.WAITING: "✋ ",
        BroadcastState.SCHEDULED: "⏳ ",
        BroadcastState.PREPARING: "▶️ ",
        BroadcastState.SENDING: "▶️ ",
        BroadcastState.PAUSED: "⏸ ",
    }
    return marks.get(broadcast.state, "")


def _day_of(broadcast: Broadcast) -> datetime:
    return broadcast.started_at or broadcast.schedule.send_at or broadcast.confirmed_at or broadcast.created_at
