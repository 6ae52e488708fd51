"""tus 1.0 with clients that others wrote, tus-js-client and tuspy, in every plight that the protocol knows.

Parallel means several uploads at once, and two clients at one upload; concatenation is not among what our
server offers.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from tusclient.exceptions import TusCommunicationError
from tusclient.request import TusRequest

from server.clock import Clock
from server.config import ROOT
from tests.api.test_tus_served import TUS, endpoint, fetched, uploader
from tests.browser.house import House as Served
from tests.evidence.desk import metadata, sha256
from tests.evidence.pictures import photo
from tests.house import House

SIZE = (1600, 1200)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("foreign") / "data"
    House(data).close()
    house = Served(data, environment={"ROUNDS_DEMO": "0", "ROUNDS_DEVICE_LIMIT": ""}).start()
    yield house
    house.kill()


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    return str(served.client("t07").http.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def data(request: pytest.FixtureRequest) -> bytes:
    """A photo that no other test sends."""
    return photo(sum(request.node.name.encode()), size=SIZE, quality=95)


def in_eight_days(served: Served) -> None:
    """The server goes on after the life of an upload."""
    later = Clock()
    later.shift = timedelta(days=8)
    served.kill()
    served.environment["ROUNDS_NOW"] = later.text()
    served.start()


def today(served: Served) -> None:
    served.kill()
    del served.environment["ROUNDS_NOW"]
    served.start()


def begun(served: Served, token: str, data: bytes) -> str:
    """The address of an upload that has not begun."""
    announced = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(sha256(data), "image/jpeg")}
    answer = requests.post(
        endpoint(served), headers={**TUS, "Authorization": f"Bearer {token}", **announced}, timeout=10
    )
    return served.address + answer.headers["Location"]


# tuspy -----------------------------------------------------------------------------------------------------


def test_tuspy_with_a_wrong_offset(served: Served, token: str, data: bytes) -> None:
    one = uploader(served, token, data, chunk_size=9_000)
    one.upload_chunk()
    one.offset = 4_000
    with pytest.raises(TusCommunicationError) as refused:
        one.upload_chunk()
    assert refused.value.status_code == 409
    assert one.get_offset() == 9_000
    one.offset = one.get_offset()
    one.upload()
    assert fetched(served, token, data) == sha256(data)


def test_tuspy_with_a_bad_checksum(
    served: Served, token: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = uploader(served, token, data, chunk_size=9_000, upload_checksum=True)
    right = TusRequest.add_checksum
    with monkeypatch.context() as broken:
        broken.setattr(TusRequest, "add_checksum", lambda self, chunk: right(self, b"something else"))
        with pytest.raises(TusCommunicationError) as refused:
            one.upload_chunk()
    assert refused.value.status_code == 460
    assert one.get_offset() == 0, "nothing of the part was kept"
    one.upload()
    assert fetched(served, token, data) == sha256(data)


def test_tuspy_with_an_upload_that_was_ended(served: Served, token: str, data: bytes) -> None:
    one = uploader(served, token, data, chunk_size=9_000)
    one.upload_chunk()
    ended = requests.delete(str(one.url), headers={**TUS, "Authorization": f"Bearer {token}"}, timeout=10)
    assert ended.status_code == 204
    with pytest.raises(TusCommunicationError) as gone:
        one.upload_chunk()
    assert gone.value.status_code == 410
    uploader(served, token, data).upload()
    assert fetched(served, token, data) == sha256(data)


def test_two_tuspys_at_one_upload(served: Served, token: str, data: bytes) -> None:
    url = begun(served, token, data)
    both = [
        uploader(served, token, data, chunk_size=5_000, url=url, retries=200, retry_delay=0.01)
        for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.upload(), both))
    assert fetched(served, token, data) == sha256(data)


def test_both_clients_find_that_an_upload_expired(
    served: Served, token: str, data: bytes, tmp_path: Path
) -> None:
    one = uploader(served, token, data, chunk_size=9_000)
    one.upload_chunk()
    in_eight_days(served)
    try:
        with pytest.raises(TusCommunicationError) as gone:
            one.get_offset()
        assert gone.value.status_code == 410
        said = js(served, token, tmp_path, data, "plain", str(one.url))
        assert said["done"] is True
        assert said["statuses"][:2] == ["HEAD 410", "POST 201"], "it begins anew"
        assert fetched(served, token, data) == sha256(data)
    finally:
        today(served)


# tus-js-client ---------------------------------------------------------------------------------------------


def node(served: Served, token: str, folder: Path, data: bytes, plight: str, url: str = "") -> Any:
    """The client, started."""
    path = folder / "photo.jpg"
    path.write_bytes(data)
    return subprocess.Popen(
        [ROOT / ".venv/bin/node", Path(__file__).with_name("foreign_client.mjs"), ROOT / "pwa",
         endpoint(served), token, path, sha256(data), plight, url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def js(served: Served, token: str, folder: Path, data: bytes, plight: str, url: str = "") -> dict[str, Any]:
    """What the client said in the end."""
    process = node(served, token, folder, data, plight, url)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    said: dict[str, Any] = json.loads(out.splitlines()[-1])
    return said


@pytest.mark.parametrize(
    ("plight", "met"),
    [("wrong offset", "PATCH 409"), ("bad checksum", "PATCH 460"), ("terminated", "HEAD 410")],
)
def test_tus_js_client_in_a_plight(
    served: Served, token: str, data: bytes, tmp_path: Path, plight: str, met: str
) -> None:
    said = js(served, token, tmp_path, data, plight)
    assert met in said["statuses"], said
    assert said["done"] is True, said
    assert fetched(served, token, data) == sha256(data)


def test_two_tus_js_clients_at_one_upload(served: Served, token: str, data: bytes, tmp_path: Path) -> None:
    said = js(served, token, tmp_path, data, "two at once", begun(served, token, data))
    assert said["done"] is True, said
    assert fetched(served, token, data) == sha256(data)


def test_tus_js_client_goes_on_by_itself_when_the_server_was_killed(
    served: Served, token: str, tmp_path: Path
) -> None:
    data = photo(9, size=(4000, 3000), quality=97)
    process = node(served, token, tmp_path, data, "plain")
    assert process.stdout.readline().startswith("sent ")
    served.kill()
    served.start()
    out, err = process.communicate(timeout=90)
    said = json.loads(out.splitlines()[-1])
    assert said["done"] is True, (said, err)
    assert said["statuses"].count("POST 201") == 1, "the same upload"
    assert "HEAD 200" in said["statuses"], "asked how far it got"
    assert fetched(served, token, data) == sha256(data)


def test_both_clients_at_once_each_with_its_photo(served: Served, token: str, tmp_path: Path) -> None:
    photos = [photo(200 + number, size=SIZE) for number in range(4)]
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    running = [
        node(served, token, folder, one, "plain") for folder, one in zip(folders[:2], photos[:2], strict=True)
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: uploader(served, token, one, chunk_size=9_000).upload(), photos[2:]))
    for process in running:
        assert process.wait(60) == 0
        process.communicate()
    found = [fetched(served, token, one) for one in photos]
    assert found == [sha256(one) for one in photos]
