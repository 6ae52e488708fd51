"""The upload's state machine: offsets that never go back, whatever breaks (tus 1.0)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.evidence.images import Limits
from server.evidence.tus import PIECE, Quota
from server.failures import Failure
from tests.evidence.desk import HE_GUILAN, TANG_ZHIQIANG, Desk, body, checksum, metadata, sha256, slow_body
from tests.evidence.pictures import photo

PHOTO = photo(size=(1600, 1200))
HALF = len(PHOTO) // 2


def fails(code: str, call: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def test_what_was_sent_is_what_is_held(desk: Desk) -> None:
    desk.send(PHOTO)
    stored = desk.blobs.open(sha256(PHOTO))
    assert stored is not None
    with stored:
        assert stored.read() == PHOTO
    assert desk.arrived == [sha256(PHOTO)]


def test_an_upload_goes_on_after_a_restart(desk: Desk, open_desk: Callable[..., Desk]) -> None:
    upload = desk.announce(PHOTO)
    desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO[:HALF]))
    restarted = open_desk()
    assert restarted.tus.look(HE_GUILAN, upload.id)[1] == HALF
    restarted.tus.receive(HE_GUILAN, upload.id, str(HALF), None, body(PHOTO[HALF:]))
    assert restarted.register.held(sha256(PHOTO)) is not None


def test_an_upload_that_was_whole_when_the_machine_stopped_is_judged_at_the_next_look(
    desk: Desk, open_desk: Callable[..., Desk]
) -> None:
    upload = desk.announce(PHOTO)
    assert desk.uploads.append(upload, 0, PHOTO)
    restarted = open_desk()
    assert restarted.register.held(sha256(PHOTO)) is None
    assert restarted.tus.look(HE_GUILAN, upload.id)[1] == len(PHOTO)
    assert restarted.register.held(sha256(PHOTO)) is not None


def test_a_machine_that_stopped_between_storing_and_noting_does_both_again(
    desk: Desk, open_desk: Callable[..., Desk]
) -> None:
    upload = desk.announce(PHOTO)
    desk.uploads.append(upload, 0, PHOTO)
    with desk.uploads.judging(upload) as (_, path):
        desk.blobs.put(sha256(PHOTO), path)
    restarted = open_desk()
    restarted.tus.look(HE_GUILAN, upload.id)
    assert restarted.register.held(sha256(PHOTO)) is not None
    leftovers = [path.name for path in (restarted.blobs.originals).rglob(".new-*")]
    assert leftovers == []


def test_a_body_that_breaks_off_keeps_what_arrived(desk: Desk) -> None:
    upload = desk.announce(PHOTO)
    _, offset = desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO[:777], length=len(PHOTO)))
    assert offset == 777
    desk.tus.receive(HE_GUILAN, upload.id, "777", None, body(PHOTO[777:]))
    assert desk.register.held(sha256(PHOTO)) is not None


def test_a_body_that_breaks_off_under_a_checksum_leaves_no_trace(desk: Desk) -> None:
    upload = desk.announce(PHOTO)
    fails("upload_checksum", lambda: desk.tus.receive(
        HE_GUILAN, upload.id, "0", checksum(PHOTO), body(PHOTO[:777], length=len(PHOTO))))  # fmt: skip
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_with_a_right_checksum_counts_and_one_with_a_wrong_does_not(
    desk: Desk, algorithm: str
) -> None:
    upload = desk.announce(PHOTO)
    wrong = PHOTO[:99] + b"!" + PHOTO[100:HALF]
    part = checksum(PHOTO[:HALF], algorithm)
    fails("upload_checksum", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", part, body(wrong)))
    assert desk.tus.receive(HE_GUILAN, upload.id, "0", part, body(PHOTO[:HALF]))[1] == HALF


@pytest.mark.parametrize("header", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "SHA1 x", "sha1 ???", "sha256 é"])
def test_a_checksum_that_cannot_be_judged_is_refused(desk: Desk, header: str) -> None:
    upload = desk.announce(PHOTO)
    fails("unreadable", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", header, body(PHOTO)))
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == 0


@pytest.mark.parametrize("at", ["1", "-1", "", "0x0", "９", None, "99999999999999999999"])
def test_another_offset_is_a_conflict(desk: Desk, at: str | None) -> None:
    upload = desk.announce(PHOTO)
    fails("upload_offset", lambda: desk.tus.receive(HE_GUILAN, upload.id, at, None, body(PHOTO)))
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == 0


def test_of_two_connections_on_one_upload_the_later_goes_on_and_the_earlier_stops(desk: Desk) -> None:
    """The network broke unnoticed, and the tablet tries again while the old connection still hangs."""
    upload = desk.announce(PHOTO)

    def overtaken() -> None:
        desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO))

    late = slow_body(PHOTO, len(PHOTO), overtaken)
    fails("upload_offset", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", None, late))
    stored = desk.blobs.open(sha256(PHOTO))
    assert stored is not None
    with stored:
        assert stored.read() == PHOTO


def test_a_long_body_is_written_piece_by_piece(desk: Desk) -> None:
    seen: list[int] = []
    upload = desk.announce(PHOTO)
    assert len(PHOTO) > 2 * PIECE
    first = slow_body(PHOTO[: 2 * PIECE], len(PHOTO), lambda: seen.append(desk.uploads.offset(upload)))
    assert desk.tus.receive(HE_GUILAN, upload.id, "0", None, first)[1] == 2 * PIECE
    assert seen == [0]


@pytest.mark.parametrize("length", [-1, None])
def test_more_than_was_announced_is_refused(desk: Desk, length: int | None) -> None:
    upload = desk.announce(PHOTO)
    too_long = body(PHOTO + b"more", length=length)
    fails("blob_too_large", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", None, too_long))
    assert desk.uploads.offset(upload) <= len(PHOTO)


def test_others_uploads_are_unknown(desk: Desk) -> None:
    upload = desk.announce(PHOTO)
    for call in (
        lambda: desk.tus.look(TANG_ZHIQIANG, upload.id),
        lambda: desk.tus.receive(TANG_ZHIQIANG, upload.id, "0", None, body(PHOTO)),
        lambda: desk.tus.drop(TANG_ZHIQIANG, upload.id),
        lambda: desk.tus.look(HE_GUILAN, "01939999-0000-7000-8000-000000000000"),
        lambda: desk.tus.look(HE_GUILAN, f"../{HE_GUILAN}/{upload.id}"),
    ):
        fails("not_found", call)
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == 0


def test_an_upload_expires_and_a_week_later_it_is_forgotten(desk: Desk) -> None:
    upload = desk.announce(PHOTO)
    desk.wait(days=7)
    fails("upload_expired", lambda: desk.tus.look(HE_GUILAN, upload.id))
    fails("upload_expired", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO)))
    desk.announce(photo(2))
    assert not (desk.uploads.root / HE_GUILAN / f"{upload.id}.bin").exists(), "swept"
    fails("upload_expired", lambda: desk.tus.look(HE_GUILAN, upload.id))
    desk.wait(days=7, hours=1)
    desk.announce(photo(3))
    fails("not_found", lambda: desk.tus.look(HE_GUILAN, upload.id))


def test_an_upload_that_its_creator_ends_is_gone(desk: Desk) -> None:
    upload = desk.announce(PHOTO)
    desk.tus.drop(HE_GUILAN, upload.id)
    fails("upload_expired", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO)))


def test_a_finished_upload_still_says_so(desk: Desk) -> None:
    upload = desk.send(PHOTO)
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == len(PHOTO)
    assert desk.tus.receive(HE_GUILAN, upload.id, str(len(PHOTO)), None, body(b""))[1] == len(PHOTO)
    fails("upload_offset", lambda: desk.tus.receive(HE_GUILAN, upload.id, "0", None, body(PHOTO)))


@pytest.mark.parametrize("length", [None, "", "0", "-5", "12a", "1e3", "１２"])
def test_a_length_must_be_a_number(desk: Desk, length: str | None) -> None:
    announced = metadata(sha256(PHOTO), "image/jpeg")
    fails("upload_length", lambda: desk.tus.create(HE_GUILAN, length, announced))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256",
        "sha256 ???,mime aW1hZ2UvanBlZw==",
        "sha256 é,mime aW1hZ2UvanBlZw==",
        metadata("A" * 64, "image/jpeg"),
        metadata("a" * 63, "image/jpeg"),
        metadata("a" * 64 + "\n", "image/jpeg"),
        metadata("a" * 64, "image/gif"),
    ],
)
def test_what_is_announced_must_be_understood(desk: Desk, header: str | None) -> None:
    fails("upload_metadata", lambda: desk.tus.create(HE_GUILAN, "1000", header))


def test_too_long_is_refused_before_a_byte_is_sent_and_the_record_can_show_it(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(limits=Limits(bytes=1_000))
    failure = fails("blob_too_large", lambda: desk.announce(PHOTO))
    assert failure.detail == {"bytes": len(PHOTO), "allowed": 1_000}
    assert desk.register.refusals_among([sha256(PHOTO)]) == [
        (sha256(PHOTO), "image/jpeg", HE_GUILAN, "too_large", False)
    ]


def test_a_user_s_open_uploads_are_limited_and_idle_ones_give_way(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(quota=Quota(open_uploads=2))
    first, second = desk.announce(photo(1)), desk.announce(photo(2))
    failure = fails("upload_quota", lambda: desk.announce(photo(3)))
    assert failure.headers == {"Retry-After": "60"}
    assert desk.announce(photo(3), user=TANG_ZHIQIANG).user == TANG_ZHIQIANG
    desk.wait(minutes=59)
    desk.tus.receive(HE_GUILAN, first.id, "0", None, body(photo(1)[:100]))
    desk.wait(minutes=2)
    desk.announce(photo(3))
    assert desk.tus.look(HE_GUILAN, first.id)[1] == 100, "was at work a moment ago"
    fails("upload_expired", lambda: desk.tus.look(HE_GUILAN, second.id))


def test_a_user_s_open_bytes_and_bytes_a_day_are_limited(open_desk: Callable[..., Desk]) -> None:
    size = len(PHOTO)
    desk = open_desk(quota=Quota(open_bytes=size + 1, day_bytes=2 * size))
    desk.announce(PHOTO)
    fails("upload_quota", lambda: desk.announce(photo(1)))
    desk.wait(hours=2)
    desk.send(PHOTO)
    desk.send(photo(1, size=(1600, 1200)))
    fails("upload_quota", lambda: desk.announce(PHOTO))
    desk.wait(days=1, seconds=1)
    desk.announce(PHOTO)
