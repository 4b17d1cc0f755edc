"""Deep links into the bot."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

WAY_IN = "hello"  # the payload that opens the club and nothing more


@dataclass(frozen=True, slots=True)
class Links:
    """`hello` opens the club, `r_<code>` refers a friend, `g_<id>` opens a group buy, `o_<id>` an offer, `v_<code>` a
    voucher, `c_<code>` a member card, `s_<code>` an invitation onto a staff, `m_<code>` takes over a member number."""

    username: str

    def start(self, payload: str) -> str:
        return f"https://t.me/{self.username}?start={payload}"

    def referral(self, code: str) -> str:
        return self.start(f"r_{code}")

    def group(self, group_id: int) -> str:
        return self.start(f"g_{group_id}")

    def offer(self, offer_id: int) -> str:
        return self.start(f"o_{offer_id}")

    def card(self, code: str) -> str:
        return self.start(f"c_{code}")

    def staff_invite(self, code: str) -> str:
        return self.start(f"s_{code}")

    def sharing(self, url: str, words: str) -> str:
        """Lets somebody send a link from their own account, with a line over it."""
        return f"https://t.me/share/url?{urlencode({'url': url, 'text': words}, quote_via=quote)}"

    def claim(self, code: str) -> str:
        return self.start(f"m_{code}")

    def voucher(self, code: str) -> str:
        return self.start(f"v_{code}")
