"""A movement explained: where its points came from, or what has become of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handlers.points.callbacks import ListMovements
from handlers.points.causes import because, named
from handlers.rewards.titles import last_day
from handlers.screens import Screen, button, plain
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.members import Member
from loyalty.movements import LotPart, Subject, Why
from loyalty.points import Kind

PARTS_SHOWN = 8  # who checks in daily spends from dozens of lots at once
FUNDED = (Kind.EARN, Kind.CONFIRM, Kind.COMMISSION, Kind.ADJUST, Kind.TRANSFER)
SPENT = (Kind.REDEEM, Kind.CAPTURE, Kind.ADJUST, Kind.TRANSFER)
TAKEN_BACK = (Kind.REFUND, Kind.REVERSE)


def why(seen: Why, back: ListMovements, member: Member, texts: Texts) -> Screen:
    movement = seen.movement
    when = member.local(movement.at)
    blocks: list[list[str]] = [
        [f"<b>{texts.signed(movement.amount)}</b>  {because(texts, movement)}"],
        [
            f"{texts.date(when.date())}, {texts.clock(movement.at, member.zone)}",
            texts("Done by {who}", who=_who(seen, texts)),
            *_shops(seen, texts),
        ],
        _came_in(seen, member, texts) if seen.opened_lots else _moved(seen, member, texts),
        _afterwards(seen, texts),
        [
            texts("Points after this: {points}", points=seen.balance_after),
            texts("Number for questions: {number}", number=str(seen.transaction_id)),
        ],
    ]
    return Screen(
        "\n\n".join("\n".join(block) for block in blocks if block),
        [[button(texts("« Back"), back), button(texts("Home"), Home())]],
    )


def _who(seen: Why, texts: Texts) -> str:
    movement = seen.movement
    role, _, number = seen.actor.partition(":")
    if seen.actor == f"member:{seen.member_id}":
        return texts("you")
    if movement.kind is Kind.TRANSFER and movement.subject is not None:
        return movement.subject.name
    if number and role in ("member", "staff") and movement.merchant is not None:
        return named(texts, movement.merchant)
    if number:
        return texts("the club's team")
    return texts("the club, by itself")


def _shops(seen: Why, texts: Texts) -> list[str]:
    """Who paid for points that came in; where points were spent."""
    movement = seen.movement
    if movement.amount > 0 and movement.kind in FUNDED:
        funders: list[Subject | None] = [movement.merchant]
        if seen.parts:
            funders = [part.funder for part in seen.parts]
        names = {plain(texts("the club")) if funder is None else named(texts, funder): None for funder in funders}
        return [texts("Paid for by {who}", who=texts.listed(names))]
    if movement.amount < 0 and movement.merchant is not None and movement.kind not in TAKEN_BACK:
        return [texts("At {shop}", shop=named(texts, movement.merchant))]
    return []


def _came_in(seen: Why, member: Member, texts: Texts) -> list[str]:
    """Until when they are good, and what has become of them."""
    lines: list[str] = []
    if seen.filled:
        lines.append(texts("{points} of them filled what was below zero.", points=seen.filled))

    def good_until(part: LotPart) -> str:
        day = last_day(part.expires_at, texts)
        return texts.plural(
            "{points} point, good until {date}",
            "{points} points, good until {date}",
            part.points,
            points=part.points,
            date=day,
        )

    lines += _listed(seen.parts, good_until, texts)
    if not seen.parts:
        return lines
    spent, gap = _left_as(seen, *SPENT), _left_as(seen, Kind.RELEASE)
    expired, taken_back = _left_as(seen, Kind.EXPIRE), _left_as(seen, *TAKEN_BACK)
    left = sum(part.left for part in seen.parts)
    fates = [
        *([texts("{points} spent", points=spent)] if spent else []),
        *([texts("{points} expired", points=expired)] if expired else []),
        *([texts("{points} taken back", points=taken_back)] if taken_back else []),
        *([texts("{points} filled what was below zero", points=gap)] if gap else []),
        *([texts("{points} still there", points=left)] if left else []),
    ]
    return [*lines, texts("Of these: {fates}", fates=texts.listed(fates))]


def _moved(seen: Why, member: Member, texts: Texts) -> list[str]:
    """Which lots the points came out of, or went back into."""
    lines: list[str] = []
    if seen.parts:
        lines.append(texts("They came from:") if seen.movement.amount < 0 else texts("They went back to:"))

    def origin(part: LotPart) -> str:
        return texts(
            "{points} from: {cause}, {date} · good until {until}",
            points=abs(part.points),
            cause=because(texts, part.origin),
            date=texts.date(member.local(part.opened_at).date()),
            until=last_day(part.expires_at, texts),
        )

    lines += _listed(seen.parts, origin, texts)
    if seen.filled:
        lines.append(texts("{points} of them filled what was below zero.", points=seen.filled))
    if seen.on_credit:
        lines.append(
            texts.plural(
                "{points} of them is owed: your next points fill that first.",
                "{points} of them are owed: your next points fill that first.",
                seen.on_credit,
                points=seen.on_credit,
            )
        )
    return lines


def _afterwards(seen: Why, texts: Texts) -> list[str]:
    lines: list[str] = []
    match seen.hold_state:
        case "held":
            lines.append(texts("They are still set aside: spent when the group is complete, yours again if not."))
        case "captured":
            lines.append(texts("They were spent when the group was complete."))
        case "released":
            lines.append(texts("They came back to you."))
    if seen.reverses_id is not None:
        lines.append(texts("This undoes number {number}.", number=str(seen.reverses_id)))
    if seen.refunds_id is not None:
        lines.append(texts("This takes back points of number {number}.", number=str(seen.refunds_id)))
    if seen.reversed_by is not None:
        lines.append(texts("This was undone by number {number}.", number=str(seen.reversed_by)))
    if seen.refunded:
        lines.append(texts("Taken back since by refunds: {points}", points=seen.refunded))
    return lines


def _listed(parts: Sequence[LotPart], line: Callable[[LotPart], str], texts: Texts) -> list[str]:
    lines = [f"• {line(part)}" for part in parts[:PARTS_SHOWN]]
    if more := parts[PARTS_SHOWN:]:
        points = sum(abs(part.points) for part in more)
        lines.append(
            "• "
            + texts.plural(
                "{points} more in {n} other lot", "{points} more in {n} other lots", len(more), points=points
            )
        )
    return lines


def _left_as(seen: Why, *kinds: Kind) -> int:
    return sum(seen.spent.get(kind, 0) for kind in kinds)
