"""What the exchange needs from storage beyond the engine's ports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sync.ports import Reader, ReadSnapshot, SpaceTransaction


class ExchangeTransaction(SpaceTransaction, Protocol):
    """A write transaction that also notes contacts and says what its answer needs."""

    @property
    def backed_up_seq(self) -> int | None:
        """Up to which seq the space is in a backup; ``None``: in none. Known after ``head``."""
        ...

    @property
    def kinds_written(self) -> frozenset[str]:
        """The kinds of the records that were written."""
        ...

    @property
    def people_concerned(self) -> frozenset[str]:
        """The people whose roles were written."""
        ...

    def epoch(self, reader: Reader) -> str:
        """The epoch that this reader sees. Known after ``head``."""
        ...

    def note_contact(self, device: str, user: str, now: str, unsent: int, clock_offset: float | None) -> bool:
        """Note what a device said of itself; whether somebody else would see a difference."""
        ...


class ExchangeSnapshot(ReadSnapshot, Protocol):
    """A read transaction; its rows are JSON text."""

    @property
    def backed_up_seq(self) -> int | None:
        """As above."""
        ...


class ExchangeStore(Protocol):
    """Where spaces live."""

    def transaction(self, space: str) -> AbstractContextManager[ExchangeTransaction]:
        """A write transaction of a space."""
        ...

    def snapshot(self, space: str, reader: Reader) -> AbstractContextManager[ExchangeSnapshot]:
        """A read transaction of a space for one reader."""
        ...


class SpaceFacts(Protocol):
    """A space as the scope lists it."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str | None: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def head(self) -> int: ...
    @property
    def generation(self) -> str: ...


class SpaceSource(Protocol):
    """Spaces and names of people."""

    def all(self) -> Sequence[SpaceFacts]: ...
    def get(self, space: str) -> SpaceFacts | None: ...
    def epoch(self, generation: str, reader: Reader) -> str: ...
    def person_name(self, person: str) -> str | None: ...


class ChargeSource(Protocol):
    """Who has to check what."""

    def of(self, space: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The data of live ``inspector_scope`` and ``deputy_appointment`` records of a space, by kind."""
        ...


class TablesLike(Protocol):
    """The newest class, disposition and attribution tables, rows by code."""

    @property
    def classes(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def dispositions(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def attributions(self) -> Mapping[str, Mapping[str, Any]]: ...


class TableSource(Protocol):
    """What findings are judged by."""

    def current(self) -> TablesLike: ...


class KeySource(Protocol):
    """The keys of devices."""

    def public_key(self, device: str) -> str | None:
        """JWK as JSON text; ``None`` for a device that has none or is not known."""
        ...


@dataclass(frozen=True)
class Knowledge:
    """What rules ask beyond the records of a push: who has to check what, the tables of headquarters, and
    whose hand is under a signature (public key as text, signature, signed text)."""

    charges: ChargeSource
    tables: TableSource
    keys: KeySource
    signed_by: Callable[[str, str, str], bool]


class ParkedSource(Protocol):
    """Parked commits, for looking at them."""

    def of(self, user: str, spaces: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """Those of one user, and all of these spaces, that are still parked; oldest first."""
        ...

    def refused_of(self, people: Collection[str] | None, space: str | None) -> Sequence[tuple[str, str]]:
        """(space, id) of what is parked for lack of rights: of these people (``None``: of anybody), in one
        space or in all; in the order in which their devices made it."""
        ...

    def one(self, ident: str) -> Mapping[str, Any] | None:
        """One, in any state."""
        ...
