from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from handlers.broadcasts import labels, progress_screens
from handlers.broadcasts.callbacks import Compose, CopyToDraft, Follow, History, SetConsent, ShowStanding, Why
from handlers.broadcasts.reading import Reader, filled
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, StoredPicture, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.broadcasts import Broadcast, BroadcastState, Content, Standing
from loyalty.merchants import NAME_MAX, said_in
from loyalty.services.broadcasts import Reason

PREVIEW = 0  # the delivery that is none


def message(
    content: Content,
    texts: Texts,
    delivery_id: int,
    *,
    variant: str | None = None,
    gets_offers: bool = True,
    reader: Reader | None = None,
) -> Screen:
    """What a member gets: the shop's name, its words and buttons, and how to stop it. Preview and delivery are one
    screen."""
    shop = shortened(labels.shop(content, texts), NAME_MAX)
    words = filled(content.wording(variant, texts.language).text, reader or Reader(), shop, texts)
    links: list[Row] = [
        [button(labels.on_button(labels.label(each, texts.language)), Follow(delivery_id=delivery_id, place=place))]
        for place, each in enumerate(content.buttons)
    ]
    return Screen(
        f"<b>{escape(shop, quote=False)}</b>\n\n{words}",
        [*links, footer(texts, delivery_id, gets_offers=gets_offers)],
        picture=None if content.picture_id is None else StoredPicture(content.picture_id),
    )


def footer(texts: Texts, delivery_id: int, *, gets_offers: bool) -> Row:
    return [
        button(texts("Why this?"), Why(delivery_id=delivery_id)),
        button(consent_words(texts, not gets_offers), SetConsent(delivery_id=delivery_id, given=not gets_offers)),
    ]


def consent_words(texts: Texts, given: bool) -> Markup:
    """What the button says with which offers are stopped, or come again; the log of consents keeps it."""
    return texts("Undo: send me offers") if given else texts("Stop offers")


def reason(found: Reason, zone: ZoneInfo, texts: Texts) -> Markup:
    shop = said_in(texts.language, found.translations, "name", found.shop)
    if found.agreed_at is None:
        return texts("This came from {shop} while you had said yes to offers. You get no more of them.", shop=shop)
    return texts(
        "This is from {shop}. You said yes to offers on {date}. “Stop offers” ends them at once.",
        shop=shop,
        date=texts.date(found.agreed_at.astimezone(zone).date()),
    )


def standing(seen: Standing, texts: Texts, zone: ZoneInfo | None = None) -> Screen:
    """How it waits and how it goes, and the report after it. `zone`: of whoever looks."""
    if not seen.broadcast.state.is_over:
        return progress_screens.progress(seen, texts, zone or progress_screens.UTC)
    if seen.broadcast.started_at is None:
        return progress_screens.called_off(seen.broadcast, texts)
    return _report(seen, texts)


def _report(seen: Standing, texts: Texts) -> Screen:
    broadcast, tally = seen.broadcast, seen.tally
    assert tally is not None, "whoever asks after it is over gets the tally"
    title = (
        texts("<b>{shop}</b>: called off", shop=labels.shop(broadcast.content, texts))
        if broadcast.state is BroadcastState.CANCELLED
        else texts("<b>{shop}</b>: sent", shop=labels.shop(broadcast.content, texts))
    )
    lines: list[str] = [
        title,
        texts("“{words}”", words=shortened(words_of(broadcast), 60)),
        "",
        texts("Recipients: {n}", n=broadcast.recipients),
        texts("Sent: <b>{n}</b>", n=tally.sent),
        texts("Opened: {n}", n=tally.opened),
    ]
    if tally.failed:
        lines.append(texts("Failed: {n}", n=tally.failed))
    if tally.unknown:
        lines.append(texts("Perhaps arrived, perhaps not: {n}", n=tally.unknown))
    if tally.left:
        lines.append(texts("Still on the way: {n}", n=tally.left))
    lines += [_not_sent(why, n, texts) for why, n in sorted(tally.suppressed.items())]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Use as a new draft"), CopyToDraft(broadcast_id=broadcast.id))],
            [
                button(texts("New message"), Compose(merchant_id=broadcast.merchant_id)),
                button(texts("Sent before"), History(merchant_id=broadcast.merchant_id)),
            ],
            [button(texts("Home"), Home())],
        ],
    )


def _not_sent(why: str, n: int, texts: Texts) -> Markup:
    match why:
        case "blocked":
            return texts("Have blocked the bot: {n}", n=n)
        case "unreachable":
            return texts("Cannot be reached any more: {n}", n=n)
        case "no_consent":
            return texts("Have stopped offers meanwhile: {n}", n=n)
        case "cancelled":
            return texts("Called off before it went out: {n}", n=n)
        case _:
            return texts("Not sent: {n}", n=n)


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
                    words=shortened(words_of(broadcast), 24),
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
    return Screen(text, [*rows, paging, home])


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


def words_of(broadcast: Broadcast) -> str:
    """The words alone, on one line."""
    return labels.words_of(broadcast.content.text)
