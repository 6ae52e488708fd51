"""A whole PostgreSQL database into a file with its own programs, while it is being served, and back."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from server.storage.blobs import flush
from server.storage.spaces import Contained, restored_statements

FILE = "database.pgdump"
# Not pg_restore's own --clean: tables that a newer version has made would stay, and bar its migrations.
_DROP_ALL = b"""
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE 'DROP TABLE ' || quote_ident(one.tablename) || ' CASCADE';
  END LOOP;
END $$;
"""
_DEBIAN = Path("/usr/lib/postgresql")


def dump(url: str, target: Path) -> list[Contained]:
    """Dump the database into the file ``target`` (custom format); what it holds of each space.

    Flushed on return. The heads are read from the very snapshot that is dumped.

    Raises:
        ValueError: in words, if the programs are missing or fail.
    """
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        rows = connection.execute("SELECT id, generation, head, at FROM spaces ORDER BY id").fetchall()
        [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
             f"--file={target}")  # fmt: skip
    flush(target)
    flush(target.parent)
    # Reads the whole table of contents; a file that was cut off is noticed here and not on the day of need.
    _run("", "pg_restore", "--list", str(target))
    return [Contained(*row) for row in rows]


def restore(source: Path, url: str, generations: dict[str, str]) -> None:
    """Put a dumped database in the place of what is in the database of ``url``, in one transaction.

    Raises:
        ValueError: in words, if anybody is connected, the programs are missing, or they fail; nothing has
            changed then.
    """
    alone(url)
    with _psql(url) as (put, finish):
        put.write(_DROP_ALL)
        command = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(source)]
        reading = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert reading.stdout is not None
        with reading.stdout:
            shutil.copyfileobj(reading.stdout, put, 1024 * 1024)
        if reading.wait() != 0:
            put.write(b"\nSELECT the_dump_could_not_be_read;\n")
        # A dump empties the search path.
        put.write(b"\nRESET search_path;\n")
        for statement, values in restored_statements(generations):
            put.write(f"\n{_literal(statement, values)};\n".encode())
        finish()


def alone(url: str) -> None:
    """Servers that go on would answer from what they remember of the time after the backup.

    Raises:
        ValueError: if any is connected.
    """
    with psycopg.connect(url) as connection:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'rounds'"
        ).fetchone()
    if others is not None and others[0]:
        raise ValueError(
            f"Servers are connected to the database ({others[0]} connections): stop all of them."
        )


@contextmanager
def _psql(url: str) -> Iterator[tuple[IO[bytes], Any]]:
    """What takes SQL, and what ends it: all of it is kept, or nothing."""
    arguments, environment = _connecting(url)
    running = subprocess.Popen(
        [_program("psql"), "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1",
         "--output=/dev/null", "--file=-", *arguments],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert running.stdin is not None

    def finish() -> None:
        _, said = running.communicate()
        if running.returncode != 0:
            raise ValueError(f"The backup was not restored, nothing has changed: {said.decode().strip()}")

    try:
        yield running.stdin, finish
    except BrokenPipeError:
        finish()
        raise
    finally:
        if running.poll() is None:
            # Ended before its end of input, it rolls back.
            running.kill()
            running.wait()


def _run(url: str, program: str, *arguments: str) -> None:
    where, environment = _connecting(url) if url else ([], None)
    done = subprocess.run(
        [_program(program), *arguments, *where], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ValueError(f"{program}: {done.stderr.strip()}")


def _connecting(url: str) -> tuple[list[str], dict[str, str]]:
    """How its programs find the database; the password is no argument, for those anybody may read."""
    given = conninfo_to_dict(url)
    password = given.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    return [f"--dbname={make_conninfo('', **given)}"], {**os.environ, **secret}


def _program(name: str) -> str:
    """One of PostgreSQL's programs: the newest of Debian's, or that on the path.

    Raises:
        ValueError: if it is missing.
    """
    debian = sorted(_DEBIAN.glob(f"[0-9]*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise ValueError(f"{name} is missing: apt-get install postgresql-client")
    return found


def _literal(statement: str, values: tuple[str, ...]) -> str:
    parts = statement.split("?")
    written = [sql.Literal(value).as_string() for value in values]
    return "".join(part + value for part, value in zip(parts, [*written, ""], strict=True))
