"""What was sent and what was said, in words: for the member, and read only for the operator."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from aiogram.filters.callback_data import CallbackData

from handlers import names
from handlers.admin.callbacks import Admin
from handlers.footers import shop_of
from handlers.meant import ways_to_name
from handlers.notifications.callbacks import (
    ContactsCard,
    ContactsSaid,
    ContactsSent,
    SaidPage,
    SentPage,
    ShowCentre,
)
from handlers.notifications.screens import summary
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.contact_policy import Reason
from loyalty.deliveries import DeliveryState
from loyalty.merchants import said_in
from loyalty.notifications import Consent, Unasked
from loyalty.programme import Programme
from loyalty.services.notifications import Audit, LogPage, UnaskedPage

To = Callable[[int], CallbackData]
WORDING_MAX = 500


def sent(page: UnaskedPage, zone: ZoneInfo, texts: Texts, *, is_audit: bool = False) -> Screen:
    lines: list[str] = [
        texts("<b>What we sent you, and why</b>"),
        *(_message(one, zone, texts) for one in page.messages),
    ]
    if not page.messages:
        lines.append(texts("Nothing yet."))
    member_id = page.member.id

    def to(before: int) -> CallbackData:
        return ContactsSent(member_id=member_id, before=before) if is_audit else SentPage(before=before)

    return Screen("\n\n".join(lines), [_paging(page, to, texts), _back(page, is_audit, texts)])


def said(page: LogPage, zone: ZoneInfo, texts: Texts, *, is_audit: bool = False) -> Screen:
    lines: list[str] = [texts("<b>Every yes and no, in the words that were shown</b>")]
    lines += [_line(one, zone, texts) for one in page.lines]
    if not page.lines:
        lines.append(texts("Nothing yet."))
    member_id = page.member.id

    def to(before: int) -> CallbackData:
        return ContactsSaid(member_id=member_id, before=before) if is_audit else SaidPage(before=before)

    return Screen("\n\n".join(lines), [_paging(page, to, texts), _back(page, is_audit, texts)])


def audit(seen: Audit, programme: Programme, zone: ZoneInfo, texts: Texts) -> Screen:
    """How the club writes to a member; days and times are those of the operator's clock, quiet hours the member's."""
    member = seen.centre.member
    head = texts("<b>{name}</b> · <code>{code}</code>", name=member.name, code=member.code)
    lines: list[str] = [head, "\n".join(summary(seen.centre, programme, texts))]
    if not member.is_reachable:
        lines.append(texts("Cannot be reached: the chat is blocked or gone."))
    lines += [texts("<b>Said last</b>"), *(_line(one, zone, texts) for one in seen.lines[:1])]
    lines += [texts("<b>Sent last</b>"), *(_message(one, zone, texts) for one in seen.messages)]
    return Screen(
        "\n\n".join(lines),
        [
            [
                button(texts("Every yes and no"), ContactsSaid(member_id=member.id)),
                button(texts("What was sent"), ContactsSent(member_id=member.id)),
            ],
            [button(texts("Admin"), Admin())],
        ],
    )


def how_to_audit(texts: Texts) -> Screen:
    said = texts("Type it like this, with a member's code:")
    more = ways_to_name(texts)
    return Screen(f"{said}\n<code>/contacts ABCD2345</code>\n{more}", [[button(texts("Admin"), Admin())]])


def _message(message: Unasked, zone: ZoneInfo, texts: Texts) -> str:
    about = [texts.moment(message.at, zone)]
    if shop := shop_of(message, texts):
        about.append(texts("{shop}", shop=shop))
    if message.topic is not None:
        about.append(names.topic(texts, message.topic))
    return f"{' · '.join(about)}\n{decision(message, zone, texts)}"


def decision(message: Unasked, zone: ZoneInfo, texts: Texts) -> Markup:
    """What became of a message, and why."""
    match message.state:
        case DeliveryState.SENT if message.is_opened:
            return texts("Sent, because you had said yes, and you tapped it.")
        case DeliveryState.SENT:
            return texts("Sent, because you had said yes.")
        case DeliveryState.SENDING:
            return texts("On its way, because you have said yes.")
        case DeliveryState.UNKNOWN:
            return texts("Perhaps sent: the line broke at that moment. It is not sent twice.")
        case DeliveryState.FAILED:
            return texts("Not sent: it did not get through.")
        case DeliveryState.QUEUED:
            return _waiting(message, texts.moment(message.at, zone), texts)
        case DeliveryState.SUPPRESSED:
            return _dropped(message.reason, texts)


def _waiting(message: Unasked, until: str, texts: Texts) -> Markup:
    match message.reason:
        case Reason.QUIET_HOURS:
            return texts("Waits until {at}, because it is quiet time.", at=until)
        case Reason.ONE_A_DAY:
            return texts("Waits until {at}, because enough came today.", at=until)
        case Reason.FEW_A_WEEK:
            return texts("Waits until {at}, because enough came this week.", at=until)
        case Reason.SELDOM:
            return texts("Waits until {at}, because the last ones were not tapped.", at=until)
        case _:
            return texts("Waits for its turn.")


def _dropped(reason: str, texts: Texts) -> Markup:
    match reason:
        case Reason.NO_CONSENT:
            return texts("Not sent, because there was no yes to it.")
        case Reason.MUTED_SHOP:
            return texts("Not sent, because this shop was silenced.")
        case Reason.QUIET_HOURS:
            return texts("Not sent: after the quiet hours it would have been too late.")
        case Reason.ONE_A_DAY:
            return texts("Not sent: enough had come that day, and a day later it would have been too late.")
        case Reason.FEW_A_WEEK:
            return texts("Not sent: enough had come that week, and later it would have been too late.")
        case Reason.SELDOM | Reason.LOST_INTEREST:
            return texts("Not sent, because the last ones were not tapped.")
        case Reason.UNREACHABLE | "blocked":
            return texts("Not sent, because the chat was blocked.")
        case Reason.TOO_LATE | "deadline":
            return texts("Not sent: it was too late for it.")
        case "cancelled":
            return texts("Not sent: the shop called it off.")
        case _:
            return texts("Not sent.")


def _line(line: Consent, zone: ZoneInfo, texts: Texts) -> str:
    head: list[str] = [texts.moment(line.at, zone), _what(line, texts)]
    if place := _place(line.place, texts):
        head.append(place)
    head.append(texts("version {n}", n=line.version))
    return f"{' · '.join(head)}\n<i>{texts('“{words}”', words=shortened(line.wording, WORDING_MAX))}</i>"


def _what(line: Consent, texts: Texts) -> Markup:
    if line.shop is not None:
        shop = said_in(texts.language, line.translations, "name", line.shop)
        return texts("yes to {shop}", shop=shop) if line.is_given else texts("no to {shop}", shop=shop)
    topic = names.topic(texts, line.topic)
    if line.is_question:
        return texts("yes to {topic}, asked once more", topic=topic)
    return texts("yes to {topic}", topic=topic) if line.is_given else texts("no to {topic}", topic=topic)


def _place(place: str, texts: Texts) -> Markup | None:
    match place.partition(":")[0]:
        case "message":
            return texts("under a message")
        case "confirmation":
            return texts("in the second question")
        case "typed":
            return texts("typed in the chat")
        case "notifications":
            return texts("under /notifications")
        case "offers":
            return texts("under /offers")
        case "birthday" | "profile":
            return texts("under /profile")
        case _:
            return None


def _paging(page: UnaskedPage | LogPage, to: To, texts: Texts) -> Row:
    newest = None if page.is_first else to(0)
    return newest_and_older(newest, None if page.older_than is None else to(page.older_than), texts)


def _back(page: UnaskedPage | LogPage, is_audit: bool, texts: Texts) -> Row:
    if is_audit:
        return [button(texts("Back"), ContactsCard(member_id=page.member.id)), button(texts("Admin"), Admin())]
    return [button(texts("Notifications"), ShowCentre()), button(texts("Home"), Home())]
