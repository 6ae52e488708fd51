"""What a verification reads, and from where; storage is handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from sync.records import LogRow, Record


class SpaceHead(Protocol):
    """A space and how far it says it is: the last seq and the chain hash there."""

    @property
    def id(self) -> str: ...

    @property
    def head(self) -> int: ...

    @property
    def at(self) -> str: ...


class StoredRecord(Protocol):
    """A row of records; ``record`` is ``None`` where its JSON cannot be read."""

    @property
    def id(self) -> str: ...

    @property
    def space(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def record(self) -> Record | None: ...


class Acknowledged(Protocol):
    """What a receipt says was taken in: ``seqs`` by change."""

    @property
    def space(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def commit(self) -> str: ...

    @property
    def seqs(self) -> Mapping[str, int]: ...


class HeldPhoto(Protocol):
    """A blob that is noted as held, with the live records that name it: (record, space, author)."""

    @property
    def sha256(self) -> str: ...

    @property
    def mime(self) -> str: ...

    @property
    def bytes(self) -> int: ...

    @property
    def uses(self) -> Sequence[tuple[str, str, str]]: ...


class SealRow(Protocol):
    """A row of ``seals``. ``payload``: canonical JSON; ``seal``: r‖s in base64url over its UTF-8 bytes."""

    @property
    def signature(self) -> str: ...

    @property
    def space(self) -> str: ...

    @property
    def seq(self) -> int: ...

    @property
    def payload(self) -> str: ...

    @property
    def seal(self) -> str: ...

    @property
    def key_id(self) -> str: ...


class Stored(Protocol):
    """All that is stored, in batches, so that a house of any size fits into memory."""

    def snapshot(self) -> AbstractContextManager[object]:
        """One consistent view while it is open; it delays nobody who writes."""
        ...

    def spaces(self) -> Sequence[SpaceHead]:
        """Every space."""
        ...

    def log(self, space: str) -> Iterable[LogRow]:
        """The log of a space in seq order."""
        ...

    def act_broken_at(self) -> int | None:
        """The number of the first administrative act that was changed or is missing; ``None``: all hold."""
        ...

    def receipts(self) -> Iterator[Sequence[Acknowledged]]:
        """Answers to commits that took a seq."""
        ...

    def unreceipted(self) -> Sequence[tuple[str, str, int, str, str]]:
        """Commits that the log knows and that have no receipt: space, commit, seq and change where it begins,
        user."""
        ...

    def seqs(self, changes: Collection[str]) -> Mapping[str, tuple[str, int]]:
        """Where these changes stand in the log: space and seq."""
        ...

    def pages(self, kind: str | None = None) -> Iterator[Sequence[StoredRecord]]:
        """Every record, or every one of a kind."""
        ...

    def records(self, ids: Collection[str]) -> Mapping[str, StoredRecord]:
        """These records."""
        ...

    def histories(self, ids: Collection[str]) -> Mapping[str, Sequence[tuple[str, LogRow]]]:
        """The log rows of these records with their space, in seq order."""
        ...

    def unrecorded(self) -> Sequence[str]:
        """Ids of records that the log knows and that have no row."""
        ...

    def keys(self) -> Mapping[str, str | None]:
        """The public key (JWK as JSON text) of every device."""
        ...

    def seals(self, signatures: Collection[str]) -> Sequence[SealRow]:
        """The seals of these signatures."""
        ...

    def stray_seals(self) -> Sequence[SealRow]:
        """Seals of signatures that are not there."""
        ...

    def photos(self) -> Iterator[Sequence[HeldPhoto]]:
        """Every blob that is held."""
        ...


class Originals(Protocol):
    """Where the bytes lie."""

    def open(self, sha256: str) -> BinaryIO | None:
        """An original, or ``None``."""
        ...
