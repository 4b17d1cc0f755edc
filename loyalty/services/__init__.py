"""Use cases: each an ordinary function, one transaction, facts in and facts out."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.birthdays import LunarDays
from loyalty.codes import Random
from loyalty.members import Language
from loyalty.ports import Clock, Units
from loyalty.programme import Programme
from loyalty.services.accounts import AccountService
from loyalty.services.approvals import ApprovalService
from loyalty.services.birthdays import BirthdayService
from loyalty.services.broadcast_reports import BroadcastReportService
from loyalty.services.broadcasts import BroadcastService
from loyalty.services.cards import CardService
from loyalty.services.choices import ChoiceService
from loyalty.services.claims import ClaimService
from loyalty.services.deals import DealService
from loyalty.services.deliveries import DeliveryService
from loyalty.services.earn_rules import EarnRuleService
from loyalty.services.favourites import FavouriteService
from loyalty.services.fronts import FrontService
from loyalty.services.group_buys import GroupBuyService
from loyalty.services.imports import ImportService
from loyalty.services.invites import InviteService
from loyalty.services.live_cards import LiveCardService
from loyalty.services.members import MemberService
from loyalty.services.merging import MergeService
from loyalty.services.notifications import NotificationService
from loyalty.services.offer_claims import OfferClaimService
from loyalty.services.offer_desk import OfferDeskService
from loyalty.services.offers import OfferService
from loyalty.services.operators import OperatorService
from loyalty.services.points import PointsService
from loyalty.services.purchases import PurchaseService
from loyalty.services.referrals import ReferralService
from loyalty.services.reviews import ReviewService
from loyalty.services.rewards import RewardService
from loyalty.services.segments import SegmentService
from loyalty.services.set_aside import SetAsideService
from loyalty.services.settlements import SettlementService
from loyalty.services.shelf import ShelfService
from loyalty.services.shops import ShopService
from loyalty.services.solo import SoloService
from loyalty.services.staff import StaffService
from loyalty.services.tiers import TierService
from loyalty.services.till import TillService
from loyalty.services.transfers import TransferService
from loyalty.services.vouchers import VoucherService


@dataclass(frozen=True, slots=True)
class Club:
    """All that the club can do, a service per noun."""

    programme: Programme
    members: MemberService
    points: PointsService
    purchases: PurchaseService
    referrals: ReferralService
    rewards: RewardService
    favourites: FavouriteService
    vouchers: VoucherService
    fronts: FrontService
    group_buys: GroupBuyService
    deals: DealService
    live_cards: LiveCardService
    choices: ChoiceService
    merging: MergeService
    solo: SoloService
    offers: OfferService
    offer_claims: OfferClaimService
    offer_desk: OfferDeskService
    birthdays: BirthdayService
    broadcasts: BroadcastService
    broadcast_reports: BroadcastReportService
    segments: SegmentService
    approvals: ApprovalService
    deliveries: DeliveryService
    notifications: NotificationService
    operators: OperatorService
    shops: ShopService
    set_aside: SetAsideService
    accounts: AccountService
    transfers: TransferService
    settlements: SettlementService
    imports: ImportService
    claims: ClaimService
    shelf: ShelfService
    tiers: TierService
    earn_rules: EarnRuleService
    cards: CardService
    till: TillService
    reviews: ReviewService
    staff: StaffService
    invites: InviteService


def open_club(
    units: Units,
    clock: Clock,
    random: Random,
    programme: Programme,
    language: Language,
    lunar_days: LunarDays | None = None,
) -> Club:
    return Club(
        programme=programme,
        members=MemberService(units, clock, random, programme, language),
        points=PointsService(units, clock, programme),
        purchases=PurchaseService(units, clock, programme, lunar_days),
        referrals=ReferralService(units, clock, programme),
        rewards=RewardService(units, clock, random, programme),
        favourites=FavouriteService(units, clock, programme),
        vouchers=VoucherService(units, clock, random, programme),
        fronts=FrontService(units, clock, programme),
        group_buys=GroupBuyService(units, clock, random, programme),
        deals=DealService(units, clock, random, programme),
        live_cards=LiveCardService(units, clock, random, programme),
        choices=ChoiceService(units, clock, random, programme),
        merging=MergeService(units, clock, random, programme),
        solo=SoloService(units, clock, random, programme),
        offers=OfferService(units, clock, random, programme),
        offer_claims=OfferClaimService(units, clock, random, programme),
        offer_desk=OfferDeskService(units, clock, random, programme),
        birthdays=BirthdayService(units, clock, random, programme, lunar_days),
        broadcasts=BroadcastService(units, clock, random, programme),
        broadcast_reports=BroadcastReportService(units, clock, programme),
        segments=SegmentService(units, clock),
        approvals=ApprovalService(units, clock),
        deliveries=DeliveryService(units, clock, random, programme),
        notifications=NotificationService(units, clock, programme),
        operators=OperatorService(units, clock, programme),
        shops=ShopService(units, clock, random, programme),
        set_aside=SetAsideService(units),
        accounts=AccountService(units, clock, programme),
        transfers=TransferService(units, clock, random, programme),
        staff=StaffService(units, clock),
        invites=InviteService(units, clock, random, programme),
        till=TillService(units, clock, random, programme, lunar_days),
        reviews=ReviewService(units, clock, programme),
        cards=CardService(units, clock, random, programme),
        tiers=TierService(units, clock, random, programme),
        earn_rules=EarnRuleService(units, clock, programme),
        shelf=ShelfService(units, clock, random, programme),
        claims=ClaimService(units, clock, random, programme),
        imports=ImportService(units, clock, random, programme, lunar_days),
        settlements=SettlementService(units, clock, programme),
    )
