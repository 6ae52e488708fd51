"""A wire between one tablet and the server that loses, cuts, repeats and delays what it carries.

It reads HTTP/1.1 request by request, so that a fault can fall before the server got anything, in the middle
of a body, after the server's answer, or in the middle of that. What happens to the next request is drawn from
the wire's own generator: the same seed gives the same weather, though not the same moments.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

FAULTS = (
    "drop", "cut up", "lose", "cut down", "twice", "later", "delay", "slow", "gateway", "portal", "busy",
    "flip",
)  # fmt: skip
"""``drop``: the server never hears of it. ``cut up``: it gets a part of the body. ``lose``: it does the work
and nobody hears the answer. ``cut down``: a part of the answer arrives. ``twice``: it gets the request two
times at once. ``later``: once more, when others have come between. ``gateway``, ``portal``, ``busy``:
somebody else answers. ``flip``: a bit of a photo is turned on its way."""
PIECE = 4096
_PORTAL = b"<html><body>Welcome to the guest network</body></html>"
_LONGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One request or answer: its head up to the empty line, and its body."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """Of a request."""
        return self.head.split(b" ", 1)[0].decode()


class Weather:
    """What befalls the requests of one wire. ``rate``: share of them that something befalls."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.rate = 0.0
        self.cut_off = False
        """Nothing gets through at all."""
        self.befell: Counter[str] = Counter()
        self.ordered: list[str] = []
        """What befalls the next requests whatever the weather."""

    def draw(self, request: Message) -> str | None:
        """What befalls this request."""
        if self.cut_off:
            return "drop"
        if self.ordered:
            return self.ordered.pop(0)
        if self.random.random() >= self.rate:
            return None
        fault = self.random.choice(FAULTS)
        if fault == "flip" and request.method != "PATCH":
            return None
        self.befell[fault] += 1
        return fault


class Wire:
    """Listens on a port of its own; carries what comes to ``server_port``."""

    def __init__(self, exchange: Switchboard, server_port: int, seed: str) -> None:
        self.server_port, self.weather = server_port, Weather(seed)
        self._exchange = exchange
        self._server = exchange.do(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST))
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Take it down."""
        self._exchange.loop.call_soon_threadsafe(self._server.close)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            while (request := await _read(reader)) is not None:
                if not await self._carry(request, writer):
                    break
        _cut(writer)

    async def _carry(self, request: Message, back: asyncio.StreamWriter) -> bool:
        """One request; whether the connection lives on."""
        fault, chance = self.weather.draw(request), self.weather.random
        if fault == "drop":
            return False
        if fault == "cut up":
            await self._ask(request, stop=chance.randrange(len(request.body) + 1))
            return False
        if fault in _FOREIGN:
            return await _send(back, _FOREIGN[fault])
        if fault == "flip" and request.body:
            request = Message(request.head, _flipped(request.body, chance.randrange(len(request.body) * 8)))
        if fault == "delay":
            await asyncio.sleep(chance.uniform(0.05, 0.6))
        if fault == "later":
            self._exchange.beside(self._again(request, chance.uniform(0.1, 1.5)))
        if fault == "twice":
            both = await asyncio.gather(self._ask(request), self._ask(request))
            answer = chance.choice(both)
        else:
            answer = await self._ask(request, slow=fault == "slow")
        if answer is None or fault == "lose":
            return False
        if fault == "cut down":
            whole = answer.head + answer.body
            await _send(back, whole[: chance.randrange(len(whole))])
            return False
        return await _send(back, answer.head + answer.body, slow=fault == "slow")

    async def _again(self, request: Message, after: float) -> None:
        await asyncio.sleep(after)
        await self._ask(request)

    async def _ask(self, request: Message, *, stop: int | None = None, slow: bool = False) -> Message | None:
        """The server's answer; ``None`` where it is not there, or got the body only up to ``stop``."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port, limit=_LONGEST)
        except OSError:
            return None
        try:
            await _send(writer, request.head + request.body[:stop], slow=slow)
            return None if stop is not None else await _read(reader, bodiless=request.method == "HEAD")
        except (OSError, EOFError):
            return None
        finally:
            _cut(writer)


class Switchboard:
    """The loop, in a thread of its own, on which all wires run."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Called on the loop: run it beside everything else."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def idle(self) -> None:
        """Wait until nothing that comes later is under way any more."""
        self.do(self._drained())

    def close(self) -> None:
        """Stop it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _drained(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)


async def _read(reader: asyncio.StreamReader, *, bodiless: bool = False) -> Message | None:
    """The next message; ``None`` at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    if bodiless or head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304")):
        return Message(head, b"")
    if _field(head, b"transfer-encoding") == b"chunked":
        return Message(head, await _chunks(reader))
    return Message(head, await reader.readexactly(int(_field(head, b"content-length") or b"0")))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A chunked body as it stands on the wire."""
    whole = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        whole += line + await reader.readexactly(size + 2)
        if size == 0:
            return bytes(whole)


def _field(head: bytes, wanted: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == wanted:
            return value.strip().lower()
    return None


async def _send(writer: asyncio.StreamWriter, data: bytes, *, slow: bool = False) -> bool:
    """Send it all; slowly: in small pieces with pauses, a second in all at most."""
    with suppress(OSError):
        if slow:
            pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(min(0.05, 1 / len(pieces)))
        else:
            writer.write(data)
            await writer.drain()
        return True
    return False


def _flipped(data: bytes, bit: int) -> bytes:
    turned = bytearray(data)
    turned[bit // 8] ^= 1 << (bit % 8)
    return bytes(turned)


def _cut(writer: asyncio.StreamWriter) -> None:
    """As a broken connection: with a reset, not a goodbye."""
    with suppress(OSError):
        raw = writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.close()


def _foreign(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


_FOREIGN = {
    "gateway": _foreign("502 Bad Gateway", b"upstream"),
    "portal": _foreign("200 OK", _PORTAL, "Content-Type: text/html"),
    "busy": _foreign("503 Service Unavailable", b"{}", "Retry-After: 0", "Content-Type: application/json"),
}
