"""A whole SQLite database into a file, while it is being served, and back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from server.storage.blobs import flush
from server.storage.spaces import Contained, restored_statements

FILE = "database.sqlite3"


def dump(database: Path, target: Path) -> list[Contained]:
    """Copy the database into the file ``target``; what it holds of each space. Flushed on return.

    SQLite's own online backup, in one step: a reader's view, which delays no writer. In several steps it
    would begin anew whenever another process writes.

    Raises:
        ValueError: if the copy is not whole.
    """
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # One file, whatever it was copied from.
        copy.execute("PRAGMA journal_mode = DELETE")
        found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise ValueError(f"The database is damaged, and so is its copy: {'; '.join(found)}")
        rows = copy.execute("SELECT id, generation, head, at FROM spaces ORDER BY id").fetchall()
    flush(target)
    flush(target.parent)
    return [Contained(*row) for row in rows]


def restore(source: Path, database: Path, generations: dict[str, str], stamp: str) -> Path | None:
    """Put a dumped database in the place of another; where that one now lies.

    What was there stays beside it, for whoever wants to look. Up to the rename that ends it nothing has
    changed; after it every space has its new generation.
    """
    fresh = database.with_name(f"{database.name}.restoring")
    for leftover in (fresh, _beside(fresh, "-wal"), _beside(fresh, "-shm"), _beside(fresh, "-journal")):
        leftover.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as dumped, closing(sqlite3.connect(fresh)) as copy:
        dumped.backup(copy)
        copy.execute("PRAGMA synchronous = FULL")
        for statement, values in restored_statements(generations):
            copy.execute(statement, values)
        copy.commit()
    # Whoever restores may be root; the file belongs to whoever serves.
    owner = database.parent.stat()
    os.chown(fresh, owner.st_uid, owner.st_gid)
    flush(fresh)
    old = _set_aside(database, stamp)
    fresh.replace(database)
    flush(database.parent)
    return old


def _set_aside(database: Path, stamp: str) -> Path | None:
    """The database keeps its name until it is replaced; its log must not be taken for that of the new one."""
    if not database.exists():
        return None
    old = database.with_name(f"{database.name}.before-{stamp}")
    os.link(database, old)
    for ending in ("-wal", "-shm"):
        if _beside(database, ending).exists():
            _beside(database, ending).rename(_beside(old, ending))
    flush(database.parent)
    return old


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)
