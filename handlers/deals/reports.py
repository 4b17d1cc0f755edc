"""What became of a deal: its figures, its groups, and the table to take along."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.deals import screens
from handlers.deals.callbacks import GetTable, ShowDealGroups, ShowFigures, ShowShopDeal
from handlers.group_buys.screens import progress
from handlers.paging import first_and_more
from handlers.pictures.charts import ChartsUnavailable
from handlers.pictures.funnels import Step, funnel
from handlers.screens import Document, Row, Screen, button, plain
from locales.texts import Markup, Texts, decimals_of
from loyalty.deals import Figures, GroupFacts, percent
from loyalty.group_buys import GroupState
from loyalty.members import Member
from loyalty.services.deals import DealCard, DealGroups, DealTable
from loyalty.sheets import Cell, csv_file, money_cell

PEOPLE, GROUPS, UNITS = "#3f6db8", "#2e9e6b", "#d9822b"


def figures(seen: DealCard, texts: Texts, chart: bytes | None) -> Screen:
    """How many looked, took part and had it, under the chart where there is one."""
    found = seen.figures
    lines: list[str] = [
        texts("<b>{title}</b>", title=screens.name(seen.deal, texts)),
        "",
        texts("Looked at it: {n}", n=found.viewed),
        texts("Took part: {n}", n=found.joined) + _share(found.joined, found.viewed),
        "",
        texts("Groups opened: {n}", n=found.opened),
        texts("Groups filled: {n}", n=found.filled) + _share(found.filled, found.opened),
        "",
        texts("Sold: {n} ({together} in groups, {alone} alone)", n=found.sold, **_sold(found)),
        texts("Collected: {n}", n=found.collected) + _share(found.collected, found.sold),
        texts("Stock: {stock}", stock=texts("{n} left", n=seen.deal.stock)),
    ]
    return Screen("\n".join(lines), _ways(seen.deal.id, texts), picture=chart)


def chart(seen: DealCard, texts: Texts) -> bytes | None:
    """Without the extra `charts` the figures have to do."""
    found = seen.figures
    steps = [
        _step(PEOPLE, (texts("Looked at it"), found.viewed), (texts("Took part"), found.joined)),
        _step(GROUPS, (texts("Groups opened"), found.opened), (texts("Groups filled"), found.filled)),
        _step(UNITS, (texts("Sold"), found.sold), (texts("Collected"), found.collected)),
    ]
    try:
        return funnel(screens.name(seen.deal, texts), steps, plain(texts("Nobody has looked at it yet")))
    except ChartsUnavailable:
        return None


def groups(seen: DealGroups, texts: Texts, member: Member) -> Screen:
    """A page of its groups, the open ones first."""
    deal = seen.deal
    lines: list[str] = [texts("<b>Groups of {title}</b>", title=screens.name(deal, texts))]
    for group in seen.groups:
        lines += ["", texts.moment(group.opened_at, member.zone), progress(group, seen.now, texts)]
    if not seen.groups:
        none_here = texts("Nobody has opened a group yet.") if seen.is_first_page else texts("That was all of them.")
        lines += ["", none_here]
    more = seen.more_after
    paging = first_and_more(
        None if seen.is_first_page else ShowDealGroups(deal_id=deal.id),
        None if more is None else ShowDealGroups(deal_id=deal.id, rank=more[0], before=more[1]),
        texts,
    )
    ways: Row = [
        button(texts("Figures"), ShowFigures(deal_id=deal.id)),
        button(texts("Back"), ShowShopDeal(deal_id=deal.id)),
    ]
    return Screen("\n".join(lines), [paging, ways])


def caption(seen: DealTable, texts: Texts) -> Screen:
    """What stands under the file."""
    said = texts("<b>Groups of {title}</b>", title=screens.name(seen.deal, texts))
    count = texts.plural("{n} group", "{n} groups", len(seen.groups))
    return Screen(f"{said}\n{count}", [[button(texts("Back"), ShowShopDeal(deal_id=seen.deal.id))]])


def sheet(seen: DealTable, currency: str, member: Member, texts: Texts) -> Document:
    """A line for each group, the oldest first. Of a person, the first name of whoever leads it."""
    titles = (
        texts("Opened at"),
        texts("Closes"),
        texts("State"),
        texts("Places"),
        texts("Taken"),
        texts("Organiser"),
        texts("Points"),
        texts("Price ({currency})", currency=currency),
        texts("Collected"),
    )
    rows: list[list[Cell]] = [[plain(title) for title in titles], *_rows(seen, decimals_of(currency), member, texts)]
    return Document(f"groups-{seen.deal.id}.csv", csv_file(rows))


def _rows(seen: DealTable, decimals: int, member: Member, texts: Texts) -> Iterator[list[Cell]]:
    for group in seen.groups:
        opened, closes = (member.local(at).strftime("%Y-%m-%d %H:%M") for at in (group.opened_at, group.closes_at))
        yield [
            opened,
            closes,
            plain(_state(seen, group, texts)),
            group.size,
            group.taken,
            group.organiser or plain(texts("friend")),
            group.points,
            money_cell(group.price_minor, decimals),
            group.collected,
        ]


def _state(seen: DealTable, group: GroupFacts, texts: Texts) -> Markup:
    match group.state:
        case GroupState.OPEN if group.closes_at > seen.now:
            return texts("Still open")
        case GroupState.FILLED:
            return texts("Complete")
        case GroupState.CANCELLED:
            return texts("Called off")
        case _:
            return texts("Time is over")


def _sold(found: Figures) -> dict[str, int]:
    return {"together": found.together, "alone": found.alone}


def _share(part: int, whole: int) -> str:
    """· 25 %"""
    share = percent(part, whole)
    return "" if share is None else f" · {share} %"


def _step(colour: str, first: tuple[str, int], then: tuple[str, int]) -> Step:
    return Step(colour, (plain(first[0]), first[1]), (plain(then[0]), then[1]), percent(then[1], first[1]))


def _ways(deal_id: int, texts: Texts) -> list[Row]:
    return [
        [
            button(texts("As a table (CSV)"), GetTable(deal_id=deal_id)),
            button(texts("Its groups"), ShowDealGroups(deal_id=deal_id)),
        ],
        [button(texts("Back"), ShowShopDeal(deal_id=deal_id))],
    ]
