"""A wire between tablet and house that counts the bytes of photos, and can be cut in the middle of one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from tests.browser.house import House

PIECE = 16 * 1024


class Wire:
    """Listens on a port of its own and passes every connection on to ``house``.

    ``photo_bytes``: bytes of PATCH bodies that have passed. ``cut(after, then)``: once so many have passed,
    ``then`` is called, the connection dies within its request, and no other gets through until `mend`.
    """

    def __init__(self, house: House) -> None:
        self.house, self.photo_bytes = house, 0
        self._left: int | None = None
        self._whole = True
        self._then: Callable[[], None] = lambda: None
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after: int, then: Callable[[], None]) -> None:
        self._left, self._then = after, then

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.house.port)) as server:
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            self._upwards(client, server)

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        """Request by request, since only the bodies of PATCH are photos."""
        with client.makefile("rb") as reader:
            while (head := read_head(reader)) and self._whole:
                server.sendall(head)
                if b"\r\nupgrade:" in head.lower():
                    while piece := reader.read1(PIECE):
                        server.sendall(piece)
                left = length_of(head)
                while left > 0 and (piece := reader.read1(min(left, PIECE))):
                    left -= len(piece)
                    if head.startswith(b"PATCH ") and not self._passes(len(piece)):
                        return
                    server.sendall(piece)

    def _passes(self, count: int) -> bool:
        if self._left is not None:
            self._left -= count
            if self._left < 0:
                self._left, self._whole = None, False
                self._then()
                return False
        self.photo_bytes += count
        return True


def read_head(reader: BinaryIO) -> bytes:
    """Request line and headers with the empty line behind them; nothing at the end of the connection."""
    lines = []
    while (line := reader.readline()) not in (b"\r\n", b""):
        lines.append(line)
    return b"".join(lines) + b"\r\n" if lines else b""


def length_of(head: bytes, header: bytes = b"content-length") -> int:
    """A header that is a number; 0 without it."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == header:
            return int(value)
    return 0


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes, until one of the two ends."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
