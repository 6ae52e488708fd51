"""What is known about blobs, in the database; the bytes are elsewhere (`protocol.md` section 6).

Notes are short transactions of their own, outside the order of any space.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from server.rules.business_date import BUSINESS_ZONE
from server.storage.blobs_models import BlobRefusal, BlobRow, BlobSender
from server.storage.database import Database


@dataclass(frozen=True)
class Held:
    """A blob that is held, and what it was found to be."""

    mime: str
    bytes: int
    width: int
    height: int


@dataclass(frozen=True)
class Refusal:
    """Why bytes were refused, and the figures behind it."""

    code: str
    detail: Mapping[str, str | int]


@dataclass(frozen=True)
class PhotoUseFacts:
    """A live record that names a blob; or a parked commit, which no audience reads."""

    space: str
    author: str
    audience: tuple[str, ...]
    parked: bool = False


class RefusedBytes(Protocol):
    """What `refuse` is told."""

    @property
    def code(self) -> str: ...

    @property
    def detail(self) -> Mapping[str, str | int]: ...


class BlobRegister:
    """The register port of `server.evidence` over the database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def held(self, sha256: str) -> Held | None:
        """What is known of a blob, if the server holds it."""
        return self.held_among([sha256]).get(sha256)

    def held_among(self, hashes: Collection[str]) -> dict[str, Held]:
        """Those of these blobs that the server holds."""
        where, values = self.database.dialect.among("sha256", hashes)
        rows = self.database.rows(f"{_HELD} WHERE {where}", values)
        return {row[0]: Held(*row[1:]) for row in rows}

    def senders_among(self, hashes: Collection[str]) -> dict[str, set[str]]:
        """Who sent these blobs."""
        where, values = self.database.dialect.among("sha256", hashes)
        found: dict[str, set[str]] = {}
        for sha256, user in self.database.rows(
            f'SELECT sha256, "user" FROM blob_senders WHERE {where}', values
        ):
            found.setdefault(sha256, set()).add(user)
        return found

    def uses_among(self, hashes: Collection[str]) -> dict[str, list[PhotoUseFacts]]:
        """The live records and the parked commits that name these blobs."""
        where, values = self.database.dialect.among("sha256", hashes)
        found: dict[str, list[PhotoUseFacts]] = {}
        for sha256, space, author, audience in self.database.rows(
            f"SELECT sha256, space, author, audience FROM photo_uses WHERE {where}", values
        ):
            found.setdefault(sha256, []).append(PhotoUseFacts(space, author, tuple(audience.split(" "))))
        for sha256, space, author in self.database.rows(f"{_PARKED_USES} WHERE {where}", values):
            found.setdefault(sha256, []).append(PhotoUseFacts(space, author, (), parked=True))
        return found

    def hold(
        self, sha256: str, mime: str, size: int, pixels: tuple[int, int], sender: str, now: datetime
    ) -> None:
        """Note that a blob is held and that ``sender`` sent it; refusals of it as this kind are lifted."""
        at = _text(now)
        with self.database.write() as database:
            database.run(_insert(database, BlobRow), (sha256, mime, size, *pixels, at))
            database.run(_insert(database, BlobSender), (sha256, sender, size, at))
            database.run("DELETE FROM blob_refusals WHERE sha256 = ? AND mime = ?", (sha256, mime))

    def note_sender(self, sha256: str, sender: str, size: int, now: datetime) -> None:
        """Note that ``sender`` sent the bytes of a blob that is held already."""
        known = 'SELECT 1 FROM blob_senders WHERE sha256 = ? AND "user" = ?'
        if self.database.row(known, (sha256, sender)) is None:
            with self.database.write() as database:
                database.run(_insert(database, BlobSender), (sha256, sender, size, _text(now)))

    def refuse(
        self, sha256: str, mime: str, sender: str, refusal: RefusedBytes, verified: bool, now: datetime
    ) -> None:
        """Remember a refusal of bytes declared as ``mime``; ``verified``: hashed here, not only announced."""
        detail = json.dumps(dict(refusal.detail), ensure_ascii=False, sort_keys=True)
        row = (sha256, mime, sender, refusal.code, detail, int(verified), _text(now))
        with self.database.write() as database:
            database.run(database.table(BlobRefusal).upsert, row)

    def refusal(self, sha256: str, mime: str, sender: str | None) -> Refusal | None:
        """The refusal of what this user announces; with ``None`` that of bytes which were hashed here."""
        whose = "verified = 1" if sender is None else '"user" = ?'
        row = self.database.row(
            f"SELECT code, detail FROM blob_refusals WHERE sha256 = ? AND mime = ? AND {whose}",
            (sha256, mime) if sender is None else (sha256, mime, sender),
        )
        return None if row is None else Refusal(row[0], json.loads(row[1]))

    def refusals_among(self, hashes: Collection[str]) -> list[tuple[str, str, str, str, bool]]:
        """Refusals of these blobs: sha256, mime, user, code, verified."""
        where, values = self.database.dialect.among("sha256", hashes)
        rows = self.database.rows(
            f'SELECT sha256, mime, "user", code, verified FROM blob_refusals WHERE {where}', values
        )
        return [(sha256, mime, user, code, bool(verified)) for sha256, mime, user, code, verified in rows]

    def sent_since(self, user: str, since: datetime) -> int:
        """Bytes of the blobs that this user first sent since then."""
        row = self.database.row(
            'SELECT COALESCE(SUM(bytes), 0) FROM blob_senders WHERE "user" = ? AND sent_at >= ?',
            (user, _text(since)),
        )
        return 0 if row is None else int(row[0])


_HELD = "SELECT sha256, mime, bytes, width, height FROM blobs"
_PARKED_USES = (
    'SELECT sha256, p.space, p."user" FROM parked_photos JOIN parked p ON p.id = parked_photos.parked'
)


def _text(moment: datetime) -> str:
    """One zone and one precision for all, so that texts compare like times."""
    return moment.astimezone(BUSINESS_ZONE).isoformat(timespec="milliseconds")


def _insert(database: Database, model: type[Any]) -> str:
    return f"{database.table(model).insert} ON CONFLICT DO NOTHING"
