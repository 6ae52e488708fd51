"""Pages, cursors, and when a device must start anew (protocol section 2)."""

from __future__ import annotations

from sync.chain import GENESIS, checksum
from sync.ports import Reader
from sync.pull import Gone
from tests.sync.stage import Stage, create, delete, patch

ALL = Reader(frozenset({"project", "hr"}))


def walked() -> Stage:
    """Five findings, the first of them changed, the second deleted."""
    stage = Stage()
    for n in range(1, 6):
        stage.push("he@t1", stage.commit("he@t1", f"c{n}", create(f"h{n}", f"f{n}", {"note": "a"})))
    stage.push("he@t1", stage.commit("he@t1", "c6", patch("h6", "f1", {"note": "h1"}, {"note": "b"})))
    stage.push("he@t1", stage.commit("he@t1", "c7", delete("h7", "f2", "h2")))
    return stage


def test_pages_bring_the_newest_state_of_each_record_once_in_seq_order() -> None:
    stage = walked()
    first = stage.page(ALL, limit=2, checksum=True)
    assert [(row["id"], row["seq"]) for row in first.rows] == [("f3", 3), ("f4", 4)]
    assert (first.to, first.head, first.more, first.checksum) == (4, 7, True, None)
    assert first.at == stage.store.space("qyl").log[3].chain
    rest = stage.page(ALL, since=4, at=first.at, epoch=first.epoch, limit=10, checksum=True)
    assert [(row["id"], row["seq"], row["deleted"]) for row in rest.rows] == [
        ("f5", 5, False),
        ("f1", 6, False),
        ("f2", 7, True),
    ]
    assert (rest.to, rest.more, rest.at) == (7, False, stage.store.space("qyl").state[0].at)
    live = [("f1", "h6"), ("f3", "h3"), ("f4", "h4"), ("f5", "h5")]
    assert rest.checksum == checksum(live)


def test_a_row_says_what_the_wire_says() -> None:
    row = walked().page(ALL, since=0).rows[-2]
    assert row == {
        "kind": "finding",
        "id": "f1",
        "seq": 6,
        "deleted": False,
        "data": {"note": "b"},
        "created_by_change": "h1",
        "last_change": "h6",
        "versions": {"note": "h6"},
        "contested": [],
    }


def test_what_was_deleted_keeps_no_content_on_the_devices() -> None:
    row = walked().page(ALL, since=0).rows[-1]
    assert (row["id"], row["deleted"], row["data"], row["last_change"]) == ("f2", True, {}, "h7")


def test_exactly_a_page_is_the_last_page() -> None:
    page = walked().page(ALL, limit=5)
    assert (len(page.rows), page.more, page.to) == (5, False, 7)


def test_a_cursor_moves_past_what_its_reader_may_not_see() -> None:
    stage = walked()
    hidden = create("h8", "q1", {"text": "…"}, "appraisal")
    stage.push("he@t1", stage.commit("he@t1", "c8", hidden))
    page = stage.page(Reader(frozenset({"project"})), limit=2)
    assert page.to == 4
    last = stage.page(Reader(frozenset({"project"})), since=7, epoch="e1", at=_chain(stage, 7))
    assert (last.rows, last.to, last.more) == ([], 8, False)
    assert stage.page(Reader(ALL.audiences, frozenset({"area"}))).rows == []


def test_an_empty_pull_at_the_head_is_no_page_of_news() -> None:
    stage = walked()
    page = stage.page(ALL, since=7, epoch="e1", at=_chain(stage, 7))
    assert (page.rows, page.to, page.more, page.at) == ([], 7, False, _chain(stage, 7))


def test_who_starts_at_zero_needs_neither_epoch_nor_chain() -> None:
    stage = walked()
    assert stage.page(ALL, since=0, epoch="", at="").head == 7
    assert stage.page(ALL, since=0, epoch="old", at="wrong").head == 7
    assert Stage().page(ALL).at == GENESIS


def test_a_cursor_that_means_nothing_here_any_more_is_gone() -> None:
    stage = walked()
    at = _chain(stage, 4)
    asked = {"since": 4, "epoch": "e1", "at": at}
    assert stage.pull(ALL, **{**asked, "epoch": "e0"}) == Gone("epoch")
    assert stage.pull(ALL, **{**asked, "at": _chain(stage, 5)}) == Gone("at")
    assert stage.pull(ALL, **{**asked, "at": ""}) == Gone("at")
    assert stage.pull(ALL, **{**asked, "since": 8}) == Gone("beyond_head")


def _chain(stage: Stage, seq: int) -> str:
    return stage.store.space("qyl").log[seq - 1].chain
