from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from handlers import wares
from handlers.deals.callbacks import (
    AllowSeveral,
    AskDealTurn,
    AskEnd,
    ChangeDeal,
    EditDeal,
    EditDealWords,
    EndDeal,
    NewDeal,
    PreviewDeal,
    ShowDealGroups,
    ShowDealWords,
    ShowFigures,
    ShowShopDeal,
    ShowShopDeals,
    TakeDealTurn,
)
from handlers.merchant.callbacks import Console
from handlers.paging import newest_and_older
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.start.callbacks import Home
from handlers.wares import MARKS
from locales.texts import Markup, Texts
from loyalty.deals import Field, ListedDeal
from loyalty.group_buys import Deal
from loyalty.members import Language
from loyalty.services.deals import DealCard, DealPage
from loyalty.wares import Turn, WareState


def page(seen: DealPage, texts: Texts) -> Screen:
    """A shop's group buys as they stand: what is left of each, what is open and what went."""
    lines: list[str] = [texts("<b>Our group buys</b> · {shop}", shop=seen.shop.shop(texts.language))]
    if not seen.listed:
        lines += ["", _nothing(seen, texts)]
    for state, listed in groupby(seen.listed, key=lambda each: each[1]):
        lines += ["", f"{MARKS[state]} <b>{wares.state(state, texts)}</b>"]
        lines += [_line(each, texts) for each, _ in listed]
    merchant_id, more = seen.shop.id, seen.more_after
    paging = newest_and_older(
        None if seen.is_first_page else ShowShopDeals(merchant_id=merchant_id),
        None if more is None else ShowShopDeals(merchant_id=merchant_id, rank=more[0], before=more[1]),
        texts,
    )
    to_cards: list[Row] = [[_to_card(each.deal, state, texts)] for each, state in seen.listed]
    return Screen(
        "\n".join(lines),
        [
            *to_cards,
            paging,
            [button(texts("New group buy"), NewDeal(merchant_id=merchant_id))],
            [button(texts("Back to the shop"), Console(merchant_id=merchant_id)), button(texts("Home"), Home())],
        ],
    )


def card(seen: DealCard, texts: Texts) -> Screen:
    """Everything about a deal, and what can be done with it."""
    if seen.state is WareState.REMOVED:
        return removed(seen, texts)
    lines = [*_head(seen, texts), *_facts(seen, texts), "", *_so_far(seen, texts)]
    return Screen("\n".join(lines), [*_turns(seen, texts), *_ways(seen, texts)])


def parts(seen: DealCard, texts: Texts) -> Screen:
    """The same, with a button for each part of it."""
    if seen.state is WareState.REMOVED:
        return removed(seen, texts)
    lines = [*_head(seen, texts), *_facts(seen, texts)]
    if seen.figures.open:
        lines += [
            "",
            texts.plural(
                "{n} group is open and keeps its terms. What you change is for new ones.",
                "{n} groups are open and keep their terms. What you change is for new ones.",
                seen.figures.open,
            ),
        ]
    back = button(texts("Back"), ShowShopDeal(deal_id=seen.deal.id))
    return Screen("\n".join(lines), [*_edits(seen.deal, texts), [back]])


def removed(seen: DealCard, texts: Texts) -> Screen:
    """One tap brings it back as it was."""
    return Screen(
        texts(
            "<b>{title}</b> is removed. Members do not see it any more; vouchers that they have stay good.",
            title=name(seen.deal, texts),
        ),
        [
            [button(texts("Bring it back"), TakeDealTurn(deal_id=seen.deal.id, turn=Turn.BRING_BACK))],
            _home(seen.deal, texts),
        ],
    )


def ask_publish(seen: DealCard, texts: Texts) -> Screen:
    deal = seen.deal
    lines: list[str] = [
        texts("Publish <b>{title}</b>? Every member can open a group then.", title=name(deal, texts)),
        *_prices(seen, texts),
    ]
    if deal.starts_at is not None:
        lines.append(texts("It starts on {date}.", date=wares.first_day(deal.starts_at, seen.zone, texts)))
    return Screen("\n".join(lines), _answers(deal, texts("Publish"), Turn.PUBLISH, texts))


def ask_remove(seen: DealCard, texts: Texts) -> Screen:
    asked = texts("Remove <b>{title}</b>? Members will not see it any more.", title=name(seen.deal, texts))
    return Screen(asked, _answers(seen.deal, texts("Remove"), Turn.REMOVE, texts))


