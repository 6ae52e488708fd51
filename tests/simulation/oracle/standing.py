"""What must be true once everything rests, invariant by invariant: each function says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sync.chain import GENESIS, verify
from tests.simulation.cast import OLD_FORMAT, SPACES
from tests.simulation.oracle.ledger import Ledger
from tests.simulation.oracle.notes import FINAL, Notes
from tests.simulation.oracle.witness import FORMATS, RIGHTS


class Books:
    """The notes and one audited ledger per space."""

    def __init__(self, notes: Notes) -> None:
        self.notes, self.world = notes, notes.world
        self.server = notes.world.server
        self.views = {space: self.server.backend.view(space) for space in SPACES}
        self.ledgers = {space: Ledger(notes, space) for space in SPACES}
        self.rows: dict[str, list[Any]] = {}
        for view in self.views.values():
            for row in view.log:
                self.rows.setdefault(row.commit, []).append(row)
        self.parked = {p.id: p for view in self.views.values() for p in view.parked.values()}

    def on_server(self, ident: str) -> bool:
        """Whether a commit is there, taken in or parked."""
        return ident in self.rows or ident in self.parked

    def held(self, ident: str) -> bool:
        """Whether some device still has it."""
        return any(ident in device.disk.outbox for device in self.world.devices)


def i1_acknowledged_survives(books: Books) -> Iterator[str]:
    """What a device was told is taken in, is there, whole, unless a restore took it."""
    notes = books.notes
    for ident, answer in notes.answers.items():
        saved = notes.saved_commits.get(ident)
        if saved is None or ident not in notes.acknowledged:
            continue
        if answer["status"] in FINAL:
            there = {row.change for row in books.rows.get(ident, ())}
            missing = [change["id"] for change in saved.changes if change["id"] not in there]
            if missing:
                yield f"{ident} was acknowledged, and {missing} are missing"
        elif not books.on_server(ident):
            yield f"{ident} was said to be parked, and is nowhere"


def i3_nothing_is_lost(books: Books) -> Iterator[str]:
    """See `Ledger.lost`; and every row holds what its device saved."""
    for ledger in books.ledgers.values():
        yield from ledger.lost()
        for row in ledger.fold.log:
            made = books.notes.made.get(row.change)
            if made is None or made[0].entry.commit["format"] == OLD_FORMAT:
                continue
            if json.loads(row.payload) != made[1]:
                yield f"{row.change} was saved as {made[1]} and stands in the log as {row.payload!r}"


def i4_equals_hold_the_same(books: Books) -> Iterator[str]:
    """Devices with equal rights hold equal records, and those of the server."""
    for space, view in books.views.items():
        for device in books.world.devices:
            reader = books.server.rights.reader(device.user, space)
            followed = device.disk.spaces.get(space)
            if device.wiped or not reader.audiences or followed is None:
                continue
            readable = [r for r in view.state[1].values() if reader.can_read(r.kind, r.audience)]
            wanted = {r.id: (r.seq, r.last_change, r.deleted, {} if r.deleted else r.data) for r in readable}
            found = {
                row["id"]: (row["seq"], row["last_change"], row["deleted"], row["data"])
                for row in followed.base.values()
            }
            if found != wanted:
                ids = sorted(i for i in {*found, *wanted} if found.get(i) != wanted.get(i))
                yield f"{device.name} differs from the server in {ids} of {space}"


def i5_no_holes(books: Books) -> Iterator[str]:
    """seqs 1, 2, 3 … to the head, chained."""
    for space, view in books.views.items():
        seqs = [row.seq for row in view.log]
        if seqs != list(range(1, view.state[0].seq + 1)):
            yield f"{space} has the head {view.state[0].seq} and the seqs {seqs}"
        walked = verify(view.log, at=GENESIS)
        if walked.broken is not None or walked.at != view.state[0].at:
            yield f"the chain of {space}: {walked}, its head says {view.state[0]}"
        records = {row.record: row.seq for row in view.log}
        for record in view.state[1].values():
            if record.seq != records.get(record.id):
                yield f"{record.id} says {record.seq}, its last row is {records.get(record.id)}"


def i7_parked_wait_for_a_cause(books: Books) -> Iterator[str]:
    """What is parked still has a cause; what waits, waits for what is parked."""
    for ident, parked in books.parked.items():
        code, detail = parked.reason["code"], parked.reason["detail"]
        if parked.state != "parked" or code in RIGHTS + FORMATS:
            continue
        if code == "waiting":
            others = [books.parked.get(other) for other in detail]
            if not any(other is not None and other.state == "parked" for other in others):
                yield f"{ident} waits for {detail}, which are not parked"
        elif code == "not_found" and _readable(books, parked.user, detail):
            yield f"{ident} waits for {detail}, which its author can read"
        elif code == "unknown_base" and _known_on(books, parked, detail):
            yield f"{ident} waits for the change {detail}, which is known"


def _readable(books: Books, user: str, ident: str) -> bool:
    for space, view in books.views.items():
        record = view.state[1].get(ident)
        if record is not None:
            return books.server.rights.may_read(user, space, record.audience)
    return False


def _known_on(books: Books, parked: Any, change: str) -> bool:
    """Whether a change is on a record that the parked commit changes, or was given up."""
    for view in books.views.values():
        for row in view.log:
            if row.change == change:
                return row.record in parked.records
    made = books.notes.made.get(change)
    return made is not None and made[0].entry.id in books.notes.discards


def i9_saved_is_kept(books: Books) -> Iterator[str]:
    """What was shown as saved is on the device or on the server (lost devices and restores excepted)."""
    for saved in books.notes.saved_commits.values():
        if _vanished(books, saved) and books.server.rights.audiences(saved.user, saved.entry.space):
            yield f"{saved.entry.id} of {saved.device} was shown as saved, and is nowhere"


def i11_unsent_work_is_parked(books: Books) -> Iterator[str]:
    """The same for work of whoever lost his rights meanwhile."""
    for saved in books.notes.saved_commits.values():
        if _vanished(books, saved) and not books.server.rights.audiences(saved.user, saved.entry.space):
            yield f"{saved.entry.id} of {saved.user}, who lost his rights, is nowhere"


def _vanished(books: Books, saved: Any) -> bool:
    ident, notes = saved.entry.id, books.notes
    excused = ident in notes.forfeited or ident in notes.gone or ident in notes.must_return
    return not (excused or books.on_server(ident) or books.held(ident))


def i10_photos_are_somewhere(books: Books) -> Iterator[str]:
    """The bytes of every photo are on the server or on the device that took it."""
    for device in books.world.devices:
        for sha, blob in device.disk.blobs.items():
            if blob.commits and not blob.here and sha not in books.server.blobs:
                yield f"{sha} was deleted on {device.name} and is not on the server"


def i13_old_and_new_formats(books: Books) -> Iterator[str]:
    """What an old app sends is read; what only a newer one knows is replayed once the server knows it."""
    for ident, parked in books.parked.items():
        if parked.state == "parked" and parked.reason["code"] in FORMATS:
            yield f"{ident} is still parked for {parked.reason} though the server can read it"
    for ledger in books.ledgers.values():
        for row in ledger.fold.log:
            made = books.notes.made.get(row.change)
            if made is None or made[0].entry.commit["format"] != OLD_FORMAT:
                continue
            if _renamed(json.loads(row.payload)) != _renamed(made[1]):
                yield f"{row.change} of an old app was saved as {made[1]}, read as {row.payload!r}"


def _renamed(change: Mapping[str, Any]) -> Any:
    """A change with today's names, told apart from nothing else."""
    text = json.dumps(change, sort_keys=True)
    return json.loads(text.replace('"text":', '"note":')) if change["kind"] == "finding" else change


