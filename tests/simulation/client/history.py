"""Play a history to its end, let everything come to rest, and have the oracle judge it."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.evidence.pictures import photo
from tests.postgres import cluster
from tests.simulation.client.dump import Evidence, Json
from tests.simulation.client.hall import Desk, Hall
from tests.simulation.client.keeping import Furniture, Place
from tests.simulation.client.nursery import Nursery
from tests.simulation.client.oracle import judge
from tests.simulation.client.oracle.durable import given_up
from tests.simulation.client.plan import Plan, draw
from tests.simulation.client.stage import NIGHT, Stage
from tests.simulation.client.tablets import PATIENCE, Tablets
from tests.simulation.client.wire import Switchboard

GUEST = "guest"
MOST_ROUNDS = 12
"""Runs of everybody within which all must have come to rest."""


@dataclass
class Outcome:
    """What became of a history, with figures that show that something happened in it."""

    plan: Plan
    problems: list[str]
    figures: Counter[str]
    evidence: Evidence


class Theatre:
    """What histories share: clients' process, nursery, wires' loop, furnished estate, photos."""

    def __init__(self, folder: Path, place: Place | None = None) -> None:
        self.folder, self._numbers = folder, itertools.count(1)
        self.nursery, self.switchboard = Nursery(), Switchboard()
        self.tablets = Tablets(folder / "clients.log")
        self.furniture = Furniture(folder, place)
        self.photos = []
        for number in range(3):
            file = folder / f"{number}.jpg"
            file.write_bytes(photo(number, size=(640, 480), quality=92))
            self.photos.append(str(file))

    def run(self, seed: int, length: int = 30, hard: int = 2) -> Outcome:
        """The history of a seed."""
        return self.play(draw(seed, length, self.photos, hard))

    def play(self, plan: Plan, *, mutant: str = "", broken: str = "") -> Outcome:
        """One history with a data folder of its own, which goes with it if nothing broke.

        ``mutant``: how clients are broken on purpose, by its name in `pwa/tests/simulation/mutants.ts`;
        ``broken``: how the server is, by its name in `broken.py`.
        """
        folder = self.folder / f"history {next(self._numbers)}"
        hall = self.hall(folder)
        hall.broken = broken
        stage = Stage(plan, hall, self.tablets, self.switchboard, mutant)
        try:
            stage.open()
            for step in plan.steps:
                stage.play(step)
            problems = heal(stage, plan)
            evidence = gather(stage, plan)
            problems += judge(evidence) + hall.verify()
            figures = count(stage, evidence)
        finally:
            stage.close()
        if not problems:
            shutil.rmtree(folder)
        return Outcome(plan, problems, figures, evidence)

    def hall(self, folder: Path) -> Hall:
        """A server over a data folder of its own."""
        return Hall(*self.furniture.move_in(folder), self.nursery)

    def close(self) -> None:
        """Everything ends."""
        self.tablets.close()
        self.nursery.close()
        self.switchboard.close()
        self.furniture.close()


@contextmanager
def theatre(*, postgres: bool = False) -> Iterator[Theatre]:
    """A theatre in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="rounds-client-") as folder:
        built = Theatre(Path(folder), cluster() if postgres else None)
        try:
            yield built
        finally:
            built.close()


def heal(stage: Stage, plan: Plan) -> list[str]:
    """The trouble is over: everybody starts anew and runs until nothing moves. What still does, in words."""
    if plan.ending:
        stage.shut_out(GUEST, plan.ending)
    for wire in stage.wires.values():
        wire.weather.rate, wire.weather.cut_off = 0, False
    if _loses_rights(plan):
        stage.rights_given()
    stage.all(lambda seat: stage.order(seat.name, "kill", death="tab", lost=0))
    stage.all(lambda seat: stage.order(seat.name, "boot"))
    restless: list[str] = []
    quiet = 0
    for _ in range(MOST_ROUNDS):
        stage.sync_all()
        restless = _restless(stage, plan)
        quiet = quiet + 1 if not restless else 0
        if quiet == 2:
            return []
    return [f"REST {one}" for one in restless] or ["REST it never was quiet twice"]


def _loses_rights(plan: Plan) -> bool:
    return any(step.do == "rights taken" for step in plan.steps)


def _restless(stage: Stage, plan: Plan) -> list[str]:
    """Who has not come to rest; whoever is signed out is signed in again."""
    heads = {name: space.head for name, space in stage.server_dump().spaces.items()}
    found = []
    for seat in stage.seats:
        standing = stage.order(seat.name, "standing").result(PATIENCE)
        if seat.name == GUEST and plan.ending:
            if standing is not None:
                found.append(f"{seat.name} is not wiped: {standing}")
            continue
        if standing is None or standing["reason"] == "signed_out":
            stage.order(seat.name, "sign in").result(PATIENCE)
            found.append(f"{seat.name} had to sign in")
            continue
        backlog = standing["backlog"]
        open_ = {
            key: backlog[key] for key in ("commits", "aside", "photos", "refused_photos") if backlog[key]
        }
        cursors = {cursor["space"]: cursor["seq"] for cursor in standing["cursors"]}
        behind = {space: seq for space, seq in cursors.items() if seq != heads[space]}
        if open_ or behind or not cursors:
            found.append(f"{seat.name}: {open_}, behind at {behind} of {heads}, {standing['phase']}")
    return found


