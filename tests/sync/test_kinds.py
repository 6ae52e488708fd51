"""A kind that does not hold together is refused when the catalogue is built, not at the first push."""

from __future__ import annotations

from typing import Any

import pytest

from sync.kinds import Kind, Unit


@pytest.mark.parametrize(
    "unit",
    [
        {"fields": ()},
        {"fields": ("a", "b"), "policy": "union"},
        {"fields": ("b",), "policy": "append"},
        {"fields": ("a",), "policy": "worst"},
        {"fields": ("a",), "severity": ("mild", "grave")},
    ],
)
def test_units_that_make_no_sense(unit: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unit a"):
        Unit("a", **unit)


@pytest.mark.parametrize(
    "units, options",
    [
        ({"x": Unit("a", ("a",))}, {}),
        ({"*": Unit("*", ("a",))}, {}),
        ({"a": Unit("a", ("a",)), "g": Unit("g", ("a", "b"))}, {}),
        ({"a": Unit("a", ("a",))}, {"refs": {"b": ()}}),
        ({"a": Unit("a", ("a",))}, {"signs": "a"}),
    ],
)
def test_kinds_that_make_no_sense(units: dict[str, Unit], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="kind k"):
        Kind("k", units, **options)


def test_references_are_found_at_the_end_of_their_paths() -> None:
    units = {name: Unit(name, (name,)) for name in ("area", "results", "people")}
    units["photos"] = Unit("photos", ("photos",), "union")
    refs = {"area": ("area",), "results.photos": ("photo",), "people": (), "photos": ("photo",)}
    kind = Kind("check", units, refs=refs)
    values = {
        "area": "a1",
        "results": [{"item": "GM-01", "photos": ["p1", "p2"]}, {"item": "GM-02"}, {"photos": None}],
        "people": ["h1"],
    }
    added = {"photos": [{"id": "e1", "value": "p3"}]}
    assert kind.references(values, added) == [
        ("a1", ("area",)),
        ("p1", ("photo",)),
        ("p2", ("photo",)),
        ("h1", ()),
        ("p3", ("photo",)),
    ]
