"""What the oracle writes down while a history is played, and what it objects to on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.parking import Outcome
from sync.resolve import Refused, Stale
from tests.simulation.cast import CONFLICT, LEARNED, SPACES
from tests.simulation.device import Device
from tests.simulation.disk import Entry

if TYPE_CHECKING:
    from tests.simulation.world import World

FINAL = ("applied", "merged", "conflict")


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold."""

    invariant: str
    message: str


@dataclass(slots=True)
class Saved:
    """A commit that was shown as saved, and by whom."""

    entry: Entry
    device: str
    user: str

    @property
    def changes(self) -> list[Mapping[str, Any]]:
        """As it was saved."""
        made: list[Mapping[str, Any]] = self.entry.commit["changes"]
        return made


class Notes:
    """The books of one history. Ticks count what happens; they are the only order that the oracle knows."""

    def __init__(self, world: World) -> None:
        from tests.simulation.oracle import witness

        self.world = world
        self.witness = witness.Witness(self)
        self.faults: list[Broken] = []
        self.tick = 0
        self.saved_commits: dict[str, Saved] = {}
        self.made: dict[str, tuple[Saved, Mapping[str, Any]]] = {}
        """Every saved change by id."""
        self.sights: dict[str, Any] = {}
        self.audiences: dict[str, tuple[str, tuple[str, ...]]] = {}
        """Per record its space and who may read it, as its creator said."""
        self.answers: dict[str, Mapping[str, Any]] = {}
        """The last answer of the server to each commit, as long as no restore has undone it."""
        self.acknowledged: dict[str, int] = {}
        """When a device learned the answer to a commit."""
        self.have: list[tuple[int, str, frozenset[str]]] = []
        """(when it was asked, device, what is held)."""
        self.asked_at: dict[str, int] = {}
        self.must_return: dict[str, str] = {}
        """Commits that a restore took from the server while this device held them."""
        self.gone: set[str] = set()
        """Commits that a restore took and that nobody held any more."""
        self.decisions: dict[str, Any] = {}
        """What reviewers asked for, by commit; the log tells which of it was done."""
        self.decision_answers: dict[str, Any] = {}
        self.discards: set[str] = set()
        self.epochs: dict[tuple[str, int], set[str]] = {}
        """Per space and generation of the server the epochs that anybody was told."""
        self.began_at: dict[str, int] = {}
        self.rights_at = self.restored_at = 0
        self.forfeited: set[str] = set()
        """Commits of devices that were declared lost."""

    def broken(self, invariant: str, message: str) -> None:
        """Object."""
        self.faults.append(Broken(invariant, message))

    def next_tick(self) -> int:
        """The next moment."""
        self.tick += 1
        return self.tick

    # what devices tell ------------------------------------------------------------------------------------

    def saved(self, device: Device, entry: Entry, sights: Mapping[str, Any]) -> None:
        """The screen says "saved"."""
        saved = self.saved_commits[entry.id] = Saved(entry, device.name, device.user)
        self.sights.update(sights)
        for change in saved.changes:
            self.made[change["id"]] = saved, change
            if change["op"] == "create":
                audience = tuple(change.get("audience") or LEARNED[change["kind"]].audience)
                self.audiences[change["record"]] = entry.space, audience

    def answered(self, device: Device, space: str, answer: Mapping[str, Any]) -> None:
        """A device learned what became of commits."""
        now = self.next_tick()
        for result in answer["results"]:
            self.acknowledged[result["commit"]] = now

    def began(self, device: Device) -> None:
        """A sync began."""
        self.began_at[device.name] = self.next_tick()

    def moved(self, device: Device) -> None:
        """A cursor meant nothing to the server any more."""
        self.world.count("epoch changed")

    def pulled(self, device: Device, space: str, page: Mapping[str, Any], shadow: bool) -> None:
        """A page is on the disk."""
        if shadow and not page["more"] and page["to"] > 0:
            self.world.count("rebuilt")
        if not page["more"]:
            self.witness.holds_all(device, space, "I5")

    def killed(self, device: Device) -> None:
        """A device was killed; what is on its disk must make sense."""
        for space in device.disk.spaces:
            self.witness.holds_all(device, space, "I9")

    def let_go(self, device: Device, blobs: Sequence[str]) -> None:
        """Bytes were deleted on a device."""
        self.witness.let_go(device, blobs)

    def pruned(self, device: Device, entries: Sequence[Entry]) -> None:
        """Acknowledged commits were let go of."""
        self.world.counts["pruned"] = self.world.counts.get("pruned", 0) + len(entries)
        self.witness.pruned(device, entries)

    def wiped(self, device: Device, lost: bool) -> None:
        """A device emptied itself."""
        if lost:
            entries = device.disk.outbox.values()
            self.forfeited |= {entry.id for entry in entries}
            for entry in entries:
                self.must_return.pop(entry.id, None)
        else:
            self.witness.wiped(device)
            if self.began_at[device.name] < self.restored_at:
                # All was handed in, and the restore came before the device could know of it.
                self.gone |= device.disk.outbox.keys() & self.acknowledged.keys()
        for ident in [i for i, name in self.must_return.items() if name == device.name]:
            if ident not in self.answers:
                self.must_return.pop(ident)

    def synced(self, device: Device) -> None:
        """A sync came to its end."""
        if self.rights_at < self.began_at[device.name]:
            self.witness.reads_only_what_it_may(device)

    # what the network carries -----------------------------------------------------------------------------

    def asked(self, user: str, device: str, asked: Mapping[str, Any]) -> None:
        """A request is about to reach the server."""
        if asked["call"] == "have":
            self.asked_at[device] = self.next_tick()

    def served(self, user: str, device: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """The server has answered, whether the answer arrives or not."""
        if answer["status"] != 200:
            return
        if asked["call"] == "push":
            for commit, result in zip(asked["commits"], answer["results"], strict=True):
                self.witness.same_answer(commit, result)
                self.witness.overtakes_nothing(asked["space"], result)
                self.answers[result["commit"]] = result
                if result["status"] == "parked":
                    self.witness.parked_for_a_cause(device, asked["space"], result)
        elif asked["call"] == "pull":
            key = asked["space"], self.world.server.generation
            self.epochs.setdefault(key, set()).add(answer["epoch"])
            self.witness.page_is_right(user, asked, answer)
        elif asked["call"] == "have":
            self.have.append((self.asked_at[device], device, frozenset(answer["held"])))
            self.witness.may_know(user, answer["held"])

    # what office and machine room do ----------------------------------------------------------------------

    def decided(self, asked: Any, before: Any, answer: Outcome | Stale | Refused | None) -> None:
        """A reviewer's decision was answered, or its answer got lost."""
        self.decisions[asked.commit] = asked
        if isinstance(answer, Stale):
            self.world.count("decision found the view stale")
        if not isinstance(answer, Outcome):
            return
        result = answer.results[0]
        known = self.decision_answers.setdefault(asked.commit, result)
        if (known.status, known.seqs) != (result.status, result.seqs):
            self.broken("I2", f"decision {asked.commit} was answered {known}, then {result}")
        if not result.replayed:
            sides = {before.data["current"]["change"], *(r["change"] for r in before.data["rivals"])}
            if before.data["state"] != "open" or sides != set(asked.seen):
                self.broken("I3", f"{asked.commit} decided {sides} having seen {asked.seen}")

    def discarded(self, space: str, ident: str) -> None:
        """The office gave a parked commit up."""
        self.discards.add(ident)
        self.world.count("given up")

    def rights_changed(self) -> None:
        """Somebody may read more or less."""
        self.rights_at = self.next_tick()

    def restored(self) -> None:
        """An older backup is the truth now: what it does not hold comes back from whoever holds it."""
        self.restored_at = self.next_tick()
        holders = {ident: d.name for d in self.world.devices for ident in d.disk.outbox}
        views = {space: self.world.server.backend.view(space) for space in SPACES}
        rows = {row.commit for view in views.values() for row in view.log}
        seqs = {row.change: row.seq for view in views.values() for row in view.log}
        for ident, answer in list(self.answers.items()):
            # The backup may be of a time before this answer, or of another course of things.
            if not answer["seqs"] or any(seqs.get(change) != seq for change, seq in answer["seqs"].items()):
                del self.answers[ident]
        for ident in self.saved_commits:
            known = ident in rows or any(ident in view.parked for view in views.values())
            self.must_return.pop(ident, None)
            if not known:
                self.world.count("came back after a restore" if ident in holders else "gone with a restore")
            if not known and ident in holders:
                self.must_return[ident] = holders[ident]
            elif not known:
                self.gone.add(ident)
        self.decision_answers = {}
        self.discards = {i for i in self.discards if any(i in v.parked for v in views.values())}

    # questions of the world -------------------------------------------------------------------------------

    def commits_of(self, device: str) -> list[Entry]:
        """All that was ever saved on a device."""
        return [saved.entry for saved in self.saved_commits.values() if saved.device == device]

    def all_answered(self, commits: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the server has answered all of these."""
        return all(commit["id"] in self.answers for commit in commits)

    def fingerprint(self, space: str) -> Any:
        """What a resent push must leave as it is."""
        view = self.world.server.backend.view(space)
        parked = sorted((p.id, p.state, str(p.reason)) for p in view.parked.values())
        return view.state[0], parked, self.world.server.backend.flags()

    def resent(self, space: str, before: Any) -> None:
        """Commits that were all answered were sent again."""
        if before is not None and self.fingerprint(space) != before:
            self.broken("I2", f"sending again changed {space}")

    def resting_place(self) -> Any:
        """What does not move any more once all have synced."""
        heads = [self.world.server.backend.view(space).state[0] for space in SPACES]
        at = [[(name, f.seq, f.epoch) for name, f in d.disk.spaces.items()] for d in self.world.devices]
        return heads, at, [len(device.disk.unsent) for device in self.world.devices]

    def server_is_open_to(self, device: str) -> bool:
        """Whether a device is in use: neither emptied nor shut out."""
        found = next(one for one in self.world.devices if one.name == device)
        return not found.wiped

    def is_of_today(self, space: str, epoch: str) -> bool:
        """Whether an epoch is of the server's present generation, whoever reads."""
        return epoch in self.epochs.get((space, self.world.server.generation), ())

    def orphans(self) -> list[str]:
        """Bytes to which no commit refers that is on the server, parked ones included."""
        used = set()
        for space in SPACES:
            view = self.world.server.backend.view(space)
            used |= {r.data.get("sha256") for r in view.state[1].values() if r.kind == "photo"}
            waiting = [p for p in view.parked.values() if p.state == "parked"]
            used |= {c["set"].get("sha256") for p in waiting for c in p.raw["changes"] if "set" in c}
        return sorted(set(self.world.server.blobs) - used)

    def guess(self, device: Device, space: str, a: int, c: int) -> None:
        """Let a user name ids that he cannot know."""
        from tests.simulation.oracle.guesses import guess

        guess(self, device, space, a, c)


__all__ = ["CONFLICT", "FINAL", "Broken", "Notes", "Saved"]
