from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
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
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, StoredPicture, bar, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.broadcasts import CAPTION_MAX, TEXT_MAX, Broadcast, BroadcastState, Content, Standing
from loyalty.merchants import NAME_MAX, Post, said_in
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


def _shop(content: Content, texts: Texts) -> str:
    return said_in(texts.language, content.translations, "name", content.shop)


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
    return _report(seen, texts) if seen.broadcast.state.is_over else _progress(seen, texts)


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
    title = (
        texts("<b>{shop}</b>: paused", shop=_shop(broadcast.content, texts))
        if is_paused
        else texts("<b>{shop}</b>: on its way", shop=_shop(broadcast.content, texts))
    )
    go_on = (
        button(texts("Resume"), Resume(**of_broadcast)) if is_paused else button(texts("Pause"), Pause(**of_broadcast))
    )
    return Screen(f"{title}\n{line}", [[go_on, button(texts("Cancel"), CallOff(**of_broadcast))]])


def _report(seen: Standing, texts: Texts) -> Screen:
    broadcast, tally = seen.broadcast, seen.tally
    assert tally is not None, "whoever asks after it is over gets the tally"
    title = (
        texts("<b>{shop}</b>: called off", shop=_shop(broadcast.content, texts))
        if broadcast.state is BroadcastState.CANCELLED
        else texts("<b>{shop}</b>: sent", shop=_shop(broadcast.content, texts))
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
    return Screen(text, [*rows, paging, home])


def words_of(broadcast: Broadcast) -> str:
    """The words alone, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", broadcast.content.text)).split())
