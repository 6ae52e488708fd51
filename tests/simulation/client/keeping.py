"""How a hall's database is furnished, copied while it serves, and put back: embedded, and on PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

from server.storage.database import open_database
from tests.api.estate import Estate

BEGINNING = "2026-11-02T08:00:00+08:00"
# Blobs are never rolled back, so neither is what is known of them.
OF_BLOBS = ("blobs", "blob_senders", "blob_refusals")
_FILE, EMPTY = "rounds.sqlite3", "template0"


class Keeping(Protocol):
    """One hall's database."""

    @property
    def url(self) -> str:
        """For the server's settings; empty for the embedded one."""
        ...

    def back_up(self) -> dict[str, int]:
        """Copy it while it serves; the head of each space, which is in the copy for sure."""
        ...

    def put_back(self) -> None:
        """Put the last copy in the place of what a server that is down had."""
        ...

    def close(self) -> None:
        """Remove what lies outside the data folder."""
        ...


class Place(Protocol):
    """A PostgreSQL with room for databases. ``programs``: the folder of its commands."""

    @property
    def programs(self) -> Path: ...
    def create(self, template: str) -> str:
        """A fresh copy of a database; its name."""
        ...

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        ...

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        ...


class Embedded:
    """A file in the data folder."""

    url = ""

    def __init__(self, data: Path) -> None:
        self._file, self._copy = data / _FILE, data.parent / "backup.sqlite3"

    def back_up(self) -> dict[str, int]:
        with closing(sqlite3.connect(self._file)) as live, closing(sqlite3.connect(self._copy)) as copy:
            live.backup(copy)
            return dict(copy.execute("SELECT id, head FROM spaces").fetchall())

    def put_back(self) -> None:
        restored = self._file.with_name("restored")
        shutil.copy(self._copy, restored)
        with closing(sqlite3.connect(restored, isolation_level=None)) as database:
            database.execute("ATTACH DATABASE ? AS before", (str(self._file),))
            for table in OF_BLOBS:
                database.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM before.{table}")
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._file}{ending}").unlink(missing_ok=True)
        restored.rename(self._file)

    def close(self) -> None:
        """The folder goes as a whole."""


class OnPostgres:
    """A database of its own, copied by pg_dump."""

    def __init__(self, data: Path, template: str, place: Place) -> None:
        self._data, self._copy, self._place = data, data.parent / "backup.dump", place
        self._name = place.create(template)

    @property
    def url(self) -> str:
        """Another one after each restore."""
        return self._place.url(self._name)

    def back_up(self) -> dict[str, int]:
        with closing(open_database(self.url, self._data)) as database:
            heads: dict[str, int] = dict(database.rows("SELECT id, head FROM spaces"))
        self._run("pg_dump", "--format=custom", f"--file={self._copy}", self.url)
        return heads

    def put_back(self) -> None:
        before, self._name = self._name, self._place.create(EMPTY)
        self._run("pg_restore", "--no-owner", f"--dbname={self.url}", str(self._copy))
        with closing(open_database(self._place.url(before), self._data)) as old:
            kept = {table: old.rows(f"SELECT * FROM {table}") for table in OF_BLOBS}
        with closing(open_database(self.url, self._data)) as new, new.write() as tx:
            for table, rows in kept.items():
                for row in rows:
                    places = ", ".join("?" for _ in row)
                    tx.run(f"INSERT INTO {table} VALUES ({places}) ON CONFLICT DO NOTHING", row)
        self._place.drop(before)

    def close(self) -> None:
        self._place.drop(self._name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._place.programs / program, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


class Furniture:
    """The estate to copy: who is who, what is to be checked, no check yet. ``place``: on that PostgreSQL."""

    def __init__(self, folder: Path, place: Place | None = None) -> None:
        self._place, self._name = place, place.create(EMPTY) if place else ""
        url = place.url(self._name) if place else ""
        estate = Estate(folder / "estate", BEGINNING, database_url=url)
        estate.close()
        self._data = estate.data

    def move_in(self, folder: Path) -> tuple[Path, Keeping]:
        """A data folder and a database of one's own."""
        data = folder / "data"
        shutil.copytree(self._data, data)
        return data, OnPostgres(data, self._name, self._place) if self._place else Embedded(data)

    def close(self) -> None:
        """Remove the template."""
        if self._place:
            self._place.drop(self._name)
