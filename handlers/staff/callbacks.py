from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import LongCode, Nonce, Number
from loyalty.merchants import Role


class ShowStaff(CallbackData, prefix="staff"):
    """The people of a shop after the one with the id `after` (0: the first page)."""

    merchant_id: Number
    after: Number = 0


class ShowPerson(CallbackData, prefix="stperson"):
    merchant_id: Number
    member_id: Number


class AskDismiss(CallbackData, prefix="stask"):
    """To the question before somebody's role ends."""

    merchant_id: Number
    member_id: Number
    role: Role


class Dismiss(CallbackData, prefix="stout"):
    """`since` is the second in which the role began: the button ends that post and no later one."""

    merchant_id: Number
    member_id: Number
    role: Role
    since: Number


class ChooseRole(CallbackData, prefix="stinvite"):
    """As what somebody is to be invited."""

    merchant_id: Number


class MakeInvite(CallbackData, prefix="stmake"):
    """`nonce` is the idempotency key of this wish."""

    merchant_id: Number
    role: Role
    nonce: Nonce


class InvitesPage(CallbackData, prefix="stinvs"):
    """Open invitations before `before` (0: the newest)."""

    merchant_id: Number
    before: Number = 0


class LookupsPage(CallbackData, prefix="stlook"):
    """Phones that were looked up at the till before number `before` (0: the newest)."""

    merchant_id: Number
    before: Number = 0


class ShowInvite(CallbackData, prefix="stinv"):
    invite_id: Number


class WithdrawInvite(CallbackData, prefix="stdrop"):
    invite_id: Number


class JoinStaff(CallbackData, prefix="stjoin"):
    code: LongCode


class AskLeave(CallbackData, prefix="stleave"):
    """To the question before one leaves a shop."""

    merchant_id: Number


class Leave(CallbackData, prefix="stbye"):
    """Ends what began in the second `since` or before."""

    merchant_id: Number
    since: Number
