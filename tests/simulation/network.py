"""The network between devices and server: it loses, delays and doubles, and it is not there at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tests.simulation.device import Device
from tests.simulation.server import Answer, Crash, Server

FAULTS = ("none", "none", "lose", "answer", "twice", "late", "kill", "pause", "crash")
"""What may become of one request, or of the device that waits for it."""


class Ear(Protocol):
    """Who hears every answer of the server, also those that get lost."""

    def asked(self, user: str, device: str, asked: Mapping[str, Any]) -> None: ...
    def served(self, user: str, device: str, asked: Mapping[str, Any], answer: Answer) -> None: ...


class Network:
    """Carries requests. `late` are those that will arrive some day, or never."""

    def __init__(self, server: Server, ear: Ear) -> None:
        self.server, self.ear = server, ear
        self.cut: set[str] = set()
        """Devices without a network."""
        self.late: list[tuple[str, str, Mapping[str, Any]]] = []
        self.carried = 0
        """How many requests have reached the server."""

    def carry(self, device: Device, asked: Mapping[str, Any], fault: str) -> Answer | None:
        """One request; `None`: no answer came back."""
        if device.name in self.cut or fault == "lose":
            return None
        if fault == "late":
            self.late.append((device.user, device.name, asked))
            return None
        if fault == "crash":
            self.server.crash_at = self.server.crash_at or "written"
        answer = self.deliver(device.user, device.name, asked)
        if fault == "twice":
            answer = self.deliver(device.user, device.name, asked)
        return None if fault == "answer" else answer

    def deliver(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer | None:
        """Let the server answer; `None` if it died over it."""
        self.carried += 1
        self.ear.asked(user, device, asked)
        try:
            answer = self.server.call(user, device, asked)
        except Crash:
            self.server.start()
            return None
        self.ear.served(user, device, asked, answer)
        return answer

    def arrive(self, which: int) -> None:
        """A request that was sent long ago arrives; whoever sent it does not wait any more."""
        if self.late:
            self.deliver(*self.late.pop(which % len(self.late)))
