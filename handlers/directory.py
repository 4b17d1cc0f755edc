"""Finds the feature for an update by one lookup: command, callback prefix, open form, deep link or inline query.

aiogram asks handler after handler; with a hundred features that walk costs more than the answer. Here each feature is
an ordinary aiogram router, and what its handlers listen to is read off their filters once, at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aiogram import Bot, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.enums import ChatType
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InaccessibleMessage,
    InlineQuery,
    Message,
    TelegramObject,
)

from handlers.filters import (
    Albums,
    AmongMany,
    DeepLink,
    Moved,
    Recognised,
    Searched,
    Shared,
    has_link,
    is_service,
    parse_start,
)
from handlers.forms import Form
from handlers.roles import MEMBER
from handlers.words.wishes import STOP, whole_wish, wish


class Directory(Router):
    """The club's one router.

    In a group chat only the features named in `public` answer; the others are between the member and the bot.
    As a guest in somebody else's bot (`is_guest`) it leaves alone what is not the club's: unknown commands, foreign
    deep links, free text and stickers outside of its forms, and `commands_without`, which are the host's. At home the
    `catch_all` feature answers those. Buttons that reach a guest are the club's: who brings them has seen to it.
    """

    def __init__(
        self,
        features: Iterable[Router],
        catch_all: Router,
        forms: BaseStorage,
        *,
        public: frozenset[str] = frozenset(),
        is_guest: bool = False,
        commands_without: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(name="club")
        self.catch_all, self.forms, self.is_guest = catch_all, forms, is_guest
        self.public = public
        self._commands: dict[str, Router] = {}
        self._links: dict[str, Router] = {}
        self._buttons: dict[str, Router] = {}
        self._states: dict[str, Router] = {}
        self._queries: dict[str, Router] = {}
        self._others: dict[str, Router] = {}  # update types that one feature alone listens to
        self._among_many: dict[str, Router] = {}  # the same, where it happens in a chat of many
        self._albums = Albums()
        self._moves: Router | None = None  # groups that tell their new id
        self._recognising: Router | None = None  # what staff type without being asked
        self.reserved: set[str] = set()  # commands of staff and operators
        self.edited_message.register(_left_alone)  # so that aiogram's polling asks Telegram for edits
        for feature in [*features, catch_all]:
            self.include_router(feature)
            self._index(feature)
        for command in commands_without:
            self._commands.pop(command, None)

    @property
    def commands(self) -> frozenset[str]:
        return frozenset(self._commands)

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        is_message = update_type == "message"
        if update_type == "edited_message":
            return await self._take_again(event, kwargs)
        if isinstance(event, Message) and (
            _is_for_another_bot(event, kwargs["bot"]) or _is_nobodys_word(event) or not self._albums.is_first(event)
        ):
            return UNHANDLED
        kwargs.update(event_router=self)
        found: tuple[Router | None, TelegramObject] | None = None
        if self.is_guest or not is_message or not _is_in_private(event):
            found = await self._find(update_type, event, kwargs)
            # In a group people talk to each other, and what is not the club's is the host's.
            if found[0] is None and (is_message or (self.is_guest and update_type != "callback_query")):
                return UNHANDLED

        async def enter(entered: TelegramObject, **data: Any) -> Any:
            # One's own chat may have a form open, which the database knows; if it is away, the middlewares apologise.
            feature, entered = found or await self._find(update_type, entered, data)
            if feature is not None and feature.name not in self.public and not _is_in_private(entered):
                feature = None  # one's own matters are for one's own chat; the catch-all says so
            return await self._ask(feature, update_type, entered, data)

        return await self.observers[update_type].wrap_outer_middleware(enter, event=event, data=kwargs)

    async def _take_again(self, event: TelegramObject, kwargs: dict[str, Any]) -> Any:
        """An answer was edited that the open form took last: it counts as typed again. Any other edit is nobody's."""
        if not isinstance(event, Message) or event.chat.type != ChatType.PRIVATE or command_of(event) is not None:
            return UNHANDLED
        state = self._form(event, kwargs["bot"])
        before = None if state is None else await state.took(event.message_id)
        feature = None if before is None else self._states.get(before.state or "", self._recognising)
        if state is None or before is None or feature is None:
            return UNHANDLED
        await state.go_back(before)
        kwargs.update(event_router=self, state=state, raw_state=before.state)

        async def enter(entered: TelegramObject, **data: Any) -> Any:
            return await self._ask(feature, "message", entered, data)

        return await self.observers["message"].wrap_outer_middleware(enter, event=event, data=kwargs)

    async def lead_on(self, query: CallbackQuery, data: dict[str, Any]) -> Any:
        """Hands a tap on to whoever the button is of that its data names now; `data` is what handlers are handed."""
        feature, event = await self._find("callback_query", query, data)
        return await self._ask(feature, "callback_query", event, data)

    async def hear_anew(self, message: Message, data: dict[str, Any]) -> Any:
        """Hands a message on that was no answer to the form in which it was typed; the form is left."""
        state: Form = data["state"]
        await state.clear()
        return await self.hear(message, data)

    async def hear(self, message: Message, data: dict[str, Any]) -> Any:
        """Handles a message as if it came now; `data` is what handlers are handed."""
        feature, event = await self._find("message", message, data)
        return await self._ask(feature, "message", event, data)

    async def _ask(self, feature: Router | None, update_type: str, event: TelegramObject, data: dict[str, Any]) -> Any:
        asked = feature or self.catch_all
        try:
            response = await asked.propagate_event(update_type, event, **data)
        finally:
            if isinstance(event, Message) and isinstance(form := data.get("state"), Form):
                await form.note()
        if self.is_guest and isinstance(event, Message) and command_of(event) in self.reserved:
            return response  # not for this role: the command may be one of the host's as well
        if response is UNHANDLED and asked is not self.catch_all and feature is not None:
            # Ours by its prefix but none of our buttons (a tampered or outdated one), or not for this role.
            return await self.catch_all.propagate_event(update_type, event, **data)
        return response

    async def _find(
        self, update_type: str, event: TelegramObject, data: dict[str, Any]
    ) -> tuple[Router | None, TelegramObject]:
        """Whose event it is, None if nobody's, and the event as they see it. Adds the open form to `data`."""
        match event:
            case Message() if update_type == "message":
                if not self.is_guest and command_of(event) is None and _wish(event, whole_wish) == STOP:
                    event = _as_command(event, STOP)  # a form that is open does not keep anybody from stopping
                feature = await self._for_message(event, data)
                is_free = feature is None and event.chat.type == ChatType.PRIVATE and data.get("raw_state") is None
                by_staff = is_free and bool(data.get("posts")) and command_of(event) is None
                if by_staff and has_link(event):
                    return self._recognising, event  # its "start" is no wish
                if feature is None and not self.is_guest:
                    line = _wish(event, wish)
                    if (wished := self._commands.get(line.partition(" ")[0])) is not None:
                        await _leave(data)
                        return wished, _as_command(event, line)
                if by_staff:
                    feature = self._recognising
                return feature, event
            case CallbackQuery():
                if event.message is not None:
                    data["state"] = self.form(data["bot"], event.message.chat.id, event.from_user.id)
                return self._buttons.get((event.data or "").partition(":")[0]), event
            case InlineQuery():
                prefix = event.query.partition("_")[0]
                return self._queries.get(prefix) or (None if self.is_guest else self._queries.get("")), event
            case ChatMemberUpdated() if event.chat.type != ChatType.PRIVATE:
                return self._among_many.get(update_type), event
            case _:
                return self._others.get(update_type), event

    async def _for_message(self, message: Message, data: dict[str, Any]) -> Router | None:
        if message.migrate_to_chat_id is not None:
            return self._moves
        command = command_of(message)
        feature: Router | None = None
        if command is not None:
            link = parse_start(message.text) if command == "start" else None
            feature = self._links.get(link[0]) if link else None
            if feature is None and not (link and self.is_guest):
                feature = self._commands.get(command)
        state = self._form(message, data["bot"]) if message.chat.type == ChatType.PRIVATE else None
        raw_state = left = await state.look() if state is not None else None
        if raw_state is not None and state is not None:
            if command is not None:
                await state.clear()  # who sends a command has left the form
                raw_state = None
            else:
                feature = self._states.get(raw_state)
        data.update(state=state, raw_state=raw_state, left=left)
        return feature

    def _form(self, message: Message, bot: Bot) -> Form | None:
        if message.from_user is None:
            return None
        return self.form(bot, message.chat.id, message.from_user.id, message.message_id)

    def form(self, bot: Bot, chat_id: int, user_id: int, message_id: int | None = None) -> Form:
        """The form that somebody has open in a chat; `message_id` is what they have just typed into it."""
        return Form(self.forms, StorageKey(bot_id=bot.id, chat_id=chat_id, user_id=user_id), message_id)

    def _index(self, feature: Router) -> None:
        for update_type, observer in feature.observers.items():
            for handler in observer.handlers:
                listens_to = list(_filters(handler))
                is_among_many = any(isinstance(listened, AmongMany) for listened in listens_to)
                (self._among_many if is_among_many else self._others).setdefault(update_type, feature)
                for listened in listens_to:
                    self._note(listened, feature)
                    if handler.flags.get("role") not in (None, MEMBER["role"]) and isinstance(listened, Command):
                        self.reserved.update(map(str, listened.commands))

    def _note(self, listened: object, feature: Router) -> None:
        match listened:
            case Command():
                listened.ignore_case = True  # phones begin a line with a capital: /Points is found here, and has to fit
                for command in listened.commands:
                    _claim(self._commands, str(command), feature)
            case DeepLink():
                _claim(self._links, listened.prefix, feature)
            case CallbackQueryFilter():
                _claim(self._buttons, listened.callback_data.__prefix__, feature)
            case Shared():
                _claim(self._queries, listened.prefix, feature)
            case Searched():
                _claim(self._queries, "", feature)
            case Moved():
                self._moves = feature
            case Recognised():
                self._recognising = feature
            case StateFilter():
                for state in listened.states:
                    if isinstance(state, State) and state.state is not None:
                        _claim(self._states, state.state, feature)
            case _:
                pass


