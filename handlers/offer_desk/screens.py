from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from handlers import names, wares
from handlers.merchant.callbacks import Console
from handlers.offer_desk.callbacks import (
    AskEndOffer,
    AskOfferTurn,
    EditOffer,
    EditOfferWords,
    EndOffer,
    GetOfferTable,
    NewShopOffer,
    PreviewOffer,
    ShowOfferWords,
    ShowShopOffer,
    ShowShopOffers,
    TakeOfferTurn,
)
from handlers.paging import newest_and_older
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.start.callbacks import Home
from handlers.wares import MARKS
from locales.texts import Markup, Texts
from loyalty.members import Language, Tier
from loyalty.offer_desk import OF_CLAIMS, Field, Figures, ListedOffer
from loyalty.offers import Offer, OfferKind
from loyalty.services.offer_desk import DeskCard, DeskPage
from loyalty.wares import Turn, WareState


def page(seen: DeskPage, texts: Texts) -> Screen:
    """A shop's offers as they stand, in the reader's words: what is left of each, and what became of it."""
    lines: list[str] = [texts("<b>Our offers</b> · {shop}", shop=seen.shop.shop(texts.language))]
    if not seen.listed:
        lines += ["", _nothing(seen, texts)]
    for state, listed in groupby(seen.listed, key=lambda each: each[1]):
        lines += ["", f"{MARKS[state]} <b>{wares.state(state, texts)}</b>"]
        lines += [_line(each, texts) for each, _ in listed]
    merchant_id, more = seen.shop.id, seen.more_after
    paging = newest_and_older(
        None if seen.is_first_page else ShowShopOffers(merchant_id=merchant_id),
        None if more is None else ShowShopOffers(merchant_id=merchant_id, rank=more[0], before=more[1]),
        texts,
    )
    to_cards: list[Row] = [[_to_card(each.offer, state, texts)] for each, state in seen.listed]
    table = [button(texts("As a table (CSV)"), GetOfferTable(merchant_id=merchant_id))] if seen.listed else []
    return Screen(
        "\n".join(lines),
        [
            *to_cards,
            paging,
            [button(texts("New offer"), NewShopOffer(merchant_id=merchant_id)), *table],
            [button(texts("Back to the shop"), Console(merchant_id=merchant_id)), button(texts("Home"), Home())],
        ],
    )


def card(seen: DeskCard, texts: Texts) -> Screen:
    """Everything about an offer, and a button for each part of it."""
    if seen.state is WareState.REMOVED:
        return removed(seen, texts)
    offer = seen.offer
    lines = [
        wares.titled(offer.title, offer.translations, texts),
        f"{MARKS[seen.state]} {wares.standing(seen.state, offer.is_sold_out, texts)}",
        "",
        *([escape(offer.text, quote=False), ""] if offer.text else []),
        *_facts(seen, texts),
        *(["", figures(seen.figures, texts)] if offer.published_at is not None else []),
    ]
    return Screen("\n".join(lines), [_turns(seen, texts), *_edits(offer, texts), *_ways(seen, texts)])


def figures(found: Figures, texts: Texts) -> Markup:
    return texts(
        "Seen {seen} · claimed {claimed} · used {used} · waiting {waiting}",
        seen=found.seen,
        claimed=found.claimed,
        used=found.used,
        waiting=found.waiting,
    )


def removed(seen: DeskCard, texts: Texts) -> Screen:
    """One tap brings it back as it was."""
    return Screen(
        texts(
            "<b>{title}</b> is removed. Members do not see it any more; vouchers that they have stay good.",
            title=name(seen.offer, texts),
        ),
        [
            [button(texts("Bring it back"), TakeOfferTurn(offer_id=seen.offer.id, turn=Turn.BRING_BACK))],
            _home(seen.offer, texts),
        ],
    )


