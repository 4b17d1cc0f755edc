"""The command line as an operator uses it: one clear line for what is wrong, exit codes for scripts."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.doctor import examine
from bot.seed import seed_town
from bot.settings import Settings, WrongSetting
from loyalty.members import Tier
from loyalty.points import POINTS_MAX, RefundPolicy
from loyalty.programme import Programme
from loyalty.referrals import ReferralEvent
from loyalty.tiers import TierBasis
from sandbox import Telegram
from sandbox.server import SandboxServer
from storage.audit import CHECKS
from storage.database import Database, files_of
from storage.migrate import migrate
from tests.kit.commands import perkchat, process
from tests.kit.databases import Postgres

WRONG = [
    ("PERKCHAT_BOT_TOKEN", "secret-without-colon", "a bot token looks like"),
    ("PERKCHAT_TELEGRAM_API", "api.telegram.org", "an address such as"),
    ("PERKCHAT_DATABASE_URL", "mysql://x", "sqlite:///var/perkchat.db or postgresql://"),
    ("PERKCHAT_REDIS_URL", "localhost", "redis://host:6379/0"),
    ("PERKCHAT_ADMIN_IDS", "1001,olga", "Telegram's numbers"),
    ("PERKCHAT_SENDS_PER_SECOND", "fast", "number"),
    ("PERKCHAT_SENDS_PER_SECOND", "0", "greater than 0"),
    ("PERKCHAT_TIMEZONE", "Mars/Olympus", "a time zone such as"),
    ("PERKCHAT_CURRENCY", "XYZ", "three letters such as EUR"),
    ("PERKCHAT_LANGUAGE", "fr", "'en', 'zh-Hans' or 'zh-Hant'"),
    ("PERKCHAT_TRANSFERS", "maybe", "boolean"),
    ("PERKCHAT_REFUND_POLICY", "forgive", "'allow_negative' or 'clamp_to_zero'"),
    ("PERKCHAT_COMMISSION", "5,3,1", "at most 2 levels"),
    ("PERKCHAT_COMMISSION", "5,101", "percent for each level, such as 5,1"),
    ("PERKCHAT_COMMISSION", "a lot", "percent for each level, such as 5,1"),
    ("PERKCHAT_REFERRAL_EVENT", "birthday", "'check_in' or 'purchase'"),
    ("PERKCHAT_REFERRAL_CAPS", "10", "friends of one member in a day and in a month, such as 10,50"),
    ("PERKCHAT_REFERRAL_CAPS", "-1,50", "friends of one member in a day and in a month, such as 10,50"),
    ("PERKCHAT_CONTACT", "ask at the counter", "a @name, a t.me link, an e-mail address or a phone number"),
    ("PERKCHAT_CONTACT", "https://evil.example/t.me/x", "a @name, a t.me link"),
    ("PERKCHAT_CONTACT", "<b>x</b>", "a @name, a t.me link"),
    ("PERKCHAT_POINTS_PER_UNIT", "0", "greater than or equal to 1"),
    ("PERKCHAT_POINTS_CEILINGS", "20000,20000", "points of a purchase, a member's day, a shop's day and month"),
    ("PERKCHAT_POINTS_CEILINGS", "0,1,1,1", "points of a purchase, a member's day, a shop's day and month"),
    ("PERKCHAT_POINTS_REVIEW", "5000", "points of a purchase that is looked at, and days"),
    ("PERKCHAT_POINTS_REVIEW", "5000,0", "points of a purchase that is looked at, and days"),
    ("PERKCHAT_CONFIRM_POINTS", "0", "greater than or equal to 1"),
    ("PERKCHAT_TIERS", "500", "what silver and gold take in twelve months, such as 500,2000"),
    ("PERKCHAT_TIERS", "2000,500", "silver takes more than nothing, and gold more than silver"),
]


@pytest.mark.parametrize(("name", "value", "hint"), WRONG)
def test_a_wrong_value_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as wrong:
        Settings.load(_env_file=None)
    said = str(wrong.value)
    assert said.startswith(name)
    assert hint in said
    assert "\n" not in said
    assert ("secret" in said) is False, "a token is never shown"


def test_settings_come_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PERKCHAT_ADMIN_IDS=1, 2\nPERKCHAT_TIMEZONE=Asia/Taipei\n")
    monkeypatch.setenv("PERKCHAT_TIMEZONE", "Europe/Berlin")
    settings = Settings.load(_env_file=tmp_path / ".env")
    assert settings.admin_ids == {1, 2}
    assert settings.timezone == "Europe/Berlin", "the environment comes first"
    assert settings.database_url == "sqlite:///var/perkchat.db"


def test_check_ins_bring_points_only_with_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERKCHAT_REFERRAL_EVENT", "check_in")
    monkeypatch.setenv("PERKCHAT_REFERRAL_CAPS", "0,50")
    with pytest.raises(WrongSetting, match=r"PERKCHAT_REFERRAL_CAPS.*both caps are needed"):
        Settings.load(_env_file=None)


def test_the_programme_is_turned_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load(_env_file=None).programme == Programme()
    for name, value in (
        ("TRANSFERS", "true"),
        ("DOUBLE_OPT_IN", "true"),
        ("REFUND_POLICY", "clamp_to_zero"),
        ("COMMISSION", "5, 1"),
        ("REFERRAL_EVENT", "check_in"),
        ("REFERRAL_CAPS", "3 20"),
        ("CURRENCY", "JPY"),
        ("POINTS_PER_UNIT", "5"),
        ("POINTS_CEILINGS", "10,20,30,40"),
        ("POINTS_REVIEW", "9,2"),
        ("CONFIRM_POINTS", "77"),
        ("TIERS", "300 900"),
        ("TIER_BASIS", "spend"),
        ("CONTACT", " @oldtown "),
    ):
        monkeypatch.setenv(f"PERKCHAT_{name}", value)
    assert Settings.load(_env_file=None).programme == Programme(
        has_transfers=True,
        has_double_opt_in=True,
        refund_policy=RefundPolicy.CLAMP_TO_ZERO,
        commission_percent=(5, 1),
        referral_event=ReferralEvent.CHECK_IN,
        referrals_day_max=3,
        referrals_month_max=20,
        currency="JPY",
        decimals=0,
        points_unit_max=5,
        points_purchase_max=10,
        points_member_day_max=20,
        points_shop_day_max=30,
        points_shop_month_max=40,
        review_points=9,
        review_days=2,
        confirm_points=77,
        tier_minimums={Tier.SILVER: 300, Tier.GOLD: 900},
        tier_basis=TierBasis.SPEND,
        contact="@oldtown",
    )


@pytest.mark.parametrize(
    "contact", ["", "@old_town", "t.me/oldtown", "https://t.me/+AbC123", "hello@old-town.example", "+852 2345 6789"]
)
def test_people_are_reached_in_one_of_four_ways(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("PERKCHAT_CONTACT", contact)
    assert Settings.load(_env_file=None).programme.contact == contact


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 5_000_000), ("JPY", 50_000), ("KWD", 50_000_000)])
def test_the_operator_says_what_a_till_books_at_most(
    currency: str, minor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERKCHAT_CURRENCY", currency)
    monkeypatch.setenv("PERKCHAT_TILL_LIMIT", "50000")
    assert Settings.load(_env_file=None).programme.till_amount_minor_max == minor
    monkeypatch.setenv("PERKCHAT_TILL_LIMIT", "0")
    with pytest.raises(WrongSetting):
        Settings.load(_env_file=None)


def test_running_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    ran = process(tmp_path, "run", PERKCHAT_BOT_TOKEN="")
    assert ran.returncode == 2
    assert ran.stderr.startswith("PERKCHAT_BOT_TOKEN: not set. BotFather gives you one")
    assert ran.stderr.count("\n") == 1


async def test_a_token_that_telegram_does_not_know_is_one_line(tmp_path: Path) -> None:
    async with SandboxServer(Telegram("42:SANDBOX", "perkchat_bot", "Perkchat")) as server:
        ran = await asyncio.to_thread(
            process, tmp_path, "run", PERKCHAT_BOT_TOKEN="42:WRONG", PERKCHAT_TELEGRAM_API=server.url
        )
    assert ran.returncode == 2
    assert ran.stderr == "PERKCHAT_BOT_TOKEN: Telegram does not know it. Copy it again from BotFather.\n"


@pytest.mark.postgres
def test_a_database_that_is_not_migrated_or_not_there_is_one_line(postgres_server: Postgres, tmp_path: Path) -> None:
    for url, hint in (
        (postgres_server.server.get_uri(), "run `perkchat migrate`"),
        ("postgresql://nobody@127.0.0.1:1/none", "connection failed"),
    ):
        ran = perkchat(tmp_path, "run", PERKCHAT_BOT_TOKEN="42:SANDBOX", PERKCHAT_DATABASE_URL=url)
        assert ran.returncode == 2
        assert ran.stderr.startswith("PERKCHAT_DATABASE_URL: ")
        assert hint in ran.stderr
        assert ran.stderr.count("\n") == 1


def test_migrate_seed_and_audit_by_command(tmp_path: Path) -> None:
    newest = max(Path("storage/migrations/versions").glob("0*.py")).name[:4]
    assert perkchat(tmp_path, "migrate").stdout == f"The database is at version {newest}.\n"
    assert perkchat(tmp_path, "seed").returncode == 2, "without --demo nothing is invented"
    assert "8 people" in perkchat(tmp_path, "seed", "--demo").stdout
    audited = process(tmp_path, "ledger", "audit")
    assert audited.returncode == 0, audited.stdout
    assert audited.stderr == "", "no progress bar where nobody looks"
    add_a_point(tmp_path)
    audited = perkchat(tmp_path, "ledger", "audit")
    assert audited.returncode == 1
    assert "✗ balances equal postings\n    1: balance " in audited.stdout


def test_a_months_settlement_by_command(tmp_path: Path) -> None:
    nowhere = perkchat(tmp_path, "ledger", "statement", "--month", "2026-05")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (2, 1)
    assert perkchat(tmp_path, "seed", "--demo").returncode == 0
    month = datetime.now(UTC).strftime("%Y-%m")
    table = perkchat(tmp_path, "ledger", "statement", "--month", month)
    assert table.returncode == 0, table.stderr
    assert table.stdout.startswith(f"{month}, so far\n")
    assert table.stdout.splitlines()[-1].startswith("✓ merchants ")
    to_file = perkchat(tmp_path, "ledger", "statement", "--month", month, "--csv", "all.csv")
    to_pipe = perkchat(tmp_path, "ledger", "statement", "--month", month, "--csv", "-")
    assert (to_file.returncode, to_file.stdout) == (0, "")
    assert (tmp_path / "all.csv").read_text(encoding="utf-8-sig") == to_pipe.stdout
    one = perkchat(tmp_path, "ledger", "statement", "--month", month, "--merchant", "1", "--csv", "-")
    assert one.stdout.startswith("date,transaction,kind,cause,member_number,")
    for words, hint in (
        (("--month", "2026-13"), "--month 2026-13: year and month, such as 2026-10"),
        (("--month", month, "--merchant", "99"), "--merchant 99: there is no merchant with this number"),
        (("--month", month, "--csv", "no/such/folder.csv"), "--csv no/such/folder.csv: "),
    ):
        refused = perkchat(tmp_path, "ledger", "statement", *words)
        assert refused.returncode == 2
        assert refused.stderr.startswith(hint)
        assert refused.stderr.count("\n") == 1


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder with the demo's database in it."""
    with closing(Database(f"sqlite:///{tmp_path}/var/perkchat.db")) as database:
        migrate(database)
        seed_town(database)
    return tmp_path