def _claim(index: dict[str, Router], key: str, feature: Router) -> None:
    owner = index.setdefault(key, feature)
    if owner is not feature:
        raise ValueError(f"{key!r} belongs to {owner.name}, and {feature.name} wants it too")


def _filters(handler: HandlerObject) -> Iterable[object]:
    return [listened.callback for listened in handler.filters or ()]


async def _left_alone(_message: Message) -> None:
    """What is edited is taken by the form that took it first, or by nobody."""


def command_of(message: Message) -> str | None:
    """The command of a message, without slash and mention; None if it has none."""
    text = message.text
    if not text or not text.startswith("/") or len(text) < 2:
        return None
    return text.split(maxsplit=1)[0][1:].partition("@")[0].casefold()


def _is_nobodys_word(message: Message) -> bool:
    """What a client does to a chat, and what a channel posts into the group of its discussions."""
    is_forward = message.is_automatic_forward is True and message.chat.type != ChatType.PRIVATE
    return is_forward or (is_service(message) and message.migrate_to_chat_id is None)


def _is_in_private(event: TelegramObject) -> bool:
    """Whether nobody else sees the answer. Of a tap that has to be known: a message that was shared by inline mode may
    stand in any chat, and Telegram does not say in which. What is neither said nor tapped shows nothing in a chat."""
    message = event.message if isinstance(event, CallbackQuery) else event
    if isinstance(message, Message | InaccessibleMessage):
        return message.chat.type == ChatType.PRIVATE
    return not isinstance(event, CallbackQuery)


def _wish(message: Message, find: Callable[[str], str | None]) -> str:
    """The command that free text wishes for: "how many points do I have" finds the way that /points takes, and so does
    a command that does not exist, such as /menu, where it is nothing but the wish."""
    if message.text is None or message.chat.type != ChatType.PRIVATE:
        return ""
    return (find if command_of(message) is None else whole_wish)(message.text) or ""


def _as_command(message: Message, line: str) -> Message:
    """As if the wish had been typed as a command; who stops is kept by their own words."""
    text = f"/{line} {message.text}" if line == STOP else f"/{line}"
    return message.model_copy(update={"text": text, "entities": None})


async def _leave(data: dict[str, Any]) -> None:
    state: Form | None = data.get("state")
    if state is not None and data.get("raw_state") is not None:
        await state.clear()


def _is_for_another_bot(message: Message, bot: Bot) -> bool:
    """In a group people say which bot they mean: /help@another_bot."""
    text = message.text
    if not text or not text.startswith("/"):
        return False
    mentioned = text.split(maxsplit=1)[0].partition("@")[2].casefold()
    me = bot._me  # filled by the first getMe, which the program makes at its start
    return bool(mentioned) and me is not None and mentioned != (me.username or "").casefold()
