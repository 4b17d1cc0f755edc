"""The figures of a broadcast with their names: the same in the list, the picture and the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from handlers.broadcasts import reasons
from locales.texts import Markup, Texts
from loyalty.broadcast_reports import Lead, Variant, percent
from loyalty.broadcasts import Broadcast, Method, Metric, Tally, Trial
from loyalty.members import Member
from loyalty.services.broadcast_reports import Report

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """`share` is in percent. Instead of a number there may be `minor`, an amount of money in the smallest unit of
    `currency`, or `words`."""

    name: Markup
    number: int | None = None
    share: float | None = None
    note: str = ""
    minor: int | None = None
    currency: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    figures: Sequence[Figure]
    note: str = ""


def written(share: float | None) -> str:
    """12.5 %, 100 %, –"""
    return NOTHING if share is None else f"{share:g} %"


def funnel(report: Report, texts: Texts) -> list[Figure]:
    """From whom it was for to who bought. Up to sent a share is of the recipients, from there on of those who were sent
    it."""
    way, whole = report.way, report.whole
    recipients, sent = way.recipients, whole.sent
    return [
        Figure(texts("Recipients"), recipients),
        Figure(texts("Let go by the contact rules"), way.let_go, percent(way.let_go, recipients)),
        Figure(texts("Sent"), way.sent, percent(way.sent, recipients)),
        Figure(texts.about("message", "Opened"), whole.lookers, percent(whole.lookers, sent)),
        Figure(texts("Tapped a button"), whole.tappers, percent(whole.tappers, sent)),
        Figure(texts("Redeemed"), whole.redeemers, percent(whole.redeemers, sent)),
        Figure(texts("Bought"), whole.buyers, percent(whole.buyers, sent)),
    ]


def sections(report: Report, member: Member, texts: Texts) -> list[Section]:
    """All of them; a part about which there is nothing to say is left out."""
    found = [
        Section(texts("From whom it is for to who bought"), funnel(report, texts)),
        Section(texts("Still to come"), list(_to_come(report, member, texts))),
        Section(texts("Not sent"), list(_not_sent(report, texts))),
        Section(texts("Buttons"), list(_buttons(report, texts))),
        *_effects(report, texts),
        *_wordings(report, member, texts),
    ]
    return [section for section in found if section.figures]


def in_short(broadcast: Broadcast, tally: Tally, texts: Texts) -> list[Figure]:
    """What can be said without a look at what came after."""
    found = [
        Figure(texts("Recipients"), broadcast.recipients),
        Figure(texts("Sent"), tally.sent),
        Figure(texts.about("message", "Opened"), tally.opened),
    ]
    for name, count in (
        (texts("Failed"), tally.failed),
        (texts("Perhaps arrived, perhaps not"), tally.unknown),
        (texts("Still on the way"), tally.left),
    ):
        found += [Figure(name, count)] if count else []
    return found + [Figure(reasons.not_sent(why, texts), count) for why, count in sorted(tally.suppressed.items())]


def _to_come(report: Report, member: Member, texts: Texts) -> Iterator[Figure]:
    if report.way.under_way:
        yield Figure(texts("Being sent now"), report.way.under_way)
    for one in report.way.waiting:
        note = ""
        if one.until is not None and one.until > report.now:
            note = texts("the last one until {moment}", moment=texts.moment(one.until, member.zone))
        yield Figure(reasons.waits(one.reason, texts), one.count, note=note)


def _not_sent(report: Report, texts: Texts) -> Iterator[Figure]:
    way = report.way
    for why, count in sorted(way.suppressed.items()):
        yield Figure(reasons.not_sent(why, texts), count)
    for why, count in sorted(way.failed.items()):
        yield Figure(reasons.failed(why, texts), count)
    if way.unknown:
        note = texts("the connection broke off, and a second try might have reached them twice")
        if way.unknown_opened:
            note = texts(
                "{note}; {n} tapped it, so there it arrived",
                note=note,
                n=way.unknown_opened,
            )
        yield Figure(texts("Perhaps arrived, perhaps not"), way.unknown, note=note)


def _buttons(report: Report, texts: Texts) -> Iterator[Figure]:
    for place, one in enumerate(report.broadcast.content.buttons):
        label = texts("“{label}”", label=one.labels.get(texts.language, one.label))
        count = report.taps.get(place, 0)
        yield Figure(label, count, percent(count, report.whole.sent))


def _effects(report: Report, texts: Texts) -> list[Section]:
    whole, currency = report.whole, report.currency
    if not whole.sent:
        return []
    days = texts.plural("{n} day", "{n} days", report.days)
    said = texts(
        "What came after the message at your shop, within {days} and before your next one to the same people. After it "
        "is not because of it: some would have come anyway.",
        days=days,
    )
    everybody = [
        Figure(texts("Redeemed"), whole.redeemers, percent(whole.redeemers, whole.sent)),
        Figure(texts("Vouchers"), whole.redemptions),
        Figure(texts("Points redeemed"), whole.points),
        Figure(texts("Bought"), whole.buyers, percent(whole.buyers, whole.sent)),
        Figure(texts("Purchases"), whole.purchases),
        Figure(texts("Revenue"), minor=whole.revenue_minor, currency=currency),
    ]
    lookers = [
        Figure(texts.about("message", "Opened"), whole.lookers, percent(whole.lookers, whole.sent)),
        Figure(texts("Redeemed"), whole.looking_redeemers, percent(whole.looking_redeemers, whole.lookers)),
        Figure(texts("Points redeemed"), whole.looking_points),
        Figure(texts("Bought"), whole.looking_buyers, percent(whole.looking_buyers, whole.lookers)),
        Figure(texts("Revenue"), minor=whole.looking_revenue_minor, currency=currency),
        Figure(
            texts("Points productivity"),
            share=whole.productivity,
            note=texts("of those who looked, so many redeemed"),
        ),
    ]
    return [
        Section(texts("Within {days} after it: all who got it", days=days), everybody, said),
        Section(texts("Within {days} after it: those who looked", days=days), lookers),
    ]


def _wordings(report: Report, member: Member, texts: Texts) -> Iterator[Section]:
    compared = report.comparison
    if compared is None or not report.whole.sent:
        return
    for one in compared.variants:
        yield Section(texts("Wording {name}", name=one.name), _wording(one, report, texts))
    found = [
        Figure(texts("{one} against {other}", one=compared.best, other=lead.over), words=_lead(lead, texts))
        for lead in compared.leads
    ]
    found.append(Figure(texts("What the rest gets"), words=_rest(report.broadcast.trial, member, texts)))
    yield Section(texts("Which wording is better"), found)


def _lead(lead: Lead, texts: Texts) -> Markup:
    facts = {"low": _signed(lead.interval.low), "high": _signed(lead.interval.high)}
    if lead.is_clear:
        return texts("better by {low} to {high} points of a percent", **facts)
    return texts("too early to say ({low} to {high} points of a percent)", **facts)


def _rest(trial: Trial, member: Member, texts: Texts) -> Markup:
    if trial.winner is not None:
        when = texts.moment(trial.decided_at, member.zone) if trial.decided_at is not None else NOTHING
        return texts("{name}, decided {moment}", name=trial.winner, moment=when)
    if trial.percent == 100:
        return texts("there is none, all are in the test")
    if trial.method is Method.THOMPSON:
        return texts("each as often as it is likely to be the best")
    return texts("the one that is ahead {span} after the start", span=texts.span(timedelta(hours=trial.hours)))


def _wording(one: Variant, report: Report, texts: Texts) -> list[Figure]:
    hits = texts("Redeemed") if report.broadcast.trial.metric is Metric.REDEMPTIONS else texts("Tapped a button")
    return [
        Figure(texts("Sent"), one.score.sent),
        Figure(hits, one.score.hits, percent(one.score.hits, one.score.sent)),
        Figure(texts("Share, at least"), share=points(one.interval.low)),
        Figure(texts("Share, at most"), share=points(one.interval.high)),
        Figure(texts("Chance to be the best"), share=points(one.chance)),
    ]


def _signed(share: float) -> str:
    return f"{points(share):g}".replace("-", "−")


def points(share: float) -> float:
    """A part of one in percent, with one decimal."""
    return round(100 * share, 1) + 0.0
