from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    column,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
    true,
    update,
)

from loyalty.claims import NUMBER
from loyalty.members import (
    PHONE_ENDING,
    TERMS_VERSION,
    Address,
    Birthday,
    Calendar,
    Language,
    Member,
    Tier,
    Topic,
)
from loyalty.names import first_part
from storage.dialects import insert_or_skip
from storage.merchants import staff
from storage.schema import EMPTY, Id, Instant, metadata
from storage.statements import Statement

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column(
        "first_name", String(64), nullable=False, server_default=EMPTY
    ),  # as the messenger has it, or read out of name
    Column("language", String(16), nullable=False),
    Column("timezone", String(64), nullable=False, index=True),
    Column("tier", String(16), nullable=False, server_default=Tier.MEMBER.value),
    Column("code", String(16), nullable=False, unique=True),
    Column("birthday_month", Integer),
    Column("birthday_day", Integer),
    Column("birthday_calendar", String(8)),
    Column("birthday_set_at", Instant),
    Column("joined_at", Instant, nullable=False, index=True),
    Column("card_code", String(16)),  # what the till scans; may change, unlike the code that invites friends
    Column("phone", String(20)),  # as the messenger vouched for it, with country code and plus
    Column("phone_ending", String(4), index=True),
    Column("tier_kept_until", Instant),  # granted, not earned: until then nobody looks at what was earned
    Column("tier_grace_until", Instant),  # earned too little for the tier: it ends then
    Column("shows_name", Boolean),  # the first name to others in a group buy; null: not asked yet
    Index("uq_members_card_code", "card_code", unique=True),
)
Index(
    "ix_members_birthday",
    members.c.birthday_month,
    members.c.birthday_day,
    postgresql_where=members.c.birthday_month.is_not(None),
    sqlite_where=members.c.birthday_month.is_not(None),
)

