from __future__ import annotations

from handlers import names
from handlers.admin.callbacks import Admin
from handlers.meant import ways_to_name
from handlers.points.callbacks import PointsPage
from handlers.rewards.titles import last_day
from handlers.screens import Screen, bar, button
from handlers.start.callbacks import Home
from handlers.tiers.callbacks import UndoGrant
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.programme import Programme
from loyalty.services.tiers import Granted
from loyalty.tiers import Standing, TierBasis

BAR = 10


def standing(seen: Standing, member: Member, programme: Programme, texts: Texts) -> Screen:
    """Which tier the member has, what the next one needs, and what tiers are."""
    lines: list[str] = [f"{names.tier_medal(seen.tier)} <b>{names.tier(texts, seen.tier)}</b>"]
    if seen.next is not None:
        lines += [bar(seen.total, seen.needed, BAR), _way(seen, programme, texts)]
    elif programme.tier_minimums:
        lines.append(texts("You are at the top. There is no higher tier."))
    lines += _until(seen, programme, texts)
    lines += ["", *_about(programme, texts)]
    return Screen("\n".join(lines), [[button(texts("My points"), PointsPage()), button(texts("Home"), Home())]])


def amount(total: int, basis: TierBasis, currency: str, texts: Texts) -> Markup:
    """So much towards a tier, as the club counts it: points, or money."""
    if basis is TierBasis.SPEND:
        return Markup(texts.money(total, currency))
    return texts.plural("{n} point", "{n} points", total)


def how_to_grant(texts: Texts) -> Screen:
    return Screen(
        texts("Type it like this: a member's code and a tier (member, silver or gold).")
        + f"\n<code>/grant ABCD2345 gold</code>\n{ways_to_name(texts)}",
        [[button(texts("Admin"), Admin())]],
    )


def granted(done: Granted, texts: Texts) -> Screen:
    facts = {"name": done.member.name, "tier": names.tier(texts, done.tier)}
    if done.kept_until is None:
        said = texts("{name} is {tier}. From now on only purchases count.", **facts)
    else:
        said = texts(
            "{name} is {tier} until {date}, whatever is bought.", date=last_day(done.kept_until, texts), **facts
        )
    undo = []
    if done.change_id is None:
        said = Markup(texts("It stood so already.") + " " + said)
    else:
        kept = 0 if done.kept_before is None else int(done.kept_before.timestamp())
        undo = [button(texts("Undo"), UndoGrant(member_id=done.member.id, change_id=done.change_id, kept=kept))]
    return Screen(said, [[*undo, button(texts("Admin"), Admin())]])


def undone(done: Granted, texts: Texts) -> Screen:
    return Screen(
        texts("Taken back. {name} is {tier} again.", name=done.member.name, tier=names.tier(texts, done.tier)),
        [[button(texts("Admin"), Admin())]],
    )


def _way(seen: Standing, programme: Programme, texts: Texts) -> Markup:
    assert seen.next is not None, "there is a way up"
    tier = names.tier(texts, seen.next)
    if programme.tier_basis is TierBasis.SPEND:
        done, needed, missing = (
            texts.money(minor, programme.currency) for minor in (seen.total, seen.needed, seen.missing)
        )
        return texts(
            "{done} of {needed} spent in twelve months; {missing} to {tier}",
            done=done,
            needed=needed,
            missing=missing,
            tier=tier,
        )
    return texts.plural(
        "{total} of {needed} point in twelve months; {missing} to {tier}",
        "{total} of {needed} points in twelve months; {missing} to {tier}",
        seen.needed,
        total=seen.total,
        needed=seen.needed,
        missing=seen.missing,
        tier=tier,
    )


def _until(seen: Standing, programme: Programme, texts: Texts) -> list[Markup]:
    tier = names.tier(texts, seen.tier)
    if seen.kept_until is not None:
        return [texts("{tier} is yours until {date}.", tier=tier, date=last_day(seen.kept_until, texts))]
    if seen.grace_until is None:
        return []
    date = last_day(seen.grace_until, texts)
    if not seen.lacking:
        return [texts("⚠️ {tier} is yours until {date}.", tier=tier, date=date)]
    missing = amount(seen.lacking, programme.tier_basis, programme.currency, texts)
    return [texts("⚠️ {tier} is yours until {date}. To keep it: {missing} more.", tier=tier, date=date, missing=missing)]


def _about(programme: Programme, texts: Texts) -> list[Markup]:
    if not programme.tier_minimums:
        return [texts("This club makes no difference by what you buy.")]
    if programme.tier_basis is TierBasis.SPEND:
        counts = texts("What counts is what you pay in our shops in twelve months.")
    else:
        counts = texts(
            "What counts are the points of your purchases in twelve months; spending them takes nothing away."
        )
    lines = [
        texts(
            "{medal} {tier} from {amount}",
            medal=names.tier_medal(tier),
            tier=names.tier(texts, tier),
            amount=amount(least, programme.tier_basis, programme.currency, texts),
        )
        for tier, least in sorted(programme.tier_minimums.items(), key=lambda pair: pair[1])
    ]
    brings = texts("Some shops give you more points, and some rewards are for higher tiers only.")
    return [
        *lines,
        Markup(""),
        brings,
        counts,
        texts("You rise at once. Before a tier ends, we tell you in good time."),
    ]
