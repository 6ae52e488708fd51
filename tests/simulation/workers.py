"""Two workers that take in pushes to one space at the same moment."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.simulation.device import MOST_COMMITS, Device

if TYPE_CHECKING:
    from tests.simulation.world import World

SLIP_IN = 0.004
"""Seconds that the second worker has to slip in while the first one holds the space."""


def push_at_once(world: World, first: Device, second: Device, space: str) -> None:
    """While the first push holds the space, the second one asks for it: it must come after, and see it."""
    pushes = [_next_push(device, space) for device in (first, second)]
    if not all(asked["commits"] for asked in pushes) or "lost" in map(
        world.server.shut_out.get, (first.name, second.name)
    ):
        return
    world.count("two workers")
    server, entered, done = world.server, threading.Event(), threading.Event()
    answers: list[Any] = [None]

    def slip_in() -> None:
        try:
            answers[0] = server.call(second.user, second.name, pushes[1])
        finally:
            server.backend.leave()
            done.set()

    other = threading.Thread(target=slip_in)

    def held() -> None:
        server.worker, server.at_door = 1, entered.set
        other.start()
        entered.wait(5)
        server.worker = 0
        done.wait(SLIP_IN)

    for device, asked in zip((first, second), pushes, strict=True):
        world.notes.asked(device.user, device.name, asked)
    server.crash_at, server.held = None, held
    answer = server.call(first.user, first.name, pushes[0])
    other.join(30)
    for device, asked, told in ((first, pushes[0], answer), (second, pushes[1], answers[0])):
        if told is None:
            world.notes.broken("I5", "a push beside another one came to nothing")
        else:
            world.notes.served(device.user, device.name, asked, told)


def _next_push(device: Device, space: str) -> dict[str, Any]:
    waiting = sorted((e for e in device.disk.unsent if e.space == space), key=lambda entry: entry.n)
    return {"call": "push", "space": space, "commits": [entry.commit for entry in waiting[:MOST_COMMITS]]}