addresses = Table(
    "addresses",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("is_reachable", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("channel", "external_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("topic", String(32), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ignored", Integer, nullable=False, server_default="0"),  # sent in a row without a tap
    Column("last_sent_at", Instant),
    PrimaryKeyConstraint("member_id", "topic"),
    Index("ix_consents_topic", "topic", "member_id"),
    Index("ix_consents_given", "topic", "given_at"),
)

# Each yes and no, when, where and under which words; with a merchant it is about that shop alone. Never changed.
consent_log = Table(
    "consent_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("topic", String(32), nullable=False),
    Column("is_given", Boolean, nullable=False),
    Column("wording", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("place", String(64), nullable=False, server_default=EMPTY),  # the screen or the message
    Column("version", Integer, nullable=False, server_default="1"),  # of the terms behind the wording
    Column("is_confirmed", Boolean, nullable=False, server_default=true()),  # false: a second yes is asked for
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("wish", String(64), nullable=False, server_default=EMPTY),
    PrimaryKeyConstraint("member_id", "day"),
)

# One-time codes by which the holder of a member number takes over what an import has booked for it.
claims = Table(
    "claims",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Id, ForeignKey("members.id")),
)

# By name: the outbox, whose table it is, looks at members itself.
_deliveries = table("deliveries", column("member_id"), column("cause"))

_comma: Any = literal_column("','")  # spelt out: `Statement` takes none that is filled in later
_topics = (
    select(func.aggregate_strings(consents.c.topic, _comma))
    .where(consents.c.member_id == members.c.id)
    .scalar_subquery()
)


def _member() -> Select[Any]:
    return select(
        members,
        addresses.c.channel,
        addresses.c.external_id,
        addresses.c.is_reachable,
        _topics.label("topics"),
        exists().where(staff.c.member_id == members.c.id).label("is_staff"),
    ).join_from(members, addresses, addresses.c.member_id == members.c.id)


_AT = _member().where(addresses.c.channel == bindparam("channel"), addresses.c.external_id == bindparam("external_id"))
# A member number is an address, too, but nobody is reached there: any other one comes first.
_nearest = (addresses.c.channel == NUMBER, addresses.c.changed_at.desc())
_GET = Statement(_member().where(members.c.id == bindparam("member_id", type_=Id)).order_by(*_nearest).limit(1))
_COLUMNS = [column.key for column in _member().selected_columns]
_BY_CODE = _member().where(members.c.code == bindparam("code")).order_by(*_nearest).limit(1)
_BY_CARD = _member().where(members.c.card_code == bindparam("code")).order_by(*_nearest).limit(1)
_BY_PHONE = (
    _member()
    .where(
        members.c.id.in_(
            select(members.c.id)
            .where(
                members.c.phone_ending == bindparam("ending"),  # by the index; the rest of the digits narrows it
                members.c.phone.endswith(bindparam("digits", type_=String)),
                exists().where(addresses.c.member_id == members.c.id),
            )
            .order_by(members.c.id)
            .limit(bindparam("most"))
        )
    )
    .order_by(members.c.id, addresses.c.channel != NUMBER, addresses.c.changed_at)
)
_ADD = insert(members).returning(members.c.id)
_ADDRESS = insert_or_skip(addresses)
_CHANGE = update(members).where(members.c.id == bindparam("member_id"))
_REACH = (
    update(addresses)
    .where(
        addresses.c.channel == bindparam("for_channel"),
        addresses.c.external_id == bindparam("for_external_id"),
    )
    .values(is_reachable=bindparam("is_reachable"), changed_at=bindparam("changed_at"))
)
_others = members.alias()
_SET_CARD = (
    update(members)
    .where(
        members.c.id == bindparam("of_member"),
        members.c.card_code.is_not_distinct_from(bindparam("instead_of", type_=String)),
        ~exists(select(_others.c.id).where(_others.c.card_code == bindparam("to_code", type_=String))),
    )
    .values(card_code=bindparam("to_code", type_=String))
)
_CONSENT = insert_or_skip(consents)
_WITHDRAW = consents.delete().where(
    consents.c.member_id == bindparam("of_member"), consents.c.topic == bindparam("of_topic")
)
_CHECK_IN = insert_or_skip(check_ins)
_LAST_CHECK_IN = (
    select(check_ins.c.day, check_ins.c.streak, check_ins.c.wish)
    .where(check_ins.c.member_id == bindparam("member_id"))
    .order_by(check_ins.c.day.desc())
    .limit(1)
)


def _timezones() -> Select[Any]:
    """Each zone by one step in the index: a plain DISTINCT would read every member, once a minute."""
    zones = select(func.min(members.c.timezone).label("timezone")).cte("zones", recursive=True)
    following = select(func.min(members.c.timezone)).where(members.c.timezone > zones.c.timezone).scalar_subquery()
    zones = zones.union_all(select(following).where(zones.c.timezone.is_not(None)))
    return select(zones.c.timezone).where(zones.c.timezone.is_not(None)).order_by(zones.c.timezone)


_TIMEZONES = _timezones()


class SqlMembers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def at(self, address: Address) -> Member | None:
        return self._one(_AT, channel=address.channel, external_id=address.external_id)

    def get(self, member_id: int) -> Member | None:
        row = _GET.row(self._connection, {"member_id": member_id})
        return None if row is None else _as_member(dict(zip(_COLUMNS, row, strict=True)))

    def by_code(self, code: str) -> Member | None:
        return self._one(_BY_CODE, code=code)

    def by_card(self, code: str) -> Member | None:
        return self._one(_BY_CARD, code=code)

    def by_phone_ending(self, digits: str, limit: int) -> Sequence[Member]:
        values = {"ending": digits[-PHONE_ENDING:], "digits": digits, "most": limit}
        rows = self._connection.execute(_BY_PHONE, values).mappings()
        return list({row["id"]: _as_member(row) for row in rows}.values())  # of several addresses the latest

    def add(
        self,
        *,
        address: Address,
        name: str,
        language: Language,
        timezone: str,
        code: str,
        at: datetime,
        first_name: str | None = None,
    ) -> Member | None:
        nested = self._connection.begin_nested()
        member_id = self._connection.execute(
            _ADD,
            {
                "name": name,
                "first_name": first_part(name) if first_name is None else first_name,
                "language": language,
                "timezone": timezone,
                "code": code,
                "joined_at": at,
            },
        ).scalar_one()
        added = self._connection.execute(
            _ADDRESS[self._dialect],
            {
                "channel": address.channel,
                "external_id": address.external_id,
                "member_id": member_id,
                "is_reachable": True,
                "changed_at": at,
            },
        )
        if added.rowcount == 0:
            nested.rollback()
            return None
        nested.commit()
        return self.get(member_id)

    def rename(self, member_id: int, name: str) -> None:
        changed = _CHANGE.values(name=bindparam("to"), first_name=bindparam("called"))
        self._connection.execute(changed, {"member_id": member_id, "to": name, "called": first_part(name)})

    def speak(self, member_id: int, language: Language) -> None:
        self._connection.execute(_CHANGE.values(language=bindparam("to")), {"member_id": member_id, "to": language})

    def move(self, member_id: int, timezone: str) -> None:
        self._connection.execute(_CHANGE.values(timezone=bindparam("to")), {"member_id": member_id, "to": timezone})

    def promote(self, member_id: int, tier: Tier, kept_until: datetime | None = None) -> None:
        changed = _CHANGE.values(tier=bindparam("to"), tier_kept_until=bindparam("kept_until"))
        self._connection.execute(changed, {"member_id": member_id, "to": tier, "kept_until": kept_until})

    def celebrate(self, member_id: int, birthday: Birthday | None, set_at: datetime | None) -> None:
        self._connection.execute(
            _CHANGE.values(
                birthday_month=birthday and birthday.month,
                birthday_day=birthday and birthday.day,
                birthday_calendar=birthday and birthday.calendar,
                birthday_set_at=set_at,
            ),
            {"member_id": member_id},
        )

    def set_card(self, member_id: int, code: str, instead_of: str | None) -> bool:
        values = {"of_member": member_id, "to_code": code, "instead_of": instead_of}
        return self._connection.execute(_SET_CARD, values).rowcount == 1

    def set_phone(self, member_id: int, phone: str | None) -> None:
        ending = phone[-PHONE_ENDING:] if phone is not None else None
        self._connection.execute(_CHANGE.values(phone=phone, phone_ending=ending), {"member_id": member_id})

    def show_name(self, member_id: int, is_shown: bool) -> None:
        self._connection.execute(_CHANGE.values(shows_name=is_shown), {"member_id": member_id})

    def consent(
        self,
        member_id: int,
        topic: Topic,
        given: bool,
        *,
        at: datetime,
        wording: str,
        place: str = "",
        version: int = TERMS_VERSION,
    ) -> bool:
        if given:
            changed = self._connection.execute(
                _CONSENT[self._dialect], {"member_id": member_id, "topic": topic, "given_at": at}
            )
        else:
            changed = self._connection.execute(_WITHDRAW, {"of_member": member_id, "of_topic": topic})
        if changed.rowcount == 0:
            return False
        self._connection.execute(
            insert(consent_log),
            {
                "member_id": member_id,
                "topic": topic,
                "is_given": given,
                "wording": wording,
                "at": at,
                "place": place,
                "version": version,
            },
        )
        return True

    def set_reachable(self, address: Address, is_reachable: bool, at: datetime) -> None:
        self._connection.execute(
            _REACH,
            {
                "for_channel": address.channel,
                "for_external_id": address.external_id,
                "is_reachable": is_reachable,
                "changed_at": at,
            },
        )

    def check_in(self, member_id: int, day: date, streak: int, wish: str = "") -> bool:
        added = self._connection.execute(
            _CHECK_IN[self._dialect], {"member_id": member_id, "day": day, "streak": streak, "wish": wish}
        )
        return added.rowcount == 1

    def last_check_in(self, member_id: int) -> tuple[date, int, str] | None:
        row = self._connection.execute(_LAST_CHECK_IN, {"member_id": member_id}).one_or_none()
        return None if row is None else (row.day, row.streak, row.wish)

    def timezones(self) -> Sequence[str]:
        return list(self._connection.execute(_TIMEZONES).scalars())

    def with_birthday(self, timezone: str, causes: Mapping[Birthday, str], *, limit: int) -> Sequence[Member]:
        celebrates = or_(
            *(
                and_(
                    members.c.birthday_month == birthday.month,
                    members.c.birthday_day == birthday.day,
                    members.c.birthday_calendar == birthday.calendar,
                    ~exists().where(_deliveries.c.member_id == members.c.id, _deliveries.c.cause == cause),
                )
                for birthday, cause in causes.items()
            )
        )
        query = (
            _member()
            .where(
                members.c.timezone == timezone,
                addresses.c.is_reachable,
                exists().where(consents.c.member_id == members.c.id, consents.c.topic == Topic.BIRTHDAY),
                celebrates,
            )
            .order_by(members.c.id)
            .limit(limit)
        )
        return [_as_member(row) for row in self._connection.execute(query).mappings()]

    def _one(self, query: Select[Any], **values: object) -> Member | None:
        row = self._connection.execute(query, values).mappings().one_or_none()
        return None if row is None else _as_member(row)


def _as_member(row: Mapping[Any, Any]) -> Member:
    birthday = None
    if row["birthday_month"] is not None:
        birthday = Birthday(row["birthday_month"], row["birthday_day"], Calendar(row["birthday_calendar"]))
    return Member(
        id=row["id"],
        name=row["name"],
        language=Language(row["language"]),
        timezone=row["timezone"],
        tier=Tier(row["tier"]),
        code=row["code"],
        joined_at=row["joined_at"],
        address=Address(row["channel"], row["external_id"]),
        birthday=birthday,
        birthday_set_at=row["birthday_set_at"],
        topics=frozenset(Topic(topic) for topic in (row["topics"] or "").split(",") if topic),
        is_reachable=row["is_reachable"],
        is_staff=row["is_staff"],
        card_code=row["card_code"],
        phone=row["phone"],
        tier_kept_until=row["tier_kept_until"],
        tier_grace_until=row["tier_grace_until"],
        shows_name=row["shows_name"],
        first_name=row["first_name"],
    )
