"""One commit in hand: decided on an overlay that is dropped if the commit parks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sync.chain import digest
from sync.change import Author, Change, Commit
from sync.kinds import Kind
from sync.ports import Case, Context, Rules
from sync.records import Fate, LogRow, Record, Result, Status
from sync.versions import fields_after
from sync.workspace import Workspace


class Park(Exception):
    """The commit cannot be taken in; `waits_for` are the ids whose arrival may change that."""

    def __init__(
        self, code: str, detail: Any = "", *, change: str | None = None, waits_for: Collection[str] = ()
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.change = change
        self.waits_for = tuple(waits_for)

    def reason(self) -> dict[str, Any]:
        """As the result names it."""
        named = {} if self.change is None else {"change": self.change}
        return {"code": self.code, "detail": self.detail, **named}


class Draft:
    """What a commit would do, over what the push has decided so far."""

    def __init__(self, ws: Workspace, commit: Commit, author: Author, arrived_at: str) -> None:
        self.ws = ws
        self.commit = commit
        self.author = author
        self.arrived_at = arrived_at
        self.created = {change.record: change.kind for change in commit.changes if change.op == "create"}
        self.records: dict[str, Record] = {}
        self.rows: list[LogRow] = []
        self.fates: dict[tuple[str, str], Fate] = {}
        self.conflicts: dict[tuple[str, str], Record] = {}
        """By record and unit, those opened, changed or closed; without seq until the commit is decided."""
        self.joined: dict[str, None] = {}
        """Ids of the conflicts in which a change of this commit became a rival, in order."""
        self.merged = False
        """Whether some unit met a newer value and policy settled it."""
        self._rows: dict[str, LogRow] = {}

    @property
    def context(self) -> Context:
        """What the push was given."""
        return self.ws.context

    @property
    def rules(self) -> Rules:
        """The domain's judgement."""
        return self.ws.context.rules

    @property
    def next_seq(self) -> int:
        """The seq that the next row takes."""
        return self.ws.seq + len(self.rows) + 1

    def find(self, ident: str) -> Record | None:
        """A record as this commit leaves it so far."""
        return self.records.get(ident) or self.ws.find(ident)

    def row(self, change: str) -> LogRow | None:
        """The log row of a change, those of this commit included."""
        return self._rows.get(change) or self.ws.row(change)

    def taken(self, change: str) -> LogRow:
        """The log row of a change that must have one."""
        row = self.row(change)
        assert row is not None, change
        return row

    def fate(self, change: str, unit: str) -> Fate | None:
        """What a change counts as on this unit."""
        return self.fates.get((change, unit)) or self.ws.fate(change, unit)

    def conflict(self, record: Record, unit: str) -> Record | None:
        """The conflict on this unit of a record that is open so far."""
        drafted = self.conflicts.get((record.id, unit))
        if drafted is None:
            return self.ws.conflict(record, unit)
        return drafted if drafted.data["state"] == "open" else None

    def readable(self, ident: str) -> Record:
        """A record that the author may read; unreadable and unknown are the same to him."""
        record = self.records.get(ident)
        if record is None:
            record = self.ws.find(ident) if self.ws.kind_read(self.author, ident) is not None else None
        if record is None:
            raise Park("not_found", ident, waits_for=(ident,))
        return record

    def is_own(self, row: LogRow) -> bool:
        """Whether the author made this change, on the same device."""
        return row.user == self.author.user and row.device == self.author.device

    def case(self, kind: Kind, change: Change, record: Record | None, before: Any, after: Any) -> Case:
        """What is put before the rules."""
        return Case(kind, change, self.commit, self.author, record, before, after, self.find, self.wrote)

    def wrote(self, ident: str, unit: str, change: str) -> Mapping[str, Any] | None:
        """See `Case.wrote`."""
        record = self.find(ident)
        kind = self.context.catalogue.get(record.kind) if record is not None else None
        known = kind.units.get(unit) if kind is not None else None
        if record is None or known is None:
            return None
        if change == record.version(unit):
            return known.as_fields(known.read(record.data))
        row = self.row(change)
        return fields_after(row, known) if row is not None and row.record == ident else None

    def log(
        self,
        change: Change,
        *,
        previous: str | None,
        replaced: Mapping[str, str],
        values: Mapping[str, Any],
        author: Author | None = None,
    ) -> None:
        """Give a change its seq; the chain hash follows once the commit is accepted."""
        by = author or self.author
        salt = self.context.new_salt()
        row = LogRow(
            self.next_seq,
            change.id,
            self.commit.id,
            change.record,
            change.kind,
            change.op,
            by.user,
            by.device,
            self.commit.made_at if author is None else self.context.now,
            self.commit.offset if author is None else None,
            self.arrived_at,
            previous,
            replaced,
            values,
            change.payload,
            salt,
            digest(salt, change.hash),
            "",
            author is None and self.commit.jumped,
        )
        self.rows.append(row)
        self._rows[change.id] = row

    def accept(self) -> Result:
        """Take the commit in for good."""
        self.ws.take_in(self.rows, self.records, self.conflicts.values(), self.fates)
        status: Status = "conflict" if self.joined else "merged" if self.merged else "applied"
        seqs = {change.id: self._rows[change.id].seq for change in self.commit.changes}
        return Result(self.commit.id, status, False, seqs, tuple(self.joined))
