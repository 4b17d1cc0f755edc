"""What stands below a preview: with whose eyes it is looked at, and ways to look otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.broadcasts.callbacks import Preview, PreviewAs, SendTest, ShowSamples
from handlers.broadcasts.card_screens import DONE, back
from handlers.broadcasts.reading import Reader
from handlers.screens import Row, Screen, button
from locales.texts import LANGUAGES, Texts
from loyalty.broadcasts import ORIGINAL, Broadcast
from loyalty.members import Language, Member
from loyalty.segments import Sample
from loyalty.services.drafts import Trying


def tried(seen: Trying, variant: str, language: str, texts: Texts) -> Screen:
    """`language`: of the reader. Each button keeps what it does not change."""
    draft, sample = seen.draft, seen.sample
    member_id = sample.member_id if sample is not None else 0
    of_look = {"broadcast_id": draft.id, "variant": variant, "language": language, "member": member_id}
    said = (
        texts("This is how you would see it.")
        if sample is None
        else texts("This is how {who} would see it.", who=_who(sample, texts))
    )
    languages = [
        button(
            f"{DONE} {LANGUAGES[each]}" if each.value == language else LANGUAGES[each],
            PreviewAs(**{**of_look, "language": each.value}),
        )
        for each in Language
    ]
    variants = [
        button(
            f"{DONE} {each}" if each == variant else texts("Version {variant}", variant=each),
            PreviewAs(**{**of_look, "variant": each}),
        )
        for each in draft.content.variants
    ]
    test = SendTest(broadcast_id=draft.id, variant=variant, language=language, nonce=seen.nonce)
    return Screen(
        said,
        [
            languages,
            variants if draft.is_trial else [],
            [
                button(texts("As a member"), ShowSamples(broadcast_id=draft.id)),
                button(texts("Send me a test"), test),
            ],
            back(draft.id, texts),
        ],
    )


def samples(draft: Broadcast, found: Sequence[Sample], texts: Texts) -> Screen:
    rows: list[Row] = [
        [
            button(
                _who(each, texts),
                PreviewAs(broadcast_id=draft.id, variant="A", language=each.language.value, member=each.member_id),
            )
        ]
        for each in found
    ]
    said = (
        texts("With whose eyes? These are some of those whom it would reach. You see no more of them than this.")
        if found
        else texts("It would reach nobody yet, so there is nobody with whose eyes to look.")
    )
    return Screen(said, [*rows, [button(texts("As yourself"), Preview(broadcast_id=draft.id))], back(draft.id, texts)])


def reader(seen: Trying, member: Member) -> Reader:
    """Of somebody else, the name is not given away: its first letter stands for it."""
    if seen.sample is None:
        return Reader(member.first_name, member.tier, seen.points)
    return Reader(f"{seen.sample.initial}…", seen.sample.tier, seen.sample.points)


def language_of(seen: Trying, member: Member, language: str) -> str:
    if language != ORIGINAL:
        return language
    return (seen.sample.language if seen.sample is not None else member.language).value


def _who(sample: Sample, texts: Texts) -> str:
    return texts(
        "{initial}… · {tier} · {language}",
        initial=sample.initial,
        tier=names.tier(texts, sample.tier),
        language=LANGUAGES[sample.language],
    )
