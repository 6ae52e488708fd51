"""Where the engine's stories play: a memory store, a small catalogue, small rules, a cast with tablets.

何桂兰 (he) leads team T07; 谢长林 (xie) is her deputy; 孙建明 (sun) leads T11; 曾可 (zeng) reviews conflicts;
雷鸣岳 (lei) reads nothing but `project`. Ids are short words: to the engine they are opaque.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync.chain import verify
from sync.change import SERVER, Author, BrokenCommit, Commit, break_commit, read_commit
from sync.conflict import CONFLICT
from sync.kinds import Catalogue, Kind, Unit
from sync.memory import MemoryStore
from sync.parking import Outcome, discard, retry
from sync.ports import Case, Context, Problem, Reader
from sync.pull import Gone, Page, pull
from sync.push import push
from sync.records import Record
from sync.resolve import Refused, Resolution, Stale, resolve


def kind(name: str, *units: Unit | str, **options: Any) -> Kind:
    """A kind of record; a plain string is a field of its own under review."""
    made = [Unit(unit, (unit,)) if isinstance(unit, str) else unit for unit in units]
    return Kind(name, {unit.name: unit for unit in made}, **options)


def field(name: str, policy: Any, *severity: str) -> Unit:
    """A unit of one field."""
    return Unit(name, (name,), policy, severity)


KINDS: Catalogue = {
    made.name: made
    for made in (
        kind("area", "name", "post", refs={"post": ("area", "post")}, deletable=True),
        kind("photo", field("sha256", "once"), audience=("project",)),
        kind("appraisal", "text", audience=("hr",)),
        kind(
            "finding",
            "note",
            "disposition",
            "area",
            Unit("evaluation", ("class", "attribution", "due_at")),
            Unit("state", ("state", "verified_by")),
            field("result", "worst", "conform", "nonconform"),
            field("remark", "last"),
            field("started_at", "once"),
            field("photos", "union"),
            field("tags", "union"),
            field("corrections", "append"),
            refs={"area": ("area",), "photos": ("photo",)},
            deletable=True,
        ),
        kind("signature", field("lines", "once"), field("outcome", "once"), signs="lines"),
        kind(
            CONFLICT,
            "reason",
            "base",
            "current",
            "rivals",
            "proposal",
            field("record", "once"),
            field("record_kind", "once"),
            field("unit", "once"),
            Unit(
                "state",
                ("state", "decided_by", "decided_at", "decision_reason", "decision", "signature_needed"),
            ),
            server_only=True,
        ),
    )
}

AUDIENCES = {"lei": {"project"}, "zeng": {"project", "hr"}}


class SmallRules:
    """Enough of a domain to tell rights, life cycle and required fields apart.

    A finding is closed by nobody but zeng; verifying judges the corrections and the evaluation; a serious
    finding is never conceded; a finding that leaves `open` has a class.
    """

    def can_read(self, author: Author, record: Record) -> bool:
        """By audience."""
        return not set(AUDIENCES.get(author.user, {"project"})).isdisjoint(record.audience)

    def must_name(self, case: Case) -> Collection[str]:
        """`verified` judges."""
        before, after = case.before or {}, case.after or {}
        if after.get("state") == "verified" and before.get("state") != "verified":
            return ("corrections", "evaluation")
        return ()

    def judge(self, case: Case) -> Sequence[Problem]:
        """See the class."""
        after, before = case.after, case.before or {}
        if case.kind.name != "finding" or after is None:
            return ()
        problems = []
        moved = after.get("state") != before.get("state")
        if moved and after.get("state") == "closed" and case.author.user != "zeng":
            problems.append(Problem("not_allowed", "close"))
        if moved and case.before is not None and before.get("state") == "closed":
            problems.append(Problem("no_such_transition", "closed", "state"))
        if after.get("state") not in (None, "open") and after.get("class") is None:
            problems.append(Problem("required", "class", "state"))
        if after.get("disposition") == "concession" and after.get("class") == "SER":
            problems.append(Problem("never_conceded", "SER", "disposition"))
        return problems


def author(by: str) -> Author:
    """`he@tablet-1`."""
    user, device = by.split("@")
    return Author(user, device)


class Stage:
    """A store and whoever writes to it; every id, time and salt comes from counters."""

    def __init__(self, space: str = "qyl", store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.space = space
        self.rules: Any = SmallRules()
        self.readable_formats = True
        self._count = 0
        self._n: dict[str, int] = {}

    def context(self, by: str, *, quarantine: bool = False) -> Context:
        """What a push by somebody is given."""
        self._count += 1
        return Context(
            KINDS,
            self.rules,
            author(by),
            f"2026-11-23T09:00:00.{self._count:06}+08:00",
            self._new_id,
            lambda: b"salt" + self._tick().to_bytes(8, "big"),
            quarantine,
            self.read,
        )

    def read(self, raw: Any, format: int = 1) -> Commit | BrokenCommit:
        """As the server's shape check does: what has no changes is broken."""
        if not isinstance(raw, dict) or not isinstance(raw.get("changes"), list):
            return break_commit(raw, "bad_shape", "no changes")
        if any("op" not in change for change in raw["changes"]):
            return break_commit(raw, "bad_shape", "no op", change=raw["changes"][0].get("id"))
        return read_commit(raw, format=format)

    def commit(
        self, by: str, ident: str, *changes: Mapping[str, Any], n: int | None = None
    ) -> dict[str, Any]:
        """A commit as a device makes it, with its next number."""
        n = self._n.get(by, 0) + 1 if n is None else n
        self._n[by] = max(n, self._n.get(by, 0))
        clock = {"offset": -1.4, "jumped": False}
        made_at = "2026-11-23T08:00:00+08:00"
        return {"id": ident, "n": n, "made_at": made_at, "clock": clock, "changes": list(changes)}

    def push(self, by: str, *commits: Any, quarantine: bool = False) -> Outcome:
        """Push raw commits."""
        with self.store.transaction(self.space) as tx:
            read = [self.read(commit) for commit in commits]
            return push(tx, self.context(by, quarantine=quarantine), read)

    def retry(self, *ids: str) -> Outcome:
        """Judge parked commits anew."""
        with self.store.transaction(self.space) as tx:
            return retry(tx, self.context(f"admin@{SERVER}"), ids)

    def discard(self, ident: str) -> Outcome:
        """Give a parked commit up."""
        with self.store.transaction(self.space) as tx:
            return discard(tx, self.context(f"admin@{SERVER}"), ident, "given up")

    def resolve(self, by: str, resolution: Resolution) -> Outcome | Stale | Refused:
        """Decide a conflict."""
        with self.store.transaction(self.space) as tx:
            return resolve(tx, self.context(by), resolution)

    def decide(self, by: str, commit: str, record: str, unit: str, value: Any) -> Outcome | Stale | Refused:
        """Decide the open conflict of a unit after seeing all of it."""
        conflict = self.conflict(record, unit)
        seen = [conflict.data["current"]["change"], *(rival["change"] for rival in conflict.data["rivals"])]
        return self.resolve(by, Resolution(commit, conflict.id, seen, value, "seen on site", "2026-11-23"))

    def pull(self, reader: Reader, **asked: Any) -> Page | Gone:
        """One page."""
        defaults: dict[str, Any] = {"since": 0, "epoch": "", "at": "", "limit": 1000}
        with self.store.snapshot(self.space, reader) as snapshot:
            return pull(snapshot, **{**defaults, **asked})

    def page(self, reader: Reader, **asked: Any) -> Page:
        """One page that must be there."""
        page = self.pull(reader, **asked)
        assert isinstance(page, Page), page
        return page

    @property
    def records(self) -> Mapping[str, Record]:
        """The records of the space."""
        return self.store.space(self.space).state[1]

    def conflicts(self) -> list[Record]:
        """Every conflict, open or not, in the order in which they came up."""
        return [record for record in self.records.values() if record.kind == CONFLICT]

    def conflict(self, record: str, unit: str) -> Record:
        """The open conflict of a unit."""
        key = (record, unit, "open")
        found = [c for c in self.conflicts() if (c.data["record"], c.data["unit"], c.data["state"]) == key]
        assert len(found) == 1, found
        return found[0]

    def check(self) -> None:
        """What must hold at any moment, whatever was pushed."""
        space = self.store.space(self.space)
        walked = verify(space.log)
        assert walked.broken is None
        assert (walked.head, walked.at) == (space.state[0].seq, space.state[0].at)
        last = {row.record: row for row in space.log}
        for record in self.records.values():
            assert (record.seq, record.last_change) == (last[record.id].seq, last[record.id].change)
            if record.kind != CONFLICT:
                open_units = [c.data["unit"] for c in space.conflicts.get(record.id, {}).values()]
                assert sorted(record.contested) == sorted(open_units)

    def copy_time(self, context: Context, now: str) -> Context:
        """The same context at another time."""
        return replace(context, now=now)

    def _new_id(self) -> str:
        return f"made-{self._tick():04}"

    def _tick(self) -> int:
        self._count += 1
        return self._count


def create(ident: str, record: str, fields: Mapping[str, Any], kind: str = "finding") -> dict[str, Any]:
    """A create."""
    return {"id": ident, "op": "create", "kind": kind, "record": record, "set": dict(fields)}


def patch(
    ident: str, record: str, base: Mapping[str, str | None], fields: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """A patch of a finding."""
    head = {"id": ident, "op": "patch", "kind": "finding", "record": record}
    return {**head, "base": dict(base), "set": dict(fields), **more}


def delete(ident: str, record: str, base: str, kind: str = "finding") -> dict[str, Any]:
    """A delete."""
    return {"id": ident, "op": "delete", "kind": kind, "record": record, "base": {"*": base}}
