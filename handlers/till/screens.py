"""Selling: who, how much, done."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.merchant.callbacks import Console
from handlers.merchant.screens import checked, to_collect
from handlers.points.notices import cut_lines
from handlers.rewards.titles import last_day, reward_name, voucher_title
from handlers.screens import Row, Screen, button, shortened
from handlers.start.callbacks import Home
from handlers.till.callbacks import (
    AskTake,
    BackToSale,
    BookSale,
    ChangeAmount,
    IsAmount,
    IsCustomer,
    ListSales,
    OpenTill,
    PickCustomer,
    ServeCard,
    ShowSale,
    TakeVoucher,
    UndoSale,
)
from locales.texts import Markup, Texts
from loyalty.ceilings import ReviewState
from loyalty.members import Member
from loyalty.merchants import Post
from loyalty.purchases import AwardRole, Purchase
from loyalty.services.customers import Candidate, Candidates, Customer, Face
from loyalty.services.till import Booked, Sale, TillQuote
from loyalty.vouchers import Voucher


def choose_shop(posts: Sequence[Post], texts: Texts, code: str | None = None) -> Screen:
    """For who works at several shops. `code`: the card that was scanned already."""
    rows = [
        [
            button(
                post.shop(texts.language),
                OpenTill(merchant_id=post.merchant_id)
                if code is None
                else ServeCard(merchant_id=post.merchant_id, code=code),
            )
        ]
        for post in posts
    ]
    return Screen(texts("At which shop are you?"), [*rows, [button(texts("Home"), Home())]])


def ask_customer(post: Post, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [
        texts("<b>{shop}</b> · till", shop=post.shop(texts.language)),
        texts("Scan the customer's card with your phone's camera, or type its code or the last digits of their phone."),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Purchases and refunds"), ListSales(merchant_id=post.merchant_id))],
            [button(texts("Cancel"), Console(merchant_id=post.merchant_id))],
        ],
    )


def choose_customer(found: Candidates, merchant_id: int, zone: ZoneInfo, texts: Texts) -> Screen:
    lines: list[str] = [texts("Who is it?")]
    if found.has_more:
        lines.append(texts("There are more than these. If none is right, scan the card or type the whole number."))
    labels = labels_apart(found.people, zone, texts)
    rows = [
        [button(label, PickCustomer(customer_id=one.face.id))] for one, label in zip(found.people, labels, strict=True)
    ]
    return Screen("\n".join(lines), [*rows, [button(texts("Cancel"), OpenTill(merchant_id=merchant_id))]])


def ask_amount(seen: Customer, merchant_id: int, example: str, texts: Texts, complaint: str | None = None) -> Screen:
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [
        _heading(seen.face, texts),
        *_has_here(seen, texts),
        "",
        texts("What is the amount? Type it like this, with a receipt's number and a word if you like:"),
        f"<code>{example}</code> · <code>{example} #A-1007 {texts('coffee')}</code>",
    ]
    cancel = [button(texts("Cancel"), OpenTill(merchant_id=merchant_id))]
    return Screen("\n".join(lines), [*_take(seen, texts), cancel])


def amount_or_customer(number: str, amount: str, merchant_id: int, texts: Texts) -> Screen:
    """What was typed is both: an amount, and how somebody's phone or number ends."""
    return Screen(
        texts("Is that {amount}, or the customer whose phone or number is {number}?", amount=amount, number=number),
        [
            [button(texts("The customer {number}", number=number), IsCustomer())],
            [button(texts("The amount {amount}", amount=amount), IsAmount())],
            [button(texts("Cancel"), OpenTill(merchant_id=merchant_id))],
        ],
    )


def unusual(quote: TillQuote, texts: Texts) -> Screen:
    """Before an amount that is many times what is usual here: a slip of the finger is easily made with a queue."""
    amount = texts.money(quote.typed.amount_minor, quote.currency)
    return Screen(
        "\n".join(
            [
                _heading(quote.customer.face, texts),
                texts(
                    "<b>{amount}</b> is far more than usual here: most purchases are around {usual}. Is it right?",
                    amount=amount,
                    usual=texts.money(quote.usual_minor or 0, quote.currency),
                ),
            ]
        ),
        [
            [button(texts("Yes, it is {amount}", amount=amount), IsAmount())],
            [button(texts("Change amount"), ChangeAmount())],
        ],
    )


