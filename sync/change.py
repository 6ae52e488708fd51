"""What devices send: changes in commits, parsed from JSON whose shape was already checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Literal

from sync.canonical import Encode, canonical, derived_id, fingerprint

Op = Literal["create", "patch", "delete"]

SERVER = "server"
"""The built-in device: jobs, imports, resolutions and retention are its commits."""

MAX_CHANGES = 200
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a commit and where; `user` is the id of a person record."""

    user: str
    device: str


@dataclass(slots=True)
class Change:
    """What one person did to one record."""

    id: str
    op: Op
    kind: str
    record: str
    base: Mapping[str, str | None]
    set: Mapping[str, Any]
    add: Mapping[str, list[dict[str, Any]]]
    remove: Mapping[str, list[str]]
    audience: tuple[str, ...]
    """Who may read what it creates; empty: the default of its kind."""
    payload: bytes
    """The change as it was sent, in canonical JSON: what the log keeps."""
    hash: bytes
    """SHA-256 of the payload."""
    refers: Sequence[tuple[str, tuple[str, ...]]] | None = None
    """The records it refers to and the kinds they may be of, once somebody has looked (`Kind.references`)."""


@dataclass(slots=True)
class Commit:
    """The changes of one act, accepted or parked together."""

    id: str
    n: int | None
    """Counts per device and user; the server's own commits have none."""
    made_at: str
    """Raw device time: evidence, never order."""
    offset: float | None
    """Measured clock offset in seconds at the last contact before the commit was made."""
    jumped: bool
    changes: list[Change]
    hash: str
    size: int
    """Bytes of its canonical JSON."""
    raw: Any
    """As it was received, for parking it whole."""
    format: int
    """The protocol number of the push that brought it."""

    @property
    def records(self) -> tuple[str, ...]:
        """The records that it changes, each once."""
        return tuple(dict.fromkeys(change.record for change in self.changes))


@dataclass(slots=True)
class BrokenCommit:
    """A commit whose shape is bad: parked whole, with the reason. `id` and `n` are `None` if unreadable."""

    raw: Any
    id: str | None
    n: int | None
    reason: str
    detail: str
    hash: str
    format: int = 1
    change: str | None = None
    """The change that is bad, where one can be named."""

    @property
    def records(self) -> tuple[str, ...]:
        """The records that it seems to change: later commits on them must wait for it."""
        changes = self.raw.get("changes") if isinstance(self.raw, dict) else None
        if not isinstance(changes, list):
            return ()
        named = [change.get("record") for change in changes if isinstance(change, dict)]
        return tuple(dict.fromkeys(record for record in named if isinstance(record, str)))


def read_commit(raw: Any, *, format: int = 1, encode: Encode = canonical, received: Any = None) -> Commit:
    """Parse a commit whose shape was already checked.

    `received` is what came over the wire where an older format was raised to today's: it is what is hashed
    and parked, so that a device that sends it again is recognised.
    """
    written = fingerprint(raw, encode)
    known = written if received is None else fingerprint(received, encode)
    clock = raw.get("clock") or _NOTHING
    return Commit(
        raw["id"],
        raw.get("n"),
        raw["made_at"],
        clock.get("offset"),
        bool(clock.get("jumped")),
        [_read_change(change, *line) for change, line in zip(raw["changes"], written.changes, strict=True)],
        known.hash,
        known.size,
        raw if received is None else received,
        format,
    )


def make_change(content: Mapping[str, Any], encode: Encode = canonical) -> Change:
    """A change of the server's own making."""
    payload = encode(content)
    return _read_change(content, payload, sha256(payload).digest())


def break_commit(
    raw: Any,
    reason: str,
    detail: str = "",
    *,
    change: str | None = None,
    format: int = 1,
    encode: Encode = canonical,
) -> BrokenCommit:
    """Take what can be read from a commit (as it was received) that is refused for its shape."""
    fields = raw if isinstance(raw, dict) else _NOTHING
    ident, n = fields.get("id"), fields.get("n")
    return BrokenCommit(
        raw,
        ident if isinstance(ident, str) and ident else None,
        n if type(n) is int and n >= 0 else None,
        reason,
        detail,
        fingerprint(raw, encode).hash,
        format,
        change,
    )


def receipt_id(commit: Commit | BrokenCommit) -> str:
    """Under which the answer to a commit is kept: its own id, or one made of its bytes if it has none."""
    return commit.id or derived_id("broken", commit.hash)


def _read_change(raw: Mapping[str, Any], payload: bytes, digest: bytes) -> Change:
    return Change(
        raw["id"],
        raw["op"],
        raw["kind"],
        raw["record"],
        raw.get("base") or _NOTHING,
        raw.get("set") or _NOTHING,
        raw.get("add") or _NOTHING,
        raw.get("remove") or _NOTHING,
        tuple(raw.get("audience") or ()),
        payload,
        digest,
    )


_NOTHING: Mapping[str, Any] = MappingProxyType({})
