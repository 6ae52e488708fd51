"""Every role × every endpoint (X-14): who gets what, and that no endpoint is without a row."""

from __future__ import annotations

import pytest

from tests.access.endpoints import ROWS, Row, advice
from tests.access.place import furnished_place
from tests.access.roles import EVERY_ROLE, PEOPLE, names
from tests.api.estate import Estate
from tests.house import Client
from tests.people import HE_GUILAN


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with furnished_place(tmp_path_factory.mktemp("roles") / "data") as found:
        yield found


def endpoints(estate: Estate) -> set[tuple[str, str]]:
    """Every method of every rule of the app; HEAD only where it is no twin of GET."""
    found = set()
    for rule in estate.app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"OPTIONS"}
        methods -= {"HEAD"} if "GET" in methods else set()
        found |= {(method, rule.rule) for method in methods}
    return found


def test_every_endpoint_has_a_row(place):
    listed = {(row.method, row.rule) for row in ROWS}
    missing = sorted(endpoints(place.estate) - listed, key=lambda pair: pair[::-1])
    assert not missing, "\n\n".join(advice(*pair) for pair in missing)
    gone = sorted(listed - endpoints(place.estate))
    assert not gone, f"rows of tests/access/endpoints.py for endpoints that are gone: {gone}"
    assert len(ROWS) == len(listed)


def test_what_is_missing_is_told_word_by_word():
    told = advice("GET", "/api/v1/pins/<space>")
    assert 'Row("GET", "/api/v1/pins/<space>", _get("/pins/qyl"), {200: READERS, 404: ...}),' in told


def expected(row: Row, role: str) -> int:
    named = [
        status for status, roles in row.statuses.items() if isinstance(roles, str) and role in names(roles)
    ]
    rest = [status for status, roles in row.statuses.items() if not isinstance(roles, str)]
    assert max(len(named), len(rest)) <= 1, f"{row.method} {row.rule}: {role} stands in it twice"
    assert named or rest, f"{row.method} {row.rule}: nothing is said of {role}"
    return (named or rest)[0]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.method} {row.rule}") for row in ROWS])
def test_every_role(place, row):
    found, wanted = {}, {}
    for role in EVERY_ROLE:
        client: Client = place.tablets[role]
        if row.ends:
            client = Client(place.estate, PEOPLE[role], "01890000-0000-7000-9000-0000000e0d50").sign_in()
        with row.call(client, place) as answer:
            found[role] = answer.status_code
        wanted[role] = expected(row, role)
    assert found == wanted


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.method} {row.rule}") for row in ROWS])
def test_without_a_session(place, row):
    stranger = Client(place.estate, HE_GUILAN)
    with row.call(stranger, place) as answer:
        assert (answer.status_code == 401) is not row.public
