"""`perkchat import` as an operator runs it: files of all kinds, reports, runs that are cut off."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from loyalty.earning import EarnRule
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.audit import audit
from storage.database import Database
from storage.migrate import migrate
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.commands import perkchat
from tests.kit.shops import add_merchant

LINES = 6_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a club in it that has one shop."""
    with closing(Database(f"sqlite:///{tmp_path}/var/perkchat.db")) as database:
        migrate(database)
        units = UnitFactory(database)
        shop_id = add_merchant(units, "Corner")
        club = open_club(units, FrozenClock(), Random(7), Programme(), Language.ENGLISH)
        club.purchases.set_rule(shop_id, EarnRule())
    return tmp_path


def ask(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "var/perkchat.db", timeout=10)) as connection:
        return connection.execute(query).fetchall()


def report(folder: Path, file: str) -> list[tuple[str, str, str, str]]:
    with (folder / f"{file}.report.csv").open(encoding="utf-8-sig", newline="") as opened:
        head, *rows = csv.reader(opened)
    assert head == ["line", "field", "problem", "given", "content"]
    return [(row[0], row[1], row[2], row[4]) for row in rows]


def check_ledger(folder: Path) -> None:
    with (
        closing(Database(f"sqlite:///{folder}/var/perkchat.db")) as database,
        database.engine.connect() as connection,
    ):
        assert [finding for finding in audit(connection) if not finding.holds] == []


def test_members_and_purchases_come_in_and_come_in_once(folder: Path) -> None:
    (folder / "members.csv").write_text("number,name,points\n4711,Nora Berg,100\n4712,王小明,\n", encoding="utf-8-sig")
    (folder / "bought.csv").write_text(
        'receipt;amount;number;date;tags\nA-1;12,50;4711;2026-05-01 10:00;"coffee;cake"\n\nA-2;3.00;4712;2026-05-02;\n'
    )
    dry = perkchat(folder, "import", "members", "members.csv", "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "Would be added: 2. Known already: 0. Refused: 0.\n")
    assert ask(folder, "SELECT COUNT(*) FROM members") == ask(folder, "SELECT COUNT(*) FROM import_runs") == [(0,)]
    for words, first in (
        (("members", "members.csv"), "Added: 2. Known already: 0. Refused: 0.\n"),
        (("purchases", "bought.csv", "--shop", "Corner"), "Added: 2. Known already: 0. Refused: 0.\n"),
    ):
        ran = perkchat(folder, "import", *words)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, first, "")
        again = perkchat(folder, "import", *words)
        assert (again.returncode, again.stdout) == (0, "Added: 0. Known already: 2. Refused: 0.\n")
    assert ask(folder, "SELECT SUM(available) FROM balances") == [(100 + 12 + 3,)]
    assert ask(folder, "SELECT name FROM members ORDER BY id") == [("Nora Berg",), ("王小明",)]
    assert ask(folder, "SELECT tags FROM purchases ORDER BY id LIMIT 1") == [('["cake", "coffee"]',)]
    assert ask(folder, "SELECT COUNT(*) FROM deliveries") == [(0,)]
    check_ledger(folder)


