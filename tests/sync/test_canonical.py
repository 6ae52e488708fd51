"""Canonical JSON and what identifies a commit."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.canonical import canonical, check_signable, derived_id, fingerprint
from sync.change import break_commit, read_commit

SHARED = json.loads(
    (Path(__file__).parents[2] / "server/rules/cases/canonical.json").read_text(encoding="utf-8")
)
TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


def test_the_example_of_rfc_8785_without_its_numbers() -> None:
    value = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    wanted = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == wanted.encode()


@given(VALUES)
def test_a_faster_encoder_writes_the_same_bytes(value: Any) -> None:
    assert canonical(value) == orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, 2**53, {"名": 1}, "\ud800", {"a": object()}])
def test_what_another_language_might_write_otherwise_is_not_signed(value: Any) -> None:
    with pytest.raises(ValueError, match=r"sign|ASCII|surrogates"):
        check_signable(value)


@given(st.dictionaries(st.text(st.characters(codec="ascii")), st.integers(-10, 10) | TEXTS | st.booleans()))
def test_everything_else_may_be_signed(value: Any) -> None:
    check_signable(value)


def test_a_commit_is_known_by_its_content_whoever_reads_it() -> None:
    change = {"id": "h1", "op": "create", "kind": "finding", "record": "f1", "set": {"note": "裂缝"}}
    raw: dict[str, Any] = {"id": "c1", "n": 1, "made_at": "2026-11-23T09:00:00+08:00", "changes": [change]}
    turned = dict(reversed(raw.items()))
    assert read_commit(raw).hash == read_commit(turned).hash == break_commit(raw, "bad_shape").hash
    for other in ({**raw, "n": 2}, {**raw, "changes": []}, {**raw, "changes": [{**change, "set": {}}]}):
        assert fingerprint(other).hash != fingerprint(raw).hash
    pair = [change, {**change, "id": "h2"}]
    one_way, other_way = {**raw, "changes": pair}, {**raw, "changes": pair[::-1]}
    assert fingerprint(one_way).hash != fingerprint(other_way).hash


def test_a_commit_raised_from_an_older_format_is_known_by_what_came() -> None:
    received = {"id": "c1", "changes": [{"old": 1}], "when": "…"}
    change = {"id": "h1", "op": "create", "kind": "finding", "record": "f1", "set": {}}
    raised = {"id": "c1", "n": 1, "made_at": "…", "changes": [change]}
    commit = read_commit(raised, format=1, received=received)
    assert (commit.hash, commit.raw) == (fingerprint(received).hash, received)
    assert commit.changes[0].payload == canonical(change)


@pytest.mark.parametrize(
    "raw", [None, 7, "x", [], {}, {"id": 7, "n": True}, {"changes": "x"}, {"changes": [1]}]
)
def test_a_broken_commit_is_read_as_far_as_it_goes(raw: Any) -> None:
    broken = break_commit(raw, "bad_shape", "why")
    assert (broken.id, broken.n, broken.records) == (None, None, ())
    assert broken.hash == break_commit(raw, "other").hash


def test_a_derived_id_has_the_form_of_a_uuid() -> None:
    ident = derived_id("a", "b")
    assert ident == derived_id("a", "b") != derived_id("ab")
    assert [len(part) for part in ident.split("-")] == [8, 4, 4, 4, 12]
    assert ident[14] == "8"
    assert ident[19] in "89ab"


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["name"])
def test_the_bytes_that_a_device_signs(case: dict[str, Any]) -> None:
    """The vectors that vitest reads too."""
    check_signable(case["value"])
    written = canonical(case["value"])
    assert (written.decode(), sha256(written).hexdigest()) == (case["text"], case["sha256"])


@pytest.mark.parametrize("case", SHARED["refused"], ids=lambda case: case["name"])
def test_what_no_device_may_sign(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sign|ASCII|surrogates"):
        check_signable(json.loads(case["json"]))
