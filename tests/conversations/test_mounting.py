"""The club in a bot that somebody runs already: a shop's own aiogram bot, with its commands, buttons and forms."""

from __future__ import annotations

import importlib
import random as chance
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.filters import Command, CommandStart, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import (
    CallbackQuery,
    ErrorEvent,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Message,
    Update,
)
from sqlalchemy import text

from bot.app import Overrides
from bot.guest import HOME_DATA, OF_THE_HOST, GuestClub, mount
from bot.marks import MARK
from bot.middlewares.errors import Incident
from bot.middlewares.member import address_of
from bot.pace import Pace
from bot.settings import Settings
from handlers import features
from handlers.filters import DeepLink
from handlers.roles import MEMBER, STAFF
from locales.texts import Texts
from sandbox import LimitSettings, Telegram
from storage.database import Database
from tests.kit.chat import OPERATOR_ID, TOKEN, BoxSession, Chat, Person, find_button
from tests.kit.clock import FrozenClock

ANSWERS = {
    "sendMessage",
    "sendPhoto",
    "editMessageText",
    "editMessageMedia",
    "answerCallbackQuery",
    "answerInlineQuery",
}


class Order(StatesGroup):
    drink = State()


class Note(StatesGroup):
    text = State()


class TakeNote(CallbackData, prefix="note"):
    pass


class Notebook:
    """A feature of the club with a form, and one that fails."""

    @staticmethod
    def setup() -> Router:
        router = Router(name="notebook")

        async def ask(event: Message | CallbackQuery, state: FSMContext) -> None:
            await state.set_state(Note.text)
            message = event if isinstance(event, Message) else event.message
            assert isinstance(message, Message)
            await message.answer("What is to be noted?")
            if isinstance(event, CallbackQuery):
                await event.answer()

        async def note(message: Message, state: FSMContext, texts: Texts) -> None:
            if message.text is None:
                await message.answer("Words, please.")
                return
            await state.clear()
            await message.answer(f"Noted: {message.text} ({texts.language})")

        async def fail(_message: Message) -> None:
            raise OSError("a part of the house is away")

        router.message.register(ask, Command("note"), flags=MEMBER)
        router.callback_query.register(ask, TakeNote.filter(), flags=MEMBER)
        router.message.register(note, StateFilter(Note.text), flags=MEMBER)
        router.message.register(fail, Command("fail"), flags=MEMBER)
        router.message.register(fail, DeepLink("n"), flags=STAFF)
        return router


class Shop:
    """The host: what the bot of a coffee shop does."""

    DRINKS: ClassVar = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="House help", callback_data="help")],
            [InlineKeyboardButton(text="House points", callback_data="points:0")],
            [InlineKeyboardButton(text="Order", callback_data="order")],
            [InlineKeyboardButton(text="Club", callback_data=HOME_DATA)],
        ]
    )

    def routers(self) -> tuple[Router, Router]:
        """The shop's own things, and the router for whatever is left."""
        router, rest = Router(name="shop"), Router(name="rest")
        self.register(router)
        rest.message.register(self.rest)
        rest.callback_query.register(self.button)
        rest.inline_query.register(self.search)
        return router, rest

    def register(self, router: Router) -> None:
        router.message.register(self.start, CommandStart(deep_link=False))
        router.message.register(self.help, Command("help"))
        router.message.register(self.menu, Command("menu"))
        router.message.register(self.order, Command("order"))
        router.message.register(self.drink, StateFilter(Order.drink))
        router.callback_query.register(self.order_button, F.data == "order")

    async def start(self, message: Message) -> None:
        await message.answer("Welcome to the shop")

    async def help(self, message: Message) -> None:
        await message.answer("The shop's help")

    async def menu(self, message: Message) -> None:
        await message.answer("*Coffee* and tea", reply_markup=self.DRINKS)

    async def order(self, message: Message, state: FSMContext) -> None:
        await state.set_state(Order.drink)
        await message.answer("Which drink?")

    async def order_button(self, query: CallbackQuery, state: FSMContext) -> None:
        await query.answer()
        assert isinstance(query.message, Message)
        await self.order(query.message, state)

    async def drink(self, message: Message, state: FSMContext) -> None:
        await state.clear()
        await message.answer(f"One {message.text}")

    async def button(self, query: CallbackQuery) -> None:
        await query.answer(f"The shop: {query.data}")

    async def rest(self, message: Message) -> None:
        await message.answer(f"The shop heard {message.text or 'no words'}", parse_mode=None)

    async def search(self, query: InlineQuery) -> None:
        content = InputTextMessageContent(message_text="A drink")
        await query.answer([InlineQueryResultArticle(id="1", title="A drink", input_message_content=content)])


