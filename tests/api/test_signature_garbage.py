"""Rubbish in place of a signature: a parked commit with a reason, never a fault of the server (X-07)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.snapshot import Snapshot, snapshot_problem
from tests.api.signed import Signing
from tests.factories import create, new_id
from tests.people import QINGYANLI
from tests.signing import canonical

# Shapes and rules do not depend on the database.
pytestmark = pytest.mark.embedded


@pytest.fixture
def signing(estate) -> Signing:
    return Signing(estate)


def spoilt(signing: Signing, text: str) -> dict[str, Any]:
    """A signature whose snapshot is this text, signed all right."""
    change = signing.sign(signing.shown())
    change["set"] |= {"snapshot": text, "device_signature": signing.key.sign(text)}
    return change


@pytest.mark.parametrize(
    "text",
    [
        "xx", "{}", "[]", "null", "12", '"rounds-signature-1"', '["form","rounds-signature-1"]',
        '{"form":"rounds-signature-2"}', '{"form": "rounds-signature-1"}', '{"form":"rounds-signature-1"}',
        '{"form":"rounds-signature-1","a":1.5}', '{"form":"rounds-signature-1","a":1e400}',
        '{"form":"rounds-signature-1","a":NaN}', '{"form":"rounds-signature-1","é":1}',
        '{"form":"rounds-signature-1","form":"rounds-signature-1"}', "\ufeff{}",
        '{"a":' * 9000 + "1" + "}" * 9000, "[" * 50_000, "[" * 50_000 + "]" * 50_000,
        '{"form":"rounds-signature-1","a":' + "9" * 5000 + "}",
        '{"form":"rounds-signature-1","a":' + "9" * 4000 + "}",
    ],
)  # fmt: skip
def test_a_text_that_is_no_snapshot_parks(signing: Signing, text: str) -> None:
    code, detail = signing.verdict(spoilt(signing, text))
    assert code == "snapshot_mismatch"
    assert detail.startswith("snapshot")


def test_a_snapshot_that_is_not_canonical_parks(signing: Signing) -> None:
    shown = signing.shown()
    for text in (json.dumps(shown), json.dumps(shown, sort_keys=True, separators=(",", ":"))):
        assert signing.verdict(spoilt(signing, text)) == ("snapshot_mismatch", "snapshot")


WRONG: tuple[Any, ...] = (
    None, 1, -1, "", "x", True, [], [[]], [None], {}, {"id": 1}, {"a": {"b": []}}, [[[1, 2]]], [{"id": "x"}],
    [{"id": [], "value": 1}],
)  # fmt: skip
PARTS = tuple(field.data_key or name for name, field in Snapshot().fields.items() if name != "signature")
OF_A_FINDING = ("post", "area", "item", "photos", "class", "attribution", "responsible_person", "record")
OF_A_LINE = ("record", "unit", "version", "fields", "value")


def spoils(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each part of a snapshot, of its finding and of a line, replaced by everything that it is not."""
    [finding], lines = shown["findings"], shown["lines"]
    for wrong in WRONG:
        yield from ({**shown, name: wrong} for name in PARTS)
        yield from ({**shown, "findings": [{**finding, name: wrong}]} for name in OF_A_FINDING)
        yield from ({**shown, "lines": [*lines[:-1], {**lines[-1], name: wrong}]} for name in OF_A_LINE)
        values = [{**one, "value": dict.fromkeys(one["value"], wrong)} for one in lines]
        yield {**shown, "lines": values}
    yield {**shown, "extra": 1}
    yield {name: part for name, part in shown.items() if name != "lines"}


def test_wrong_types_in_every_place_park(signing: Signing) -> None:
    """Each in a record that agrees with the right snapshot; what is right by chance is taken in."""
    right = signing.shown()
    commits = []
    for one in spoils(right):
        ident = new_id()
        change = signing.sign({**right, "signature": ident})
        text = canonical({**one, "signature": ident})
        change["set"] |= {"snapshot": text, "device_signature": signing.key.sign(text)}
        commits.append(signing.lead.commit(change))
    found: dict[str, int] = {}
    for start in range(0, len(commits), 50):
        for result in signing.lead.push(QINGYANLI, *commits[start : start + 50]):
            code = result["reason"]["code"] if result["reason"] else result["status"]
            found[code] = found.get(code, 0) + 1
    assert found.keys() == {"snapshot_mismatch", "signature_incomplete", "applied"}
    assert sum(found.values()) == len(commits)
    # `null` is right for what is null already: witness, reason, typed name, and the area's absent parts.
    assert found["applied"] <= 4


def test_shape_is_told_by_its_path(signing: Signing) -> None:
    shown = json.loads(canonical(signing.shown()))
    shown["findings"][0]["photos"][0]["sha256"] = "x"
    assert snapshot_problem(shown) == "findings.photos.sha256"
    assert signing.verdict(spoilt(signing, canonical(shown))) == (
        "snapshot_mismatch",
        "snapshot.findings.photos.sha256",
    )


def test_strokes_of_the_largest_size_are_taken_in_and_larger_ones_park(signing: Signing) -> None:
    point = [1234, 5678, 90]
    shown = signing.shown(strokes=[[point] * 6000])
    assert len(canonical(shown)) < 120_000
    signing.applied(signing.sign(shown))
    code, detail = signing.verdict(signing.sign(signing.shown(strokes=[[point] * 12_000])))
    assert (code, "snapshot" in detail) == ("bad_field", True)


def test_300_kilobytes_park_and_say_why(signing: Signing) -> None:
    change = signing.sign(signing.shown(strokes=[[[1, 2, 3]] * 38_000]))
    assert len(change["set"]["snapshot"]) > 300_000
    assert signing.verdict(change)[0] in ("bad_field", "too_large")


def test_a_megabyte_is_too_large_an_envelope(signing: Signing) -> None:
    change = signing.sign(signing.shown(strokes=[[[1, 2, 3]] * 150_000]))
    lead = signing.lead
    answer = lead.post(f"/sync/{QINGYANLI}/push", json=lead.envelope(lead.commit(change)))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "field, value, code",
    [
        ("device_signature", "!" * 86, "bad_field"),
        ("device_signature", "A" * 85, "bad_field"),
        ("device_signature", "A" * 86, "signature_invalid"),
        ("device_signature", "_" * 86, "signature_invalid"),
        ("snapshot", 1, "bad_field"),
        ("snapshot", {"form": "rounds-signature-1"}, "bad_field"),
        ("lines", [], "bad_field"),
        ("lines", [{}], "bad_field"),
        ("findings", [], "bad_field"),
        ("device", "x", "bad_field"),
    ],
)
def test_fields_of_no_signature_park(signing: Signing, field: str, value: Any, code: str) -> None:
    change = signing.sign(signing.shown())
    change["set"][field] = value
    assert signing.verdict(change)[0] == code


def test_a_signature_of_things_that_cannot_be_signed_parks(signing: Signing) -> None:
    change = signing.sign(signing.shown())
    bare = create("signature", {name: change["set"][name] for name in change["set"] if name != "snapshot"})
    assert signing.verdict(bare)[0] == "field_required"
    change["set"]["findings"] = [signing.photo]
    assert signing.verdict(change)[0] == "wrong_kind"
    change = signing.sign(signing.shown())
    change["set"]["lines"][0]["record"] = new_id()
    assert signing.verdict(change)[0] == "not_found"
    change = signing.sign(signing.shown())
    change["set"]["lines"][0]["unit"] = "nonsense"
    assert signing.verdict(change)[0] == "unknown_unit"
