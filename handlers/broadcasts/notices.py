from __future__ import annotations

from collections.abc import Callable

from handlers.broadcasts import labels, screens
from handlers.broadcasts.callbacks import CopyToDraft, ShowApproval, ShowStanding
from handlers.broadcasts.form_letters import FormLetter
from handlers.broadcasts.reading import Reader
from handlers.links import Links
from handlers.screens import Button, Screen, button
from locales.texts import Texts
from loyalty.broadcasts import Metric, content_from_json
from loyalty.deliveries import Delivery


def broadcast(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """The courier brings the letter, since it keeps it for the next one."""
    letter: FormLetter = delivery.facts["letter"]
    return letter.screen(delivery.id, _reader(delivery))


def test(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """A draft for its author alone, whose buttons do nothing."""
    content = content_from_json(delivery.facts)
    return screens.message(content, texts, screens.PREVIEW, reader=_reader(delivery))


def _reader(delivery: Delivery) -> Reader:
    return Reader(delivery.first_name, delivery.tier, delivery.points)


def done(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts.plural(
            "Your message from {shop} is out. {n} person has it.",
            "Your message from {shop} is out. {n} people have it.",
            delivery.facts["sent"],
            shop=labels.shop_of(delivery.facts, texts),
        ),
        [[button(texts("Report"), ShowStanding(broadcast_id=delivery.facts["broadcast_id"]))]],
    )


def decided(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    said = {
        "shop": labels.shop_of(facts, texts),
        "variant": facts["winner"],
        "metric": labels.metric(Metric(facts["metric"]), texts),
    }
    lines: list[str] = [
        texts(
            "Your test for {shop} is decided: version <b>{variant}</b> did best, by {metric}. The rest gets that one.",
            **said,
        )
        if facts.get("is_sure")
        else texts(
            "Your test for {shop} is over, and by {metric} no version is clearly better. The rest gets version "
            "<b>{variant}</b>.",
            **said,
        )
    ]
    lines += [
        texts("{variant}: {hits} of {sent}", variant=variant, hits=hits, sent=sent)
        for variant, (sent, hits) in sorted(facts["scores"].items())
    ]
    return Screen("\n".join(lines), [[_standing(delivery, texts)]])


def missed(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    said = texts(
        "Your message from {shop} could not start at its time, and now it would come too late. Nobody has got it.",
        shop=labels.shop_of(delivery.facts, texts),
    )
    return Screen(said, [[_copy(delivery, texts)]])


def approved(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    said = texts("The operator has approved your message from {shop}.", shop=labels.shop_of(delivery.facts, texts))
    return Screen(said, [[_standing(delivery, texts)]])


def declined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    said = texts(
        "The operator has declined your message from {shop}: “{reason}” Nobody has got it.",
        shop=labels.shop_of(delivery.facts, texts),
        reason=delivery.facts["reason"],
    )
    return Screen(said, [[_copy(delivery, texts)]])


def approval_wanted(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """For an operator."""
    said = texts(
        "{shop} wants to write to its customers, and waits for your yes or no.",
        shop=labels.shop_of(delivery.facts, texts),
    )
    return Screen(said, [[button(texts("Look at it"), ShowApproval(broadcast_id=delivery.facts["broadcast_id"]))]])


def _standing(delivery: Delivery, texts: Texts) -> Button:
    return button(texts("How it stands"), ShowStanding(broadcast_id=delivery.facts["broadcast_id"]))


def _copy(delivery: Delivery, texts: Texts) -> Button:
    return button(texts("Use as a new draft"), CopyToDraft(broadcast_id=delivery.facts["broadcast_id"]))


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "broadcast": broadcast,
    "broadcast_test": test,
    "broadcast_done": done,
    "broadcast_decided": decided,
    "broadcast_missed": missed,
    "broadcast_approved": approved,
    "broadcast_declined": declined,
    "approval_wanted": approval_wanted,
}
