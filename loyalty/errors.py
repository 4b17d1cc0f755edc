"""Refusals: wordless, they carry facts. Whoever speaks to a person turns them into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


class Refusal(Exception):
    """A wish that the rules turn down. Nothing has changed when one is raised."""


@dataclass
class NotFound(Refusal):
    """What a button, a link or a command named is not (or no longer) there."""

    noun: str
    key: str | int | None = None


@dataclass(frozen=True, slots=True)
class Namesake:
    """One of several members who may be meant. `code` means this one alone."""

    id: int
    name: str
    code: str


@dataclass
class SeveralMembers(Refusal):
    """What somebody typed to name a member fits more than one. `has_more`: and others besides those that are listed."""

    typed: str
    people: tuple[Namesake, ...]
    has_more: bool


@dataclass
class NotAllowed(Refusal):
    """The one who asks does not have the role that this takes."""

    action: str = ""


@dataclass
class BirthdayMissing(Refusal):
    """Nobody is greeted on a day that the club does not know."""


@dataclass
class InviteRefused(Refusal):
    """Nobody comes onto a staff by this link. `reason`: unknown | used | expired | withdrawn."""

    reason: str


@dataclass
class LastOwner(Refusal):
    """Somebody has to own the shop."""

    merchant_id: int


@dataclass
class ShopOrphaned(Refusal):
    """Nobody who owns the shop can be reached, so it books nothing new."""

    merchant_id: int


@dataclass
class NameTaken(Refusal):
    """Another shop is called that."""

    name: str


@dataclass
class InvalidAmount(Refusal):
    """Points are whole numbers from 1 to `points_max`."""

    given: object
    points_max: int


@dataclass
class NotEnoughPoints(Refusal):
    """`whose`: the name of the member, where somebody else asks; None for one's own points."""

    needed: int
    available: int
    whose: str | None = None

    @property
    def missing(self) -> int:
        return self.needed - self.available


@dataclass
class KeyReused(Refusal):
    """An idempotency key came back with other content: a defect of the caller, refused loudly."""

    key: str


@dataclass
class HoldIsClosed(Refusal):
    hold_id: int
    state: str


@dataclass
class NotReversible(Refusal):
    """`reason`: reversed | refunded | reversal | kind. A release, a capture or an expiry has its own way back."""

    transaction_id: int
    reason: str


@dataclass
class RefundTooLarge(Refusal):
    """More than is left of what was awarded."""

    points: int
    left: int


@dataclass
class InvalidEarnRule(Refusal):
    """A number of a merchant's earn rule is out of its range."""

    field: str
    given: object
    least: int
    most: int


@dataclass
class AboveCeiling(InvalidEarnRule):
    """More than the club's operator lets any shop give: `field` is rate (points for each unit of the currency),
    first_points or birthday_points."""


@dataclass
class ReviewOver(Refusal):
    """The sale was decided about otherwise. `state`: released | refused | undone."""

    purchase_id: int
    state: str


@dataclass
class EarnRuleIsFull(Refusal):
    """`part`: hours | tags. It has as many as fit."""

    part: str
    most: int


@dataclass
class InvalidPurchase(Refusal):
    """`reason`: amount (in the smallest unit of the currency) | receipt | note | tag (too long) | tags (too many)."""

    reason: str
    most: int


@dataclass
class AmountRefused(Refusal):
    """What was typed is no amount that a till books. `reason`: unreadable | unsure (it could mean two) | currency (it
    has the `sign` of another one) | zero | negative | decimals | too_large."""

    reason: str
    currency: str
    decimals: int
    amount_minor_max: int
    sign: str = ""

    def because(self, reason: str) -> AmountRefused:
        return AmountRefused(reason, self.currency, self.decimals, self.amount_minor_max)

    def marked(self, sign: str) -> AmountRefused:
        """It has the sign of another currency."""
        return AmountRefused("currency", self.currency, self.decimals, self.amount_minor_max, sign)


@dataclass
class CustomerNotFound(Refusal):
    """`reason`: code (nobody's card) | phone (nobody's) | short (too few digits) | unreadable (neither)."""

    reason: str


@dataclass
class OwnPurchase(Refusal):
    """Nobody books on their own card where a colleague of this shop can."""

    merchant_id: int


@dataclass
class GuessingPaused(Refusal):
    """`reason`: codes (too many wrong ones) | phones (too many looked up within the hour). Nothing else is paused."""

    reason: str
    until: datetime


@dataclass
class WishForgotten(Refusal):
    """What an operator was asked about is not known any more: they have begun something else since."""


@dataclass
class SaleForgotten(Refusal):
    """What was to be booked is not known any more: another amount was typed since, or the form was left."""


@dataclass
class UndoRefused(Refusal):
    """Too late, or not booked at a till: so many minutes a purchase can be undone; a refund is the other way."""

    minutes: int


@dataclass
class ReceiptUsed(Refusal):
    """Another purchase has this receipt of the merchant's already."""

    merchant_id: int
    receipt: str
    at: datetime


@dataclass
class PurchaseRefundTooLarge(Refusal):
    """More than is left of what was paid. Amounts in the smallest unit of the currency."""

    purchase_id: int
    amount_minor: int
    left_minor: int
    currency: str


