"""A form letter is for everybody the message that would have been written for them alone."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from handlers.broadcasts import screens
from handlers.broadcasts.form_letters import FormLetter
from handlers.broadcasts.reading import Reader
from handlers.screens import Layout, button
from handlers.start.callbacks import Home
from locales.texts import LANGUAGES, texts_for
from loyalty.broadcasts import Content, ContentButton, Leads, Wording
from loyalty.members import Tier

MARK = str(2**61)  # what a layout would mark the number with, if no label had it
LABELS = st.one_of(st.text(min_size=1, max_size=20), st.sampled_from([MARK, f"{MARK}0", f":{MARK}:", "0", '"\\u0000']))
WORDS = st.lists(
    st.sampled_from(["Hello ", "<b>{first_name|you}</b>", "{points|no} points", "{tier|friend}", "{shop}", "{{", MARK]),
    max_size=6,
).map("".join)


@given(
    labels=st.lists(LABELS, max_size=3),
    words=WORDS,
    language=st.sampled_from(sorted(LANGUAGES)),
    picture=st.sampled_from([None, 5]),
    people=st.lists(
        st.tuples(st.integers(1, 2**62), st.text(max_size=10), st.sampled_from(Tier), st.integers(-5, 5000)),
        min_size=1,
        max_size=3,
    ),
)
def test_a_letter_is_what_would_have_been_written(
    labels: list[str],
    words: str,
    language: str,
    picture: int | None,
    people: list[tuple[int, str, Tier, int]],
) -> None:
    buttons = [ContentButton(label, Leads.REWARD, str(number)) for number, label in enumerate(labels)]
    content = Content(
        "Bean <Bar>", {}, {"B": {"": Wording(words, 10)}}, picture_id=picture, buttons=buttons, merchant_id=1
    )
    texts = texts_for(language)
    letter = FormLetter(content, texts, "B")
    for delivery_id, name, tier, points in people:
        reader = Reader(name, tier, points)
        got = letter.screen(delivery_id, reader)
        written = screens.message(content, texts, delivery_id, variant="B", reader=reader)
        assert (got.text, got.picture) == (written.text, written.picture)
        assert got.keyboard == written.keyboard
        assert json.loads(got.keyboard_json) == json.loads(written.keyboard_json)


def test_a_layout_without_buttons_is_no_keyboard() -> None:
    assert Layout(lambda number: []).markup(7) == ""
    assert '"home"' in Layout(lambda number: [[button("Home", Home())]]).markup(7)