def add_a_point(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "var/perkchat.db")) as connection, connection:
        connection.execute("UPDATE balances SET available = available + 1 WHERE member_id = 1")


def points(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "var/perkchat.db")) as connection:
        found: int = connection.execute("SELECT available FROM balances WHERE member_id = 1").fetchone()[0]
    return found


def test_the_audit_tells_machines_what_it_checked_and_found(town: Path) -> None:
    audited = perkchat(town, "ledger", "audit", "--json")
    said = json.loads(audited.stdout)
    assert (audited.returncode, said["holds"], said["database"]) == (0, True, "sqlite")
    assert said["version"] == perkchat(town, "--version").stdout.strip()
    assert datetime.now(UTC) - datetime.fromisoformat(said["checked_at"]) < timedelta(minutes=1)
    assert [finding["check"] for finding in said["findings"]] == list(CHECKS)
    with closing(sqlite3.connect(town / "var/perkchat.db")) as connection:
        for table, count in said["counts"].items():
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (count,)
    assert said["counts"]["members"] == 8

    add_a_point(town)
    audited = perkchat(town, "ledger", "audit", "--json")
    said = json.loads(audited.stdout)
    assert (audited.returncode, said["holds"]) == (1, False)
    found = {finding["check"]: finding for finding in said["findings"] if not finding["holds"]}
    assert set(found) == {"balances equal postings", "lots equal balances"}
    assert all((finding["faulty_count"], len(finding["faults"])) == (1, 1) for finding in found.values())