def ask_take(voucher: Voucher, member: Member, texts: Texts) -> Screen:
    """Before a voucher of the customer who is served is taken: the same as of one that was scanned."""
    seen = checked(voucher, member, texts)
    ways = [
        [button(texts("Take it"), TakeVoucher(voucher_id=voucher.id))],
        [button(texts("« Back"), BackToSale())],
    ]
    return Screen(seen.text, ways)


def is_booked(seen: Sale, texts: Texts) -> Screen:
    """To who edited the amount of a purchase after it was confirmed."""
    purchase = seen.sold.purchase
    lines: list[str] = [
        texts(
            "{amount} for {name} is booked already; changing your message does not change it.",
            amount=_amount(purchase, texts),
            name=seen.sold.first_name,
        ),
        texts("Undo it, and book it anew.") if seen.can_undo else texts("A refund takes it back."),
    ]
    way = (
        button(texts("Undo"), UndoSale(purchase_id=purchase.id))
        if seen.can_undo
        else button(texts("Show it"), ShowSale(purchase_id=purchase.id))
    )
    return Screen("\n".join(lines), [[way], *_ways_on(purchase, texts)])


def question(quote: TillQuote, merchant_id: int, texts: Texts, other: str | None = None) -> Screen:
    """What would be booked, what it earns, and what else the customer has here. `other`: who may be meant instead."""
    lines: list[str] = [
        _heading(quote.customer.face, texts),
        _what(texts.money(quote.typed.amount_minor, quote.currency), quote.typed.receipt, quote.typed.words, texts),
        *_earns(quote, texts),
    ]
    if quote.is_own:
        lines.append(texts("This is your own purchase. It is marked as such in the list of purchases."))
    lines += _has_here(quote.customer, texts)
    instead = [] if other is None else [button(texts("No, the customer {number}", number=other), IsCustomer())]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Confirm"), BookSale(nonce=quote.nonce))],
            instead,
            *_take(quote.customer, texts),
            [
                button(texts("Change amount"), ChangeAmount()),
                button(texts("Cancel"), OpenTill(merchant_id=merchant_id)),
            ],
        ],
    )


def done(booked: Booked, texts: Texts) -> Screen:
    """The purchase in the books; where it was undone since, that."""
    purchase, name = booked.sold.purchase, booked.sold.first_name
    if purchase.is_undone:
        return undone(purchase, name, booked.points, texts)
    amount = _amount(purchase, texts)
    if booked.points:
        said = texts.plural(
            "Done. <b>+{n}</b> point for {name}, for {amount}.",
            "Done. <b>+{n}</b> points for {name}, for {amount}.",
            booked.points,
            name=name,
            amount=amount,
        )
    else:
        said = texts("Done. {amount} is booked for {name}; it earns no points.", name=name, amount=amount)
    lines: list[str] = [said, *cut_lines(purchase.earned.points, purchase.earned.cuts, texts)]
    if booked.is_own:
        lines.append(texts("Your own purchase"))
    if purchase.wish.receipt is not None:
        lines.append(texts("Receipt {receipt}", receipt=purchase.wish.receipt))
    if booked.review is not None and booked.review.state is ReviewState.WAITING:
        lines.append(texts("The sale is unusually large: its points come when the club has looked at it."))
    undo = button(texts("Undo ({n} min)", n=booked.undo_minutes), UndoSale(purchase_id=purchase.id))
    return Screen("\n".join(lines), [[undo], *_ways_on(purchase, texts)])


def undone(purchase: Purchase, name: str, points: int, texts: Texts) -> Screen:
    lines: list[str] = [
        texts("Undone: {amount} for {name}. It is as if it had never been.", amount=_amount(purchase, texts), name=name)
    ]
    if points:
        lines.append(texts.plural("{n} point went back.", "{n} points went back.", points))
    return Screen("\n".join(lines), _ways_on(purchase, texts))


def not_at_a_till(is_own: bool, texts: Texts) -> Screen:
    """To whoever scanned a card and stands at no till. Of somebody else's card they learn nothing."""
    said = (
        texts("This is your card. Show it at the till of a shop, and your points are counted.")
        if is_own
        else texts("This is a member's card. It is scanned at the tills of our shops.")
    )
    return Screen(said, [[button(texts("Home"), Home())]])


def _ways_on(purchase: Purchase, texts: Texts) -> list[Row]:
    till = OpenTill(merchant_id=purchase.wish.merchant_id)
    return [[button(texts("Next customer"), till), button(texts("Home"), Home())]]


def _heading(face: Face, texts: Texts) -> Markup:
    return texts(
        "<b>{name}</b> · {medal} {tier}",
        name=face.first_name,
        medal=names.tier_medal(face.tier),
        tier=names.tier(texts, face.tier),
    )


