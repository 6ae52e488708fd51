"""What is objected to on the spot: answers, pages, and what a device does with its own disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.simulation.cast import CONFLICT, KINDS, OLD_FORMAT
from tests.simulation.device import Device
from tests.simulation.disk import Entry

if TYPE_CHECKING:
    from tests.simulation.oracle.notes import Notes

FINAL = ("applied", "merged", "conflict")
RIGHTS, FORMATS = ("forbidden",), ("unknown_format", "unknown_kind", "unknown_field")


class Witness:
    """Stands beside devices and network. On a database it only looks at what it is handed: looking up
    everything at every page would take too long there, and the same history is played in memory as well."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    @property
    def _all_seeing(self) -> bool:
        return self.notes.world.server.backend.name == "memory"

    def _view(self, space: str) -> Any:
        return self.notes.world.server.backend.view(space)

    # I2 ---------------------------------------------------------------------------------------------------

    def same_answer(self, commit: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """A commit that was answered before is recognised, and a final answer stays what it was."""
        if commit["id"] != result["commit"]:
            self.notes.broken("I2", f"{commit['id']} was answered as {result['commit']}")
        known = self.notes.answers.get(commit["id"])
        if known is None:
            return
        if not result["replayed"]:
            self.notes.broken("I2", f"{commit['id']} was answered before and is not recognised")
        if is_final(known):
            for name in ("status", "seqs", "conflicts", "reason"):
                if known[name] != result[name]:
                    message = f"{commit['id']}: {name} was {known[name]} and is {result[name]} now"
                    self.notes.broken("I2", message)

    # I5, I9, I17: pages -----------------------------------------------------------------------------------

    def page_is_right(self, user: str, asked: Mapping[str, Any], page: Mapping[str, Any]) -> None:
        """A page shows nothing that its reader may not read, and leaves out nothing that he may (I5, I17)."""
        space = asked["space"]
        for row in page["records"]:
            if not self.readable(user, space, row):
                self.notes.broken("I17", f"{user} was shown {row['kind']} {row['id']} in {space}")
        if self._all_seeing:
            records = self._view(space).state[1].values()
            may_read = self.notes.world.server.rights.may_read
            readable = [r for r in records if may_read(user, space, r.audience)]
            due = [r for r in readable if page["since"] < r.seq <= page["to"]]
            live = [r.id + r.last_change for r in readable if not r.deleted]
            if page["checksum"] not in (None, xor_of(live)):
                self.notes.broken("I4", f"the checksum of {space} for {user} is {page['checksum']}")
            wanted = sorted((r.seq, r.id, r.last_change) for r in due)
            found = [(row["seq"], row["id"], row["last_change"]) for row in page["records"]]
            if wanted != found:
                self.notes.broken("I5", f"a page of {space} for {user} shows {found} instead of {wanted}")

    def readable(self, user: str, space: str, row: Mapping[str, Any]) -> bool:
        """Whether a user may read a row, by what its creator said."""
        ident = row["id"]
        if row["kind"] == CONFLICT and row["data"]:
            ident = row["data"]["record"]
        audience = self.notes.audiences.get(ident, (space, KINDS["area"].audience))[1]
        return self.notes.world.server.rights.may_read(user, space, audience)

    def holds_all(self, device: Device, space: str, invariant: str) -> None:
        """A device at a cursor holds everything readable up to it, at least as new (I5); also when it was
        killed in the middle of taking in a page (I9)."""
        followed = device.disk.spaces.get(space)
        if followed is None or not self._all_seeing:
            return
        server = self.notes.world.server
        head, records = self._view(space).state
        reader = server.rights.reader(device.user, space)
        if not reader.audiences or followed.epoch != server.backend.epoch(head.epoch, reader):
            return
        for record in records.values():
            if record.seq <= followed.seq and reader.can_read(record.kind, record.audience):
                row = followed.base.get(record.id)
                if row is None or row["seq"] < record.seq:
                    where = f"at {followed.seq} of {space}"
                    self.notes.broken(invariant, f"{device.name} lacks {record.id}@{record.seq} {where}")

    # I10, I14, I11 ----------------------------------------------------------------------------------------

    def let_go(self, device: Device, blobs: Sequence[str]) -> None:
        """Bytes go only after a `have` that was asked when every commit with them was acknowledged (I10)."""
        for sha in blobs:
            refer = [s.entry.id for s in self._referring(device, sha)]
            learned = max((self.notes.acknowledged.get(ident, 10**9) for ident in refer), default=10**9)
            asked = [tick for tick, who, held in self.notes.have if who == device.name and sha in held]
            if sha not in self.notes.world.server.blobs:
                self.notes.broken("I10", f"{device.name} deleted {sha}, which the server does not hold")
            elif not any(tick > learned for tick in asked):
                self.notes.broken("I10", f"{device.name} deleted {sha} without asking after all was answered")

    def _referring(self, device: Device, sha: str) -> Iterator[Any]:
        for saved in self.notes.saved_commits.values():
            if saved.device == device.name and sha in saved.entry.blobs:
                yield saved

    def pruned(self, device: Device, entries: Sequence[Entry]) -> None:
        """Only what a backup holds may go, or a restore could not be made good (I14).

        A restore from an older backup than that, in the middle of a sync, takes what the device has just been
        told is safe: no device could know.
        """
        notes = self.notes
        if notes.began_at[device.name] < notes.restored_at:
            undone = [entry.id for entry in entries if entry.id not in notes.answers]
            for ident in undone:
                notes.must_return.pop(ident, None)
            notes.gone.update(undone)
            entries = [entry for entry in entries if entry.id not in undone]
        for entry in entries:
            answer = self.notes.answers.get(entry.id)
            saved = self.notes.world.server.backed_up.get(entry.space, 0)
            last = max(answer["seqs"].values(), default=0) if answer is not None else 0
            if answer is None or answer["status"] not in FINAL or last > saved:
                self.notes.broken("I14", f"{device.name} let go of {entry.id}@{last}, backed up is {saved}")

    def wiped(self, device: Device) -> None:
        """A device that was shut out empties itself only when everything is handed in (I11)."""
        for entry in device.disk.outbox.values():
            if entry.id not in self.notes.acknowledged:
                self.notes.broken("I11", f"{device.name} was emptied with {entry.id} unsent")
        for sha, blob in device.disk.blobs.items():
            if blob.here and blob.commits and sha not in self.notes.world.server.blobs:
                self.notes.broken("I10", f"{device.name} was emptied with {sha}, which the server lacks")

    def reads_only_what_it_may(self, device: Device) -> None:
        """After a sync nothing is left that its user may no longer read (I11)."""
        for space, followed in device.disk.spaces.items():
            for row in followed.base.values():
                if not self.readable(device.user, space, row):
                    self.notes.broken("I11", f"{device.name} still holds {row['id']} of {space}")

    # I7, I13 ----------------------------------------------------------------------------------------------

    def parked_for_a_cause(self, device: str, space: str, result: Mapping[str, Any]) -> None:
        """A commit waits for nothing but what its own device did before on its records (I7)."""
        saved = self.notes.saved_commits.get(result["commit"])
        if saved is None or result["reason"]["code"] != "waiting":
            return
        touched = {change["record"] for change in saved.changes} | set(referred(saved.changes))
        for ident in result["reason"]["detail"]:
            other = self.notes.saved_commits.get(ident)
            if other is None or (other.device, other.user) != (saved.device, saved.user):
                self.notes.broken("I7", f"{saved.entry.id} waits for {ident} of another device")
            elif other.entry.n >= saved.entry.n:
                self.notes.broken("I7", f"{saved.entry.id} waits for the later {ident}")
            elif touched.isdisjoint(change["record"] for change in other.changes):
                self.notes.broken("I7", f"{saved.entry.id} waits for {ident}, which is about other records")

    def overtakes_nothing(self, space: str, result: Mapping[str, Any]) -> None:
        """A commit is not taken in while an earlier one of its device on the same records is parked (I7)."""
        saved = self.notes.saved_commits.get(result["commit"])
        if saved is None or result["replayed"] or result["status"] not in FINAL:
            return
        touched = {change["record"] for change in saved.changes} | set(referred(saved.changes))
        parked = self._view(space).parked if self._all_seeing else {}
        for ident, waiting in parked.items():
            other = self.notes.saved_commits.get(ident)
            if waiting.state != "parked" or other is None or ident not in self.notes.answers:
                continue
            same = (other.device, other.user) == (saved.device, saved.user) and other.entry.n < saved.entry.n
            if same and not touched.isdisjoint(waiting.records):
                self.notes.broken("I7", f"{saved.entry.id} was taken in past {ident}, which is parked")

    # I17: hashes ------------------------------------------------------------------------------------------

    def may_know(self, user: str, held: Sequence[str]) -> None:
        """`have` tells of a blob only whoever sent it, or may read a photo of somebody who did (I17)."""
        for sha in held:
            if not any(self._knows(user, sha, *who) for who in self._shown(sha)):
                self.notes.broken("I17", f"{user} was told that the server holds {sha}")

    def _shown(self, sha: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The author, space and audience of each photo record of these bytes."""
        for saved in self.notes.saved_commits.values():
            for change in saved.changes:
                if change["kind"] == "photo" and change["set"].get("sha256") == sha:
                    space, audience = self.notes.audiences[change["record"]]
                    yield saved.user, space, audience

    def _knows(self, user: str, sha: str, author: str, space: str, audience: tuple[str, ...]) -> bool:
        return user == author or self.notes.world.server.rights.may_read(user, space, audience)


def xor_of(texts: Sequence[str]) -> str:
    """XOR of the first 8 bytes of the SHA-256 of each text, as 16 hex digits."""
    total = 0
    for text in texts:
        total ^= int(sha256(text.encode()).hexdigest()[:16], 16)
    return f"{total:016x}"


def is_final(result: Mapping[str, Any]) -> bool:
    """Whether an answer must never change any more."""
    parked = result["status"] == "parked" and (result["reason"] or {}).get("code") == "discarded"
    return result["status"] in FINAL or parked


def referred(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The records that changes of a commit refer to."""
    for change in changes:
        fields = change.get("set", {})
        yield from (fields[name] for name in ("area", "post") if fields.get(name))
        yield from (line["record"] for line in fields.get("lines") or ())
        yield from (element["value"] for element in change.get("add", {}).get("photos", ()))


__all__ = ["FORMATS", "OLD_FORMAT", "RIGHTS", "Witness", "is_final"]
