from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.links import Links
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.rewards import screens, wallet
from handlers.rewards.callbacks import AskRedeem, Redeem, RewardsPage, ShowReward, ShowVoucher, Wallet
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.errors import NotEnoughPoints, PriceChanged, Refusal, RewardUnavailable, TierTooLow
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="rewards")
    router.message.register(rewards, Command("rewards"), flags=MEMBER)
    router.callback_query.register(page, RewardsPage.filter(), flags=MEMBER)
    router.callback_query.register(card, ShowReward.filter(), flags=MEMBER)
    router.callback_query.register(ask, AskRedeem.filter(), flags=MEMBER)
    router.callback_query.register(redeem, Redeem.filter(), flags=MEMBER)
    router.message.register(vouchers, Command("vouchers"), flags=MEMBER)
    router.callback_query.register(shelf, Wallet.filter(), flags=MEMBER)
    router.callback_query.register(voucher, ShowVoucher.filter(), flags=MEMBER)
    return router


async def rewards(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.catalogue(await run(club.rewards.catalogue, member.id), member, texts))


async def page(
    query: CallbackQuery, callback_data: RewardsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.rewards.catalogue, member.id, (callback_data.points, callback_data.after))
    await show(query, screens.catalogue(seen, member, texts))


async def card(
    query: CallbackQuery, callback_data: ShowReward, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    await show(query, screens.card(await run(club.rewards.card, member, callback_data.reward_id), member, texts), album)


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
