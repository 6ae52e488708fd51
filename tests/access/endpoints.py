"""Which role may call which endpoint: the table. A new endpoint needs a row here.

A row names method and rule as Flask knows them, how to call it, and the status by role. ``call`` is given the
role's tablet and the ``World``, in which something of everything exists in 青砚里 that belongs to 何桂兰.
Statuses name the roles they are for; one entry may be ``...``: everybody else who has signed in. Without a
session every endpoint answers 401, unless it is ``public``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Protocol

from werkzeug.test import TestResponse

from tests.api.estate import P029_A1
from tests.evidence.desk import metadata, sha256
from tests.factories import area_check, inspection, new_id
from tests.house import Client
from tests.people import HE_GUILAN, PASSWORD, QINGYANLI

READERS = (
    "team_lead subcontract_owner appointed_inspector deputy supervisor department_manager "
    "weekly_statistician centre_director project_property_leader project_general_manager branch_user "
    "quality_staff quality_manager sync_reviewer service_desk dispatcher business_officer finance_clerk "
    "hr administrator"
)
"""Who reads 青砚里. Nobody is ``server``."""
MANAGEMENT = (
    "supervisor department_manager centre_director project_property_leader project_general_manager "
    "quality_staff quality_manager sync_reviewer"
)
"""Who reads signatures of others."""
REVIEWERS = "sync_reviewer administrator"
"""Who sees and ends parked commits of others."""
DECIDERS = "sync_reviewer"
READING_BUT_NOT_DECIDING = " ".join(role for role in READERS.split() if role not in DECIDERS.split())
ENROLLERS = "administrator centre_director supervisor department_manager"
READING_BUT_NOT_ENROLLING = " ".join(role for role in READERS.split() if role not in ENROLLERS.split())
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}


class World(Protocol):
    """What there is in 青砚里, all of it 何桂兰's."""

    check: str
    conflict: str
    sha256: str
    upload: str
    signed: str
    signature: str

    def parked(self) -> str:
        """A commit that has just been parked."""
        ...


Call = Callable[[Client, World], TestResponse]
Statuses = Mapping[int, str | EllipsisType]


@dataclass(frozen=True)
class Row:
    """One endpoint. ``ends``: it ends what it is called with (a session), so it gets one of its own."""

    method: str
    rule: str
    call: Call
    statuses: Statuses
    public: bool = False
    ends: bool = False


def _get(path: str, **query: Any) -> Call:
    return lambda client, world: client.get(path.format(w=world), **query)


def _send(method: str, path: str, headers: Mapping[str, str], **options: Any) -> Call:
    def call(client: Client, world: World) -> TestResponse:
        given = {**client.headers, **headers}
        return client.http.open(path.format(w=world), method=method, headers=given, **options)

    return call


def _sign_in(client: Client, world: World) -> TestResponse:
    device = {"id": client.device, "name": "平板"}
    body = {"username": client.person.username, "password": PASSWORD, "device": device}
    return client.http.post("/api/v1/session", json=body)


def _push(client: Client, world: World) -> TestResponse:
    return client.post(f"/sync/{QINGYANLI}/push", json=client.envelope())


def _end(what: str, **options: Any) -> Call:
    return lambda client, world: client.post(f"/parked/{world.parked()}/{what}", **options)


def _resolve(client: Client, world: World) -> TestResponse:
    # Of something that nobody could have seen, so that the conflict stays for the next role.
    body = {"commit": new_id(), "seen": [new_id()], "value": "x", "reason": "x"}
    return client.post(f"/conflicts/{world.conflict}/resolve", json=body)


def _have(client: Client, world: World) -> TestResponse:
    return client.post("/blobs/have", json={"sha256": [world.sha256]})


def _finding_signatures(client: Client, world: World) -> TestResponse:
    return client.get(f"/signatures/{QINGYANLI}", finding=world.signed)


def _upload(client: Client, world: World) -> TestResponse:
    headers = {**TUS, "Upload-Length": "9", "Upload-Metadata": metadata(sha256(b"123456789"), "image/jpeg")}
    return _send("POST", "/api/v1/blobs/tus", headers)(client, world)