def ask_publish(seen: DeskCard, texts: Texts) -> Screen:
    lines: list[str] = [texts("Publish <b>{title}</b>? Every member can see it then.", title=name(seen.offer, texts))]
    lines += _leads_to(seen, texts)
    if seen.offer.starts_at is not None:
        lines.append(texts("It starts on {date}.", date=wares.first_day(seen.offer.starts_at, seen.zone, texts)))
    return Screen("\n".join(lines), _answers(seen.offer, texts("Publish"), Turn.PUBLISH, texts))


def ask_remove(seen: DeskCard, texts: Texts) -> Screen:
    lines: list[str] = [
        texts("Remove <b>{title}</b>? Members will not see it any more.", title=name(seen.offer, texts))
    ]
    lines += _waiting(seen, texts)
    return Screen("\n".join(lines), _answers(seen.offer, texts("Remove"), Turn.REMOVE, texts))


def ask_end(seen: DeskCard, texts: Texts) -> Screen:
    offer = seen.offer
    if seen.state in (WareState.DRAFT, WareState.ENDED):
        return card(seen, texts)
    lines: list[str] = [texts("End <b>{title}</b> now? Nobody can have it any more.", title=name(offer, texts))]
    lines += _waiting(seen, texts)
    return Screen(
        "\n".join(lines),
        [
            [button(texts("End it"), EndOffer(offer_id=offer.id))],
            [button(texts("Cancel"), ShowShopOffer(offer_id=offer.id))],
        ],
    )


def words(seen: DeskCard, texts: Texts) -> Screen:
    offer = seen.offer

    def edit(language: Language, field: str) -> EditOfferWords:
        return EditOfferWords(offer_id=offer.id, language=language, field=Field(field))

    return wares.words(offer.title, offer.translations, edit, ShowShopOffer(offer_id=offer.id), texts)


def name(offer: Offer, texts: Texts) -> str:
    return wares.called(offer.title, offer.translations, texts)


def _nothing(seen: DeskPage, texts: Texts) -> Markup:
    if not seen.is_first_page:
        return texts("That was all of them.")
    return texts("Your shop has no offers yet. What would bring your customers back this week?")


def _line(listed: ListedOffer, texts: Texts) -> str:
    offer = listed.offer
    if offer.is_claimable:
        facts = texts(
            "{stock} · claimed {claimed} · used {used}",
            stock=_stock(offer, texts),
            claimed=listed.figures.claimed,
            used=listed.figures.used,
        )
    else:
        facts = texts("{kind} · seen {seen}", kind=_kind(offer, texts), seen=listed.figures.seen)
    return f"{escape(name(offer, texts), quote=False)}\n      {facts}"


def _to_card(offer: Offer, state: WareState, texts: Texts) -> Button:
    return button(f"{MARKS[state]} {shortened(name(offer, texts))}", ShowShopOffer(offer_id=offer.id))


def _turns(seen: DeskCard, texts: Texts) -> Row:
    offer_id = seen.offer.id
    look = button(texts("Preview"), PreviewOffer(offer_id=offer_id))
    end = button(texts("End"), AskEndOffer(offer_id=offer_id))
    match seen.state:
        case WareState.DRAFT:
            return [look, button(texts("Publish"), AskOfferTurn(offer_id=offer_id, turn=Turn.PUBLISH))]
        case WareState.PAUSED:
            return [look, button(texts("Resume"), TakeOfferTurn(offer_id=offer_id, turn=Turn.RESUME)), end]
        case WareState.ENDED:
            return [look]
        case _:
            return [look, button(texts("Pause"), TakeOfferTurn(offer_id=offer_id, turn=Turn.PAUSE)), end]


def _edits(offer: Offer, texts: Texts) -> Iterator[Row]:
    stock = texts("Stock") if offer.stock is None else texts("Restock")
    for row in (
        ((texts("Title"), Field.NAME), (texts("Description"), Field.DESCRIPTION), (texts("Picture"), Field.PICTURE)),
        ((texts("Leads to"), Field.LEADS_TO), (texts("Tier"), Field.TIER), (texts("Money"), Field.PRICE)),
        ((stock, Field.STOCK), (texts("Limit"), Field.LIMIT), (texts("Voucher"), Field.DAYS)),
        ((texts("Starts"), Field.STARTS), (texts("Ends"), Field.ENDS)),
    ):
        yield [
            button(label, EditOffer(offer_id=offer.id, field=field))
            for label, field in row
            if offer.is_claimable or field not in OF_CLAIMS
        ]