def test_the_club_goes_on_while_it_is_audited(town: Path) -> None:
    """Somebody is writing all the time; the audit takes no lock that it would have to wait for."""
    with closing(sqlite3.connect(town / "var/perkchat.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE balances SET available = available + 1 WHERE member_id = 1")
        assert perkchat(town, "ledger", "audit").returncode == 0
        assert perkchat(town, "ledger", "rebuild", "--check").returncode == 0


def test_rebuilding_compares_asks_and_writes(town: Path) -> None:
    before = points(town)
    compared = perkchat(town, "ledger", "rebuild", "--check")
    assert (compared.returncode, compared.stderr) == (0, "")
    assert compared.stdout == "Balances and lots are what the postings and lot entries say.\n"

    add_a_point(town)
    line = f"    balance 1: available {before + 1} → {before}\n"
    compared = perkchat(town, "ledger", "rebuild", "--check")
    assert compared.returncode == 1
    assert compared.stdout == f"{line}Balances that would change: 1. Lots that would change: 0.\n"
    asked = perkchat(town, "ledger", "rebuild")
    assert asked.returncode == 2
    assert asked.stdout == f"{compared.stdout}Nothing is written without `--yes`.\n"
    assert points(town) == before + 1

    written = perkchat(town, "ledger", "rebuild", "--yes")
    assert written.returncode == 0
    assert written.stdout == f"{line}Balances that changed: 1. Lots that changed: 0.\n"
    assert points(town) == before
    assert perkchat(town, "ledger", "audit").returncode == 0


def test_rebuilding_says_what_it_cannot_make_right(town: Path) -> None:
    with closing(sqlite3.connect(town / "var/perkchat.db")) as connection, connection:
        connection.execute("UPDATE balances SET available = available + 1 WHERE member_id = 1")
        connection.execute(
            "INSERT INTO holds (member_id, amount, state, cause, opened_by) VALUES (1, 5, 'held', 'raid', 1)"
        )
    written = perkchat(town, "ledger", "rebuild", "--yes")
    assert written.returncode == 1
    assert "its postings hold 0, its open holds 5" in written.stdout
    assert "Left alone: 1" in written.stdout


NO_DATABASE = [
    ("sqlite:///nowhere.db", "there is no nowhere.db; `perkchat migrate` makes one."),
    ("sqlite:///empty.db", "run `perkchat migrate`."),
    ("sqlite:///letter.db", "file is not a database"),
    ("postgresql://nobody@127.0.0.1:1/none", "connection failed"),
    ("mysql://x", "sqlite:///var/perkchat.db or postgresql://"),
]


@pytest.mark.parametrize(("url", "hint"), NO_DATABASE)
def test_the_ledgers_commands_need_a_database_and_say_which(tmp_path: Path, url: str, hint: str) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    for words in (("audit", "--json"), ("rebuild", "--yes")):
        ran = perkchat(tmp_path, "ledger", *words, PERKCHAT_DATABASE_URL=url)
        assert ran.returncode == 2
        assert ran.stdout == ""
        assert ran.stderr.startswith("PERKCHAT_DATABASE_URL")
        assert hint in ran.stderr
        assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "nowhere.db").exists()