def labels_apart(people: Sequence[Candidate], zone: ZoneInfo, texts: Texts) -> list[str]:
    """Words for each that no other one has: where name and tier are alike, the first fact that tells them apart, else
    all that there are. Of a phone or a family name no more than a letter or two is shown."""
    plain_labels = [_label(one.face, texts) for one in people]
    alike = {label for label in plain_labels if plain_labels.count(label) > 1}
    labels = []
    for one, label in zip(people, plain_labels, strict=True):
        if label not in alike:
            labels.append(label)
            continue
        group = [other for other, said in zip(people, plain_labels, strict=True) if said == label]
        facts = [_tells(other, zone, texts) for other in group]
        telling = next(
            (place for place, kind in enumerate(zip(*facts, strict=True)) if len(set(kind)) == len(kind)), None
        )
        mine = facts[group.index(one)]
        said = [mine[telling]] if telling is not None else [fact for fact in mine if fact]
        number = "" if telling is not None or len(set(facts)) == len(facts) else f"({group.index(one) + 1})"
        labels.append(" · ".join([label, *filter(None, [*said, number])]))
    return labels


def _tells(one: Candidate, zone: ZoneInfo, texts: Texts) -> tuple[str, ...]:
    """What tells people of one name apart at a counter, the readiest first."""
    initial = f"{one.initial}." if one.initial else ""
    since = texts("since {date}", date=texts.date(one.joined_at.astimezone(zone).date()))
    last = (
        texts("last here {date}", date=texts.date(one.bought_at.astimezone(zone).date()))
        if one.bought_at
        else texts("new here")
    )
    card = texts("card …{ending}", ending=one.card_ending) if one.card_ending else texts("no card yet")
    return (initial, since, last, card)


def _label(face: Face, texts: Texts) -> str:
    return f"{texts.person(shortened(face.first_name))} · {names.tier_medal(face.tier)} {names.tier(texts, face.tier)}"


def _what(amount: str, receipt: str | None, words: Sequence[str], texts: Texts) -> str:
    """ "€12.50 · Receipt A-1007 · Note: coffee"."""
    parts = [f"<b>{amount}</b>"]
    if receipt is not None:
        parts.append(texts("Receipt {receipt}", receipt=receipt))
    if words:
        parts.append(texts("Note: {what}", what=" ".join(words)))
    return " · ".join(parts)


def _earns(quote: TillQuote, texts: Texts) -> list[str]:
    earns = quote.earns
    cuts = cut_lines(earns.earned.points, earns.earned.cuts, texts)
    if earns.ceiling is not None:
        cuts.append(texts("More would pass the club's ceiling."))
    if not earns.points:
        return [texts("This purchase earns no points."), *cuts]
    lines: list[str] = [texts.plural("Earns <b>{n}</b> point", "Earns <b>{n}</b> points", earns.points)]
    for bonus in earns.bonuses:
        if bonus.role is AwardRole.FIRST:
            lines.append(texts("– {points} of them for the first purchase here", points=bonus.points))
        else:
            lines.append(texts("– {points} of them for the month of the birthday", points=bonus.points))
    return [*lines, *cuts]


def _has_here(seen: Customer, texts: Texts) -> list[str]:
    lines: list[str] = []
    if seen.vouchers:
        lines += ["", texts("Vouchers for you to take:")]
        lines += [
            " · ".join(
                [
                    texts(
                        "🎟 {title}, good until {date}",
                        title=voucher_title(voucher, texts),
                        date=last_day(voucher.expires_at, texts),
                    ),
                    *to_collect(voucher, texts),
                ]
            )
            for voucher in seen.vouchers
        ]
    if seen.rewards:
        lines += ["", texts("Can redeem now:")]
        lines += [
            texts.plural(
                "🎁 {title} ({points} point)",
                "🎁 {title} ({points} points)",
                reward.points,
                title=reward_name(reward, texts),
                points=reward.points,
            )
            for reward in seen.rewards
        ]
    return lines


def _take(seen: Customer, texts: Texts) -> list[Row]:
    titles = [(voucher.id, shortened(voucher_title(voucher, texts))) for voucher in seen.vouchers]
    return [
        [button(texts("Accept voucher: {title}", title=title), AskTake(voucher_id=number))] for number, title in titles
    ]


def _amount(purchase: Purchase, texts: Texts) -> str:
    return texts.money(purchase.wish.amount_minor, purchase.wish.currency)
