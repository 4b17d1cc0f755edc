from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from handlers import refusals
from handlers.forms import open_form
from handlers.notifications.screens import asked
from handlers.profile import days, places, screens
from handlers.profile.callbacks import (
    EditName,
    ForgetBirthday,
    GreetMe,
    PickBirthday,
    PickZone,
    SaveBirthday,
    ShowBirthday,
    ShowMyName,
    ShowProfile,
    TypeBirthday,
    TypeZone,
)
from handlers.profile.states import ProfileForm
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.birthdays import read_birthday
from loyalty.errors import InvalidBirthday, InvalidName, InvalidTimezone, NotFound
from loyalty.members import Address, Birthday, Calendar, Member, Topic
from loyalty.notifications import Said
from loyalty.ports import Run
from loyalty.services import Club

CHANNEL = "telegram"


def setup() -> Router:
    router = Router(name="profile")
    router.message.register(profile, Command("profile"), flags=MEMBER)
    router.callback_query.register(profile_again, ShowProfile.filter(), flags=MEMBER)
    router.callback_query.register(ask_name, EditName.filter(), flags=MEMBER)
    router.message.register(rename, StateFilter(ProfileForm.name), flags=MEMBER)
    router.callback_query.register(birthday, ShowBirthday.filter(), flags=MEMBER)
    router.callback_query.register(pick_birthday, PickBirthday.filter(), flags=MEMBER)
    router.callback_query.register(ask_birthday, TypeBirthday.filter(), flags=MEMBER)
    router.message.register(typed_birthday, StateFilter(ProfileForm.birthday), flags=MEMBER)
    router.callback_query.register(save_birthday, SaveBirthday.filter(), flags=MEMBER)
    router.callback_query.register(greet_me, GreetMe.filter(), flags=MEMBER)
    router.callback_query.register(forget_birthday, ForgetBirthday.filter(), flags=MEMBER)
    router.callback_query.register(show_name, ShowMyName.filter(), flags=MEMBER)
    router.callback_query.register(pick_zone, PickZone.filter(), flags=MEMBER)
    router.callback_query.register(ask_zone, TypeZone.filter(), flags=MEMBER)
    router.message.register(typed_zone, StateFilter(ProfileForm.zone), flags=MEMBER)
    router.my_chat_member.register(come_or_gone, flags=MEMBER)
    return router