def test_somebody_who_looks_sees_a_progress_bar(town: Path) -> None:
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "ledger", "audit", "--json"],
        cwd=town,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        timeout=60,
    )
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    assert "Auditing" in seen
    assert "100%" in seen
    assert json.loads(ran.stdout)["holds"], "the result is not mixed with it"


@pytest.mark.parametrize("words", [["migrate"], ["ledger", "audit"], ["ledger", "rebuild", "--check"]])
def test_what_sends_nothing_does_not_load_telegrams_libraries(town: Path, words: list[str]) -> None:
    script = "import sys, contextlib; from bot.cli import cli\nwith contextlib.suppress(SystemExit): "
    script += f"cli({words}, result_action='return_value')\n"
    script += "print(sorted({name.partition('.')[0] for name in sys.modules} & {'aiogram', 'aiohttp', 'telegram'}))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=town,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_seeding_again_changes_nothing(database: Database) -> None:
    def everything() -> dict[str, int]:
        tables = (
            "members",
            "merchants",
            "rewards",
            "deals",
            "earn_rules",
            "purchases",
            "transactions",
            "lots",
            "pictures",
            "consent_log",
            "staff",
        )
        with database.engine.connect() as connection:
            return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}

    seed_town(database)
    first = everything()
    seed_town(database)
    assert everything() == first
    assert first["merchants"] == 4
    assert first["rewards"] == 13
    assert first["deals"] == 3
    assert 0 < first["transactions"] < POINTS_MAX