ROWS: tuple[Row, ...] = (
    Row("GET", "/", _send("GET", "/", {}), {200: ...}, public=True),
    Row("GET", "/<path:path>", _send("GET", "/office/conflicts", {}), {200: ...}, public=True),
    Row("GET", "/api/v1/health", _get("/health"), {200: ...}, public=True),
    Row("GET", "/api/v1/openapi.json", _get("/openapi.json"), {200: ...}, public=True),
    Row("GET", "/api/v1/docs", _get("/docs"), {200: ...}, public=True),
    Row("POST", "/api/v1/session", _sign_in, {200: ...}, public=True),
    Row("DELETE", "/api/v1/session", _send("DELETE", "/api/v1/session", {}), {204: ...}, ends=True),
    Row("GET", "/api/v1/sync/scope", _get("/sync/scope"), {200: ...}),
    Row("POST", "/api/v1/sync/<space>/push", _push, {200: READERS, 404: ...}),
    Row("GET", "/api/v1/sync/<space>/pull", _get(f"/sync/{QINGYANLI}/pull"), {200: READERS, 404: ...}),
    Row("GET", "/api/v1/parked", _get("/parked"), {200: ...}),
    Row("POST", "/api/v1/parked/<ident>/retry", _end("retry"), {200: REVIEWERS, 404: ...}),
    Row("POST", "/api/v1/parked/<ident>/discard", _end("discard", json={"reason": "x"}),
        {200: REVIEWERS, 404: ...}),
    Row("GET", "/api/v1/conflicts", _get("/conflicts"), {200: ...}),
    Row("GET", "/api/v1/conflicts/<ident>", _get("/conflicts/{w.conflict}"), {200: READERS, 404: ...}),
    Row("POST", "/api/v1/conflicts/<ident>/resolve", _resolve,
        {409: DECIDERS, 403: READING_BUT_NOT_DECIDING, 404: ...}),
    Row("GET", "/api/v1/coverage", _get("/coverage"), {200: ...}),
    Row("GET", "/api/v1/coverage/<space>", _get(f"/coverage/{QINGYANLI}"), {200: READERS, 404: ...}),
    Row("GET", "/api/v1/coverage/<space>/history", _get(f"/coverage/{QINGYANLI}/history", days=2),
        {200: READERS, 404: ...}),
    Row("GET", "/api/v1/coverage/<space>/units/<unit>", _get(f"/coverage/{QINGYANLI}/units/{P029_A1}"),
        {200: READERS, 404: ...}),
    Row("GET", "/api/v1/checks/<space>/<check>", _get(f"/checks/{QINGYANLI}/{{w.check}}"),
        {200: READERS, 404: ...}),
    Row("GET", "/api/v1/staff/<space>", _get(f"/staff/{QINGYANLI}"), {200: READERS, 404: ...}),
    Row("GET", "/api/v1/accounts", _get("/accounts"), {200: "administrator", 403: ...}),
    Row("POST", "/api/v1/accounts/<user>/state",
        _send("POST", f"/api/v1/accounts/{HE_GUILAN.id}/state", {}, json={"disabled": False, "reason": "x"}),
        {200: "administrator", 403: ...}),
    Row("GET", "/api/v1/devices", _get("/devices"), {200: REVIEWERS, 403: ...}),
    Row("POST", "/api/v1/devices/<ident>/state",
        _send("POST", f"/api/v1/devices/{HE_GUILAN.tablet}/state", {},
              json={"state": "active", "reason": "x"}),
        {200: "administrator", 403: ...}),
    Row("GET", "/api/v1/pins/<space>", _get(f"/pins/{QINGYANLI}"), {200: READERS, 404: ...}),
    Row("GET", "/api/v1/pins/<space>/people", _get(f"/pins/{QINGYANLI}/people"),
        {200: ENROLLERS, 403: READING_BUT_NOT_ENROLLING, 404: ...}),
    Row("POST", "/api/v1/pins/<space>/<person>",
        _send("POST", f"/api/v1/pins/{QINGYANLI}/{HE_GUILAN.id}", {}, json={"pin": "271828"}),
        {422: READERS, 404: ...}),
    Row("POST", "/api/v1/pins/<space>/<person>/code",
        _send("POST", f"/api/v1/pins/{QINGYANLI}/{HE_GUILAN.id}/code", {}),
        {200: ENROLLERS, 403: READING_BUT_NOT_ENROLLING, 404: ...}),
    Row("POST", "/api/v1/pins/<space>/<person>/unlock",
        _send("POST", f"/api/v1/pins/{QINGYANLI}/{HE_GUILAN.id}/unlock", {}),
        {200: ENROLLERS, 403: READING_BUT_NOT_ENROLLING, 404: ...}),
    Row("GET", "/api/v1/seal-key", _get("/seal-key"), {200: ...}),
    Row("GET", "/api/v1/signatures/<space>", _finding_signatures, {200: READERS, 404: ...}),
    Row("GET", "/api/v1/signatures/<space>/<ident>", _get(f"/signatures/{QINGYANLI}/{{w.signature}}"),
        {200: MANAGEMENT, 404: ...}),
    Row("POST", "/api/v1/blobs/have", _have, {200: ...}),
    Row("GET", "/api/v1/blobs/<sha256>", _get("/blobs/{w.sha256}", size="thumb"), {200: READERS, 404: ...}),
    Row("POST", "/api/v1/blobs/tus", _upload, {201: ...}),
    Row("HEAD", "/api/v1/blobs/tus/<id>", _send("HEAD", "{w.upload}", TUS), {404: ...}),
    Row("PATCH", "/api/v1/blobs/tus/<id>", _send("PATCH", "{w.upload}", PART, data=b"x"), {404: ...}),
    Row("POST", "/api/v1/blobs/tus/<id>",
        _send("POST", "{w.upload}", {**PART, "X-HTTP-Method-Override": "PATCH"}, data=b"x"), {404: ...}),
    Row("DELETE", "/api/v1/blobs/tus/<id>", _send("DELETE", "{w.upload}", TUS), {404: ...}),
)  # fmt: skip


def advice(method: str, rule: str) -> str:
    """What to write for an endpoint that has no row."""
    path = rule.removeprefix("/api/v1").replace("<space>", QINGYANLI)
    call = f'_get("{path}")' if method == "GET" else f'_send("{method}", "{rule}", {{}}, json={{…}})'
    return (
        f"{method} {rule} has no row in ROWS of tests/access/endpoints.py. Say who may call it; add:\n"
        f'    Row("{method}", "{rule}", {call}, {{200: READERS, 404: ...}}),\n'
        "with the statuses by role (`...`: everybody else who is signed in), what `…` and `<…>` stand for, "
        "and `public=True` if it needs no session."
    )


def a_parked_commit(lead: Client) -> str:
    """Something of 何桂兰's that waits for a post that never comes."""
    visit = inspection(HE_GUILAN)
    saved = lead.commit(visit, area_check(HE_GUILAN, visit["record"], new_id()))
    [result] = lead.push(QINGYANLI, saved)
    assert result["status"] == "parked"
    return str(saved["id"])
