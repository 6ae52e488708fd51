"""Every role × every endpoint (X-14): who gets what, and that no endpoint is without a row."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.access.endpoints import ROWS, Row, a_parked_commit, advice
from tests.access.roles import EVERY_ROLE, PEOPLE, names, sign_in_all
from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.evidence.desk import body, metadata, sha256
from tests.evidence.pictures import photo
from tests.house import Client
from tests.people import HE_GUILAN, QINGYANLI, YAO_CHUNYAN
from tests.signing import DeviceKey, sign_in_with, signature

PICTURE = photo(7, size=(400, 300))


@dataclass
class Place:
    """Something of everything, and everybody."""

    estate: Estate
    tablets: dict[str, Tablet]
    lead: Tablet
    check: str
    conflict: str
    sha256: str
    upload: str
    signed: str
    signature: str

    def parked(self) -> str:
        return a_parked_commit(self.lead)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    estate = Estate(tmp_path_factory.mktemp("roles") / "data", MOMENT)
    (estate.data / "app" / "index.html").write_text("<!doctype html>")
    lead, other = estate.tablet(HE_GUILAN), estate.tablet(YAO_CHUNYAN)
    finding = Finding(lead)
    lead.save(QINGYANLI, finding.patch({"note": "一"}, {"note": None}))
    conflict = other.save(QINGYANLI, finding.patch({"note": "二"}, {"note": None}))["conflicts"][0]
    tus, data = estate.services.parts["tus"], PICTURE
    sent = tus.create(HE_GUILAN.id, str(len(data)), metadata(sha256(data), "image/jpeg"))
    tus.receive(HE_GUILAN.id, sent.id, "0", None, body(data))
    assert (
        lead.save(QINGYANLI, photo_of(HE_GUILAN, finding.check, P029_A1, sha256(data)))["status"] == "applied"
    )
    begun = tus.create(HE_GUILAN.id, "9", metadata(sha256(b"123456789"), "image/jpeg"))
    signed, made = signed_finding(lead)
    yield Place(estate, sign_in_all(estate), lead, finding.check, conflict, sha256(data),
                f"/api/v1/blobs/tus/{begun.id}", signed, made)  # fmt: skip
    estate.close()


def signed_finding(lead: Tablet) -> tuple[str, str]:
    """A finding that 何桂兰 has signed herself, and the signature."""
    key = DeviceKey()
    sign_in_with(lead, key)
    finding = Finding(lead)
    lead.save(QINGYANLI, finding.evaluate(responsible_person=HE_GUILAN.id))
    made = signature(lead, key, [finding.id], HE_GUILAN)
    assert lead.save(QINGYANLI, made)["status"] == "applied"
    return finding.id, made["record"]


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
