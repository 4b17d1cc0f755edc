from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from handlers import names
from handlers.notifications.callbacks import (
    HALF_HOUR,
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
from handlers.paging import first_and_more
from handlers.profile.callbacks import ShowBirthday, ShowProfile
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.members import Topic
from loyalty.merchants import said_in
from loyalty.notifications import PER_DAY, PER_WEEK, Choices, ShopChoice
from loyalty.programme import Programme
from loyalty.services import notifications as service
from loyalty.services.notifications import Centre

TOPICS_A_ROW = 2
HOURS_A_ROW = 6
DAY = 24 * 60


def centre(seen: Centre, programme: Programme, texts: Texts, above: str = "", undo: int = 0) -> Screen:
    """What comes and what does not. `undo`: the topics that were stopped just now, a bit each."""
    on = [topic for topic in Topic if topic in seen.agreed]
    rows: list[Row] = [[button(texts("Undo: as it was before"), UndoStopAll(topics=undo))]] if undo else []
    rows += [
        [_topic_button(topic, seen, texts) for topic in pair]
        for pair in (list(Topic)[:2], list(Topic)[2:4], list(Topic)[4:])
    ]
    rows += [
        [button(texts("Quiet hours"), ShowQuiet()), button(texts("How often"), ShowOften())],
        [button(texts("Shops"), ShopsPage()), button(texts("What I was sent"), SentPage())],
        [button(texts("What I said yes to"), SaidPage())],
        [button(texts("Stop everything"), StopAll(topics=as_bits(on)))] if on else [],
        [button(texts("Profile"), ShowProfile()), button(texts("Home"), Home())],
    ]
    return Screen("\n".join(summary(seen, programme, texts)), rows).below(above)


def summary(seen: Centre, programme: Programme, texts: Texts) -> list[str]:
    """In plain words, for the member and for the operator."""
    lines: list[str] = [
        texts("<b>What comes, and what does not</b>"),
        "",
        texts("Always: what happens to your own points, vouchers and group buys, because you need to know it."),
        "",
        texts("Only after a yes:"),
        *(_topic_line(topic, seen, texts) for topic in Topic),
        "",
        quiet_words(seen.choices, programme, texts),
        often_words(seen.choices, programme, texts),
    ]
    if seen.muted:
        lines.append(texts.plural("Nothing comes from {n} shop.", "Nothing comes from {n} shops.", seen.muted))
    return lines


def _topic_line(topic: Topic, seen: Centre, texts: Texts) -> Markup:
    title = names.topic_title(texts, topic)
    if topic not in seen.agreed:
        return texts("– {topic}: no", topic=title)
    since = texts.date(seen.member.local(seen.agreed[topic]).date())
    return texts("✓ {topic}: yes, since {date}", topic=title, date=since)


def _topic_button(topic: Topic, seen: Centre, texts: Texts) -> Button:
    title = names.topic_title(texts, topic)
    return button(f"✓ {title}" if topic in seen.agreed else title, ShowTopic(topic=topic))


def as_bits(topics: Iterable[Topic]) -> int:
    return sum(1 << list(Topic).index(topic) for topic in topics)


def of_bits(bits: int) -> list[Topic]:
    return [topic for place, topic in enumerate(Topic) if bits >> place & 1]


def stopped(was_on: Sequence[Topic], texts: Texts) -> Screen:
    """After a stop that was typed."""
    undo = [button(texts("Undo"), UndoStopAll(topics=as_bits(was_on)))] if was_on else []
    return Screen(
        texts(
            "Stopped. Nothing comes any more that you did not ask for. Only what happens to your own points, vouchers "
            "and group buys I still tell you."
        ),
        [[*undo, button(texts("Choose"), ShowCentre())], [button(texts("Home"), Home())]],
    )


def topic(topic: Topic, seen: Centre, programme: Programme, texts: Texts) -> Screen:
    """What a yes means, before it is given; for a greeting one needs a birthday first."""
    title = names.topic_title(texts, topic)
    lines: list[str] = [texts("<b>{topic}</b>", topic=title), terms(topic, programme, texts)]
    if topic in seen.agreed:
        lines.append(_topic_line(topic, seen, texts))
        ways = [button(no_words(texts), SetTopic(topic=topic, given=False))]
    elif topic is Topic.BIRTHDAY and seen.member.birthday is None:
        lines.append(texts("For that we need to know the day."))
        ways = [button(texts("Enter my birthday"), ShowBirthday())]
    else:
        ways = [button(texts("Yes, please"), SetTopic(topic=topic, given=True))]
    return Screen("\n\n".join(lines), [ways, _back(texts)])


def no_words(texts: Texts) -> Markup:
    return texts("No more of this")


def changed(topic: Topic, given: bool, texts: Texts) -> Markup:
    """What stands above the centre after a yes or a no."""
    title = names.topic_title(texts, topic)
    return texts("{topic}: yes from now on.", topic=title) if given else texts("{topic}: no more.", topic=title)


def asked(texts: Texts) -> Markup:
    """After a yes, in a club that asks twice."""
    return texts("We have sent you a message that asks once more. Your yes counts when you tap Yes there.")


def question(topic: Topic, line_id: int, programme: Programme, texts: Texts, above: str = "") -> Screen:
    """The second question."""
    return Screen(
        "\n\n".join(
            [
                texts("Please confirm: you want to get <b>{topic}</b>.", topic=names.topic(texts, topic)),
                terms(topic, programme, texts),
                texts("If you did not ask for this, do nothing or tap No."),
            ]
        ),
        [
            [
                button(texts("Yes, I confirm"), Confirm(topic=topic, line_id=line_id, given=True)),
                button(texts("No"), Confirm(topic=topic, line_id=line_id, given=False)),
            ]
        ],
    ).below(above)


def confirmed(topic: Topic, given: bool, texts: Texts) -> Screen:
    return Screen(changed(topic, given, texts), [_back(texts)])


# Quiet hours


def quiet(choices: Choices, programme: Programme, texts: Texts) -> Screen:
    is_own = choices.quiet_from is not None
    rows: list[Row] = [
        [button(texts("Other hours"), QuietFrom())],
        [button(texts("Never quiet"), SetQuiet(starts=0, ends=0))],
        [button(texts("Club default"), QuietAsTheClub())] if is_own else [],
    ]
    lines = [
        texts("<b>Quiet hours</b>"),
        quiet_words(choices, programme, texts),
        texts("What would come then waits until they are over. What is of no use any more by then does not come."),
    ]
    return Screen("\n\n".join(lines), [*rows, _back(texts)])


def quiet_words(choices: Choices, programme: Programme, texts: Texts) -> Markup:
    starts, ends = choices.quiet(programme)
    if starts == ends:
        return texts("Quiet hours: never")
    said = {"starts": clock(starts, texts), "ends": clock(ends, texts)}
    if choices.quiet_from is None:
        return texts("Quiet from {starts} to {ends} (club default)", **said)
    return texts("Quiet from {starts} to {ends}", **said)


def quiet_from(is_half: bool, texts: Texts) -> Screen:
    buttons = [button(clock(_time(minute), texts), QuietUntil(starts=minute)) for minute in _minutes(is_half)]
    return _hours(texts("From when shall it be quiet?"), buttons, QuietFrom(is_half=not is_half), is_half, texts)


def quiet_until(starts: int, is_half: bool, texts: Texts) -> Screen:
    buttons = [
        button(clock(_time(minute), texts), SetQuiet(starts=starts, ends=minute))
        for minute in _minutes(is_half)
        if minute != starts
    ]
    text = texts("Quiet from {starts}. Until when?", starts=clock(_time(starts), texts))
    return _hours(text, buttons, QuietUntil(starts=starts, is_half=not is_half), is_half, texts)


def _hours(text: str, buttons: Sequence[Button], others: QuietFrom | QuietUntil, is_half: bool, texts: Texts) -> Screen:
    return Screen(
        text,
        [
            *(buttons[start : start + HOURS_A_ROW] for start in range(0, len(buttons), HOURS_A_ROW)),
            [button(texts("Whole hours") if is_half else texts("Half hours"), others)],
            [button(texts("Cancel"), ShowQuiet())],
        ],
    )


def _minutes(is_half: bool) -> range:
    return range(HALF_HOUR if is_half else 0, DAY, 60)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def clock(at: time, texts: Texts) -> str:
    """A time of the day as people write it."""
    return texts.clock(datetime.combine(date(2026, 1, 1), at, tzinfo=UTC), ZoneInfo("UTC"))


# How often


def often(choices: Choices, programme: Programme, texts: Texts) -> Screen:
    per_day, per_week = choices.often(programme)
    days = [button(_marked(texts("{n} a day", n=n), n == per_day), SetOften(per_day=n)) for n in PER_DAY]
    weeks = [button(_marked(texts("{n} a week", n=n), n == per_week), SetOften(per_week=n)) for n in PER_WEEK]
    is_own = choices.per_day is not None or choices.per_week is not None
    lines = [
        texts("<b>How often</b>"),
        often_words(choices, programme, texts),
        texts("All shops and the club count together. If several wait, the one that fits you best comes first."),
    ]
    return Screen(
        "\n\n".join(lines),
        [
            days,
            weeks[:3],
            weeks[3:],
            [button(texts("Club default"), SetOften())] if is_own else [],
            _back(texts),
        ],
    )


def often_words(choices: Choices, programme: Programme, texts: Texts) -> Markup:
    per_day, per_week = choices.often(programme)
    if choices.per_day is None and choices.per_week is None:
        return texts("At most {day} a day and {week} a week (club default)", day=per_day, week=per_week)
    return texts("At most {day} a day and {week} a week", day=per_day, week=per_week)


def _marked(label: str, is_chosen: bool) -> str:
    return f"✓ {label}" if is_chosen else label


# Shops


def shops(page: service.ShopsPage, texts: Texts) -> Screen:
    if not page.shops and not page.after_id:
        return Screen(
            texts("No shop has written to you yet. When one has, you can silence it here, and only that one."),
            [_back(texts)],
        )
    lines = [
        texts("<b>Shops</b>"),
        texts("Here are those that have written to you."),
        mute_hint(texts),
    ]
    rows = [[_shop_button(shop, page.after_id, texts)] for shop in page.shops]
    paging = first_and_more(
        ShopsPage() if page.after_id else None, ShopsPage(after=page.next_id) if page.next_id else None, texts
    )
    return Screen("\n\n".join(lines), [*rows, paging, _back(texts)])


def _shop_button(shop: ShopChoice, after_id: int, texts: Texts) -> Button:
    name = shortened(said_in(texts.language, shop.translations, "name", shop.name))
    to = MuteShop(merchant_id=shop.merchant_id, is_muted=not shop.is_muted, after=after_id)
    return button(mute_words(name, shop.is_muted, texts), to)


def mute_hint(texts: Texts) -> Markup:
    """What a tap does, which the log keeps."""
    return texts("Tap one, and it writes to you no more. Tap it again, and it may.")


def mute_words(shop: str, is_muted: bool, texts: Texts) -> Markup:
    return texts("🔕 {shop}: silent", shop=shop) if is_muted else texts("🔔 {shop}: may write", shop=shop)


def _back(texts: Texts) -> Row:
    return [button(texts("Notifications"), ShowCentre()), button(texts("Home"), Home())]
