"""What people do on their devices: each act makes one commit out of what the screen shows.

An act takes three numbers and picks by them; whatever they are, and whatever is on the screen, it means
something or does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.cast import LEARNED, MEMO, NEW_FORMAT, OLD_FORMAT, PROJECTS, USERS, lower_old
from tests.simulation.device import PAUSE, Answer, Asked, Device
from tests.simulation.screen import FINDING, Change, Screen, create, delete, patch, sign, touched

FIELDS: dict[str, tuple[Any, ...]] = {
    "note": ("a", "b", "c", None),
    "class": ("MIN", "GEN", "SER"),
    "attribution": ("team", "personal", None),
    "due_at": ("12-01", "12-02"),
    "disposition": ("redo", "concession"),
    "result": ("conform", "nonconform"),
    "remark": ("r", "s"),
    "started_at": ("08:00", "08:30"),
    "state": ("open", "evaluated", "corrected", "verified", "closed"),
}
PICKS = ("note", "note", "class", "class", "result", *FIELDS)
"""Some are changed more often, so that people meet on them."""
SIGNED = ("note", "evaluation", "tags", "result", "corrections")


@dataclass(frozen=True, slots=True)
class Sight:
    """What an author saw of a record when he made a change: the row that was pulled, his changes over it."""

    row: Mapping[str, Any] | None
    own: tuple[str, ...]
    epoch: str
    """In which what he saw was pulled."""


@dataclass(slots=True)
class Act:
    """A commit in the making."""

    device: Device
    screen: Screen
    changes: list[Change] = field(default_factory=list)
    blobs: list[str] = field(default_factory=list)
    sights: dict[str, Sight] = field(default_factory=dict)
    format: int = 0

    def add(self, change: Change) -> Change:
        """One more change, with what was seen before it."""
        record, screen = change["record"], self.screen
        own = tuple(laid["id"] for laid in screen.laid.get(record, ()))
        followed = self.device.disk.spaces[screen.space]
        self.sights[change["id"]] = Sight(screen.base.get(record), own, followed.epoch)
        self.changes.append(change)
        screen.add(change)
        return change

    def commit(self) -> Mapping[str, Any]:
        """As it is saved and sent."""
        device = self.device
        form = self.format or device.format
        made = [lower_old(c) if form == OLD_FORMAT else c for c in self.changes]
        return {
            "id": device.new_id("co"),
            "made_at": f"{2026 + device.clock:04}-11-23T08:00:00+08:00",
            "clock": {"offset": float(device.clock), "jumped": device.jumped},
            "format": form,
            "changes": made,
        }


Make = Callable[[Act, int, int, int], None]


def do(device: Device, what: str, a: int, b: int, c: int) -> Generator[Asked, Answer, Any]:
    """Make a commit and save it; the entry, once it is shown as saved, `None` if there is nothing to do."""
    spaces = [space for space in USERS[device.user] if space in device.disk.spaces]
    home = [space for space in spaces if space in PROJECTS]
    if not home:
        return None
    # Headquarters' areas are there for all; everything else happens in the projects, mostly in one.
    space = home[0 if a % 4 else -1]
    act = Act(device, Screen(device, space))
    ACTS[what](act, a // 4, b, c)
    if not act.changes:
        return None
    for sha in act.blobs:
        device.disk.put_blob(sha)
    yield PAUSE
    return save(device, space, act)


def save(device: Device, space: str, act: Act) -> Any:
    """One transaction on the disk; only then is it shown as saved."""
    entry = device.disk.save(space, dict(act.commit()), act.blobs)
    device.listener.saved(device, entry, act.sights)
    return entry


def _create(act: Act, a: int, b: int, c: int) -> None:
    """A finding, sometimes for fewer eyes, sometimes with a photo and more in the same commit."""
    held = sorted(USERS[act.device.user][act.screen.space])
    audience = ([], [], [], [held[b % len(held)]], ["project", "desk"])[c % 5]
    fields = {"note": FIELDS["note"][b % 4], "state": "open"}
    if b % 3 == 0:
        fields["area"] = f"area-{b % 2}"
    made = act.add(create(act.device, "finding", fields, audience))
    if c % 3 == 0:
        photo = _photo(act, b)
        element = {"id": act.device.new_id("el"), "value": photo["record"]}
        act.add(patch(act.screen, FINDING, made["record"], {"class": "MIN"}, add={"photos": [element]}))


def _photo(act: Act, b: int) -> Change:
    """A photo record and its bytes; now and then two people take the very same picture."""
    content = f"same-{b % 3}" if b % 7 == 0 else act.device.new_id("px")
    act.blobs.append(f"sha-{content}")
    return act.add(create(act.device, "photo", {"sha256": f"sha-{content}"}))


def _finding(act: Act, a: int) -> str | None:
    """One of a few, so that people meet on it."""
    known = act.screen.known("finding")
    return known[a % min(len(known), 4)] if known else None


def _patch(act: Act, a: int, b: int, c: int) -> None:
    """One field."""
    record = _finding(act, a)
    if record is not None:
        name = PICKS[b % len(PICKS)]
        act.add(patch(act.screen, FINDING, record, {name: FIELDS[name][c % len(FIELDS[name])]}))


def _both(act: Act, a: int, b: int, c: int) -> None:
    """Two fields of one finding, and one of another, accepted together."""
    _patch(act, a, b, c)
    record, names = _finding(act, a), list(FIELDS)
    if record is not None:
        name, other = names[b % len(names)], names[c % len(names)]
        fields = {name: FIELDS[name][c % len(FIELDS[name])], other: FIELDS[other][b % len(FIELDS[other])]}
        act.changes.clear()
        act.screen = Screen(act.device, act.screen.space)
        act.add(patch(act.screen, FINDING, record, fields))
        _patch(act, a + 1, c, b)


def _list(act: Act, a: int, b: int, c: int) -> None:
    """Add to a list, or take from it."""
    record = _finding(act, a)
    if record is None:
        return
    name = ("tags", "tags", "corrections")[c % 3]
    there = act.screen.elements(record, name)
    if name == "tags" and c % 2 and there:
        act.add(patch(act.screen, FINDING, record, {}, remove={name: [there[b % len(there)]]}))
    else:
        ident = f"el-{b % 4}" if b % 3 == 0 and name == "tags" else act.device.new_id("el")
        element = {"id": ident, "value": "t" if name == "tags" else f"v{b % 3}"}
        act.add(patch(act.screen, FINDING, record, {}, add={name: [element]}))


def _judge(act: Act, a: int, b: int, c: int) -> None:
    """Verify a finding: the bases name what was judged."""
    record = _finding(act, a)
    if record is not None:
        change = patch(act.screen, FINDING, record, {"state": "verified"}, ("corrections", "evaluation"))
        if c % 5 == 0:
            change["set"]["note"] = "judged"
            change["base"]["note"] = act.screen.version(record, FINDING, "note")
        act.add(change)


def _sign(act: Act, a: int, b: int, c: int) -> None:
    """Sign what the screen shows."""
    record = _finding(act, a)
    if record is not None:
        act.add(sign(act.screen, record, SIGNED[: 1 + b % 4] if c % 2 else SIGNED[b % 5 :]))


def _delete(act: Act, a: int, b: int, c: int) -> None:
    """Delete a finding."""
    record = _finding(act, a)
    if record is not None:
        act.add(delete(act.screen, "finding", record))


def _shoot(act: Act, a: int, b: int, c: int) -> None:
    """Only a photo, on a finding that is there."""
    record = _finding(act, a)
    if record is not None:
        photo = _photo(act, b)
        element = {"id": act.device.new_id("el"), "value": photo["record"]}
        act.add(patch(act.screen, FINDING, record, {}, add={"photos": [element]}))


def _memo(act: Act, a: int, b: int, c: int) -> None:
    """Something that only a newer app knows."""
    act.format = NEW_FORMAT
    known = act.screen.known(MEMO)
    if known and c % 3:
        act.add(patch(act.screen, LEARNED[MEMO], known[a % len(known)], {"text": f"t{b}"}))
    else:
        act.add(create(act.device, MEMO, {"text": f"t{b}"}))


def _appraise(act: Act, a: int, b: int, c: int) -> None:
    """What only personnel may read."""
    act.add(create(act.device, "appraisal", {"text": f"t{b}"}))


ACTS: dict[str, Make] = {
    "create": _create,
    "patch": _patch,
    "both": _both,
    "list": _list,
    "judge": _judge,
    "sign": _sign,
    "delete": _delete,
    "shoot": _shoot,
    "memo": _memo,
    "appraise": _appraise,
}
__all__ = ["ACTS", "Act", "Sight", "do", "touched"]
