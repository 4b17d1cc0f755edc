"""A broadcast until it is confirmed: what it says, where it leads, when it goes, how its wordings are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from loyalty.broadcasts import (
    FIRST,
    LABEL_MAX,
    ORIGINAL,
    Broadcast,
    Content,
    ContentButton,
    Leads,
    Schedule,
    Target,
    Trial,
    check_fits,
    check_picture,
    check_topic,
    check_trial,
    clean_label,
    clean_link,
    content_as_json,
    worded,
)
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.deliveries import Notice
from loyalty.errors import BroadcastRefused, NotAllowed, NotFound
from loyalty.members import Language, Member, Topic
from loyalty.merchants import Post, Right, may
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.schedules import Hours, at_local_hour, at_moment, days_ahead, hours_ahead, on_clock, read_moment
from loyalty.segments import Sample
from loyalty.services.draft_steps import Card, button_at, check_place, draft_of, found, led, reach, with_button
from loyalty.services.staff import check_right

PAGE = 8
SAMPLES = 10
TEST = "broadcast_test"


@dataclass(frozen=True, slots=True)
class Trying:
    """A draft to be looked at, `sample` with somebody's eyes (None: one's own). `nonce` makes a test one thing, however
    often it is tapped."""

    draft: Broadcast
    points: int
    sample: Sample | None
    nonce: str


@dataclass(frozen=True, slots=True)
class Times:
    """When a draft could go: on which days, and at which hours of the one that was chosen."""

    draft: Broadcast
    days: Sequence[date]
    hours: Hours | None


class Drafts:
    """Every use case looks anew whether the member speaks for that shop: buttons stay, roles end."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def shops(self, member: Member) -> Sequence[Post]:
        """The shops for which a member may speak, each once. Raises NotAllowed when there is none."""
        with self._units() as uow:
            posts = uow.merchants.posts(member.id)
        shops = {post.merchant_id: post for post in posts if may([post], Right.BROADCAST)}
        if not shops:
            raise NotAllowed(Right.BROADCAST)
        return list(shops.values())

    def draft(self, member: Member, merchant_id: int) -> Card:
        """The member's open draft at the shop, a new one if there is none."""
        now = self._clock()
        with self._units() as uow:
            check_right(uow, member.id, merchant_id, Right.BROADCAST)
            draft = uow.broadcasts.draft(merchant_id, member.id, now)
            card = Card(draft, reach(uow, draft, now))
            uow.commit()
        return card

    @reads
    def card(self, member: Member, broadcast_id: int) -> Card:
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            return Card(draft, reach(uow, draft, self._clock()))

    # What it says

    def write(
        self,
        member: Member,
        broadcast_id: int,
        *,
        text: str = "",
        length: int = 0,
        picture: bytes | None = None,
        variant: str = FIRST,
        language: str = ORIGINAL,
    ) -> Card:
        """Sets a wording (HTML with placeholders, and how long it is as it was typed), the picture, or both. The first
        words say in which language it is written: the author's own, until they say otherwise.

        Raises BroadcastRefused when it is empty, too long, has an unknown placeholder, or is no draft any more.
        """

        def written(uow: UnitOfWork, content: Content) -> Content:
            if not text and picture is None:
                raise BroadcastRefused("empty")
            if text:
                check_place(content, variant, language)
                content = replace(content, original=content.original or member.language.value)
                content = content.said(variant, language, worded(text, length))
            if picture is not None:
                check_picture(len(picture))
                key = f"broadcast:{hashlib.sha256(picture).hexdigest()}"
                content = replace(content, picture_id=uow.pictures.add(key, picture))
            check_fits(content)
            return content

        return self._change(member, broadcast_id, written)

    def unwrite(self, member: Member, broadcast_id: int, variant: str, language: str) -> Card:
        """Takes a wording away in a language, or with `language` ORIGINAL the whole variant. The first one stays: a
        message has words. What is not there stays away."""
        if variant == FIRST and language == ORIGINAL:
            raise BroadcastRefused("empty")
        return self._change(member, broadcast_id, lambda uow, content: content.unsaid(variant, language))

    def say_original(self, member: Member, broadcast_id: int, language: Language) -> Card:
        """Says in which language the wordings were first written. Raises BroadcastRefused where there is a wording in
        that language besides."""

        def said(uow: UnitOfWork, content: Content) -> Content:
            if any(language in languages for languages in content.wordings.values()):
                raise BroadcastRefused("language_taken")
            return replace(content, original=language.value)

        return self._change(member, broadcast_id, said)

    def remove_picture(self, member: Member, broadcast_id: int) -> Card:
        return self._change(member, broadcast_id, lambda uow, content: replace(content, picture_id=None))

    def set_topic(self, member: Member, broadcast_id: int, topic: Topic) -> Card:
        check_topic(topic)
        return self._change(member, broadcast_id, lambda uow, content: replace(content, topic=topic))

    # Where it leads

    @reads
    def destinations(
        self, member: Member, broadcast_id: int, leads: Leads, after_id: int = 0
    ) -> tuple[Broadcast, Sequence[Target], int | None]:
        """A page of what a button can lead to, and the id to page on from."""
        if leads is Leads.LINK:
            raise BroadcastRefused("link")
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            page = uow.destinations.page(draft.merchant_id, leads, self._clock(), after_id=after_id, limit=PAGE + 1)
        return draft, page[:PAGE], page[PAGE - 1].id if len(page) > PAGE else None

    def lead_to(self, member: Member, broadcast_id: int, place: int, leads: Leads, target_id: int) -> Card:
        """Puts a button at a place, the first free one or one that is taken; it is called what it leads to. The same
        again changes nothing. Raises BroadcastRefused when there are as many as there can be, and NotFound."""

        def led(uow: UnitOfWork, content: Content) -> Content:
            # An address is typed, never picked: such a button is made up.
            is_listed = leads is not Leads.LINK
            target = uow.destinations.get(content.merchant_id, leads, self._clock(), target_id) if is_listed else None
            if target is None:
                raise NotFound(leads.value, target_id)
            known = {language: clean_label(name[:LABEL_MAX]) for language, name in target.names.items()}
            return with_button(
                content, place, ContentButton(clean_label(target.name[:LABEL_MAX]), leads, str(target.id), known)
            )

        return self._change(member, broadcast_id, led)

    def link_to(
        self, member: Member, broadcast_id: int, place: int, given: str, label: str, labels: Mapping[str, str]
    ) -> Card:
        """The same with an address; `label` is what the button says until somebody types something else."""
        button = ContentButton(label, Leads.LINK, clean_link(given), labels)
        return self._change(member, broadcast_id, lambda uow, content: with_button(content, place, button))

    def label(self, member: Member, broadcast_id: int, place: int, language: str, given: str) -> Card:
        """What a button says, in a language or as first written. Raises BroadcastRefused."""

        def labelled(uow: UnitOfWork, content: Content) -> Content:
            button, said = button_at(content, place), clean_label(given)
            if language == ORIGINAL:
                return with_button(content, place, replace(button, label=said, labels={}))  # they said the old words
            return with_button(content, place, replace(button, labels={**button.labels, language: said}))

        return self._change(member, broadcast_id, labelled)

    def remove_button(self, member: Member, broadcast_id: int, place: int, count: int) -> Card:
        """Takes one of `count` buttons away; where there are not so many any more, that was done before."""

        def removed(uow: UnitOfWork, content: Content) -> Content:
            if len(content.buttons) != count or not place < count:
                return content
            return replace(content, buttons=(*content.buttons[:place], *content.buttons[place + 1 :]))

        return self._change(member, broadcast_id, removed)

    # When, and how it is tried

    @reads
    def times(self, member: Member, broadcast_id: int, day: date | None = None) -> Times:
        """The days, or the hours of one of them, that can be chosen on the member's clock."""
        now = self._clock()
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
        hours = None if day is None else hours_ahead(day, now, member.zone)
        return Times(draft, days_ahead(now, member.zone), hours)

    def plan_now(self, member: Member, broadcast_id: int) -> Card:
        """It goes as soon as it is confirmed."""
        return self._plan(member, broadcast_id, lambda now: Schedule())

    def plan_at(self, member: Member, broadcast_id: int, day: date, hour: int) -> Card:
        """It goes when the member's clock shows this. Raises BroadcastRefused: past | too_far."""
        at = on_clock(day, time(hour), member.zone)
        return self._plan(member, broadcast_id, lambda now: at_moment(at, now, member.zone))

    def plan_local(self, member: Member, broadcast_id: int, day: date, hour: int) -> Card:
        """Each gets it when the own clock shows this. Raises BroadcastRefused: past | too_far."""
        return self._plan(member, broadcast_id, lambda now: at_local_hour(day, hour, now, member.zone))

    def plan_typed(self, member: Member, broadcast_id: int, given: str) -> Card:
        """As `plan_at`, with a moment as people write it. Raises BroadcastRefused: no_moment | past | too_far."""
        return self._plan(
            member, broadcast_id, lambda now: Schedule(send_at=read_moment(given, now, member.zone, member.language))
        )

    def _plan(self, member: Member, broadcast_id: int, plan: Callable[[datetime], Schedule]) -> Card:
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.lock(broadcast_id))
            schedule = replace(plan(self._clock()), valid_hours=self._programme.broadcast_hours)
            uow.broadcasts.plan(draft.id, schedule, draft.trial)
            return self._committed(uow, draft.id)

    def set_trial(self, member: Member, broadcast_id: int, trial: Trial) -> Card:
        """Sets how its wordings are compared. Raises BroadcastRefused."""
        check_trial(trial)
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.lock(broadcast_id))
            uow.broadcasts.plan(draft.id, draft.schedule, trial)
            return self._committed(uow, draft.id)

    # As it will be seen

    @reads
    def samples(self, member: Member, broadcast_id: int) -> tuple[Broadcast, Sequence[Sample]]:
        """Some of those whom it would reach."""
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            return draft, self._samples(uow, draft)

    @reads
    def try_on(self, member: Member, broadcast_id: int, member_id: int = 0) -> Trying:
        """The draft with somebody's eyes, one of the samples; 0: with one's own. Raises BroadcastRefused without
        words, and NotFound for somebody else: nobody is looked up by this."""
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            if not draft.content.text:
                raise BroadcastRefused("empty")
            samples = self._samples(uow, draft) if member_id else ()
            sample = next((sample for sample in samples if sample.member_id == member_id), None)
            if member_id and sample is None:
                raise NotFound("sample", member_id)
            points = uow.ledger.balance(member.id).available
        return Trying(draft, points, sample, new_code(self._random, NONCE_LENGTH))

    def test(self, member: Member, broadcast_id: int, variant: str, language: str, nonce: str) -> Broadcast:
        """Sends it to whoever asks, and nobody else, the way that all of them go. Once per nonce."""
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.get(broadcast_id))
            content = draft.content
            said = content.wording(variant, language)
            if not said.text:
                raise BroadcastRefused("empty")
            facts = content_as_json(replace(content, wordings={FIRST: {ORIGINAL: said}}))
            uow.outbox.add([Notice(member.id, TEST, f"{TEST}:{nonce}", facts)], self._clock())
            uow.commit()
        return draft

    def _samples(self, uow: UnitOfWork, draft: Broadcast) -> Sequence[Sample]:
        topic = draft.content.topic
        return uow.recipients.samples(draft.merchant_id, topic, draft.segment, self._clock(), limit=SAMPLES)

    # Away and back

    def delete(self, member: Member, broadcast_id: int) -> Broadcast:
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.lock(broadcast_id))
            uow.broadcasts.delete(draft.id, self._clock())
            uow.commit()
        return draft

    def restore(self, member: Member, broadcast_id: int) -> Card:
        """Takes a deletion back. The same again finds the draft. Raises BroadcastRefused when another was begun."""
        with self._units() as uow:
            broadcast = led(uow, member, uow.broadcasts.lock(broadcast_id), is_deleted_too=True)
            if broadcast.is_deleted:
                self._reopen(uow, broadcast)
            elif not broadcast.is_draft:
                raise BroadcastRefused("not_draft")
            return self._committed(uow, broadcast.id)

    def copy(self, member: Member, broadcast_id: int, *, replaces: bool = False) -> Card:
        """A new draft that says the same, to the same people, at no time yet. Raises BroadcastRefused when the member
        has a draft with words already, unless it may be overwritten."""
        now = self._clock()
        with self._units() as uow:
            old = led(uow, member, uow.broadcasts.get(broadcast_id))
            draft = uow.broadcasts.draft(old.merchant_id, member.id, now)
            if draft.id != old.id:
                if draft.content.text and not replaces:
                    raise BroadcastRefused("draft_exists", {"draft_id": draft.id})
                uow.broadcasts.write(draft.id, old.content)
                uow.broadcasts.aim(draft.id, old.segment)
                uow.broadcasts.plan(draft.id, Schedule(valid_hours=self._programme.broadcast_hours), old.trial)
            return self._committed(uow, draft.id)

    def _reopen(self, uow: UnitOfWork, broadcast: Broadcast) -> None:
        """Its author may have begun another draft meanwhile: one without words gives way."""
        other = uow.broadcasts.draft(broadcast.merchant_id, broadcast.author_id, self._clock())
        if other.content.text:
            raise BroadcastRefused("draft_exists", {"draft_id": other.id})
        uow.broadcasts.delete(other.id, self._clock())
        uow.broadcasts.reopen(broadcast.id)

    def _change(self, member: Member, broadcast_id: int, change: Callable[[UnitOfWork, Content], Content]) -> Card:
        with self._units() as uow:
            draft = draft_of(uow, member, uow.broadcasts.lock(broadcast_id))
            uow.broadcasts.write(draft.id, change(uow, draft.content))
            return self._committed(uow, draft.id)

    def _committed(self, uow: UnitOfWork, broadcast_id: int) -> Card:
        changed = found(uow.broadcasts.get(broadcast_id))
        card = Card(changed, reach(uow, changed, self._clock()))
        uow.commit()
        return card
