"""Photos as tablets send them: 1,600 pixels wide, about a quarter of a megabyte, by resumable upload."""

from __future__ import annotations

import base64
import hashlib
import time
from http.client import HTTPConnection
from io import BytesIO

from PIL import Image

from tests.remote import TUS

WIDTH, HEIGHT, QUALITY = 1600, 1200, 48


def send_photos(port: int, token: str, count: int) -> tuple[float, int]:
    """Send so many different photos, one after the other: seconds in all, bytes in all."""
    made = [photo(seed) for seed in range(count)]
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    for data in made:
        _send(connection, token, data)
    return time.perf_counter() - begun, sum(map(len, made))


def photo(seed: int) -> bytes:
    """Noise over a gradient: about as hard to compress as a wall with a stain."""
    grain = Image.effect_noise((WIDTH // 2, HEIGHT // 2), 38 + seed % 7).resize((WIDTH, HEIGHT))
    image = Image.merge("RGB", (grain, Image.linear_gradient("L").resize((WIDTH, HEIGHT)), grain))
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _send(connection: HTTPConnection, token: str, data: bytes) -> None:
    pairs = {"sha256": hashlib.sha256(data).hexdigest(), "mime": "image/jpeg"}
    named = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = {**TUS, "Authorization": f"Bearer {token}"}
    new = {**headers, "Upload-Length": str(len(data)), "Upload-Metadata": named}
    path = _ask(connection, "POST", "/api/v1/blobs/tus", b"", new, 201)
    part = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    _ask(connection, "PATCH", path, data, part, 204)


def _ask(
    connection: HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> str:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != status:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
    return answer.getheader("Location", "")