def gather(stage: Stage, plan: Plan) -> Evidence:
    """All that the oracle asks for, in the order that keeps it honest: what is sent again comes last."""
    tablets = {seat.name: stage.order(seat.name, "dump").result(PATIENCE) for seat in stage.seats}
    shut = frozenset({GUEST}) if plan.ending else frozenset()
    evidence = Evidence(
        server=stage.server_dump(), tablets=tablets, looks=stage.looks, past=stage.past, epochs=stage.epochs,
        forfeited=shut if plan.ending == "lost" else frozenset(), shut=shut,
        handed_in=shut | ({NIGHT} if _loses_rights(plan) else set()),
    )  # fmt: skip
    evidence.photos = _photos(stage, tablets)
    pulled = {}
    for seat in stage.seats:
        desk = Desk(stage.hall, seat.person).sign_in()
        for one in desk.get("/sync/scope")["spaces"]:
            pulled[seat.person.id, one["space"]] = desk.pull(one["space"])
    evidence.pulled = pulled
    evidence.resent = _send_again(stage, evidence)
    evidence.after = stage.server_dump()
    return evidence


def _photos(stage: Stage, tablets: dict[str, Json]) -> dict[str, str]:
    """What the server gives back to whoever took them."""
    found = {}
    for seat in stage.seats:
        desk = Desk(stage.hall, seat.person).sign_in()
        for name in {name for saved in tablets[seat.name]["saved"] for name in saved["blobs"]}:
            answer = desk.http.get(f"{stage.hall.address}/blobs/{name}", timeout=20)
            ok = answer.status_code == 200
            found[name] = sha256(answer.content).hexdigest() if ok else f"status {answer.status_code}"
    return found


def _send_again(stage: Stage, evidence: Evidence) -> Sequence[tuple[Json, Json]]:
    """Everything that any tablet ever sent, in any order, some of it twice."""
    chance, pairs = random.Random(f"again {stage.seed}"), []
    for seat in stage.seats:
        tablet = evidence.tablets[seat.name]
        if seat.name in evidence.shut or tablet["device"] is None:
            continue
        heard = {one["result"]["commit"]: one["result"] for one in tablet["answers"]
                 if evidence.epochs.get((one["space"], one["epoch"])) == len(stage.past)}  # fmt: skip
        desk = Desk(stage.hall, seat.person)
        desk.device = tablet["device"]
        desk.sign_in()
        gone = given_up(tablet)
        commits = [
            (sent["space"], json.loads(sent["commits"][-1]))
            for ident, sent in tablet["sent"].items()
            if ident not in gone
        ]
        commits += chance.sample(commits, len(commits) // 3)
        chance.shuffle(commits)
        while commits:
            size = chance.randint(1, 20)
            batch, commits = commits[:size], commits[size:]
            for space in {space for space, _ in batch}:
                results = _push(desk, space, [commit for where, commit in batch if where == space])
                pairs += [(heard[one["commit"]], one) for one in results if one["commit"] in heard]
    return pairs


def _push(desk: Desk, space: str, commits: list[Any]) -> list[Json]:
    envelope = {"device": desk.device, "user": desk.person.id, "protocol": 1, "unsent": 0,
                "device_time": "2026-11-24T12:00:00+08:00", "commits": commits}  # fmt: skip
    answer = desk.post(f"/sync/{space}/push", envelope)
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    return results


def count(stage: Stage, evidence: Evidence) -> Counter[str]:
    """Figures of a history."""
    figures: Counter[str] = Counter()
    for wire in stage.wires.values():
        figures["faults"] += sum(wire.weather.befell.values())
    for tablet in evidence.tablets.values():
        figures["saved"] += len(tablet["saved"])
        figures["photos"] += sum(len(saved["blobs"]) for saved in tablet["saved"])
        figures["let go"] += len(
            {sha for saved in tablet["saved"] for sha in saved["blobs"]} - {*tablet["bytes"]}
        )
    figures["clients killed"] = stage.kills
    figures["server killed"] = stage.hall.kills
    figures["restored"] = stage.hall.restores
    figures["resent"] = len(evidence.resent)
    for space in evidence.server.spaces.values():
        figures["conflicts"] += sum(record.kind == "sync_conflict" for record in space.records.values())
        figures["signatures"] += sum(record.kind == "signature" for record in space.records.values())
        for row in space.parked.values():
            if row["state"] == "parked":
                figures["parked"] += 1
                figures[f"parked: {row['reason']['code']}"] += 1
    return figures
