"""The office: reviewers who decide conflicts, perhaps on an old view, and who tend what is parked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.conflict import CONFLICT
from sync.records import Record
from sync.resolve import Resolution
from tests.simulation.cast import PROJECTS, REVIEWERS
from tests.simulation.device import Device
from tests.simulation.server import Crash, Server

if TYPE_CHECKING:
    from tests.simulation.oracle.notes import Notes


@dataclass(frozen=True, slots=True)
class Look:
    """A conflict as a reviewer saw it at some time."""

    user: str
    space: str
    conflict: Record

    @property
    def sides(self) -> list[Any]:
        """The current version and the rivals."""
        return [self.conflict.data["current"], *self.conflict.data["rivals"]]


class Office:
    """Acts on the server without a device in between."""

    def __init__(self, server: Server, notes: Notes) -> None:
        self.server, self.notes = server, notes
        self.looks: list[Look] = []
        self.sent: list[tuple[Look, Resolution]] = []
        self._count = 0

    def tended(self, work: Callable[[], Any]) -> Any:
        """Something that the office does; `None` if the server died over it."""
        try:
            return work()
        except Crash:
            self.server.start()
            return None

    def look(self, device: Device, a: int, b: int, c: int) -> None:
        """A reviewer opens a conflict."""
        user, space = REVIEWERS[a % 2], PROJECTS[c % 2]
        found = [r for r in self.server.backend.view(space).state[1].values() if r.kind == CONFLICT]
        open_ones = [r for r in found if r.data["state"] == "open"]
        if open_ones:
            open_ones.sort(key=lambda record: record.id)
            self.looks.append(Look(user, space, open_ones[b % len(open_ones)]))

    def resolve(self, device: Device, a: int, b: int, c: int) -> None:
        """A reviewer decides by what he saw when he looked; somebody may have been faster."""
        if c % 3:
            self.look(device, a, b, c)
            a = 0
        if not self.looks:
            return
        at = -1 - a % min(4, len(self.looks))
        look = self.looks[at]
        sides = look.sides
        value = sides[b % len(sides)]["value"]
        if look.conflict.data["unit"] == "note" and c % 7 == 0:
            value = "decided otherwise"
        self._count += 1
        seen = [side["change"] for side in sides]
        ident = f"decision-{self._count}"
        asked = Resolution(ident, look.conflict.id, seen, value, "seen on site", "2026-11-23T10:00:00+08:00")
        self.sent.append((look, asked))
        self._decide(look, asked)

    def resolve_again(self, device: Device, a: int, b: int, c: int) -> None:
        """The answer got lost: the same decision once more."""
        if self.sent:
            self._decide(*self.sent[a % len(self.sent)])

    def _decide(self, look: Look, asked: Resolution) -> None:
        before = self.server.backend.view(look.space).state[1].get(asked.conflict)
        answer = self.tended(lambda: self.server.decide(look.user, look.space, asked))
        if before is not None:
            self.notes.decided(asked, before, answer)

    def retry(self, device: Device, a: int, b: int, c: int) -> None:
        """Judge some of what is parked anew."""
        space = PROJECTS[b % 2]
        parked = self._parked(space)
        if parked:
            ids = [parked[a % len(parked)]] if c % 2 else parked
            self.tended(lambda: self.server.retry(space, ids))

    def discard(self, device: Device, a: int, b: int, c: int) -> None:
        """Give a parked commit up."""
        space = PROJECTS[b % 2]
        parked = self._parked(space)
        if parked:
            ident = parked[a % len(parked)]
            if self.tended(lambda: self.server.discard(space, ident)) is not None:
                self.notes.discarded(space, ident)

    def guess(self, device: Device, a: int, b: int, c: int) -> None:
        """A device names ids that its user cannot know: neither answer may tell him anything (I17)."""
        self.notes.guess(device, PROJECTS[b % 2], a, c)

    def _parked(self, space: str) -> list[str]:
        parked = self.server.backend.view(space).parked.values()
        return sorted(p.id for p in parked if p.state == "parked")
