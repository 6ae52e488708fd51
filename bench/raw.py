"""Raw limits of the machine, for the bytes that our figures are about."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import psycopg

from bench.clients import THREADS, Http, elsewhere
from bench.house import database_url, folder
from bench.lines import say
from bench.workload import BATCH
from tests.served import free_port

Row = tuple[str, str, int, str]


def rows_of(pushes: Sequence[bytes]) -> list[Row]:
    """Each check of these pushes as a row: id, space, seq, the JSON of its change."""
    changes = (commit["changes"][0] for body in pushes for commit in orjson.loads(body)["commits"])
    return [(one["record"], "qyl", seq, orjson.dumps(one).decode()) for seq, one in enumerate(changes, 1)]


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


def sqlite_full(rows: Sequence[Row]) -> float:
    """One connection, 100 rows a transaction, WAL, `synchronous=FULL`: rows a second."""
    with folder() as place:
        connection = sqlite3.connect(place / "raw.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=full")
        connection.execute("CREATE TABLE raw (id TEXT PRIMARY KEY, space TEXT, seq INTEGER, data TEXT)")
        begun = time.perf_counter()
        for batch in _batches(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", batch)
            connection.execute("COMMIT")
        taken = time.perf_counter() - begun
        connection.close()
    return len(rows) / taken


def postgres(rows: Sequence[Row]) -> float:
    """One connection, 100 rows a transaction and statement, every commit flushed: rows a second."""
    with database_url("postgresql") as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE raw (id text PRIMARY KEY, space text, seq bigint, data text)")
        begun = time.perf_counter()
        for batch in _batches(rows):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany("INSERT INTO raw VALUES (%s, %s, %s, %s)", batch)
        taken = time.perf_counter() - begun
    return len(rows) / taken


def json_both_ways(rows: Sequence[Row]) -> float:
    """orjson reads and writes the same checks: checks a second."""
    texts = [row[3] for row in rows]
    begun = time.perf_counter()
    for text in texts:
        orjson.dumps(orjson.loads(text))
    return say("raw_orjson_records_per_s", len(texts) / (time.perf_counter() - begun))


def empty_endpoint(bodies: Sequence[bytes], records: int) -> float:
    """The same bodies posted to a Flask endpoint that reads them and does nothing: records a second."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "120",
        "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "bench.raw_app:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=Path(__file__).resolve().parent.parent)
    try:
        _wait_for(port)
        taken = elsewhere(post_all, port, list(bodies))
    finally:
        server.terminate()
        server.wait(30)
    return say("raw_flask_records_per_s", records / taken)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            Http(port).ask("POST", "/", b"")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the empty endpoint does not answer")


def post_all(port: int, bodies: Sequence[bytes]) -> float:
    """Post these bodies from as many threads as the clients have: seconds."""

    def work(mine: Sequence[bytes]) -> None:
        http = Http(port)
        for body in mine:
            http.ask("POST", "/", body)

    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, [bodies[at::THREADS] for at in range(THREADS)]))
    return time.perf_counter() - begun
