"""Unusually large sales: the operator lets their points through, or refuses the sale."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.admin import review_screens as screens
from handlers.admin.callbacks import RefuseSale, ReleaseSale, ReviewsPage, ShowReview
from handlers.admin.router import actor_of
from handlers.reply import show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="reviews")
    router.message.register(reviews, Command("reviews"), flags=OPERATOR)
    router.callback_query.register(page, ReviewsPage.filter(), flags=OPERATOR)
    router.callback_query.register(look, ShowReview.filter(), flags=OPERATOR)
    router.callback_query.register(release, ReleaseSale.filter(), flags=OPERATOR)
    router.callback_query.register(refuse, RefuseSale.filter(), flags=OPERATOR)
    return router


async def reviews(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.waiting(await run(club.reviews.page), member.zone, texts))


async def page(
    query: CallbackQuery, callback_data: ReviewsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.reviews.page, callback_data.before or None)
    await show(query, screens.waiting(seen, member.zone, texts))


async def look(
    query: CallbackQuery, callback_data: ShowReview, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.card(await run(club.reviews.card, callback_data.purchase_id), member.zone, texts))


async def release(
    query: CallbackQuery, callback_data: ReleaseSale, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    review = await run(club.reviews.release, callback_data.purchase_id, actor=actor_of(query))
    await show(query, screens.card(review, member.zone, texts))


async def refuse(
    query: CallbackQuery, callback_data: RefuseSale, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    review = await run(club.reviews.refuse, callback_data.purchase_id, actor=actor_of(query))
    await show(query, screens.card(review, member.zone, texts))
