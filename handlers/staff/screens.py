from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.links import Links
from handlers.merchant.callbacks import Console
from handlers.paging import first_and_more, newest_and_older
from handlers.screens import Row, Screen, button, copy_button, link_button, plain
from handlers.staff.callbacks import (
    AskDismiss,
    ChooseRole,
    Dismiss,
    InvitesPage,
    Leave,
    LookupsPage,
    MakeInvite,
    ShowInvite,
    ShowPerson,
    ShowStaff,
    WithdrawInvite,
)
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.attempts import Lookup
from loyalty.merchants import Role
from loyalty.services.invites import Offer, OpenInvites
from loyalty.services.staff import Ended, Lookups, PersonCard, Team
from loyalty.staff import Colleague, Invite, second_of


def team(seen: Team, texts: Texts) -> Screen:
    """Who works at a shop, for its owner."""
    shop = seen.merchant
    rows: list[Row] = [
        [
            button(
                f"{texts.person(roles[0].first_name)} · {role_names(texts, roles)}",
                ShowPerson(merchant_id=shop.id, member_id=roles[0].member_id),
            )
        ]
        for roles in seen.people
    ]
    first = None if seen.is_first_page else ShowStaff(merchant_id=shop.id)
    more = None if seen.more_after is None else ShowStaff(merchant_id=shop.id, after=seen.more_after)
    rows.append(first_and_more(first, more, texts))
    rows.append([button(texts("Invite somebody"), ChooseRole(merchant_id=shop.id))])
    if seen.has_invites:
        rows.append([button(texts("Open invitations"), InvitesPage(merchant_id=shop.id))])
    rows.append([button(texts("Phones looked up"), LookupsPage(merchant_id=shop.id))])
    return Screen(
        "\n".join(
            [
                texts("<b>Who works at {shop}</b>", shop=shop.shop(texts.language)),
                texts("Tap a name to see more, or to take somebody off the staff."),
            ]
        ),
        [*rows, [button(texts("My shop"), Console(merchant_id=shop.id)), button(texts("Home"), Home())]],
    )


def lookups(seen: Lookups, zone: ZoneInfo, texts: Texts) -> Screen:
    """Who looked up whose phone, for the shop's owner."""
    shop_id = seen.merchant_id
    paging = newest_and_older(
        None if seen.is_first_page else LookupsPage(merchant_id=shop_id),
        None if seen.older_than is None else LookupsPage(merchant_id=shop_id, before=seen.older_than),
        texts,
    )
    lines = [texts("<b>Phones looked up at your till</b>"), ""]
    lines += [lookup_line(one, zone, texts) for one in seen.lookups]
    if not seen.lookups:
        lines.append(texts("None yet."))
    return Screen("\n".join(lines), [paging, [button(texts("Staff"), ShowStaff(merchant_id=shop_id))]])


def lookup_line(one: Lookup, zone: ZoneInfo, texts: Texts) -> Markup:
    """ "1 May 2026, 12:30 · Cato · the whole number ending in 4567 · 1 found"."""
    facts = {"at": texts.moment(one.at, zone), "name": one.staff, "ending": one.ending, "n": one.found}
    if one.is_whole:
        return texts("{at} · {name} · whole number, ending in {ending} · found: {n}", **facts)
    return texts("{at} · {name} · ending in {ending} · found: {n}", **facts)


def person(seen: PersonCard, zone: ZoneInfo, texts: Texts) -> Screen:
    shop, member_id = seen.merchant, seen.roles[0].member_id
    rows = [
        [
            button(
                texts("End: {role}", role=names.role(texts, post.role)),
                AskDismiss(merchant_id=shop.id, member_id=member_id, role=post.role),
            )
        ]
        for post in seen.roles
    ]
    return Screen(about(seen, zone, texts), [*rows, [button(texts("Staff"), ShowStaff(merchant_id=shop.id))]])


def about(seen: PersonCard, zone: ZoneInfo, texts: Texts) -> str:
    """Somebody's roles at a shop, and since when."""
    shop = seen.merchant.shop(texts.language)
    return "\n".join(
        [
            texts("<b>{name}</b> at {shop}", name=seen.first_name, shop=shop),
            *(
                texts(
                    "{role} since {date}",
                    role=names.role(texts, post.role),
                    date=texts.date(post.since.astimezone(zone).date()),
                )
                for post in seen.roles
            ),
        ]
    )


def ask_dismiss(seen: PersonCard, role: Role, zone: ZoneInfo, texts: Texts) -> Screen:
    """The question before a role of somebody ends; the person's card if it has ended meanwhile."""
    shop, post = seen.merchant, next((post for post in seen.roles if post.role is role), None)
    if post is None:
        return person(seen, zone, texts)
    sure = Dismiss(merchant_id=shop.id, member_id=post.member_id, role=role, since=second_of(post.since))
    return Screen(
        texts(
            "Should {name} stop being {role} at {shop}? It takes effect at once, also for what is open on their phone.",
            name=seen.first_name,
            role=names.a_role(texts, role),
            shop=shop.shop(texts.language),
        ),
        [
            [
                button(texts("Yes, end it"), sure),
                button(texts("Keep"), ShowPerson(merchant_id=shop.id, member_id=post.member_id)),
            ]
        ],
    )


