"""Places and their time zones, as people call them in the club's languages."""

from __future__ import annotations

import re
from functools import cache

from babel.dates import get_timezone_location

from locales.texts import LANGUAGES, Texts, texts_for

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
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])\s*(\d{1,2})")


def city(texts: Texts, timezone: str) -> str:
    """What a zone is called: its city, or its distance from Greenwich."""
    if offset := re.fullmatch(r"Etc/GMT([+-])(\d+)", timezone):
        # POSIX counts westward: Etc/GMT-8 is what people call UTC+8.
        return f"UTC{'+' if offset[1] == '-' else '−'}{offset[2]}"
    return str(get_timezone_location(timezone, locale=texts.locale, return_city=True))


def zone_meant(typed: str) -> str:
    """The IANA name for a city in any of the club's languages or an offset ("UTC+8"); else what was typed."""
    wanted = " ".join(typed.casefold().split())
    if offset := _OFFSET.fullmatch(wanted):
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
    return _cities().get(wanted, typed)


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
                found.setdefault(names["city"].casefold(), zone)
    return found