def _ways(seen: DeskCard, texts: Texts) -> Iterator[Row]:
    offer_id = seen.offer.id
    yield [
        button(texts("Other languages"), ShowOfferWords(offer_id=offer_id)),
        button(texts("Remove"), AskOfferTurn(offer_id=offer_id, turn=Turn.REMOVE)),
    ]
    yield _home(seen.offer, texts)


def _home(offer: Offer, texts: Texts) -> Row:
    return [
        button(texts("All offers"), ShowShopOffers(merchant_id=offer.merchant.id)),
        button(texts("Home"), Home()),
    ]


def _answers(offer: Offer, yes: str, turn: Turn, texts: Texts) -> Sequence[Row]:
    return [
        [button(yes, TakeOfferTurn(offer_id=offer.id, turn=turn))],
        [button(texts("Cancel"), ShowShopOffer(offer_id=offer.id))],
    ]


def _waiting(seen: DeskCard, texts: Texts) -> list[str]:
    if not seen.figures.waiting:
        return []
    return [
        texts.plural(
            "{n} voucher for it waits to be used, and stays good.",
            "{n} vouchers for it wait to be used, and stay good.",
            seen.figures.waiting,
        )
    ]


def _facts(seen: DeskCard, texts: Texts) -> Iterator[str]:
    offer = seen.offer
    yield from _leads_to(seen, texts)
    if offer.is_claimable:
        yield texts("Stock: {stock}", stock=_stock(offer, texts))
        most = offer.per_member
        yield texts("Limit: {limit}", limit=texts("none") if most is None else texts("{n} per member", n=most))
        yield _good_for(seen, texts)
    if offer.tier_min is Tier.MEMBER:
        yield texts("For: all members")
    else:
        tier = names.tier(texts, offer.tier_min)
        yield texts("For {medal} {tier} members and up.", medal=names.tier_medal(offer.tier_min), tier=tier)
    yield from wares.window(offer, seen.zone, texts)
    yield from wares.looks(offer.picture_id, offer.translations, texts)


def _leads_to(seen: DeskCard, texts: Texts) -> Iterator[str]:
    """What members get; a target that is over is said, too, because then they get nothing."""
    offer = seen.offer
    match offer.kind:
        case OfferKind.CLAIM if offer.price_minor:
            price = texts.money(offer.price_minor, seen.currency)
            yield texts("Members get a voucher, and pay {price} at the counter.", price=price)
        case OfferKind.CLAIM:
            yield texts("Members get a voucher, free.")
        case OfferKind.NEWS:
            yield texts("It only says something. Under Leads to you choose what members get.")
        case _ if seen.target is None:
            yield texts("What it leads to is over or not published. Choose something else under Leads to.")
        case OfferKind.REWARD:
            yield texts(
                "It leads to the reward {title}.",
                title=wares.called(seen.target.title, seen.target.translations, texts),
            )
        case OfferKind.DEAL:
            yield texts(
                "It leads to the group buy {title}.",
                title=wares.called(seen.target.title, seen.target.translations, texts),
            )


def _good_for(seen: DeskCard, texts: Texts) -> Markup:
    days = seen.offer.voucher_days
    if not days and seen.offer.ends_at is not None:
        return texts("Voucher: good to the offer's end")
    return texts.plural("Voucher: good for {n} day", "Voucher: good for {n} days", days or seen.voucher_days)


def _kind(offer: Offer, texts: Texts) -> Markup:
    match offer.kind:
        case OfferKind.REWARD:
            return texts("to a reward")
        case OfferKind.DEAL:
            return texts("to a group buy")
        case OfferKind.CLAIM:
            return texts("claimed here")
        case OfferKind.NEWS:
            return texts("news")


def _stock(offer: Offer, texts: Texts) -> Markup:
    return texts("unlimited") if offer.stock is None else texts("{n} left", n=offer.stock)
