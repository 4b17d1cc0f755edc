"""What a condition of each sort can be. Where `is_typed`, a form is open under it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.rewards.titles import reward_name
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.segments.callbacks import ChooseValue, PutCondition
from handlers.segments.screens import back, sort_name
from handlers.segments.sentences import phrase
from locales.texts import LANGUAGES, Markup, Texts, decimals_of
from loyalty.members import Language, Tier
from loyalty.rewards import Reward
from loyalty.segment_choices import DAYS, NEXT_MONTH, THIS_MONTH, Choice, Sort, number_of
from loyalty.segments import HasReferral, IsCustomer, Keeps, Not, Redeemed, ReferralStatus, SavedList, Segment
from loyalty.services.segments import Seen

PRODUCTS_A_PAGE = 10
POINTS = (50, 100, 500, 1_000)
AMOUNTS = (10, 50, 100, 500)  # of the currency, or a hundred times as many where it has no cents
TYPED = {Sort.POINTS, Sort.LAST, Sort.PRODUCT, Sort.PAIR, Sort.SPENT, Sort.TAPPED}


class Values:
    """The screens for one place of a segment."""

    def __init__(self, seen: Seen, where: str, choice: Choice, currency: str, texts: Texts) -> None:
        self._seen, self._where, self._choice = seen, where, choice
        self._currency, self._texts = currency, texts

    def screen(
        self, products: Sequence[str] = (), rewards: Sequence[Reward] = (), lists: Sequence[SavedList] = ()
    ) -> Screen:
        texts, choice = self._texts, self._choice
        match choice.sort:
            case Sort.TIER:
                return self._ticks([names.tier(texts, tier) for tier in Tier])
            case Sort.LANGUAGE:
                return self._ticks([LANGUAGES[language.value] for language in Language])
            case Sort.BIRTHDAY:
                return self._birthday()
            case Sort.POINTS:
                said = texts(
                    "Choose, or type a number for at least so many, such as <code>250</code>, or two for a span: "
                    "<code>100-500</code>."
                )
                at_least = [self._put(texts("{n} or more", n=n), first=n) for n in POINTS]
                return self._screen(said, _grid(at_least, 2))
            case Sort.CUSTOMER:
                return self._yes_or_no(IsCustomer())
            case Sort.LAST:
                return self._last()
            case Sort.TAPPED:
                said = texts(
                    "In the last so many days, or not. You can type days, such as <code>45</code>; <code>-45</code> "
                    "is not for 45 days."
                )
                return self._screen(said, self._days_rows())
            case Sort.PRODUCT if choice.first:
                return self._period(choice.first)
            case Sort.PRODUCT | Sort.PAIR:
                return self._products(products)
            case Sort.SPENT if choice.first:
                return self._period(choice.first)
            case Sort.SPENT:
                return self._amounts()
            case Sort.REWARDS:
                return self._yes_or_no(Redeemed(), rewards)
            case Sort.FAVOURITES:
                return self._yes_or_no(Keeps(), rewards)
            case Sort.FRIENDS:
                rows = [
                    [self._put(phrase(one, self._currency, texts), first=place, is_not=is_not)]
                    for place, status in enumerate(ReferralStatus)
                    for is_not, one in ((False, HasReferral(status)), (True, Not(HasReferral(status))))
                ]
                return self._screen(texts("People who …"), rows)
            case Sort.SAVED:
                said = texts("Which list?") if lists else texts("You keep no lists yet. Keep a selection as one first.")
                return self._screen(said, [[self._put(shortened(one.name), first=one.id)] for one in lists])

    def _ticks(self, labels: Sequence[str], rows: Sequence[Row] = ()) -> Screen:
        """Tap what is meant, then done."""
        texts, bits = self._texts, self._choice.first
        ticks = [
            self._again(f"{'✅ ' if bits >> place & 1 else ''}{label}", first=bits ^ 1 << place)
            for place, label in enumerate(labels)
        ]
        done = [self._put(texts("Done"), first=bits)] if bits else []
        return self._screen(
            texts("Tap all that are meant, then Done. Any one of them is enough."), [*rows, *_grid(ticks, 3), done]
        )

    def _birthday(self) -> Screen:
        texts = self._texts
        soon = [
            self._put(texts("Month of sending"), second=THIS_MONTH),
            self._put(texts("The month after"), second=NEXT_MONTH),
        ]
        return self._ticks([texts.month(2024, month, is_short=True) for month in range(1, 13)], [soon])

    def _last(self) -> Screen:
        texts = self._texts
        said = texts(
            "In the last so many days, or not. You can type days, such as <code>45</code>; <code>-45</code> is not "
            "for 45 days."
        )
        ever = [self._put(texts("At any time"), is_not=False), self._put(texts("Never"), is_not=True)]
        return self._screen(said, [ever, *self._days_rows()])

    def _days_rows(self) -> list[Row]:
        texts = self._texts
        within = [self._put(texts.plural("Last {n} day", "Last {n} days", n), first=n, is_not=False) for n in DAYS]
        not_for = [
            self._put(texts.plural("Not for {n} day", "Not for {n} days", n), first=n, is_not=True) for n in DAYS
        ]
        return [list(pair) for pair in zip(within, not_for, strict=True)]

    def _period(self, first: int) -> Screen:
        texts = self._texts
        ways = [self._put(texts("At any time"), first=first)]
        ways += [self._put(texts.plural("Last {n} day", "Last {n} days", n), first=first, second=n) for n in DAYS]
        return self._screen(texts("When? You can also type a number of days."), _grid(ways, 2))

    def _products(self, products: Sequence[str]) -> Screen:
        """Of a pair, the one that was bought first, then the one that was not."""
        texts, choice = self._texts, self._choice
        is_second = choice.sort is Sort.PAIR and bool(choice.first)
        offered = [tag for tag in products if not is_second or number_of(tag) != choice.first]
        last = max(0, (len(offered) - 1) // PRODUCTS_A_PAGE)
        page = min(choice.second, last)
        shown = offered[page * PRODUCTS_A_PAGE : (page + 1) * PRODUCTS_A_PAGE]
        if is_second:
            rows = _grid([self._put(shortened(tag), first=choice.first, second=number_of(tag)) for tag in shown], 2)
        else:
            rows = _grid([self._again(shortened(tag), first=number_of(tag)) for tag in shown], 2)
        ways = []
        if page:
            ways.append(self._again(texts("« Previous"), first=choice.first, second=page - 1))
        if page < last:
            ways.append(self._again(texts("More »"), first=choice.first, second=page + 1))
        if not products:
            said = texts(
                "No products are known here yet: they come with the amounts at the till, such as “12.50 coffee”."
            )
        elif is_second:
            said = texts("And what have they never bought? Choose, or type it.")
        else:
            said = texts("What have they bought? Choose, or type it.")
        return self._screen(said, [*rows, ways])

    def _amounts(self) -> Screen:
        texts = self._texts
        unit = 10 ** decimals_of(self._currency) if decimals_of(self._currency) else 100
        rows = [
            [
                self._again(texts("{money} or more", money=money), first=amount * unit, is_not=False),
                self._again(texts("Less than {money}", money=money), first=amount * unit, is_not=True),
            ]
            for amount in AMOUNTS
            for money in [texts.money(amount * unit, self._currency)]
        ]
        said = texts(
            "Choose, or type an amount for at least so much, such as <code>75</code>; <code>&lt;75</code> is less "
            "than that."
        )
        return self._screen(said, rows)

    def _yes_or_no(self, condition: Segment, rewards: Sequence[Reward] = ()) -> Screen:
        texts = self._texts
        rows: list[Row] = [
            [self._put(phrase(condition, self._currency, texts), is_not=False)],
            [self._put(phrase(Not(condition), self._currency, texts), is_not=True)],
            *([self._put(shortened(reward_name(one, texts)), first=one.id)] for one in rewards),
        ]
        return self._screen(texts("People who …"), rows)

    def _screen(self, said: Markup, rows: Sequence[Row]) -> Screen:
        title = sort_name(self._choice.sort, self._texts)
        text = f"<b>{title}</b>\n{said}"
        return Screen(text, [*rows, [back(self._seen, self._texts)]])

    def _put(self, label: str, *, first: int = 0, second: int = 0, is_not: bool | None = None) -> Button:
        return button(label, PutCondition(**self._here(first, second, is_not)))

    def _again(self, label: str, *, first: int = 0, second: int = 0, is_not: bool | None = None) -> Button:
        return button(label, ChooseValue(**self._here(first, second, is_not)))

    def _here(self, first: int, second: int, is_not: bool | None) -> dict[str, object]:
        """What is negated stays so, unless the button says which it is."""
        return {
            "broadcast_id": self._seen.draft.id,
            "mark": self._seen.mark,
            "where": self._where,
            "sort": self._choice.sort,
            "first": first,
            "second": second,
            "is_not": self._choice.is_not if is_not is None else is_not,
        }


def _grid(buttons: Sequence[Button], width: int) -> list[Row]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]
