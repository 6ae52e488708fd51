"""Naming what one cannot know: an unreadable id and one that never was must be answered alike (I17)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sync.records import Record
from tests.simulation.device import Device

if TYPE_CHECKING:
    from tests.simulation.oracle.notes import Notes

Make = Callable[[str, str], dict[str, Any]]

GUESSES: Mapping[str, Make] = {
    "patch": lambda ident, change: {
        "op": "patch",
        "base": {"note": "ch-never"},
        "set": {"note": "a"},
        "record": ident,
    },
    "delete": lambda ident, change: {"op": "delete", "base": {"*": "ch-never"}, "record": ident},
    "area": lambda ident, change: {
        "op": "create",
        "set": {"note": "a", "area": ident},
        "record": f"fi-{change}",
    },
    "photo": lambda ident, change: {
        "op": "create",
        "add": {"photos": [{"id": f"el-{change}", "value": ident}]},
        "record": f"fi-{change}",
    },
    "signature": lambda ident, change: {
        "op": "create",
        "kind": "signature",
        "set": {"lines": [{"record": ident, "unit": "note", "version": "ch-never"}]},
        "record": f"si-{change}",
    },
}


def guess(notes: Notes, device: Device, space: str, a: int, c: int) -> None:
    """Ask about a record that the user may not read, and about none; compare the answers without the ids."""
    server = notes.world.server
    records = server.backend.view(space).state[1].values()
    hidden = [r for r in records if not server.rights.may_read(device.user, space, r.audience)]
    if not hidden or not server.rights.audiences(device.user, space) or device.name in server.shut_out:
        return
    target: Record = sorted(hidden, key=lambda record: record.id)[a % len(hidden)]
    name = list(GUESSES)[c % len(GUESSES)]
    told = []
    for ident in (target.id, f"never-{notes.next_tick()}"):
        change = f"guess-{notes.next_tick()}"
        made: dict[str, Any] = {"id": change, "kind": "finding", **GUESSES[name](ident, change)}
        ident_of = f"co-{change}"
        commit = {"id": ident_of, "made_at": "2026-11-23T08:00:00+08:00", "format": 2, "changes": [made]}
        asked = {"call": "push", "space": space, "commits": [commit]}
        answer = notes.world.network.deliver(device.user, f"probe-{device.user}", asked)
        if answer is None:
            return
        text = json.dumps(answer["results"][0], sort_keys=True)
        told.append(text.replace(ident_of, "?").replace(change, "?").replace(ident, "?"))
    if told[0] != told[1]:
        notes.broken("I17", f"{device.user} guessed {target.id}: {told[0]} is not {told[1]}")
    notes.world.network.deliver(
        device.user, f"probe-{device.user}", {"call": "have", "sha256": sorted(server.blobs)}
    )
