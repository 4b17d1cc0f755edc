"""Texts: looked up by gettext, filled in and escaped for HTML; dates, numbers and relative times by Babel.

    texts("Hello {name}", name=member.name)
    texts.plural("{n} place left", "{n} places left", 3)
    texts.about("message", "Opened")

Words written by people are escaped here, once, so that no screen can forget it. Numbers are written as the language
writes them. What is markup already comes as `Markup`.
"""

from __future__ import annotations

import gettext
import io
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from locales.coins import cash_decimals_of
from locales.coins import decimals_of as decimals_of

FOLDER = Path(__file__).parent
DOMAIN = "perkchat"
WITHOUT_BLANKS = {"zh"}  # between sentences
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


class Texts:
    """The words of one language."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self.locale = Locale.parse(language, sep="-")
        # In English a day is written with the month as a word between day and year, which is read in one way only.
        self.dates = Locale("en", "GB") if language == "en" else self.locale
        self._catalogue = catalogue
        # The pattern by which Unicode's CLDR joins what stands in the middle of a list: "{0}, {1}" and "{0}、{1}".
        self._comma = self.locale.list_patterns["standard"]["middle"].format("", "")

    def __call__(self, msgid: str, /, **facts: object) -> Markup:
        return self._fill(self._catalogue.gettext(msgid), facts)

    def about(self, context: str, msgid: str, /, **facts: object) -> Markup:
        """`msgid` as it is meant in a context: for English words that mean something else elsewhere."""
        return self._fill(self._catalogue.pgettext(context, msgid), facts)

    def listed(self, said: Iterable[str]) -> Markup:
        """What has no order of its own, one after the other: "a, b, c" and 「a、b、c」. Its parts are HTML already."""
        return Markup(self._comma.join(said))

    def sentences(self, said: Iterable[str]) -> Markup:
        """Whole sentences in one paragraph. Chinese has no blank between them. They are HTML already."""
        return Markup(("" if self.locale.language in WITHOUT_BLANKS else " ").join(said))

    def plural(self, one: str, many: str, n: int, /, **facts: object) -> Markup:
        """The form that fits `n`, which is also the placeholder {n}."""
        return self._fill(self._catalogue.ngettext(one, many, n), {"n": n, **facts})

    def person(self, name: str) -> Markup:
        """Somebody by name, in a line that is put together by hand; whoever has none that is seen is a friend."""
        return Markup(self._write(name)) if name else self("friend")

    def number(self, value: int) -> str:
        return _number(value, self.language)

    def signed(self, value: int) -> str:
        """A change: "+30", "−120"."""
        return f"{'+' if value >= 0 else '−'}{self.number(abs(value))}"

    def money(self, minor: int, currency: str) -> str:
        """An amount in the smallest unit of a currency (ISO 4217), written with its sign."""
        return _money(minor, currency, self.language)

    def weekday(self, day: date) -> str:
        """A day with the day of the week, and without a year: by that people plan."""
        return str(format_skeleton("MMMEd", datetime(day.year, day.month, day.day), locale=self.dates))  # noqa: DTZ001

    def date(self, day: date) -> str:
        return _date(day, self.language)

    def month_day(self, month: int, day: int) -> str:
        """A day without a year. 2024 is a leap year, so that 29 February is one."""
        return str(format_skeleton("MMMd", datetime(2024, month, day), locale=self.dates))  # noqa: DTZ001

    def month(self, year: int, month: int, *, is_short: bool = False) -> str:
        """A month with its year; `is_short` for buttons and charts, without."""
        first = datetime(year, month, 1)  # noqa: DTZ001
        return str(format_skeleton("MMM" if is_short else "yMMMM", first, locale=self.dates))

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Day and time on somebody's clock: "30 Nov 2026, 17:27"."""
        if self.language == "en":
            return f"{self.date(at.astimezone(zone).date())}, {self.clock(at, zone)}"
        return str(format_datetime(at, format="short", tzinfo=zone, locale=self.dates))

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        return str(format_skeleton("Hm", at, tzinfo=zone, locale=self.locale))

    def span(self, span: timedelta) -> str:
        """How long something lasts, in two units at most: "5 h 12 min", "2 days"."""
        minutes = max(1, round(span.total_seconds() / 60))
        days, minutes = divmod(minutes, 24 * 60)
        hours, minutes = divmod(minutes, 60)
        if days:
            parts = [self.plural("{n} day", "{n} days", days)]
            parts += [self("{n} h", n=hours)] if hours else []
        elif hours:
            parts = [self("{n} h", n=hours)]
            parts += [self("{n} min", n=minutes)] if minutes else []
        else:
            parts = [self("{n} min", n=minutes)]
        return " ".join(parts)

    def _fill(self, pattern: str, facts: dict[str, object]) -> Markup:
        return Markup(
            pattern.format_map({key: self._said(key, fact) for key, fact in facts.items()}) if facts else pattern
        )

    def _said(self, key: str, fact: object) -> str:
        return self.person(fact) if key == "name" and fact == "" else self._write(fact)

    def _write(self, fact: object) -> str:
        if isinstance(fact, Markup):
            return fact
        if isinstance(fact, int) and not isinstance(fact, bool):
            return self.number(fact)
        return escape(isolated(str(fact)), quote=False)


def isolated(words: str) -> str:
    """What somebody wrote, so that it stays by itself in a line: right-to-left words would draw the numbers beside them
    to their other side. What has none comes as it is."""
    if (
        words.isascii()
        or _ISOLATE in words
        or not any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in words)
    ):
        return words
    return f"{_ISOLATE}{words}{_END}"


# The same few days and small numbers are written over and over; Babel works them out anew each time.
@lru_cache(maxsize=4096)
def _number(value: int, language: str) -> str:
    return str(format_decimal(value, locale=texts_for(language).locale))


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, language: str) -> str:
    whole, locale = Decimal(minor).scaleb(-decimals_of(currency)), texts_for(language).locale
    if whole != whole.to_integral_value() or cash_decimals_of(currency) or not decimals_of(currency):
        return str(format_currency(whole, currency, locale=locale))
    # Where nobody pays with less than a whole unit, nobody writes ".00".
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(whole, currency, pattern, locale=locale, currency_digits=False))


@lru_cache(maxsize=4096)
def _date(day: date, language: str) -> str:
    return str(format_date(day, format="medium", locale=texts_for(language).dates))


def catalogue_path(language: str) -> Path:
    return FOLDER / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def texts_for(language: str) -> Texts:
    """The words of a language of the club; English is what the code says."""
    path = catalogue_path(language)
    if language == "en" or not path.exists():
        return Texts(language, gettext.NullTranslations())
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language.replace("-", "_"))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Texts(language, gettext.GNUTranslations(compiled))
