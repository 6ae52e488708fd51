"""tus against the served product, with the clients that people use and with connections that break.

The answers of a test client say nothing about a body that ends too early, a socket that hangs or a server
that is killed; these do.
"""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader.uploader import Uploader

from tests.browser.house import ROOT
from tests.browser.house import House as Served
from tests.evidence.desk import metadata, sha256
from tests.evidence.pictures import photo
from tests.house import House

PHOTO = photo(1, size=(2400, 1800), quality=95)
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("served") / "data"
    House(data).close()
    house = Served(data, environment={"ROUNDS_DEMO": "0"}).start()
    yield house
    house.kill()


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    return str(served.client("t07").http.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def begin(served: Served, token: str) -> Callable[[bytes], str]:
    """Creates an upload by hand; its address."""

    def go(data: bytes) -> str:
        answer = requests.post(endpoint(served), timeout=10, headers={
            **TUS, "Authorization": f"Bearer {token}", "Upload-Length": str(len(data)),
            "Upload-Metadata": metadata(sha256(data), "image/jpeg"),
        })  # fmt: skip
        assert answer.status_code == 201, answer.text
        return served.address + answer.headers["Location"]

    return go


def endpoint(served: Served) -> str:
    return f"{served.address}/api/v1/blobs/tus"


def uploader(served: Served, token: str, data: bytes, **options: object) -> Uploader:
    client = TusClient(endpoint(served), headers={"Authorization": f"Bearer {token}"})
    return client.uploader(
        file_stream=BytesIO(data), metadata={"sha256": sha256(data), "mime": "image/jpeg"}, **options
    )


def fetched(served: Served, token: str, data: bytes) -> str:
    """The hash of what the server gives back."""
    answer = requests.get(
        f"{served.address}/api/v1/blobs/{sha256(data)}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    return (
        hashlib.sha256(answer.content).hexdigest() if answer.status_code == 200 else str(answer.status_code)
    )


def offset(url: str, token: str) -> int:
    answer = requests.head(url, headers={**TUS, "Authorization": f"Bearer {token}"}, timeout=10)
    return int(answer.headers["Upload-Offset"])


def eventually(reach: Callable[[], object], wanted: object, seconds: float = 5) -> object:
    """What ``reach`` says once it says ``wanted``, or at last."""
    deadline = time.monotonic() + seconds
    while (seen := reach()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def patch_by_hand(
    served: Served, url: str, token: str, start: int, length: int, data: bytes
) -> socket.socket:
    """A connection that announces ``length`` bytes and sends only ``data`` of them."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=10)
    head = (
        f"PATCH {url.removeprefix(served.address)} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
        f"Authorization: Bearer {token}\r\nUpload-Offset: {start}\r\nContent-Length: {length}\r\n"
        "Content-Type: application/offset+octet-stream\r\n\r\n"
    )
    connection.sendall(head.encode() + data)
    return connection


@pytest.mark.parametrize("checked", [False, True])
def test_tuspy_uploads_in_parts(served: Served, token: str, checked: bool) -> None:
    data = photo(20 + checked, size=(1600, 1200))
    uploader(served, token, data, chunk_size=7_000, upload_checksum=checked).upload()
    assert fetched(served, token, data) == sha256(data)


def test_tuspy_goes_on_after_the_server_was_killed(served: Served, token: str) -> None:
    first = uploader(served, token, PHOTO, chunk_size=50_000)
    for _ in range(3):
        first.upload_chunk()
    assert first.offset == 150_000
    served.kill()
    with pytest.raises(TusCommunicationError):
        uploader(served, token, PHOTO, chunk_size=50_000).upload()
    served.start()
    again = uploader(served, token, PHOTO, chunk_size=50_000, url=first.url)
    assert again.offset == 150_000, "as the server says"
    again.upload()
    assert fetched(served, token, PHOTO) == sha256(PHOTO)


def test_eight_tablets_upload_at_once(served: Served, token: str) -> None:
    photos = [photo(number, size=(1000, 750)) for number in range(40, 48)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: uploader(served, token, data, chunk_size=9_000).upload(), photos))
    assert [fetched(served, token, data) for data in photos] == [sha256(data) for data in photos]


def test_a_body_that_is_torn_keeps_what_arrived(
    served: Served, token: str, begin: Callable[[bytes], str]
) -> None:
    data = photo(50, size=(2400, 1800), quality=95)
    url = begin(data)
    patch_by_hand(served, url, token, 0, len(data), data[:100_001]).close()
    assert eventually(lambda: offset(url, token), 100_001) == 100_001
    uploader(served, token, data, url=url).upload()
    assert fetched(served, token, data) == sha256(data)


def test_a_connection_that_hangs_does_not_keep_its_successor_out(
    served: Served, token: str, begin: Callable[[bytes], str]
) -> None:
    """The tablet's network is gone, the server's end still waits; the tablet tries again."""
    data = photo(51, size=(2400, 1800), quality=95)
    url = begin(data)
    with patch_by_hand(served, url, token, 0, len(data), data[: 6 * 16_384]) as hanging:
        reached = eventually(lambda: offset(url, token), 6 * 16_384)
        assert reached == 6 * 16_384
        uploader(served, token, data, url=url).upload()
        hanging.sendall(data[6 * 16_384 :])
        answer = hanging.recv(4096)
    assert answer.startswith(b"HTTP/1.1 409"), answer[:200]
    assert fetched(served, token, data) == sha256(data)


def test_a_chunked_body_is_taken_in(served: Served, token: str, begin: Callable[[bytes], str]) -> None:
    data = photo(52)
    url = begin(data)
    pieces = (data[at : at + 1000] for at in range(0, len(data), 1000))
    answer = requests.patch(url, data=pieces, timeout=10, headers={
        **TUS, "Authorization": f"Bearer {token}", "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    })  # fmt: skip
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    assert fetched(served, token, data) == sha256(data)


@pytest.mark.parametrize("break_at", [0, 60_000])
def test_tus_js_client_uploads_and_resumes(served: Served, token: str, tmp_path: Path, break_at: int) -> None:
    data = photo(60 + break_at, size=(1600, 1200), quality=95)
    assert len(data) > 80_000
    result = js_upload(served, token, tmp_path, data, break_at)
    assert result["done"] is True, result
    if break_at:
        assert result["first"]["accepted"] >= break_at
    assert fetched(served, token, data) == sha256(data)


def test_tus_js_client_gets_a_refusal_with_its_reason(served: Served, token: str, tmp_path: Path) -> None:
    out = BytesIO()
    Image.new("RGB", (50, 50), "red").save(out, "PNG")
    result = js_upload(served, token, tmp_path, out.getvalue(), 0)
    assert (result["done"], result["status"]) == (False, 422)
    assert json.loads(str(result["body"]))["detail"]["reason"] == "wrong_kind"


def js_upload(served: Served, token: str, folder: Path, data: bytes, break_at: int) -> dict[str, Any]:
    """Upload with the library that the device uses, in Node."""
    path = folder / "photo.jpg"
    path.write_bytes(data)
    run = subprocess.run(
        [ROOT / ".venv/bin/node", Path(__file__).with_name("tus_client.mjs"), ROOT / "pwa", endpoint(served),
         token, path, sha256(data), "20000", str(break_at)],
        capture_output=True, timeout=60, check=False, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    return result
