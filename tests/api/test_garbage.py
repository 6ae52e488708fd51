"""Whatever is sent, the server never breaks, and what was good before stays good (bad input)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.chain import verify
from tests.factories import inspection, patch
from tests.house import Client, House
from tests.people import HE_GUILAN, QINGYANLI
from tests.postgres import fresh_database
from tests.storage.backends import ON_DATABASES, SeenSqlStore

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(scope="module", params=ON_DATABASES)
def tablet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One tablet on each database for all examples: a house is too much for each of them."""
    folder: Path = tmp_path_factory.mktemp("garbage")
    with fresh_database() if request.param == "postgresql" else nullcontext("") as url:
        house = House(folder / "data", database_url=url)
        yield Client(house, HE_GUILAN).sign_in()
        house.close()


def _push(tablet: Client, body: bytes) -> Any:
    return tablet.http.post(f"/api/v1/sync/{QINGYANLI}/push", data=body, headers=tablet.headers)


@given(body=st.binary(max_size=200))
def test_bytes_are_no_push(tablet: Client, body: bytes):
    assert _push(tablet, body).status_code == 400


@given(body=json_values)
def test_json_is_no_push(tablet: Client, body: Any):
    assert _push(tablet, orjson.dumps(body)).status_code == 400


@given(
    field=st.sampled_from(["device", "user", "protocol", "device_time", "unsent", "commits"]),
    value=json_values,
)
def test_a_wrong_field_of_the_envelope_is_refused_or_understood(tablet: Client, field: str, value: Any):
    answer = _push(tablet, orjson.dumps({**tablet.envelope(), field: value}))
    assert answer.status_code in (200, 400, 401)


@given(junk=st.lists(json_values, max_size=5))
def test_junk_among_commits_parks_alone(tablet: Client, junk: list[Any]):
    good = tablet.commit(inspection(HE_GUILAN))
    results = tablet.push(QINGYANLI, *junk, good)
    assert [result["status"] for result in results] == ["parked"] * len(junk) + ["applied"]


@settings(max_examples=200)
@given(path=st.lists(st.integers(0, 9), max_size=6), value=json_values, drop=st.booleans())
def test_a_mutated_commit_is_applied_or_parked(tablet: Client, path: list[int], value: Any, drop: bool):
    visit = inspection(HE_GUILAN)
    later = patch("inspection", visit["record"], {"unplanned": visit["id"]}, {"unplanned": True})
    commit = tablet.commit(visit, later)
    mutated = _mutate(commit, path, value, drop)
    [result] = tablet.push(QINGYANLI, mutated)
    assert result["status"] in ("applied", "merged", "conflict", "parked")
    assert (result["reason"] is None) == (result["status"] != "parked")
    [again] = tablet.push(QINGYANLI, mutated)
    assert again["replayed"]
    # What is acknowledged can be read by whoever may.
    pulled = tablet.pull(QINGYANLI)
    assert (
        result["status"] == "parked" or {change["record"] for change in mutated["changes"]} <= pulled.keys()
    )


def test_the_chain_still_holds(tablet: Client):
    """Last in this file: after all of the above."""
    seen = SeenSqlStore(tablet.house.database).space(QINGYANLI)
    walked = verify(seen.log)
    assert walked.broken is None
    assert (walked.head, walked.at) == (seen.state[0].seq, seen.state[0].at)


def _mutate(value: Any, path: list[int], new: Any, drop: bool) -> Any:
    """Replace or leave out what a path of choices leads to."""
    if isinstance(value, dict) and value and path:
        key = sorted(value)[path[0] % len(value)]
        if len(path) == 1 and drop:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: _mutate(value[key], path[1:], new, drop)}
    if isinstance(value, list) and value and path:
        index = path[0] % len(value)
        return [*value[:index], _mutate(value[index], path[1:], new, drop), *value[index + 1 :]]
    return new
