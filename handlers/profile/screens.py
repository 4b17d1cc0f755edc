from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers import names
from handlers.notifications.callbacks import ShowCentre
from handlers.offers.callbacks import OffersConsent, SetOffers
from handlers.profile import days, places
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
from handlers.screens import Button, Row, Screen, button
from handlers.start.callbacks import Home, PickLanguage
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.members import NAME_MAX, Birthday, Calendar, Member, Topic
from loyalty.programme import Programme
from loyalty.services.members import Profile

MONTHS_A_ROW = 4
DAYS_A_ROW = 7
LUNAR_DAYS = 30
SOLAR_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def profile(seen: Profile, texts: Texts, above: str = "") -> Screen:
    """What the club knows of a member; `above` says what has just changed."""
    member = seen.member
    takes_offers = member.agrees_to(Topic.OFFERS)
    lines: list[str] = [above, ""] if above else []
    lines += [
        texts("<b>Your profile</b>"),
        texts("Name: {name}", name=member.name),
        _birthday_line(seen, texts),
        texts(
            "Time zone: {place}, where it is {time} now",
            place=places.city(texts, member.timezone),
            time=texts.clock(seen.now, member.zone),
        ),
        texts("Language: {language}", language=LANGUAGES[member.language]),
        texts("Offers: yes, please") if takes_offers else texts("Offers: none"),
        texts("Group buys: the others see your first name")
        if member.shows_name
        else texts("Group buys: the others do not see your name"),
        texts(
            "{medal} {tier}, with us since {date}",
            medal=names.tier_medal(member.tier),
            tier=names.tier(texts, member.tier),
            date=texts.date(member.local(member.joined_at).date()),
        ),
    ]
    offers = (
        button(texts("Stop offers"), SetOffers(on=False))
        if takes_offers
        else button(texts("Get offers"), OffersConsent())
    )
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Name"), EditName()), button(texts("Birthday"), ShowBirthday())],
            [button(texts("Time zone"), PickZone()), button(texts("Language"), PickLanguage())],
            [_name_in_group_buys(member, texts)],
            [offers, button(texts("Notifications"), ShowCentre())],
            [button(texts("Home"), Home())],
        ],
    )


def _name_in_group_buys(member: Member, texts: Texts) -> Button:
    if member.shows_name:
        return button(texts("Hide my first name in group buys"), ShowMyName(on=False))
    return button(texts("Show my first name in group buys"), ShowMyName(on=True))


def ask_name(texts: Texts, wrong: str = "") -> Screen:
    ask = texts("What shall we call you? Type a name of 1 to {most} characters.", most=NAME_MAX)
    return _form(ask, texts, wrong)


def birthday(seen: Profile, programme: Programme, texts: Texts) -> Screen:
    """The birthday that is known, and what can be done with it."""
    day = seen.member.birthday
    assert day is not None, "who has none picks one"
    greets = seen.member.agrees_to(Topic.BIRTHDAY)
    lines = [_birthday_line(seen, texts)]
    if not greets:
        lines.append(greeting_terms(programme, texts))  # what the button below would turn on
    rows: list[Row] = []
    if seen.locked_until is None:
        rows.append([button(texts("Change"), PickBirthday(calendar=day.calendar))])
    else:
        lines.append(
            texts("A birthday can be changed once a year, next on {date}.", date=texts.date(seen.locked_until))
        )
    label = texts("No greeting, please") if greets else texts("Greet me on my birthday")
    rows.append([button(label, GreetMe(on=not greets)), button(texts("Remove"), ForgetBirthday())])
    return Screen("\n".join(lines), [*rows, _back(texts)])


def months(calendar: Calendar, calendars: Sequence[Calendar], texts: Texts) -> Screen:
    buttons = [
        button(days.month(texts, calendar, number), PickBirthday(calendar=calendar, month=number))
        for number in range(1, 13)
    ]
    text = (
        texts("In which month of the lunar calendar is your birthday?")
        if calendar is Calendar.LUNAR
        else texts("In which month is your birthday? Nobody asks for the year.")
    )
    others = [
        button(_calendar(texts, other), PickBirthday(calendar=other)) for other in calendars if other is not calendar
    ]
    return Screen(
        text,
        [
            *_grid(buttons, MONTHS_A_ROW),
            others,
            [button(texts("Type it"), TypeBirthday(calendar=calendar))],
            _back(texts),
        ],
    )


def days_of(calendar: Calendar, month: int, texts: Texts) -> Screen:
    longest = LUNAR_DAYS if calendar is Calendar.LUNAR else SOLAR_DAYS[month - 1]
    buttons = [
        button(days.day_of_month(texts, calendar, day), PickBirthday(calendar=calendar, month=month, day=day))
        for day in range(1, longest + 1)
    ]
    text = texts("{month}, and which day?", month=days.month(texts, calendar, month))
    other = [button(texts("Another month"), PickBirthday(calendar=calendar))]
    return Screen(text, [*_grid(buttons, DAYS_A_ROW), other, _back(texts)])


