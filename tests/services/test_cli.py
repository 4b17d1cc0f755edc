"""The command line as an operator uses it: one clear line for what is wrong, exit codes for scripts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.doctor import examine
from bot.seed import seed_town
from bot.settings import Settings, WrongSetting
from loyalty.points import POINTS_MAX, RefundPolicy
from loyalty.programme import Programme
from sandbox import Telegram
from sandbox.server import SandboxServer
from storage.database import Database
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
    ("PERKCHAT_LANGUAGE", "fr", "'en', 'zh-Hans' or 'zh-Hant'"),
    ("PERKCHAT_TRANSFERS", "maybe", "boolean"),
    ("PERKCHAT_REFUND_POLICY", "forgive", "'allow_negative' or 'clamp_to_zero'"),
    ("PERKCHAT_COMMISSION", "5,3,1", "at most 2 levels"),
    ("PERKCHAT_COMMISSION", "5,101", "percent for each level, such as 5,1"),
    ("PERKCHAT_COMMISSION", "a lot", "percent for each level, such as 5,1"),
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


def test_the_programme_is_turned_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load(_env_file=None).programme == Programme()
    for name, value in (("TRANSFERS", "true"), ("REFUND_POLICY", "clamp_to_zero"), ("COMMISSION", "5, 1")):
        monkeypatch.setenv(f"PERKCHAT_{name}", value)
    assert Settings.load(_env_file=None).programme == Programme(
        has_transfers=True, refund_policy=RefundPolicy.CLAMP_TO_ZERO, commission_percent=(5, 1)
    )


def perkchat(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_running_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    ran = perkchat(tmp_path, "run", PERKCHAT_BOT_TOKEN="")
    assert ran.returncode == 2
    assert ran.stderr.startswith("PERKCHAT_BOT_TOKEN: not set. BotFather gives you one")
    assert ran.stderr.count("\n") == 1


async def test_a_token_that_telegram_does_not_know_is_one_line(tmp_path: Path) -> None:
    async with SandboxServer(Telegram("42:SANDBOX", "perkchat_bot", "Perkchat")) as server:
        ran = await asyncio.to_thread(
            perkchat, tmp_path, "run", PERKCHAT_BOT_TOKEN="42:WRONG", PERKCHAT_TELEGRAM_API=server.url
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


def test_migrate_audit_and_seed_by_command(tmp_path: Path) -> None:
    assert perkchat(tmp_path, "migrate").stdout == "The database is at version 0001.\n"
    assert perkchat(tmp_path, "seed").returncode == 2, "without --demo nothing is invented"
    assert "7 people" in perkchat(tmp_path, "seed", "--demo").stdout
    audited = perkchat(tmp_path, "ledger", "audit")
    assert audited.returncode == 0, audited.stdout
    with Database(f"sqlite:///{tmp_path}/var/perkchat.db").engine.begin() as connection:
        connection.execute(text("UPDATE balances SET available = available + 1 WHERE member_id = 1"))
    audited = perkchat(tmp_path, "ledger", "audit")
    assert audited.returncode == 1
    assert "✗ balances equal postings" in audited.stdout


def test_a_months_settlement_by_command(tmp_path: Path) -> None:
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


def test_migrating_does_not_load_telegrams_libraries(tmp_path: Path) -> None:
    script = "import sys; from bot.cli import cli; cli(['migrate'], result_action='return_value'); "
    script += "print(sorted({name.partition('.')[0] for name in sys.modules} & {'aiogram', 'aiohttp', 'telegram'}))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
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
    assert first["rewards"] == 12
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
