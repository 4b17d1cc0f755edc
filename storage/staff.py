from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, func, insert, or_, select, update

from loyalty.claims import NUMBER
from loyalty.merchants import RIGHTS, Merchant, Right, Role
from loyalty.staff import Colleague, Invite, NewInvite, StaffEvent
from storage.dialects import insert_or_skip
from storage.members import addresses, members
from storage.merchants import merchants, staff, staff_invites, staff_log
from storage.schema import Id, Instant

_rank = case({role.value: rank for rank, role in enumerate(Role)}, value=staff.c.role)
_here = staff.c.merchant_id == bindparam("merchant_id")
_PEOPLE = (
    select(staff.c.member_id)
    .where(_here, staff.c.member_id > bindparam("after_id"))
    .distinct()
    .order_by(staff.c.member_id)
    .limit(bindparam("most"))
)
_ROLES = (
    select(staff, members.c.first_name)
    .join_from(staff, members, members.c.id == staff.c.member_id)
    .where(_here)
    .order_by(staff.c.member_id, _rank)
)
_TEAM = _ROLES.where(staff.c.member_id.in_(_PEOPLE))
_ROLES_OF = _ROLES.where(staff.c.member_id == bindparam("member_id"))
_OWNERS = select(staff.c.member_id).where(_here, staff.c.role == Role.OWNER.value).order_by(staff.c.member_id)
_sells = staff.c.role.in_([role.value for role, rights in RIGHTS.items() if Right.SELL in rights])
_SELLERS = select(func.count(staff.c.member_id.distinct())).where(_here, _sells)
_DISMISS = delete(staff).where(_here, staff.c.member_id == bindparam("member_id"), staff.c.role == bindparam("of_role"))
_LOG = insert(staff_log).returning(staff_log.c.id)

_owners = staff.alias()
_is_owned = (
    select(_owners.c.member_id)
    .join_from(_owners, addresses, addresses.c.member_id == _owners.c.member_id)
    .where(
        _owners.c.merchant_id == merchants.c.id,
        _owners.c.role == Role.OWNER.value,
        addresses.c.channel != NUMBER,
        addresses.c.is_reachable,
    )
    .exists()
)
# A shop that nobody has taken over yet is new, not orphaned.
_was_owned = or_(
    select(_owners.c.member_id)
    .where(_owners.c.merchant_id == merchants.c.id, _owners.c.role == Role.OWNER.value)
    .exists(),
    select(staff_log.c.id)
    .where(staff_log.c.merchant_id == merchants.c.id, staff_log.c.role == Role.OWNER.value)
    .exists(),
)
_of_one = or_(bindparam("only", type_=Id).is_(None), merchants.c.id == bindparam("only", type_=Id))
_ORPHAN = (
    update(merchants)
    .where(_of_one, merchants.c.orphaned_at.is_(None), ~_is_owned, _was_owned)
    .values(orphaned_at=bindparam("at", type_=Instant))
    .returning(merchants.c.id, merchants.c.name, merchants.c.translations)
)
_ADOPT = update(merchants).where(_of_one, merchants.c.orphaned_at.is_not(None), _is_owned).values(orphaned_at=None)
_INVITE = insert_or_skip(staff_invites)
_INVITES = select(staff_invites, merchants.c.name.label("merchant"), merchants.c.translations).join_from(
    staff_invites, merchants, merchants.c.id == staff_invites.c.merchant_id
)
_BY_ID = _INVITES.where(staff_invites.c.id == bindparam("invite_id"))
_BY_CODE = _INVITES.where(staff_invites.c.code == bindparam("code"))
_BY_KEY = _INVITES.where(staff_invites.c.key == bindparam("key"))
_is_open = and_(staff_invites.c.used_at.is_(None), staff_invites.c.revoked_at.is_(None))
_OPEN = (
    _INVITES.where(
        staff_invites.c.merchant_id == bindparam("merchant_id"),
        staff_invites.c.id < bindparam("before_id"),
        staff_invites.c.expires_at > bindparam("at"),
        _is_open,
    )
    .order_by(staff_invites.c.id.desc())
    .limit(bindparam("most"))
)
_USE = (
    update(staff_invites)
    .where(staff_invites.c.id == bindparam("invite_id"), staff_invites.c.expires_at > bindparam("at"), _is_open)
    .values(used_at=bindparam("at"), used_by=bindparam("by"))
)
_WITHDRAW = (
    update(staff_invites)
    .where(staff_invites.c.id == bindparam("invite_id"), _is_open)
    .values(revoked_at=bindparam("at"))
)
_WITHDRAW_OF = (
    update(staff_invites)
    .where(staff_invites.c.merchant_id == bindparam("of_merchant"), staff_invites.c.actor == bindparam("of"), _is_open)
    .values(revoked_at=bindparam("at"))
)
_NEWEST = 2**62


