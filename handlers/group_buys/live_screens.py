"""Group buys before everybody's eyes: the same for everybody, and nobody's points."""

from __future__ import annotations

from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from handlers.group_buys.callbacks import DealsHere, JoinGroup, OpenHere, PostDeal
from handlers.group_buys.people import names
from handlers.group_buys.prices import cost
from handlers.group_buys.screens import BAR_MAX, DEAL_LINK, SHARE, deal_link, heading, progress, title
from handlers.links import Links
from handlers.paging import first_and_more
from handlers.reply import CAPTION_MAX
from handlers.screens import Row, Screen, StoredPicture, bar, button, link_button, plain, shortened
from locales.texts import Markup, Texts
from loyalty.group_buys import GroupState
from loyalty.live_cards import Face, Place
from loyalty.services.group_buys import RunningDeals

GROUP_ID_MAX = len("-1000000000")  # ids of supergroups are longer: -100 and ten digits
LIVE = "live"  # begins the id of an article that becomes a live card


def list_here(seen: RunningDeals, texts: Texts) -> Screen:
    """What runs; each button turns the message into the live card of a deal."""
    if not seen.deals:
        return Screen(f"{texts('<b>Group buys</b>')}\n{texts('Nothing is running just now.')}")
    rows: list[Row] = [
        [button(shortened(title(texts, deal)), PostDeal(deal_id=deal.id, language=texts.language))]
        for deal in seen.deals
    ]
    paging = first_and_more(
        None if seen.is_first_page else DealsHere(language=texts.language),
        None if seen.more_after is None else DealsHere(after=seen.more_after, language=texts.language),
        texts,
    )
    text = f"{texts('<b>Group buys</b>')}\n{texts('Which one shall it be for all of you here?')}"
    return Screen(text, [*rows, paging])


def live_card(face: Face, links: Links, texts: Texts) -> Screen:
    """How a group buy stands: bar, places, time left, names of those who agreed; in the end, what became of it."""
    lines = [heading(texts, face.deal), _prices(texts, face), "", _standing(texts, face)]
    group = face.group
    if group is None:
        return _with_picture(face, [*lines, "", _first(texts, face)], _first_rows(texts, face, links))
    seated = len(lines)
    rows: list[Row]
    if group.state_at(face.now) is GroupState.OPEN:
        lines += ["", texts("A tap on Join sets the points aside. Until the group is full you can leave.")]
        join = JoinGroup(group_id=group.id, language=texts.language)
        rows = [[button(_join(texts, face), join)], [link_button(texts("More about it"), links.group(group.id))]]
    else:
        lines += ["", _outcome(texts, face)]
        rows = _outcome_rows(texts, face, links)
    if group.seats:
        named = [*lines[:seated], names(texts, group), *lines[seated:]]
        # Of what would be too long under a picture, the names are what can be left out.
        if face.deal.picture_id is None or len(plain("\n".join(named))) <= CAPTION_MAX:
            lines = named
    return _with_picture(face, lines, rows)


def _with_picture(face: Face, lines: list[str], rows: list[Row]) -> Screen:
    picture = StoredPicture(face.deal.picture_id) if face.deal.picture_id is not None else None
    return Screen("\n".join(lines), rows, picture)


def article(face: Face, links: Links, texts: Texts) -> InlineQueryResultArticle:
    """A live card on its way into a chat."""
    card, group = live_card(face, links, texts), face.group
    of = f"{DEAL_LINK}_{face.deal.id}" if group is None else f"{SHARE}_{group.id}"
    return InlineQueryResultArticle(
        id=f"{LIVE}_{of}",
        title=plain(title(texts, face.deal)),
        description=plain(_prices(texts, face) if group is None else progress(group, face.now, texts)),
        input_message_content=InputTextMessageContent(message_text=card.text, parse_mode="HTML"),
        reply_markup=card.keyboard,
    )


def gone_on(texts: Texts, place: Place) -> Screen:
    """In the place of a card whose group has a newer one in the same chat."""
    link = _message_link(place)
    rows = [[link_button(texts("Take me there"), link)]] if link else []
    return Screen(texts("This group buy goes on in a newer message of this chat."), rows)


def _message_link(place: Place) -> str:
    """Telegram has links to messages of supergroups alone."""
    return f"https://t.me/c/{place.chat.removeprefix('-100')}/{place.message}" if len(place.chat) > GROUP_ID_MAX else ""


def greeting(texts: Texts) -> Screen:
    """For a group that has just taken the bot in."""
    return Screen(
        texts(
            "Hello all. Things are cheaper together: send /groupbuy here and pick one, and everybody can join by a "
            "tap. Nobody's points are ever shown here."
        )
    )


def is_coming(texts: Texts) -> Markup:
    """The toast for whoever has picked a deal."""
    return texts("Here it comes.")


def another_was_picked(texts: Texts) -> Markup:
    return texts("Another one was picked here. Send /groupbuy for a new list.")


def _prices(texts: Texts, face: Face) -> Markup:
    deal = face.deal
    return texts(
        "Together {price} each, alone {solo}.",
        price=_price(texts, face),
        solo=cost(texts, deal.solo_points, deal.solo_price_minor, face.currency),
    )


def _price(texts: Texts, face: Face) -> Markup:
    """Of a place: what the deal says, once there is a group what it said then."""
    deal, group = face.deal, face.group
    if group is None:
        return cost(texts, deal.group_points, deal.group_price_minor, face.currency)
    return cost(texts, group.points, group.price_minor, face.currency)


def _standing(texts: Texts, face: Face) -> str:
    if face.group is not None:
        return progress(face.group, face.now, texts)
    size = face.deal.size
    return f"👥 0/{size} {bar(0, size, width=min(size, BAR_MAX))} {texts('{n} h', n=face.deal.hours)}"


def _first(texts: Texts, face: Face) -> Markup:
    if face.refusal is not None:
        return texts("This cannot be had just now.")
    return texts(
        "Be the first: a tap on Join opens the group and sets the points aside. Until it is full you can leave."
    )


def _first_rows(texts: Texts, face: Face, links: Links) -> list[Row]:
    more: Row = [link_button(texts("More about it"), deal_link(face.deal, links))]
    if face.refusal is not None:
        return [more]
    return [[button(_join(texts, face), OpenHere(deal_id=face.deal.id, language=texts.language))], more]


def _join(texts: Texts, face: Face) -> Markup:
    """The price stands on the button, because a tap sets it aside at once."""
    return texts("Join · {price}", price=_price(texts, face))


def _outcome(texts: Texts, face: Face) -> Markup:
    group = face.group
    assert group is not None, "who has not begun has no outcome"
    match group.state_at(face.now):
        case GroupState.FILLED:
            return texts("It is complete, and everybody in it has a voucher.")
        case GroupState.EXPIRED if group.state is GroupState.OPEN:
            return texts("It did not fill in time. Everybody's points are on their way back.")
        case GroupState.EXPIRED:
            return texts("It did not fill in time, and everybody's points went back.")
        case _ if group.merged_into_id is not None:
            return texts("It goes on together with another group.")
        case _:
            return texts("It was called off, and all points went back.")


def _outcome_rows(texts: Texts, face: Face, links: Links) -> list[Row]:
    group = face.group
    if group is not None and group.merged_into_id is not None:
        return [[link_button(texts("To that group"), links.group(group.merged_into_id))]]
    return [[link_button(texts("Open a new group"), deal_link(face.deal, links))]]
