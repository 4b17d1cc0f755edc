from __future__ import annotations

from datetime import time

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.notifications import pages, screens
from handlers.notifications.callbacks import (
    Confirm,
    MuteShop,
    QuietAsTheClub,
    QuietFrom,
    QuietUntil,
    SaidPage,
    SentPage,
    SetOften,
    SetQuiet,
    SetTopic,
    ShopsPage,
    ShowCentre,
    ShowOften,
    ShowQuiet,
    ShowTopic,
    StopAll,
    UndoStopAll,
)
from handlers.notifications.terms import terms
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.errors import BirthdayMissing
from loyalty.members import Member
from loyalty.notifications import Said
from loyalty.ports import Run
from loyalty.services import Club

PLACE = "notifications"
TYPED = "typed"
WORDING_MAX = 200


def setup() -> Router:
    router = Router(name="notifications")
    router.message.register(notifications, Command("notifications"), flags=MEMBER)
    router.message.register(stop, Command("stop"), flags=MEMBER)
    for handler, button in (
        (centre, ShowCentre),
        (show_topic, ShowTopic),
        (set_topic, SetTopic),
        (stop_all, StopAll),
        (undo_stop_all, UndoStopAll),
        (show_quiet, ShowQuiet),
        (quiet_from, QuietFrom),
        (quiet_until, QuietUntil),
        (set_quiet, SetQuiet),
        (quiet_as_the_club, QuietAsTheClub),
        (show_often, ShowOften),
        (set_often, SetOften),
        (shops, ShopsPage),
        (mute, MuteShop),
        (sent, SentPage),
        (said, SaidPage),
        (confirm, Confirm),
    ):
        router.callback_query.register(handler, button.filter(), flags=MEMBER)
    return router


async def notifications(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _show_centre(message, member, texts, club, run)


async def centre(query: CallbackQuery, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await state.clear()
    await _show_centre(query, member, texts, club, run)


async def _show_centre(
    event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run, above: str = "", undo: int = 0
) -> None:
    seen = await run(club.notifications.centre, member)
    await show(event, screens.centre(seen, club.programme, texts, above, undo))


# Topics


async def show_topic(
    query: CallbackQuery, callback_data: ShowTopic, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.notifications.centre, member)
    await show(query, screens.topic(callback_data.topic, seen, club.programme, texts))


async def set_topic(
    query: CallbackQuery, callback_data: SetTopic, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    topic, given = callback_data.topic, callback_data.given
    wording = terms(topic, club.programme, texts) if given else screens.no_words(texts)
    try:
        answer = await run(club.members.consent, member, topic, given, plain(wording), PLACE)
    except BirthdayMissing:
        seen = await run(club.notifications.centre, member)
        await show(query, screens.topic(topic, seen, club.programme, texts))
        return
    above = screens.asked(texts) if answer is Said.ASKED else screens.changed(topic, given, texts)
    await _show_centre(query, member, texts, club, run, above)


async def stop(message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run) -> None:
    """Typed, as a command or in somebody's own words (they come as its arguments), which the log keeps."""
    wording = (command.args or f"/{command.command}")[:WORDING_MAX]
    was_on = await run(club.notifications.stop_all, member, wording, TYPED)
    await show(message, screens.stopped(was_on, texts))


async def stop_all(
    query: CallbackQuery, callback_data: StopAll, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    was_on = await run(club.notifications.stop_all, member, plain(texts("Stop everything")), PLACE)
    above = texts("Done. Nothing comes any more that you did not ask for.")
    await _show_centre(query, member, texts, club, run, above, undo=screens.as_bits(was_on) or callback_data.topics)


async def undo_stop_all(
    query: CallbackQuery, callback_data: UndoStopAll, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    topics = screens.of_bits(callback_data.topics)
    wording = plain(texts("Undo: as it was before"))
    answer = await run(club.notifications.take_stop_back, member, topics, wording, PLACE)
    above = screens.asked(texts) if answer is Said.ASKED else texts("It is as it was before.")
    await _show_centre(query, member, texts, club, run, above)


async def confirm(
    query: CallbackQuery, callback_data: Confirm, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    """The answer to the second question; an old one is asked anew."""
    topic, given = callback_data.topic, callback_data.given
    wording = terms(topic, club.programme, texts) if given else texts("No")
    answer = await run(club.notifications.confirm, member, topic, callback_data.line_id, given, plain(wording))
    if answer.question is None:
        await show(query, screens.confirmed(topic, given, texts))
        return
    above = texts("That question is not open any more, so here it is again.")
    await show(query, screens.question(topic, answer.question, club.programme, texts, above))


# Quiet hours and how often


async def show_quiet(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.notifications.centre, member)
    await show(query, screens.quiet(seen.choices, club.programme, texts))


async def quiet_from(query: CallbackQuery, callback_data: QuietFrom, texts: Texts) -> None:
    await show(query, screens.quiet_from(callback_data.is_half, texts))


async def quiet_until(query: CallbackQuery, callback_data: QuietUntil, texts: Texts) -> None:
    await show(query, screens.quiet_until(callback_data.starts, callback_data.is_half, texts))


async def set_quiet(
    query: CallbackQuery, callback_data: SetQuiet, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    hours = _time(callback_data.starts), _time(callback_data.ends)
    seen = await run(club.notifications.be_quiet, member, hours)
    await show(query, screens.quiet(seen.choices, club.programme, texts))


async def quiet_as_the_club(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.notifications.be_quiet, member, None)
    await show(query, screens.quiet(seen.choices, club.programme, texts))


async def show_often(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.notifications.centre, member)
    await show(query, screens.often(seen.choices, club.programme, texts))


async def set_often(
    query: CallbackQuery, callback_data: SetOften, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.notifications.at_most, member, callback_data.per_day, callback_data.per_week)
    await show(query, screens.often(seen.choices, club.programme, texts))


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


# Shops


async def shops(
    query: CallbackQuery, callback_data: ShopsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.shops(await run(club.notifications.shops, member, callback_data.after), texts))


async def mute(
    query: CallbackQuery, callback_data: MuteShop, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    wording = plain(screens.mute_hint(texts))
    merchant_id, is_muted = callback_data.merchant_id, callback_data.is_muted
    await run(club.notifications.mute, member, merchant_id, is_muted, wording, PLACE)
    await show(query, screens.shops(await run(club.notifications.shops, member, callback_data.after), texts))


# What was sent, and what was said


async def sent(
    query: CallbackQuery, callback_data: SentPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    page = await run(club.notifications.unasked, member, callback_data.before or None)
    await show(query, pages.sent(page, member.zone, texts))


async def said(
    query: CallbackQuery, callback_data: SaidPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    page = await run(club.notifications.log, member, callback_data.before or None)
    await show(query, pages.said(page, member.zone, texts))
