"""The one way in which a yes or a no is taken down, wherever it was said."""

from __future__ import annotations

from datetime import datetime

from loyalty.deliveries import Notice
from loyalty.errors import BirthdayMissing
from loyalty.members import Topic
from loyalty.notifications import CONFIRM, Said
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme

NO_CONSENT = "no_consent"
QUESTION = "consent_question"


def say(
    uow: UnitOfWork,
    programme: Programme,
    member_id: int,
    topic: Topic,
    given: bool,
    *,
    at: datetime,
    wording: str,
    place: str,
) -> Said:
    """A no counts at once and drops what of the topic is queued. A yes counts at once, too, unless the club asks a
    second time; saying it again meanwhile asks no third time. What was stopped within a day comes back at once: that
    is an undo.

    `wording` is what was shown, `place` where. Raises BirthdayMissing for a greeting on an unknown day.
    """
    uow.contacts.lock(member_id)
    if not given:
        _stop(uow, member_id, topic, at=at, wording=wording, place=place)
        return Said.DONE
    if topic is Topic.BIRTHDAY:
        member = uow.members.get(member_id)
        if member is None or member.birthday is None:
            raise BirthdayMissing
    if programme.has_double_opt_in and topic not in uow.contacts.agreed(member_id):
        last = uow.contacts.last_said(member_id, topic)
        if last is None or not last.is_stop(at):
            if last is None or not last.is_open(at):
                _ask(uow, programme, member_id, topic, at=at, wording=wording, place=place)
            return Said.ASKED
    agree(uow, member_id, topic, at=at, wording=wording, place=place)
    return Said.DONE


def agree(uow: UnitOfWork, member_id: int, topic: Topic, *, at: datetime, wording: str, place: str) -> None:
    """A yes that counts. What waits by the contact policy is asked about again."""
    if uow.members.consent(member_id, topic, True, at=at, wording=wording, place=place):
        uow.outbox.release(member_id, at)


def _stop(uow: UnitOfWork, member_id: int, topic: Topic, *, at: datetime, wording: str, place: str) -> None:
    if not uow.members.consent(member_id, topic, False, at=at, wording=wording, place=place):
        last = uow.contacts.last_said(member_id, topic)
        if last is not None and last.is_open(at):
            # It answers the question, too: a yes to that would come as a surprise.
            uow.contacts.note(member_id, topic, False, at=at, wording=wording, place=place, is_confirmed=False)
    uow.outbox.suppress_topic(member_id, topic, NO_CONSENT, at)


def _ask(
    uow: UnitOfWork, programme: Programme, member_id: int, topic: Topic, *, at: datetime, wording: str, place: str
) -> None:
    question = uow.contacts.note(member_id, topic, True, at=at, wording=wording, place=place, is_confirmed=False)
    facts = {
        "topic": topic,
        "line_id": question,
        "birthday_points": programme.birthday_points,
        "birthday_notice_days": programme.birthday_notice_days,
    }
    uow.outbox.add([Notice(member_id, QUESTION, f"consent:{question}", facts, deadline=at + CONFIRM)], at)
