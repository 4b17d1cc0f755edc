"""The shops of the club, for the operator: who owns them, who works there, what they are called."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.admin import shop_screens as screens
from handlers.admin.callbacks import (
    AskOff,
    AskRename,
    InviteOwner,
    MerchantsPage,
    ShowShop,
    ShowShopPerson,
    TakeOff,
    WithdrawOwnerInvite,
)
from handlers.admin.commands import read_appointment
from handlers.admin.router import actor_of
from handlers.admin.states import RenameForm
from handlers.links import Links
from handlers.meant import AsksWhom
from handlers.menu import set_menu_of
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.errors import InvalidName, NameTaken
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="shops")
    router.message.middleware(AsksWhom())
    router.message.register(merchant, Command("merchant"), flags=OPERATOR)
    router.callback_query.register(merchants, MerchantsPage.filter(), flags=OPERATOR)
    router.callback_query.register(shop, ShowShop.filter(), flags=OPERATOR)
    router.callback_query.register(person, ShowShopPerson.filter(), flags=OPERATOR)
    router.callback_query.register(ask_off, AskOff.filter(), flags=OPERATOR)
    router.callback_query.register(take_off, TakeOff.filter(), flags=OPERATOR)
    router.callback_query.register(invite_owner, InviteOwner.filter(), flags=OPERATOR)
    router.callback_query.register(withdraw, WithdrawOwnerInvite.filter(), flags=OPERATOR)
    router.callback_query.register(ask_name, AskRename.filter(), flags=OPERATOR)
    router.message.register(rename, StateFilter(RenameForm.name), flags=OPERATOR)
    return router


async def merchant(
    message: Message,
    command: CommandObject,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    operators: frozenset[int],
) -> None:
    what, _, rest = (command.args or "").partition(" ")
    wanted = read_appointment(rest)
    match what.casefold():
        case "new" if rest.strip():
            key = f"owner:{message.chat.id}:{message.message_id}"
            added = await run(club.shops.add, rest, key=key, actor=actor_of(message))
            await show(message, screens.added(added, links, member.zone, texts))
        case "list":
            await show(message, screens.shops(*await run(club.shops.page), texts))
        case "staff" if wanted is not None and wanted.role is None:
            ended = await run(club.shops.dismiss_by_code, wanted.merchant_id, wanted.code, actor=actor_of(message))
            await show(message, screens.taken_off(ended, texts))
            await set_menu_of(bot, ended.member, club, run, operators)
        case "staff" if wanted is not None and wanted.role is not None:
            appointed = await run(
                club.shops.appoint, wanted.merchant_id, wanted.code, wanted.role, actor=actor_of(message)
            )
            await show(message, screens.appointed(appointed, texts))
            await set_menu_of(bot, appointed.member, club, run, operators)
        case _:
            await show(message, screens.how_to_merchant(texts))


async def merchants(query: CallbackQuery, callback_data: MerchantsPage, texts: Texts, club: Club, run: Run) -> None:
    await show(query, screens.shops(*await run(club.shops.page, callback_data.after), texts))


async def shop(
    query: CallbackQuery, callback_data: ShowShop, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """Also the way out of the form for a new name."""
    await state.clear()
    await show(query, screens.shop(await run(club.shops.card, callback_data.merchant_id, callback_data.after), texts))


async def person(
    query: CallbackQuery, callback_data: ShowShopPerson, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.shops.person, callback_data.merchant_id, callback_data.member_id)
    await show(query, screens.person(seen, member.zone, texts))


async def ask_off(query: CallbackQuery, callback_data: AskOff, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.shops.person, callback_data.merchant_id, callback_data.member_id)
    await show(query, screens.ask_off(seen, texts))


async def take_off(
    query: CallbackQuery,
    callback_data: TakeOff,
    bot: Bot,
    texts: Texts,
    club: Club,
    run: Run,
    operators: frozenset[int],
) -> None:
    wanted = callback_data
    ended = await run(club.shops.dismiss, wanted.merchant_id, wanted.member_id, wanted.since, actor=actor_of(query))
    await show(query, screens.taken_off(ended, texts))
    await set_menu_of(bot, ended.member, club, run, operators)


async def invite_owner(
    query: CallbackQuery, callback_data: InviteOwner, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    key = f"owner:{query.from_user.id}:{callback_data.nonce}"
    opened = await run(club.shops.invite_owner, callback_data.merchant_id, key=key, actor=actor_of(query))
    await show(query, screens.owner_invite(opened, links, member.zone, texts))


async def withdraw(
    query: CallbackQuery, callback_data: WithdrawOwnerInvite, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.withdrawn(await run(club.shops.withdraw, callback_data.invite_id), texts))


async def ask_name(
    query: CallbackQuery, callback_data: AskRename, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    card = await run(club.shops.card, callback_data.merchant_id)
    await state.set_state(RenameForm.name)
    await state.update_data(merchant_id=callback_data.merchant_id)
    await show(query, screens.ask_name(card.team.merchant, texts))


async def rename(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """What was typed into the form. A name that cannot be taken is explained, and the form stays open."""
    merchant_id = (await state.get_data())["merchant_id"]
    try:
        renamed = await run(club.shops.rename, merchant_id, message.text or "")
    except (InvalidName, NameTaken) as refusal:
        card = await run(club.shops.card, merchant_id)
        await show(message, screens.ask_name(card.team.merchant, texts, words(texts, refusal, member.zone)))
    else:
        await state.clear()
        await show(message, screens.renamed(renamed, texts))