class SqlStaff:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def team(self, merchant_id: int, after_id: int, limit: int) -> Sequence[Colleague]:
        values = {"merchant_id": merchant_id, "after_id": after_id, "most": limit}
        return [_as_colleague(row) for row in self._connection.execute(_TEAM, values)]

    def roles_of(self, merchant_id: int, member_id: int) -> Sequence[Colleague]:
        values = {"merchant_id": merchant_id, "member_id": member_id}
        return [_as_colleague(row) for row in self._connection.execute(_ROLES_OF, values)]

    def owners(self, merchant_id: int) -> Sequence[int]:
        return list(self._connection.execute(_OWNERS, {"merchant_id": merchant_id}).scalars())

    def sellers(self, merchant_id: int) -> int:
        return int(self._connection.execute(_SELLERS, {"merchant_id": merchant_id}).scalar_one())

    def dismiss(self, merchant_id: int, member_id: int, role: Role) -> bool:
        values = {"merchant_id": merchant_id, "member_id": member_id, "of_role": role}
        return self._connection.execute(_DISMISS, values).rowcount == 1

    def log(self, merchant_id: int, member_id: int, role: Role, event: StaffEvent, actor: str, at: datetime) -> int:
        values = {
            "merchant_id": merchant_id,
            "member_id": member_id,
            "role": role,
            "event": event,
            "actor": actor,
            "at": at,
        }
        return int(self._connection.execute(_LOG, values).scalar_one())

    def orphaned(self, at: datetime, merchant_id: int | None = None) -> Sequence[Merchant]:
        rows = self._connection.execute(_ORPHAN, {"at": at, "only": merchant_id})
        return [Merchant(row.id, row.name, row.translations, is_orphaned=True) for row in rows]

    def adopted(self, merchant_id: int | None = None) -> int:
        return self._connection.execute(_ADOPT, {"only": merchant_id}).rowcount

    def invite(self, invite: NewInvite) -> Invite:
        self._connection.execute(
            _INVITE[self._dialect],
            {
                "key": invite.key,
                "code": invite.code,
                "merchant_id": invite.merchant_id,
                "role": invite.role,
                "actor": invite.actor,
                "created_at": invite.created_at,
                "expires_at": invite.expires_at,
            },
        )
        opened = self._one(_BY_KEY, key=invite.key)
        assert opened is not None, "an invitation's code collided: 65 bits of chance"
        return opened

    def get_invite(self, invite_id: int) -> Invite | None:
        return self._one(_BY_ID, invite_id=invite_id)

    def invite_by_code(self, code: str) -> Invite | None:
        return self._one(_BY_CODE, code=code)

    def open_invites(self, merchant_id: int, at: datetime, *, before_id: int | None, limit: int) -> Sequence[Invite]:
        values = {"merchant_id": merchant_id, "at": at, "before_id": before_id or _NEWEST, "most": limit}
        return [_as_invite(row) for row in self._connection.execute(_OPEN, values)]

    def use(self, invite_id: int, member_id: int, at: datetime) -> bool:
        values = {"invite_id": invite_id, "by": member_id, "at": at}
        return self._connection.execute(_USE, values).rowcount == 1

    def withdraw(self, invite_id: int, at: datetime) -> bool:
        return self._connection.execute(_WITHDRAW, {"invite_id": invite_id, "at": at}).rowcount == 1

    def withdraw_of(self, merchant_id: int, actor: str, at: datetime) -> None:
        self._connection.execute(_WITHDRAW_OF, {"of_merchant": merchant_id, "of": actor, "at": at})

    def _one(self, query: Select[Any], **values: object) -> Invite | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else _as_invite(row)


def _as_colleague(row: Any) -> Colleague:
    return Colleague(row.merchant_id, row.member_id, row.first_name, Role(row.role), row.since)


def _as_invite(row: Any) -> Invite:
    return Invite(
        id=row.id,
        code=row.code,
        merchant_id=row.merchant_id,
        merchant=row.merchant,
        role=Role(row.role),
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by=row.used_by,
        revoked_at=row.revoked_at,
        translations=row.translations,
    )
