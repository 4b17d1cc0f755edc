"""The privacy page, by topic. What it lists stands in `facts`, where a test holds it to the truth."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.help.callbacks import Contact
from handlers.notifications.callbacks import ShowCentre
from handlers.privacy.callbacks import Privacy, PrivacyOn, PrivacyTopic
from handlers.privacy.facts import Kept, Seen, kept, seen
from handlers.profile.callbacks import ShowProfile
from handlers.screens import Button, Screen, button
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.programme import Programme

MESSAGES_KEPT_HOURS = 48  # what people type and tap


def privacy(programme: Programme, texts: Texts) -> Screen:
    """The short of it, and the ways to the long."""
    return Screen(
        "\n\n".join(
            [
                texts("<b>What {club} keeps about you</b>", club=programme.club),
                texts(
                    "In short: your name, your points, and what you bought, got and chose here. At the till a shop "
                    "sees your first name, your tier, and what concerns you and this shop. Offers come only after a "
                    "yes, and /stop ends them at once."
                ),
                _contact(programme, texts),
            ]
        ),
        [
            [_to(PrivacyTopic.KEPT, texts), _to(PrivacyTopic.SEEN, texts)],
            [_to(PrivacyTopic.TIME, texts), _to(PrivacyTopic.RIGHTS, texts)],
            [button(texts("Notifications"), ShowCentre()), button(texts("Profile"), ShowProfile())],
            [button(texts("Home"), Home())],
        ],
    )


def on(topic: PrivacyTopic, programme: Programme, texts: Texts) -> Screen:
    """One topic, and the ways to the other ones."""
    lines: Sequence[str]
    match topic:
        case PrivacyTopic.KEPT:
            lines = [_point(kept(fact, texts)) for fact in Kept]
        case PrivacyTopic.SEEN:
            lines = _who_sees(programme, texts)
        case PrivacyTopic.TIME:
            lines = _how_long(texts)
        case PrivacyTopic.RIGHTS:
            lines = _rights(programme, texts)
    others = [_to(other, texts) for other in PrivacyTopic if other is not topic]
    contact = [button(texts("Contact"), Contact())] if topic is PrivacyTopic.RIGHTS else []
    return Screen(
        "\n".join([texts("<b>{title}</b>", title=_title(topic, texts)), "", *lines]),
        [contact, others[:2], others[2:], [button(texts("Privacy"), Privacy()), button(texts("Home"), Home())]],
    )


def _who_sees(programme: Programme, texts: Texts) -> list[str]:
    return [
        texts("<b>A shop, at its till:</b>"),
        *(_point(seen(fact, texts)) for fact in Seen),
        texts(
            "It never sees your phone number, your balance, the day of your birthday, or what you do at other shops."
        ),
        texts("When a shop writes to its customers it sees how many it reaches, not whom."),
        "",
        texts("<b>Other members:</b>"),
        _point(
            texts(
                "In group buys they see how many take part; your first name only if you say so in /profile. The shop "
                "sees the first name of whoever opened a group."
            )
        ),
        _point(texts("A friend whom you invite sees your name. Neither of you sees the other's points.")),
        _point(texts("In group chats nobody's points are shown.")),
        _point(texts("If you work at a shop, its owner sees your first name and what you are there.")),
        *(
            [_point(texts("Whoever you send points to sees your first name, and you see theirs."))]
            if programme.has_transfers
            else []
        ),
        "",
        texts("<b>Who runs the club</b> can look up all of it, to help you and to keep the books right."),
        texts("Your messenger carries what is written here, and can read it."),
    ]


def _how_long(texts: Texts) -> list[str]:
    return [
        _point(
            texts.plural(
                "What you type and tap here: {n} hour, then it is gone.",
                "What you type and tap here: {n} hours, then it is gone.",
                MESSAGES_KEPT_HOURS,
            )
        ),
        _point(texts("A form that you have not finished: until you finish or leave it.")),
        _point(texts("Phone number, birthday and favourites: until you remove them.")),
        _point(texts("Which offer was picked for you on a day: about two weeks.")),
        _point(
            texts(
                "Points, purchases, vouchers, messages, and every yes and no: as long as the club runs, because they "
                "are its books. Points that expire stay in the books as expired."
            )
        ),
    ]


def _rights(programme: Programme, texts: Texts) -> list[str]:
    return [
        _point(texts("Look: /profile, /points, /statement, /vouchers, /notifications show what is kept.")),
        _point(texts("Correct: name, birthday and time zone in /profile, your phone number in /card.")),
        _point(texts("Stop: /stop ends everything that you did not ask for.")),
        _point(
            texts(
                "Have a copy of all of it, or have it deleted: people do that, not I; there is no button for it here. "
                "Ask them."
            )
        ),
        "",
        _contact(programme, texts),
    ]


def _contact(programme: Programme, texts: Texts) -> Markup:
    if programme.contact:
        return texts("Questions about it: {contact}", contact=programme.contact)
    return texts("Questions about it: ask the staff of a shop, who know the people that run the club.")


def _title(topic: PrivacyTopic, texts: Texts) -> Markup:
    match topic:
        case PrivacyTopic.KEPT:
            return texts("What we keep")
        case PrivacyTopic.SEEN:
            return texts("Who sees what")
        case PrivacyTopic.TIME:
            return texts("How long")
        case PrivacyTopic.RIGHTS:
            return texts("Your rights")


def _to(topic: PrivacyTopic, texts: Texts) -> Button:
    return button(_title(topic, texts), PrivacyOn(topic=topic))


def _point(words: Markup) -> Markup:
    return Markup(f"– {words}")
