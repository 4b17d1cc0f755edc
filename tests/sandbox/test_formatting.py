"""Markup to entities: what Telegram understands, and its words for what it does not."""

from typing import Any

import pytest

from sandbox.errors import ApiError
from sandbox.formatting import understand
from sandbox.links import bot_link, checked_link
from sandbox.model import Json


def parsed(text: str, mode: str) -> tuple[str, list[tuple[Any, ...]]]:
    formatted = understand(text, mode, user_of=lambda user_id: {"id": user_id} if user_id == 7 else None)
    return formatted.text, [short(entity) for entity in formatted.entities]


def short(entity: Json) -> tuple[Any, ...]:
    more = [value for key, value in entity.items() if key not in ("type", "offset", "length")]
    return (entity["type"], entity["offset"], entity["length"], *more)


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("<b>a</b> <strong>b</strong>", "a b", [("bold", 0, 1), ("bold", 2, 1)]),
        ("<i>a</i><em>b</em>", "ab", [("italic", 0, 2)]),
        ("<u>a</u> <ins>b</ins>", "a b", [("underline", 0, 1), ("underline", 2, 1)]),
        ("<s>a</s> <del>b</del>", "a b", [("strikethrough", 0, 1), ("strikethrough", 2, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("😀 <b>积分</b>", "😀 积分", [("bold", 3, 2)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<b>a<b>b</b></b>", "ab", [("bold", 0, 2)]),
        ("<code>&lt;b&gt; &amp; &quot;&#39;&#x41;</code>", "<b> & \"'A", [("code", 0, 9)]),
        ("a & b < c".replace("<", "&lt;"), "a & b < c", []),
        ("<pre>x</pre>", "x", [("pre", 0, 1)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1, "python")]),
        ("<b>a <code>b</code> c</b>", "a b c", [("bold", 0, 2), ("code", 2, 1), ("bold", 3, 2)]),
        ('<a href="example.com">a</a>', "a", [("text_link", 0, 1, "http://example.com/")]),
        ('<a href="tg://user?id=7">a</a>', "a", [("text_mention", 0, 1, {"id": 7})]),
        ('<a href="tg://user?id=8">a</a>', "a", []),
        ('<a href="http://localhost/">a</a>', "a", []),
        ("<blockquote>a\nb</blockquote>", "a\nb", [("blockquote", 0, 3)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", [("custom_emoji", 0, 2, "5")]),
        ('<tg-time unix="9" format="wDT">now</tg-time>', "now", [("date_time", 0, 3, 9, "wDT")]),
        ("<b></b>a", "a", []),
        (" \n<b> a </b>\n", "a", [("bold", 0, 1)]),
        ("<B>a</B>", "a", [("bold", 0, 1)]),
        ("<b>see https://x.com</b>", "see https://x.com", [("bold", 0, 17), ("url", 4, 13)]),
        ("<code>@somebody</code> @ana_k", "@somebody @ana_k", [("code", 0, 9), ("mention", 10, 6)]),
    ],
)
def test_html(text: str, plain: str, entities: list[tuple[Any, ...]]) -> None:
    assert parsed(text, "HTML") == (plain, entities)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("积 <br/>", 'Unsupported start tag "br/" at byte offset 4'),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_html_that_is_refused(text: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        parsed(text, "HTML")
    assert caught.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", "a b c d e", None),
        ("_\rit\r_ __\ru\r__", "it u", [("italic", 0, 2), ("underline", 3, 1)]),
        ("*bold _both_*", "bold both", [("bold", 0, 9), ("italic", 5, 4)]),
        (r"1\.5 \* 2 \= 3\!", "1.5 * 2 = 3!", []),
        ("`a_b*`", "a_b*", [("code", 0, 4)]),
        ("```python\nx = 1\n```", "x = 1", [("pre", 0, 5, "python")]),
        (r"[a\]b](https://x.com/\)y)", "a]b", [("text_link", 0, 3, "https://x.com/)y")]),
        ("[Ana](tg://user?id=7)", "Ana", [("text_mention", 0, 3, {"id": 7})]),
        ("![👍](tg://emoji?id=5)", "👍", [("custom_emoji", 0, 2, "5")]),
        ("![now](tg://time?unix=9)", "now", [("date_time", 0, 3, 9)]),
        (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 3)]),
        (">a\n>b||", "a\nb", [("expandable_blockquote", 0, 3)]),
        ("x\n>a", "x\na", [("blockquote", 2, 1)]),
    ],
)
def test_markdown_v2(text: str, plain: str, entities: list[tuple[Any, ...]] | None) -> None:
    usual = [
        ("bold", 0, 1),
        ("italic", 2, 1),
        ("underline", 4, 1),
        ("strikethrough", 6, 1),
        ("spoiler", 8, 1),
    ]
    assert parsed(text, "MarkdownV2") == (plain, usual if entities is None else entities)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("积!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("a *b", "Can't find end of Bold entity at byte offset 2"),
        ("*a _b", "Can't find end of Italic entity at byte offset 3"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 4"),
        ("![a]", "Custom emoji entity must contain a tg://emoji URL"),
    ],
)
def test_markdown_v2_that_is_refused(text: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        parsed(text, "MarkdownV2")
    assert caught.value.description.startswith(f"Bad Request: can't parse entities: {words}")


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("*a* _b_ `c`", "a b c", [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1)]),
        ("[a](http://x.com)", "a", [("text_link", 0, 1, "http://x.com/")]),
        (r"snake\_case. 1.5!", "snake_case. 1.5!", []),
        ("```\nx\n```", "x", [("pre", 0, 1)]),
    ],
)
def test_old_markdown(text: str, plain: str, entities: list[tuple[Any, ...]]) -> None:
    assert parsed(text, "Markdown") == (plain, entities)


