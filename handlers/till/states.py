from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class TillForm(StatesGroup):
    """In the data `merchant_id`, the shop at whose till they stand, and besides:

    shop: no shop yet, and what was typed as `given`. customer: `candidates`, the ids of those who were offered, and the
    `amount` that was typed with them. amount: `customer_id`; once something was typed that may be the next customer, or
    a slip of the finger, that as `asked`; once an amount was, that as `given`, `wish`, the message with it, and
    `nonce`, the confirmation that it waits for. booked: `purchase_id`; nobody opens it, but who edits the amount of
    what is booked answers it. part: `purchase_id` alone.
    """

    shop = State()
    customer = State()
    amount = State()
    booked = State()
    receipt = State()
    part = State()
