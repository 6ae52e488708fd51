"""The pure rules of signatures, without server or keys (Q1-4.4o, Q1-4.4p, X-07, decision 0013)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.signatures import (
    Found,
    SignatureFacts,
    bound_differences,
    holds,
    lacks,
    signature_problems,
    too_much,
)

BOUND = {"finding": [("description", ("description",)), ("photos", ("photos",)), ("evaluation", ("class",))]}
FINDING = {"check": "c1", "unit": "u1", "description": "墙面有污迹", "class": "GEN",
           "photos": [{"id": "e1", "value": "p1"}]}  # fmt: skip
PERSON = {"id": "tang", "name": "唐志强"}
SHOWN: dict[str, Any] = {
    "form": "rounds-signature-1", "signature": "s1", "act": "signed", "check": "c1", "unit": "u1",
    "device": "d1", "signer": PERSON, "recorded_by": {"id": "he", "name": "何桂兰"}, "witness": None,
    "reason": None, "signed_at": "t", "clock_offset_ms": None,
    "identified": {"by": "pin", "pin_version": 1}, "language": "zh-CN", "strokes": [[[1, 2, 3]]],
    "typed_name": None,
    "findings": [{
        "record": "f1", "post": {"id": "u1"}, "area": None, "item": {"code": None},
        "description": "墙面有污迹",
        "photos": [{"id": "p1", "sha256": "h1"}], "class": {"code": "GEN"}, "attribution": {"code": None},
        "responsible_person": None,
    }],
    "lines": [
        {"record": "f1", "unit": unit, "version": "v1", "fields": list(fields),
         "value": {name: FINDING[name] for name in fields}}
        for unit, fields in BOUND["finding"]
    ],
}  # fmt: skip
# The rest of what the screen shows, which these lines do not bind: as if bound to nothing.
SHOWN["findings"][0]["post"] = {"id": None}


def record(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The record whose fields repeat a snapshot."""
    names = ("act", "check", "unit", "device", "signed_at")
    return {
        **{name: shown[name] for name in names}, "signer": shown["signer"]["id"],
        "recorded_by": shown["recorded_by"]["id"],
        **({"reason": shown["reason"]} if shown["reason"] is not None else {}),
        "findings": [finding["record"] for finding in shown["findings"]],
        "lines": [{name: line[name] for name in ("record", "unit", "version", "fields")}
                  for line in shown["lines"]],
    }  # fmt: skip


def problems(shown: Mapping[str, Any], *, gone: tuple[str, ...] = (), held: Any = FINDING) -> list[str]:
    found = {"f1": Found("finding", FINDING, {"photos": gone}), "p1": Found("photo", {"sha256": "h1"}, {})}

    def wrote(ident: str, unit: str, change: str) -> Mapping[str, Any] | None:
        fields = dict(BOUND["finding"])[unit]
        return {name: held[name] for name in fields if name in held} if change == "v1" else None

    facts = SignatureFacts(BOUND, found.get, wrote)
    return [f"{one.code} {one.detail}" for one in signature_problems("s1", record(shown), shown, facts)]


def with_(**parts: Any) -> dict[str, Any]:
    return copy.deepcopy(SHOWN) | parts


def test_what_was_on_the_screen_stands() -> None:
    assert problems(SHOWN) == []


def test_everything_is_named_not_only_the_first() -> None:
    shown = with_(strokes=[], identified={"by": "none"})
    shown["lines"][0]["value"]["description"] = "别的"
    assert problems(shown) == [
        "signature_incomplete identified",
        "signature_incomplete strokes",
        "snapshot_mismatch lines.description f1",
        "snapshot_mismatch findings.description f1",
    ]


def test_lines_in_another_order_are_not_what_was_agreed() -> None:
    assert problems(with_(lines=SHOWN["lines"][::-1])) == ["snapshot_mismatch lines"]


def test_a_finding_that_is_not_there_ends_the_judgement() -> None:
    shown = copy.deepcopy(SHOWN)
    shown["findings"][0]["record"] = "f9"
    assert problems(shown) == ["snapshot_mismatch findings f9"]


def test_what_the_log_alone_does_not_tell_is_no_reason() -> None:
    """Erased, or a list at an earlier version: `make verify` proves those from the whole log."""
    assert problems(SHOWN, held={}) == []


@pytest.mark.parametrize(
    "parts, missing, more",
    [
        ({}, [], []),
        ({"strokes": []}, ["strokes"], []),
        ({"strokes": [], "typed_name": "唐志强"}, [], []),
        ({"strokes": [], "typed_name": "唐志"}, ["strokes"], ["typed_name"]),
        ({"strokes": [], "typed_name": ""}, ["strokes"], ["typed_name"]),
        ({"identified": {"by": "none"}}, ["identified"], []),
        ({"identified": {"by": "pin"}}, ["identified"], []),
        ({"act": "refused"}, ["reason"], ["strokes"]),
        ({"act": "refused", "reason": "不认可", "strokes": [], "identified": {"by": "none"}}, [], []),
        ({"act": "absent", "reason": " \n", "strokes": []}, ["reason"], []),
        ({"act": "absent", "reason": "已下班", "strokes": [], "typed_name": "唐志强"}, [], ["strokes"]),
    ],
)
def test_what_each_act_asks_for(parts: dict[str, Any], missing: list[str], more: list[str]) -> None:
    assert list(lacks(with_(**parts))) == missing
    assert list(too_much(with_(**parts))) == more


def test_a_signer_without_a_name_cannot_type_it() -> None:
    shown = with_(strokes=[], typed_name="", signer={"id": "tang", "name": ""})
    assert list(lacks(shown)) == ["strokes"]


E1, E2 = {"id": "e1", "value": "p1"}, {"id": "e2", "value": "p2"}


@pytest.mark.parametrize(
    "said, held, gone, right",
    [
        ([E1], [E1], (), True),
        ([E1], [E1, E2], (), True),
        (None, [E1], (), True),
        (None, None, (), True),
        ([], None, (), True),
        ([E1, E2], [E1], (), False),
        ([E1, E2], [E1], ("e2",), True),
        ([{"id": "e1", "value": "p2"}], [E1], (), False),
        ([E1], None, (), False),
        ([1], [E1], (), False),
        ([{"value": "p1"}], [E1], (), False),
        ([{"id": ["e1"], "value": "p1"}], [E1], (), False),
        ("GEN", "GEN", (), True),
        ("GEN", "MIN", (), False),
        ("GEN", None, (), False),
        (None, "GEN", (), False),
        ("GEN", [E1], (), False),
        ([E1], "GEN", (), False),
        ({"a": 1}, [E1], (), False),
    ],
)
def test_lists_merge_without_a_base_and_values_do_not(said: Any, held: Any, gone: Any, right: bool) -> None:
    assert holds(said, held, gone) is right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["description", "photos", "class", "x"]), JSON))
def test_no_value_whatever_stops_the_judgement(value: dict[str, Any]) -> None:
    """Values of lines are the one part of a snapshot that may be anything."""
    line = {"record": "f1", "unit": "description", "version": "v1", "fields": ["description"], "value": value}
    assert isinstance(list(bound_differences(line, FINDING)), list)
    assert all(isinstance(one, str) for one in problems(with_(lines=[line, *SHOWN["lines"][1:]])))
