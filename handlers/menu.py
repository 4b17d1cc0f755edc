"""The command menu: what somebody may use and nothing else, in their language, their work first."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from handlers.roles import MEMBER, OPERATOR, allowed, staff_with
from handlers.screens import plain
from locales import texts_for
from locales.texts import Texts
from loyalty.members import Language, Member
from loyalty.merchants import Post, Right
from loyalty.ports import Run
from loyalty.programme import Programme
from loyalty.services import Club

CHANNEL = "telegram"  # the one that has menus
CHINESE = "zh"  # clients tell two letters to setMyCommands; who reads the other Chinese gets a menu of their own

Line = tuple[dict[str, str], str, str]  # for whom, as handlers are registered; the command; what it does


def commands(
    texts: Texts, programme: Programme, posts: Sequence[Post] = (), *, is_operator: bool = False
) -> list[BotCommand]:
    """The menu of a private chat. What somebody works at here comes before what everybody has."""
    lines = [*_of_operators(texts, programme), *_of_staff(texts), *_of_members(texts, programme)]
    return _allowed(lines, posts, is_operator=is_operator)


def work_at_shops(texts: Texts, posts: Sequence[Post]) -> list[BotCommand]:
    """Of these, what staff do for their shops."""
    return _allowed(_of_staff(texts), posts, is_operator=False)


def _allowed(lines: Sequence[Line], posts: Sequence[Post], *, is_operator: bool) -> list[BotCommand]:
    return [
        BotCommand(command=command, description=plain(words))
        for role, command, words in lines
        if allowed(role["role"], posts, is_operator=is_operator)
    ]


def _of_operators(texts: Texts, programme: Programme) -> list[Line]:
    approvals = [(OPERATOR, "approvals", texts("Messages of shops to approve"))] if programme.needs_approval else []
    return [
        (OPERATOR, "admin", texts("Run the club")),
        (OPERATOR, "stats", texts("How the club stands")),
        (OPERATOR, "merchant", texts("Add shops and name their staff")),
        *approvals,
        (OPERATOR, "broadcasts", texts("Who writes how much")),
        (OPERATOR, "settle", texts("What the shops settle for a month")),
        (OPERATOR, "ledger", texts("A member's points, each movement")),
        (OPERATOR, "adjust", texts("Give a member points, or take them")),
        (OPERATOR, "reverse", texts("Undo a movement")),
        (OPERATOR, "credit", texts("How far below zero a member may spend")),
        (OPERATOR, "grant", texts("Give a member a tier")),
        (OPERATOR, "claim", texts("A code for the holder of a member number")),
        (OPERATOR, "contacts", texts("What a member was sent, and why")),
        (OPERATOR, "reviews", texts("Unusually large sales")),
        (OPERATOR, "guesses", texts("Who tries wrong codes")),
        (OPERATOR, "updates", texts("Messages that could not be handled")),
    ]


def _of_staff(texts: Texts) -> list[Line]:
    return [
        (staff_with(Right.SELL), "till", texts("Till: purchases and points")),
        (staff_with(Right.SELL), "voucher", texts("Take a customer's voucher")),
        (staff_with(Right.BROADCAST), "broadcast", texts("Tell your customers")),
    ]


def _of_members(texts: Texts, programme: Programme) -> list[Line]:
    send = [("send", texts("Send points to a friend"))] if programme.has_transfers else []
    return [
        (MEMBER, command, words)
        for command, words in (
            ("points", texts("My points")),
            ("card", texts("My card")),
            ("checkin", texts("Check in for today")),
            ("rewards", texts("Rewards")),
            ("vouchers", texts("My vouchers")),
            ("groupbuy", texts("Group buys")),
            ("shops", texts("Shops, and what a purchase earns there")),
            ("offers", texts("Today for me")),
            ("invite", texts("Invite a friend")),
            *send,
            ("tier", texts("My tier")),
            ("statement", texts("Statement of my points")),
            ("number", texts("My member number from before")),
            ("profile", texts("Profile and messages")),
            ("notifications", texts("What we send you")),
            ("stop", texts("Stop all messages that I did not ask for")),
            ("language", texts("Language")),
            ("help", texts("Help")),
            ("contact", texts("Reach a person")),
            ("privacy", texts("Privacy")),
        )
    ]


def commands_in_groups(texts: Texts) -> list[BotCommand]:
    """What may be done before everybody's eyes."""
    lines = (("groupbuy", texts("Group buys")), ("help", texts("Help")))
    return [BotCommand(command=command, description=plain(words)) for command, words in lines]


async def set_menus(bot: Bot, programme: Programme, language: Language) -> None:
    """The menus that everybody starts with. `language` is the club's: of the two Chinese it is the one for clients
    that say no more than Chinese."""
    chinese = Language.SIMPLIFIED if language is Language.ENGLISH else language
    for client_language, spoken in ((None, Language.ENGLISH), (CHINESE, chinese)):
        texts = texts_for(spoken)
        private, groups = BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()
        await bot.set_my_commands(commands(texts, programme), scope=private, language_code=client_language)
        await bot.set_my_commands(commands_in_groups(texts), scope=groups, language_code=client_language)


async def set_menu(
    bot: Bot,
    chat_id: int,
    texts: Texts,
    programme: Programme,
    posts: Sequence[Post] = (),
    *,
    is_operator: bool = False,
) -> None:
    """The menu of one person: the chosen language, and what they may do. A menu is no reason to fail a start."""
    try:
        await bot.set_my_commands(
            commands(texts, programme, posts, is_operator=is_operator), scope=BotCommandScopeChat(chat_id=chat_id)
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return


async def set_menu_of(bot: Bot, member: Member, club: Club, run: Run, operators: frozenset[int]) -> None:
    """The menu of somebody whose posts have just changed, whoever changed them."""
    if member.address.channel != CHANNEL:
        return
    speaker = await run(club.members.speaker, member.address)
    posts, user_id = speaker.posts if speaker is not None else (), int(member.address.external_id)
    await set_menu(bot, user_id, texts_for(member.language), club.programme, posts, is_operator=user_id in operators)
