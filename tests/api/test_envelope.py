"""The envelope of a push: what is read, and the little that is refused as a whole."""

from __future__ import annotations

import gzip

import orjson
import pytest

from tests.factories import inspection
from tests.house import Client
from tests.people import HE_GUILAN, QINGYANLI

# An envelope is judged before the database is asked.
pytestmark = pytest.mark.embedded


def test_a_gzip_body_is_understood(sign_in):
    tablet = sign_in(HE_GUILAN)
    body = gzip.compress(orjson.dumps(tablet.envelope(tablet.commit(inspection(HE_GUILAN)))))
    answer = _send(tablet, body, {"Content-Encoding": "gzip"})
    assert answer.json["results"][0]["status"] == "applied"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "unreadable"),
        (b"{", {}, 400, "unreadable"),
        (b"[]", {}, 400, "unreadable"),
        (b'{"commits":[]}', {}, 400, "unreadable"),
        (b'"\\ud800"', {}, 400, "unreadable"),
        (b'{"device":"\\ud800","commits":[]}', {}, 400, "unreadable"),
        (b'{"commits":["\\ud800",NaN]}', {}, 400, "unreadable"),
        (b'{"commits":["\\ud800",' + b"[" * 90_000 + b"]" * 90_000 + b"]}", {}, 400, "unreadable"),
        (b"[" * 5000 + b"]" * 5000, {}, 400, "unreadable"),
        (b'{"device":' + b"[" * 900 + b"]" * 900 + b"}", {}, 400, "unreadable"),
        (b"x" * 1_048_577, {}, 413, "too_large"),
        (gzip.compress(b"x" * 3_000_000), {"Content-Encoding": "gzip"}, 413, "too_large"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "unreadable"),
        (gzip.compress(b"{}")[:-9], {"Content-Encoding": "gzip"}, 400, "unreadable"),
        (b"{}", {"Content-Encoding": "br"}, 415, "wrong_media_type"),
    ],
)
def test_only_an_unreadable_or_oversized_envelope_is_refused(sign_in, body, headers, status, code):
    answer = _send(sign_in(HE_GUILAN), body, headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_commit_too_deep_to_be_kept_makes_the_envelope_unreadable(sign_in):
    tablet = sign_in(HE_GUILAN)
    change = inspection(HE_GUILAN, level="HERE")
    for depth in (300, 1000):
        body = orjson.dumps(tablet.envelope(tablet.commit(change)))
        answer = _send(tablet, body.replace(b'"HERE"', b"[" * depth + b"]" * depth), {})
        assert (answer.status_code, answer.json["code"]) == (400, "unreadable")


def _send(tablet: Client, body: bytes, headers: dict[str, str]):
    path = f"/api/v1/sync/{QINGYANLI}/push"
    return tablet.http.post(path, data=body, headers={**tablet.headers, **headers})
