"""tus 1.0 over HTTP: headers, statuses and words of every answer."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.evidence.desk import checksum, metadata, sha256
from tests.evidence.pictures import photo, png_that_says
from tests.house import Client, House
from tests.people import HE_GUILAN, TANG_ZHIQIANG

PHOTO = photo(3, size=(1200, 900))
URL = "/api/v1/blobs/tus"
PART = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class Uploader:
    """Somebody who speaks tus by hand."""

    def __init__(self, client: Client) -> None:
        self.client, self.http = client, client.http

    def create(self, data: bytes, mime: str = "image/jpeg", **headers: str) -> TestResponse:
        announced = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(sha256(data), mime)}
        return self.http.post(
            URL, headers={**self.client.headers, "Tus-Resumable": "1.0.0", **announced, **headers}
        )

    def begin(self, data: bytes, mime: str = "image/jpeg") -> str:
        answer = self.create(data, mime)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def patch(self, url: str, data: bytes, offset: int, **headers: str) -> TestResponse:
        return self.http.patch(
            url, data=data, headers={**self.client.headers, **PART, "Upload-Offset": str(offset), **headers}
        )

    def head(self, url: str) -> TestResponse:
        return self.http.head(url, headers={**self.client.headers, "Tus-Resumable": "1.0.0"})

    def send(self, data: bytes, mime: str = "image/jpeg") -> TestResponse:
        return self.patch(self.begin(data, mime), data, 0)


@pytest.fixture
def lead(house: House) -> Uploader:
    return Uploader(Client(house, HE_GUILAN).sign_in())


def problem(answer: TestResponse) -> tuple[int, str]:
    body: dict[str, Any] = answer.json  # type: ignore[assignment]
    assert body["message"]
    assert body["message_en"]
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return answer.status_code, body["code"]


def test_options_announce_what_the_server_can_do(house: House) -> None:
    answer = house.app.test_client().options(URL)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer.headers["Tus-Max-Size"] == str(15 * 1024 * 1024)


def test_create_send_and_look(lead: Uploader) -> None:
    created = lead.create(PHOTO)
    url = created.headers["Location"]
    assert (created.status_code, created.data, url.startswith(f"{URL}/")) == (201, b"", True)
    assert "GMT" in created.headers["Upload-Expires"]
    before = lead.head(url)
    assert (before.status_code, before.headers["Upload-Offset"]) == (200, "0")
    assert before.headers["Upload-Length"] == str(len(PHOTO))
    assert before.headers["Upload-Metadata"] == metadata(sha256(PHOTO), "image/jpeg")
    assert before.headers["Cache-Control"] == "no-store"
    sent = lead.patch(url, PHOTO[:1000], 0)
    assert (sent.status_code, sent.data, sent.headers["Upload-Offset"]) == (204, b"", "1000")
    assert lead.patch(url, PHOTO[1000:], 1000).headers["Upload-Offset"] == str(len(PHOTO))
    assert lead.head(url).headers["Upload-Offset"] == str(len(PHOTO))
    assert lead.client.post("/blobs/have", json={"sha256": [sha256(PHOTO)]}).json == {"held": [sha256(PHOTO)]}


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0"])
@pytest.mark.embedded
def test_another_version_is_refused_before_anything_else(lead: Uploader, version: str | None) -> None:
    headers = {} if version is None else {"Tus-Resumable": version}
    for method in ("POST", "HEAD", "PATCH", "DELETE"):
        answer = lead.http.open(URL if method == "POST" else f"{URL}/x", method=method, headers=headers)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0"), method


def test_without_a_session_nothing_can_be_sent(house: House) -> None:
    http = house.app.test_client()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "5",
        "Upload-Metadata": metadata("0" * 64, "image/jpeg"),
    }
    assert problem(http.post(URL, headers=headers)) == (401, "signed_out")
    for method in ("HEAD", "PATCH", "DELETE"):
        assert http.open(f"{URL}/x", method=method, headers={**headers, **PART}).status_code == 401


def test_a_wrong_offset_is_a_conflict_that_says_the_right_one(lead: Uploader) -> None:
    url = lead.begin(PHOTO)
    answer = lead.patch(url, PHOTO, 10)
    assert problem(answer) == (409, "upload_offset")
    assert answer.get_json()["detail"] == {"offset": 0}


def test_a_wrong_checksum_is_460(lead: Uploader) -> None:
    url = lead.begin(PHOTO)
    answer = lead.patch(url, PHOTO, 0, **{"Upload-Checksum": checksum(b"something else", "sha1")})
    assert problem(answer) == (460, "upload_checksum")
    assert lead.head(url).headers["Upload-Offset"] == "0"
    assert lead.patch(url, PHOTO, 0, **{"Upload-Checksum": checksum(PHOTO, "sha1")}).status_code == 204


def test_another_content_type_is_415(lead: Uploader) -> None:
    answer = lead.patch(lead.begin(PHOTO), PHOTO, 0, **{"Content-Type": "image/jpeg"})
    assert problem(answer) == (415, "upload_type")


def test_a_length_over_the_limit_is_413_with_the_limit(lead: Uploader) -> None:
    answer = lead.create(b"", **{"Upload-Length": str(15 * 1024 * 1024 + 1)})
    assert problem(answer) == (413, "blob_too_large")
    assert answer.get_json()["detail"]["allowed"] == 15 * 1024 * 1024


def test_more_bytes_than_announced_are_413(lead: Uploader) -> None:
    url = lead.begin(PHOTO)
    assert problem(lead.patch(url, PHOTO + b"more", 0)) == (413, "blob_too_large")
    assert lead.head(url).headers["Upload-Offset"] == "0"


def test_others_do_not_see_an_upload(lead: Uploader, house: House) -> None:
    url = lead.begin(PHOTO)
    other = Uploader(Client(house, TANG_ZHIQIANG).sign_in())
    assert other.head(url).status_code == 404
    assert problem(other.patch(url, PHOTO, 0)) == (404, "not_found")
    deleted = other.http.delete(url, headers={**other.client.headers, "Tus-Resumable": "1.0.0"})
    assert problem(deleted) == (404, "not_found")
    assert lead.head(url).headers["Upload-Offset"] == "0"


def test_an_upload_that_was_ended_is_gone(lead: Uploader) -> None:
    url = lead.begin(PHOTO)
    deleted = lead.http.delete(url, headers={**lead.client.headers, "Tus-Resumable": "1.0.0"})
    assert (deleted.status_code, deleted.headers["Tus-Resumable"]) == (204, "1.0.0")
    assert lead.head(url).status_code == 410
    assert problem(lead.patch(url, PHOTO, 0)) == (410, "upload_expired")


def test_a_client_that_can_only_post_says_what_it_means(lead: Uploader) -> None:
    url = lead.begin(PHOTO)

    def post(method: str, **more: Any) -> TestResponse:
        headers = {**lead.client.headers, **PART, "X-HTTP-Method-Override": method, "Upload-Offset": "0"}
        return lead.http.post(url, headers=headers, **more)

    assert post("PATCH", data=PHOTO[:100]).headers["Upload-Offset"] == "100"
    assert post("HEAD").headers["Upload-Offset"] == "100"
    assert post("DELETE").status_code == 204
    assert post("PUT").status_code == 405


def test_bytes_that_are_not_the_announced_ones_are_dropped(lead: Uploader) -> None:
    other = photo(4, size=(1200, 900))
    url = lead.begin(PHOTO)
    wrong = other[: len(PHOTO)].ljust(len(PHOTO), b"x")
    answer = lead.patch(url, wrong, 0)
    assert problem(answer) == (422, "blob_mismatch")
    assert lead.head(url).status_code == 410
    assert lead.send(PHOTO).status_code == 204, "nothing is held against the announced hash"


REFUSED = {
    "text named jpg": ("这不是照片。".encode() * 50, "image/jpeg", "not_an_image"),
    "a png said to be a jpeg": (photo(kind="PNG"), "image/jpeg", "wrong_kind"),
    "a bomb": (png_that_says(8_000, 8_000), "image/png", "too_many_pixels"),
    "cut off": (PHOTO[: len(PHOTO) // 2], "image/jpeg", "broken"),
}


@pytest.mark.parametrize("data, mime, reason", REFUSED.values(), ids=REFUSED)
def test_what_is_no_photo_is_refused_and_refused_again_at_once(
    lead: Uploader, house: House, data: bytes, mime: str, reason: str
) -> None:
    answer = lead.send(data, mime)
    assert problem(answer) == (422, "blob_refused")
    detail = answer.get_json()["detail"]
    assert (detail["reason"], bool(detail["message"]), bool(detail["message_en"])) == (reason, True, True)
    again = lead.create(data, mime)
    assert problem(again) == (422, "blob_refused"), "before a byte is sent"
    assert again.get_json()["detail"]["reason"] == reason
    other = Uploader(Client(house, TANG_ZHIQIANG).sign_in())
    assert other.create(data, mime).status_code == 201, "who never sent them learns nothing from a hash"
    assert problem(other.send(data, mime)) == (422, "blob_refused")
    assert lead.client.post("/blobs/have", json={"sha256": [sha256(data)]}).json == {"held": []}
    assert lead.client.get(f"/blobs/{sha256(data)}").status_code == 404


def test_a_refusal_of_one_kind_does_not_stand_in_the_way_of_the_right_one(lead: Uploader) -> None:
    png = photo(9, kind="PNG")
    assert lead.send(png, "image/jpeg").status_code == 422
    assert lead.send(png, "image/png").status_code == 204
    assert lead.create(png, "image/jpeg").status_code == 422
    assert lead.client.post("/blobs/have", json={"sha256": [sha256(png)]}).json == {"held": [sha256(png)]}


@pytest.mark.parametrize("kind, mime", [("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/heic")])
@pytest.mark.embedded
def test_the_other_kinds_are_taken_in_too(lead: Uploader, kind: str, mime: str) -> None:
    data = photo(kind=kind)
    assert lead.send(data, mime).status_code == 204
    with lead.client.get(f"/blobs/{sha256(data)}") as got:
        assert (got.data, got.mimetype) == (data, mime)


@pytest.mark.parametrize("value", ["", "sha256", "sha256 !!,mime aW1hZ2UvcG5n", "mime aW1hZ2UvcG5n"])
@pytest.mark.embedded
def test_metadata_must_name_hash_and_kind(lead: Uploader, value: str) -> None:
    assert problem(lead.create(PHOTO, **{"Upload-Metadata": value})) == (400, "upload_metadata")


def test_the_hash_may_stand_among_other_metadata(lead: Uploader) -> None:
    name = base64.b64encode("照片.jpg".encode()).decode()
    both = f"filename {name},{metadata(sha256(PHOTO), 'image/jpeg')},is_confidential"
    created = lead.create(PHOTO, **{"Upload-Metadata": both})
    assert created.status_code == 201
    assert lead.head(created.headers["Location"]).headers["Upload-Metadata"] == both


def test_a_revoked_device_may_still_hand_in_its_photos(house: House, lead: Uploader) -> None:
    house.services.devices.set_state(HE_GUILAN.tablet, "revoked")  # type: ignore[attr-defined]
    assert lead.send(PHOTO).status_code == 204
    assert lead.client.post("/blobs/have", json={"sha256": [sha256(PHOTO)]}).json == {"held": [sha256(PHOTO)]}
    assert lead.client.get(f"/blobs/{sha256(PHOTO)}").status_code == 403


def test_an_upload_never_waits_for_a_push(house: House, lead: Uploader) -> None:
    """Only taking a whole photo in needs the database's writer; its bytes do not."""
    with house.database.write():
        url = lead.begin(PHOTO)
        assert lead.patch(url, PHOTO[:5000], 0).status_code == 204
        assert lead.head(url).headers["Upload-Offset"] == "5000"
    assert lead.patch(url, PHOTO[5000:], 5000).status_code == 204
