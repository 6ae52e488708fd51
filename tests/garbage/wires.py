"""Ways in which the body of a push comes over the wire, right and wrong."""

from __future__ import annotations

import gzip
import random
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

BROKEN = 0
"""In place of a status: the server closed the connection without an answer."""


@dataclass(frozen=True)
class Wire:
    """``wrap`` makes headers and body of what is to be sent. ``whole``: the server can still read all of it.

    ``patient``: the server waits for the rest until we hang up.
    """

    name: str
    wrap: Callable[[bytes, random.Random], tuple[dict[str, str], bytes]]
    whole: bool = True
    patient: bool = False


def _plain(body: bytes, draw: random.Random) -> tuple[dict[str, str], bytes]:
    return {"Content-Length": str(len(body))}, body


def _encoded(name: str, encode: Callable[[bytes], bytes]) -> Wire:
    def wrap(body: bytes, draw: random.Random) -> tuple[dict[str, str], bytes]:
        packed = encode(body)
        return {"Content-Length": str(len(packed)), "Content-Encoding": name.split()[0]}, packed

    return Wire(name, wrap, whole=name == "gzip")


def _chunks(body: bytes, draw: random.Random) -> bytes:
    """In up to a few dozen pieces of different sizes, without the last, empty one."""
    cuts = sorted({0, len(body), *(draw.randrange(len(body) + 1) for _ in range(draw.choice((0, 1, 30))))})
    pieces = (body[start:end] for start, end in pairwise(cuts))
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)


def _chunked(name: str, spoil: Callable[[bytes], bytes], whole: bool = False, patient: bool = False) -> Wire:
    def wrap(body: bytes, draw: random.Random) -> tuple[dict[str, str], bytes]:
        return {"Transfer-Encoding": "chunked"}, spoil(_chunks(body, draw) + b"0\r\n\r\n")

    return Wire(name, wrap, whole, patient)


def _length(name: str, length: Callable[[int], str], patient: bool = False) -> Wire:
    return Wire(name, lambda body, draw: ({"Content-Length": length(len(body))}, body), False, patient)


@cache
def bomb(layers: int = 1) -> bytes:
    """Less than 1 MB that unfolds to 900 MB, or to something that does."""
    packed = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    piece = b"[" * 1_000_000
    out = b"".join(packed.compress(piece) for _ in range(900)) + packed.flush()
    return out if layers == 1 else gzip.compress(out)


PLAIN = Wire("plain", _plain)
WIRES = (
    _encoded("gzip", gzip.compress),
    _encoded("gzip cut", lambda body: gzip.compress(body)[:-5]),
    _encoded("gzip spoilt", lambda body: gzip.compress(body)[:20] + b"xx" + gzip.compress(body)[22:]),
    _encoded("gzip with more behind it", lambda body: gzip.compress(body) + b"more"),
    _encoded("gzip twice over", lambda body: gzip.compress(gzip.compress(body))),
    _encoded("gzip of two", lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:])),
    _encoded("gzip bomb", lambda body: bomb()),
    _encoded("gzip bomb in gzip", lambda body: bomb(2)),
    _encoded("deflate", zlib.compress),
    _encoded("br", lambda body: body),
    _encoded("gzip,gzip", lambda body: gzip.compress(gzip.compress(body))),
    _encoded("x" * 2_000, lambda body: body),
    _encoded("too-long", lambda body: b" " * (1024 * 1024 - len(body) + 1) + body),
    _chunked("chunked", lambda body: body, whole=True),
    _chunked("chunked without its end", lambda body: body[:-5], patient=True),
    _chunked("chunked with a size that is none", lambda body: b"zz\r\n" + body),
    _chunked("chunked with a size below zero", lambda body: b"-5\r\n" + body),
    _chunked("chunked with a huge size", lambda body: b"ffffffffffffffff\r\n" + body, patient=True),
    _chunked("chunked with bytes between", lambda body: body.replace(b"\r\n", b"\r\nxx", 2)),
    _length("a length that is too long", lambda length: str(length + 100), patient=True),
    _length("a length that is too short", lambda length: str(max(0, length - 100))),
    _length("a length that is none", lambda length: "x"),
    _length("a length below zero", lambda length: "-1"),
    _length("a length beyond counting", lambda length: "9" * 30),
    Wire("no length", lambda body, draw: ({}, body), False),
    Wire("both ways of length", lambda body, draw: (
        {"Content-Length": str(len(body)), "Transfer-Encoding": "chunked"}, _chunks(body, draw) + b"0\r\n\r\n"
    ), False),
)  # fmt: skip


def send(port: int, path: str, headers: dict[str, str], body: bytes, patient: bool) -> tuple[int, bytes]:
    """Send as it is over a connection of its own; status and body of the first answer, or `BROKEN`."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(head.encode() + body)
            if patient:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                said += piece
        except ConnectionError:
            pass  # it had answered or closed before it read everything
    status, _, rest = said.partition(b"\r\n")
    answer = rest.partition(b"\r\n\r\n")[2]
    return (int(status.split()[1]), answer) if status else (BROKEN, b"")
