"""Servers that start at the same time, and what a cluster leaves behind."""

from __future__ import annotations

from pathlib import Path

import psycopg

from server.storage.database import open_database
from tests.browser.house import House as Served
from tools.cluster import Cluster
from tools.cluster.front import App
from tools.cluster.programs import free_ports


def test_two_that_start_at_once_on_an_empty_database_prepare_it_once(
    cluster: Cluster, tmp_path: Path, soak: bool
) -> None:
    """As on two machines: they share the database and no folder. One migrates, and in the long form loads the
    demo; the other waits and finds it whole (`tests/upkeep/test_preparing.py` is the short form of that)."""
    with psycopg.connect(cluster.postgres.url_of("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE two_at_once LOCALE 'C' TEMPLATE template0")
    url = cluster.postgres.url_of("two_at_once")
    apps = []
    for number, port in enumerate(free_ports(2)):
        folder = tmp_path / f"machine {number}"
        folder.mkdir()
        settings = {
            "ROUNDS_DATA": str(folder / "data"), "ROUNDS_DATABASE_URL": url,
            "ROUNDS_DEMO": str(int(soak)), "ROUNDS_SECRET_KEY": "one for both",
            "ROUNDS_REDIS_URL": cluster.redis.url,
        }  # fmt: skip
        apps.append(App(f"machine {number}", port, settings, folder / "log"))
    try:
        for app in apps:
            app.start()
        for app in apps:
            app.wait()
        said = [(app.program.log).read_text() for app in apps]
        assert sum("brought up to date" in text for text in said) == 1
        assert sum("Demo 4/4" in text for text in said) == int(soak)
        if soak:
            pulled = [Served(tmp_path, port=app.port).client("reviewer").pull("qyl") for app in apps]
            assert pulled[0] == pulled[1]
            assert len(pulled[0]) > 1000
    finally:
        for app in apps:
            app.stop()
    database = open_database(url, tmp_path)
    assert database.row("SELECT COUNT(*) FROM parked") == (0,)
    database.close()
