"""What waits for the operator's yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.admin.callbacks import Admin
from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import Approvals, Approve, Decline, ShowApproval
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, button, shortened
from locales.texts import LANGUAGES, Texts
from loyalty.broadcasts import FIRST, ORIGINAL, Broadcast
from loyalty.services.approvals import REASON_MAX
from loyalty.services.draft_steps import Card


def page(waiting: Sequence[Broadcast], older_than: int | None, texts: Texts, *, is_first: bool) -> Screen:
    rows: list[Row] = [
        [
            button(
                texts(
                    "{shop} · {words}",
                    shop=shortened(labels.shop(each.content, texts), 20),
                    words=shortened(labels.known_by(each.content, texts), 24),
                ),
                ShowApproval(broadcast_id=each.id),
            )
        ]
        for each in waiting
    ]
    paging = newest_and_older(
        None if is_first else Approvals(), None if older_than is None else Approvals(before=older_than), texts
    )
    said = (
        texts("These messages of shops wait for your yes or no.")
        if waiting
        else texts("No message waits for you. Well done.")
    )
    return Screen(said, [*rows, paging, [button(texts("Admin"), Admin())]])


def card(seen: Card, zone: ZoneInfo, texts: Texts) -> Screen:
    """The facts, below a preview."""
    broadcast, content = seen.draft, seen.draft.content
    languages = [ORIGINAL, *sorted(language for language in content.wordings[FIRST] if language != ORIGINAL)]
    lines: list[str] = [
        texts("<b>{shop}</b> wants to send this.", shop=labels.shop(content, texts)),
        texts("About: {topic}", topic=names.topic_title(texts, content.topic)),
        texts("To: {whom}.", whom=labels.to_whom(broadcast, texts)),
        labels.reach(seen, texts),
        texts("When: {when}", when=labels.when(broadcast.schedule, zone, texts)),
        texts(
            "In {languages}",
            languages=texts.listed(
                labels.language(each, content, texts) if each == ORIGINAL else LANGUAGES[each] for each in languages
            ),
        ),
    ]
    if broadcast.is_trial:
        lines.append(texts("Versions: {variants}", variants=texts.listed(content.variants)))
    for each in content.buttons:
        where = each.target if each.leads.value == "link" else labels.leads(each.leads, texts)
        lines.append(texts("Button “{label}” leads to {where}", label=each.label, where=where))
    of_broadcast = {"broadcast_id": broadcast.id}
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Approve"), Approve(**of_broadcast)), button(texts("Decline"), Decline(**of_broadcast))],
            [button(texts("All that wait"), Approvals())],
        ],
    )


def ask_reason(broadcast: Broadcast, texts: Texts, complaint: str = "") -> Screen:
    asked = texts(
        "Why not? {shop} reads what you type, up to {most} characters.",
        shop=labels.shop(broadcast.content, texts),
        most=REASON_MAX,
    )
    return Screen(asked, [[button(texts("Cancel"), ShowApproval(broadcast_id=broadcast.id))]]).below(complaint)


def approved(broadcast: Broadcast, zone: ZoneInfo, texts: Texts) -> Screen:
    shop = labels.shop(broadcast.content, texts)
    said = (
        texts("Approved. The message of {shop} goes out now.", shop=shop)
        if broadcast.schedule.send_at is None
        else texts(
            "Approved. The message of {shop} goes out: {when}.",
            shop=shop,
            when=labels.when(broadcast.schedule, zone, texts),
        )
    )
    return Screen(said, [_ways(texts)])


def declined(broadcast: Broadcast, texts: Texts) -> Screen:
    said = texts("Declined. {shop} is told why.", shop=labels.shop(broadcast.content, texts))
    return Screen(said, [_ways(texts)])


def _ways(texts: Texts) -> Row:
    return [button(texts("All that wait"), Approvals()), button(texts("Admin"), Admin())]
