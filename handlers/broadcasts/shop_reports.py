"""What a shop sent lately, for the shop; and who writes how much, for the operator."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.admin.callbacks import Admin
from handlers.broadcasts import labels, reasons
from handlers.broadcasts.callbacks import History, ShowStanding
from handlers.broadcasts.figures import written
from handlers.broadcasts.report_callbacks import GetShopSent, ShowClubSent, ShowShopSent
from handlers.broadcasts.titles import state_of
from handlers.paging import first_and_more, newest_and_older
from handlers.screens import Document, Row, Screen, button, plain, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts, decimals_of
from loyalty.broadcast_reports import PERIODS, ShopLine, ShopTotals
from loyalty.members import Member
from loyalty.merchants import said_in
from loyalty.services.broadcast_reports import ClubTotals, ShopReport
from loyalty.sheets import Cell, csv_file, money_cell

SHOPS_A_PAGE = 8
WORDS_MAX = 24


def page(seen: ShopReport, member: Member, texts: Texts) -> Screen:
    """A table of two lines for each message, and a button to its report."""
    merchant_id, period = seen.post.merchant_id, seen.period
    lines: list[str] = [_heading(seen, texts)]
    for line in seen.lines:
        lines += ["", f"{_day(line, member, texts)} · {_title(line, texts)}", _figures(line, texts)]
    if seen.lines:
        lines += ["", _explained(seen, texts)]
    else:
        none_here = texts("Nothing was sent in this time.") if seen.is_first else texts("That was all of it.")
        lines += ["", none_here]
    reports: list[Row] = [
        [
            button(
                texts("{date} · {words}", date=_day(line, member, texts), words=_title(line, texts)),
                ShowStanding(broadcast_id=line.broadcast.id),
            )
        ]
        for line in seen.lines
    ]
    paging = newest_and_older(
        None if seen.is_first else ShowShopSent(merchant_id=merchant_id, period=period),
        None
        if seen.older_than is None
        else ShowShopSent(merchant_id=merchant_id, period=period, before=seen.older_than),
        texts,
    )
    periods = [
        button(texts.plural("Last {n} day", "Last {n} days", n), ShowShopSent(merchant_id=merchant_id, period=n))
        for n in PERIODS
        if n != period
    ]
    file = [button(texts("CSV"), GetShopSent(merchant_id=merchant_id, period=period))] if seen.lines else []
    back = [button(texts("Sent before"), History(merchant_id=merchant_id)), button(texts("Home"), Home())]
    return Screen("\n".join(lines), [*reports, paging, [*periods, *file], back])


def caption(seen: ShopReport, texts: Texts) -> Screen:
    """What stands under the file."""
    count = texts.plural("{n} message", "{n} messages", len(seen.lines))
    back = ShowShopSent(merchant_id=seen.post.merchant_id, period=seen.period)
    return Screen(f"{_heading(seen, texts)}\n{count}", [[button(texts("Back"), back)]])


def sheet(seen: ShopReport, member: Member, texts: Texts) -> Document:
    """A line for each message, the newest first. Nobody's name is in it."""
    titles = (
        texts("Day"),
        texts("Message"),
        texts("State"),
        texts("Recipients"),
        texts("Sent"),
        texts.about("message", "Opened"),
        texts("Percent"),
        texts("Redeemed"),
        texts("Points redeemed"),
        texts("Bought"),
        texts("Revenue ({currency})", currency=seen.currency),
    )
    rows: list[Sequence[Cell]] = [[plain(title) for title in titles]]
    rows += [_row(line, decimals_of(seen.currency), member, texts) for line in seen.lines]
    return Document(f"broadcasts-{seen.post.merchant_id}-{seen.period}.csv", csv_file(rows))


def club(seen: ClubTotals, after: int, texts: Texts) -> Screen:
    """For the operator: a page of shops, whoever wrote most first."""
    shown = seen.shops[after : after + SHOPS_A_PAGE]
    lines: list[str] = [
        texts.plural("<b>Who writes how much</b>, last {n} day", "<b>Who writes how much</b>, last {n} days", seen.days)
    ]
    for totals in shown:
        lines += ["", *_shop_lines(totals, texts)]
    if shown:
        lines += [
            "",
            texts(
                "<i>Stops: people who said no from under a message. Blocked: of those to whom it could have come, the "
                "part that had blocked the bot.</i>"
            ),
        ]
    else:
        lines += ["", texts("That was all of them.") if after else texts("No shop has written to anybody.")]
    has_more = len(seen.shops) > after + SHOPS_A_PAGE
    paging = first_and_more(
        ShowClubSent() if after else None, ShowClubSent(after=after + SHOPS_A_PAGE) if has_more else None, texts
    )
    return Screen("\n".join(lines), [paging, [button(texts("Admin"), Admin())]])


def _shop_lines(totals: ShopTotals, texts: Texts) -> list[str]:
    way = totals.way
    lines: list[str] = [
        texts(
            "{number}. <b>{shop}</b>: {messages}, recipients: {recipients}, sent: {sent}",
            number=str(totals.merchant_id),
            shop=said_in(texts.language, totals.translations, "name", totals.shop),
            messages=texts.plural("{n} message", "{n} messages", totals.broadcasts),
            recipients=way.recipients,
            sent=way.sent,
        )
    ]
    lines += [
        texts("– {reason}: {n}", reason=reasons.not_sent(why, texts), n=count)
        for why, count in sorted(way.suppressed.items(), key=lambda one: (-one[1], one[0]))
    ]
    lines.append(texts("Stops: {n} · blocked: {share}", n=totals.stops, share=written(totals.block_rate)))
    return lines


def _heading(seen: ShopReport, texts: Texts) -> Markup:
    return texts.plural(
        "<b>{shop}</b>: sent in the last {n} day",
        "<b>{shop}</b>: sent in the last {n} days",
        seen.period,
        shop=seen.post.shop(texts.language),
    )


def _explained(seen: ShopReport, texts: Texts) -> Markup:
    return texts(
        "<i>Redeemed: people with a voucher of your shop within {days} after it. After it is not because of it.</i>",
        days=texts.plural("{n} day", "{n} days", seen.days),
    )


def _figures(line: ShopLine, texts: Texts) -> Markup:
    return texts(
        "{sent} sent · opened {share} · {n} redeemed",
        sent=line.effects.sent,
        share=written(line.tap_rate),
        n=line.effects.redeemers,
    )


def _title(line: ShopLine, texts: Texts) -> Markup:
    return texts("{words}", words=shortened(labels.known_by(line.broadcast.content, texts), WORDS_MAX))


def _day(line: ShopLine, member: Member, texts: Texts) -> str:
    return texts.date(member.local(line.broadcast.starts_at).date())


def _row(line: ShopLine, decimals: int, member: Member, texts: Texts) -> Sequence[Cell]:
    broadcast, effects = line.broadcast, line.effects
    return [
        f"{member.local(broadcast.starts_at):%Y-%m-%d}",
        labels.known_by(broadcast.content, texts),
        plain(state_of(broadcast.state, texts)),
        broadcast.recipients,
        effects.sent,
        effects.lookers,
        "" if line.tap_rate is None else f"{line.tap_rate:.1f}",
        effects.redeemers,
        effects.points,
        effects.buyers,
        money_cell(effects.revenue_minor, decimals),
    ]
