"""The one place where a refusal becomes words: what was wrong, what is right, a way on."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from handlers import names
from handlers.rewards.titles import last_day
from locales.coins import cash_decimals_of
from locales.texts import Texts
from loyalty import errors
from loyalty.errors import Refusal
from loyalty.merchants import Right
from loyalty.placeholders import NAMES

MEGABYTE = 1024 * 1024


def words(texts: Texts, refusal: Refusal, zone: ZoneInfo) -> str:
    match refusal:
        case errors.NotEnoughPoints(whose=str() as name):
            return texts.plural(
                "It takes {n} point and {name} has {available}: {missing} to go.",
                "It takes {n} points and {name} has {available}: {missing} to go.",
                refusal.needed,
                name=name,
                available=refusal.available,
                missing=refusal.missing,
            )
        case errors.NotEnoughPoints():
            return texts.plural(
                "It takes {n} point and you have {available}: {missing} to go.",
                "It takes {n} points and you have {available}: {missing} to go.",
                refusal.needed,
                available=refusal.available,
                missing=refusal.missing,
            )
        case errors.AlreadyCheckedIn():
            return texts(
                "You have checked in today already. Come back after {time}.",
                time=texts.clock(refusal.next_at, zone),
            )
        case errors.TierTooLow():
            return texts("This one is for {tier} members and up.", tier=names.tier(texts, refusal.needed))
        case errors.RewardUnavailable() | errors.DealUnavailable():
            return _unavailable(texts, refusal, zone)
        case errors.OfferUnavailable(reason="sold_out"):
            return texts("The last one has just gone.")
        case errors.OfferUnavailable(reason="elsewhere"):
            return texts("This is not claimed here any more. The button below leads to it.")
        case errors.OfferUnavailable():
            return _unavailable(texts, refusal, zone)
        case errors.PriceChanged():
            return texts("The price has changed in the meantime. This is what it costs now.")
        case errors.InvalidWare():
            return _ware(texts, refusal)
        case errors.VoucherRefused():
            return _voucher(texts, refusal, zone)
        case errors.GroupIsFull():
            return texts(
                "This group has just become full. Your points are untouched. You can open a group of your own."
            )
        case errors.GroupIsClosed(state="filled"):
            return texts("This group is complete already. You can open a group of your own.")
        case errors.GroupIsClosed(state="expired"):
            return texts("This group's time is over. You can open a new one.")
        case errors.GroupIsClosed():
            return texts("This group was called off. You can open a new one.")
        case errors.AlreadyInGroup():
            return texts("You are in this group already.")
        case errors.NotInGroup():
            return texts("You are not in this group.")
        case errors.CannotMerge():
            return _unmerged(texts, refusal)
        case errors.ChoiceRefused():
            return _unchosen(texts, refusal)
        case errors.HoldIsClosed(state="captured"):
            return texts("These points are spent already.")
        case errors.HoldIsClosed():
            return texts("These points were given back already.")
        case errors.KeyReused():
            return texts("This button has done its work already. Please begin again.")
        case errors.NotReversible():
            return _not_reversible(texts, refusal)
        case errors.RefundTooLarge():
            return texts.plural(
                "Of this, {n} point is left to take back.", "Of this, {n} points are left to take back.", refusal.left
            )
        case errors.CreditInUse():
            return texts.plural(
                "{points} point of this credit is in use. It comes back first.",
                "{points} points of this credit are in use. They come back first.",
                refusal.points,
                points=refusal.points,
            )
        case errors.ClockJumped():
            return texts(
                "Our clock is wrong at the moment, so nothing was changed. We are on it; please try again later."
            )
        case errors.InvalidAmount():
            return texts("Points are whole numbers from 1 to {most}.", most=refusal.points_max)
        case errors.TransferRefused():
            return _transfer(texts, refusal)
        case errors.AmountRefused():
            return _amount(texts, refusal)
        case errors.CustomerNotFound():
            return _customer(texts, refusal)
        case errors.OwnPurchase():
            return texts("This is your own card. A colleague has to book it for you.")
        case errors.GuessingPaused(reason="phones"):
            return texts(
                "So many phones were looked up within the hour that this rests until {time}. Scan the card or type its "
                "code; that goes on.",
                time=texts.clock(refusal.until, zone),
            )
        case errors.GuessingPaused():
            return texts(
                "Too many wrong codes. Codes can be tried again at {time}; everything else goes on as always.",
                time=texts.clock(refusal.until, zone),
            )
        case errors.WishForgotten():
            return texts("I do not know this wish any more, and nothing was changed. Please type it again.")
        case errors.SaleForgotten():
            return texts("I do not know this purchase any more, and nothing was booked. Please begin again.")
        case errors.UndoRefused():
            return texts.plural(
                "A purchase can be undone for {n} minute. A refund does it now: it is at the till, under purchases.",
                "A purchase can be undone for {n} minutes. A refund does it now: it is at the till, under purchases.",
                refusal.minutes,
            )
        case errors.VoucherUndoRefused():
            return texts.plural(
                "A voucher can be put back for {n} minute after it was taken, not later.",
                "A voucher can be put back for {n} minutes after it was taken, not later.",
                refusal.minutes,
            )
        case errors.ReceiptUsed():
            return texts(
                "Receipt {receipt} was booked already, on {at}. Nothing was booked twice.",
                receipt=refusal.receipt,
                at=texts.moment(refusal.at, zone),
            )
        case errors.PurchaseRefundTooLarge(left_minor=0):
            return texts("All of this purchase was refunded already.")
        case errors.PurchaseRefundTooLarge():
            return texts(
                "Only {left} of this purchase can still be refunded.",
                left=texts.money(refusal.left_minor, refusal.currency),
            )
        case errors.InvalidPurchase(reason="amount"):
            return texts("That is no amount that can be booked.")
        case errors.InvalidPurchase(reason="tags"):
            return texts.plural("At most {n} tag fits.", "At most {n} tags fit.", refusal.most)
        case errors.InvalidPurchase():
            return texts.plural(
                "That is too long: {n} character fits.", "That is too long: {n} characters fit.", refusal.most
            )
        case errors.AboveCeiling(field="rate"):
            return texts.plural(
                "The club lets no shop give more than {most} point for each unit of the currency. Type a smaller rate.",
                "The club lets no shop give more than {most} points for each unit of the currency. Type a smaller "
                "rate.",
                refusal.most,
                most=refusal.most,
            )
        case errors.AboveCeiling():
            return texts.plural(
                "The club lets no shop give more than {most} point for one purchase. Type a smaller number.",
                "The club lets no shop give more than {most} points for one purchase. Type a smaller number.",
                refusal.most,
                most=refusal.most,
            )
        case errors.ReviewOver(state="undone"):
            return texts("The shop has undone this sale. There is nothing left to decide.")
        case errors.ReviewOver(state="refused"):
            return texts("This sale was refused already.")
        case errors.ReviewOver():
            return texts("The points of this sale were let through already. /reverse takes them back.")
        case errors.InvalidEarnRule():
            return texts(
                "{given} does not fit into an earn rule: it takes whole numbers from {least} to {most} there.",
                given=refusal.given,
                least=refusal.least,
                most=refusal.most,
            )
        case errors.EarnRuleIsFull():
            return texts("{most} are as many as fit. Remove one first.", most=refusal.most)
        case errors.InvalidBirthday(both=both) if both is not None:
            return _either(texts, both)
        case errors.InvalidBirthday():
            return texts("I could not read a day in that. Try day and month like 24 Dec.")
        case errors.BirthdayLocked():
            return texts("A birthday can be changed once a year, next on {date}.", date=texts.date(refusal.until))
        case errors.NotOwnContact():
            return texts(
                "I take your own number only, and only by the button: a number that is typed or somebody else's could "
                "lead to the wrong person."
            )
        case errors.InvalidPhone():
            return texts("That is no phone number with its country code.")
        case errors.ClaimRefused():
            return _claim(texts, refusal, zone)
        case errors.NotFound(noun="number"):
            return texts("There is no member number {number}.", number=refusal.key)
        case errors.InvalidTimezone():
            return texts("I do not know that place. Try a large city near you, such as Taipei or Berlin.")
        case errors.BirthdayMissing():
            return texts("For a greeting we need to know your birthday. You enter it in /profile.")
        case errors.InvalidName():
            return texts("A name has 1 to {most} characters.", most=refusal.length_max)
        case errors.InvalidSegment():
            return _segment(texts, refusal)
        case errors.SegmentChanged():
            return texts("This was changed in the meantime. This is how it is now.")
        case errors.ListNameTaken():
            return texts("You keep another list as {name} already. Type a different name.", name=refusal.name)
        case errors.BroadcastRefused():
            return _broadcast(texts, refusal, zone)
        case errors.NotAllowed(action=Right.BROADCAST):
            return texts("Only the owner or a marketer of this shop can write to its customers.")
        case errors.NotAllowed(action=Right.STATEMENT):
            return texts("Only the owner of this shop can see its statement.")
        case errors.NotAllowed(action=Right.SELL):
            return texts("The till is for the owner and the cashiers of this shop.")
        case errors.NotAllowed(action=Right.REWARDS):
            return texts("Only the owner or a marketer of this shop can change its rewards.")
        case errors.NotAllowed(action=Right.DEALS):
            return texts("Only the owner or a marketer of this shop can change its group buys.")
        case errors.NotAllowed(action=Right.OFFERS):
            return texts("Only the owner or a marketer of this shop can change its offers.")
        case errors.NotAllowed(action=Right.RULES):
            return texts("Only the owner of this shop can change how purchases earn.")
        case errors.NotAllowed(action=Right.STAFF):
            return texts("Only the owner of this shop decides who works here.")
        case errors.NotAllowed():
            return texts("That is for the staff of this shop. If you should be one of them, its owner can invite you.")
        case errors.InviteRefused():
            return _invite(texts, refusal)
        case errors.LastOwner():
            return texts("A shop needs an owner. Invite another one first.")
        case errors.ShopOrphaned():
            return texts(
                "Nobody who owns this shop can be reached, so nothing new is booked here. "
                "Vouchers can be taken as always."
            )
        case errors.NameTaken():
            return texts("Another shop is called {name} already. Type a different name.", name=refusal.name)
        case errors.NotFound(noun="colleague"):
            return texts("They do not work here any more.")
        case errors.NotFound(noun="member"):
            return texts("There is no member with this code: {code}.", code=refusal.key)
        case errors.NotFound(noun="receipt"):
            return texts("No purchase here has this receipt. Check the number, or pick the purchase from the list.")
        case errors.NotFound(noun="movement"):
            return texts("I can explain your own points only. Here they are.")
        case errors.NotFound(noun="tag"):
            return texts("{word} is no product of this rule.", word=refusal.key)
        case errors.NotFound(noun="statement"):
            return texts("There is no statement for that month.")
        case errors.NotFound(noun="update"):
            return texts("Nothing with this number is set aside any more.")
        case errors.NotFound(noun="transaction"):
            return texts("There is no movement with this number: {number}.", number=refusal.key)
        case _:
            return texts("This is not there any more. Here is how things stand now.")


def amount_example(decimals: int) -> str:
    """An amount as it is typed in a currency with so many decimals."""
    return f"12.{'50'.ljust(decimals, '0')[:decimals]}" if decimals else "1250"


def _amount(texts: Texts, refusal: errors.AmountRefused) -> str:
    example = amount_example(_cash_decimals(refusal))
    match refusal.reason:
        case "unsure":
            return texts("I am not sure which amount that is. Type one amount, like {example}.", example=example)
        case "currency":
            return texts(
                "{sign} is another currency. Here amounts are in {currency}: type it like {example}.",
                sign=refusal.sign,
                currency=refusal.currency,
                example=example,
            )
        case "zero":
            return texts("Nothing was paid with zero. Type what the customer pays, like {example}.", example=example)
        case "negative":
            return texts("An amount is above zero, like {example}. To give money back, use a refund.", example=example)
        case "decimals" if refusal.decimals == 0:
            return texts("This currency has no decimals. Type it like {example}.", example=example)
        case "decimals":
            return texts.plural(
                "An amount has at most {n} decimal, like {example}.",
                "An amount has at most {n} decimals, like {example}.",
                refusal.decimals,
                example=example,
            )
        case "too_large":
            return texts(
                "That is more than a till books at once: at most {most}. Type it like {example}.",
                most=texts.money(refusal.amount_minor_max, refusal.currency),
                example=example,
            )
        case _:
            return texts("I could not read an amount in that. Type it in digits, like {example}.", example=example)


def _either(texts: Texts, both: Any) -> str:
    """Month and day stand in one order in some countries and in the other elsewhere."""
    one, other = (texts.month_day(month, day) for month, day in both)
    return texts("That could be {one} or {other}. Write the month as a word, like {one}.", one=one, other=other)


def _cash_decimals(refusal: errors.AmountRefused) -> int:
    return min(refusal.decimals, cash_decimals_of(refusal.currency)) if refusal.currency else refusal.decimals


def _customer(texts: Texts, refusal: errors.CustomerNotFound) -> str:
    match refusal.reason:
        case "code":
            return texts("No card has this code. Check it letter by letter; the customer sees it under /card.")
        case "phone":
            return texts(
                "Nobody has this phone. Type its last four digits or the whole number, nothing between, or the code of "
                "the card; it is under /card."
            )
        case "short":
            return texts("Type the last four digits of the phone, or the whole number.")
        case _:
            return texts("That is neither the code of a card nor the digits of a phone.")


def _not_reversible(texts: Texts, refusal: errors.NotReversible) -> str:
    match refusal.reason:
        case "reversed":
            return texts("This was taken back already.")
        case "refunded":
            return texts("A part of this was refunded already, so the whole cannot be taken back.")
        case "reversal":
            return texts("This takes something back itself. To give it again, adjust the points.")
        case _:
            return texts("This cannot be taken back: it has a way back of its own, or none.")


def _claim(texts: Texts, refusal: errors.ClaimRefused, zone: ZoneInfo) -> str:
    match refusal.reason:
        case "mine":
            return texts("You have taken over this number already. Its points are yours.")
        case "used":
            return texts("This code was used already. If it was not you, ask the club for a new one.")
        case "expired":
            at = texts.moment(refusal.at, zone) if refusal.at else ""
            return texts("This code ended on {at}. The club can give you a new one.", at=at)
        case "in_chat":
            return texts("This number has its member here already.")
        case "unsettled":
            return texts(
                "Some points of this number are still on their way, or something is open. Try again in a few days, or "
                "ask the club."
            )
        case _:
            return texts("I do not know this code. Check it letter by letter.")


def _transfer(texts: Texts, refusal: errors.TransferRefused) -> str:
    match refusal.reason:
        case "off":
            return texts(
                "In this club points stay with those who earned them. What you can share with friends are invitations "
                "and group buys."
            )
        case "self":
            return texts("That is your own code. Points can be sent to others only.")
        case _ if refusal.left:
            return texts.plural(
                "That is more than can be sent in a day. Today {n} point is left to send.",
                "That is more than can be sent in a day. Today {n} points are left to send.",
                refusal.left,
            )
        case _:
            return texts("You have sent as much as can be sent in a day. Tomorrow you can send again.")


def _unavailable(
    texts: Texts, refusal: errors.RewardUnavailable | errors.DealUnavailable | errors.OfferUnavailable, zone: ZoneInfo
) -> str:
    match refusal.reason:
        case "sold_out":
            return texts("The last one has just gone. Your points are untouched.")
        case "limit_reached":
            had: str = texts.plural(
                "You have had this one already.", "You have had this {n} times already.", refusal.limit or 1
            )
            if isinstance(refusal, errors.RewardUnavailable) and refusal.next_at is not None:
                had += " " + texts("You can have it again from {at}.", at=texts.moment(refusal.next_at, zone))
            return had
        case "one_at_a_time":
            return texts("You are in an open group for this already. When it is over, you can join another.")
        case "not_started":
            return texts("This has not begun yet.")
        case "ended":
            return texts("This is over.")
        case "removed":
            return texts("The shop has taken this one away.")
        case _:
            return texts("The shop is taking a break with this one.")


def _unmerged(texts: Texts, refusal: errors.CannotMerge) -> str:
    match refusal.reason:
        case "other_terms":
            return texts("The two groups have different prices or sizes. Share yours instead, so that it fills.")
        case "too_many":
            return texts("Together you would be more than there are places. Share yours instead, so that it fills.")
        case "same_member":
            return texts("Somebody is in both groups. Share yours instead, so that it fills.")
        case "not_organiser":
            return texts("Whoever leads the group decides this. You can share it, so that it fills.")
        case _:
            return texts("No other group has a place for you just now. You can open a new one and share it.")


def _unchosen(texts: Texts, refusal: errors.ChoiceRefused) -> str:
    match refusal.reason, refusal.made:
        case "made", "extend":
            return texts("You have chosen already: you are trying it once more with the others.")
        case "made", "merge":
            return texts("You have chosen already: you went over to another group.")
        case "made", "solo":
            return texts("You have chosen already: you bought it alone. The voucher is under /vouchers.")
        case "made", _:
            return texts("You have chosen already: you kept your points. You can open a new group at any time.")
        case "extended_before", _:
            return texts("This was a second try already, and there is no third one. You can open a new group.")
        case _:
            return texts("The time to choose is over, and you kept your points. You can open a new group at any time.")


def _invite(texts: Texts, refusal: errors.InviteRefused) -> str:
    match refusal.reason:
        case "used":
            return texts(
                "This invitation was used already; each is for one person. The shop's owner can send a new one."
            )
        case "expired":
            return texts("This invitation has expired. The shop's owner can send a new one.")
        case "withdrawn":
            return texts("This invitation was withdrawn. The shop's owner can send a new one.")
        case _:
            return texts("I do not know this invitation. Ask the shop's owner for a new link.")


def _ware(texts: Texts, refusal: errors.InvalidWare) -> str:
    facts: dict[str, Any] = refusal.facts
    match refusal.about, refusal.reason:
        case _, "no_text":
            return texts("I need words or a number here. Type the answer.")
        case "name", "missing":
            return texts("It has no name yet. Give it one first.")
        case "points", "missing":
            return texts("It has no price in points yet. Set that first.")
        case "name", _:
            return texts("A name has 1 to {most} characters.", most=facts["most"])
        case "description", _:
            return texts("That is {length} characters long; {most} fit.", length=facts["length"], most=facts["most"])
        case _, "dearer" | "dearer_money" | "same":
            return _prices(texts, refusal)
        case (("points" | "group_points" | "solo_points" | "bonus"), _):
            return texts("Points are whole numbers from 1 to {most}.", most=facts["most"])
        case "limit", _:
            return texts("That is no limit. Type a whole number from 1 to {most}.", most=facts["most"])
        case "days", "no_end":
            return texts("The offer has no end yet. Set that first, or type how many days.")
        case (("size" | "hours" | "days"), _):
            return texts("Type a whole number from {least} to {most}.", least=facts["least"], most=facts["most"])
        case (("price" | "group_price" | "solo_price" | "to_pay"), "unreadable"):
            return texts("I could not read an amount in that. Type it like {example}.", example=facts["example"])
        case "price", _:
            return texts("That is more than a reward may cost besides its points.")
        case "to_pay", _:
            return texts("That is more than can be paid at the counter.")
        case (("group_price" | "solo_price"), _):
            return texts("That is more than a group buy may cost besides its points.")
        case "stock", _:
            return _stock(texts, refusal)
        case (("starts" | "ends"), _):
            return _window(texts, refusal)
        case "picture", "too_large":
            return texts("That picture is too large. Up to {most} MB fit.", most=facts["most"] // MEGABYTE)
        case "picture", _:
            return texts("I need a picture here. Send it as a photo, not as a file.")
        case "deal", _:
            return _deal(texts, refusal)
        case "offer", _:
            return texts("This offer is removed. Bring it back first.")
        case "leads_to", _:
            return texts("What it leads to is over or not published. Choose something else under Leads to.")
        case _:
            return texts("This reward is removed. Bring it back first.")


def _prices(texts: Texts, refusal: errors.InvalidWare) -> str:
    match refusal.reason:
        case "dearer":
            group: Any = refusal.facts["group"]
            return texts.plural(
                "Together it would take {group} point and alone {solo}: together it cannot cost more. Type another "
                "number, or change the other price first.",
                "Together it would take {group} points and alone {solo}: together it cannot cost more. Type another "
                "number, or change the other price first.",
                group,
                group=group,
                solo=refusal.facts["solo"],
            )
        case "dearer_money":
            return texts(
                "Together it would cost more money than alone. Type another amount, or change the other one first."
            )
        case _:
            return texts("Together it has to be cheaper than alone, in points or in money.")


def _deal(texts: Texts, refusal: errors.InvalidWare) -> str:
    groups: Any = refusal.facts.get("groups")
    match refusal.reason:
        case "running":
            return texts("Members can still take part in this group buy. End it first.")
        case "groups_open":
            return texts.plural(
                "{n} group of it is open still. Wait until it is over, or call it off.",
                "{n} groups of it are open still. Wait until they are over, or call them off.",
                groups,
            )
        case _:
            return texts("This group buy is removed. Bring it back first.")


def _stock(texts: Texts, refusal: errors.InvalidWare) -> str:
    facts: dict[str, Any] = refusal.facts
    match refusal.reason:
        case "unlimited":
            return texts("It is unlimited now. To count it from here, type how many there are.")
        case "too_few":
            return texts.plural(
                "Only {n} is left, so that many cannot go.", "Only {n} are left, so that many cannot go.", facts["left"]
            )
        case "range":
            return texts("A stock has at most {most} pieces.", most=facts["most"])
        case "counted":
            return texts("A group buy has a stock that is counted. Type how many there are, up to {most}.", **facts)
        case "none":
            return texts("There are none left to claim. Restock it first.")
        case "below_size":
            return texts("One group takes {size}, and {left} are left. Restock it first.", **facts)
        case _:
            return texts("I could not read a number in that. Type it like 20, or a change like +10 or -2.")


def _window(texts: Texts, refusal: errors.InvalidWare) -> str:
    day: Any = refusal.facts.get("day")
    match refusal.reason:
        case "unsure":
            return _either(texts, refusal.facts["both"])
        case "past":
            return texts("That day is over. Type one from today on.")
        case "far":
            return texts("That is too far away. Type a day up to {year}.", year=str(refusal.facts["year"]))
        case "after_end":
            return texts("That is after its last day, {date}.", date=texts.date(day))
        case "before_start":
            return texts("That is before its start on {date}.", date=texts.date(day))
        case _:
            return texts("I could not read a day in that. Type it like 24 Dec or 2026-12-24.")


def _voucher(texts: Texts, refusal: errors.VoucherRefused, zone: ZoneInfo) -> str:
    at = texts.moment(refusal.at, zone) if refusal.at else ""
    match refusal.reason:
        case "used":
            return texts("This voucher was used already, on {at}.", at=at)
        case "expired":
            return texts("This voucher ended on {at}.", at=last_day(refusal.at, texts) if refusal.at else "")
        case "cancelled":
            return texts("This voucher was cancelled.")
        case "other_merchant":
            return texts("This voucher is not for your shop.")
        case "group_buy":
            return texts("A group bought this together at its price, so nobody can give back a part of it.")
        case "alone":
            return texts("What is bought alone is not given back. At the counter it is still good.")
        case "too_late":
            until = last_day(refusal.at, texts) if refusal.at else ""
            return texts("It could be given back until {date}. At the counter it is still good.", date=until)
        case "final":
            return texts("In this club vouchers are not given back. At the counter it is still good.")
        case _:
            return texts("There is no voucher with this code. Check it letter by letter.")


def _broadcast(texts: Texts, refusal: errors.BroadcastRefused, zone: ZoneInfo) -> str:
    facts: dict[str, Any] = refusal.facts
    match refusal.reason:
        case "empty":
            return texts("Type what you want to tell your customers.")
        case "too_long":
            return texts("That is {length} characters long; {most} fit.", **facts)
        case "too_long_for_picture":
            return texts(
                "Under a picture {most} characters fit, and the text has {length}. Shorten it, or send no picture.",
                **facts,
            )
        case "unknown_placeholder" | "open_brace":
            return _placeholder(texts, refusal)
        case "picture_too_large":
            return texts("That picture is too large. Up to {most} MB fit.", most=facts["most"] // MEGABYTE)
        case "bad_markup":
            return texts("Telegram cannot show this formatting. Type the text again, with less of it.")
        case "language_taken":
            return texts("It says something in that language already. Change or remove that first.")
        case "label":
            return texts("A button says something in 1 to {most} characters.", **facts)
        case "link":
            return texts("That is no address that I can open safely. It begins with https:// and has no blanks.")
        case "buttons":
            return texts("There are {most} buttons already, and no more fit. Remove one first.", **facts)
        case "unsure":
            return _either(texts, facts["both"])
        case "no_moment" | "past" | "too_far":
            return _moment(texts, refusal, zone)
        case "nobody":
            return texts("Nobody has agreed to offers yet, so nobody would get this. Your draft is kept.")
        case "nobody_agreed":
            return texts("Nobody has said yes to this topic yet, so nobody would get this. Your draft is kept.")
        case "nobody_meant":
            return texts("Nobody of those you chose can be reached, so nobody would get this. Your draft is kept.")
        case "not_draft":
            return texts("This one is on its way already.")
        case "draft_exists":
            return texts("You have begun another message for this shop. Send it or delete it first.")
        case "not_waiting":
            return _answered(texts, facts["state"])
        case "reason":
            return texts("Type why, in up to {most} characters.", **facts)
        case _:
            return texts("This is not there any more. Here is how things stand now.")


def _segment(texts: Texts, refusal: errors.InvalidSegment) -> str:
    most = refusal.most or 0
    match refusal.reason:
        case "too_many":
            return texts("At most {most} conditions fit, those of your lists included. Remove one first.", most=most)
        case "too_deep":
            return texts("Groups can stand within groups, but no more than {most} deep.", most=most)
        case "nothing_chosen":
            return texts("Choose at least one.")
        case "range":
            return texts("That does not fit. It takes whole numbers up to {most}, the smaller one first.", most=most)
        case "tag":
            return texts("A product has at most {most} characters.", most=most)
        case "loop":
            return texts("A list cannot mention itself, not by way of other lists either. Nothing was changed.")
        case "too_many_lists":
            return texts("You keep {most} lists, and that is as many as fit. Delete one first.", most=most)
        case _:
            return texts("A list that this mentions is deleted. Nothing was changed.")


def _placeholder(texts: Texts, refusal: errors.BroadcastRefused) -> str:
    facts = {
        "given": refusal.facts["given"],
        "names": texts.listed(f"{{{name}}}" for name in NAMES),
        "open": "{{",
        "close": "}}",
    }
    if refusal.reason == "open_brace":
        return texts(
            "A brace is not closed here: “{given}”. There are {names}, without formatting inside. For a brace itself, "
            "type {open} or {close}.",
            **facts,
        )
    return texts(
        "I do not know {given}. There are {names}. For a brace itself, type {open} or {close}.",
        **facts,
    )


def _moment(texts: Texts, refusal: errors.BroadcastRefused, zone: ZoneInfo) -> str:
    facts: dict[str, Any] = refusal.facts
    match refusal.reason:
        case "past":
            return texts(
                "That is over already. The next time is {at} ({zone}).",
                at=texts.moment(facts["next_at"], zone),
                zone=zone.key,
            )
        case "too_far":
            return texts(
                "{at} is too far away. It can wait until {last} ({zone}).",
                at=texts.moment(facts["at"], zone),
                last=texts.moment(facts["last_at"], zone),
                zone=zone.key,
            )
        case _:
            return texts("I could not read a day and a time in that.")


def _answered(texts: Texts, state: str) -> str:
    match state:
        case "draft":
            return texts("The shop has taken this one back. There is nothing to decide.")
        case "cancelled":
            return texts("This one was called off or declined already.")
        case _:
            return texts("This one was approved already.")
