"""Mistakes that were once there, put back: in the engine, on the server, in what a device does.

Each was found by the simulator; `regressions.py` holds the shortest history that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import sync.parking
from sync.policies import keeps
from sync.records import Record
from tests.simulation.device import Device, Run
from tests.simulation.disk import Disk
from tests.simulation.mutants.catching import Mutant, put
from tests.simulation.mutants.servers import RESTORES
from tests.simulation.server import Server

Patches = list[AbstractContextManager[Any]]


def _unsigned_by_nothing() -> Patches:
    def still_signed(record: Record, landing: Iterable[Any]) -> Mapping[str, Any]:
        signed = dict(record.signed)
        for claim in landing:
            unit, bound = claim.unit, signed.pop(claim.unit.name, {})
            before = unit.read(record.data)
            kept = {i: fields for i, fields in bound.items() if keeps(unit, fields, before, claim.value)}
            if kept:
                signed[unit.name] = kept
        return signed

    return [put("sync.landing.still_signed", still_signed)]


def _lists_stand_for_nothing() -> Patches:
    right = sync.parking._stand_for_bases

    def wrong(ws: Any, changes: Iterable[Any]) -> None:
        right(ws, [replace(change, add={}, remove={}) for change in changes])

    return [put("sync.parking._stand_for_bases", wrong)]


def _pushes_where_it_reads(self: Device, spaces: Mapping[str, str]) -> Run:
    for space, epoch in spaces.items():
        if self.disk.send_again(space, epoch) and not (yield from self.push(space)):
            return False
    return True


def _hands_in_what_is_new(self: Device) -> Run:
    for space in self._spaces_to_push():
        if not (yield from self.push(space)):
            return False
    if not (yield from self.bring_photos()):
        return False
    return not self.disk.unsent


def _only_acknowledged_again(self: Disk, space: str, epoch: str | None) -> int:
    kept = [e for e in self.outbox.values() if e.space == space and e.state == "acknowledged"]
    again = [entry for entry in kept if entry.epoch != epoch]
    for entry in again:
        entry.state = "pending"
        self._unverify(entry)
    return len(again)


def _start(self: Server) -> None:
    self.crash_at = None
    self.backend.after_crash()


def _in(target: str, wrong: Any) -> Any:
    return lambda: [put(f"tests.simulation.{target}", wrong)]


def _no_look(self: Server, codes: Sequence[str], user: str | None = None) -> None:
    """Nobody looks."""


PAST = (
    Mutant(
        "unsigned_by_nothing",
        "I15",
        "taking from a signed empty list what was never there ends its signature",
        _unsigned_by_nothing,
        {"sign": 20, "list": 30},
    ),
    Mutant(
        "signed_is_decided_away",
        "I15",
        "a contested delete is decided for though the record is signed by now",
        lambda: [put("sync.resolve._deletes_signed", lambda record, deleted: False)],
        {"sign": 20, "delete": 15, "resolve": 30},
    ),
    Mutant(
        "lists_stand_for_nothing",
        "I7",
        "who names a change of a list that was given up waits for ever",
        _lists_stand_for_nothing,
        {"list": 20, "judge": 20, "sign": 20, "discard": 15},
    ),
    Mutant(
        "illegible_stand_for_nothing",
        "I7",
        "the same for a commit that could not be read when it was given up",
        lambda: [put("sync.parking._legible", lambda raw: [])],
        {"memo": 30, "discard": 20, "learn": 0},
    ),
    Mutant(
        "no_look_at_start",
        "I7",
        "a crash between a new right and the second look leaves work parked",
        _in("server.Server.start", _start),
        {"take": 10, "give": 20, "crash": 20},
    ),
    Mutant(
        "again_only_where_read",
        "I14",
        "a restored server does not get back what is of a space that was lost",
        _in("device.Device._again", _pushes_where_it_reads),
        {**RESTORES, "take": 10},
    ),
    Mutant(
        "given_up_is_not_sent_again",
        "I14",
        "a restored server does not get back what it gave up",
        _in("disk.Disk.send_again", _only_acknowledged_again),
        {**RESTORES, "judge": 20, "discard": 20},
    ),
    Mutant(
        "wiped_after_a_restore",
        "I9",
        "a device that is shut out hands in only what it thinks unsent",
        _in("device.Device.hand_in", _hands_in_what_is_new),
        {**RESTORES, "revoke": 10},
    ),
)