@dataclass
class CreditInUse(Refusal):
    """The credit line cannot end above what was spent on it: so many points."""

    points: int


@dataclass
class TransferRefused(Refusal):
    """`reason`: off | self | limit. `left` is what may still be sent today."""

    reason: str
    left: int = 0


@dataclass
class ClockJumped(Refusal):
    """The machine's clock is not where it should be, so nothing that counts by it is done."""

    off: timedelta


@dataclass
class AlreadyCheckedIn(Refusal):
    next_at: datetime
    streak: int


@dataclass
class ReferralRefused(Refusal):
    """`reason`: unknown | self | already_member | loop."""

    reason: str


@dataclass
class RewardUnavailable(Refusal):
    """`reason`: sold_out | not_started | ended | paused | removed | limit_reached; then `next_at` is when the limit
    lets one more through, None if it never does."""

    reward_id: int
    reason: str
    limit: int | None = None
    next_at: datetime | None = None


@dataclass
class OfferUnavailable(Refusal):
    """`reason`: sold_out | not_started | ended | paused | removed | limit_reached, with how many one has had |
    elsewhere: it leads to a reward or a deal, and nothing is claimed."""

    offer_id: int
    reason: str
    limit: int | None = None


@dataclass
class TierTooLow(Refusal):
    needed: str
    actual: str


@dataclass
class PriceChanged(Refusal):
    """A reward, a deal or an offer costs something else now than what was confirmed."""

    of_id: int


@dataclass
class InvalidWare(Refusal):
    """What a field of a reward, a deal or an offer does not take, with what it takes in `facts`. `reason`: length |
    range | unreadable | no_text | missing; of a stock also unlimited | too_few | counted | below_size | none; of a
    deal's price dearer | dearer_money | same; of a day past | far | after_end | before_start; of a voucher's days
    no_end; of a picture no_photo | too_large; of what an offer leads to gone; of the ware as a whole removed, of a
    deal also running | groups_open."""

    about: str
    reason: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class VoucherRefused(Refusal):
    """`reason`: unknown | other_merchant | used | expired | cancelled; for giving it back also group_buy | alone |
    final | too_late."""

    reason: str
    at: datetime | None = None


@dataclass
class VoucherUndoRefused(Refusal):
    """Too late: so many minutes a counter can put a voucher back that it took."""

    minutes: int


@dataclass
class GroupIsFull(Refusal):
    group_id: int


@dataclass
class GroupIsClosed(Refusal):
    """`state`: filled | expired | cancelled."""

    group_id: int
    state: str


@dataclass
class AlreadyInGroup(Refusal):
    group_id: int


@dataclass
class NotInGroup(Refusal):
    group_id: int


@dataclass
class DealUnavailable(Refusal):
    """`reason`: sold_out | not_started | ended | paused | limit_reached | one_at_a_time."""

    deal_id: int
    reason: str
    limit: int | None = None


@dataclass
class CannotMerge(Refusal):
    """`reason`: other_terms | too_many | same_member | not_organiser | nobody."""

    group_id: int
    reason: str


@dataclass
class ChoiceRefused(Refusal):
    """A choice after a group did not fill. `reason`: over | made | extended_before; `made` is what was chosen."""

    group_id: int
    reason: str
    made: str | None = None


@dataclass
class InvalidBirthday(Refusal):
    """`both`: the months and days that it could be, where it is not sure which."""

    given: str
    both: tuple[tuple[int, int], tuple[int, int]] | None = None


@dataclass
class BirthdayLocked(Refusal):
    """A birthday can be changed once a year."""

    until: date


@dataclass
class InvalidPhone(Refusal):
    given: str


@dataclass
class NotOwnContact(Refusal):
    """Somebody else's number, or one that the messenger does not vouch for."""


@dataclass
class ClaimRefused(Refusal):
    """A code for a member number. `reason`: unknown | used | mine | expired | in_chat | unsettled.

    in_chat: the number has its member here already; unsettled: points of it are on their way or owed.
    """

    reason: str
    at: datetime | None = None


@dataclass
class ImportRunsElsewhere(Refusal):
    """Another program has brought this import on in the meantime."""


@dataclass
class InvalidTimezone(Refusal):
    given: str


@dataclass
class InvalidName(Refusal):
    length_max: int


@dataclass
class InvalidSegment(Refusal):
    """`reason`: too_many | too_deep | nothing_chosen | range | tag | unreadable | loop | gone | too_many_lists.

    `most` is what it allows; loop and gone are about lists that it mentions.
    """

    reason: str
    most: int | None = None


@dataclass
class SegmentChanged(Refusal):
    """What a button was about is not what there is now."""


@dataclass
class ListNameTaken(Refusal):
    """The shop keeps another list under this name."""

    segment_id: int
    name: str


@dataclass
class BroadcastRefused(Refusal):
    """`reason`: of words empty | too_long | too_long_for_picture | unknown_placeholder | open_brace | bad_markup |
    no_wording | language_taken; of a picture picture_too_large; of a button label | link | buttons; of its time
    no_moment | unsure | past | too_far; of whom it means nobody | nobody_agreed | nobody_meant; topic | trial; of how
    it stands not_draft | not_running | not_waiting | draft_exists; of an operator's no reason."""

    reason: str
    facts: dict[str, object] = field(default_factory=dict)