def test_refused_lines_are_reported_and_the_others_taken(folder: Path) -> None:
    (folder / "members.csv").write_text(
        "number,name,tier,points\n4711,Nora,gold,1\n4711,Norbert,gold,1\n4711,Nora,gold,1\n"
        "4712,,iron,-1\n4713\n4714,=cmd(),silver,\n"
    )
    for words, said in ((("--dry-run",), "Would be added: 2."), ((), "Added: 2."), ((), "Added: 0.")):
        ran = perkchat(folder, "import", "members", "members.csv", *words)
        assert ran.returncode == 1
        known = 3 if said == "Added: 0." else 1
        assert ran.stdout.startswith(f"{said} Known already: {known}. Refused: 3.\nWhat was refused and why: ")
        assert report(folder, "members.csv") == [
            ("3", "", "line 2 is the same one with other content", "4711,Norbert,gold,1"),
            ("5", "name", "missing: 1 to 64 characters", "4712,,iron,-1"),
            ("5", "tier", "not readable: member, silver or gold", "4712,,iron,-1"),
            ("5", "points", "not readable: a whole number from 0 to 100000000", "4712,,iron,-1"),
            ("6", "", "not as many cells as the header has; cells with the delimiter in them need quotes", "4713"),
        ]
    (folder / "bought.csv").write_text(
        "number,shop,amount,date,receipt\n4711,Corner,1e9,2026-05-01,A-1\n9999,Corner,5,2026-05-01,A-2\n"
        "4711,Nowhere,5,2026-05-01,A-3\n4711,1,5,2999-01-01,A-4\n4711,1,5,2026-05-01,A-5\n4714,1,5,2026-05-01,A-5\n"
    )
    ran = perkchat(folder, "import", "purchases", "bought.csv")
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (1, "Added: 1. Known already: 0. Refused: 5.")
    assert [(line, field, problem.partition(":")[0]) for line, field, problem, _ in report(folder, "bought.csv")] == [
        ("2", "amount", "not readable"),
        ("3", "number", "no member has this number"),
        ("4", "shop", "there is no shop with this name or number"),
        ("5", "date", "in the future"),
        ("7", "", "line 6 is the same one with other content"),
    ]
    check_ledger(folder)


def test_files_as_spreadsheets_write_them_are_read(folder: Path) -> None:
    (folder / "members.csv").write_text(
        "\n;;\nNumber ;NAME;phone\n4711;Nora, B.;+49 (0)170 1234567\n", encoding="utf-8-sig"
    )
    ran = perkchat(folder, "import", "members", "members.csv")
    assert (ran.returncode, ran.stdout) == (0, "Added: 1. Known already: 0. Refused: 0.\n")
    assert ask(folder, "SELECT name, first_name, phone FROM members") == [("Nora, B.", "B.", "+491701234567")]
    (folder / "bought.csv").write_text(
        "\r\nnumber\tshop\tamount\tdate\treceipt\r\n4711\tCORNER\t3,00\t2026/5/1\tA-1\r\n"
        "4711\tcorner\t3,00\t2026/5/1\t1.23457E+12\r\n",
        newline="",
    )
    ran = perkchat(folder, "import", "purchases", "bought.csv")
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (1, "Added: 1. Known already: 0. Refused: 1.")
    [(line, field, problem, _)] = report(folder, "bought.csv")
    assert (line, field) == ("4", "receipt")
    assert "format the column as text" in problem


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "there is no header"),
        (b"\n\n", "there is no header"),
        (b"number,name,mail\n1,Ana,a@b\n", "unknown column 'mail'. The columns of members are number, name, phone"),
        (b"number,points\n1,2\n", "no column name"),
        (b"number,name,name\n1,2,3\n", "column name is there twice"),
        ("number,name\n1,Zoë\n".encode("latin-1"), "this is no UTF-8"),
        ("number,name\n1,Zoë\n".encode("utf-16"), "this is no UTF-8"),
        (b'number,name\n1,"Ana\n2,Bo\n', "this is no CSV"),
        (b"PK\x03\x04\xff\xfe\x00rest", "this is no UTF-8"),
    ],
)
def test_a_file_that_is_none_is_one_line_and_writes_nothing(folder: Path, content: bytes, hint: str) -> None:
    (folder / "members.csv").write_bytes(content)
    ran = perkchat(folder, "import", "members", "members.csv")
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"members.csv: {hint}")
    assert ran.stderr.count("\n") == 1
    assert ask(folder, "SELECT COUNT(*) FROM members") == [(0,)]
    assert not (folder / "members.csv.report.csv").exists()


