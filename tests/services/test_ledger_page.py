"""docs/ledger.md says the truth: each of its examples runs, on both databases."""

from __future__ import annotations

from doctest import DocTestParser, DocTestRunner
from pathlib import Path

import pytest

from storage.audit import audit
from storage.database import Database
from tests.kit.bookkeeper import Bookkeeper

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
CHAPTERS = PAGE.read_text(encoding="utf-8").split("\n## ")
EXAMPLES = [chapter for chapter in CHAPTERS if ">>>" in chapter]


@pytest.mark.parametrize("chapter", EXAMPLES, ids=[chapter.partition("\n")[0] for chapter in EXAMPLES])
def test_the_examples_of_the_page_run(chapter: str, database: Database) -> None:
    words = Bookkeeper(database).words()
    example = DocTestParser().get_doctest(chapter.replace("```", ""), dict(words), PAGE.name, str(PAGE), 0)
    assert example.examples
    said: list[str] = []
    DocTestRunner(verbose=False).run(example, out=said.append)
    assert not said, "".join(said)
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


def test_the_page_shows_every_kind_of_step() -> None:
    shown = "".join(EXAMPLES)
    steps = [name for name in Bookkeeper.__dict__ if not name.startswith("_") and name != "words"]
    assert [name for name in steps if f"{name}(" not in shown] == []