def ask_birthday(calendar: Calendar, texts: Texts, wrong: str = "") -> Screen:
    ask = (
        texts("Type month and day of the lunar calendar, such as 8-15 or 八月十五.")
        if calendar is Calendar.LUNAR
        else texts("Type day and month, such as 24 Dec. Nobody asks for the year.")
    )
    return _form(ask, texts, wrong)


def confirm_birthday(day: Birthday, programme: Programme, texts: Texts) -> Screen:
    """What saving means, before it is done; these words are what the member agrees to."""
    lines = [
        texts("<b>{day}</b>: is that right?", day=days.birthday(texts, day)),
        "",
        greeting_terms(programme, texts),
    ]
    if day.calendar is Calendar.SOLAR and (day.month, day.day) == (2, 29):
        stands_in = (3, 1) if programme.is_leap_day_in_march else (2, 28)
        lines.append(texts("In other years we greet you on {day}.", day=texts.month_day(*stands_in)))
    if day.calendar is Calendar.LUNAR and day.day == LUNAR_DAYS:
        lines.append(texts("When the month is short, we greet you on its last day."))
    chosen = {"calendar": day.calendar, "month": day.month, "day": day.day}
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Save, and greet me"), SaveBirthday(**chosen))],
            [button(texts("Another day"), PickBirthday(calendar=day.calendar)), button(texts("Cancel"), ShowProfile())],
        ],
    )


def greeting_terms(programme: Programme, texts: Texts) -> Markup:
    """What a member says yes to with a birthday."""
    return texts.plural(
        "On the morning of that day you get a greeting from us, once a year. "
        "{points} point comes "
        "with it if you told us at least {days} days before. "
        "The day can be changed once a year, and the greeting turned off at any time.",
        "On the morning of that day you get a greeting from us, once a year. "
        "{points} points come "
        "with it if you told us at least {days} days before. "
        "The day can be changed once a year, and the greeting turned off at any time.",
        programme.birthday_points,
        points=programme.birthday_points,
        days=programme.birthday_notice_days,
    )


def ask_forget_birthday(seen: Profile, texts: Texts) -> Screen:
    lines = [texts("Remove your birthday? Then there is no greeting and no gift.")]
    if seen.locked_until is not None:
        lines.append(texts("You could enter one again on {date}.", date=texts.date(seen.locked_until)))
    rows = [[button(texts("Yes, remove it"), ForgetBirthday(is_sure=True)), button(texts("Cancel"), ShowProfile())]]
    return Screen("\n".join(lines), rows)


def locked(seen: Profile, texts: Texts) -> Screen:
    assert seen.locked_until is not None, "only then it is locked"
    return Screen(
        texts("A birthday can be changed once a year, next on {date}.", date=texts.date(seen.locked_until)),
        [_back(texts)],
    )


def zones(now: datetime, current: str, home: str, texts: Texts) -> Screen:
    """Likely places with the time there, so that people know theirs when they see it; `home` is where the club is."""
    likely = dict.fromkeys((current, home, *places.LIKELY[texts.language]))
    buttons = [
        button(
            f"{'✓ ' if zone == current else ''}{places.city(texts, zone)} · {texts.clock(now, ZoneInfo(zone))}",
            PickZone(name=zone),
        )
        for zone in likely
    ]
    return Screen(
        texts("Where are you? Then greetings and offers come in your morning, not in the night."),
        [*_grid(buttons, 2), [button(texts("Another city"), TypeZone())], _back(texts)],
    )


def ask_zone(texts: Texts, wrong: str = "") -> Screen:
    return _form(texts("Type a large city near you, such as Taipei or Berlin."), texts, wrong)


def _birthday_line(seen: Profile, texts: Texts) -> Markup:
    member = seen.member
    if member.birthday is None:
        return texts("Birthday: not given")
    day = days.birthday(texts, member.birthday)
    if member.agrees_to(Topic.BIRTHDAY):
        return texts("Birthday: {day}, with a greeting", day=day)
    return texts("Birthday: {day}, without a greeting", day=day)


def _calendar(texts: Texts, calendar: Calendar) -> Markup:
    return texts("Chinese lunar calendar") if calendar is Calendar.LUNAR else texts("Solar calendar")


def _form(ask: str, texts: Texts, wrong: str) -> Screen:
    return Screen(f"{wrong}\n\n{ask}" if wrong else ask, [[button(texts("Cancel"), ShowProfile())]])


def _back(texts: Texts) -> list[Button]:
    return [button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())]


def _grid(buttons: Sequence[Button], width: int) -> list[Sequence[Button]]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]
