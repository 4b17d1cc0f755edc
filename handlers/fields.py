"""Fields of buttons. Whoever tampers with a client can send any data, so each says what it may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loyalty.codes import CARD_LENGTH, NONCE_LENGTH, VOUCHER_LENGTH

# What a database takes for a number; a larger one would be an error there.
Number = Annotated[int, Field(ge=0, le=2**62)]
# Short, so that a button can carry several: no club has a milliard of anything.
Short = Annotated[int, Field(ge=0, lt=10**9)]
# An amount in the smallest unit of a currency; what a shop may ask at most (`loyalty.answers`), and more.
Price = Annotated[int, Field(ge=0, le=10**13)]
Nonce = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{NONCE_LENGTH}}}$")]
LongCode = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{VOUCHER_LENGTH}}}$")]
MemberCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,16}$")]
CardCode = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{CARD_LENGTH}}}$")]
