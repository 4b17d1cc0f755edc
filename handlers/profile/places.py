"""Places and their time zones, as people call them in the club's languages."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel.dates import get_timezone_location

from locales.texts import LANGUAGES, Texts, texts_for
from loyalty.amounts import plain_digits
from loyalty.members import zone_names

TYPED_MAX = 60  # characters; longer texts name no city

# Likely ones for who speaks a language; all others are typed.
LIKELY = {
    "en": ("Asia/Hong_Kong", "Asia/Singapore", "Europe/London", "Europe/Berlin", "America/New_York", "UTC"),
    "zh-Hans": ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Tokyo", "UTC"),
    "zh-Hant": ("Asia/Taipei", "Asia/Hong_Kong", "Asia/Macau", "Asia/Singapore", "America/Los_Angeles", "UTC"),
}
# Large cities that name no zone of their own, under the one whose clock they share.
_NEIGHBOURS = {
    "Asia/Shanghai": "beijing peking guangzhou shenzhen chengdu 北京 广州 廣州 深圳 成都 杭州 武汉 武漢 天津",
    "Asia/Taipei": "taichung kaohsiung tainan 臺北 台中 臺中 高雄 台南 臺南 新北 台灣 台湾",
    "Asia/Hong_Kong": "hongkong kowloon 九龍 九龙",
    "Asia/Tokyo": "osaka kyoto 大阪 京都",
    "Asia/Kolkata": "delhi mumbai bangalore",
    "Europe/Berlin": "munich hamburg cologne frankfurt",
    "Europe/London": "edinburgh manchester",
    "America/Los_Angeles": "seattle san_francisco 旧金山 舊金山 西雅圖 西雅图",
    "America/New_York": "boston washington philadelphia 波士頓 波士顿 華盛頓 华盛顿",
}
_REGIONS = frozenset(["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"])
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])\s*(\d{1,2})")


def city(texts: Texts, timezone: str) -> str:
    """What a zone is called: its city, or its distance from Greenwich."""
    if offset := re.fullmatch(r"Etc/GMT([+-])(\d+)", timezone):
        # POSIX counts westward: Etc/GMT-8 is what people call UTC+8.
        return f"UTC{'+' if offset[1] == '-' else '−'}{offset[2]}"
    return str(get_timezone_location(timezone, locale=texts.locale, return_city=True))


def zone_meant(typed: str) -> str:
    """The IANA name for a city in any of the club's languages or an offset ("UTC+8"); else what was typed.

    The city may stand among other words ("I live in London", "台北市") as long as they name no second one elsewhere.
    """
    wanted = _plain(typed)
    if offset := _OFFSET.fullmatch(wanted):
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
    if wanted in _cities():
        return _cities()[wanted]
    if typed.strip() in zone_names() or len(wanted) > TYPED_MAX:
        return typed
    words = re.split(r"[^\w]+", wanted)
    said = {" ".join(words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)}
    said |= {part for word in words if not word.isascii() for part in _parts(word)}
    found = {_cities()[each] for each in said if each in _cities()}
    return found.pop() if len(found) == 1 else typed


def _parts(word: str) -> set[str]:
    """Chinese has no blanks between words."""
    return {word[at : at + n] for n in (2, 3, 4) for at in range(len(word) - n + 1)}


def _plain(text: str) -> str:
    """Folded by case, and without accents: "São Paulo" is Sao Paulo."""
    taken_apart = unicodedata.normalize("NFD", plain_digits(text).casefold())
    return "".join(sign for sign in taken_apart if unicodedata.category(sign) != "Mn")


@cache
def _cities() -> dict[str, str]:
    found = {
        neighbour.replace("_", " "): zone
        for zone, neighbours in _NEIGHBOURS.items()
        for neighbour in neighbours.split()
    }
    for language in LANGUAGES:
        for zone, names in texts_for(language).locale.time_zones.items():
            if "city" in names:
                found.setdefault(_plain(names["city"]), zone)
    for zone in sorted(zone_names()):
        region, _, place = zone.rpartition("/")
        if region.partition("/")[0] in _REGIONS:
            found.setdefault(_plain(place.replace("_", " ")), zone)
    return found