def test_old_markdown_that_is_refused() -> None:
    with pytest.raises(ApiError, match="Can't find end of the entity starting at byte offset 5"):
        parsed("snake_case", "Markdown")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/points and /help@perkchat_bot", [("bot_command", 0, 7), ("bot_command", 12, 18)]),
        ("see https://example.com/a?b=c.", [("url", 4, 25)]),
        ("at example.com/x, or a.b", [("url", 3, 13)]),
        ("mail ana@example.com now", [("email", 5, 15)]),
        ("@ana_k #coffee $USD +8613800138000", None),
        ("1/2 a/b 3.14 e.g. nothing", []),
        ("😀 /start", [("bot_command", 3, 6)]),
    ],
)
def test_what_is_found_in_plain_text(text: str, entities: list[tuple[Any, ...]] | None) -> None:
    usual = [("mention", 0, 6), ("hashtag", 7, 7), ("cashtag", 15, 4), ("phone_number", 20, 14)]
    found = understand(text).entities
    assert [short(entity) for entity in found] == (usual if entities is None else entities)


def test_given_entities_are_taken_and_checked() -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    assert understand("积分", entities=[bold]).entities == [bold]
    with pytest.raises(ApiError, match="entity beginning at UTF-16 offset 0 ends after the end of the text"):
        understand("a", entities=[bold])
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        understand("a", "RTF")


def test_links_that_telegram_takes() -> None:
    assert checked_link("example.com") == "http://example.com/"
    assert checked_link("https://例子.测试/x?y=1") == "https://例子.测试/x?y=1"
    assert checked_link("http://127.0.0.1:8080/x") == "http://127.0.0.1:8080/x"
    assert checked_link("tg://user?id=1") == "tg://user?id=1"
    for wrong in ("", "localhost:8080", "http://localhost", "ftp://x.com", "http://a b.com", "no"):
        assert checked_link(wrong) is None, wrong


def test_links_that_lead_to_a_bot() -> None:
    assert bot_link("https://t.me/perkchat_bot?start=ref_1") == ("perkchat_bot", "start", "ref_1")
    assert bot_link("t.me/perkchat_bot") == ("perkchat_bot", "", "")
    assert bot_link("tg://resolve?domain=perkchat_bot&startgroup=g") == ("perkchat_bot", "startgroup", "g")
    assert bot_link("https://example.com/perkchat_bot?start=x") is None
