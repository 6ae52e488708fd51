"""Devices that take a short cut."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from typing import Any

import tests.simulation.acts as acts
from tests.simulation.device import PAUSE, Device, Run
from tests.simulation.disk import Disk, Entry, Followed
from tests.simulation.mutants.catching import Mutant, put
from tests.simulation.mutants.servers import RESTORES, RIGHTS

Patches = list[AbstractContextManager[Any]]


def _disk(name: str, wrong: Any) -> Patches:
    return [put(f"tests.simulation.disk.Disk.{name}", wrong)]


def _device(name: str, wrong: Any) -> Patches:
    return [put(f"tests.simulation.device.Device.{name}", wrong)]


def _deletes_missed() -> Patches:
    def wrong(self: Disk, asked: Followed, page: Mapping[str, Any]) -> None:
        asked.base.update({row["id"]: row for row in page["records"] if not row["deleted"]})

    return [*_disk("put_rows", wrong), *_device("_same", lambda self, space, page: True)]


def _cursor_apart() -> Patches:
    def take(self: Device, space: str, asked: Followed, mark: Any, page: Mapping[str, Any]) -> Run:
        self.disk.put_cursor(asked, page)
        yield PAUSE
        self.disk.put_rows(asked, page)
        if asked is self.disk.shadows.get(space) and not page["more"]:
            self.disk.spaces[space] = self.disk.shadows.pop(space)
        yield PAUSE
        return True

    return _device("take", take)


def _saved_too_early() -> Patches:
    def do(device: Device, what: str, a: int, b: int, c: int) -> Generator[Any, Any, Any]:
        shown: list[Any] = []
        listener, device.listener = device.listener, _Later(shown)  # type: ignore[assignment]
        disk, device.disk = device.disk, deepcopy(device.disk)
        try:
            run = original(device, what, a, b, c)
            for _ in range(2):
                next(run)
        except StopIteration:
            pass
        finally:
            device.listener, device.disk, future = listener, disk, device.disk
        for entry, sights in shown:
            listener.saved(device, entry, sights)
        yield PAUSE
        device.disk = future
        return None

    original = acts.do
    return [put("tests.simulation.world.do", do)]


class _Later:
    """Holds back what is told."""

    def __init__(self, shown: list[Any]) -> None:
        self._shown = shown

    def saved(self, device: Device, entry: Entry, sights: Any) -> None:
        """Kept for later."""
        self._shown.append((entry, sights))


def _forgetful_outbox() -> Patches:
    right = Disk.forget_spaces

    def wrong(self: Disk, kept: Sequence[str]) -> None:
        right(self, kept)
        self.outbox = {i: e for i, e in self.outbox.items() if e.space in kept}

    def pushes(self: Device) -> list[str]:
        """It does not even try where it may not read any more."""
        unsent = dict.fromkeys(entry.space for entry in self.disk.unsent)
        return [space for space in unsent if space in self.disk.spaces]

    return [*_disk("forget_spaces", wrong), *_device("_spaces_to_push", pushes)]


def _let_go_when_sent() -> Patches:
    def wrong(self: Disk) -> list[str]:
        gone = [sha for sha, blob in self.blobs.items() if blob.here and blob.state != "local"]
        for sha in gone:
            self.blobs[sha].here = False
        return gone

    return _disk("let_go", wrong)


def _have_counts_always() -> Patches:
    right = Disk.note_held

    def wrong(self: Disk, asked: Sequence[str], held: Sequence[str], marks: Sequence[str]) -> None:
        right(self, asked, held, marks)
        for sha in held:
            self.blobs[sha].verified = True

    return _disk("note_held", wrong)


def _pruned_when_answered() -> Patches:
    return _disk("_in_backup", lambda self, entry: entry.state == "acknowledged" and not entry.laid)


def _wiped_at_once() -> Patches:
    def wrong(self: Device) -> Run:
        yield PAUSE
        return True

    return _device("hand_in", wrong)


def _only_when_poked() -> Patches:
    right = Device.pull

    def wrong(self: Device, space: str) -> Run:
        world = self.listener.world  # type: ignore[attr-defined]
        if world.resting and space in self.disk.spaces:
            return True
        return (yield from right(self, space))

    return _device("pull", wrong)


def _never_again() -> Patches:
    return _disk("send_again", lambda self, space, epoch: 0)


PHOTOS = {"shoot": 30, "create": 20}

DEVICES = (
    Mutant("deletes_missed", "I4", "a device keeps what was deleted", _deletes_missed, {"delete": 15}),
    Mutant("cursor_apart", "I9", "cursor and data are written apart", _cursor_apart),
    Mutant("saved_too_early", "I9", "the screen says saved before the disk has it", _saved_too_early),
    Mutant("let_go_when_sent", "I10", "a photo is deleted once it was sent", _let_go_when_sent, PHOTOS),
    Mutant(
        "have_counts_always",
        "I10",
        "a `have` from before the acknowledgement counts",
        _have_counts_always,
        PHOTOS,
    ),
    Mutant(
        "forgetful_outbox",
        "I11",
        "with the right to a space goes what was not sent",
        _forgetful_outbox,
        RIGHTS,
    ),
    Mutant(
        "wiped_at_once",
        "I11",
        "a device that is shut out does not hand in its work",
        _wiped_at_once,
        {"revoke": 15},
    ),
    Mutant(
        "never_again", "I14", "what was acknowledged is not sent to a restored server", _never_again, RESTORES
    ),
    Mutant(
        "pruned_when_answered",
        "I14",
        "an acknowledged commit is let go of before it is in a backup",
        _pruned_when_answered,
        {"backup": 8},
    ),
    Mutant("only_when_poked", "I16", "a device pulls only when it is poked", _only_when_poked),
)
