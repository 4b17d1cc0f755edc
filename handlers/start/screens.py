from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.cards.callbacks import ShowCard
from handlers.group_buys.callbacks import DealsPage
from handlers.links import WAY_IN, Links
from handlers.merchant.callbacks import Console
from handlers.notifications.callbacks import ShowCentre
from handlers.offers.callbacks import MyOffers
from handlers.points.callbacks import CheckIn, PointsPage
from handlers.profile.callbacks import ShowProfile
from handlers.referrals.callbacks import Invite
from handlers.rewards.callbacks import RewardsPage, Wallet
from handlers.screens import Screen, button, link_button
from handlers.start.callbacks import Help, Home, PickLanguage
from locales.texts import LANGUAGES, Texts
from loyalty.members import PHONE_ENDING, Member
from loyalty.merchants import Post
from loyalty.points import Balance
from loyalty.referrals import ReferralEvent
from loyalty.services.members import Enrolment


def home(member: Member, balance: Balance, posts: Sequence[Post], texts: Texts) -> Screen:
    """Who you are here, what you have, and the ways on."""
    text = "\n".join(
        [
            texts("Hello {name}.", name=member.name),
            texts.plural(
                "{medal} {tier} · <b>{points}</b> point",
                "{medal} {tier} · <b>{points}</b> points",
                balance.available,
                medal=names.tier_medal(member.tier),
                tier=names.tier(texts, member.tier),
                points=balance.available,
            ),
        ]
    )
    rows = [
        [button(texts("My card"), ShowCard())],
        [button(texts("My points"), PointsPage()), button(texts("Check in"), CheckIn())],
        [button(texts("Rewards"), RewardsPage()), button(texts("My vouchers"), Wallet())],
        [button(texts("Group buys"), DealsPage()), button(texts("Today for me"), MyOffers())],
        [button(texts("Invite a friend"), Invite()), button(texts("Profile"), ShowProfile())],
    ]
    for post in {post.merchant_id: post for post in posts}.values():
        label = texts("{shop}: counter", shop=post.shop(texts.language))
        rows.append([button(label, Console(merchant_id=post.merchant_id))])
    return Screen(text, rows)


def welcome(enrolment: Enrolment, club: str, texts: Texts) -> str:
    """What stands above the home screen on the first start, or after a link that did not count."""
    lines = []
    if enrolment.is_new:
        lines.append(
            texts(
                "Welcome to {club}. One club, many shops: collect points, spend them on things you like, "
                "and buy together with friends.",
                club=club,
            )
        )
    match enrolment.referral:
        case "bound" if enrolment.referral_event is ReferralEvent.PURCHASE:
            lines.append(
                texts.plural(
                    "{name} brought you here. With your first purchase, {points} welcome point is yours.",
                    "{name} brought you here. With your first purchase, {points} welcome points are yours.",
                    enrolment.referee_points,
                    name=enrolment.referrer,
                    points=enrolment.referee_points,
                )
            )
        case "bound":
            lines.append(
                texts.plural(
                    "{name} brought you here. Check in once, and {points} welcome point is yours.",
                    "{name} brought you here. Check in once, and {points} welcome points are yours.",
                    enrolment.referee_points,
                    name=enrolment.referrer,
                    points=enrolment.referee_points,
                )
            )
        case "already_member":
            lines.append(texts("That link is for newcomers, and you are with us already."))
        case "self":
            lines.append(texts("That is your own link. Send it to a friend."))
        case None:
            pass
        case _:
            lines.append(texts("I do not know that invitation, but you are welcome all the same."))
    return "\n\n".join(lines)


def choose_language(current: str, texts: Texts) -> Screen:
    rows = [
        [button(f"{'✓ ' if code == current else ''}{name}", PickLanguage(code=code))]
        for code, name in LANGUAGES.items()
    ]
    return Screen(texts("Which language do you like best?"), [*rows, [button(texts("Home"), Home())]])


def help_screen(texts: Texts, *, has_transfers: bool, is_operator: bool, is_staff: bool) -> Screen:
    lines: list[str] = [
        texts("<b>What you can do here</b>"),
        texts("/card – your member card, to show before you pay"),
        texts("/points – what you have, and where it came from"),
        texts("/statement – your points month by month, as a file"),
        texts("/checkin – a few points every day"),
        *([texts("/send – points for a friend")] if has_transfers else []),
        texts("/tier – your tier, and what the next one needs"),
        texts("/rewards – spend points on things you like"),
        texts("/vouchers – what is waiting for you at the counter"),
        texts("/groupbuy – cheaper together"),
        texts("/offers – what fits you best today"),
        texts("/number – take over a member number from before"),
        texts("/invite – bring a friend, both of you get points"),
        texts("/profile – name, birthday, time zone, messages"),
        texts("/notifications – what we send you, and what not"),
        texts("/language – another language"),
        texts("/privacy – what we keep about you"),
    ]
    if is_staff:
        lines += [
            "",
            texts("<b>At the counter</b>"),
            texts("/till – book a purchase, and the customer gets points"),
            texts("/voucher – check and take a customer's voucher"),
            texts("/broadcast – tell your customers something"),
        ]
    if is_operator:
        lines += [
            "",
            texts("<b>Running the club</b>"),
            texts("/admin – everything for the operator"),
            texts("/stats – how the club stands"),
        ]
    lines += ["", texts("You can also just say what you want, such as “how many points do I have”.")]
    return Screen("\n".join(lines), [[button(texts("Home"), Home())]])


def privacy(texts: Texts, club: str, *, has_transfers: bool) -> Screen:
    return Screen(
        "\n\n".join(
            [
                texts("<b>What {club} keeps about you</b>", club=club),
                texts(
                    "Your name and language as your messenger gives them, your points and vouchers, and what you tell "
                    "us yourself: birthday (never the year) and time zone."
                ),
                texts(
                    "If you share your phone number, shops find you by its last {n} digits and never see the rest. You "
                    "remove it in /card.",
                    n=PHONE_ENDING,
                ),
                texts(
                    "Shops see your first name when you hand in a voucher, nothing else. Friends you invite never see "
                    "your points, and you never see theirs."
                ),
                texts(
                    "In group buys the others see how many take part. Your first name they see only if you say so in "
                    "/profile. In group chats nobody's points are shown."
                ),
                *(
                    [texts("Whoever you send points to sees your first name, and you see theirs.")]
                    if has_transfers
                    else []
                ),
                texts(
                    "Offers come only after you said yes, and every one has a button to stop them. In /notifications "
                    "you see what was sent and why, and every yes and no with its words."
                ),
            ]
        ),
        [
            [button(texts("Notifications"), ShowCentre())],
            [button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())],
        ],
    )


def not_understood(texts: Texts) -> Screen:
    return Screen(
        texts("I did not quite get that. Here is what I can do for you:"),
        [
            [button(texts("My points"), PointsPage()), button(texts("Rewards"), RewardsPage())],
            [button(texts("Group buys"), DealsPage()), button(texts("Invite a friend"), Invite())],
            [button(texts("Help"), Help()), button(texts("Home"), Home())],
        ],
    )


def not_text(texts: Texts) -> Screen:
    return Screen(
        texts("Thank you. I can only read words and buttons, though. What would you like to do?"),
        not_understood(texts).rows,
    )


def only_in_private(texts: Texts, links: Links) -> Screen:
    """What is asked for in a group and is nobody else's business."""
    return Screen(
        texts("That is between you and me. Let us talk in private."),
        [[link_button(texts("Open the chat"), links.start(WAY_IN))]],
    )
