"""Who may have which bytes, and that they are the bytes that were sent (`protocol.md` section 6, I17)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.api.estate import photo_of
from tests.evidence.desk import body, metadata, sha256
from tests.evidence.pictures import photo
from tests.factories import area_check, inspection, new_id, post
from tests.house import Client, House
from tests.people import (
    FORMER_LEAD,
    HE_GUILAN,
    LEAD_AT_XIQIAO,
    QINGYANLI,
    TANG_ZHIQIANG,
    XIQIAO,
    YAO_CHUNYAN,
    ZENG_KE,
    Person,
)

PICTURE = photo(5, size=(1600, 1200))
HASH = sha256(PICTURE)

SignIn = Callable[..., Client]


def send(house: House, person: Person, data: bytes = PICTURE, mime: str = "image/jpeg") -> None:
    """Upload bytes as somebody."""
    tus = house.services.parts["tus"]
    upload = tus.create(person.id, str(len(data)), metadata(sha256(data), mime))
    tus.receive(person.id, upload.id, "0", None, body(data))


def name_it(house: House, client: Client, space: str = QINGYANLI, **more: Any) -> str:
    """A check with a photo record that names the picture, made by this user; the record's id."""
    place = post()
    house.bring(space, place)
    unit, round_of_day, record = place["record"], inspection(client.person), new_id()
    check = area_check(client.person, round_of_day["record"], unit)
    named = photo_of(client.person, check["record"], unit, more.pop("sha256", HASH), record=record) | more
    assert client.save(space, round_of_day, check, named)["status"] == "applied"
    return record


