"""One push in memory: what was read from storage, and over it what the push has decided so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sync.chain import link
from sync.change import Author
from sync.ports import Context, SpaceTransaction, Writes
from sync.records import Fate, Flag, Head, LoggedChange, LogRow, Parked, Receipt, Record


class Workspace:
    """Reads in batches, remembers also what is not there, and writes once at the end.

    What is missing from the batches is read when it is asked for: correct, only slower.
    """

    def __init__(self, tx: SpaceTransaction, context: Context) -> None:
        self.tx = tx
        self.context = context
        self.space = tx.space
        self.start = tx.head()
        self.seq = self.start.seq
        self.at = self.start.at
        self.log: list[LogRow] = []
        self.arrived: list[str] = []
        """Ids of records, changes and parked commits that somebody may be waiting for."""
        self.flags: list[Flag] = []
        self._rows: dict[str, LogRow] = {}
        self._changes: dict[str, LoggedChange | None] = {}
        self._fates: dict[tuple[str, str], Fate] = {}
        self._records: dict[str, Record | None] = {}
        self._before: dict[str, Record | None] = {}
        self._kinds_read: dict[tuple[str, str], str] = {}
        self._conflicts: dict[str, dict[str, Record]] = {}
        self._receipts: dict[str, Receipt | None] = {}
        self._answered: dict[str, Receipt] = {}
        self._parked: dict[str, Parked] = {}
        self._parked_by: dict[tuple[str, str], dict[str, Parked]] = {}

    # records ----------------------------------------------------------------------------------------------

    def load_records(self, ids: Iterable[str]) -> None:
        """Read these records at once."""
        wanted = {ident for ident in ids if ident not in self._records}
        if wanted:
            self._records.update(dict.fromkeys(wanted))
            self._records.update(self.tx.records(wanted))

    def find(self, ident: str) -> Record | None:
        """A record as it stands now, of whatever space."""
        if ident not in self._records:
            self.load_records((ident,))
        return self._records[ident]

    def kind_read(self, author: Author, ident: str) -> str | None:
        """The kind of a record that this user may read, asked once per push; `None` if he may not."""
        key = (author.user, ident)
        if key not in self._kinds_read:
            record = self.find(ident)
            readable = record is not None and self.context.rules.can_read(author, record)
            if record is None or not readable:
                return None
            self._kinds_read[key] = record.kind
        return self._kinds_read[key]

    # changes ----------------------------------------------------------------------------------------------

    def load_changes(self, ids: Iterable[str]) -> None:
        """Read what is known of these changes at once."""
        wanted = {ident for ident in ids if ident not in self._changes}
        if wanted:
            self._changes.update(dict.fromkeys(wanted))
            self._changes.update(self.tx.changes(wanted))

    def knows_change(self, ident: str) -> bool:
        """Whether this change was taken in, or discarded, before."""
        return ident in self._rows or self._change(ident) is not None

    def row(self, ident: str) -> LogRow | None:
        """The log row of a change."""
        row = self._rows.get(ident)
        if row is None:
            known = self._change(ident)
            row = known.row if known is not None else None
        return row

    def fate(self, change: str, unit: str) -> Fate | None:
        """What the change counts as on this unit."""
        fate = self._fates.get((change, unit))
        if fate is None and change not in self._rows:
            known = self._change(change)
            fate = known.fates.get(unit) if known is not None else None
        return fate

    def _change(self, ident: str) -> LoggedChange | None:
        if ident not in self._changes:
            self.load_changes((ident,))
        return self._changes[ident]

    # conflicts --------------------------------------------------------------------------------------------

    def load_conflicts(self, records: Iterable[Record | None]) -> None:
        """Read the open conflicts of those records that have any."""
        wanted = {r.id for r in records if r is not None and r.contested and r.id not in self._conflicts}
        if wanted:
            for ident in wanted:
                self._conflicts[ident] = {}
            for conflict in self.tx.open_conflicts(wanted):
                self._conflicts[conflict.data["record"]][conflict.data["unit"]] = conflict

    def conflict(self, record: Record, unit: str) -> Record | None:
        """The open conflict on this unit of a record."""
        if unit not in record.contested:
            return None
        self.load_conflicts((record,))
        return self._conflicts.get(record.id, {}).get(unit)

    # commits ----------------------------------------------------------------------------------------------

    def load_receipts(self, ids: Collection[str]) -> None:
        """Read the receipts with these ids at once."""
        wanted = [ident for ident in ids if ident not in self._receipts]
        if wanted:
            self._receipts.update(dict.fromkeys(wanted))
            self._receipts.update(self.tx.receipts(wanted))

    def receipt(self, ident: str) -> Receipt | None:
        """The receipt with this id, if the commit was answered before."""
        if ident not in self._receipts:
            self.load_receipts((ident,))
        return self._receipts[ident]

    def answer(self, receipt: Receipt) -> None:
        """Keep this answer to a commit."""
        self._receipts[receipt.id] = self._answered[receipt.id] = receipt

    def take_in(
        self,
        rows: Sequence[LogRow],
        records: Mapping[str, Record],
        conflicts: Iterable[Record],
        fates: Mapping[tuple[str, str], Fate],
    ) -> None:
        """Take in a decided commit: its rows join the chain, its records become current."""
        for row in rows:
            self.at = row.chain = link(self.at, row)
            self._rows[row.change] = row
            self.arrived.append(row.change)
        self.log += rows
        self.seq += len(rows)
        for ident, record in records.items():
            if ident not in self._before:
                before = self._before[ident] = self._records.get(ident)
                if before is None:
                    self.arrived.append(ident)
            self._records[ident] = record
        self._fates.update(fates)
        for conflict in conflicts:
            of_record = self._conflicts.setdefault(conflict.data["record"], {})
            if conflict.data["state"] == "open":
                of_record[conflict.data["unit"]] = conflict
            else:
                of_record.pop(conflict.data["unit"], None)

    # parked commits ---------------------------------------------------------------------------------------

    def park(self, parked: Parked) -> None:
        """Keep a parked commit in this state."""
        self._parked[parked.id] = parked
        of_author = self.parked_by(Author(parked.user, parked.device))
        if parked.state == "parked":
            of_author[parked.id] = parked
        else:
            of_author.pop(parked.id, None)
            self.arrived.append(parked.id)

    def parked(self, ids: Collection[str]) -> dict[str, Parked]:
        """Parked commits by id, in any state."""
        found = dict(self.tx.parked([ident for ident in ids if ident not in self._parked]))
        found.update({ident: self._parked[ident] for ident in ids if ident in self._parked})
        return found

    def parked_by(self, author: Author) -> dict[str, Parked]:
        """What is parked of this author and device."""
        key = (author.user, author.device)
        if key not in self._parked_by:
            self._parked_by[key] = {p.id: p for p in self.tx.parked_by(author.user, author.device)}
        return self._parked_by[key]

    def parked_waiting_for(self, ids: Collection[str]) -> list[Parked]:
        """What is parked and waits for one of these ids, in order of `n`."""
        stored = self.tx.parked_waiting_for(ids)
        waiting = {parked.id: parked for parked in stored if parked.id not in self._parked}
        sought = set(ids)
        for parked in self._parked.values():
            if parked.state == "parked" and not sought.isdisjoint(parked.waits_for):
                waiting[parked.id] = parked
        return sorted(waiting.values(), key=lambda p: (p.user, p.device, p.n or 0, p.id))

    # the end ----------------------------------------------------------------------------------------------

    def discard_change(self, change: str, bases: Mapping[str, str | None]) -> None:
        """Note that a change that was never taken in stands for its own bases, given by unit."""
        self._changes[change] = LoggedChange(change, None, {})
        for unit, base in bases.items():
            self._fates[change, unit] = Fate("discarded", base)
        self.arrived.append(change)

    def head(self) -> Head:
        """How far the space is now."""
        return Head(self.seq, self.at, self.start.epoch)

    def finish(self) -> Head:
        """Write everything at once, if there is anything to write."""
        if self.log or self._answered or self._parked or self.flags or self._fates:
            records = [(before, self._now(ident)) for ident, before in self._before.items()]
            fates = [(change, unit, fate) for (change, unit), fate in self._fates.items()]
            receipts, parked = list(self._answered.values()), list(self._parked.values())
            self.tx.write(Writes(self.head(), self.log, records, receipts, parked, fates, self.flags))
        return self.head()

    def _now(self, ident: str) -> Record:
        record = self._records[ident]
        assert record is not None
        return record