def test_what_is_asked_wrongly_is_one_line(folder: Path) -> None:
    (folder / "members.csv").write_text("number,name\n1,Ana\n")
    (folder / "bought.csv").write_text("number,amount,date,receipt\n1,5,2026-05-01,A\n")
    for words, hint in (
        (("members", "nowhere.csv"), "nowhere.csv: No such file"),
        (("members", "."), ".: Is a directory"),
        (("members",), "FILE: which one?"),
        (("members", "members.csv", "--shop", "Nowhere"), "--shop Nowhere: there is no shop"),
        (("purchases", "bought.csv"), "bought.csv: no column shop. Add it, or say --shop NAME."),
        (("members", "members.csv", "--codes", "no/such/folder.csv"), "--codes no/such/folder.csv: No such file"),
    ):
        ran = perkchat(folder, "import", *words)
        assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
        assert ran.stderr.startswith(hint)
    assert perkchat(folder / "var", "import", "members", "../members.csv").returncode == 2, "no database is there"


def test_codes_for_all_numbers_go_into_a_file_of_ones_own(folder: Path) -> None:
    (folder / "members.csv").write_text("number,name\n4711,Nora\n4712,Bo\n")
    ran = perkchat(folder, "import", "members", "members.csv", "--codes", "codes.csv")
    assert (ran.returncode, ran.stdout.splitlines()[1]) == (0, "Codes written to codes.csv: 2.")
    first = (folder / "codes.csv").read_text()
    assert [line.partition(",")[0] for line in first.splitlines()] == ["number", "4711", "4712"]
    assert (folder / "codes.csv").stat().st_mode & 0o077 == 0, "whoever has a code has the points"
    (folder / "codes.csv").chmod(0o644)
    assert perkchat(folder, "import", "members", "--codes", "codes.csv").returncode == 0
    assert (folder / "codes.csv").read_text() == first, "a number has one open code"
    assert (folder / "codes.csv").stat().st_mode & 0o077 == 0, "a file that was there before is closed, too"


def test_refused_lines_are_reported_into_a_file_of_ones_own(folder: Path) -> None:
    (folder / "members.csv").write_text("number,name,phone\n4711,Nora,12\n")
    assert perkchat(folder, "import", "members", "members.csv").returncode == 1
    [report] = folder.glob("members*.report.csv")
    assert "Nora" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["codes.csv", "CODES.csv", "new-codes.csv", "members.csv.report.csv", "club.db"])
def test_what_holds_codes_is_not_for_git(name: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--no-index", "-q", name], cwd=ROOT, check=False)
    assert ignored.returncode == 0


@pytest.mark.crash
def test_an_import_that_is_killed_goes_on_and_books_nothing_twice(folder: Path) -> None:
    lines = [f"{number:05d},Member {number},{'iron' if number % 50 == 0 else 'gold'},7" for number in range(LINES)]
    (folder / "members.csv").write_text("\n".join(["number,name,tier,points", *lines]) + "\n")
    kills = 0
    for wanted in (500, 2_000, 4_000):
        begun = subprocess.Popen(
            [sys.executable, "-m", "bot", "import", "members", "members.csv"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
        )
        while (
            begun.poll() is None and sum(done for (done,) in ask(folder, "SELECT lines_done FROM import_runs")) < wanted
        ):
            time.sleep(0.005)
        if begun.poll() is None:
            begun.send_signal(signal.SIGKILL)
            kills += 1
        begun.wait()
    assert kills == 3, "it was cut off, not finished"
    [(done, members)] = ask(folder, "SELECT lines_done, (SELECT COUNT(*) FROM members) FROM import_runs")
    assert members == done - len([number for number in range(done) if number % 50 == 0])
    ran = perkchat(folder, "import", "members", "members.csv")
    assert ran.returncode == 1
    assert ran.stdout.startswith(f"Going on after {done} lines.\nAdded: {LINES * 49 // 50}. Known already: 0.")
    assert [line for line, *_ in report(folder, "members.csv")] == [str(n + 2) for n in range(0, LINES, 50)]
    assert ask(folder, "SELECT COUNT(*), SUM(available) FROM balances") == [(LINES * 49 // 50, 7 * LINES * 49 // 50)]
    again = perkchat(folder, "import", "members", "members.csv")
    assert again.stdout.startswith(f"Added: 0. Known already: {LINES * 49 // 50}. Refused: {LINES // 50}.")
    check_ledger(folder)