def has(client: Client, hash: str = HASH) -> bool:
    """Whether the server tells this user that it holds the blob, and gives it to him; both or none."""
    told = client.post("/blobs/have", json={"sha256": [hash]}).get_json()["held"] == [hash]
    with client.get(f"/blobs/{hash}") as answer:
        given = answer.status_code == 200
        assert given or (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert told == given
    return given


def test_the_bytes_come_back_as_they_were_sent(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    with sign_in(HE_GUILAN).get(f"/blobs/{HASH}") as answer:
        assert answer.data == PICTURE
        assert sha256(answer.data) == HASH
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Content-Length"] == str(len(PICTURE))
        assert answer.headers["ETag"] == f'"{HASH}"'
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_answer_that_the_browser_has_is_not_sent_again(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    lead, stranger = sign_in(HE_GUILAN), sign_in(TANG_ZHIQIANG)
    for path, etag in ((f"/blobs/{HASH}", HASH), (f"/blobs/{HASH}?size=thumb", f"{HASH}-thumb")):
        known = {"If-None-Match": f'"{etag}"'}
        with lead.http.get(f"/api/v1{path}", headers={**lead.headers, **known}) as answer:
            assert (answer.status_code, answer.data) == (304, b"")
        with stranger.http.get(f"/api/v1{path}", headers={**stranger.headers, **known}) as answer:
            assert answer.status_code == 404, "who may not have it is not told that it is there"


def test_a_thumbnail_is_small_upright_and_bare_and_the_original_stays(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    lead = sign_in(HE_GUILAN)
    with lead.get(f"/blobs/{HASH}", size="thumb") as answer, Image.open(BytesIO(answer.data)) as thumb:
        assert (answer.mimetype, thumb.size, dict(thumb.getexif())) == ("image/jpeg", (240, 320), {})
    with lead.get(f"/blobs/{HASH}") as answer:
        assert answer.data == PICTURE
    assert lead.get(f"/blobs/{HASH}", size="huge").status_code == 422


def test_a_lost_thumbnail_is_made_again(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    [made] = (house.data / "derivatives").rglob("*.thumb")
    made.unlink()
    with sign_in(HE_GUILAN).get(f"/blobs/{HASH}", size="thumb") as answer:
        assert answer.status_code == 200
    assert made.exists()


def test_naming_a_hash_gives_nothing(house: House, sign_in: SignIn) -> None:
    """I17: 唐志强 guesses the hash of a photo that is nobody's business and makes a record of it."""
    send(house, HE_GUILAN)
    assert has(sign_in(HE_GUILAN))
    thief = sign_in(TANG_ZHIQIANG)
    assert not has(thief)
    name_it(house, thief)
    assert not has(thief), "his own record does not open it"
    assert not has(sign_in(YAO_CHUNYAN)), "nor to others who may read that record"


def test_whoever_may_read_a_record_of_its_sender_may_have_it(house: House, sign_in: SignIn) -> None:
    lead = sign_in(HE_GUILAN)
    name_it(house, lead)
    readers = (TANG_ZHIQIANG, YAO_CHUNYAN, ZENG_KE)
    assert not any(has(sign_in(person)) for person in readers), "the record is there, the bytes are not"
    send(house, HE_GUILAN)
    assert all(has(sign_in(person)) for person in readers)
    assert not has(sign_in(LEAD_AT_XIQIAO)), "another project"
    assert not has(sign_in(FORMER_LEAD)), "no longer"


def test_a_record_for_some_opens_it_to_them_only(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    name_it(house, sign_in(HE_GUILAN), audience=["management"])
    assert has(sign_in(YAO_CHUNYAN))
    assert not has(sign_in(TANG_ZHIQIANG))
    assert has(sign_in(HE_GUILAN)), "she sent them"


def test_who_could_read_it_may_pass_it_on(house: House, sign_in: SignIn) -> None:
    """曾可 reads 何桂兰's photo in one project and names it in a record of the other."""
    lead = sign_in(HE_GUILAN)
    name_it(house, lead)
    send(house, HE_GUILAN)
    assert not has(sign_in(LEAD_AT_XIQIAO))
    place = post()
    house.bring(XIQIAO, place)
    check = area_check(
        LEAD_AT_XIQIAO, (round_of_day := inspection(LEAD_AT_XIQIAO))["record"], place["record"]
    )
    other = sign_in(LEAD_AT_XIQIAO)
    assert other.save(XIQIAO, round_of_day, check)["status"] == "applied"
    passed_on = photo_of(ZENG_KE, check["record"], place["record"], HASH)
    house.bring(XIQIAO, passed_on, user=ZENG_KE.id)
    assert has(other)


def test_identical_bytes_are_stored_once_and_each_sender_is_remembered(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    [stored] = [path for path in (house.data / "blobs").rglob("*") if path.is_file()]
    before = stored.stat()
    assert not has(sign_in(TANG_ZHIQIANG))
    send(house, TANG_ZHIQIANG)
    assert [path for path in (house.data / "blobs").rglob("*") if path.is_file()] == [stored]
    assert stored.stat().st_mtime_ns == before.st_mtime_ns, "the original is never touched"
    assert has(sign_in(TANG_ZHIQIANG))
    assert stored.parent.name + stored.name == HASH


def test_have_answers_in_the_order_asked_and_only_about_what_is_held(house: House, sign_in: SignIn) -> None:
    other = photo(6)
    for data in (PICTURE, other):
        send(house, HE_GUILAN, data)
    asked = [sha256(other), "0" * 64, HASH, sha256(other)]
    answer = sign_in(HE_GUILAN).post("/blobs/have", json={"sha256": asked})
    assert answer.json == {"held": [sha256(other), HASH]}


@pytest.mark.parametrize("asked", [["x"], [HASH.upper()], "x", [1], [HASH] * 1001, None])
@pytest.mark.embedded
def test_have_refuses_what_is_no_list_of_hashes(sign_in: SignIn, asked: object) -> None:
    assert sign_in(HE_GUILAN).post("/blobs/have", json={"sha256": asked}).status_code == 422


def test_a_thousand_hashes_are_answered_at_once(house: House, sign_in: SignIn) -> None:
    send(house, HE_GUILAN)
    asked = [f"{number:064x}" for number in range(999)] + [HASH]
    assert sign_in(HE_GUILAN).post("/blobs/have", json={"sha256": asked}).json == {"held": [HASH]}


@pytest.mark.parametrize("hash", ["0" * 64, HASH.upper(), "x", "..%2F..%2Frounds.sqlite3", "%00", "have"])
def test_what_is_no_blob_is_not_found(sign_in: SignIn, hash: str) -> None:
    answer = sign_in(HE_GUILAN).get(f"/blobs/{hash}")
    assert (answer.status_code in (404, 405), answer.data.startswith(b"{")) == (True, True)


def test_nobody_gets_anything_without_a_session(house: House) -> None:
    send(house, HE_GUILAN)
    http = house.app.test_client()
    assert http.get(f"/api/v1/blobs/{HASH}").status_code == 401
    assert http.post("/api/v1/blobs/have", json={"sha256": [HASH]}).status_code == 401


def test_an_arrived_photo_is_told_to_open_boards(house: House, sign_in: SignIn) -> None:
    told: list[str] = []
    house.services.exchange.listeners.append(lambda notice: told.append(notice.space))
    name_it(house, sign_in(HE_GUILAN))
    told.clear()
    send(house, HE_GUILAN)
    assert told == [QINGYANLI]