class House:
    """The shop's bot with the club in it."""

    def __init__(self, chat: Chat, club: GuestClub, bot: Bot, dispatcher: Dispatcher) -> None:
        self.chat, self.club, self.bot, self.dispatcher = chat, club, bot, dispatcher

    async def answers(self, doing: Awaitable[Any]) -> list[str]:
        """The answers that the bot gave meanwhile; nothing is to be answered twice."""
        number = self.chat.telegram.calls.last
        await doing
        return [call["method"] for call in self.chat.telegram.calls.after(number) if call["method"] in ANSWERS]

    async def knows(self, person: Person) -> bool:
        return await self.chat.run(self.chat.club.members.speaker, address_of(person.id)) is not None


Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house(
    sqlite: Database, clock: FrozenClock, random: chance.Random, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    opened: list[House] = []
    monkeypatch.setattr(features, "FEATURES", (*features.FEATURES, Notebook))

    async def open_house(
        *,
        shop: Shop | None = None,
        is_club_first: bool = True,
        commands_without: frozenset[str] = OF_THE_HOST,
        arrange: Callable[[Dispatcher, GuestClub, Shop], None] | None = None,
    ) -> House:
        telegram = Telegram(TOKEN, "perkchat_bot", "Shop", clock=clock.seconds, limits=LimitSettings(enabled=False))
        bot = Bot(TOKEN, session=BoxSession(telegram), default=DefaultBotProperties(parse_mode="MarkdownV2"))
        settings = Settings.load(_env_file=None, admin_ids=frozenset({OPERATOR_ID}))
        overrides = Overrides(clock=clock, random=random, database=sqlite, pace=Pace(1000, chat_gap=0))
        club = await mount(settings, bot=bot, commands_without=commands_without, overrides=overrides)
        dispatcher, shop = Dispatcher(), shop or Shop()
        if arrange is not None:
            arrange(dispatcher, club, shop)
        else:
            own, rest = shop.routers()
            dispatcher.include_routers(*((club.router, own) if is_club_first else (own, club.router)), rest)
        club.intake(dispatcher)
        house = House(Chat(club.app, telegram, clock), club, bot, dispatcher)
        opened.append(house)
        return house

    yield open_house
    for house in opened:
        await house.chat.app.intake.close()


@pytest.fixture(params=[True, False], ids=["club first", "shop first"])
async def house(request: pytest.FixtureRequest, open_house: Open) -> House:
    return await open_house(is_club_first=request.param)


async def test_both_answer_what_is_theirs_once(house: House) -> None:
    ana = house.chat.member("Ana")
    assert await house.answers(ana.says("/menu")) == ["sendMessage"]
    ana.sees("Coffee and tea")
    assert await house.answers(ana.says("/points")) == ["sendMessage"]
    ana.sees("0 points to spend")
    assert await house.answers(ana.taps("Check in")) == ["answerCallbackQuery", "editMessageText"]
    ana.sees("+1 point for checking in.")
    assert await house.answers(ana.says("/checkin")) == ["sendMessage"]
    ana.sees("You have checked in today already.")
    for words, answer in [("/start", "Welcome to the shop"), ("/help", "The shop's help"), ("points?", "points?")]:
        assert await house.answers(ana.says(words)) == ["sendMessage"]
        ana.sees(answer)
    assert await house.answers(ana.sends("sticker")) == ["sendMessage"]
    ana.sees("The shop heard no words")


async def test_a_button_of_the_host_with_the_clubs_data_stays_the_hosts(house: House) -> None:
    ana = house.chat.member("Ana")
    menu = await ana.says("/menu")
    for label, data in [("House help", "help"), ("House points", "points:0")]:
        assert await house.answers(ana.taps(label, on=menu)) == ["answerCallbackQuery"]
        assert ana.toast == f"The shop: {data}"
    assert not await house.knows(ana)


async def test_nobody_is_enrolled_by_what_is_not_the_clubs(house: House) -> None:
    ana = house.chat.member("Ana")
    for words in ["/start", "/help", "/menu", "/admin", "/nonsense", "/start promo_5", "hello", "points"]:
        assert await house.answers(ana.says(words)) == ["sendMessage"], words
    await ana.sends("sticker")
    house.chat.telegram.people.inline_query(ana.id, "r")
    await house.chat.settle()
    assert not await house.knows(ana)
    await ana.says("/points")
    assert await house.knows(ana)


async def test_deep_links_of_the_club_reach_it_where_start_is_the_hosts(house: House) -> None:
    ana, bo = house.chat.members("Ana", "Bo")
    await ana.says("/points")
    code = (await ana.member()).code
    assert await house.answers(bo.opens(house.chat.app.links.referral(code))) == ["sendMessage"]
    bo.sees("Ana brought you here", "Hello Bo.")
    assert await house.answers(bo.opens(house.chat.app.links.start("promo_5"))) == ["sendMessage"]
    bo.sees("The shop heard /start promo_5")
    assert await house.chat.courier.delivers() == 1
    await ana.taps("Invite a friend", on=ana.has_seen("A friend has joined through you."))
    ana.sees("1 friend came")


async def test_a_link_of_the_club_is_answered_by_the_club_whoever_opens_it(house: House) -> None:
    """A voucher's link is for staff; a customer who scans it is not sent to the host's front door."""
    ana = house.chat.member("Ana")
    assert await house.answers(ana.opens(house.chat.app.links.start("n_5"))) == ["sendMessage"]
    ana.sees("I did not quite get that.")


async def test_start_and_help_are_the_clubs_if_the_host_says_so(open_house: Open) -> None:
    house = await open_house(commands_without=frozenset())
    assert {"start", "help", "points", "club"} <= house.club.claims
    ana = house.chat.member("Ana")
    assert await house.answers(ana.says("/start")) == ["sendMessage"]
    ana.sees("Welcome to", "Hello Ana.")
    await ana.says("/help")
    ana.sees("/checkin")
    await ana.says("/start promo_5")
    ana.sees("The shop heard /start promo_5")


async def test_any_command_can_be_left_to_the_host(open_house: Open) -> None:
    house = await open_house(commands_without=frozenset({"/points", "start"}))
    assert "points" not in house.club.claims
    assert "points" not in {line.command for line in house.club.menu("zh-Hant")}
    ana = house.chat.member("Ana")
    await ana.says("/points")
    ana.sees("The shop heard /points")
    await ana.says("/club")
    await ana.taps("My points")
    ana.sees("0 points to spend")


async def test_the_club_has_a_door_of_its_own(house: House) -> None:
    ana, bo = house.chat.members("Ana", "Bo")
    assert await house.answers(ana.says("/club")) == ["sendMessage"]
    ana.sees("Welcome to", "Hello Ana.", "0 points")
    await ana.says("/club")
    assert "Welcome to" not in ana.sees("Hello Ana.")["text"]
    # The host's own button opens it as well; a stranger is led in by a link that the host's /start does not take.
    await bo.taps("Club", on=await bo.says("/menu"))
    assert bo.opened_url == house.chat.app.links.start("hello")
    await bo.opens(bo.opened_url)
    bo.sees("Welcome to", "Hello Bo.")
    await bo.taps("Club", on=await bo.says("/menu"))
    bo.sees("Hello Bo.")


async def test_a_button_of_the_club_that_is_out_of_date_is_answered_by_the_club(house: House) -> None:
    ana = house.chat.member("Ana")
    await ana.says("/points")
    assert find_button(ana.sees(), "Check in")["callback_data"] == f"{MARK}checkin"
    for data in [f"{MARK}gone:1", f"{MARK}points:not a number", f"{MARK}stats"]:
        await ana.taps_data(data)
        assert ana.toast == "This button is out of date. Here is how things stand now.", data
    await ana.taps_data("gone:1")
    assert ana.toast == "The shop: gone:1"


async def test_the_forms_of_both_do_not_meet(house: House) -> None:
    ana = house.chat.member("Ana")
    await ana.says("/note")
    assert await house.answers(ana.sends("sticker")) == ["sendMessage"]
    ana.sees("Words, please.")
    assert await house.answers(ana.says("Buy milk")) == ["sendMessage"]
    ana.sees("Noted: Buy milk (en)")
    await ana.says("Buy milk")
    ana.sees("The shop heard Buy milk")
    await ana.says("/order")
    assert await house.answers(ana.says("Latte")) == ["sendMessage"]
    ana.sees("One Latte")


async def test_a_search_in_the_hosts_bot_ends_with_its_first_word(house: House) -> None:
    ana = house.chat.member("Ana")
    await ana.says("/rewards")
    await ana.says("/rewards coffee")
    ana.sees("I found no reward for “coffee”.")
    assert await house.answers(ana.says("coffee")) == ["sendMessage"]
    ana.sees("The shop heard coffee")


async def test_who_turns_to_the_host_leaves_the_clubs_form(open_house: Open) -> None:
    house = await open_house()
    ana = house.chat.member("Ana")
    menu = await ana.says("/menu")
    await ana.says("/note")
    await ana.says("/order")
    assert await house.answers(ana.says("Latte")) == ["sendMessage"]
    ana.sees("One Latte")
    await ana.says("/note")
    await ana.taps("Order", on=menu)
    assert await house.answers(ana.says("Mocha")) == ["sendMessage"]
    ana.sees("One Mocha")
    await ana.says("/note")
    await ana.says("/points")
    await ana.says("Buy milk")
    ana.sees("The shop heard Buy milk")


async def test_what_the_host_hands_its_handlers_does_not_reach_the_clubs(open_house: Open) -> None:
    seen: list[dict[str, Any]] = []

    async def hand_over(handler: Callable[..., Any], event: Any, data: dict[str, Any]) -> Any:
        return await handler(event, data | {"texts": None, "member": None, "club": None, "run": None, "state": None})

    def arrange(dispatcher: Dispatcher, club: GuestClub, shop: Shop) -> None:
        async def rest(message: Message, **data: Any) -> None:
            seen.append(data)

        dispatcher["links"] = None
        dispatcher.message.outer_middleware(hand_over)
        dispatcher.message.middleware(hand_over)
        dispatcher.callback_query.middleware(hand_over)
        dispatcher.include_router(club.router)
        dispatcher.message.register(rest, F.text == "hello")

    house = await open_house(arrange=arrange)
    ana = house.chat.member("Ana")
    await ana.says("/points")
    await ana.taps("Check in")
    ana.sees("+1 point for checking in.")
    await ana.says("/note")
    await ana.says("Buy milk")
    ana.sees("Noted: Buy milk (en)")
    await ana.says("hello")
    assert len(seen) == 1
    assert seen[0]["bot"] is house.bot
    assert not {"album", "directory", "enrolment", "posts", "is_operator"} & seen[0].keys()


def on_the_dispatcher(dispatcher: Dispatcher, club: GuestClub, shop: Shop) -> None:
    """The shop's handlers as small bots have them: without routers, the one for any text among them."""
    shop.register(dispatcher)
    dispatcher.message.register(shop.rest)
    dispatcher.callback_query.register(shop.button)
    dispatcher.inline_query.register(shop.search)
    dispatcher.include_router(club.router)


async def test_handlers_on_the_dispatcher_itself_come_before_every_router(open_house: Open) -> None:
    house = await open_house(arrange=on_the_dispatcher)
    ana = house.chat.member("Ana")
    await ana.says("/points")
    ana.sees("The shop heard /points")


async def test_the_club_can_go_before_handlers_on_the_dispatcher_itself(open_house: Open) -> None:
    def go_first(dispatcher: Dispatcher, club: GuestClub, shop: Shop) -> None:
        on_the_dispatcher(dispatcher, club, shop)
        club.go_first(dispatcher)

    house = await open_house(arrange=go_first)
    ana, bo = house.chat.members("Ana", "Bo")
    assert await house.answers(ana.says("/points")) == ["sendMessage"]
    assert await house.answers(ana.taps("Check in")) == ["answerCallbackQuery", "editMessageText"]
    ana.sees("+1 point for checking in.")
    await bo.opens(house.chat.app.links.referral((await ana.member()).code))
    bo.sees("Ana brought you here")
    for words, answer in [("/start", "Welcome to the shop"), ("hello", "The shop heard hello")]:
        assert await house.answers(ana.says(words)) == ["sendMessage"]
        ana.sees(answer)


async def test_commands_of_staff_are_the_clubs_only_for_its_staff(open_house: Open) -> None:
    house = await open_house()
    ana, olga = house.chat.member("Ana"), house.chat.operator()
    await ana.says("/admin")
    ana.sees("The shop heard /admin")
    await ana.says("/points")
    assert await house.answers(ana.says("/admin")) == ["sendMessage"]
    ana.sees("The shop heard /admin")
    assert await house.answers(olga.says("/admin")) == ["sendMessage"]
    assert "The shop" not in olga.sees()["text"]


async def test_inline_queries_are_told_apart(house: House) -> None:
    ana, bo = house.chat.members("Ana", "Bo")
    await ana.says("/invite")
    share = find_button(ana.sees(), "Share with a friend")["switch_inline_query_chosen_chat"]["query"]
    sent = await ana.shares(share, into=bo.id)
    assert "Ana invites you" in sent["text"]
    for query in ["", "r", "r_5", "latte"]:
        sent = await ana.shares(query, into=bo.id)
        assert sent["text"] == "A drink"


async def test_the_command_menu_stays_the_hosts(house: House) -> None:
    ana = house.chat.member("Ana")
    await ana.opens(house.chat.app.links.start("hello"))
    await ana.says("/language")
    await ana.taps("繁體中文")
    ana.sees("Ana，你好")
    assert house.chat.telegram.calls.after(0, "setMyCommands") == []
    assert house.club.menu("en")[0].command == "club"
    await house.bot.set_my_commands(house.club.menu("en"))
    assert len(house.chat.telegram.calls.after(0, "setMyCommands")) == 1


async def test_a_club_in_trouble_does_not_silence_the_host(open_house: Open) -> None:
    house = await open_house()
    ana = house.chat.member("Ana")
    with house.chat.app.database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE forms RENAME TO away"))
        connection.commit()
    await ana.says("hello")
    ana.sees("The shop heard hello")
    await ana.taps("House help", on=await ana.says("/menu"))
    assert ana.toast == "The shop: help"


async def test_without_the_intake_nothing_is_promised_that_nobody_keeps(open_house: Open) -> None:
    house = await open_house()
    ana = house.chat.member("Ana")
    errors: list[BaseException] = []

    async def heard(event: ErrorEvent) -> bool:
        errors.append(event.exception)
        return True

    house.dispatcher.errors.register(heard)
    house.chat.telegram.people.say(ana.id, "/fail")
    [raw] = house.chat.telegram.updates.take()
    number = house.chat.telegram.calls.last
    await house.dispatcher.feed_update(house.bot, Update.model_validate(raw))
    ana.sees("Please try again in a minute.")
    assert len(house.chat.telegram.calls.after(number)) == 1
    assert [type(error) for error in errors] == [Incident]


async def test_any_other_host_offers_updates(open_house: Open) -> None:
    house = await open_house()
    ana = house.chat.member("Ana")

    async def offered(said: str) -> bool:
        house.chat.telegram.people.say(ana.id, said)
        [raw] = house.chat.telegram.updates.take()
        house.chat.telegram.updates.confirm(raw["update_id"] + 1)
        return await house.club.offer(raw)

    assert await offered("/points")
    ana.sees("0 points to spend")
    assert not await offered("/menu")
    assert not await offered("hello")
    assert not await house.club.offer({"update_id": 1, "tomorrows_update": {"id": 5}})
    assert not await house.club.offer({"update_id": 2, "message": {"text": "no chat"}})


def test_python_telegram_bot_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["telegram", "telegram.ext"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "bot.ptb", raising=False)
    with pytest.raises(ImportError, match=r"perkchat\[ptb\]"):
        importlib.import_module("bot.ptb")
