from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from handlers.choices.callbacks import ShowChoices
from handlers.group_buys.callbacks import (
    AskToOpen,
    DealsPage,
    JoinGroup,
    LeaveGroup,
    MyGroupsPage,
    OpenGroup,
    ShowDeal,
    ShowGroup,
)
from handlers.group_buys.people import first_name, leader, names
from handlers.group_buys.prices import alone, at_the_counter, on_top, to_pay
from handlers.links import Links
from handlers.merging.callbacks import AskMerge
from handlers.paging import first_and_more, newest_and_older
from handlers.points.callbacks import CheckIn, PointsPage
from handlers.referrals.callbacks import Invite
from handlers.refusals import words
from handlers.rewards.callbacks import Wallet
from handlers.screens import (
    Button,
    Row,
    Screen,
    StoredPicture,
    bar,
    button,
    share_button,
    shortened,
)
from handlers.solo.callbacks import AskSolo
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.errors import NotEnoughPoints
from loyalty.group_buys import Choice, Choosing, Deal, Group, GroupState
from loyalty.members import Member
from loyalty.merchants import said_in
from loyalty.services.group_buys import AtCounter, DealSeen, GroupSeen, MyGroups, Quote, RunningDeals

SHARE = "g"
DEAL_LINK = "d"
BAR_MAX = 12  # squares: more would break the line on a phone
DESCRIPTION_MAX = 600  # so that all of it fits under a picture


def title(texts: Texts, deal: Deal) -> str:
    return said_in(texts.language, deal.translations, "name", deal.title)


def shop(texts: Texts, deal: Deal) -> str:
    return deal.merchant.shop(texts.language)


def running(seen: RunningDeals, texts: Texts) -> Screen:
    """A page of deals; above them, on the first page, what is nearly full."""
    rows: list[Row] = []
    lines: list[str] = [texts("<b>Group buys</b>")]
    if seen.nearly_full:
        lines += ["", texts("<b>Nearly full</b>")]
        for group, deal in seen.nearly_full:
            lines.append(f"{heading(texts, deal)}\n{progress(group, seen.now, texts)}")
            rows.append([button(f"{shortened(title(texts, deal))} · {_places(texts, group)}", _to(group))])
    if seen.deals:
        lines += ["", texts("<b>Running now</b>")]
    elif seen.is_first_page:
        lines += ["", texts("Nothing is running just now. A check-in today brings the next one closer.")]
        rows.append([button(texts("Check in"), CheckIn())])
    for deal in seen.deals:
        lines.append(f"{heading(texts, deal)}\n{_terms(texts, deal, seen.currency)}")
        rows.append([button(shortened(title(texts, deal)), ShowDeal(deal_id=deal.id))])
    paging = first_and_more(
        None if seen.is_first_page else DealsPage(),
        None if seen.more_after is None else DealsPage(after=seen.more_after),
        texts,
    )
    mine = texts("My groups ({n})", n=seen.open_count) if seen.open_count else texts("My groups")
    return Screen("\n".join(lines), [*rows, paging, [button(mine, MyGroupsPage()), button(texts("Home"), Home())]])


def deal_card(seen: DealSeen, zone: ZoneInfo, texts: Texts) -> Screen:
    deal, span = seen.deal, texts("{n} h", n=seen.deal.hours)
    lines: list[str] = [
        heading(texts, deal),
        escape(shortened(_description(texts, deal), DESCRIPTION_MAX), quote=False),
        "",
        texts.plural(
            "Together <b>{points}</b> point each, alone {solo}.",
            "Together <b>{points}</b> points each, alone {solo}.",
            deal.group_points,
            points=deal.group_points,
            solo=deal.solo_points,
        ),
        *at_the_counter(texts, deal.group_price_minor, deal.solo_price_minor, seen.currency),
        texts.plural("{n} person within {span}", "{n} people within {span}", deal.size, span=span)
        + " · "
        + _stock(texts, deal),
        *_bonus(texts, deal),
        texts.plural("You have {points} point.", "You have {points} points.", seen.available, points=seen.available),
    ]
    rows: list[Row] = []
    if seen.mine is not None:
        rows.append([button(texts("Your group"), _to(seen.mine))])
    if seen.refusal is None:
        rows.append([button(texts("Open a group"), AskToOpen(deal_id=deal.id))])
    elif seen.mine is None:
        lines += ["", words(texts, seen.refusal, zone)]
    others = [group for group in seen.groups if seen.mine is None or group.id != seen.mine.id]
    if others:
        lines += ["", texts("Groups you can join:")]
    elif seen.refusal is None and seen.mine is None:
        lines += ["", texts("No group is open just now. Yours would be the first.")]
    rows += [[button(_line(texts, group, seen.now), _to(group))] for group in others]
    if seen.more_after is not None:
        rows.append([button(texts("More »"), ShowDeal(deal_id=deal.id, after=seen.more_after))])
    if seen.alone_refusal is None:
        label = alone(texts, deal.solo_points, deal.solo_price_minor, seen.currency)
        rows.append([button(label, AskSolo(deal_id=deal.id))])
    if seen.refusal is None or seen.mine is not None:
        share = f"{DEAL_LINK}_{deal.id}" if seen.mine is None else f"{SHARE}_{seen.mine.id}"
        rows.append([share_button(texts("Share in a chat"), share)])
    return Screen(
        "\n".join(lines),
        [*rows, [button(texts("« Group buys"), DealsPage()), button(texts("Home"), Home())]],
        picture=picture_of(deal),
    )


