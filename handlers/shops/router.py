from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.reply import show
from handlers.roles import MEMBER
from handlers.shops import screens
from handlers.shops.callbacks import ShopFront, Shops
from locales.texts import Texts
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="shop fronts")
    router.message.register(shops, Command("shops"), flags=MEMBER)
    router.callback_query.register(page, Shops.filter(), flags=MEMBER)
    router.callback_query.register(front, ShopFront.filter(), flags=MEMBER)
    return router


async def shops(message: Message, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.shops(await run(club.fronts.page), texts))


async def page(query: CallbackQuery, callback_data: Shops, texts: Texts, club: Club, run: Run) -> None:
    await show(query, screens.shops(await run(club.fronts.page, callback_data.after), texts))


async def front(query: CallbackQuery, callback_data: ShopFront, texts: Texts, club: Club, run: Run) -> None:
    await show(query, screens.shop(await run(club.fronts.shop, callback_data.merchant_id), callback_data.after, texts))
