"""Servers that start together load the demo once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from server import cli
from server.clock import Clock
from server.config import Settings
from server.storage.database import open_database


def test_only_one_at_a_time_looks_whether_there_is_a_demo(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would find an empty house, and load it twice over each other."""
    inside, most, guard = 0, 0, threading.Lock()

    def look(*_: Any) -> None:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        time.sleep(0.3)
        with guard:
            inside -= 1

    monkeypatch.setattr(cli, "keep_demo", look)

    def start(machine: int) -> None:
        # On SQLite they share the folder; on PostgreSQL each machine has its own.
        data = tmp_path / (f"machine {machine}" if database_url else "data")
        database = open_database(database_url, data)
        try:
            cli.prepare(Settings(data=data, database_url=database_url, app=tmp_path), Clock(), database)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(start, range(2)))
    assert most == 1