def ask_to_open(quote: Quote, texts: Texts) -> Screen:
    deal = quote.deal
    span = texts.span(quote.closes_at - quote.now)
    return Screen(
        "\n".join(
            [
                heading(texts, deal),
                "",
                texts.plural(
                    "{points} point is set aside until the group is full. If it does not fill in "
                    "{span}, you get it back.",
                    "{points} points are set aside until the group is full. If it does not fill in "
                    "{span}, you get all of them back.",
                    deal.group_points,
                    points=deal.group_points,
                    span=Markup(span),
                ),
                *to_pay(texts, deal.group_price_minor, quote.currency),
                *_when_it_fills(texts, deal.bonus_points),
                texts.plural(
                    "You have {points} point.", "You have {points} points.", quote.available, points=quote.available
                ),
            ]
        ),
        [
            [_open(quote, texts)],
            [button(texts("Cancel"), ShowDeal(deal_id=deal.id))],
        ],
        picture=picture_of(deal),
    )


def _open(quote: Quote, texts: Texts) -> Button:
    deal = quote.deal
    label = texts.plural(
        "Open it for {points} point", "Open it for {points} points", deal.group_points, points=deal.group_points
    )
    if deal.group_price_minor:
        price = texts.money(deal.group_price_minor, quote.currency)
        label = texts.plural(
            "Open it for {points} point + {price}",
            "Open it for {points} points + {price}",
            deal.group_points,
            points=deal.group_points,
            price=price,
        )
    return button(
        label,
        OpenGroup(deal_id=deal.id, nonce=quote.nonce, points=deal.group_points, price=deal.group_price_minor),
    )


def group_card(seen: GroupSeen, member: Member, texts: Texts) -> Screen:
    """A group in one's own chat: how it stands, what it means for one's points, and all that one can do."""
    group, deal = seen.group, seen.deal
    state, is_in = group.state_at(seen.now), group.has(member.id)
    lines = [*_card_lines(seen, texts), "", *_for_me(seen, is_in, texts)]
    if state is GroupState.OPEN and group.organiser_id == member.id:
        lines += _when_it_fills(texts, group.bonus_points)
    rows: list[Row] = []
    if seen.choosing is not None:
        lines.append(chosen(seen.choosing, seen.now, member.zone, texts))
    if state is GroupState.OPEN:
        share = share_button(texts("Share"), f"{SHARE}_{group.id}")
        first = button(texts("Leave"), LeaveGroup(group_id=group.id))
        if not is_in:
            first = button(texts("Join"), JoinGroup(group_id=group.id))
        rows += [[share, first] if is_in else [first, share], [button(texts("Refresh"), _to(group))]]
        if seen.is_mergeable:
            rows.append([button(texts("Merge with another group"), AskMerge(group_id=group.id))])
    elif state is GroupState.FILLED and is_in:
        rows.append([button(texts("My vouchers"), Wallet())])
    elif seen.choosing is not None and seen.choosing.is_open_at(seen.now):
        rows.append([button(texts("Choose"), ShowChoices(group_id=group.id))])
    else:
        rows.append([button(texts("Open a new group"), ShowDeal(deal_id=deal.id))])
    rows += [
        [button(texts("About this group buy"), ShowDeal(deal_id=deal.id)), button(texts("My groups"), MyGroupsPage())],
        [button(texts("Home"), Home())],
    ]
    return Screen("\n".join(lines), rows, picture=picture_of(deal))


