from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.group_buys.callbacks import ShowGroup
from handlers.group_buys.screens import heading, progress
from handlers.merging.callbacks import Merge
from handlers.screens import Screen, button
from locales.texts import Markup, Texts
from loyalty.group_buys import GroupState
from loyalty.services.merging import Merged, Merger


def question(merger: Merger, zone: ZoneInfo, texts: Texts) -> Screen:
    """The other group, and what would come of the two."""
    lines: list[str] = [
        heading(texts, merger.deal),
        "",
        texts("Yours:"),
        progress(merger.mine, merger.now, texts),
        texts("The other one:"),
        progress(merger.other, merger.now, texts),
        "",
        *_result(merger, zone, texts),
    ]
    yes = button(texts("Merge them"), Merge(group_id=merger.mine.id, other_id=merger.other.id))
    return Screen("\n".join(lines), [[yes], [button(texts("Cancel"), ShowGroup(group_id=merger.mine.id))]])


def done(result: Merged, texts: Texts) -> Markup:
    """Over the group that goes on."""
    if result.group.state is GroupState.FILLED:
        return texts("The two groups are one now, and it is complete. Your voucher is waiting for you.")
    return texts("The two groups are one now.")


def _result(merger: Merger, zone: ZoneInfo, texts: Texts) -> list[str]:
    merged = merger.merged
    if merged.state is GroupState.FILLED:
        return [texts("Together they are complete, and everybody gets the voucher at once.")]
    lines: list[str] = [
        texts("Together: {taken}/{size}", taken=merged.taken, size=merged.size),
        texts("The earlier end stays: {at}.", at=texts.moment(merged.closes_at, zone)),
    ]
    if not merger.is_mine_kept:
        lines.append(texts("Whoever leads the other group leads then."))
    return lines