async def profile(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _show_profile(message, member, texts, club, run)


async def profile_again(
    query: CallbackQuery, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    """Also the way out of every form."""
    await state.clear()
    await _show_profile(query, member, texts, club, run)


async def ask_name(query: CallbackQuery, state: FSMContext, texts: Texts) -> None:
    await state.set_state(ProfileForm.name)
    await show(query, screens.ask_name(texts))


async def rename(message: Message, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run) -> None:
    try:
        name = await run(club.members.rename, member, message.text or "")
    except InvalidName as refusal:
        await show(message, screens.ask_name(texts, refusals.words(texts, refusal, member.zone)))
        return
    await state.clear()
    await _show_profile(message, member, texts, club, run, above=texts("Nice to meet you, {name}.", name=name))


async def birthday(query: CallbackQuery, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await state.clear()
    seen = await run(club.members.profile, member.id)
    if seen.member.birthday is not None:
        await show(query, screens.birthday(seen, club.programme, texts))
    elif seen.locked_until is not None:
        await show(query, screens.locked(seen, texts))
    else:
        await _months(query, state, club.birthdays.calendars[0], texts, club)


async def pick_birthday(
    query: CallbackQuery, callback_data: PickBirthday, state: FSMContext, texts: Texts, club: Club
) -> None:
    await state.clear()
    calendar = _offered(callback_data.calendar, club)
    if not callback_data.month:
        await _months(query, state, calendar, texts, club)
        return
    chosen = Birthday(callback_data.month, callback_data.day or 1, calendar)
    if callback_data.day:
        await show(query, screens.confirm_birthday(chosen, club.programme, texts))
    else:
        await _open_birthday(state, calendar)
        await show(query, screens.days_of(calendar, chosen.month, texts))


async def ask_birthday(
    query: CallbackQuery, callback_data: TypeBirthday, state: FSMContext, texts: Texts, club: Club
) -> None:
    calendar = _offered(callback_data.calendar, club)
    await _open_birthday(state, calendar)
    await show(query, screens.ask_birthday(calendar, texts))


async def typed_birthday(message: Message, state: FSMContext, member: Member, texts: Texts, club: Club) -> None:
    calendar = Calendar((await state.get_data()).get("calendar", Calendar.SOLAR))
    try:
        chosen = read_birthday(message.text or "", calendar, member.language)
    except InvalidBirthday as refusal:
        await show(message, screens.ask_birthday(calendar, texts, refusals.words(texts, refusal, member.zone)))
        return
    await state.clear()
    await show(message, screens.confirm_birthday(chosen, club.programme, texts))


async def save_birthday(
    query: CallbackQuery, callback_data: SaveBirthday, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    chosen = Birthday(callback_data.month, callback_data.day, _offered(callback_data.calendar, club))
    wording = plain(screens.greeting_terms(club.programme, texts))
    said = await run(club.members.celebrate, member, chosen, wording)
    above: str = texts("Noted: {day}.", day=days.birthday(texts, chosen))
    if said is Said.ASKED:
        above = f"{above}\n{asked(texts)}"
    await _show_profile(query, member, texts, club, run, above=above)


async def greet_me(
    query: CallbackQuery, callback_data: GreetMe, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    wording = screens.greeting_terms(club.programme, texts) if callback_data.on else texts("No greeting, please")
    said = await run(club.members.consent, member, Topic.BIRTHDAY, callback_data.on, plain(wording), "birthday")
    await _show_profile(query, member, texts, club, run, above=asked(texts) if said is Said.ASKED else "")


async def forget_birthday(
    query: CallbackQuery, callback_data: ForgetBirthday, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if not callback_data.is_sure:
        await show(query, screens.ask_forget_birthday(await run(club.members.profile, member.id), texts))
        return
    await run(club.members.forget_birthday, member, plain(texts("Yes, remove it")))
    await _show_profile(query, member, texts, club, run, above=texts("Your birthday is removed."))


async def show_name(
    query: CallbackQuery, callback_data: ShowMyName, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await run(club.members.show_name, member, callback_data.on)
    await _show_profile(query, member, texts, club, run)


async def pick_zone(
    query: CallbackQuery,
    callback_data: PickZone,
    state: FSMContext,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    await state.clear()
    if not callback_data.name:
        seen = await run(club.members.profile, member.id)
        await show(query, screens.zones(seen.now, seen.member.timezone, club.programme.timezone, texts))
        return
    await run(club.members.move, member, callback_data.name)
    await _show_profile(query, member, texts, club, run)


async def ask_zone(query: CallbackQuery, state: FSMContext, texts: Texts) -> None:
    await state.set_state(ProfileForm.zone)
    await show(query, screens.ask_zone(texts))


async def typed_zone(message: Message, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run) -> None:
    try:
        await run(club.members.move, member, places.zone_meant(message.text or ""))
    except InvalidTimezone as refusal:
        await show(message, screens.ask_zone(texts, refusals.words(texts, refusal, member.zone)))
        return
    await state.clear()
    await _show_profile(message, member, texts, club, run)


async def come_or_gone(event: ChatMemberUpdated, club: Club, run: Run) -> None:
    """Somebody blocked the bot, or lets it write again. What happens to it in groups is not about a member."""
    if event.chat.type == ChatType.PRIVATE:
        is_here = event.new_chat_member.status not in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)
        await run(club.members.set_reachable, Address(CHANNEL, str(event.from_user.id)), is_here)


async def _show_profile(
    event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run, *, above: str = ""
) -> None:
    await show(event, screens.profile(await run(club.members.profile, member.id), texts, above))


async def _months(query: CallbackQuery, state: FSMContext, calendar: Calendar, texts: Texts, club: Club) -> None:
    """The day can be tapped, or typed at once."""
    await _open_birthday(state, calendar)
    await show(query, screens.months(calendar, club.birthdays.calendars, texts))


async def _open_birthday(state: FSMContext, calendar: Calendar) -> None:
    await open_form(state, ProfileForm.birthday, calendar=calendar.value)


def _offered(calendar: Calendar, club: Club) -> Calendar:
    """The calendar of a button. Raises NotFound for one that this club does not know (any more)."""
    if calendar not in club.birthdays.calendars:
        raise NotFound("calendar", calendar)
    return calendar
