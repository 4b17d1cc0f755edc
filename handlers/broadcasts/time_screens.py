"""When a draft goes out."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.broadcasts import labels
from handlers.broadcasts.callbacks import PickDay, PickHour, PlanAt, PlanNow, ShowTimes, TypeMoment
from handlers.broadcasts.card_screens import back
from handlers.screens import Row, Screen, button
from locales.texts import Texts
from loyalty.broadcasts import Broadcast
from loyalty.services.drafts import Times

IN_A_ROW = 4


def times(draft: Broadcast, zone: ZoneInfo, texts: Texts) -> Screen:
    of_draft = {"broadcast_id": draft.id}
    return Screen(
        "\n".join(
            [
                texts("<b>When shall it go out?</b>"),
                texts("Now it says: {when}.", when=labels.when(draft.schedule, zone, texts)),
                "",
                texts("Your clock: {zone}. Whoever has quiet hours then gets it after them.", zone=zone.key),
            ]
        ),
        [
            [button(texts("As soon as I say so"), PlanNow(**of_draft))],
            [button(texts("At a time on my clock"), PickDay(**of_draft, is_local=False))],
            [button(texts("At an hour on each member's clock"), PickDay(**of_draft, is_local=True))],
            [button(texts("Type day and time"), TypeMoment(**of_draft))],
            back(draft.id, texts),
        ],
    )


def days(seen: Times, is_local: bool, zone: ZoneInfo, texts: Texts) -> Screen:
    of_draft = {"broadcast_id": seen.draft.id, "is_local": is_local}
    buttons = [button(texts.weekday(day), PickHour(**of_draft, day=day.toordinal())) for day in seen.days]
    said = texts("On which day?") if is_local else texts("On which day, by your clock ({zone})?", zone=zone.key)
    ways = [button(texts("Back"), ShowTimes(broadcast_id=seen.draft.id))]
    return Screen(said, [*_in_rows(buttons, 2), ways])


def hours(seen: Times, is_local: bool, zone: ZoneInfo, texts: Texts) -> Screen:
    assert seen.hours is not None, "a day was chosen"
    day = seen.hours.day
    of_draft = {"broadcast_id": seen.draft.id, "is_local": is_local}
    buttons = [button(f"{hour}:00", PlanAt(**of_draft, day=day.toordinal(), hour=hour)) for hour in seen.hours.hours]
    said = (
        texts("{day}: at which hour on each member's clock?", day=texts.weekday(day))
        if is_local
        else texts("{day}: at which hour, by your clock ({zone})?", day=texts.weekday(day), zone=zone.key)
    )
    if not buttons:
        said = texts("That day is over. Choose another one.")
    return Screen(said, [*_in_rows(buttons, IN_A_ROW), [button(texts("Back"), PickDay(**of_draft))]])


def ask_moment(draft_id: int, zone: ZoneInfo, texts: Texts, complaint: str = "") -> Screen:
    asked = texts("Type day and time by your clock ({zone}), like {example}.", zone=zone.key, example=_example(texts))
    return Screen(asked, [[button(texts("Cancel"), ShowTimes(broadcast_id=draft_id))]]).below(complaint)


def _example(texts: Texts) -> str:
    return "6月3日 18:30" if texts.language.startswith("zh") else "3 June 18:30"


def _in_rows(buttons: Row, most: int) -> list[Row]:
    return [buttons[start : start + most] for start in range(0, len(buttons), most)]
