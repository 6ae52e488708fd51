"""A backup while the server runs: ``<folder>/<moment>/`` holds the database and the keys, ``<folder>/blobs``
the photos of all backups together.

Only when all of it is on the disk do spaces learn how far they are backed up, because devices then let go of
what they had kept for a server that has to be restored (`protocol.md` sections 2 and 5, I14).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.storage import dump_postgres, dump_sqlite
from server.storage.blob_place import Blobs
from server.storage.blobs import LocalBlobs, flush, make_folder
from server.storage.database import Database
from server.storage.dialect import Sqlite
from server.storage.postgres import Postgres
from server.storage.spaces import Contained, Spaces

MANIFEST = "manifest.json"
KEYS = ("seal.pem", "secret_key", "demo.json")
"""What of the data folder belongs to a backup besides database and photos: without ``seal.pem`` no seal of
before can be proven."""


@dataclass
class Made:
    """A backup. ``spoilt``: photos whose bytes are not those of their name, and were not copied."""

    place: Path
    spaces: Sequence[Contained]
    photos: int
    copied: int
    spoilt: Sequence[str]


Say = Callable[[str, str], None]


def make_backup(
    database: Database, blobs: Blobs, data: Path, folder: Path, now: datetime, version: str, say: Say
) -> Made:
    """Back up into a folder; the same folder again copies only photos that are new.

    Raises:
        ValueError: in words, if the database could not be copied whole. No space has moved then.
    """
    make_folder(folder)
    place = _unused(folder / now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    note_earlier_senders(database, blobs)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        say("备份数据库", "Backing up the database")
        file, contained = _dump(database, fresh)
        _copy_keys(data, fresh)
        _write_manifest(fresh, now, version, file, contained)
        say("复制照片", "Copying photos")
        # After the database: every photo that it knows of was there before.
        photos, copied, spoilt = copy_photos(blobs, LocalBlobs(folder))
        flush(fresh)
        fresh.rename(place)
        flush(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    spaces = Spaces(database)
    for one in contained:
        spaces.note_backup(one)
    return Made(place, contained, photos, copied, spoilt)


def copy_photos(source: Blobs, target: Blobs) -> tuple[int, int, list[str]]:
    """Copy what is not there yet, each hashed on its way: how many there are, how many were copied, and those
    that are not what their names say. Nothing is ever deleted."""
    there, count, copied = dict(target.names()), 0, 0
    spoilt = []
    for sha256, size in source.names():
        count += 1
        if there.get(sha256) == size:
            continue
        with tempfile.NamedTemporaryFile() as file:
            stream = source.open(sha256)
            if stream is None:
                continue
            with stream:
                shutil.copyfileobj(stream, file, 1024 * 1024)
            file.flush()
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                spoilt.append(sha256)
                continue
            target.put(sha256, Path(file.name))
            copied += 1
    noted = set(target.noted())
    for sha256, sender in source.noted():
        if (sha256, sender) not in noted:
            target.note_sender(sha256, sender, source.facts(sha256, sender))
    return count, copied, spoilt


def note_earlier_senders(database: Database, blobs: Blobs) -> int:
    """Note beside the bytes who sent them, where only the register says so: photos from before there were
    such notes. How many."""
    noted = set(blobs.noted())
    rows = database.rows(
        'SELECT s.sha256, s."user", s.sent_at, b.mime, b.bytes, b.width, b.height '
        "FROM blob_senders s JOIN blobs b ON b.sha256 = s.sha256"
    )
    missing = [row for row in rows if (row[0], row[1]) not in noted]
    for sha256, sender, sent_at, mime, size, width, height in missing:
        facts = {"mime": mime, "bytes": size, "width": width, "height": height, "sent_at": sent_at}
        blobs.note_sender(sha256, sender, json.dumps(facts).encode())
    return len(missing)


def read_manifest(place: Path) -> Mapping[str, Any]:
    """What a backup says of itself, after its files were compared with that.

    Raises:
        ValueError: if it is no backup, or not whole.
    """
    try:
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        for name, expected in manifest["files"].items():
            if _digest(place / name) != expected:
                raise ValueError(f"{place / name} is not the file that was backed up.")
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise ValueError(f"{place} is no whole backup: {error}") from error
    return manifest


def _unused(place: Path) -> Path:
    """Two in one second are two."""
    numbered = (place.with_name(f"{place.name}-{number}") for number in itertools.count(2))
    return next(one for one in itertools.chain([place], numbered) if not one.exists())


def _dump(database: Database, fresh: Path) -> tuple[str, list[Contained]]:
    dialect = database.dialect
    if isinstance(dialect, Sqlite):
        return dump_sqlite.FILE, dump_sqlite.dump(dialect.path, fresh / dump_sqlite.FILE)
    assert isinstance(dialect, Postgres)
    return dump_postgres.FILE, dump_postgres.dump(dialect.url, fresh / dump_postgres.FILE)


def _copy_keys(data: Path, fresh: Path) -> None:
    for name in KEYS:
        if (data / name).exists():
            # Readable by its owner only, like the original.
            handle = os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write((data / name).read_bytes())
                file.flush()
                os.fsync(file.fileno())


def _write_manifest(
    fresh: Path, now: datetime, version: str, file: str, contained: Sequence[Contained]
) -> None:
    manifest = {
        "made_at": now.isoformat(timespec="seconds"),
        "version": version,
        "database": file,
        "spaces": [asdict(one) for one in contained],
        "files": {path.name: _digest(path) for path in sorted(fresh.iterdir())},
    }
    path = fresh / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    flush(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
