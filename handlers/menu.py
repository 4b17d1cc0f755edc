"""The command menu, per language and per role."""

from __future__ import annotations

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from handlers.screens import plain
from locales import texts_for
from locales.texts import Texts
from loyalty.members import Member

# Clients tell two-letter languages to setMyCommands; whoever chose the other Chinese has a menu of their own.
CLIENT_LANGUAGES = {"zh": "zh-Hans"}
CHANNEL = "telegram"  # the one that has menus
SEND_PLACE = 3  # after what one has and how it grows


def commands(
    texts: Texts, *, has_transfers: bool = False, is_staff: bool = False, is_operator: bool = False
) -> list[BotCommand]:
    lines = [
        ("points", texts("My points")),
        ("card", texts("My card")),
        ("checkin", texts("Check in for today")),
        ("statement", texts("Statement of my points")),
        ("tier", texts("My tier")),
        ("rewards", texts("Rewards")),
        ("vouchers", texts("My vouchers")),
        ("groupbuy", texts("Group buys")),
        ("offers", texts("Today for me")),
        ("invite", texts("Invite a friend")),
        ("profile", texts("Profile and messages")),
        ("notifications", texts("What we send you")),
        ("language", texts("Language")),
        ("help", texts("Help")),
        ("privacy", texts("Privacy")),
    ]
    if has_transfers:
        lines.insert(SEND_PLACE, ("send", texts("Send points to a friend")))
    if is_staff:
        lines.append(("till", texts("Till: purchases and points")))
        lines += [("voucher", texts("Take a customer's voucher")), ("broadcast", texts("Tell your customers"))]
    if is_operator:
        lines += [("admin", texts("Run the club")), ("stats", texts("How the club stands"))]
    return [BotCommand(command=command, description=plain(words)) for command, words in lines]


async def set_menus(bot: Bot, *, has_transfers: bool = False) -> None:
    """The menus that everybody starts with."""
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands(commands(texts_for("en"), has_transfers=has_transfers), scope=scope)
    for client_language, language in CLIENT_LANGUAGES.items():
        translated = commands(texts_for(language), has_transfers=has_transfers)
        await bot.set_my_commands(translated, scope=scope, language_code=client_language)


async def set_menu(
    bot: Bot, chat_id: int, texts: Texts, *, has_transfers: bool, is_staff: bool, is_operator: bool
) -> None:
    """The menu of one person: the chosen language, and what the roles add. A menu is no reason to fail a start."""
    try:
        await bot.set_my_commands(
            commands(texts, has_transfers=has_transfers, is_staff=is_staff, is_operator=is_operator),
            scope=BotCommandScopeChat(chat_id=chat_id),
        )
    except (TelegramBadRequest, TelegramForbiddenError):
        return


async def set_menu_of(
    bot: Bot, member: Member, *, has_transfers: bool, is_staff: bool, operators: frozenset[int]
) -> None:
    """The menu of somebody whose role has changed, whoever changed it."""
    if member.address.channel != CHANNEL:
        return
    user_id = int(member.address.external_id)
    await set_menu(
        bot,
        user_id,
        texts_for(member.language),
        has_transfers=has_transfers,
        is_staff=is_staff,
        is_operator=user_id in operators,
    )
