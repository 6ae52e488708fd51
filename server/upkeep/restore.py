"""A house from a backup: the database goes back, photos never do, and every space begins a new generation, so
that devices rebuild their copies and send again what the backup does not have (I14).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.storage import dump_postgres, dump_sqlite
from server.storage.blob_place import Blobs
from server.storage.blobs import LocalBlobs, flush
from server.storage.blobs_register import BlobRegister
from server.storage.database import Database
from server.storage.dialect import Sqlite
from server.storage.postgres import Postgres
from server.storage.schema import migrate
from server.storage.spaces import restored_statements
from server.upkeep.backup import KEYS, Say, copy_photos, read_manifest

SERVING = "serving.lock"


@dataclass(frozen=True)
class Restored:
    """What was restored. ``set_aside``: where the database of before lies (SQLite); ``known_again``: photos
    that arrived after the backup and are there, counted once per sender."""

    made_at: str
    set_aside: Path | None
    known_again: int


def restore_backup(
    database: Database, blobs: Blobs, data: Path, place: Path, now: datetime, new_id: Callable[[], str],
    say: Say,
) -> Restored:  # fmt: skip
    """Bring back a backup; no server may run meanwhile.

    Raises:
        ValueError: in words, if it is not whole, of another kind of database, sealed by another key than the
            one that is here, or a server runs. Nothing has changed then.
    """
    manifest = read_manifest(place)
    generations = {one["id"]: new_id() for one in manifest["spaces"]}
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    with nobody_serves(data):
        _same_seal(data, place)
        say("恢复数据库", "Restoring the database")
        aside = _restore_database(database, place / manifest["database"], generations, stamp)
        _restore_keys(data, place)
        migrate(database, data)
        say("核对照片", "Looking through the photos")
        copy_photos(LocalBlobs(place.parent), blobs)
        known_again = register_again(database, blobs)
    return Restored(manifest["made_at"], aside, known_again)


def declare_restored(
    database: Database, blobs: Blobs, data: Path, new_id: Callable[[], str], say: Say
) -> int:  # fmt: skip
    """For a database that was brought back by other means (a base backup with its WAL, a snapshot of the
    machine): what `restore_backup` does besides. How many photos are known again.

    Raises:
        ValueError: in words, if a server runs. Nothing has changed then.
    """
    with nobody_serves(data):
        if isinstance(database.dialect, Postgres):
            database.close()
            dump_postgres.alone(database.dialect.url)
        migrate(database, data)
        with database.write() as tx:
            generations = {row[0]: new_id() for row in tx.rows("SELECT id FROM spaces")}
            for statement, values in restored_statements(generations):
                tx.run(statement, values)
        say("核对照片", "Looking through the photos")
        return register_again(database, blobs)


def register_again(database: Database, blobs: Blobs) -> int:
    """Note as held what lies beside its senders and the register does not know: it came after the backup, and
    the device that sent it may have let go of it. How many notes."""
    register, known = BlobRegister(database), 0
    there = dict(blobs.names())
    for sha256, sender in blobs.noted():
        if sha256 not in there or sender in register.senders_among([sha256]).get(sha256, ()):
            continue
        facts = json.loads(blobs.facts(sha256, sender))
        if there[sha256] != facts["bytes"]:
            continue
        if register.held(sha256) is None and not _is_itself(blobs, sha256):
            continue
        pixels, sent_at = (facts["width"], facts["height"]), datetime.fromisoformat(facts["sent_at"])
        register.hold(sha256, facts["mime"], facts["bytes"], pixels, sender, sent_at)
        known += 1
    return known


@contextmanager
def serving(data: Path) -> Iterator[None]:
    """Held while a server runs on a data folder; as many as like."""
    with _lock(data, fcntl.LOCK_SH):
        yield


@contextmanager
def nobody_serves(data: Path) -> Iterator[None]:
    """Raises ``ValueError`` if a server runs on this data folder; none can start within the block."""
    with _lock(data, fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def _lock(data: Path, how: int) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    with (data / SERVING).open("w") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            raise ValueError(f"A server runs on {data}: stop it first.") from None
        yield


def _restore_database(
    database: Database, dumped: Path, generations: dict[str, str], stamp: str
) -> Path | None:
    dialect = database.dialect
    database.close()
    if isinstance(dialect, Sqlite):
        if dumped.name != dump_sqlite.FILE:
            raise ValueError("The backup is of PostgreSQL: name one in ROUNDS_DATABASE_URL.")
        return dump_sqlite.restore(dumped, dialect.path, generations, stamp)
    assert isinstance(dialect, Postgres)
    if dumped.name != dump_postgres.FILE:
        raise ValueError("The backup is of SQLite: leave ROUNDS_DATABASE_URL empty.")
    dump_postgres.restore(dumped, dialect.url, generations)
    return None


def _same_seal(data: Path, place: Path) -> None:
    ours, theirs = data / KEYS[0], place / KEYS[0]
    if ours.exists() and theirs.exists() and ours.read_bytes() != theirs.read_bytes():
        raise ValueError(
            f"{ours} is another key than that of the backup: nothing that it sealed could be proven. "
            "Move it away if the backup is right."
        )


def _restore_keys(data: Path, place: Path) -> None:
    """What is there stays: sessions and seals of today."""
    for name in KEYS:
        if (place / name).exists() and not (data / name).exists():
            handle = os.open(data / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write((place / name).read_bytes())
                file.flush()
                os.fsync(file.fileno())
    flush(data)


def _is_itself(blobs: Blobs, sha256: str) -> bool:
    stream = blobs.open(sha256)
    if stream is None:
        return False
    digest = hashlib.sha256()
    with stream:
        while piece := stream.read(1024 * 1024):
            digest.update(piece)
    return digest.hexdigest() == sha256