def ask_end(seen: DealCard, texts: Texts) -> Screen:
    """What becomes of the groups that are open; where it has ended, only whether they are called off."""
    deal, is_over = seen.deal, seen.state is WareState.ENDED
    if is_over:
        asked: str = texts("Call off the open groups of <b>{title}</b>?", title=name(deal, texts))
    else:
        asked = texts("End <b>{title}</b>? Nobody can open a group of it any more.", title=name(deal, texts))
    lines, rows = [asked], list[Row]()
    if not is_over:
        label = texts("Let them run to their end") if seen.figures.open else texts("End it")
        rows.append([button(label, EndDeal(deal_id=deal.id, calls_off=False))])
    if seen.figures.open:
        lines += ["", _open_now(seen, texts)]
        lines.append(texts("If you call them off, everybody has all points back at once and is told."))
        rows.append([button(texts("Call them off now"), EndDeal(deal_id=deal.id, calls_off=True))])
    elif is_over:
        lines = [texts("<b>{title}</b> has ended, and none of its groups is open any more.", title=name(deal, texts))]
    return Screen("\n".join(lines), [*rows, [button(texts("Cancel"), ShowShopDeal(deal_id=deal.id))]])


def words(seen: DealCard, texts: Texts) -> Screen:
    deal = seen.deal

    def edit(language: Language, field: str) -> EditDealWords:
        return EditDealWords(deal_id=deal.id, language=language, field=Field(field))

    return wares.words(deal.title, deal.translations, edit, ShowShopDeal(deal_id=deal.id), texts)


def name(deal: Deal, texts: Texts) -> str:
    return wares.called(deal.title, deal.translations, texts)


def _nothing(seen: DealPage, texts: Texts) -> Markup:
    if not seen.is_first_page:
        return texts("That was all of them.")
    return texts("Your shop has no group buys yet. What is better taken together?")


def _line(listed: ListedDeal, texts: Texts) -> str:
    deal = listed.deal
    facts = texts.plural(
        "{points} point · {stock} · open groups {open} · sold {sold}",
        "{points} points · {stock} · open groups {open} · sold {sold}",
        deal.group_points,
        points=deal.group_points,
        stock=texts("{n} left", n=deal.stock),
        open=listed.open,
        sold=listed.sold,
    )
    return f"{escape(name(deal, texts), quote=False)}\n      {facts}"


def _to_card(deal: Deal, state: WareState, texts: Texts) -> Button:
    return button(f"{MARKS[state]} {shortened(name(deal, texts))}", ShowShopDeal(deal_id=deal.id))


def _head(seen: DealCard, texts: Texts) -> list[str]:
    deal = seen.deal
    if seen.state is WareState.PAUSED:
        stands = texts("Paused: nobody can open a group just now. Open ones run on.")
    else:
        stands = wares.standing(seen.state, deal.stock < deal.size, texts)
    described = [escape(deal.description, quote=False), ""] if deal.description else []
    return [wares.titled(deal.title, deal.translations, texts), f"{MARKS[seen.state]} {stands}", "", *described]


def _facts(seen: DealCard, texts: Texts) -> Iterator[str]:
    deal = seen.deal
    yield from _prices(seen, texts)
    span = texts("{n} h", n=deal.hours)
    yield texts.plural("A group: {n} person within {span}", "A group: {n} people within {span}", deal.size, span=span)
    yield texts("Stock: {stock}", stock=texts("{n} left", n=deal.stock))
    yield texts("At most {n} per member", n=deal.per_member)
    yield texts("Several groups at once: yes") if deal.is_several_allowed else texts("Several groups at once: no")
    if deal.bonus_points:
        yield texts.plural(
            "For the organiser: {n} point when the group is full",
            "For the organiser: {n} points when the group is full",
            deal.bonus_points,
        )
    yield from wares.window(deal, seen.zone, texts)
    yield from wares.looks(deal.picture_id, deal.translations, texts)


def _prices(seen: DealCard, texts: Texts) -> Iterator[str]:
    deal = seen.deal
    yield texts("Together: {cost}", cost=cost(deal.group_points, deal.group_price_minor, seen.currency, texts))
    yield texts("Alone: {cost}", cost=cost(deal.solo_points, deal.solo_price_minor, seen.currency, texts))


