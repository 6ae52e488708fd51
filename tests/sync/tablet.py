"""A tablet as the protocol wants it: a base that only pulls move, an outbox, and views laid over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.kinds import Unit
from sync.ports import Reader
from sync.records import Result
from tests.sync.stage import KINDS, Stage, create, delete

READER = Reader(frozenset({"project"}))
FINDING = KINDS["finding"]


class Tablet:
    """One user on one device. `saw` remembers, for each change made here, how far it had pulled by then."""

    def __init__(self, stage: Stage, by: str) -> None:
        self.stage = stage
        self.by = by
        self.base: dict[str, Mapping[str, Any]] = {}
        self.cursor = 0
        self.at = ""
        self.epoch = ""
        self.outbox: list[dict[str, Any]] = []
        """Commits not yet taken in, as far as this tablet knows."""
        self.made: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Result] = {}
        self.saw: dict[str, int] = {}
        self._ids = 0

    # making changes ---------------------------------------------------------------------------------------

    def create(self, record: str, fields: Mapping[str, Any]) -> None:
        """Make a finding."""
        self._save(create(self._id("change"), record, fields))

    def patch(self, record: str, fields: Mapping[str, Any], **lists: Any) -> None:
        """Set fields, naming as base what this screen shows."""
        units = {FINDING.unit_of[name] for name in fields}
        change = {"id": self._id("change"), "op": "patch", "kind": "finding", "record": record}
        base = {unit: self.version(record, unit) for unit in units}
        self._save({**change, "base": base, "set": dict(fields), **lists})

    def delete(self, record: str) -> None:
        """Delete a finding; the base is what was pulled, or the own create that was not sent yet."""
        row = self.base.get(record)
        last = row["last_change"] if row is not None else self._created(record)
        self._save(delete(self._id("change"), record, last))

    def sign(self, record: str, units: Sequence[str]) -> None:
        """Sign what the screen shows of a finding."""
        versions = ((unit, self.version(record, unit)) for unit in units)
        lines = [{"record": record, "unit": u, "version": v} for u, v in versions if v is not None]
        self._save(create(self._id("change"), self._id("signature"), {"lines": lines}, "signature"))

    def known(self) -> list[str]:
        """The findings on the screen, sorted."""
        shown = {ident for ident, row in self.base.items() if row["kind"] == "finding" and not row["deleted"]}
        for change in self._unsent():
            if change["op"] == "delete":
                shown.discard(change["record"])
            elif change["op"] == "create" and change["kind"] == "finding":
                shown.add(change["record"])
        return sorted(shown)

    def version(self, record: str, unit: str) -> str | None:
        """The change that wrote what the screen shows of a unit."""
        version: str | None = None
        row = self.base.get(record)
        if row is not None:
            version = row["versions"].get(unit, row["created_by_change"])
        for change in self._unsent():
            if change["record"] == record and (
                change["op"] == "create" or any(FINDING.unit_of[name] == unit for name in change["set"])
            ):
                version = change["id"]
        return version

    def value(self, record: str, unit: Unit) -> Any:
        """What the screen shows of a unit that is no list."""
        row = self.base.get(record)
        value = unit.read(row["data"] if row is not None else {})
        for change in self._unsent():
            if change["record"] == record:
                value = unit.overlay(value, change.get("set", {}))
        return value

    # talking to the server --------------------------------------------------------------------------------

    def push(self, most: int = 100, *, answered: bool = True) -> list[Result]:
        """Send the oldest commits; an answer that got lost leaves them in the outbox."""
        sent = self.outbox[:most]
        outcome = self.stage.push(self.by, *sent)
        if answered:
            self.answers.update({result.commit: result for result in outcome.results})
            settled = {r.commit for r in outcome.results if r.status not in ("parked", "retry")}
            # Acknowledged commits stay in the view until a pull has passed them; here push is followed
            # by a pull of the sender, which keeps the model small without changing what is sent.
            self.pull()
            self.outbox = [commit for commit in self.outbox if commit["id"] not in settled]
        return outcome.results

    def pull(self, limit: int = 3) -> None:
        """Pull to the end, in small pages."""
        more = True
        while more:
            page = self.stage.page(READER, since=self.cursor, epoch=self.epoch, at=self.at, limit=limit)
            for row in page.rows:
                assert row["seq"] > self.cursor
                self.base[row["id"]] = row
            self.cursor, self.at, self.epoch, more = page.to, page.at, page.epoch, page.more

    def _unsent(self) -> list[dict[str, Any]]:
        pulled = self.cursor
        changes = [change for commit in self.outbox for change in commit["changes"]]
        rows = self.stage.store.rows
        return [change for change in changes if change["id"] not in rows or rows[change["id"]].seq > pulled]

    def _created(self, record: str) -> str:
        made = (change for change in self._unsent() if change["record"] == record)
        return str(next(change["id"] for change in made if change["op"] == "create"))

    def _save(self, change: dict[str, Any]) -> None:
        commit = self.stage.commit(self.by, self._id("commit"), change)
        self.saw[change["id"]] = self.cursor
        self.outbox.append(commit)
        self.made[commit["id"]] = commit

    def _id(self, what: str) -> str:
        self._ids += 1
        return f"{what}-{self.by}-{self._ids}"