def dismissed(result: Ended, texts: Texts) -> Screen:
    return Screen(
        ended_words(result, texts),
        [[button(texts("Staff"), ShowStaff(merchant_id=result.merchant.id)), button(texts("Home"), Home())]],
    )


def ended_words(result: Ended, texts: Texts) -> str:
    return texts(
        "Done. {name} is no longer {role} at {shop}.",
        name=result.member.first_name,
        role=roles_held(texts, result.roles),
        shop=result.merchant.shop(texts.language),
    )


def choose_role(offer: Offer, texts: Texts) -> Screen:
    shop = offer.merchant
    rows = [
        [button(names.role(texts, role), MakeInvite(merchant_id=shop.id, role=role, nonce=offer.nonce))]
        for role in (Role.CASHIER, Role.MARKETER, Role.OWNER)
    ]
    return Screen(
        "\n".join(
            [
                texts("As what should somebody work at {shop}?", shop=shop.shop(texts.language)),
                "",
                texts("<b>Cashier</b>: the till, and taking vouchers."),
                texts("<b>Marketer</b>: rewards, group buys, offers, and messages to customers."),
                texts("<b>Owner</b>: all of it, how purchases earn, the statement, and who works here."),
            ]
        ),
        [*rows, [button(texts("Cancel"), ShowStaff(merchant_id=shop.id))]],
    )


def invite(opened: Invite, links: Links, zone: ZoneInfo, texts: Texts) -> Screen:
    """An open invitation, to the owner who passes it on."""
    return Screen(
        invite_words(opened, links, zone, texts),
        [
            *pass_on(opened, links, texts),
            [
                button(texts("Withdraw"), WithdrawInvite(invite_id=opened.id)),
                button(texts("Staff"), ShowStaff(merchant_id=opened.merchant_id)),
            ],
        ],
    )


def invite_words(opened: Invite, links: Links, zone: ZoneInfo, texts: Texts) -> str:
    return "\n".join(
        [
            texts(
                "An invitation to be <b>{role}</b> at {shop}:",
                role=names.a_role(texts, opened.role),
                shop=opened.shop(texts.language),
            ),
            links.staff_invite(opened.code),
            "",
            texts("Good for one person, until {at}.", at=texts.moment(opened.expires_at, zone)),
            texts("Send it to the one you mean and nobody else: whoever opens it first and joins gets the role."),
        ]
    )


def pass_on(opened: Invite, links: Links, texts: Texts) -> list[Row]:
    link = links.staff_invite(opened.code)
    words = texts("Your invitation to the staff of {shop}", shop=opened.shop(texts.language))
    return [
        [link_button(texts("Send it"), links.sharing(link, plain(words))), copy_button(texts("Copy the link"), link)]
    ]


def invites(page: OpenInvites, zone: ZoneInfo, texts: Texts) -> Screen:
    shop = page.merchant
    rows: list[Row] = [
        [
            button(
                texts(
                    "{role} · until {at}",
                    role=names.role(texts, opened.role),
                    at=texts.moment(opened.expires_at, zone),
                ),
                ShowInvite(invite_id=opened.id),
            )
        ]
        for opened in page.invites
    ]
    newest = None if page.is_first_page else InvitesPage(merchant_id=shop.id)
    older = None if page.older_than is None else InvitesPage(merchant_id=shop.id, before=page.older_than)
    said = (
        texts("Invitations to {shop} that nobody has followed yet:", shop=shop.shop(texts.language))
        if page.invites
        else texts("No open invitations.")
    )
    return Screen(
        said, [*rows, newest_and_older(newest, older, texts), [button(texts("Staff"), ShowStaff(merchant_id=shop.id))]]
    )


def withdrawn(closed: Invite, texts: Texts) -> Screen:
    return Screen(withdrawn_words(closed, texts), [[button(texts("Staff"), ShowStaff(merchant_id=closed.merchant_id))]])


def withdrawn_words(closed: Invite, texts: Texts) -> str:
    return texts(
        "Withdrawn. Nobody becomes {role} at {shop} by that link.",
        role=names.a_role(texts, closed.role),
        shop=closed.shop(texts.language),
    )


def ask_leave(seen: PersonCard, texts: Texts) -> Screen:
    shop = seen.merchant
    sure = Leave(merchant_id=shop.id, since=max(second_of(post.since) for post in seen.roles))
    return Screen(
        texts(
            "Leave the staff of {shop}? You are {role} there. Your points and vouchers stay yours.",
            shop=shop.shop(texts.language),
            role=roles_held(texts, seen.roles),
        ),
        [[button(texts("Leave"), sure), button(texts("Stay"), Console(merchant_id=shop.id))]],
    )


def left(result: Ended, texts: Texts) -> Screen:
    return Screen(
        texts("You have left the staff of {shop}.", shop=result.merchant.shop(texts.language)),
        [[button(texts("Home"), Home())]],
    )


def role_names(texts: Texts, roles: Sequence[Colleague | Role]) -> str:
    return texts.listed(names.role(texts, role) for role in _roles(roles))


def roles_held(texts: Texts, roles: Sequence[Colleague | Role]) -> str:
    """The same within a sentence: "a marketer, a cashier"."""
    return texts.listed(names.a_role(texts, role) for role in _roles(roles))


def _roles(roles: Sequence[Colleague | Role]) -> list[Role]:
    return [one.role if isinstance(one, Colleague) else one for one in roles]
