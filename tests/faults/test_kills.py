"""`kill -9` of server and database in the middle of pushes: nothing acknowledged is lost, nothing half there.

(I1, I2.) In full, 100 kills of the server on each database and 20 of PostgreSQL: `make soak`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.api.estate import Estate
from tests.faults.books import Books, balance
from tests.faults.writers import Writer, writers_of
from tests.postgres import Cluster, cluster
from tests.served import Served


class Field:
    """A served house, its writers, and whoever kills it."""

    def __init__(self, data: Path, database_url: str = "", program: str = "server.cli") -> None:
        Estate(data, database_url=database_url).close()
        self.served = Served(data, database_url, program)
        self.kills: list[float] = []
        """When each kill struck (monotonic)."""
        self.writers: list[Writer] = []
        self._draw = random.Random(7)

    def begin(self) -> None:
        self.served.start()
        self.writers = writers_of(self.served)
        for writer in self.writers:
            writer.sign_in()
        for writer in self.writers:
            writer.start()

    def strike(self, kill: Callable[[], None], longest: float = 0.6) -> None:
        """Kill after a random while of pushing, which begins when each writer was answered once more.

        Every second time it is at the very moment at which something is written.
        """
        before = [writer.tally.answered for writer in self.writers]
        deadline = time.monotonic() + 30
        while any(w.tally.answered == b for w, b in zip(self.writers, before, strict=True)):
            assert time.monotonic() < deadline, "a writer is answered no more"
            assert all(writer.error is None for writer in self.writers)
            time.sleep(0.005)
        time.sleep(self._draw.uniform(0, longest))
        if len(self.kills) % 2:
            self._await_a_write()
        self.kills.append(time.monotonic())
        kill()

    def _await_a_write(self) -> None:
        if not self.served.database_url:
            log = self.served.data / "rounds.sqlite3-wal"
            _await_change(lambda: log.stat().st_mtime_ns)
            return
        with psycopg.connect(self.served.database_url, autocommit=True) as connection:
            _await_change(lambda: connection.execute("SELECT sum(head) FROM spaces").fetchone())

    def hand_in(self) -> None:
        """Every writer sends what is left, until all of it was acknowledged."""
        for writer in self.writers:
            writer.no_more.set()
        for writer in self.writers:
            writer.join(60)
        assert [writer.error for writer in self.writers] == [None] * len(self.writers)
        assert not any(writer.unsent for writer in self.writers)

    def give_up(self) -> None:
        """End everything as it is."""
        for writer in self.writers:
            writer.enough.set()
        for writer in self.writers:
            writer.join(30)
        self.served.kill()

    @property
    def hits(self) -> int:
        """Kills in the middle of a push, which got no answer or was told to come back."""
        tallies = [writer.tally for writer in self.writers]
        spans = [span for tally in tallies for span in (*tally.unanswered, *tally.told_to_wait)]
        return sum(any(sent < kill < end for sent, end in spans) for kill in self.kills)

    def say(self, name: str, books: Books) -> None:
        """The figures for `docs/reliability.md`."""
        tallies = [writer.tally for writer in self.writers]
        unanswered = sum(len(tally.unanswered) for tally in tallies)
        waited = sum(len(tally.told_to_wait) for tally in tallies)
        unheard = sum(one["replayed"] for writer in self.writers for one in writer.acknowledged.values())
        figures = {
            "kills": len(self.kills),
            "in the middle of a push": self.hits,
            "pushes answered": sum(tally.answered for tally in tallies),
            "without an answer": unanswered,
            "told to wait": waited,
            "commits sent": books.sent,
            "taken in without their answer being heard": unheard,
            "acknowledged": books.acknowledged,
            "lost": len(books.lost),
            "half-applied": len(books.halved),
            "wrong to verify": len(books.wrong),
        }
        print(f"\n{name}: " + ", ".join(f"{what} {figure:,}" for what, figure in figures.items()))


def _await_change(look: Callable[[], object]) -> None:
    """Spin until something else is seen."""
    before, deadline = look(), time.monotonic() + 30
    while look() == before:
        assert time.monotonic() < deadline, "nothing is written any more"


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test alone, which may be killed; fsync is on."""
    made = Cluster(cluster().programs)
    made.start()
    made.run("CREATE DATABASE rounds")
    yield made
    made.remove()


def prove(field: Field, name: str) -> None:
    """What must hold right after the last kill, and when everything was sent again."""
    books = balance(field.served, field.writers)
    assert books.good, books
    field.hand_in()
    books = balance(field.served, field.writers)
    field.say(name, books)
    assert books.good, books
    assert books.acknowledged == books.sent > 20
    for writer in field.writers:
        # Sent again, everything gets the answer that it got.
        answers = list(writer.acknowledged.values())
        for start in range(0, len(answers), 100):
            page = answers[start : start + 100]
            again = writer.send([writer.commits[answer["commit"]] for answer in page])
            assert again == [{**answer, "replayed": True} for answer in page]


@pytest.mark.timeout(900)
def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path, database_url: str, soak: bool) -> None:
    rounds = 100 if soak else 4
    field = Field(tmp_path / "data", database_url)
    try:
        field.begin()
        for _ in range(rounds):
            field.strike(field.served.kill)
            assert field.served.process is not None
            field.served.start()
        assert field.hits >= (rounds * 0.9 if rounds > 10 else rounds - 1)
        prove(field, f"server on {'PostgreSQL' if database_url else 'SQLite'}")
    finally:
        field.give_up()


@pytest.mark.timeout(900)
@pytest.mark.postgres
def test_nothing_is_lost_when_postgresql_is_killed(own_cluster: Cluster, tmp_path: Path, soak: bool) -> None:
    rounds = 20 if soak else 2
    field = Field(tmp_path / "data", own_cluster.url("rounds"))
    try:
        field.begin()
        for _ in range(rounds):
            field.strike(own_cluster.kill)
            own_cluster.start()
        assert field.hits >= (rounds * 0.9 if rounds > 10 else rounds - 1)
        prove(field, "PostgreSQL itself")
    finally:
        field.give_up()


@pytest.mark.parametrize(("fault", "caught"), [("answers-early", "lost"), ("commits-in-halves", "halved")])
def test_a_server_that_breaks_its_word_is_caught(tmp_path: Path, fault: str, caught: str) -> None:
    """The same check over a server that is broken on purpose: it must find it."""
    field = Field(tmp_path / "data", program=f"tests.faults.broken_server {fault}")
    try:
        field.begin()
        for _ in range(5):
            field.strike(field.served.kill, longest=0.1)
            books = balance(field.served, field.writers)
            if getattr(books, caught):
                return
            field.served.start()
        raise AssertionError(f"{fault} went unnoticed: {books}")
    finally:
        field.give_up()
