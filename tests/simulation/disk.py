"""What a device keeps through a power cut. Every method is one transaction: whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
DISCARDED = "discarded"


@dataclass(slots=True)
class Entry:
    """A saved commit and where it stands: `pending`, `acknowledged` or `parked`."""

    id: str
    n: int
    space: str
    commit: dict[str, Any]
    blobs: tuple[str, ...]
    state: str = "pending"
    laid: bool = True
    """Whether it lies over the base on the screens."""
    last_seq: int = 0
    epoch: str = ""
    result: Mapping[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more was expected to become of it."""
        reason = self.result["reason"] if self.state == "parked" and self.result else None
        return self.state == "acknowledged" or (reason or {}).get("code") == DISCARDED

    @property
    def seqs(self) -> Mapping[str, int]:
        """The seqs of its changes, once they are known."""
        return self.result["seqs"] if self.state == "acknowledged" and self.result else {}


@dataclass(slots=True)
class Followed:
    """A space as the server last described it."""

    epoch: str = ""
    seq: int = 0
    at: str = ""
    backed_up: int = 0
    base: dict[str, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Blob:
    """Photo bytes. `here`: whether the bytes are still on this device."""

    commits: list[str]
    state: str = "local"
    verified: bool = False
    here: bool = True


class Disk:
    """The database of one user on one device."""

    def __init__(self) -> None:
        self.next_n = 1
        self.wipe()

    def wipe(self) -> None:
        """Everything goes but the number."""
        self.outbox: dict[str, Entry] = {}
        self.spaces: dict[str, Followed] = {}
        self.shadows: dict[str, Followed] = {}
        self.blobs: dict[str, Blob] = {}

    def put_blob(self, sha: str) -> None:
        """Bytes of a photo, before the commit that refers to them is saved."""
        self.blobs.setdefault(sha, Blob([])).here = True

    def save(self, space: str, commit: dict[str, Any], blobs: Sequence[str]) -> Entry:
        """One act, with its number and its references to blobs."""
        entry = Entry(commit["id"], self.next_n, space, {**commit, "n": self.next_n}, tuple(blobs))
        self.next_n += 1
        self.outbox[entry.id] = entry
        for sha in blobs:
            blob = self.blobs[sha]
            blob.commits.append(entry.id)
            blob.verified = False
        return entry

    def settle(self, space: str, epoch: str, results: Sequence[Mapping[str, Any]]) -> None:
        """What became of commits."""
        for result in results:
            entry = self.outbox.get(result["commit"])
            if entry is None or result["status"] == "retry":
                continue
            entry.result, entry.epoch = result, epoch
            if result["status"] == "parked":
                entry.state = "parked"
                entry.laid = (result["reason"] or {}).get("code") != DISCARDED
            else:
                followed = self.spaces.get(space)
                entry.last_seq = max(result["seqs"].values(), default=0)
                same = followed is not None and followed.epoch == epoch
                passed = entry.last_seq <= followed.seq if same and followed is not None else not entry.laid
                entry.state, entry.laid = "acknowledged", not passed
            self._unverify(entry)

    def send_again(self, space: str, epoch: str | None) -> int:
        """What was acknowledged, or given up, in another epoch goes up again; how much that is."""
        again = [e for e in self.outbox.values() if e.space == space and e.ended and e.epoch != epoch]
        for entry in again:
            entry.state = "pending"
            self._unverify(entry)
        return len(again)

    def _unverify(self, entry: Entry) -> None:
        if entry.state != "acknowledged":
            for sha in entry.blobs:
                self.blobs[sha].verified = False

    def begin_shadow(self, space: str) -> Followed:
        """A filling beside what is shown."""
        made = self.shadows[space] = Followed()
        return made

    def apply_page(self, space: str, asked: Followed, mark: tuple[int, str], page: Mapping[str, Any]) -> bool:
        """Records and cursor of a page together; false if somebody else moved the cursor meanwhile."""
        shadow = asked is self.shadows.get(space)
        known = asked if shadow else self.spaces.get(space)
        if known is not asked or (asked.seq, asked.epoch) != mark:
            return False
        self.put_rows(asked, page)
        self.put_cursor(asked, page)
        if shadow and not page["more"]:
            self.spaces[space] = self.shadows.pop(space)
        if not shadow or not page["more"]:
            for entry in self.outbox.values():
                if entry.space == space and entry.state == "acknowledged" and entry.epoch == page["epoch"]:
                    entry.laid = entry.laid and entry.last_seq > page["to"]
        return True

    def put_rows(self, asked: Followed, page: Mapping[str, Any]) -> None:
        """The records of a page."""
        for row in page["records"]:
            asked.base[row["id"]] = row

    def put_cursor(self, asked: Followed, page: Mapping[str, Any]) -> None:
        """Where the next page begins."""
        asked.epoch, asked.seq, asked.at = page["epoch"], page["to"], page["at"]
        asked.backed_up = page["backed_up_seq"]

    def forget_spaces(self, kept: Sequence[str]) -> None:
        """Spaces that are no longer in the scope; the outbox stays."""
        for space in [*self.spaces, *self.shadows]:
            if space not in kept:
                self.spaces.pop(space, None)
                self.shadows.pop(space, None)

    def to_verify(self) -> list[str]:
        """Blobs here whose commits are all acknowledged, by now."""
        return [sha for sha, blob in self.blobs.items() if blob.here and self.settled(blob)]

    def settled(self, blob: Blob) -> bool:
        """Whether every commit that refers to it is acknowledged; those let go of were."""
        held = [self.outbox[ident] for ident in blob.commits if ident in self.outbox]
        return bool(blob.commits) and all(entry.state == "acknowledged" for entry in held)

    def note_held(self, asked: Sequence[str], held: Sequence[str], marks: Sequence[str]) -> None:
        """An answer to `have`. `marks`: what was settled when the question was put."""
        for sha in asked:
            blob = self.blobs[sha]
            if sha in held:
                blob.state = "held"
                blob.verified = blob.verified or (sha in marks and self.settled(blob))
            elif blob.state != "local":
                blob.state, blob.verified = "local", False

    def let_go(self) -> list[str]:
        """Delete bytes that the server has verified; which those are."""
        gone = [sha for sha, blob in self.blobs.items() if blob.here and blob.verified]
        for sha in gone:
            self.blobs[sha].here = False
        return gone

    def prune(self) -> list[Entry]:
        """Let go of acknowledged commits that are in a backup of the server."""
        done = [entry for entry in self.outbox.values() if self._in_backup(entry)]
        for entry in done:
            del self.outbox[entry.id]
        return done

    def _in_backup(self, entry: Entry) -> bool:
        followed = self.spaces.get(entry.space)
        if followed is None or entry.state != "acknowledged" or entry.laid:
            return False
        return followed.epoch == entry.epoch and entry.last_seq <= followed.backed_up

    @property
    def unsent(self) -> list[Entry]:
        """What the server has not answered."""
        return [entry for entry in self.outbox.values() if entry.state == "pending"]
