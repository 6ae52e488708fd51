"""A push fuzzer against the served product: no 5xx, no lost neighbour, bounded memory.

Spoilt commits travel among good ones, over right and wrong wires. What is refused as a whole is sent again as
a device does, in halves, until the offender stands alone; every good commit must be applied in the end.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.messages.push import MOST_PUSH_BYTES
from server import cli
from server.config import Settings
from server.storage.database import open_database
from tests.api.estate import Estate
from tests.factories import envelope
from tests.faults.sender import Sender
from tests.garbage.mutations import Mutator
from tests.garbage.wires import BROKEN, PLAIN, WIRES, Wire, send
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN
from tests.served import Served

FUZZERS = (HE_GUILAN, TANG_ZHIQIANG, YAO_CHUNYAN)
MOST_GROWTH = 400
"""Megabytes that the worker may grow by at its peak, while three devices send the worst that they can."""
PATH = f"/api/v1/sync/{QINGYANLI}/push"
_HERE = b'"HERE"'


class Fuzzer(threading.Thread):
    """One device that sends rubbish among good commits. ``applied``: good commits that were taken in."""

    def __init__(self, sender: Sender, seed: int, pushes: int) -> None:
        super().__init__(name=f"fuzzer {seed}", daemon=True)
        self.sender, self.pushes = sender, pushes
        self.draw, self.mutator = random.Random(seed), Mutator(seed, sender.person)
        self.statuses: Counter[int] = Counter()
        self.commits: Counter[str] = Counter()
        self.applied: set[str] = set()
        self.good: dict[bytes, str] = {}
        self.aside = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self.pushes):
                self._shoot()
        except BaseException as error:
            self.error = error

    def _shoot(self) -> None:
        """Good and bad commits, first over a wire that may be wrong, then as a device would go on."""
        parts = [self.mutator.bad() for _ in range(self.draw.choice((1, 1, 2, 5)))]
        for _ in range(self.draw.choice((1, 2, 3))):
            ident, text = self.mutator.good()
            self.good[text] = ident
            parts.insert(self.draw.randrange(len(parts) + 1), text)
        wire = self.draw.choice(WIRES) if self.draw.random() < 0.3 else PLAIN
        status, _ = self._send(parts, wire)
        assert wire.whole or status in (BROKEN, 400, 401, 411, 413, 415, 200), (wire.name, status)
        self._deliver(parts)

    def _deliver(self, parts: list[bytes]) -> None:
        """As `pwa/src/sync/push.ts` does: halve what is refused as a whole, set a single offender aside."""
        status, answer = self._send(parts, PLAIN)
        if status == 200:
            results = orjson.loads(answer)["results"]
            assert len(results) == len(parts)
            self._note(parts, results)
            return
        assert status in (400, 413), (status, answer[:500], parts)
        if len(parts) == 1:
            assert parts[0] not in self.good, "a good commit was refused"
            self.aside += 1
            return
        middle = (len(parts) + 1) // 2
        self._deliver(parts[:middle])
        self._deliver(parts[middle:])

    def _note(self, parts: list[bytes], results: list[dict[str, Any]]) -> None:
        for part, result in zip(parts, results, strict=True):
            self.commits[result["status"]] += 1
            if part in self.good:
                assert result["status"] == "applied", result
                assert result["commit"] == self.good[part]
                self.applied.add(self.good[part])

    def _send(self, parts: list[bytes], wire: Wire) -> tuple[int, bytes]:
        body = orjson.dumps(envelope(self.sender.person, "HERE")).replace(_HERE, b",".join(parts))
        headers, packed = wire.wrap(body, self.draw)
        given = {**self.sender.headers, "Content-Type": "application/json", **headers}
        status, answer = send(self.sender.served.port, PATH, given, packed, wire.patient)
        if status == BROKEN and len(packed) > MOST_PUSH_BYTES:
            # It does not read what is too large to its end, so that the answer may drown in the reset.
            status = 413
        self.statuses[status] += 1
        assert status < 500, (wire.name, status, answer[:500], [part[:300] for part in parts])
        return status, answer


@contextmanager
def serving(folder: Path, program: str = "server.cli") -> Iterator[Served]:
    Estate(folder / "data").close()
    running = Served(folder / "data", program=program)
    try:
        running.start()
        yield running
    finally:
        running.kill()


class Memory:
    """Of a server's worker, in megabytes."""

    def __init__(self, served: Served) -> None:
        self._folder = Path(f"/proc/{served.processes()[-1]}")

    def begin(self) -> int:
        """Forget the peak so far; what it uses now."""
        (self._folder / "clear_refs").write_text("5")
        return self._read("VmRSS")

    @property
    def peak(self) -> int:
        """The most since it began."""
        return self._read("VmHWM")

    def _read(self, name: str) -> int:
        status = (self._folder / "status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) // 1024


def fuzz(served: Served, pushes: int) -> list[Fuzzer]:
    """Let every device send as many; raises what any of them found."""
    fuzzers = [Fuzzer(Sender(served, person), seed, pushes) for seed, person in enumerate(FUZZERS)]
    for fuzzer in fuzzers:
        fuzzer.start()
    for fuzzer in fuzzers:
        fuzzer.join()
    for fuzzer in fuzzers:
        if fuzzer.error is not None:
            raise fuzzer.error
        assert fuzzer.applied == set(fuzzer.good.values())
    with closing(open_database("", served.data)) as database:
        logged = {row[0] for row in database.rows('SELECT DISTINCT "commit" FROM log')}
    for fuzzer in fuzzers:
        assert fuzzer.applied <= logged, "a neighbour was lost"
    return fuzzers


@pytest.mark.timeout(3600)
def test_rubbish_breaks_nothing_and_loses_no_neighbour(tmp_path: Path, soak: bool) -> None:
    with serving(tmp_path) as served:
        memory = Memory(served)
        before = memory.begin()
        fuzzers = fuzz(served, 7_500 if soak else 30)
        growth = memory.peak - before
        _say(fuzzers, before, growth)
        assert growth <= MOST_GROWTH
        with redirect_stdout(StringIO()) as said:
            wrong = cli.verify_data(Settings(data=served.data, secret_key="unused"))
        assert wrong == 0, said.getvalue()


@pytest.mark.parametrize("fault", ["chokes-on-rubbish", "loses-a-neighbour"])
def test_a_server_that_cannot_bear_rubbish_is_caught(tmp_path: Path, fault: str) -> None:
    broken = serving(tmp_path, f"tests.faults.broken_server {fault}")
    with broken as served, pytest.raises(AssertionError, match=r"neighbour was lost|\b500\b"):
        fuzz(served, 12)


def _say(fuzzers: list[Fuzzer], before: int, growth: int) -> None:
    statuses = sum((fuzzer.statuses for fuzzer in fuzzers), Counter[int]())
    commits = sum((fuzzer.commits for fuzzer in fuzzers), Counter[str]())
    good = sum(len(fuzzer.good) for fuzzer in fuzzers)
    applied = sum(len(fuzzer.applied) for fuzzer in fuzzers)
    aside = sum(fuzzer.aside for fuzzer in fuzzers)
    print(
        f"\nfuzzer: {statuses.total():,} requests ({dict(sorted(statuses.items()))}), results "
        f"{dict(sorted(commits.items()))}, {aside} set aside, {applied:,} of {good:,} good commits applied; "
        f"worker {before} MB, {growth} MB more at its peak"
    )
