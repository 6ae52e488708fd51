"""schemathesis over the whole OpenAPI, in several roles: never a 5xx, every answer as it is described.

Half of the requests are of the form that is asked for, half are not; and half name what exists, so that they
come further than "not found".
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.config import ROOT
from tests.access.place import Place, furnished_place
from tests.api.estate import P029_A1
from tests.house import Client
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI, XIQIAO
from tools.pytest_plugin import SOAK

CASES = 500 if SOAK else 20
"""Per operation."""
ROLES = ("team_lead", "centre_director", "sync_reviewer", "administrator", "hr", "")
"""Who asks; the empty one has not signed in."""
LAST = ("/devices/{ident}/state", "/accounts/{user}/state")
"""Operations that shut others out."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
TUS_HEADERS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "1000"}
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@schemathesis.serializer("application/offset+octet-stream")
def part_of_a_photo(context: object, value: Any) -> bytes:
    """Bytes as they are; of anything else its text."""
    return value if isinstance(value, bytes) else str(value).encode()


def operations() -> list[tuple[str, str]]:
    """Method and path of all that is described, what shuts others out last."""
    paths = orjson.loads((ROOT / "schemas/generated/openapi.json").read_bytes())["paths"]
    found = [(name.upper(), path) for path, item in paths.items() for name in item if name in METHODS]
    return sorted(found, key=lambda one: one[1].endswith(LAST))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.api.limits.WRONG_TAKES", 0)
        with furnished_place(tmp_path_factory.mktemp("openapi") / "data") as found:
            yield found


@pytest.fixture(scope="module")
def described(place: Place) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", place.estate.app)


@pytest.fixture(scope="module")
def statuses() -> Iterator[dict[str, Counter[int]]]:
    """How often each operation gave each status; said at the end."""
    found: dict[str, Counter[int]] = {}
    yield found
    total: Counter[int] = sum(found.values(), Counter())
    broken = sum(count for status, count in total.items() if status >= 500)
    said = ", ".join(f"{status}: {total[status]:,}" for status in sorted(total))
    print(f"\nschemathesis: {len(found)} operations, {total.total():,} cases, {broken} of 5xx ({said})")


class Asker:
    """Asks one operation in many ways."""

    def __init__(self, place: Place, operation: Any, method: str, path: str) -> None:
        self.place, self.operation, self.method, self.path = place, operation, method, path
        self.statuses: Counter[int] = Counter()

    def ask(self, case: Case, role: str, real: bool) -> None:
        """One case, judged."""
        client: Client | None = self.place.tablets.get(role)
        if client is not None and (self.method, self.path.rpartition("/")[2]) == ("DELETE", "session"):
            client = Client(self.place.estate, client.person).sign_in()
        if real:
            self._fill_in(case, client)
        response = case.call(headers=client.headers if client else {})
        self.statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    def _fill_in(self, case: Case, client: Client | None) -> None:
        """Put what exists in the place of what was made up."""
        for name in _names(self.path):
            case.path_parameters[name] = self._known(name)
        for name in case.headers or {}:
            case.headers[name] = TUS_HEADERS.get(name, case.headers[name])
        if client and isinstance(case.body, dict) and {"device", "user"} <= case.body.keys():
            case.body |= {"device": client.device, "user": client.person.id}

    def _known(self, name: str) -> str:
        place = self.place
        if name == "ident" and "parked" in self.path:
            return place.parked()
        other = place.tablets["quality_manager"]
        idents = {"conflicts": place.conflict, "devices": other.device, "signatures": place.signature}
        known: Mapping[str, str] = {
            "space": [QINGYANLI, QINGYANLI, HEADQUARTERS, XIQIAO][self.statuses.total() % 4],
            "ident": next((value for part, value in idents.items() if part in self.path), ""),
            "unit": P029_A1, "check": place.check, "sha256": place.sha256, "user": other.person.id,
            "person": HE_GUILAN.id, "id": place.upload.rpartition("/")[2],
        }  # fmt: skip
        return known[name]


def _names(path: str) -> list[str]:
    """The parameters in a path."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def torture(asker: Asker, mode: GenerationMode, cases: int) -> None:
    """Ask in as many ways; what fails is made small and raised."""

    @seed(20261124)
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        case=asker.operation.as_strategy(generation_mode=mode),
        role=st.sampled_from(ROLES),
        real=st.booleans(),
    )
    def ask(case: Case, role: str, real: bool) -> None:
        asker.ask(case, role, real)

    ask()


@pytest.mark.timeout(900)
# schemathesis reads the bytes of a photo and does not close its file.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("method", "path"), operations())
def test_every_operation_answers_as_described(
    place: Place, described: Any, statuses: dict[str, Counter[int]], method: str, path: str
) -> None:
    asker = Asker(place, described[path][method], method, path)
    statuses[f"{method} {path}"] = asker.statuses
    torture(asker, GenerationMode.POSITIVE, CASES // 2)
    if asker.operation.query or asker.operation.body or asker.operation.headers:
        torture(asker, GenerationMode.NEGATIVE, CASES // 2)


def test_an_operation_that_breaks_is_caught(
    place: Place, described: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/api/v1/sync/{space}/pull"
    exchange = place.estate.services.exchange
    pull = exchange.pull

    def broken(space: str, identity: Any, *, since: int, **asked: Any) -> bytes:
        if since > 1:
            raise RuntimeError("broken on purpose")
        return pull(space, identity, since=since, **asked)

    monkeypatch.setattr(exchange, "pull", broken)
    monkeypatch.setattr(logging.getLogger("rounds"), "disabled", True)
    with pytest.raises(FailureGroup) as caught:
        torture(Asker(place, described[path]["GET"], "GET", path), GenerationMode.POSITIVE, 200)
    assert "Server error" in str(caught.value.exceptions)