def i14_restored_is_filled(books: Books) -> Iterator[str]:
    """What a restore took and a device held has come back, or is parked for all to see."""
    for ident, device in books.notes.must_return.items():
        if not books.on_server(ident) and books.notes.server_is_open_to(device):
            yield f"{ident}, which {device} held after the restore, did not come back"


def i15_signed_stays(books: Books) -> Iterator[str]:
    """See `Ledger.touched`."""
    for ledger in books.ledgers.values():
        yield from ledger.touched()


def i16_pokes_cost_only_delay(books: Books) -> Iterator[str]:
    """Without a single poke everybody is where the server is, and nothing is unsent."""
    for device in books.world.devices:
        if device.wiped:
            continue
        if device.disk.unsent:
            yield f"{device.name} still has {[entry.id for entry in device.disk.unsent]} unsent"
        for space in books.server.rights.spaces(device.user):
            followed = device.disk.spaces.get(space)
            if followed is None or followed.seq != books.views[space].state[0].seq:
                yield f"{device.name} stands at {followed and followed.seq} of {space}"


FINAL_CHECKS: Mapping[str, Callable[[Books], Iterator[str]]] = {
    "I1": i1_acknowledged_survives,
    "I3": i3_nothing_is_lost,
    "I4": i4_equals_hold_the_same,
    "I5": i5_no_holes,
    "I7": i7_parked_wait_for_a_cause,
    "I9": i9_saved_is_kept,
    "I10": i10_photos_are_somewhere,
    "I11": i11_unsent_work_is_parked,
    "I13": i13_old_and_new_formats,
    "I14": i14_restored_is_filled,
    "I15": i15_signed_stays,
    "I16": i16_pokes_cost_only_delay,
}


def audit(notes: Notes) -> None:
    """Every final check; what is wrong goes into the notes."""
    books = Books(notes)
    for invariant, check in FINAL_CHECKS.items():
        for message in check(books):
            notes.broken(invariant, message)
