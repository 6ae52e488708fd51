"""I3 and I15, from the logs: is anything lost in silence, is anything signed touched?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sync.records import LogRow, Record
from tests.simulation.cast import CONFLICT
from tests.simulation.oracle.fold import WHOLE, Fold, Quarrel, Step, Turn

if TYPE_CHECKING:
    from tests.simulation.oracle.notes import Notes

JUDGED = ("corrections", "evaluation")


class Ledger:
    """One space, audited. `rivals`: whatever was a rival at some time, by (record, unit)."""

    def __init__(self, notes: Notes, space: str) -> None:
        view = notes.world.server.backend.view(space)
        self.notes, self.space = notes, space
        self.records: Mapping[str, Record] = view.state[1]
        self.fold = Fold(view.log, notes.decisions)
        self.rivals: dict[tuple[str, str], set[str]] = {}
        for quarrel in self.fold.quarrels:
            key = quarrel.data["record"], quarrel.data["unit"]
            self.rivals.setdefault(key, set()).update(rival["change"] for rival in quarrel.data["rivals"])

    # I3 ---------------------------------------------------------------------------------------------------

    def lost(self) -> Iterator[str]:
        """What was accepted and is neither current, nor replaced with knowledge, nor kept, nor a rival."""
        yield from self.fold.wrong
        yield from self._differing_records()
        for step in self.fold.steps:
            if step.row.kind != CONFLICT and "decides" not in step.payload:
                yield from self._not_taken(step)
                yield from self._judged_unseen(step)
                yield from self._deleted_unseen(step)
                if step.deleted and step.row.replaced:
                    yield f"{step.row.change} changed {step.row.record}, which is deleted"
        for turn in self.fold.turns:
            if turn.row.kind != CONFLICT and not self._decision(turn) and not self._may_replace(turn):
                yield f"{turn.row.change} replaced {turn.old} in {turn.row.record}.{turn.unit} unseen"
        for quarrel in self.fold.quarrels:
            yield from self._rivals_dropped(quarrel)
        yield from self._hidden_conflicts()

    def _decision(self, turn: Turn) -> bool:
        return turn.row.commit in self.notes.decisions

    def _differing_records(self) -> Iterator[str]:
        for ident, told in self.fold.records.items():
            record = self.records.get(ident)
            kept = None
            if record is not None:
                kept = (record.data, record.last_change, record.seq, record.deleted)
                versions = {unit: record.version(unit) for unit in told.kind.units}
                if versions != {unit: told.version(unit) for unit in told.kind.units}:
                    yield f"{ident} has the versions {record.versions}, its log tells {told.versions}"
            if kept != (told.data, told.last, told.seq, told.deleted):
                yield f"{ident} is {kept}, its log tells {(told.data, told.last, told.seq, told.deleted)}"

    def _not_taken(self, step: Step) -> Iterator[str]:
        """Each unit that a change set is current, equal to what was, or a rival; elements are never lost."""
        row, kind = step.row, self.fold.records[step.row.record].kind
        for unit in {kind.unit_of[name] for name in step.payload.get("set") or {}}:
            wanted = self.fold.values[row.change, unit]
            kept = unit in row.replaced or self._is_rival(row.record, unit, row.change)
            if not kept and wanted != step.values[unit] and not self._followed_up(row, unit):
                yield f"{row.change} set {row.record}.{unit} to {wanted}, and that is nowhere"
        for name, elements in (step.payload.get("add") or {}).items():
            if self._is_rival(row.record, name, row.change):
                continue
            there = {element["id"] for element in self.fold.records[row.record].data.get(name) or ()}
            for element in elements:
                removed = (row.record, name, element["id"]) in self.fold.removed
                if element["id"] not in there and not removed:
                    yield f"{row.change} added {element['id']} to {row.record}.{name}, and it is nowhere"
                if kind.units[name].policy == "append" and removed and element["id"] not in there:
                    yield f"{element['id']} was taken out of {row.record}.{name}, which only grows"
        for name, gone in (step.payload.get("remove") or {}).items():
            yield from self._come_back(step, name, gone)

    def _followed_up(self, row: LogRow, unit: str) -> bool:
        """Whether the same commit goes on from this change, so that only its last word can be a rival."""
        later = (other for other in self.fold.steps if other.row.seq > row.seq)
        follow = (other for other in later if (other.payload.get("base") or {}).get(unit) == row.change)
        return any(other.row.commit == row.commit for other in follow)

    def _come_back(self, step: Step, name: str, gone: list[str]) -> Iterator[str]:
        row = step.row
        if self._is_rival(row.record, name, row.change):
            return
        later = (t for t in self.fold.turns if t.row.seq > row.seq and t.row.record == row.record)
        decided = any(turn.unit == name and self._decision(turn) for turn in later)
        for element in self.records[row.record].data.get(name) or ():
            if element["id"] in gone and not decided:
                yield f"{element['id']} was removed from {row.record}.{name} and came back"

    def _judged_unseen(self, step: Step) -> Iterator[str]:
        """A judgement that landed stands on what its author saw."""
        row = step.row
        if (step.payload.get("set") or {}).get("state") != "verified" or "state" not in row.replaced:
            return
        for unit in JUDGED:
            if not self._saw(row.change, row.record, unit, step.versions[unit], step.values[unit]):
                yield f"{row.change} judged {row.record} without having seen {step.versions[unit]} in {unit}"

    def _deleted_unseen(self, step: Step) -> Iterator[str]:
        """A delete that landed had seen the whole record; one that did not land is a rival."""
        row = step.row
        if row.op != "delete":
            return
        if WHOLE not in row.replaced:
            if not step.deleted and not self._is_rival(row.record, WHOLE, row.change):
                yield f"{row.change} deletes {row.record}, and that is nowhere"
            return
        if self._of_another_course(row.change):
            return
        for unit, version in step.versions.items():
            if not self._saw(row.change, row.record, unit, version, step.values[unit]):
                yield f"{row.change} deleted {row.record} without having seen {version} in {unit}"

    def _of_another_course(self, change: str) -> bool:
        """Whether a delete was made before a restore and arrived after it: known limit, see the docs. Devices
        fill the server up in another order, so that the one change that a delete names tells less."""
        sight = self.notes.sights.get(change)
        return sight is not None and not self.notes.is_of_today(self.space, sight.epoch)

    def _may_replace(self, turn: Turn) -> bool:
        """Whether a version may be replaced by this change: seen, kept by its policy, or a rival."""
        row, unit = turn.row, self.fold.records[turn.row.record].kind.units[turn.unit]
        if unit.elements or unit.policy == "last" or self._is_rival(row.record, turn.unit, turn.old):
            return True
        if unit.policy == "once":
            return turn.before is None
        return self._saw(row.change, row.record, turn.unit, turn.old, turn.before)

    def _saw(self, change: str, record: str, unit: str, version: str, value: Any) -> bool:
        """Whether the author of a change had seen a version, or an equal value, of this unit."""
        sight = self.notes.sights.get(change)
        if sight is None:
            return False
        if version in sight.own or self._is_own(change, version):
            return True
        shown = None
        if sight.row is not None:
            shown = sight.row["versions"].get(unit, sight.row["created_by_change"])
            if version == shown:
                return True
            kind = self.fold.records[record].kind
            if not sight.row["deleted"] and kind.units[unit].read(sight.row["data"]) == value:
                return True
        mine = [own for own in sight.own if (own, unit) in self.fold.values]
        return any(self.fold.values[own, unit] == value for own in mine)

    def _is_own(self, change: str, version: str) -> bool:
        """Whether both were made on the same device, the version first."""
        mine, other = self.notes.made.get(change), self.notes.made.get(version)
        if mine is None or other is None or mine[0].device != other[0].device:
            return False
        return other[0].entry.n <= mine[0].entry.n

    def _rivals_dropped(self, quarrel: Quarrel) -> Iterator[str]:
        """A rival leaves a conflict because its own author gave it up, or because a person decided."""
        kept = {rival["change"] for rival in quarrel.data["rivals"]}
        by = self.notes.saved_commits.get(quarrel.row.commit)
        for rival in quarrel.before:
            made = self.notes.made.get(rival)
            if rival not in kept and (by is None or made is None or made[0].device != by.device):
                yield f"{quarrel.row.commit} dropped the rival {rival} of somebody else"
        if quarrel.data["state"] == "resolved" and kept:
            decided = self.notes.decisions.get(quarrel.row.commit)
            if decided is None or not kept <= set(decided.seen):
                yield f"{quarrel.row.commit} closed a conflict over {kept} that nobody had seen"

    def _hidden_conflicts(self) -> Iterator[str]:
        """A record says which of its units are contested: exactly those with an open conflict."""
        open_units: dict[str, list[str]] = {}
        for record in self.records.values():
            if record.kind == CONFLICT and record.data["state"] == "open":
                open_units.setdefault(record.data["record"], []).append(record.data["unit"])
                told = self.fold.records[record.data["record"]]
                unit = record.data["unit"]
                version = told.version(WHOLE if told.deleted else unit)
                if unit != WHOLE and record.data["current"]["change"] != version:
                    yield f"{record.id} shows {record.data['current']['change']} as current, {version} is"
        for record in self.records.values():
            if list(record.contested) != sorted(open_units.get(record.id, ())):
                yield f"{record.id} is contested in {record.contested}, open are {open_units.get(record.id)}"

    def _is_rival(self, record: str, unit: str, change: str) -> bool:
        return change in self.rivals.get((record, unit), ())

    # I15 --------------------------------------------------------------------------------------------------

    def touched(self) -> Iterator[str]:
        """Signed content that is not what was signed any more."""
        for turn in self.fold.turns:
            if turn.covered and turn.before != turn.after and not self._decision(turn):
                yield f"{turn.row.change} changed {turn.row.record}.{turn.unit}, which is signed"
        for step in self.fold.steps:
            if step.row.op == "delete" and WHOLE in step.row.replaced and step.signed:
                yield f"{step.row.change} deleted {step.row.record}, which is signed"
        for ident, record in self.records.items():
            if record.kind == "signature" and record.created_by_change in self.notes.made:
                saved = self.notes.made[record.created_by_change][1]
                if record.deleted or {**record.data, "outcome": None} != {**saved["set"], "outcome": None}:
                    yield f"the signature {ident} is {record.data}, signed was {saved['set']}"
