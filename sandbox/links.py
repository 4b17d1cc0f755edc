"""Links: which ones Telegram takes, and those of its own that lead into a chat with the bot."""

import re
from urllib.parse import parse_qs, urlsplit, urlunsplit

SCHEMES = ("http", "https", "tg", "ton", "tonsite")
HOST = re.compile(r"(?=.{1,253}\Z)(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\]")
USER_LINK = re.compile(r"tg://user/?\?id=(\d+)\Z", re.IGNORECASE)
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}\Z")


def checked_link(url: str) -> str | None:
    """The link as Telegram would keep it (`example.com` -> `http://example.com/`), None if it is refused."""
    url = url.strip()
    if not url or any(c.isspace() for c in url):
        return None
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES or not parts.netloc:
        return None
    if scheme in ("tg", "ton", "tonsite"):
        return url
    bracketed = f"[{host}]" if host and ":" in host else host
    if not bracketed or not HOST.fullmatch(bracketed):
        return None
    return urlunsplit((scheme, parts.netloc, parts.path or "/", parts.query, parts.fragment))


def linked_user(url: str) -> int | None:
    """The person whom `tg://user?id=` mentions."""
    found = USER_LINK.match(url)
    return int(found[1]) if found else None


def bot_link(url: str) -> tuple[str, str, str] | None:
    """`https://t.me/bot?start=x` -> (`bot`, `start`, `x`); the action is `start`, `startgroup` or empty.

    None if the link does not lead to an account.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if parts.scheme == "tg" and parts.netloc == "resolve":
        username = query.pop("domain", "")
    elif parts.netloc.lower() in ("t.me", "telegram.me", "telegram.dog"):
        username = parts.path.strip("/")
    else:
        return None
    if not re.fullmatch(r"\w{3,32}", username):
        return None
    action = next((key for key in ("startgroup", "start") if key in query), "")
    return username, action, query.get(action, "")
