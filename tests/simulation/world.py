"""A history in play: devices, office, network and server, and the oracle beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.simulation.acts import ACTS, do
from tests.simulation.backends import Backend
from tests.simulation.cast import FORMAT, OLD_FORMAT, PROJECTS, USERS
from tests.simulation.device import PAUSE, Answer, Asked, Device, Run
from tests.simulation.history import History, Step
from tests.simulation.network import FAULTS, Network
from tests.simulation.office import Office
from tests.simulation.oracle.notes import Notes
from tests.simulation.server import LACKS_RIGHTS, UNREADABLE, Server
from tests.simulation.workers import push_at_once

FOUND = {"note": "a", "state": "open"}
CALLS = ("push", "pull", "scope", "upload", "have")
MOST_AWAITS, MOST_ROUNDS = 400, 8


class World:
    """Everything that a history needs. `flat`: every clock is right, whatever the steps say (I12)."""

    def __init__(self, backend: Backend, users: Sequence[str], *, flat: bool = False) -> None:
        self.server = Server(backend)
        self.notes = Notes(self)
        self.network = Network(self.server, self.notes)
        self.office = Office(self.server, self.notes)
        self.devices = [Device(user, f"t{number}", self.notes) for number, user in enumerate(users)]
        self.running: dict[str, Run] = {}
        """Syncs that were left standing at an await."""
        self.flat = flat
        self.resting = False
        """Whether the history is over, and everybody only syncs until nothing moves."""
        self.copies: list[Any] = []
        self.counts: dict[str, int] = {}
        self._furnish()

    def count(self, what: str) -> None:
        """Note that something happened, for the test that histories reach every corner."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def _furnish(self) -> None:
        """Headquarters has its areas, each project two findings, and every device has pulled once."""
        there = (("hq", "area", {"name": "x"}), ("qyl", "finding", FOUND), ("xqgy", "finding", FOUND))
        for space, kind, fields in there:
            made = [(f"{kind}-{n}" if kind == "area" else f"a-{space}-{n}") for n in range(2)]
            changes = [
                {"id": f"ch-{ident}", "op": "create", "kind": kind, "record": ident, "set": fields}
                for ident in made
            ]
            commit = {"id": f"co-{space}", "made_at": "2026-11-01T08:00:00+08:00", "changes": changes}
            self.server.bring(space, commit)
        for device in self.devices:
            self.drive(device, device.sync())

    # steps ------------------------------------------------------------------------------------------------

    def play(self, history: History) -> None:
        """All steps, then rest."""
        for step in history.steps:
            self.step(step)
        self.settle()

    def step(self, step: Step) -> None:
        """One step, as far as it means anything now."""
        name, who, a, b, c = step
        device = self.devices[who % len(self.devices)]
        if name in ACTS:
            self._act(device, name, a, b, c)
        else:
            handler: Callable[..., None] = getattr(self, f"_{name}", None) or getattr(self.office, name)
            handler(device, a, b, c)
        self.count(name)

    def _act(self, device: Device, name: str, a: int, b: int, c: int) -> None:
        if device.wiped:
            return
        making = do(device, name, a, b, c)
        try:
            making.send(None)
            if c % 17 == 0:  # the battery is empty before the save has come to the disk
                self._kill(device)
                self.count("killed in a save")
                return
            making.send(None)
        except StopIteration:
            pass

    def _kill(self, device: Device) -> None:
        self.running.pop(device.name, None)
        device.restart()
        self.notes.killed(device)

    def _sync(self, device: Device, a: int, b: int, c: int) -> None:
        """A run of the sync, one of whose awaits meets with something."""
        fault = FAULTS[a % len(FAULTS)]
        run = self.running.pop(device.name, None) or device.sync()
        if not device.wiped:
            self.drive(device, run, fault, CALLS[b % 5] if c % 3 else b % 20)

    def _round(self, device: Device, a: int, b: int, c: int) -> None:
        """Everybody is back from his round and syncs."""
        for one in self.devices:
            if not one.wiped and one.name not in self.running:
                self.drive(one, one.sync())

    def _tab(self, device: Device, a: int, b: int, c: int) -> None:
        """Another tab syncs while the first one waits."""
        if not device.wiped:
            self.drive(device, device.sync(), FAULTS[a % len(FAULTS)], b % 20, keep=False)

    def drive(
        self, device: Device, run: Run, fault: str = "none", at: int | str = -1, *, keep: bool = True
    ) -> bool:
        """Carry a sync on; whether it came through. At its await number `at`, or at the first request of that
        name, it meets with the fault."""
        answer: Answer = None
        for number in range(MOST_AWAITS):
            try:
                asked: Asked = run.send(answer)
            except StopIteration as stop:
                return bool(stop.value)
            met = fault if at in (number, asked["call"]) else "none"
            at = -1 if met != "none" else at
            if met == "kill":
                self.count("killed")
                self._kill(device)
                return False
            if met == "pause" and keep:
                self.running[device.name] = self._resumed(run, asked)
                return False
            answer = None if asked is PAUSE else self.network.carry(device, asked, met)
            if met not in ("none", "pause") and asked is not PAUSE:
                self.count(f"{met} {asked['call']}")
        self.notes.broken("I16", f"{device.name} syncs without end")
        return False

    def _resumed(self, run: Run, asked: Asked) -> Run:
        """A sync that goes on with the request at which it was left standing."""
        answer = yield asked
        while True:
            try:
                answer = yield run.send(answer)
            except StopIteration as stop:
                return bool(stop.value)

    def _late(self, device: Device, a: int, b: int, c: int) -> None:
        self.network.arrive(a)

    def _resend(self, device: Device, a: int, b: int, c: int) -> None:
        """Any of its commits again, in any order: nothing may change (I2)."""
        random = Random(a * 1000 + b)
        known = self.notes.commits_of(device.name)
        space = PROJECTS[c % 2]
        chosen = [entry.commit for entry in known if entry.space == space and random.random() < 0.4]
        random.shuffle(chosen)
        if chosen and not device.wiped:
            before = self.notes.fingerprint(space) if self.notes.all_answered(chosen) else None
            asked = {"call": "push", "space": space, "commits": chosen}
            self.network.deliver(device.user, device.name, asked)
            self.notes.resent(space, before)

    def _poke(self, device: Device, a: int, b: int, c: int) -> None:
        """A socket says that something changed; some hear it."""
        pokes, self.server.pokes = self.server.pokes, []
        for number, heard in enumerate(self.devices):
            if pokes and (a >> number) % 2 and not heard.wiped and heard.name not in self.running:
                self.drive(heard, heard.sync())

    def _two(self, device: Device, a: int, b: int, c: int) -> None:
        """Two workers take in pushes to one space at the same moment."""
        other = self.devices[(self.devices.index(device) + 1 + a) % len(self.devices)]
        if other is not device and not device.wiped and not other.wiped:
            for number, one in enumerate((device, other)):
                self._act(one, "patch", b + 4 * number, b, 1 + c % 16)
            push_at_once(self, device, other, PROJECTS[b % 4 != 0])

    # devices and clocks -----------------------------------------------------------------------------------

    def _clock(self, device: Device, a: int, b: int, c: int) -> None:
        """Up to ten years off, forwards or back."""
        if not self.flat:
            device.clock, device.jumped = (a % 21) - 10, b % 2 == 1

    def _partition(self, device: Device, a: int, b: int, c: int) -> None:
        self.network.cut.symmetric_difference_update({device.name})

    def _old(self, device: Device, a: int, b: int, c: int) -> None:
        """Its app is a year old, or was updated."""
        device.format = OLD_FORMAT if a % 2 else FORMAT

    def _revoke(self, device: Device, a: int, b: int, c: int) -> None:
        self.server.shut_out.setdefault(device.name, "revoked")

    def _lose(self, device: Device, a: int, b: int, c: int) -> None:
        if a % 3 == 0:
            self.server.shut_out[device.name] = "lost"

    def _reinstate(self, device: Device, a: int, b: int, c: int) -> None:
        self.server.shut_out.pop(device.name, None)
        device.wiped = ""

    # rights and machine room ------------------------------------------------------------------------------

    def _take(self, device: Device, a: int, b: int, c: int) -> None:
        held = sorted(USERS[device.user].get(PROJECTS[0], ()))
        tokens = [*held, "*"]
        self.server.rights.take(device.user, PROJECTS[b % 2], tokens[a % len(tokens)])
        self.notes.rights_changed()

    def _give(self, device: Device, a: int, b: int, c: int) -> None:
        self.server.rights.give(device.user, PROJECTS[b % 2])
        self.notes.rights_changed()
        self.office.tended(lambda: self.server.second_look(LACKS_RIGHTS, device.user))

    def _learn(self, device: Device, a: int, b: int, c: int) -> None:
        self.server.formats.learned = True
        self.office.tended(lambda: self.server.second_look(UNREADABLE))

    def _backup(self, device: Device, a: int, b: int, c: int) -> None:
        self.copies = [*self.copies[-2:], self.server.backup()]

    def _restore(self, device: Device, a: int, b: int, c: int) -> None:
        if self.copies:
            at = -1 if a % 3 else b % len(self.copies)
            self.server.restore(self.copies[at])
            self.notes.restored()

    def _crash(self, device: Device, a: int, b: int, c: int) -> None:
        """The next write transaction is killed with its process."""
        self.server.crash_at = ("before", "written", "committed")[a % 3]

    def _gc(self, device: Device, a: int, b: int, c: int) -> None:
        """Orphans are swept out: bytes to which no commit refers. They live long, but not for ever."""
        if self.server.generation == 1:
            for sha in self.notes.orphans():
                del self.server.blobs[sha]

    # rest -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The network is there, the server is up to date, everybody syncs by the minute until nothing moves.

        No poke is heard any more (I16), and what was under way when the history ended is lost.
        """
        self.resting = True
        self.network.cut.clear()
        self.server.crash_at = None
        self.running.clear()
        while self.network.late:
            self.network.arrive(0)
        self._learn(self.devices[0], 0, 0, 0)
        self.server.pokes.clear()
        before = None
        for _ in range(MOST_ROUNDS):
            for device in self.devices:
                device.restart()
                if not device.wiped:
                    self.drive(device, device.sync())
            now = self.notes.resting_place()
            if now == before:
                return
            before = now
        self.notes.broken("I16", "the devices do not come to rest")
