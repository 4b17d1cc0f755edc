from __future__ import annotations

from html import escape

from handlers import names
from handlers.points.callbacks import CheckIn
from handlers.referrals.callbacks import Invite
from handlers.refusals import words
from handlers.rewards.callbacks import AskRedeem, Browse, Heart, Redeem, RewardsPage, ShowReward
from handlers.rewards.titles import reward_description, reward_name, reward_shop
from handlers.screens import Button, Screen, StoredPicture, button
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.errors import TierTooLow
from loyalty.members import Member, Tier
from loyalty.rewards import EVERYTHING, Reward, Wanted
from loyalty.services.favourites import Kept
from loyalty.services.rewards import Quote, RewardCard

STOCK_FEW = 5  # from here down the card says how many are left


def card(seen: RewardCard, member: Member, texts: Texts, wanted: Wanted = EVERYTHING) -> Screen:
    """One reward, and whether the member can have it now; if not, why, and what to do about it.

    `wanted` is what it was found among, and leads back there.
    """
    reward, missing = seen.reward, seen.reward.missing(seen.available)
    lines: list[str] = [heading(reward, texts), ""]
    if description := reward_description(reward, texts):
        lines += [escape(description, quote=False), ""]
    lines.append(
        texts.plural(
            "It takes {points} point, and you have {available}.",
            "It takes {points} points, and you have {available}.",
            reward.points,
            points=reward.points,
            available=seen.available,
        )
    )
    lines += _price(reward, seen.currency, texts)
    lines += _conditions(seen, texts)
    ways: list[Button] = []
    if reward.is_sold_out:
        lines += ["", texts("Sold out for now.")]
    elif seen.obstacle is not None:
        lines += ["", words(texts, seen.obstacle, member.zone)]
    elif missing:
        lines += [
            "",
            texts(
                "Still missing: <b>{missing}</b>. A check-in a day gets you there, and a friend you bring even sooner.",
                missing=missing,
            ),
        ]
        ways = [button(texts("Check in"), CheckIn()), button(texts("Invite a friend"), Invite())]
    else:
        ways = [button(texts("Redeem"), AskRedeem(reward_id=reward.id))]
    back = RewardsPage() if wanted == EVERYTHING else Browse.of(wanted)
    return Screen(
        "\n".join(lines),
        [ways, _heart(seen, wanted, texts), [button(texts("Rewards"), back), button(texts("Home"), Home())]],
        picture=_picture(reward),
    )


def kept(result: Kept, texts: Texts) -> Markup:
    if result.is_in_reach:
        return texts("Kept among your favourites.")
    return texts("Kept among your favourites. I will tell you when you have the points for it.")


def dropped(texts: Texts) -> Markup:
    return texts("This is no favourite of yours any more.")


def question(quote: Quote, texts: Texts) -> Screen:
    """What is about to happen to the points, before it does."""
    reward = quote.reward
    lines: list[str] = [
        heading(reward, texts),
        "",
        texts.plural(
            "Redeem this for <b>{points}</b> point? You keep {left}.",
            "Redeem this for <b>{points}</b> points? You keep {left}.",
            reward.points,
            points=reward.points,
            left=quote.available - reward.points,
        ),
        *_price(reward, quote.currency, texts),
        texts.plural(
            "You get a voucher for the counter, good for {n} day.",
            "You get a voucher for the counter, good for {n} days.",
            quote.voucher_days,
        ),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Confirm"), _redeem(quote))],
            [button(texts("Cancel"), ShowReward(reward_id=reward.id))],
        ],
        picture=_picture(reward),
    )


def _redeem(quote: Quote) -> Redeem:
    reward = quote.reward
    return Redeem(reward_id=reward.id, nonce=quote.nonce, points=reward.points, price=reward.price_minor)


def heading(reward: Reward, texts: Texts) -> Markup:
    return texts("<b>{title}</b> · {shop}", title=reward_name(reward, texts), shop=reward_shop(reward, texts))


def _conditions(seen: RewardCard, texts: Texts) -> list[str]:
    """What one should know before; what stands in the way already is said elsewhere."""
    reward = seen.reward
    lines: list[str] = []
    if reward.stock is not None and 0 < reward.stock <= STOCK_FEW:
        lines.append(texts("Only {n} left.", n=reward.stock))
    if reward.per_member is not None:
        lines.append(_limit(reward.per_member, reward.per_member_days, texts))
        if 0 < seen.had < reward.per_member:
            lines[-1] += " " + texts("You have had {n}.", n=seen.had)
    if reward.tier_min is not Tier.MEMBER and not isinstance(seen.obstacle, TierTooLow):
        tier = names.tier(texts, reward.tier_min)
        lines.append(texts("For {medal} {tier} members and up.", medal=names.tier_medal(reward.tier_min), tier=tier))
    return lines


def _limit(times: int, days: int | None, texts: Texts) -> Markup:
    if days is None:
        return texts.plural("Once per member.", "Up to {n} times per member.", times)
    if times == 1:
        return texts.plural("Once a day.", "Once in {n} days.", days)
    return texts.plural("Up to {times} times a day.", "Up to {times} times in {n} days.", days, times=times)


def _price(reward: Reward, currency: str, texts: Texts) -> list[str]:
    """What there is to pay besides points."""
    if not reward.price_minor:
        return []
    return [texts("You pay {price} on top, at the counter.", price=texts.money(reward.price_minor, currency))]


def _heart(seen: RewardCard, wanted: Wanted, texts: Texts) -> list[Button]:
    if seen.is_favourite:
        return [button(texts("♥ Remove from favourites"), Heart.of(wanted, reward_id=seen.reward.id, is_on=False))]
    if seen.is_over:
        return []
    return [button(texts("♡ Add to favourites"), Heart.of(wanted, reward_id=seen.reward.id, is_on=True))]


def _picture(reward: Reward) -> StoredPicture | None:
    return None if reward.picture_id is None else StoredPicture(reward.picture_id)
