"""What storage keeps for the engine: records, log rows, receipts, parked commits.

Treat them as immutable: whoever changes one makes a copy first. (They are not frozen only because a frozen
dataclass costs three times as much to make, and a push makes several per change.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["applied", "merged", "conflict", "parked", "retry"]
"""`retry` is the caller's to give, for a commit that it did not hand to the engine."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a space is: the last seq and the chain hash there."""

    seq: int
    at: str
    epoch: str
    """Changes with a restore or with the stored form; what a user may read is for the caller to mix in."""


@dataclass(slots=True)
class Record:
    """The newest state of one record."""

    id: str
    kind: str
    space: str
    data: Mapping[str, Any]
    author: str
    """The user who created it."""
    audience: tuple[str, ...]
    created_by_change: str
    last_change: str
    seq: int
    """Of its last change; a signature that covers it moves neither."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The change that wrote each unit, where that is not the creating one."""
    deleted: bool = False
    contested: tuple[str, ...] = ()
    """Units with an open conflict, sorted; `*` for a contested delete."""
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Per `union` field the ids of removed elements: they never come back."""
    signed: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Per unit the signatures that cover its current value, each with the fields that it binds. A new value
    of one of these fields ends it; a new value of the unit's other fields (a deadline) does not."""

    def version(self, unit: str) -> str:
        """The change that wrote the current value of a unit."""
        return self.versions.get(unit, self.created_by_change)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a change on one unit counts as, if not as itself.

    `same`: it met an equal value and counts as the version `to`. `discarded`: it stands for its own base
    `to` (`None`: it had none). What lost into an open conflict is found among that conflict's rivals.
    """

    kind: Literal["same", "discarded"]
    to: str | None


@dataclass(slots=True)
class LogRow:
    """One change taken in, under one seq."""

    seq: int
    change: str
    commit: str
    record: str
    kind: str
    op: str
    user: str
    device: str
    made_at: str
    offset: float | None
    arrived_at: str
    previous: str | None
    """The change before it on the same record."""
    replaced: Mapping[str, str]
    """Per unit that it became the current version of (creates leave it empty): the version before."""
    values: Mapping[str, Any]
    """The full value after it of each unit that its payload does not show whole (a group set in part)."""
    payload: bytes
    """The change as sent, canonical JSON. Retention erases payload and salt together."""
    salt: bytes
    digest: str
    """SHA-256, hex, over the salt and the SHA-256 of the payload."""
    chain: str
    """Chain hash at this seq, hex."""
    jumped: bool = False
    """Whether wall and monotonic time of the device had disagreed when the commit was made."""


@dataclass(slots=True)
class LoggedChange:
    """What is known about a change: its log row (`None` for a discarded one) and its fate per unit."""

    id: str
    row: LogRow | None
    fates: Mapping[str, Fate]


@dataclass(slots=True)
class Result:
    """The answer to one commit, as on the wire."""

    commit: str
    """Empty if it was unreadable."""
    status: Status
    replayed: bool = False
    seqs: Mapping[str, int] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    reason: Mapping[str, Any] | None = None
    """`{code, detail}`, and `change` where one can be named."""

    def as_json(self) -> dict[str, Any]:
        """The result as it is sent and as receipts keep it."""
        return {
            "commit": self.commit,
            "status": self.status,
            "replayed": self.replayed,
            "seqs": dict(self.seqs),
            "conflicts": list(self.conflicts),
            "reason": self.reason,
        }


@dataclass(slots=True)
class Receipt:
    """The answer kept for a commit, whatever became of it."""

    id: str
    """The commit's id; a derived one where that id was unreadable or already taken by other content."""
    space: str
    user: str
    device: str
    n: int | None
    hash: str
    result: Result
    arrived_at: str


@dataclass(slots=True)
class Parked:
    """A commit that could not be taken in, whole. Its id is that of its receipt."""

    id: str
    space: str
    user: str
    device: str
    n: int | None
    raw: Any
    format: int
    hash: str
    reason: Mapping[str, Any]
    records: tuple[str, ...]
    """The records that it changes: later commits of its device and user on them wait."""
    waits_for: tuple[str, ...]
    """Ids of records, changes or parked commits; it is judged anew as soon as one of them arrives or goes."""
    arrived_at: str
    state: Literal["parked", "accepted", "discarded"] = "parked"


FlagCode = Literal["gap", "gap_filled", "same_n", "commit_id_reused"]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something for a person to look at; it changes no outcome.

    Codes: `gap` (commits before this `n` are missing; `detail` `first-last`), `gap_filled` (this one was
    missing), `same_n` (a cloned tablet; `detail` is the other commit), `commit_id_reused`.
    """

    code: FlagCode
    user: str
    device: str
    commit: str
    n: int | None
    detail: str
    arrived_at: str


@dataclass(frozen=True, slots=True)
class Counters:
    """What is known of the numbers `n` of one device and user, over all spaces (as far as can be seen)."""

    last: int
    """The highest so far; 0 if none."""
    used: Mapping[int, str]
    """Of the numbers asked about, those already used, with the receipt that used them."""