def cost(points: int, price_minor: int, currency: str, texts: Texts) -> Markup:
    if not price_minor:
        return texts.plural("{n} point", "{n} points", points)
    return texts.plural(
        "{n} point and {money} at the counter",
        "{n} points and {money} at the counter",
        points,
        money=texts.money(price_minor, currency),
    )


def _so_far(seen: DealCard, texts: Texts) -> list[str]:
    """What became of it, once members could see it."""
    if seen.deal.published_at is None:
        return []
    figures = seen.figures
    sold: str = texts("Sold {sold} · collected {collected}", sold=figures.sold, collected=figures.collected)
    return [sold, _open_now(seen, texts)]


def _open_now(seen: DealCard, texts: Texts) -> Markup:
    if not seen.figures.open:
        return texts("No group is open just now.")
    return texts.plural(
        "Open now: {groups} with {n} person",
        "Open now: {groups} with {n} people",
        seen.figures.people,
        groups=texts.plural("{n} group", "{n} groups", seen.figures.open),
    )


def _turns(seen: DealCard, texts: Texts) -> list[Row]:
    deal_id = seen.deal.id
    look = button(texts("Preview"), PreviewDeal(deal_id=deal_id))
    match seen.state:
        case WareState.DRAFT:
            return [[look, button(texts("Publish"), AskDealTurn(deal_id=deal_id, turn=Turn.PUBLISH))]]
        case WareState.PAUSED:
            turn = button(texts("Resume"), TakeDealTurn(deal_id=deal_id, turn=Turn.RESUME))
        case WareState.ENDED:
            end = button(texts("Call off the open groups"), AskEnd(deal_id=deal_id))
            return [[look], [end] if seen.figures.open else []]
        case _:
            turn = button(texts("Pause"), TakeDealTurn(deal_id=deal_id, turn=Turn.PAUSE))
    return [[look, turn, button(texts("End"), AskEnd(deal_id=deal_id))]]


def _ways(seen: DealCard, texts: Texts) -> Iterator[Row]:
    deal = seen.deal
    yield [
        button(texts("Change"), ChangeDeal(deal_id=deal.id)),
        button(texts("Other languages"), ShowDealWords(deal_id=deal.id)),
    ]
    if deal.published_at is not None:
        yield [
            button(texts("Figures"), ShowFigures(deal_id=deal.id)),
            button(texts("Its groups"), ShowDealGroups(deal_id=deal.id)),
        ]
    if seen.state in (WareState.DRAFT, WareState.ENDED) and not seen.figures.open:
        yield [button(texts("Remove"), AskDealTurn(deal_id=deal.id, turn=Turn.REMOVE))]
    yield _home(deal, texts)


def _edits(deal: Deal, texts: Texts) -> Iterator[Row]:
    for row in (
        ((texts("Title"), Field.NAME), (texts("Description"), Field.DESCRIPTION), (texts("Picture"), Field.PICTURE)),
        ((texts("Together: points"), Field.GROUP_POINTS), (texts("Together: money"), Field.GROUP_PRICE)),
        ((texts("Alone: points"), Field.SOLO_POINTS), (texts("Alone: money"), Field.SOLO_PRICE)),
        ((texts("People"), Field.SIZE), (texts("Hours"), Field.HOURS), (texts("Restock"), Field.STOCK)),
        ((texts("Per member"), Field.LIMIT), (texts("Organiser's bonus"), Field.BONUS)),
        ((texts("Starts"), Field.STARTS), (texts("Ends"), Field.ENDS)),
    ):
        yield [button(label, EditDeal(deal_id=deal.id, field=field)) for label, field in row]
    label = texts("One group at a time") if deal.is_several_allowed else texts("Allow several groups at once")
    yield [button(label, AllowSeveral(deal_id=deal.id, is_allowed=not deal.is_several_allowed))]


def _answers(deal: Deal, yes: str, turn: Turn, texts: Texts) -> Sequence[Row]:
    return [
        [button(yes, TakeDealTurn(deal_id=deal.id, turn=turn))],
        [button(texts("Cancel"), ShowShopDeal(deal_id=deal.id))],
    ]


def _home(deal: Deal, texts: Texts) -> Row:
    return [
        button(texts("All group buys"), ShowShopDeals(merchant_id=deal.merchant.id)),
        button(texts("Home"), Home()),
    ]
