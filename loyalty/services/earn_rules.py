from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from loyalty.ceilings import check_rule
from loyalty.earn_rules import (
    Example,
    RulePart,
    marked,
    named,
    telling,
    tried,
    with_hours,
    with_part,
    with_tag,
    without_hours,
)
from loyalty.earning import Earned, EarnRule, HappyHours
from loyalty.errors import NotFound
from loyalty.members import Member
from loyalty.merchants import Post, Right
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import valid_amount_minor
from loyalty.services.staff import check_right

EXAMPLE_MINOR = 1250


@dataclass(frozen=True, slots=True)
class RuleCard:
    """How purchases earn at the shop of a post, with an example. `rule` None: they earn nothing yet.

    `before` is the rule that a change has replaced; None where nothing changed.
    """

    post: Post
    rule: EarnRule | None
    example: Example | None = None
    earned: Earned | None = None
    before: EarnRule | None = None


class EarnRuleService:
    """How purchases earn at a shop, changed by its owner, part by part: two who change different parts at once both
    have their way. What was booked keeps what it earned.

    Everything raises NotAllowed for those who may not change the rule, AboveCeiling for one that gives more than the
    operator lets any shop give, and what changes a part raises NotFound where
    there is no rule yet.
    """

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def card(self, member: Member, merchant_id: int) -> RuleCard:
        with self._units() as uow:
            post = _post(uow, member, merchant_id)
            return self._card(post, uow.earn_rules.of(merchant_id))

    @reads
    def preview(
        self, member: Member, merchant_id: int, example: Example, *, tag_mark: str = "", words: str = ""
    ) -> RuleCard:
        """The rule with an example of one's own, of the product with this mark, or of the best one that is named in
        `words`. Raises NotFound where there is no rule yet, or no such product; InvalidPurchase.
        """
        valid_amount_minor(example.amount_minor)
        with self._units() as uow:
            post = _post(uow, member, merchant_id)
            rule = uow.earn_rules.of(merchant_id)
        if rule is None:
            raise NotFound("earn_rule", merchant_id)
        tag = named(rule, words) if words else marked(rule, tag_mark)
        if words and tag is None:
            raise NotFound("tag", words)
        return self._card(post, rule, replace(example, tag=tag or ""))

    def begin(self, member: Member, merchant_id: int, rule: EarnRule) -> RuleCard:
        """The shop's first rule; one that is there already stays."""
        with self._units() as uow:
            post = _post(uow, member, merchant_id)
            check_rule(self._programme, rule)
            uow.earn_rules.begin(merchant_id, rule)
            current = uow.earn_rules.of(merchant_id)
            uow.commit()
        return self._card(post, current)

    def set_rate(self, member: Member, merchant_id: int, points: int, per_minor: int) -> RuleCard:
        """Raises InvalidEarnRule."""
        return self._change(member, merchant_id, lambda rule: replace(rule, points=points, per_minor=per_minor))

    def set_part(self, member: Member, merchant_id: int, part: RulePart, number: int) -> RuleCard:
        """Raises InvalidEarnRule."""
        return self._change(member, merchant_id, lambda rule: with_part(rule, part, number))

    def add_hours(self, member: Member, merchant_id: int, hours: HappyHours) -> RuleCard:
        """Raises InvalidEarnRule, EarnRuleIsFull."""
        return self._change(member, merchant_id, lambda rule: with_hours(rule, hours))

    def remove_hours(self, member: Member, merchant_id: int, hours: HappyHours) -> RuleCard:
        return self._change(member, merchant_id, lambda rule: without_hours(rule, hours))

    def set_tag(self, member: Member, merchant_id: int, tag: str, percent: int) -> RuleCard:
        """100 percent takes the tag away. Raises InvalidEarnRule, InvalidPurchase, EarnRuleIsFull."""
        return self._change(member, merchant_id, lambda rule: with_tag(rule, tag, percent))

    def remove_tag(self, member: Member, merchant_id: int, tag_mark: str) -> RuleCard:
        """The tag with this mark, see `loyalty.earn_rules.mark`."""

        def without(rule: EarnRule) -> EarnRule:
            tag = marked(rule, tag_mark)
            return rule if tag is None else with_tag(rule, tag, 100)

        return self._change(member, merchant_id, without)

    def _change(self, member: Member, merchant_id: int, change: Callable[[EarnRule], EarnRule]) -> RuleCard:
        with self._units() as uow:
            post = _post(uow, member, merchant_id)
            before = uow.earn_rules.lock(merchant_id)
            if before is None:
                raise NotFound("earn_rule", merchant_id)
            after = change(before)
            if after != before:
                check_rule(self._programme, after)
                uow.earn_rules.set(merchant_id, after)
                uow.commit()
        return self._card(post, after, before=before if after != before else None)

    def _card(
        self, post: Post, rule: EarnRule | None, example: Example | None = None, before: EarnRule | None = None
    ) -> RuleCard:
        if rule is None:
            return RuleCard(post, None)
        now, zone = self._clock(), self._programme.zone
        shown = example or telling(rule, max(EXAMPLE_MINOR, rule.amount_minor_min), now, zone)
        return RuleCard(post, rule, shown, tried(rule, shown, now, zone), before)


def _post(uow: UnitOfWork, member: Member, merchant_id: int) -> Post:
    posts = check_right(uow, member.id, merchant_id, Right.RULES)
    return next(post for post in posts if post.merchant_id == merchant_id)
