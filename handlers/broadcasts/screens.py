from __future__ import annotations

from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from handlers import footers
from handlers.broadcasts.callbacks import (
    AskToSend,
    CallOff,
    ChangePicture,
    ChangeText,
    Compose,
    DeleteDraft,
    History,
    Pause,
    Preview,
    RemovePicture,
    Resume,
    Send,
    ShowDraft,
    ShowStanding,
)
from handlers.broadcasts.report_callbacks import ShowFigures, ShowShopSent
from handlers.broadcasts.reports import short
from handlers.broadcasts.titles import shop_of as _shop
from handlers.broadcasts.titles import title_of, words_of
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, StoredPicture, bar, button, shortened
from handlers.segments.callbacks import ShowSegment
from handlers.segments.sentences import short as short_segment
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.broadcast_reports import PERIODS
from loyalty.broadcasts import CAPTION_MAX, TEXT_MAX, Broadcast, BroadcastState, Content, Standing
from loyalty.merchants import NAME_MAX, Post
from loyalty.services.broadcasts import Card, Question

PREVIEW = footers.PREVIEW


def message(content: Content, texts: Texts, delivery_id: int, *, variant: str | None = None) -> Screen:
    """What a member gets: the shop's name, its words, and how to stop it. Preview and delivery are one screen."""
    shop = shortened(_shop(content, texts), NAME_MAX)
    words = content.wording(variant, texts.language).text
    return Screen(
        f"<b>{escape(shop, quote=False)}</b>\n\n{words}",
        [footers.footer(texts, delivery_id)],
        picture=None if content.picture_id is None else StoredPicture(content.picture_id),
    )


def _leave_form(draft: Broadcast, texts: Texts) -> Row:
    return [
        button(texts("Cancel"), ShowDraft(broadcast_id=draft.id)),
        button(texts("Sent before"), History(merchant_id=draft.merchant_id)),
    ]


def choose_shop(shops: Sequence[Post], texts: Texts) -> Screen:
    rows = [
        [button(texts("{shop}", shop=post.shop(texts.language)), Compose(merchant_id=post.merchant_id))]
        for post in shops
    ]
    return Screen(texts("For which shop do you want to write?"), [*rows, [button(texts("Home"), Home())]])


def ask_text(draft: Broadcast, texts: Texts) -> Screen:
    most = CAPTION_MAX if draft.content.picture_id is not None else TEXT_MAX
    return Screen(
        texts(
            "What do you want to tell the customers of <b>{shop}</b>? Type it as they shall read it, bold and links "
            "included. Up to {most} characters; a picture can come with it.",
            shop=_shop(draft.content, texts),
            most=most,
        ),
        [_leave_form(draft, texts)],
    )


def ask_picture(draft: Broadcast, texts: Texts) -> Screen:
    return Screen(texts("Send me the picture."), [_leave_form(draft, texts)])


def not_a_text(draft_id: int, texts: Texts) -> Screen:
    said = texts("Nice, but I need words here, or a picture. Type what your customers shall read.")
    return try_again(draft_id, said, texts)


def not_a_picture(draft_id: int, texts: Texts) -> Screen:
    return try_again(draft_id, texts("I need a picture here. Send it as a photo, not as a file."), texts)


def try_again(draft_id: int, said: str, texts: Texts) -> Screen:
    """What is right, while the form stays open."""
    return Screen(said, [[button(texts("Cancel"), ShowDraft(broadcast_id=draft_id))]])


