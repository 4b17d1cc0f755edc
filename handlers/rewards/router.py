from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.links import Links
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.rewards import screens, wallet
from handlers.rewards.callbacks import (
    AskGiveBack,
    AskRedeem,
    GiveBack,
    Heart,
    Redeem,
    ShowFound,
    ShowReward,
    ShowVoucher,
    Wallet,
)
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.errors import NotEnoughPoints, PriceChanged, Refusal, RewardUnavailable, TierTooLow, VoucherRefused
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="rewards")
    router.callback_query.register(card, ShowReward.filter(), flags=MEMBER)
    router.callback_query.register(found, ShowFound.filter(), flags=MEMBER)
    router.callback_query.register(heart, Heart.filter(), flags=MEMBER)
    router.callback_query.register(ask, AskRedeem.filter(), flags=MEMBER)
    router.callback_query.register(redeem, Redeem.filter(), flags=MEMBER)
    router.message.register(vouchers, Command("vouchers"), flags=MEMBER)
    router.callback_query.register(shelf, Wallet.filter(), flags=MEMBER)
    router.callback_query.register(voucher, ShowVoucher.filter(), flags=MEMBER)
    router.callback_query.register(ask_give_back, AskGiveBack.filter(), flags=MEMBER)
    router.callback_query.register(give_back, GiveBack.filter(), flags=MEMBER)
    return router


async def card(
    query: CallbackQuery, callback_data: ShowReward, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    await show(query, screens.card(await run(club.rewards.card, member, callback_data.reward_id), member, texts), album)


async def found(
    query: CallbackQuery, callback_data: ShowFound, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    seen = await run(club.rewards.card, member, callback_data.reward_id)
    await show(query, screens.card(seen, member, texts, callback_data.wanted), album)


async def heart(
    query: CallbackQuery, callback_data: Heart, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    reward_id = callback_data.reward_id
    try:
        said = await _set_favourite(callback_data, member, texts, club, run)
    except RewardUnavailable as refusal:
        await _refuse(query, refusal, reward_id, member, texts, club, run, album)
    else:
        seen = await run(club.rewards.card, member, reward_id)
        await show(query, screens.card(seen, member, texts, callback_data.wanted), album, said=said)


async def _set_favourite(wish: Heart, member: Member, texts: Texts, club: Club, run: Run) -> str:
    if wish.is_on:
        return screens.kept(await run(club.favourites.keep, member, wish.reward_id), texts)
    await run(club.favourites.drop, member.id, wish.reward_id)
    return screens.dropped(texts)


async def ask(
    query: CallbackQuery, callback_data: AskRedeem, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    await _ask(query, callback_data.reward_id, member, texts, club, run, album)


async def redeem(
    query: CallbackQuery,
    callback_data: Redeem,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    try:
        result = await run(
            club.rewards.redeem,
            member,
            callback_data.reward_id,
            callback_data.nonce,
            (callback_data.points, callback_data.price),
        )
    except PriceChanged as refusal:
        why = words(texts, refusal, member.zone)
        await _ask(query, callback_data.reward_id, member, texts, club, run, album, said=why)
    except (RewardUnavailable, TierTooLow, NotEnoughPoints) as refusal:
        await _refuse(query, refusal, callback_data.reward_id, member, texts, club, run, album)
    else:
        await show(query, await wallet.redeemed(result, member, texts, links), album)


async def vouchers(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, wallet.wallet(await run(club.vouchers.wallet, member.id), member, texts))


async def shelf(
    query: CallbackQuery, callback_data: Wallet, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.vouchers.wallet, member.id, callback_data.shelf, callback_data.before or None)
    await show(query, wallet.wallet(seen, member, texts))


async def voucher(
    query: CallbackQuery,
    callback_data: ShowVoucher,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    own = await run(club.vouchers.own, member.id, callback_data.voucher_id)
    await show(query, await wallet.voucher_screen(own, member, texts, links), album)


async def ask_give_back(
    query: CallbackQuery,
    callback_data: AskGiveBack,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    try:
        own = await run(club.vouchers.ask_give_back, member.id, callback_data.voucher_id)
    except VoucherRefused as refusal:
        await _refuse_voucher(query, refusal, callback_data.voucher_id, member, texts, club, run, links, album)
    else:
        await show(query, wallet.give_back_question(own, texts))


async def give_back(
    query: CallbackQuery,
    callback_data: GiveBack,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    try:
        result = await run(club.vouchers.give_back, member.id, callback_data.voucher_id)
    except VoucherRefused as refusal:
        await _refuse_voucher(query, refusal, callback_data.voucher_id, member, texts, club, run, links, album)
    else:
        await show(query, wallet.given_back(result, texts))


async def _refuse_voucher(
    query: CallbackQuery,
    refusal: VoucherRefused,
    voucher_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    """Says why not, and draws the voucher as it stands now."""
    own = await run(club.vouchers.own, member.id, voucher_id)
    screen = await wallet.voucher_screen(own, member, texts, links)
    await show(query, screen, album, said=words(texts, refusal, member.zone), alert=True)


async def _ask(
    query: CallbackQuery,
    reward_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    *,
    said: str = "",
) -> None:
    """The question, or why it is not asked; `said` is why it is asked again."""
    try:
        quote = await run(club.rewards.quote, member, reward_id)
    except (RewardUnavailable, TierTooLow, NotEnoughPoints) as refusal:
        await _refuse(query, refusal, reward_id, member, texts, club, run, album)
    else:
        await show(query, screens.question(quote, texts), album, said=said, alert=bool(said))


async def _refuse(
    query: CallbackQuery,
    refusal: Refusal,
    reward_id: int,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    """Says why not, and draws the reward as it stands now, with the ways on that are left."""
    why = words(texts, refusal, member.zone)
    card = screens.card(await run(club.rewards.card, member, reward_id), member, texts)
    await show(query, card, album, said=why, alert=True)
