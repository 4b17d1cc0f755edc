"""What the privacy page says, fact by fact, beside what it is true of: the tables that hold something about a member,
and what the till's screens are handed. A test compares both with the program, so that a new table or a new field has
its line on the page before anybody meets it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from locales.texts import Markup, Texts
from loyalty.members import PHONE_ENDING


class Kept(StrEnum):
    """What is kept about a member, a line each on the page."""

    PERSON = "person"
    PHONE = "phone"
    CHAT = "chat"
    NUMBER = "number"
    POINTS = "points"
    TIER = "tier"
    PURCHASES = "purchases"
    VOUCHERS = "vouchers"
    FAVOURITES = "favourites"
    GROUPS = "groups"
    FRIENDS = "friends"
    MESSAGES = "messages"
    CHOICES = "choices"
    OFFERS = "offers"
    TYPED = "typed"
    GUESSES = "guesses"
    STAFF = "staff"


class Seen(StrEnum):
    """What a shop sees of a member at its till, a line each on the page."""

    NAME = "name"
    APART = "apart"
    VOUCHERS = "vouchers"
    AFFORDS = "affords"
    PURCHASES = "purchases"
    BONUSES = "bonuses"


# Each table that refers to a member, by however many steps, and the two that know people by their chats.
TABLES: Mapping[str, tuple[Kept, ...]] = {
    "members": (Kept.PERSON, Kept.PHONE, Kept.TIER),
    "addresses": (Kept.CHAT, Kept.NUMBER),
    "claims": (Kept.NUMBER,),
    "check_ins": (Kept.POINTS,),
    "balances": (Kept.POINTS,),
    "postings": (Kept.POINTS,),
    "lots": (Kept.POINTS,),
    "lot_entries": (Kept.POINTS,),
    "holds": (Kept.POINTS,),
    "tier_changes": (Kept.TIER,),
    "purchases": (Kept.PURCHASES,),
    "purchase_awards": (Kept.PURCHASES,),
    "purchase_refunds": (Kept.PURCHASES,),
    "purchase_reviews": (Kept.PURCHASES,),
    "vouchers": (Kept.VOUCHERS,),
    "voucher_messages": (Kept.VOUCHERS,),
    "favourites": (Kept.FAVOURITES,),
    "deal_views": (Kept.GROUPS,),
    "groups": (Kept.GROUPS,),
    "seats": (Kept.GROUPS,),
    "choices": (Kept.GROUPS,),
    "live_cards": (Kept.GROUPS,),
    "referrals": (Kept.FRIENDS,),
    "friend_messages": (Kept.FRIENDS,),
    "deliveries": (Kept.MESSAGES,),
    "broadcast_taps": (Kept.MESSAGES,),
    "consents": (Kept.CHOICES,),
    "consent_log": (Kept.CHOICES,),
    "contact_preferences": (Kept.CHOICES,),
    "muted_shops": (Kept.CHOICES,),
    "offer_members": (Kept.OFFERS,),
    "offer_days": (Kept.OFFERS,),
    "updates": (Kept.TYPED,),
    "forms": (Kept.TYPED,),
    "guesses": (Kept.GUESSES,),
    "phone_lookups": (Kept.STAFF,),
    "staff": (Kept.STAFF,),
    "staff_invites": (Kept.STAFF,),
    "staff_log": (Kept.STAFF,),
    "broadcasts": (Kept.STAFF,),
    "segments": (Kept.STAFF,),
    "segment_edits": (Kept.STAFF,),
}

# Of what the till's screens are handed, what is about the customer; None: it is not, or no screen says it.
TILL_SHOWS: Mapping[str, Mapping[str, Seen | None]] = {
    "Face": {"id": None, "first_name": Seen.NAME, "tier": Seen.NAME},
    "Candidates": {"people": Seen.APART, "has_more": None},
    "Candidate": {
        "face": Seen.NAME,
        "initial": Seen.APART,
        "joined_at": Seen.APART,
        "bought_at": Seen.APART,
        "card_ending": Seen.APART,
    },
    "Customer": {"face": Seen.NAME, "vouchers": Seen.VOUCHERS, "rewards": Seen.AFFORDS},
    "TillQuote": {
        "customer": Seen.NAME,
        "typed": None,
        "currency": None,
        "earns": Seen.PURCHASES,
        "nonce": None,
        "usual_minor": None,  # of the shop's own sales
        "is_own": None,
    },
    "Quote": {
        "earned": Seen.PURCHASES,
        "bonuses": Seen.BONUSES,
        "releases_at": None,
        "ceiling": None,
        "is_held": Seen.PURCHASES,
    },
    "Earned": {"points": Seen.PURCHASES, "base": None, "added": None, "cuts": None},
    "Bonus": {"role": Seen.BONUSES, "points": Seen.BONUSES, "key": None},
    "Booked": {
        "sold": Seen.PURCHASES,
        "points": Seen.PURCHASES,
        "is_replay": None,
        "undo_minutes": None,
        "review": Seen.PURCHASES,
    },
    "Review": {
        "purchase_id": None,
        "merchant_id": None,
        "shop": None,
        "buyer": Seen.NAME,
        "points": Seen.PURCHASES,
        "amount_minor": Seen.PURCHASES,
        "currency": None,
        "booked_by": None,
        "state": Seen.PURCHASES,
        "at": Seen.PURCHASES,
        "releases_at": Seen.PURCHASES,
    },
    "Sold": {"purchase": Seen.PURCHASES, "first_name": Seen.NAME},
    "Sales": {
        "merchant_id": None,
        "sales": Seen.PURCHASES,
        "older_than": None,
        "is_first_page": None,
        "receipt": Seen.PURCHASES,
    },
    "Sale": {"sold": Seen.PURCHASES, "can_undo": None},
    "RefundQuote": {"sold": Seen.PURCHASES, "amount_minor": None, "points": Seen.PURCHASES, "nonce": None},
    "TakenBackSale": {"sold": Seen.PURCHASES, "amount_minor": None, "points": Seen.PURCHASES, "is_replay": None},
    "Purchase": {
        "id": None,
        "wish": Seen.PURCHASES,
        "earned": None,
        "refunded_minor": Seen.PURCHASES,
        "booked_by": None,
        "booked_at": None,
        "undone_at": Seen.PURCHASES,
        "grace_before": None,
    },
    "NewPurchase": {
        "key": None,
        "member_id": None,
        "merchant_id": None,
        "amount_minor": Seen.PURCHASES,
        "currency": None,
        "at": Seen.PURCHASES,
        "channel": None,
        "receipt": Seen.PURCHASES,
        "receipt_day": None,
        "tags": None,
        "note": Seen.PURCHASES,
    },
    "Voucher": {
        "id": None,
        "code": Seen.VOUCHERS,
        "member_id": None,
        "first_name": Seen.NAME,
        "merchant_id": None,
        "merchant": None,
        "title": Seen.VOUCHERS,
        "translations": Seen.VOUCHERS,
        "points": Seen.VOUCHERS,
        "state": Seen.VOUCHERS,
        "issued_at": Seen.VOUCHERS,
        "expires_at": Seen.VOUCHERS,
        "used_at": Seen.VOUCHERS,
        "merchant_translations": None,
        "reward_id": None,
        "price_minor": Seen.VOUCHERS,
        "deal_id": None,
        "group_id": None,
        "offer_id": None,
        "currency": None,
        "returnable_until": None,
        "is_returnable": None,
    },
}
# What the till's screens are handed besides: the shop's own things, and the one who serves.
NOT_OF_CUSTOMERS = frozenset(
    {
        "Reward",
        "Merchant",
        "Post",
        "Typed",
        "Multiplied",
        "Cut",
        "Screen",
        "StoredPicture",
        "Member",
        "Address",
        "Birthday",
    }
)


def kept(fact: Kept, texts: Texts) -> Markup:
    match fact:
        case Kept.PERSON:
            return texts(
                "Who you are: your name and language as your messenger gives them or as you changed them, your time "
                "zone, your birthday if you told it (never the year), and since when you are with us."
            )
        case Kept.PHONE:
            return texts("Your phone number, if you shared it. You remove it in /card.")
        case Kept.CHAT:
            return texts("Your number at the messenger, so that answers find your chat.")
        case Kept.NUMBER:
            return texts("A member number that you had before, and the code by which you took it over.")
        case Kept.POINTS:
            return texts("Your points: every movement with its day and reason, and each check-in.")
        case Kept.TIER:
            return texts("Your tier, and when it changed.")
        case Kept.PURCHASES:
            return texts(
                "Your purchases: shop, time, amount, what the till noted (receipt, kind of goods, a remark), what they "
                "earned, and refunds."
            )
        case Kept.VOUCHERS:
            return texts("Your vouchers: what for, when you got them, when and by whom they were taken.")
        case Kept.FAVOURITES:
            return texts("The rewards that you marked as favourites.")
        case Kept.GROUPS:
            return texts("Group buys: which ones you looked at, opened and joined, and what you chose when one ended.")
        case Kept.FRIENDS:
            return texts("Who brought you here, and whom you brought.")
        case Kept.MESSAGES:
            return texts("What we sent you, why, and whether you tapped it.")
        case Kept.CHOICES:
            return texts(
                "Every yes and no to messages with its words, your quiet hours, and the shops that you silenced."
            )
        case Kept.OFFERS:
            return texts("Which offers you looked at and took, and which one was picked for you on which day.")
        case Kept.TYPED:
            return texts("What you type and tap here, word for word, for a short time: see “How long”.")
        case Kept.GUESSES:
            return texts("How many wrong codes you typed, so that nobody can try them all.")
        case Kept.STAFF:
            return texts("If you work at a shop: since when, as what, and what you booked, looked up or wrote for it.")


def seen(fact: Seen, texts: Texts) -> Markup:
    match fact:
        case Seen.NAME:
            return texts(
                "Your first name and your tier, once you show your card or your phone's last {n} digits.",
                n=PHONE_ENDING,
            )
        case Seen.APART:
            return texts(
                "Where others have your first name: the first letter of your last name, since when you are with us, "
                "your last purchase there, and how the code of your card ends."
            )
        case Seen.VOUCHERS:
            return texts("The vouchers that you can hand in there: what for, their code and days, what is left to pay.")
        case Seen.AFFORDS:
            return texts("Which of its own rewards your points are enough for, not how many points you have.")
        case Seen.PURCHASES:
            return texts("What you bought there: time, amount, receipt, remark, the points it earned, and refunds.")
        case Seen.BONUSES:
            return texts(
                "Whether a purchase is your first one there or falls in the month of your birthday, where that brings "
                "points."
            )
