from __future__ import annotations

from html import escape

from handlers import names
from handlers.points.callbacks import CheckIn
from handlers.referrals.callbacks import Invite
from handlers.refusals import words
from handlers.rewards.callbacks import AskRedeem, Redeem, RewardsPage, ShowReward
from handlers.rewards.titles import reward_description, reward_name, reward_shop
from handlers.screens import Button, Row, Screen, StoredPicture, button, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.errors import TierTooLow
from loyalty.members import Member, Tier
from loyalty.rewards import Reward
from loyalty.services.rewards import Catalogue, Quote, RewardCard

STOCK_FEW = 5  # from here down the card says how many are left


def catalogue(seen: Catalogue, member: Member, texts: Texts) -> Screen:
    """A page of rewards: what they cost, and which of them the member can have."""
    more = seen.more_after
    paging = [] if seen.is_first_page else [button(texts("« First"), RewardsPage())]
    if more is not None:
        paging.append(button(texts("More »"), RewardsPage(points=more.points, after=more.id)))
    if not seen.rewards:
        nothing = (
            texts("The shops have no rewards just now. Your points keep, and new ones come.")
            if seen.is_first_page
            else texts("That was all of them.")
        )
        return Screen(nothing, [paging, [button(texts("Check in"), CheckIn()), button(texts("Home"), Home())]])
    lines: list[str] = [texts("You have <b>{points}</b> points. What would you like?", points=seen.available), ""]
    lines += [_line(reward, seen, member, texts) for reward in seen.rewards]
    rows: list[Row] = [[_to_card(reward, texts)] for reward in seen.rewards]
    return Screen("\n".join(lines), [*rows, paging, [button(texts("Home"), Home())]])


def card(seen: RewardCard, member: Member, texts: Texts) -> Screen:
    """One reward, and whether the member can have it now; if not, why, and what to do about it."""
    reward, missing = seen.reward, seen.reward.missing(seen.available)
    lines: list[str] = [_heading(reward, texts), ""]
    if description := reward_description(reward, texts):
        lines += [escape(description, quote=False), ""]
    lines.append(
        texts("It takes {points} points, and you have {available}.", points=reward.points, available=seen.available)
    )
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
    return Screen(
        "\n".join(lines),
        [ways, [button(texts("Rewards"), RewardsPage()), button(texts("Home"), Home())]],
        picture=_picture(reward),
    )


def question(quote: Quote, texts: Texts) -> Screen:
    """What is about to happen to the points, before it does."""
    reward = quote.reward
    lines: list[str] = [
        _heading(reward, texts),
        "",
        texts(
            "Redeem this for <b>{points}</b> points? You keep {left}.",
            points=reward.points,
            left=quote.available - reward.points,
        ),
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


def _to_card(reward: Reward, texts: Texts) -> Button:
    name = shortened(reward_name(reward, texts))
    return button(f"{name} · {texts.number(reward.points)}", ShowReward(reward_id=reward.id))


def _heading(reward: Reward, texts: Texts) -> Markup:
    return texts("<b>{title}</b> · {shop}", title=reward_name(reward, texts), shop=reward_shop(reward, texts))


def _conditions(seen: RewardCard, texts: Texts) -> list[str]:
    """What one should know before; what stands in the way already is said elsewhere."""
    reward = seen.reward
    lines: list[str] = []
    if reward.stock is not None and 0 < reward.stock <= STOCK_FEW:
        lines.append(texts("Only {n} left.", n=reward.stock))
    if reward.per_member is not None:
        lines.append(texts.plural("Once per member.", "Up to {n} times per member.", reward.per_member))
        if 0 < seen.had < reward.per_member:
            lines[-1] += " " + texts("You have had {n}.", n=seen.had)
    if reward.tier_min is not Tier.MEMBER and not isinstance(seen.obstacle, TierTooLow):
        tier = names.tier(texts, reward.tier_min)
        lines.append(texts("For {medal} {tier} members and up.", medal=names.tier_medal(reward.tier_min), tier=tier))
    return lines


def _line(reward: Reward, seen: Catalogue, member: Member, texts: Texts) -> str:
    """A reward in the list: a mark that tells at a glance, then the words for it."""
    missing = reward.missing(seen.available)
    if reward.is_sold_out:
        mark, remark = "▫️", texts("sold out")
    elif not member.tier.reaches(reward.tier_min):
        tier = names.tier(texts, reward.tier_min)
        mark, remark = "🔒", texts("{medal} from {tier}", medal=names.tier_medal(reward.tier_min), tier=tier)
    elif missing:
        mark, remark = "▫️", texts("{missing} points missing", missing=missing)
    else:
        mark, remark = "✅", texts("yours if you like")
    cost = texts("{points} points · {remark}", points=reward.points, remark=remark)
    return f"{mark} {_heading(reward, texts)}\n      {cost}"


def _picture(reward: Reward) -> StoredPicture | None:
    return None if reward.picture_id is None else StoredPicture(reward.picture_id)