async def test_the_doctor_knows_what_is_well_and_what_to_do(tmp_path: Path) -> None:
    async with SandboxServer(Telegram("42:SANDBOX", "perkchat_bot", "Perkchat")) as server:
        settings = Settings.load(
            _env_file=None,
            bot_token="42:SANDBOX",
            telegram_api=server.url,
            database_url=f"sqlite:///{tmp_path}/club.db",
        )
        found = {finding.part: finding for finding in await asyncio.to_thread(examine, settings)}
        assert found["token"].said == "@perkchat_bot"
        assert found["clock"].is_well
        assert found["fonts"].is_well
        assert not found["migrations"].is_well
        assert "run `perkchat migrate`" in found["migrations"].said

        wrong = settings.model_copy(update={"bot_token": type(settings.bot_token)("42:WRONG")})
        found = {finding.part: finding for finding in await asyncio.to_thread(examine, wrong)}
        assert "Copy it again from BotFather" in found["token"].said


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """As on most machines: what is created can be read by everybody unless somebody sees to it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_mask")
def test_what_is_in_the_database_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/club.db")
    migrate(database)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files_of(database.url)}
    database.close()
    assert modes == {"var": 0o700, "club.db": 0o600, "club.db-wal": 0o600, "club.db-shm": 0o600}


@pytest.mark.usefixtures("usual_mask")
def test_the_doctor_sees_what_others_can_read(tmp_path: Path) -> None:
    def files(**environment: str) -> str:
        settings = {"PERKCHAT_DATABASE_URL": "sqlite:///var/my club.db", **environment}
        said = perkchat(tmp_path, "doctor", **settings).stdout.splitlines()
        return next((line for line in said if line[2:].startswith("files")), "")

    assert files() == "✓ files      for you alone"
    (tmp_path / "var").chmod(0o755)
    (tmp_path / "var" / "my club.db").chmod(0o644)
    (tmp_path / ".env").write_text("PERKCHAT_CURRENCY=EUR\n")
    hint = "chmod 700 var && chmod 600 'var/my club.db' && chmod 600 .env"
    assert files() == f"✗ files      Others on this machine can read them. Run: {hint}"
    subprocess.run(hint, shell=True, cwd=tmp_path, check=True)
    assert files() == "✓ files      for you alone"
