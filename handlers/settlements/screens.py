from __future__ import annotations

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData

from handlers.admin.callbacks import Admin
from handlers.merchant.callbacks import Console
from handlers.screens import Button, Screen, button
from handlers.settlements.callbacks import Settle, SettleFile, ShopStatement, ShopStatementFile
from locales.texts import Markup, Texts
from loyalty.merchants import Merchant
from loyalty.months import Month, written
from loyalty.services.settlements import ClubSettlement, MerchantSettlement
from loyalty.settlements import Settlement, Sum

SHOPS_MAX = 25  # a message holds 4,096 characters; the file has them all
FIRST = Month(2000, 1)


def all_shops(seen: ClubSettlement, texts: Texts) -> Screen:
    """What each shop settles with the club for a month."""
    lines: list[str] = [_heading(texts("Settlement"), seen.month, seen.is_running, texts)]
    lines += [_line(settlement, texts) for settlement in seen.settlements[:SHOPS_MAX]]
    if len(seen.settlements) > SHOPS_MAX:
        rest = len(seen.settlements) - SHOPS_MAX
        lines.append(texts.plural("and {n} more shop, in the file", "and {n} more shops, in the file", rest))
    if seen.settlements:
        lines += [
            texts("All together: <b>{points}</b>", points=texts.signed(seen.net)),
            "",
            texts("With a plus the shop pays the club, with a minus the club pays the shop."),
        ]
        file = [button(texts("As a file (CSV)"), SettleFile(month=written(seen.month)))]
    else:
        lines.append(texts("Nothing moved in this month."))
        file = []
    paging = _paging(seen.month, seen.is_running, lambda month: Settle(month=month), texts)
    return Screen("\n".join(lines), [paging, file, [button(texts("Admin"), Admin())]])


def one_shop(seen: MerchantSettlement, texts: Texts) -> Screen:
    """A shop's month, for its owner: each figure with the number of transactions."""
    figures, merchant = seen.settlement, seen.settlement.merchant
    lines: list[str] = [
        _heading(_shop(merchant, texts), seen.month, seen.is_running, texts),
        "",
        texts("Points you gave: {sum}", sum=_sum(figures.awarded, texts)),
        *_if_any(texts("– taken back by refunds: {sum}", sum=_sum(figures.refunded, texts)), figures.refunded),
        *_if_any(texts("– undone by the club: {sum}", sum=_sum(figures.reversed, texts)), figures.reversed),
        texts("Redeemed at your counter: {sum}", sum=_sum(figures.spent, texts)),
        *_if_any(texts("– given back to customers: {sum}", sum=_sum(figures.returned, texts)), figures.returned),
        texts("Of your points expired: {sum}", sum=_sum(figures.lapsed, texts)),
        *_if_any(texts("– refunded after they had expired: {sum}", sum=_sum(figures.revived, texts)), figures.revived),
        "",
        texts(
            "To settle: {issued} issued − {redeemed} redeemed − {expired} expired = <b>{net}</b>",
            issued=figures.issued,
            redeemed=figures.redeemed,
            expired=figures.expired,
            net=texts.signed(figures.net) if figures.net else texts.number(0),
        ),
        _who_pays(figures.net, texts),
    ]
    paging = _paging(
        seen.month, seen.is_running, lambda month: ShopStatement(merchant_id=merchant.id, month=month), texts
    )
    return Screen(
        "\n".join(lines),
        [
            paging,
            [button(texts("As a file (CSV)"), ShopStatementFile(merchant_id=merchant.id, month=written(seen.month)))],
            [button(texts("Back"), Console(merchant_id=merchant.id))],
        ],
    )


def how_to_settle(texts: Texts) -> Screen:
    return Screen(
        texts("Type it like this, with year and month:") + "\n<code>/settle 2026-10</code>",
        [[button(texts("Settlement"), Settle()), button(texts("Admin"), Admin())]],
    )


def _heading(title: str, month: Month, is_running: bool, texts: Texts) -> Markup:
    facts = {"title": title, "month": texts.month(month.year, month.number)}
    if is_running:
        return texts("<b>{title}</b> · {month}, so far", **facts)
    return texts("<b>{title}</b> · {month}", **facts)


def _line(settlement: Settlement, texts: Texts) -> Markup:
    return texts(
        "{number}. {shop}: <b>{net}</b> ({issued} issued, {redeemed} redeemed, {expired} expired)",
        number=str(settlement.merchant.id),
        shop=_shop(settlement.merchant, texts),
        net=texts.signed(settlement.net),
        issued=settlement.issued,
        redeemed=settlement.redeemed,
        expired=settlement.expired,
    )


def _who_pays(net: int, texts: Texts) -> Markup:
    if net > 0:
        return texts.plural("You pay the club for {n} point.", "You pay the club for {n} points.", net)
    if net < 0:
        return texts.plural("The club pays you for {n} point.", "The club pays you for {n} points.", -net)
    return texts("Nobody owes anybody anything.")


def _sum(of: Sum, texts: Texts) -> Markup:
    return texts.plural("{points} ({n} time)", "{points} ({n} times)", of.count, points=of.points)


def _if_any(line: str, of: Sum) -> list[str]:
    return [line] if of.count else []


def _shop(merchant: Merchant, texts: Texts) -> str:
    return merchant.shop(texts.language)


def _paging(month: Month, is_running: bool, to: Callable[[str], CallbackData], texts: Texts) -> list[Button]:
    row = []
    if month > FIRST:
        row.append(_to_month(month.plus(-1), "« {}", to, texts))
    if not is_running:
        row.append(_to_month(month.plus(1), "{} »", to, texts))
    return row


def _to_month(month: Month, label: str, to: Callable[[str], CallbackData], texts: Texts) -> Button:
    return button(label.format(texts.month(month.year, month.number)), to(written(month)))
