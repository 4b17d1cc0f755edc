"""How the versions of a message are compared."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import SetTrial, ShowWordings
from handlers.broadcasts.card_screens import DONE, back
from handlers.broadcasts.progress_screens import too_small_to_test
from handlers.screens import Button, Row, Screen, button
from locales.texts import Markup, Texts
from loyalty.broadcasts import TEST_HOURS, TEST_PERCENTS, TESTED_MIN, Broadcast, Method, Metric, Trial
from loyalty.services.draft_steps import Card


def trial(seen: Card, texts: Texts) -> Screen:
    draft, chosen = seen.draft, seen.draft.trial
    ways: Row = [button(texts("Versions"), ShowWordings(broadcast_id=draft.id)), *back(draft.id, texts)]
    if not draft.is_trial:
        return Screen(texts("There is one version. Write a second one, and you can test which does better."), [ways])
    lines: list[str] = [
        texts("<b>Test of versions {variants}</b>", variants=texts.listed(draft.content.variants)),
        _how(chosen, texts),
        *_warnings(seen, texts),
    ]
    return Screen(
        "\n\n".join(lines),
        [
            [_choice(draft, texts, labels.method(method, texts), method=method) for method in Method],
            [_choice(draft, texts, labels.metric(metric, texts), metric=metric) for metric in Metric],
            [_choice(draft, texts, texts("{n} %", n=percent), share=percent) for percent in TEST_PERCENTS],
            _hours(draft, texts) if chosen.has_rest else [],
            ways,
        ],
    )


def _how(chosen: Trial, texts: Texts) -> Markup:
    metric = labels.metric(chosen.metric, texts)
    if chosen.percent == 100:
        return texts(
            "Everybody gets one of them, in equal parts. The report says which did better by {metric}.", metric=metric
        )
    if chosen.method is Method.FIXED:
        return texts(
            "{percent} % get them in equal parts. After {hours} h everybody else gets the one with the most {metric}.",
            percent=chosen.percent,
            hours=chosen.hours,
            metric=metric,
        )
    return texts(
        "{percent} % get them in equal parts. Everybody else gets each version as often as it is likely to be the best "
        "one, by {metric}. Nobody waits.",
        percent=chosen.percent,
        metric=metric,
    )


def _warnings(seen: Card, texts: Texts) -> Sequence[Markup]:
    draft = seen.draft
    warnings = []
    each = draft.tested_each(seen.reach.agreed)
    if draft.is_too_small_to_test(seen.reach.agreed):
        warnings.append(Markup(f"⚠️ {too_small_to_test(texts)}"))
    elif each < TESTED_MIN:
        warnings.append(
            texts.plural(
                "⚠️ That is {n} person for each version: chance decides more than the words. Better are {most} or more.",
                "⚠️ That is {n} people for each version: chance decides more than the words. Better are {most} or more.",
                each,
                most=TESTED_MIN,
            )
        )
    if draft.trial.metric is Metric.TAPS and not draft.content.buttons:
        warnings.append(texts("⚠️ There is no button under the message, so there is nothing to tap yet."))
    return warnings


def _hours(draft: Broadcast, texts: Texts) -> Row:
    return [_choice(draft, texts, texts("{n} h", n=hours), hours=hours) for hours in TEST_HOURS]


def _choice(draft: Broadcast, texts: Texts, label: str, **other: object) -> Button:
    """The trial as it is, but for one thing."""
    now = draft.trial
    values = {"share": now.percent, "metric": now.metric, "method": now.method, "hours": now.hours}
    is_chosen = all(values[name] == value for name, value in other.items())
    return button(f"{DONE} {label}" if is_chosen else label, SetTrial(broadcast_id=draft.id, **{**values, **other}))