def card(seen: Card, texts: Texts) -> Screen:
    """The draft: whom it would reach, and what can be done with it."""
    draft = seen.draft
    of_draft = {"broadcast_id": draft.id}
    has_text, has_picture = bool(draft.content.text), draft.content.picture_id is not None
    lines: list[str] = [texts("<b>{shop}</b>: a message to the customers", shop=_shop(draft.content, texts))]
    if has_text:
        lines.append(texts("“{words}”", words=shortened(words_of(draft), 60)))
    else:
        lines.append(texts("There are no words in it yet."))
    lines += ["", reach(seen, texts)]
    picture_row = [
        button(texts("Change picture") if has_picture else texts("Add picture"), ChangePicture(**of_draft)),
    ]
    if has_picture:
        picture_row.append(button(texts("Remove picture"), RemovePicture(**of_draft)))
    sending = texts.plural("Send to {n} person", "Send to {n} people", seen.reach.agreed)
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Change text") if has_text else texts("Type the text"), ChangeText(**of_draft))],
            picture_row,
            [button(texts("To whom: {people}", people=short_segment(draft.segment, texts)), ShowSegment(**of_draft))],
            [button(texts("Preview"), Preview(**of_draft)), button(sending, AskToSend(**of_draft))] if has_text else [],
            [
                button(texts("Delete draft"), DeleteDraft(**of_draft)),
                button(texts("Sent before"), History(merchant_id=draft.merchant_id)),
            ],
            [button(texts("Home"), Home())],
        ],
    )


def reach(seen: Card, texts: Texts) -> Markup:
    return texts(
        "{agreed} of {members} members of the club have said yes to offers and can be reached.",
        agreed=seen.reach.agreed,
        members=seen.reach.members,
    )


def ask_to_send(question: Question, texts: Texts) -> Screen:
    draft, agreed = question.card.draft, question.card.reach.agreed
    return Screen(
        texts.plural(
            "Send this to {n} person now? It cannot be called back from whom it has reached.",
            "Send this to {n} people now? It cannot be called back from whom it has reached.",
            agreed,
        ),
        [
            [
                button(
                    texts.plural("Yes, send to {n} person", "Yes, send to {n} people", agreed),
                    Send(broadcast_id=draft.id, nonce=question.nonce),
                )
            ],
            [button(texts("Not yet"), ShowDraft(broadcast_id=draft.id))],
        ],
    )


def deleted(draft: Broadcast, texts: Texts) -> Screen:
    return Screen(
        texts("The draft is gone. Nobody has got it."),
        [
            [button(texts("New message"), Compose(merchant_id=draft.merchant_id))],
            [button(texts("Sent before"), History(merchant_id=draft.merchant_id)), button(texts("Home"), Home())],
        ],
    )


def standing(seen: Standing, texts: Texts) -> Screen:
    """The progress while it is on its way, the report after it."""
    return short(seen, texts) if seen.broadcast.state.is_over else _progress(seen, texts)


def _progress(seen: Standing, texts: Texts) -> Screen:
    broadcast = seen.broadcast
    of_broadcast = {"broadcast_id": broadcast.id}
    is_paused = broadcast.state is BroadcastState.PAUSED
    line: str = texts(
        "{done} / {whole} {bar} {percent} %",
        done=seen.done,
        whole=broadcast.recipients,
        bar=bar(seen.done, broadcast.recipients),
        percent=100 * seen.done // broadcast.recipients,
    )
    if seen.time_left is not None:
        line += texts(" · ETA {span}", span=texts.span(seen.time_left))
    title = title_of(broadcast, texts)
    go_on = (
        button(texts("Resume"), Resume(**of_broadcast)) if is_paused else button(texts("Pause"), Pause(**of_broadcast))
    )
    return Screen(
        f"{title}\n{line}",
        [
            [go_on, button(texts("Cancel"), CallOff(**of_broadcast))],
            [button(texts("Figures so far"), ShowFigures(**of_broadcast))],
        ],
    )


def history(
    merchant_id: int, page: Sequence[Broadcast], older_than: int | None, zone: ZoneInfo, texts: Texts, *, is_first: bool
) -> Screen:
    """What the shop has sent, each with a button to its report."""
    rows: list[Row] = [
        [
            button(
                texts(
                    "{date} · {words}",
                    date=texts.date((broadcast.started_at or broadcast.created_at).astimezone(zone).date()),
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
    looking_back = [
        button(texts.plural("Last {n} day", "Last {n} days", n), ShowShopSent(merchant_id=merchant_id, period=n))
        for n in PERIODS
    ]
    return Screen(text, [*rows, paging, looking_back if page else [], home])
