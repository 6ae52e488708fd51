"""Settings, the clock, and what the command does before it serves."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server import cli
from server.clock import Clock
from server.config import Settings
from server.serving import THREADS, Server
from tests.house import House


def test_settings_come_from_the_environment(tmp_path: Path):
    settings = Settings.from_environment(
        {
            "ROUNDS_DATA": str(tmp_path), "ROUNDS_PORT": "9000", "ROUNDS_HOST": "::1",
            "ROUNDS_SECRET_KEY": "k", "ROUNDS_DEMO": "0", "ROUNDS_NOW": "2026-11-27T18:00:00+08:00",
            "ROUNDS_REDIS_URL": "redis://r",
        }
    )  # fmt: skip
    assert (settings.data, settings.port, settings.host, settings.demo) == (tmp_path, 9000, "::1", False)
    assert (settings.secret_key, settings.redis_url, settings.loopback) == ("k", "redis://r", True)


def test_a_missing_secret_key_is_made_once_and_kept_secret(tmp_path: Path):
    first, second = (Settings.from_environment({"ROUNDS_DATA": str(tmp_path)}) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 40
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("port", ["0", "70000", "x", "８０８０", "-1"])
def test_a_port_that_is_none_is_named(tmp_path: Path, port: str):
    with pytest.raises(ValueError, match="ROUNDS_PORT"):
        Settings.from_environment({"ROUNDS_DATA": str(tmp_path), "ROUNDS_PORT": port})


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("rounds.example", False)],
)  # fmt: skip
def test_what_only_this_machine_can_reach(tmp_path: Path, host: str, loopback: bool):
    assert Settings(data=tmp_path, host=host).loopback is loopback


def test_the_clock_can_be_set_and_runs_on():
    clock = Clock.starting_at("2026-11-27T18:00:00+08:00")
    assert timedelta(0) <= clock.now() - datetime(2026, 11, 27, 10, tzinfo=UTC) < timedelta(seconds=5)
    assert clock.today() == "2026-11-27"
    assert re.fullmatch(r"2026-11-27T18:00:0\d\.\d{3}\+08:00", clock.text())
    assert abs(Clock.starting_at("").now() - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="offset"):
        Clock.starting_at("2026-11-27T18:00:00")


def test_ids_are_uuids_of_version_7_in_order_of_time():
    clock = Clock()
    first = clock.new_id()
    clock.shift = timedelta(milliseconds=5)
    second = clock.new_id()
    pattern = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, ident) for ident in (first, second))
    assert first < second
    millis = int(first.replace("-", "")[:12], 16)
    assert abs(millis / 1000 - datetime.now(UTC).timestamp()) < 5


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """The servers that would have been run."""
    run: list[Server] = []
    monkeypatch.setattr(Server, "run", lambda self: run.append(self))
    return run


def test_demo_accounts_keep_the_server_on_this_machine(tmp_path: Path, served: list[Server], capsys):
    house = House(tmp_path / "data")
    house.close()
    settings = Settings(data=house.data, host="0.0.0.0", secret_key="k", demo=False)
    assert cli.serve(settings, Clock()) == 3
    said = capsys.readouterr().out
    assert "演示账号" in said
    assert "ROUNDS_ALLOW_DEMO_ON_NETWORK=1" in said
    assert served == []
    allowed = Settings(data=house.data, host="0.0.0.0", secret_key="k", demo=False, demo_on_network=True)
    assert cli.serve(allowed, Clock()) == 0
    assert len(served) == 1


def test_the_address_and_the_accounts_are_printed_in_both_languages(
    tmp_path: Path, served: list[Server], capsys
):
    house = House(tmp_path / "data")
    house.close()
    assert cli.serve(Settings(data=house.data, port=8123, secret_key="k", demo=False), Clock()) == 0
    served[0].cfg.when_ready(served[0])
    said = capsys.readouterr().out
    assert "巡岗已就绪：http://127.0.0.1:8123" in said
    assert "Rounds is ready: http://127.0.0.1:8123" in said
    assert "t07" in said
    assert "reviewer" in said


def test_one_worker_with_a_thread_for_every_socket(tmp_path: Path, served: list[Server], monkeypatch):
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--reload --log-level info")
    assert cli.serve(Settings(data=tmp_path, secret_key="k", demo=False), Clock()) == 0
    cfg = served[0].cfg
    assert (cfg.workers, cfg.threads, cfg.worker_class_str, cfg.graceful_timeout) == (
        1,
        THREADS,
        "gthread",
        2,
    )
    assert (cfg.reload, cfg.loglevel, cfg.address) == (True, "info", [("127.0.0.1", 8080)])


def test_a_setting_that_makes_no_sense_ends_the_command(monkeypatch, tmp_path: Path, capsys):
    monkeypatch.setenv("ROUNDS_DATA", str(tmp_path))
    monkeypatch.setenv("ROUNDS_NOW", "yesterday")
    assert cli.main(["serve"]) == 2
    assert "yesterday" in capsys.readouterr().err


def test_migrations_are_checked_by_command(capsys):
    assert cli.main(["migrations-check"]) == 0
    assert capsys.readouterr().out == ""
