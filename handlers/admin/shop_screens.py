from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.admin.callbacks import (
    Admin,
    AskOff,
    AskRename,
    InviteOwner,
    MerchantsPage,
    ShowShop,
    ShowShopPerson,
    TakeOff,
    WithdrawOwnerInvite,
)
from handlers.links import Links
from handlers.meant import ways_to_name
from handlers.paging import first_and_more
from handlers.screens import Row, Screen, button, shortened
from handlers.staff.screens import about, ended_words, invite_words, pass_on, role_names, roles_held, withdrawn_words
from locales.texts import Texts
from loyalty.merchants import Merchant
from loyalty.services.shops import Added, Appointed, ShopCard
from loyalty.services.staff import Ended, PersonCard
from loyalty.staff import Invite, second_of


def how_to_merchant(texts: Texts) -> Screen:
    return Screen(
        "\n".join(
            [
                texts("It goes like this:"),
                "<code>/merchant new " + texts("Corner Bakery") + "</code>",
                "<code>/merchant staff 3 ABCD2345 owner</code>",
                "<code>/merchant staff 3 ABCD2345 none</code>",
                "<code>/merchant list</code>",
                ways_to_name(texts),
            ]
        ),
        [_ways(texts)],
    )


def added(result: Added, links: Links, zone: ZoneInfo, texts: Texts) -> Screen:
    facts = {"shop": result.merchant.name, "number": result.merchant.id}
    said = (
        texts("{shop} is in the club. Its number is {number}.", **facts)
        if result.is_new
        else texts("{shop} is in the club already. Its number is {number}.", **facts)
    )
    to_shop = button(texts("To the shop"), ShowShop(merchant_id=result.merchant.id))
    if result.invite is None:
        return Screen(said, [[to_shop], _ways(texts)])
    lines = [
        said,
        "",
        invite_words(result.invite, links, zone, texts),
        "",
        texts("Or name a member as its owner:"),
        f"<code>/merchant staff {result.merchant.id} ABCD2345 owner</code>",
    ]
    withdraw = button(texts("Withdraw"), WithdrawOwnerInvite(invite_id=result.invite.id))
    return Screen("\n".join(lines), [*pass_on(result.invite, links, texts), [withdraw, to_shop], _ways(texts)])


def appointed(result: Appointed, texts: Texts) -> Screen:
    facts = {"name": result.member.name, "role": names.a_role(texts, result.role), "shop": result.merchant.name}
    said = (
        texts("{name} is {role} at {shop} now.", **facts)
        if result.is_new
        else texts("{name} is {role} at {shop} already.", **facts)
    )
    return Screen(said, [[button(texts("To the shop"), ShowShop(merchant_id=result.merchant.id))], _ways(texts)])


def shops(page: Sequence[Merchant], after_id: int | None, texts: Texts) -> Screen:
    if not page:
        return Screen(
            texts("No shops yet. The first one:") + "\n<code>/merchant new " + texts("Corner Bakery") + "</code>",
            [[button(texts("Admin"), Admin())]],
        )
    lines = [texts("{number}. {shop}", number=merchant.id, shop=merchant.name) for merchant in page]
    rows: list[Row] = [
        [button(shortened(merchant.name), ShowShop(merchant_id=merchant.id)) for merchant in page[start : start + 2]]
        for start in range(0, len(page), 2)
    ]
    older = [button(texts("More »"), MerchantsPage(after=after_id))] if after_id is not None else []
    return Screen("\n".join(lines), [*rows, older, [button(texts("Admin"), Admin())]])


def shop(card: ShopCard, texts: Texts) -> Screen:
    team, merchant = card.team, card.team.merchant
    rows: list[Row] = [
        [
            button(
                f"{texts.person(roles[0].first_name)} · {role_names(texts, roles)}",
                ShowShopPerson(merchant_id=merchant.id, member_id=roles[0].member_id),
            )
        ]
        for roles in team.people
    ]
    first = None if team.is_first_page else ShowShop(merchant_id=merchant.id)
    more = None if team.more_after is None else ShowShop(merchant_id=merchant.id, after=team.more_after)
    rows.append(first_and_more(first, more, texts))
    return Screen(
        "\n".join(
            [
                texts("<b>{shop}</b>, number {number}", shop=merchant.name, number=merchant.id),
                *([texts("Nobody who owns it can be reached: it sells nothing new.")] if merchant.is_orphaned else []),
                texts("The people who work here:") if team.people else texts("Nobody works here yet."),
            ]
        ),
        [
            *rows,
            [
                button(texts("Invite an owner"), InviteOwner(merchant_id=merchant.id, nonce=card.nonce)),
                button(texts("Rename"), AskRename(merchant_id=merchant.id)),
            ],
            _ways(texts),
        ],
    )


def person(seen: PersonCard, zone: ZoneInfo, texts: Texts) -> Screen:
    off = AskOff(merchant_id=seen.merchant.id, member_id=seen.roles[0].member_id)
    back = ShowShop(merchant_id=seen.merchant.id)
    return Screen(
        about(seen, zone, texts), [[button(texts("Take off the staff"), off)], [button(texts("To the shop"), back)]]
    )


def ask_off(seen: PersonCard, texts: Texts) -> Screen:
    shop_id, member_id = seen.merchant.id, seen.roles[0].member_id
    since = max(second_of(post.since) for post in seen.roles)
    return Screen(
        texts(
            "Should {name} stop being {role} at {shop}? It takes effect at once, also for what is open on their phone.",
            name=seen.first_name,
            role=roles_held(texts, seen.roles),
            shop=seen.merchant.name,
        ),
        [
            [
                button(texts("Yes, end it"), TakeOff(merchant_id=shop_id, member_id=member_id, since=since)),
                button(texts("Keep"), ShowShopPerson(merchant_id=shop_id, member_id=member_id)),
            ]
        ],
    )


def taken_off(ended: Ended, texts: Texts) -> Screen:
    back = ShowShop(merchant_id=ended.merchant.id)
    return Screen(ended_words(ended, texts), [[button(texts("To the shop"), back)], _ways(texts)])


def owner_invite(opened: Invite, links: Links, zone: ZoneInfo, texts: Texts) -> Screen:
    return Screen(
        invite_words(opened, links, zone, texts),
        [
            *pass_on(opened, links, texts),
            [
                button(texts("Withdraw"), WithdrawOwnerInvite(invite_id=opened.id)),
                button(texts("To the shop"), ShowShop(merchant_id=opened.merchant_id)),
            ],
        ],
    )


def withdrawn(closed: Invite, texts: Texts) -> Screen:
    back = ShowShop(merchant_id=closed.merchant_id)
    return Screen(withdrawn_words(closed, texts), [[button(texts("To the shop"), back)], _ways(texts)])


def ask_name(merchant: Merchant, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with the name that was typed; the form is still open."""
    ask = texts("Type the new name of {shop}.", shop=merchant.name)
    return Screen(
        f"{complaint}\n\n{ask}" if complaint else ask,
        [[button(texts("Cancel"), ShowShop(merchant_id=merchant.id))]],
    )


def renamed(merchant: Merchant, texts: Texts) -> Screen:
    return Screen(
        texts("It is called {shop} now.", shop=merchant.name),
        [[button(texts("To the shop"), ShowShop(merchant_id=merchant.id))], _ways(texts)],
    )


def _ways(texts: Texts) -> Row:
    return [button(texts("Shops"), MerchantsPage()), button(texts("Admin"), Admin())]
