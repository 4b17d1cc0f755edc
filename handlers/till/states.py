from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class TillForm(StatesGroup):
    """In the data `merchant_id`, the shop at whose till they stand, and besides:

    customer: `candidates`, the ids of those who were offered. amount: `customer_id`; and once an amount was typed
    `given`, as it was typed, `wish`, the message with it, and `nonce`, the confirmation that it waits for. part:
    `purchase_id` alone.
    """

    customer = State()
    amount = State()
    receipt = State()
    part = State()
