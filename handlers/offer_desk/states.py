from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class OfferForm(StatesGroup):
    """What is typed about an offer: everything else about it is in the database.

    A new one is in the database from when it has a name and words: until then `merchant_id`, `nonce` and the name are
    in the form's data. Later `offer_id` is, with the `field` and for its words in a language the `language`.
    """

    new_name = State()
    new_words = State()
    field = State()
    words = State()
    picture = State()
