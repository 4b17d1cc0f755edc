"""What became of a broadcast: in short, in full, drawn, and as a file. One list of figures serves them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import Compose, CopyToDraft, History, ShowStanding
from handlers.broadcasts.figures import Figure, Section, funnel, in_short, points, sections, written
from handlers.broadcasts.report_callbacks import GetFigures, ShowFigures, ShowPicture
from handlers.broadcasts.titles import title_of
from handlers.pictures.charts import ChartsUnavailable
from handlers.pictures.outcomes import Span, Stage, outcome
from handlers.screens import Document, Row, Screen, button, plain, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts, decimals_of
from loyalty.broadcasts import Broadcast, Standing
from loyalty.members import Member
from loyalty.services.broadcast_reports import Report
from loyalty.sheets import Cell, csv_file, money_cell


def short(seen: Standing, texts: Texts) -> Screen:
    """When it is over, at a glance; the rest is a tap away."""
    broadcast, tally = seen.broadcast, seen.tally
    assert tally is not None, "whoever asks after it is over gets the tally"
    lines = [*_heading(broadcast, texts), "", *(_line(figure, texts) for figure in in_short(broadcast, tally, texts))]
    return Screen("\n".join(lines), ways(broadcast, texts))


def full(report: Report, member: Member, texts: Texts) -> Screen:
    lines = _heading(report.broadcast, texts)
    if not report.broadcast.state.is_over:
        lines.append(_so_far(report, member, texts))
    for section in sections(report, member, texts):
        lines += ["", texts("<b>{title}</b>", title=section.title)]
        lines += [_line(figure, texts) for figure in section.figures]
        lines += [texts("<i>{note}</i>", note=section.note)] if section.note else []
    if not report.way.recipients:
        lines += ["", texts("Nobody is on the list yet: recipients are fixed when it starts.")]
    return Screen("\n".join(lines), ways(report.broadcast, texts))


def drawn(report: Report, member: Member, texts: Texts, picture: bytes) -> Screen:
    lines = _heading(report.broadcast, texts)
    if not report.broadcast.state.is_over:
        lines.append(_so_far(report, member, texts))
    return Screen("\n".join(lines), ways(report.broadcast, texts), picture=picture)


def draw(report: Report, texts: Texts) -> bytes | None:
    """Takes a while: not for the event loop. None without the extra `charts`; the list has to do."""
    stages = [
        Stage(plain(one.name), one.number or 0, "" if one.share is None else written(one.share))
        for one in funnel(report, texts)
    ]
    compared = report.comparison
    spans = [
        Span(
            plain(texts("Wording {name}", name=one.name)),
            points(one.interval.low),
            points(one.score.share),
            points(one.interval.high),
        )
        for one in (compared.variants if compared is not None else ())
    ]
    content = report.broadcast.content
    title = f"{labels.shop(content, texts)} · {shortened(labels.words_of(content.text), labels.LINE)}"
    try:
        return outcome(title, stages, spans, plain(texts("Nobody has got it yet")))
    except ChartsUnavailable:
        return None


def sheet(report: Report, member: Member, texts: Texts) -> Document:
    """A line per figure. Nobody's name is in it."""
    head = (texts("Part"), texts("Figure"), texts("Number"), texts("Percent"), texts("Remark"))
    rows: list[Sequence[Cell]] = [[plain(title) for title in head]]
    for section in sections(report, member, texts):
        rows += [_row(section, figure, texts) for figure in section.figures]
    return Document(f"broadcast-{report.broadcast.id}.csv", csv_file(rows))


def caption(report: Report, member: Member, texts: Texts) -> Screen:
    """What stands under the file."""
    said = [*_heading(report.broadcast, texts), _so_far(report, member, texts)]
    return Screen("\n".join(said), [[button(texts("Figures"), ShowFigures(broadcast_id=report.broadcast.id))]])


def ways(broadcast: Broadcast, texts: Texts) -> list[Row]:
    of_broadcast, of_shop = {"broadcast_id": broadcast.id}, {"merchant_id": broadcast.merchant_id}
    is_over = broadcast.state.is_over
    back = [] if is_over else [button(texts("Back"), ShowStanding(**of_broadcast))]
    return [
        [
            button(texts("Figures"), ShowFigures(**of_broadcast)),
            button(texts("Picture"), ShowPicture(**of_broadcast)),
            button(texts("CSV"), GetFigures(**of_broadcast)),
        ],
        [button(texts("Use as a new draft"), CopyToDraft(**of_broadcast))] if is_over else [],
        [button(texts("New message"), Compose(**of_shop)), button(texts("Sent before"), History(**of_shop))],
        [*back, button(texts("Home"), Home())],
    ]


def _heading(broadcast: Broadcast, texts: Texts) -> list[str]:
    return [title_of(broadcast, texts), labels.quoted(labels.known_by(broadcast.content, texts), texts)]


def _so_far(report: Report, member: Member, texts: Texts) -> Markup:
    return texts("As it stands {moment}", moment=texts.moment(report.now, member.zone))


def _line(figure: Figure, texts: Texts) -> str:
    return " · ".join([texts("{name}: {value}", name=figure.name, value=_value(figure, texts)), *_rest(figure)])


def _value(figure: Figure, texts: Texts) -> str:
    if figure.words:
        return figure.words
    if figure.minor is not None:
        return texts.money(figure.minor, figure.currency)
    return texts("<b>{value}</b>", value=written(figure.share) if figure.number is None else figure.number)


def _rest(figure: Figure) -> Iterator[str]:
    if figure.number is not None and figure.share is not None:
        yield written(figure.share)
    if figure.note:
        yield figure.note


def _row(section: Section, figure: Figure, texts: Texts) -> Sequence[Cell]:
    number: Cell = "" if figure.number is None else figure.number
    if figure.minor is not None:
        number = money_cell(figure.minor, decimals_of(figure.currency))
    share = "" if figure.share is None else f"{figure.share:.1f}"
    remark = figure.words or figure.note or figure.currency
    return [plain(section.title), plain(figure.name), number, share, plain(remark)]