def you_are_in(seen: GroupSeen, texts: Texts) -> Markup:
    """The toast for whoever has just joined."""
    name = title(texts, seen.deal)
    if seen.group.state is GroupState.FILLED:
        return texts("You are in, and the group for {title} is complete. Your voucher is waiting for you.", title=name)
    return texts("You are in: {title}. {places}.", title=name, places=_places(texts, seen.group))


def you_have_left(seen: GroupSeen, texts: Texts) -> Markup:
    return texts.plural(
        "You have left the group. Your {points} point is free again.",
        "You have left the group. Your {points} points are free again.",
        seen.group.points,
        points=seen.group.points,
    )


def name_is_shown(member: Member, texts: Texts) -> Markup:
    return texts("The others see you as {name} now.", name=first_name(member.first_name))


def name_is_hidden(texts: Texts) -> Markup:
    return texts("Your name stays hidden. You can change that in your profile.")


def mine(seen: MyGroups, zone: ZoneInfo, texts: Texts) -> Screen:
    lines: list[str] = [texts("<b>My groups</b>")]
    rows: list[Row] = []
    for group, deal in seen.groups:
        lines.append(f"{heading(texts, deal)}\n{progress(group, seen.now, texts)}")
        if (choosing := seen.choices.get(group.id)) is not None:
            lines.append(chosen(choosing, seen.now, zone, texts))
        rows.append([button(shortened(title(texts, deal)), _to(group))])
    if not seen.groups:
        lines.append(texts("You are in no group yet. Join one, or open your own and share it."))
    paging = newest_and_older(
        None if seen.is_first_page else MyGroupsPage(),
        None if seen.older_than is None else MyGroupsPage(before=seen.older_than),
        texts,
    )
    return Screen(
        "\n".join(lines),
        [*rows, paging, [button(texts("« Group buys"), DealsPage()), button(texts("Home"), Home())]],
    )


def chosen(choosing: Choosing, now: datetime, zone: ZoneInfo, texts: Texts) -> Markup:
    """What somebody made of a group that did not fill, or until when that can be chosen."""
    match choosing.choice:
        case None if choosing.is_open_at(now):
            return texts("Choose until {at} what becomes of it.", at=texts.moment(choosing.until, zone))
        case Choice.EXTEND:
            return texts("You are trying it once more.")
        case Choice.MERGE:
            return texts("You went over to another group.")
        case Choice.SOLO:
            return texts("You bought it alone.")
        case _:
            return texts("You kept your points.")


def not_enough(
    refusal: NotEnoughPoints, zone: ZoneInfo, back: Button, texts: Texts, at: AtCounter | None = None
) -> Screen:
    """What is missing, and ways to get there."""
    return Screen(
        "\n\n".join([words(texts, refusal, zone), short_of_points(texts, at)]),
        [
            [button(texts("Check in"), CheckIn()), button(texts("Invite a friend"), Invite())],
            [button(texts("My points"), PointsPage()), back],
        ],
    )


def short_of_points(texts: Texts, at: AtCounter | None = None) -> Markup:
    """What fills that up: a purchase at the shop, where one does."""
    if at is None:
        return texts("A check-in every day and friends you bring fill that up.")
    return texts(
        "One purchase of {amount} at {shop} brings what is missing: show your card there.",
        amount=texts.money(at.amount_minor, at.currency),
        shop=at.shop.shop(texts.language),
    )


def back_to_deal(deal_id: int, texts: Texts) -> Button:
    return button(texts("Back"), ShowDeal(deal_id=deal_id))


def back_to_group(group_id: int, texts: Texts) -> Button:
    return button(texts("Back"), ShowGroup(group_id=group_id))


def deal_link(deal: Deal, links: Links) -> str:
    return links.start(f"{DEAL_LINK}_{deal.id}")


def progress(group: Group, now: datetime, texts: Texts) -> str:
    """👥 3/5 ▓▓▓░░ 2 places left · 5 h 12 min"""
    head = f"👥 {group.taken}/{group.size} {bar(group.taken, group.size, width=min(group.size, BAR_MAX))}"
    match group.state_at(now):
        case GroupState.OPEN:
            tail = f"{_places(texts, group)} · {texts.span(group.closes_at - now)}"
        case GroupState.FILLED:
            tail = texts("Complete")
        case GroupState.EXPIRED:
            tail = texts("Time is over")
        case GroupState.CANCELLED:
            tail = texts("Called off")
    return f"{head} {tail}"


