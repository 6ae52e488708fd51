"""Rounds of three tablets that anything may happen to: the material of the property tests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random
from typing import Any

from sync.change import Author
from sync.ports import Case, Problem
from sync.records import Record
from sync.resolve import Refused, Stale
from tests.sync.stage import Stage
from tests.sync.tablet import Tablet

CAST = ("he@tablet-1", "xie@tablet-2", "sun@tablet-3")
FIELDS: dict[str, tuple[Any, ...]] = {
    "note": ("a", "b", "c", None),
    "class": ("MIN", "GEN", "SER"),
    "attribution": ("team", "personal", None),
    "disposition": ("redo", "concession"),
    "result": ("conform", "nonconform"),
    "remark": ("r", "s"),
    "started_at": ("08:00", "08:30"),
    "state": ("open", "evaluated", "corrected"),
}
ACTIONS = (
    "create",
    "patch",
    "patch",
    "patch",
    "both",
    "list",
    "sign",
    "delete",
    "push",
    "lost",
    "pull",
    "decide",
)


class NoRules:
    """Everybody may do everything."""

    def can_read(self, author: Author, record: Record) -> bool:
        """Always."""
        return True

    def must_name(self, case: Case) -> Collection[str]:
        """Nothing."""
        return ()

    def judge(self, case: Case) -> Sequence[Problem]:
        """No problem."""
        return ()


class Round:
    """Three tablets on one stage."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.tablets = [Tablet(self.stage, by) for by in CAST]
        self.decided = 0
        for _ in range(2):
            self.tablets[0].create(f"f-0-{len(self.tablets[0].made)}", {"note": "a", "state": "open"})
        self.tablets[0].push()
        for tablet in self.tablets:
            tablet.pull()

    def play(self, steps: list[tuple[str, int, int, int, int]]) -> None:
        """Do what the steps say, as far as it is possible."""
        for action, who, one, two, three in steps:
            tablet = self.tablets[who]
            if action == "create":
                tablet.create(f"f-{who}-{len(tablet.made)}", {"note": "a", "state": "open"})
            elif action == "push":
                tablet.push(1 + one)
            elif action == "lost":
                tablet.push(1 + one, answered=False)
            elif action == "pull":
                tablet.pull()
            elif action == "decide":
                self._decide(one, two)
            elif known := tablet.known():
                self._edit(tablet, action, known[one % len(known)], two, three)
            self.stage.check()

    def finish(self) -> None:
        """Everybody sends what he has and pulls what there is."""
        for tablet in self.tablets:
            tablet.push()
        for tablet in self.tablets:
            tablet.pull()
        self.stage.check()

    def saw(self) -> dict[str, int]:
        """How far each change's author had pulled."""
        return {change: seq for tablet in self.tablets for change, seq in tablet.saw.items()}

    def _edit(self, tablet: Tablet, action: str, record: str, two: int, three: int) -> None:
        names = list(FIELDS)
        name, other = names[two % len(names)], names[three % len(names)]
        fields = {name: FIELDS[name][three % len(FIELDS[name])]}
        if action == "both":
            fields[other] = FIELDS[other][two % len(FIELDS[other])]
        if action == "delete":
            tablet.delete(record)
        elif action == "sign":
            tablet.sign(record, ("note", "evaluation", "tags", "result")[: 1 + two % 4])
        elif action != "list":
            tablet.patch(record, fields)
        elif three % 2:
            tablet.patch(record, {}, add={"tags": [{"id": f"e{two}", "value": "same"}]})
        else:
            tablet.patch(record, {}, remove={"tags": [f"e{two}"]})

    def _decide(self, one: int, two: int) -> None:
        conflicts = [c for c in self.stage.conflicts() if c.data["state"] == "open"]
        if not conflicts:
            return
        conflict = conflicts[one % len(conflicts)].data
        sides = [conflict["current"], *conflict["rivals"]]
        value = sides[two % len(sides)]["value"]
        self.decided += 1
        commit = f"decision-{self.decided}"
        answer = self.stage.decide("zeng@server", commit, conflict["record"], conflict["unit"], value)
        assert not isinstance(answer, Stale)
        known = ("required", "never_conceded", "signed")
        assert not isinstance(answer, Refused) or answer.problem.code in known


def long_round(seed: int) -> Round:
    """A history longer than hypothesis draws."""
    random = Random(seed)
    played = Round()
    for _ in range(150):
        one, two, three = (random.randrange(8) for _ in range(3))
        played.play([(random.choice(ACTIONS), random.randrange(3), one, two, three)])
    played.finish()
    return played
