from __future__ import annotations

from handlers.admin.callbacks import Admin, AskReverse, ConfirmCredit, Reverse, ShowAccount
from handlers.meant import ways_to_name
from handlers.paging import newest_and_older
from handlers.points.causes import because
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.accounts import AccountLine
from loyalty.members import Member
from loyalty.points import Balance, Kind
from loyalty.services.accounts import AccountView, CreditAgreed, Undoing, Undone
from loyalty.services.operators import Asked

BUTTONS_IN_ROW = 3


def account(seen: AccountView, operator: Member, texts: Texts) -> Screen:
    """A member's standing, and a page of transactions with their numbers; days are those of the operator's clock."""
    lines = [
        texts("<b>{name}</b> · <code>{code}</code>", name=seen.member.name, code=seen.member.code),
        *_standing(seen.balance, texts),
        "",
    ]
    lines += [_line(line, operator, texts) for line in seen.lines]
    if not seen.lines:
        lines.append(texts("Nothing here yet"))
    undo = [
        button(texts("Undo {number}", number=str(line.transaction_id)), AskReverse(transaction_id=line.transaction_id))
        for line in seen.lines
        if line.obstacle is None
    ]
    member_id = seen.member.id
    paging = newest_and_older(
        None if seen.is_first_page else ShowAccount(member_id=member_id),
        None if seen.older_than is None else ShowAccount(member_id=member_id, before=seen.older_than),
        texts,
    )
    rows = [undo[start : start + BUTTONS_IN_ROW] for start in range(0, len(undo), BUTTONS_IN_ROW)]
    return Screen("\n".join(lines), [*rows, paging, [button(texts("Admin"), Admin())]])


def question(undoing: Undoing, operator: Member, texts: Texts) -> Screen:
    """What undoing would undo, before it does."""
    lines: list[str] = [
        texts("<b>Undo this?</b>"),
        f"{texts('{name}:', name=undoing.member.name)} {_line(undoing.line, operator, texts)}",
        texts("Kind: {kind}", kind=_kind(undoing.line.movement.kind, texts)),
    ]
    if undoing.voucher is not None:
        lines.append(texts("The voucher that was given for it will no longer be good."))
    lines.append(texts("The member is told. This can be done once, and stays in the books."))
    return Screen(
        "\n".join(lines),
        [
            [
                button(texts("Undo it"), Reverse(transaction_id=undoing.line.transaction_id)),
                button(texts("Cancel"), ShowAccount(member_id=undoing.member.id)),
            ]
        ],
    )


def undone(result: Undone, texts: Texts) -> Screen:
    return Screen(
        texts.plural(
            "Undone: {points}. {name} has {balance} point.",
            "Undone: {points}. {name} has {balance} points.",
            result.balance.available,
            points=texts.signed(result.points),
            name=result.member.name,
            balance=result.balance.available,
        ),
        [[button(texts("Account"), ShowAccount(member_id=result.member.id)), button(texts("Admin"), Admin())]],
    )


def credit_agreed(agreed: CreditAgreed, texts: Texts) -> Screen:
    said = (
        texts.plural(
            "{name} can spend {n} point more than there is.",
            "{name} can spend {n} points more than there are.",
            agreed.points,
            name=agreed.member.name,
        )
        if agreed.points
        else texts("{name} has no credit line.", name=agreed.member.name)
    )
    return Screen(
        "\n".join([said, *_standing(agreed.balance, texts)]),
        [[button(texts("Account"), ShowAccount(member_id=agreed.member.id)), button(texts("Admin"), Admin())]],
    )


def ask_credit(asked: Asked, number: int, texts: Texts) -> Screen:
    said = texts.plural(
        "Let {name} spend <b>{points}</b> point more than there is? They have {balance} now.",
        "Let {name} spend <b>{points}</b> points more than there are? They have {balance} now.",
        asked.points,
        name=asked.member.name,
        points=asked.points,
        balance=asked.balance.available,
    )
    return Screen(said, [[button(texts("Confirm"), ConfirmCredit(number=number)), button(texts("Cancel"), Admin())]])


def how_to_look(texts: Texts) -> Screen:
    return _how_to(texts("Type it like this, with a member's code:"), "/ledger ABCD2345", texts, ways_to_name(texts))


def how_to_reverse(texts: Texts) -> Screen:
    return _how_to(
        texts("Type it like this, with the number of a movement; /ledger shows the numbers:"), "/reverse 1234", texts
    )


def how_to_credit(texts: Texts) -> Screen:
    return _how_to(
        texts("Type it like this: a member's code, and how many points below zero are fine (0 for none)."),
        "/credit ABCD2345 50",
        texts,
        ways_to_name(texts),
    )


def _how_to(said: str, example: str, texts: Texts, more: str = "") -> Screen:
    return Screen(f"{said}\n<code>{example}</code>\n{more}".rstrip(), [[button(texts("Admin"), Admin())]])


def _standing(balance: Balance, texts: Texts) -> list[str]:
    lines: list[str] = [
        texts(
            "{free} free · {held} set aside · {pending} on their way",
            free=balance.available,
            held=balance.held,
            pending=balance.pending,
        )
    ]
    if balance.floor:
        lines.append(texts("Credit line: {points}", points=-balance.floor))
    if balance.owed:
        lines.append(texts("Owed after refunds: {points}", points=balance.owed))
    return lines


def _line(line: AccountLine, operator: Member, texts: Texts) -> str:
    """A transaction with its number, as it has to be typed."""
    movement = line.movement
    amount, place = movement.amount, ""
    if not amount and line.pending:
        amount, place = line.pending, f" ({texts('on their way')})"
    elif not amount:
        amount, place = line.held, f" ({texts('set aside')})"
    said = (
        f"<code>{line.transaction_id}</code> <b>{texts.signed(amount)}</b>{place} {because(texts, movement)}"
        f" · {texts.date(operator.local(movement.at).date())}"
    )
    return f"{said} · {texts('undone')}" if line.is_reversed else said


def _kind(kind: Kind, texts: Texts) -> str:
    match kind:
        case Kind.EARN:
            return texts("points given")
        case Kind.COMMISSION:
            return texts("commission")
        case Kind.ADJUST:
            return texts("adjustment by the club")
        case Kind.REDEEM | Kind.CAPTURE:
            return texts("points spent")
        case _:
            return texts("Movement")
