"""A broadcast from the question before it goes to its last recipient. What comes after that is the report."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import (
    AskAgain,
    CallOff,
    Compose,
    CopyToDraft,
    History,
    Pause,
    Resume,
    Revise,
    Send,
    ShowDraft,
    ShowStanding,
)
from handlers.broadcasts.report_callbacks import ShowFigures
from handlers.broadcasts.titles import title_of
from handlers.screens import Row, Screen, bar, button
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.broadcasts import Broadcast, BroadcastState, Standing
from loyalty.services.broadcasts import Question

UTC = ZoneInfo("UTC")


def ask_to_send(question: Question, zone: ZoneInfo, texts: Texts) -> Screen:
    """Where there are many, the yes leads to a second question."""
    draft, agreed = question.card.draft, question.card.reach.agreed
    if draft.schedule.send_at is None:
        lines = [
            texts.plural(
                "Send this to {n} person now? It cannot be called back from whom it has reached.",
                "Send this to {n} people now? It cannot be called back from whom it has reached.",
                agreed,
            )
        ]
        yes = texts.plural("Yes, send to {n} person", "Yes, send to {n} people", agreed)
    else:
        lines = [
            texts.plural(
                "Send this to {n} person, {when}? Until then you can take it back.",
                "Send this to {n} people, {when}? Until then you can take it back.",
                agreed,
                when=labels.when(draft.schedule, zone, texts),
            )
        ]
        yes = texts.plural("Yes, schedule for {n} person", "Yes, schedule for {n} people", agreed)
    lines.append(texts("To: {whom}.", whom=labels.to_whom(draft, texts, question.currency, question.named)))
    if draft.is_too_small_to_test(agreed):
        lines.append(too_small_to_test(texts))
    if question.needs_approval:
        lines.append(texts("The operator of the club looks at it first."))
    to = (
        AskAgain(broadcast_id=draft.id)
        if draft.asks_again(agreed)
        else Send(broadcast_id=draft.id, nonce=question.nonce)
    )
    return Screen("\n".join(lines), [[button(yes, to)], _not_yet(draft, texts)])


def too_small_to_test(texts: Texts) -> Markup:
    return texts("So few people show nothing in a test: all versions go out at once, in equal parts.")


def ask_again(question: Question, texts: Texts) -> Screen:
    draft, agreed = question.card.draft, question.card.reach.agreed
    return Screen(
        texts.plural(
            "{whom}: <b>{n}</b> person. Are you sure that they want to read this?",
            "{whom}: <b>{n}</b> people. Are you sure that all of them want to read this?",
            agreed,
            whom=labels.to_whom(draft, texts, question.currency, question.named),
        ),
        [
            [
                button(
                    texts.plural("Yes, to all {n} person", "Yes, to all {n} people", agreed),
                    Send(broadcast_id=draft.id, nonce=question.nonce),
                )
            ],
            _not_yet(draft, texts),
        ],
    )


def _not_yet(draft: Broadcast, texts: Texts) -> Row:
    return [button(texts("Not yet"), ShowDraft(broadcast_id=draft.id))]


def progress(seen: Standing, texts: Texts, zone: ZoneInfo = UTC) -> Screen:
    """While it waits, and while it is on its way."""
    match seen.broadcast.state:
        case BroadcastState.WAITING:
            return _waiting(seen.broadcast, zone, texts)
        case BroadcastState.SCHEDULED:
            return _scheduled(seen.broadcast, zone, texts)
        case BroadcastState.PREPARING:
            return _preparing(seen.broadcast, texts)
        case _:
            return _on_its_way(seen, texts)


def _waiting(broadcast: Broadcast, zone: ZoneInfo, texts: Texts) -> Screen:
    said: list[str] = [
        texts("<b>{shop}</b>: waits for the operator", shop=labels.shop(broadcast.content, texts)),
        labels.quoted(labels.known_by(broadcast.content, texts), texts),
        "",
        texts("It goes out as soon as it is approved. You are told.")
        if broadcast.schedule.send_at is None
        else texts(
            "It goes out once it is approved: {when}. You are told.",
            when=labels.when(broadcast.schedule, zone, texts),
        ),
    ]
    return Screen("\n".join(said), _ways_while_waiting(broadcast, texts))


def _scheduled(broadcast: Broadcast, zone: ZoneInfo, texts: Texts) -> Screen:
    said: list[str] = [
        texts("<b>{shop}</b>: scheduled", shop=labels.shop(broadcast.content, texts)),
        labels.quoted(labels.known_by(broadcast.content, texts), texts),
        "",
        texts("It goes out: {when}.", when=labels.when(broadcast.schedule, zone, texts)),
    ]
    return Screen("\n".join(said), _ways_while_waiting(broadcast, texts))


def _ways_while_waiting(broadcast: Broadcast, texts: Texts) -> list[Row]:
    of_broadcast = {"broadcast_id": broadcast.id}
    return [
        [button(texts("Take it back and change it"), Revise(**of_broadcast))],
        [button(texts("Cancel"), CallOff(**of_broadcast)), button(texts("Refresh"), ShowStanding(**of_broadcast))],
        [
            button(texts("Sent before"), History(merchant_id=broadcast.merchant_id)),
            button(texts("Home"), Home()),
        ],
    ]


def _preparing(broadcast: Broadcast, texts: Texts) -> Screen:
    of_broadcast = {"broadcast_id": broadcast.id}
    said = "\n".join(
        [
            texts("<b>{shop}</b>: getting ready", shop=labels.shop(broadcast.content, texts)),
            texts("Recipients so far: {n}", n=broadcast.recipients),
        ]
    )
    return Screen(
        said, [[button(texts("Pause"), Pause(**of_broadcast)), button(texts("Cancel"), CallOff(**of_broadcast))]]
    )


def _on_its_way(seen: Standing, texts: Texts) -> Screen:
    broadcast = seen.broadcast
    of_broadcast = {"broadcast_id": broadcast.id}
    is_paused = broadcast.state is BroadcastState.PAUSED
    line: str = texts(
        "{done} / {whole} {bar} {percent} %",
        done=seen.done,
        whole=broadcast.recipients,
        bar=bar(seen.done, broadcast.recipients),
        percent=100 * seen.done // broadcast.recipients if broadcast.recipients else 0,
    )
    if seen.time_left is not None:
        line += texts(" · ETA {span}", span=texts.span(seen.time_left))
    go_on = (
        button(texts("Resume"), Resume(**of_broadcast)) if is_paused else button(texts("Pause"), Pause(**of_broadcast))
    )
    return Screen(
        "\n".join([title_of(broadcast, texts), line, *_notes(broadcast, texts)]),
        [
            [go_on, button(texts("Cancel"), CallOff(**of_broadcast))],
            [button(texts("Figures so far"), ShowFigures(**of_broadcast))],
        ],
    )


def _notes(broadcast: Broadcast, texts: Texts) -> Iterator[Markup]:
    """Why some have not got it yet."""
    schedule, trial = broadcast.schedule, broadcast.trial
    if schedule.local_hour is not None:
        yield texts("Each gets it at {hour}:00 on their own clock.", hour=str(schedule.local_hour))
    if broadcast.is_trial and trial.winner is not None:
        yield texts("The test is over: the rest gets version {variant}.", variant=trial.winner)
    elif broadcast.decides_at is not None:
        yield texts(
            "The test is decided {hours} h after the start; so long the rest waits.", hours=broadcast.trial.hours
        )


def called_off(broadcast: Broadcast, texts: Texts) -> Screen:
    """It never began: its author or its operator thought better of it, or its time went by."""
    lines: list[str] = [
        texts("<b>{shop}</b>: called off, nobody has got it", shop=labels.shop(broadcast.content, texts)),
        labels.quoted(labels.known_by(broadcast.content, texts), texts),
    ]
    if broadcast.note:
        lines += ["", texts("The operator said: “{reason}”", reason=broadcast.note)]
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
