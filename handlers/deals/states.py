from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class DealForm(StatesGroup):
    """What is typed about a deal: everything else about it is in the database.

    A new one is in the database from when all is answered that it cannot be without: until then `merchant_id`, `nonce`
    and the `answers` so far are in the form's data. Later `deal_id` is, with the `field` and for its words in a
    language the `language`.
    """

    new = State()
    field = State()
    words = State()
    picture = State()
