"""A wire to the server that is cut again and again in the middle of a photo, and counts what passes."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from tests.browser.wire import PIECE, length_of, pump, read_head

IN_FLIGHT = 1_400
"""Bytes that a cut swallows where it takes something with it: what one packet carries."""
_HARD = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


@dataclass
class Cutter:
    """Listens on a port of its own and passes every connection on to ``port``, with ``headers`` added.

    ``cuts``: offsets of the photo at which the connection dies, each once, in one of the `WAYS` in turn;
    their names are noted in ``made``. ``taken``: bytes of photos that came in from the client.
    """

    port: int
    cuts: Sequence[int]
    headers: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = list(self.cuts)
        self._ways = itertools.cycle(WAYS.items())
        self._hanging: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and let go of those that hang."""
        self._door.close()
        for hanging in self._hanging:
            hanging.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.port))
        with client, suppress(OSError):
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            self._upwards(client, server)
        if server not in self._hanging:
            server.close()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        added = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()).encode()
        with client.makefile("rb") as reader:
            while head := read_head(reader):
                line, _, rest = head.partition(b"\r\n")
                server.sendall(line + b"\r\n" + added + rest)
                if not self._body(reader, head, client, server):
                    return

    def _body(self, reader: BinaryIO, head: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Pass a body on; ``False``: the connection was cut in it."""
        left, photo = length_of(head), head.startswith(b"PATCH ")
        at = length_of(head, b"upload-offset")
        while left > 0:
            until = min(left, PIECE, self._left[0] - at if photo and self._left else PIECE)
            piece = reader.read1(until)  # type: ignore[attr-defined]
            if not piece:
                return True
            left, at = left - len(piece), at + len(piece)
            server.sendall(piece)
            if photo:
                self.taken += len(piece)
                if self._left and at == self._left[0]:
                    self._cut(reader, client, server)
                    return False
        return True

    def _cut(self, reader: BinaryIO, client: socket.socket, server: socket.socket) -> None:
        del self._left[0]
        name, way = next(self._ways)
        self.made.append(name)
        way(self, reader, client, server)

    def reset(self, reader: BinaryIO, client: socket.socket, server: socket.socket) -> None:
        """Both ends are told hard, as by a router that forgot the connection."""
        for end in (client, server):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
        server.close()

    def end(self, reader: BinaryIO, client: socket.socket, server: socket.socket) -> None:
        """Both ends are told that the other has closed."""
        server.shutdown(socket.SHUT_WR)

    def hang(self, reader: BinaryIO, client: socket.socket, server: socket.socket) -> None:
        """The server is told nothing and waits on for the rest."""
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
        self._hanging.append(server)

    def swallow(self, reader: BinaryIO, client: socket.socket, server: socket.socket) -> None:
        """What was on its way is lost with the connection."""
        self.taken += len(reader.read1(IN_FLIGHT))  # type: ignore[attr-defined]
        self.reset(reader, client, server)


WAYS: dict[str, Callable[[Cutter, BinaryIO, socket.socket, socket.socket], None]] = {
    "reset": Cutter.reset, "end": Cutter.end, "hang": Cutter.hang, "swallow": Cutter.swallow,
}  # fmt: skip
