"""What the engine needs from outside: storage in batches, and the rules of the domain."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sync.canonical import Encode, canonical
from sync.change import Author, BrokenCommit, Change, Commit, read_commit
from sync.kinds import Catalogue, Kind
from sync.records import Counters, Fate, Flag, Head, LoggedChange, LogRow, Parked, Receipt, Record


@dataclass(slots=True)
class Writes:
    """Everything that one push (or resolution, retry, discard) writes, in one go."""

    head: Head
    log: list[LogRow] = field(default_factory=list)
    """In seq order, without holes after the head before."""
    records: list[tuple[Record | None, Record]] = field(default_factory=list)
    """Touched records as (before, after); `before` is `None` for a created one. Conflicts are among them."""
    receipts: list[Receipt] = field(default_factory=list)
    """New or replaced, by id."""
    parked: list[Parked] = field(default_factory=list)
    """New or replaced, by id."""
    fates: list[tuple[str, str, Fate]] = field(default_factory=list)
    """(change, unit, fate): new or replaced. The change of a discarded commit has no log row."""
    flags: list[Flag] = field(default_factory=list)


class SpaceTransaction(Protocol):
    """One write transaction of one space: opened before the first read, committed by returning.

    Every method answers for all ids at once and leaves out what it does not know. Nothing is read back
    after `write`, which is called at most once.
    """

    space: str

    def head(self) -> Head:
        """Locks the space (the transaction's first statement)."""
        ...

    def receipts(self, ids: Collection[str]) -> Mapping[str, Receipt]:
        """Receipts by id, of all spaces."""
        ...

    def counters(self, user: str, device: str, ns: Collection[int]) -> Counters:
        """What is known of these numbers of one device and user, over all spaces."""
        ...

    def records(self, ids: Collection[str]) -> Mapping[str, Record]:
        """Records by id, of all spaces (references may cross; changes may not), deleted ones included."""
        ...

    def changes(self, ids: Collection[str]) -> Mapping[str, LoggedChange]:
        """Changes by id, of all spaces: those in the log and those that only have a fate."""
        ...

    def open_conflicts(self, records: Collection[str]) -> Sequence[Record]:
        """The records of kind `sync_conflict` with `state` `open` whose `record` is one of these."""
        ...

    def parked(self, ids: Collection[str]) -> Mapping[str, Parked]:
        """Parked commits of this space by id, in any state."""
        ...

    def parked_by(self, user: str, device: str) -> Sequence[Parked]:
        """Those of this space, device and user in state `parked`; their ``raw`` may be left out."""
        ...

    def parked_waiting_for(self, ids: Collection[str]) -> Sequence[Parked]:
        """Those of this space in state `parked` that wait for one of these ids."""
        ...

    def write(self, writes: Writes) -> None:
        """Store all of it; called at most once, last."""
        ...


class ReadSnapshot(Protocol):
    """One consistent view of a space for one reader; writes nothing and waits for nobody.

    Rows are opaque to the engine, so that stored JSON can be passed on without parsing it.
    """

    def head(self) -> Head:
        """Its `epoch` already mixes in what the reader may read."""
        ...

    def chain_at(self, seq: int) -> str | None:
        """The chain hash at a seq; `None` if it is not retained."""
        ...

    def rows(self, since: int, limit: int) -> Sequence[tuple[int, Any]]:
        """Readable records with seq > since as (seq, row), in seq order, at most `limit`."""
        ...

    def checksum(self) -> str:
        """`chain.checksum` over the live readable records."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """What one user may read in one space."""

    audiences: frozenset[str]
    kinds: frozenset[str] | None = None
    """`None`: any."""

    def can_read(self, kind: str, audience: Collection[str]) -> bool:
        """Whether a record of this kind and audience is readable."""
        return (self.kinds is None or kind in self.kinds) and not self.audiences.isdisjoint(audience)


class Store(Protocol):
    """Where spaces live. Leaving the block commits, an exception rolls back."""

    def transaction(self, space: str) -> AbstractContextManager[SpaceTransaction]:
        """A write transaction; writers of one space take turns."""
        ...

    def snapshot(self, space: str, reader: Reader) -> AbstractContextManager[ReadSnapshot]:
        """A read transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that a merged record breaks. `unit` names the unit to hold back, if one can be named."""

    code: str
    detail: str = ""
    unit: str | None = None


@dataclass(slots=True)
class Case:
    """One change put before the rules, on the merged record."""

    kind: Kind
    change: Change
    commit: Commit
    author: Author
    record: Record | None
    """The record before (`None`: it is created): who made it, its audience, its versions."""
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    """`None`: it is deleted."""
    find: Callable[[str], Record | None]
    """Any record as it stands now, those made earlier in this push included, whoever may read it."""
    wrote: Callable[[str, str, str], Mapping[str, Any] | None] = lambda record, unit, change: None
    """The fields of a record's unit in the version that a change wrote: `None` if it never wrote it, empty
    if the log alone does not tell."""


class Rules(Protocol):
    """The domain's judgement, given by the server: rights, life cycle, required fields."""

    def can_read(self, author: Author, record: Record) -> bool:
        """Whether this user may read this record: unreadable and unknown both say `not_found`."""
        ...

    def must_name(self, case: Case) -> Collection[str]:
        """The units whose versions a judging transition (approve, verify, close) must name as its base."""
        ...

    def judge(self, case: Case) -> Sequence[Problem]:
        """The problems of a merged record; asked again with what the author saw if there are any.

        Rights follow from `case.change` (what it sets may be held back as a rival and so not show in
        `after`), life cycle and required fields from `before` and `after`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a push needs besides its commits. Time and randomness come from here only."""

    catalogue: Catalogue
    rules: Rules
    author: Author
    """Who pushes: the token's user and device."""
    now: str
    """Arrival, RFC 3339."""
    new_id: Callable[[], str]
    """A fresh UUIDv7, for conflicts and their changes."""
    new_salt: Callable[[], bytes]
    """16 random bytes."""
    quarantine: bool = False
    """Park everything: a revoked device or a disabled user."""
    read: Callable[[Any, int], Commit | BrokenCommit] = lambda raw, format: read_commit(raw, format=format)
    """Checks and parses, by today's schemas, a commit parked earlier (as received, its format number)."""
    encode: Encode = canonical
