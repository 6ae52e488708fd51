"""A reader that polls beside several writers misses nothing (I5, I8)."""

from __future__ import annotations

import threading
from typing import Any

from tests.factories import inspection, new_id
from tests.house import Client, House
from tests.people import HE_GUILAN, LEAD_AT_XIQIAO, QINGYANLI, TANG_ZHIQIANG, XIQIAO, ZENG_KE

WRITERS = 6


def test_a_polling_reader_misses_nothing(house: House, sign_in, soak: bool):
    rounds = 200 if soak else 12
    writers = [
        sign_in(person, new_id())
        for person in (HE_GUILAN, TANG_ZHIQIANG, LEAD_AT_XIQIAO, HE_GUILAN, TANG_ZHIQIANG, LEAD_AT_XIQIAO)
    ]
    reader = sign_in(ZENG_KE)
    written: dict[str, dict[str, int]] = {QINGYANLI: {}, XIQIAO: {}}
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=_guard, args=(failures, house, _write, one, written, rounds))
        for one in writers
    ]
    done = threading.Event()
    seen: dict[str, dict[str, int]] = {QINGYANLI: {}, XIQIAO: {}}
    pollers = [
        threading.Thread(target=_guard, args=(failures, house, _poll, reader, space, seen[space], done))
        for space in seen
    ]
    for thread in (*threads, *pollers):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for thread in pollers:
        thread.join()
    assert failures == []
    for space, records in written.items():
        assert records.items() <= seen[space].items()
        head = next(one["head"] for one in reader.get("/sync/scope").json["spaces"] if one["space"] == space)
        assert sorted(seen[space].values()) == list(range(1, head + 1)), "seqs with holes"


def _guard(failures: list[BaseException], house: House, work: Any, *args: Any) -> None:
    try:
        work(*args)
    except BaseException as error:
        failures.append(error)
    finally:
        house.close()


def _write(tablet: Client, written: dict[str, dict[str, int]], rounds: int) -> None:
    space = tablet.person.home
    for _ in range(rounds):
        changes = [inspection(tablet.person) for _ in range(3)]
        for result in tablet.push(space, *(tablet.commit(change) for change in changes)):
            assert result["status"] == "applied", result
            written[space].update(
                {
                    change["record"]: result["seqs"][change["id"]]
                    for change in changes
                    if change["id"] in result["seqs"]
                }
            )


def _poll(reader: Client, space: str, seen: dict[str, int], done: threading.Event) -> None:
    since, epoch, at = 0, "", ""
    while True:
        last = done.is_set()
        page = reader.get(f"/sync/{space}/pull", since=since, epoch=epoch, at=at, limit=5).json
        assert page is not None
        assert "records" in page, page
        seen.update({row["id"]: row["seq"] for row in page["records"]})
        since, epoch, at = page["to"], page["epoch"], page["at"]
        if last and not page["more"]:
            return
