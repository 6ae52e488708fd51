"""One history as it happens: a server, its tablets, their wires, and what is written down for the oracle."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from tests.people import ADMIN, QINGYANLI, ZENG_KE
from tests.simulation.client.desk import end_role, give_role, review, set_device
from tests.simulation.client.dump import Look, ServerDump, dump_server
from tests.simulation.client.hall import Desk, Hall
from tests.simulation.client.people import Seat
from tests.simulation.client.plan import Plan, Step
from tests.simulation.client.tablets import PATIENCE, Tablets
from tests.simulation.client.wire import Switchboard, Wire

DAY = 24 * 3600 * 1000
NIGHT = "night"
"""The seat whose user loses his rights."""
_LONGEST_RUN = 20
"""Seconds that a tablet gets for one run of its sync in bad weather; it then goes on by itself."""


class Stage:
    """What `play` plays on. ``mutant``: how its clients are broken on purpose."""

    def __init__(
        self, plan: Plan, hall: Hall, tablets: Tablets, switchboard: Switchboard, mutant: str = ""
    ) -> None:
        self.hall, self.tablets, self.seed, self.seats = hall, tablets, plan.seed, plan.seats
        self.looks: list[Look] = []
        self.past: list[ServerDump] = []
        self.epochs: dict[tuple[str, str], int] = {}
        self.admin, self.reviewer = Desk(hall, ADMIN), Desk(hall, ZENG_KE)
        self.wires = {
            seat.name: Wire(switchboard, hall.port, f"{self.seed} {seat.name}") for seat in self.seats
        }
        self.kills = 0
        for number, seat in enumerate(self.seats):
            tablets.do(self.name(seat.name), "make", origin=self.wires[seat.name].origin, clock=seat.clock,
                       username=seat.person.username, seed=self.seed * 100 + number, reach=seat.reach,
                       mutant=mutant)  # fmt: skip

    def name(self, seat: str) -> str:
        """A tablet's name, unlike that of any other history in the same process."""
        return f"{self.seed} {seat}"

    def open(self) -> None:
        """Serve; everybody signs in while the sun shines."""
        self.hall.start()
        self.admin.sign_in()
        self.reviewer.sign_in()
        self.all(lambda seat: self.order(seat.name, "boot"))
        self.all(lambda seat: self.order(seat.name, "sign in"))
        self.note_epochs()

    def close(self) -> None:
        """Nobody is left."""
        self.all(lambda seat: self.order(seat.name, "close"))
        for wire in self.wires.values():
            wire.close()
        self.hall.close()

    def order(self, seat: str, do: str, **more: Any) -> Future[Any]:
        """Have a tablet do something."""
        return self.tablets.order(self.name(seat), do, **more)

    def all(self, what: Callable[[Seat], Future[Any]], patience: float = PATIENCE) -> list[Any]:
        """Have all do it at once, and wait for them."""
        return [one.result(patience) for one in [what(seat) for seat in self.seats]]

    def play(self, step: Step) -> None:
        """Let one thing happen."""
        actions: Mapping[str, Callable[[Step], None]] = {
            "work": lambda one: self.settled(self.order(one.seat, "acts", acts=one.acts)),
            "sync": lambda one: self.sync(one.seat),
            "sync all": lambda _: self.sync_all(),
            "weather": self._weather,
            "fault": lambda one: self.wires[one.seat].weather.ordered.extend(one.more["next"]),
            "killed": self._killed,
            "crowd": self._crowd,
            "server killed": self._crowd,
            "back up": lambda _: self.hall.back_up(),
            "restored": lambda _: self._restored(),
            "days pass": lambda _: self._days_pass(),
            "desk": lambda one: review(self.reviewer, one.more["pick"]),
            "rights taken": lambda _: self._rights_taken(),
            "rights given": lambda _: self.rights_given(),
        }
        actions[step.do](step)

    def settled(self, order: Future[Any]) -> None:
        """Wait for an order, but not for ever: a run in bad weather goes on by itself."""
        try:
            order.result(_LONGEST_RUN)
        except TimeoutError:
            return

    def sync(self, seat: str) -> None:
        """One run; whoever finds himself signed out signs in again, as a person would."""
        self.settled(self.order(seat, "sync"))
        standing = self.order(seat, "standing").result(PATIENCE)
        if standing is None or standing["reason"] == "signed_out":
            self.settled(self.order(seat, "sign in"))

    def sync_all(self) -> None:
        """One run of everybody at once."""
        for order in [self.order(seat.name, "sync") for seat in self.seats]:
            self.settled(order)

    def look(self, seat: str, without: frozenset[str] = frozenset()) -> Any:
        """Look at a tablet's disk, for the oracle."""
        disk = self.order(seat, "read").result(PATIENCE)
        self.looks.append(Look(seat, disk, without))
        return disk

    def note_epochs(self) -> None:
        """Which epochs belong to this generation, for everybody who reads what."""
        for person in {seat.person for seat in self.seats}:
            desk = Desk(self.hall, person).sign_in()
            for one in desk.get("/sync/scope")["spaces"]:
                self.epochs[one["space"], one["epoch"]] = len(self.past)

    def server_dump(self) -> ServerDump:
        """The database as it stands."""
        with self.hall.reading() as database:
            return dump_server(database)

    def _weather(self, step: Step) -> None:
        for name, wire in self.wires.items():
            if step.seat in ("", name):
                wire.weather.rate, wire.weather.cut_off = step.more["rate"], step.more["cut"]

    def _killed(self, step: Step) -> None:
        """A client dies in the midst of work and sync, is looked at as it lies there, and starts again."""
        more = {key: step.more[key] for key in ("steps", "death", "lost")}
        dead = self.order(step.seat, "kill after", within=400, **more)
        self.order(step.seat, "acts", acts=step.acts)
        self.order(step.seat, "sync")
        dead.result(PATIENCE)
        self.kills += 1
        self.look(step.seat)
        self.order(step.seat, "boot").result(PATIENCE)

    def _crowd(self, step: Step) -> None:
        """Everybody works and syncs at once; the server may be killed in the midst of it."""
        orders = []
        for seat in self.seats:
            acts = [act for act in step.acts if act["seat"] == seat.name]
            orders += [self.order(seat.name, "acts", acts=acts), self.order(seat.name, "sync")]
        if step.do == "server killed":
            time.sleep(step.more["after"])
            self.hall.kill()
            self.hall.start()
        for order in orders:
            self.settled(order)

    def _restored(self) -> None:
        if not self.hall.backed_up:
            return
        self.hall.kill()
        self.past.append(self.server_dump())
        self.hall.put_back()
        self.hall.start()
        self.note_epochs()

    def _days_pass(self) -> None:
        """Four days: photos that were verified may leave the tablets."""
        self.hall.kill()
        self.hall.ahead += timedelta(days=4)
        self.all(lambda seat: self.order(seat.name, "pass", milliseconds=4 * DAY))
        self.hall.start()

    def _rights_taken(self) -> None:
        """Whoever loses his role hands in what he has and forgets the space (I11)."""
        person = next(seat.person for seat in self.seats if seat.name == NIGHT)
        end_role(self.admin, person)
        wire = self.wires[NIGHT].weather
        before, wire.rate, wire.cut_off = wire.rate, 0, False
        # A server that said 503 keeps a tablet waiting for a moment, whatever anybody wants.
        for _ in range(20):
            self.settled(self.order(NIGHT, "sync"))
            if not self.order(NIGHT, "read").result(PATIENCE)["spaces"]:
                break
            time.sleep(0.05)
        wire.rate = before
        self.look(NIGHT, frozenset({QINGYANLI}))

    def rights_given(self) -> None:
        """He has his role again, and signs in."""
        person = next(seat.person for seat in self.seats if seat.name == NIGHT)
        give_role(self.admin, person)
        self.note_epochs()
        self.sync(NIGHT)

    def shut_out(self, seat: str, state: str) -> None:
        """An administrator takes a tablet out of use."""
        disk = self.order(seat, "read").result(PATIENCE)
        if disk["device"] is not None:
            set_device(self.admin, disk["device"], state)