def _card_lines(seen: GroupSeen, texts: Texts) -> Sequence[str]:
    """What everybody may see of a group."""
    group = seen.group
    lines = [
        heading(texts, seen.deal),
        texts.plural(
            "Together <b>{points}</b> point each, alone {solo}.",
            "Together <b>{points}</b> points each, alone {solo}.",
            group.points,
            points=group.points,
            solo=seen.deal.solo_points,
        ),
        *at_the_counter(texts, group.price_minor, seen.deal.solo_price_minor, seen.currency),
        "",
        progress(group, seen.now, texts),
    ]
    if group.seats:
        lines.append(names(texts, group))
    return lines


def _for_me(seen: GroupSeen, is_in: bool, texts: Texts) -> Sequence[str]:
    group = seen.group
    match group.state_at(seen.now):
        case GroupState.OPEN if is_in:
            return [
                texts.plural(
                    "You are in, and {points} of your points is set aside.",
                    "You are in, and {points} of your points are set aside.",
                    group.points,
                    points=group.points,
                ),
                texts("Share it, so that it fills in time. Until then you can leave."),
            ]
        case GroupState.OPEN:
            return [
                _joining(texts, group),
                *to_pay(texts, group.price_minor, seen.currency),
                texts.plural(
                    "You have {points} point.",
                    "You have {points} points.",
                    seen.available or 0,
                    points=seen.available or 0,
                ),
            ]
        case GroupState.FILLED if is_in:
            return [texts("Your voucher is waiting for you.")]
        case GroupState.FILLED:
            return [texts("This group is complete already. You can open a group of your own.")]
        case GroupState.EXPIRED:
            return [texts("It did not fill in time, and everybody's points went back.")]
        case GroupState.CANCELLED:
            return [texts("This group was called off. You can open a new one.")]


def _bonus(texts: Texts, deal: Deal) -> list[str]:
    if not deal.bonus_points:
        return []
    return [
        texts.plural(
            "Whoever opens a group gets {points} point when it fills.",
            "Whoever opens a group gets {points} points when it fills.",
            deal.bonus_points,
            points=deal.bonus_points,
        )
    ]


def _when_it_fills(texts: Texts, bonus_points: int) -> list[str]:
    """To whoever organises."""
    if not bonus_points:
        return []
    return [
        texts.plural(
            "You get {points} point when it fills.",
            "You get {points} points when it fills.",
            bonus_points,
            points=bonus_points,
        )
    ]


def _joining(texts: Texts, group: Group) -> Markup:
    return texts.plural(
        "Joining sets {points} point aside. Until the group is full you can leave and have it back.",
        "Joining sets {points} points aside. Until the group is full you can leave and have them back.",
        group.points,
        points=group.points,
    )


def _line(texts: Texts, group: Group, now: datetime) -> str:
    """An open group on a button."""
    return f"{leader(group, texts)} · {group.taken}/{group.size} · {texts.span(group.closes_at - now)}"


def heading(texts: Texts, deal: Deal) -> Markup:
    return texts("<b>{title}</b> · {shop}", title=title(texts, deal), shop=shop(texts, deal))


def _description(texts: Texts, deal: Deal) -> str:
    return said_in(texts.language, deal.translations, "description", deal.description)


def _terms(texts: Texts, deal: Deal, currency: str) -> Markup:
    price = texts.plural(
        "{points} point each instead of {solo}",
        "{points} points each instead of {solo}",
        deal.group_points,
        points=deal.group_points,
        solo=deal.solo_points,
    )
    people = texts.plural("{n} person", "{n} people", deal.size)
    money = [on_top(texts, deal.group_price_minor, currency)] if deal.group_price_minor else []
    return Markup(" · ".join([price, *money, people, _stock(texts, deal)]))


def _stock(texts: Texts, deal: Deal) -> Markup:
    return texts("{n} left", n=deal.stock) if deal.stock >= deal.size else texts("All taken")


def _places(texts: Texts, group: Group) -> Markup:
    return texts.plural("{n} place left", "{n} places left", group.places_left)


def picture_of(deal: Deal) -> StoredPicture | None:
    return None if deal.picture_id is None else StoredPicture(deal.picture_id)


def _to(group: Group) -> ShowGroup:
    return ShowGroup(group_id=group.id)
