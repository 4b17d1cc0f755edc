"""Codes that people read aloud, type and scan."""

from __future__ import annotations

from typing import Protocol

from loyalty.names import readable

# Crockford's base 32 without U; what people mix up is read as its twin (O as 0, I and L as 1).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERRAL_LENGTH = 8
CARD_LENGTH = 8  # 40 bits, only ever tried at a till
VOUCHER_LENGTH = 13  # 65 bits: nobody guesses one
NONCE_LENGTH = 8  # 40 bits, only ever compared within one member's own actions

_TWINS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": "", " ": ""})


class Random(Protocol):
    """The part of `random.Random` that the club uses; `secrets.SystemRandom()` in production."""

    def choices(self, population: str, *, k: int) -> list[str]: ...
    def randrange(self, stop: int, /) -> int: ...
    def betavariate(self, alpha: float, beta: float, /) -> float: ...


def new_code(random: Random, length: int) -> str:
    return "".join(random.choices(ALPHABET, k=length))


def as_typed(given: str) -> str:
    """A code as it was meant: upper case, without blanks and dashes, twins resolved."""
    return readable(given).strip().upper().translate(_TWINS)


def in_halves(code: str) -> str:
    """A short code, easier to read aloud: "7F3K-9QWE"."""
    return f"{code[: len(code) // 2]}-{code[len(code) // 2 :]}"


def grouped(code: str) -> str:
    """A code in groups of four or five, easier to read aloud: "7F3K-9QWE-2XH4P"."""
    if len(code) <= 8:
        return code
    head = [code[start : start + 4] for start in range(0, len(code) - 5, 4)]
    return "-".join([*head, code[4 * len(head) :]])
