from __future__ import annotations

from handlers.earning.callbacks import RemoveTag, ShowTags
from handlers.earning.layout import form, grid
from handlers.screens import Screen, button, shortened
from locales.texts import Texts
from loyalty.earn_rules import mark
from loyalty.earning import EarnRule
from loyalty.services.earn_rules import RuleCard

TAGS_A_PAGE = 8


def tags(seen: RuleCard, rule: EarnRule, page: int, texts: Texts, complaint: str | None = None) -> Screen:
    """Products that earn more, a page of them; a form for one more is open under it."""
    shop, all_tags = seen.post.merchant_id, sorted(rule.tags.items())
    last = max(0, (len(all_tags) - 1) // TAGS_A_PAGE)
    page = min(page, last)
    shown = all_tags[page * TAGS_A_PAGE : (page + 1) * TAGS_A_PAGE]
    lines: list[str] = [
        texts("<b>Products that earn more</b>, by the word that the till adds to the amount. The best one counts."),
        *(texts("{tag} {percent} %", tag=tag, percent=percent) for tag, percent in shown),
        texts("Type a word and a percentage, such as <code>coffee 200</code> for twice the points."),
    ]
    drop = [
        button(texts("Remove {what}", what=shortened(tag, 20)), RemoveTag(merchant_id=shop, tag=mark(tag)))
        for tag, _ in shown
    ]
    ways = []
    if page:
        ways.append(button(texts("« Previous"), ShowTags(merchant_id=shop, page=page - 1)))
    if page < last:
        ways.append(button(texts("More »"), ShowTags(merchant_id=shop, page=page + 1)))
    return form(shop, lines, [*grid(drop, 2), ways], texts, complaint)
