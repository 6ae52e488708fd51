"""Errors, headers, the description of the API, and the files of the app."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest

from schemas.version import PROTOCOL_VERSION
from server.failures import CATALOGUE, PARKED, REQUESTS, Failure
from tests.house import House
from tests.people import HE_GUILAN, QINGYANLI

# Headers and errors do not depend on the database.
pytestmark = pytest.mark.embedded

CSP = (
    "default-src 'self'; img-src 'self' blob: data:; script-src 'self' 'wasm-unsafe-eval'; "
    "object-src 'none'; base-uri 'none'"
)


@pytest.fixture
def page(house: House) -> House:
    """A built app: a page, an asset, a service worker; and a secret beside its folder."""
    folder = house.services.app_folder
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<title>巡岗</title>", "utf-8")
    (folder / "assets" / "main-abc.js").write_text("1", "utf-8")
    (folder / "service-worker.js").write_text("2", "utf-8")
    (folder / "manifest.webmanifest").write_text("{}", "utf-8")
    (folder.parent / "secret.txt").write_text("secret", "utf-8")
    return house


def test_health_says_version_and_protocol(house: House):
    body = house.app.test_client().get("/api/v1/health").json
    assert body is not None
    assert (body["status"], body["protocol"], body["demo"]) == ("ok", PROTOCOL_VERSION, True)
    assert re.fullmatch(r"\d+\.\d+\.\d+", body["version"])


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/health", "/api/v1/nothing", "/assets/main-abc.js", "/nothing.png"]
)
def test_every_answer_carries_the_security_headers(page: House, path):
    headers = page.app.test_client().get(path, buffered=True).headers
    assert headers["Content-Security-Policy"].startswith(CSP)
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/field", "/field/units/7", "/office/board?team=T07", "/x"]
)
def test_the_page_answers_every_route_without_a_redirect(page: House, path):
    answer = page.app.test_client().get(path, buffered=True)
    assert (answer.status_code, answer.text) == (200, "<title>巡岗</title>")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/assets/main-abc.js", "public, max-age=31536000, immutable"),
        ("/service-worker.js", "no-cache"),
        ("/manifest.webmanifest", "no-cache"),
    ],
)
def test_files_are_kept_as_long_as_they_are_good(page: House, path, cache):
    answer = page.app.test_client().get(path, buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, cache)
    assert answer.headers.get("Service-Worker-Allowed") == ("/" if "worker" in path else None)


@pytest.mark.parametrize(
    "path",
    ["/nothing.js", "/assets/gone-1.js", "/assets/gone", "/../secret.txt", "/%2e%2e/secret.txt",
     "/..%2fsecret.txt", "/a\0.txt", "/api/v2/health", "/socket.io/x"],
)  # fmt: skip
def test_what_is_no_file_is_not_found(page: House, path):
    answer = page.app.test_client().get(path, buffered=True)
    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text


def test_an_app_that_is_not_built_says_so(house: House):
    answer = house.app.test_client().get("/")
    assert (answer.status_code, "make run" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/session", 405, "method_not_allowed"),
        ("POST", "/field", 405, "method_not_allowed"),
    ],
)
def test_errors_are_problems(house: House, method, path, status, code):
    answer = house.app.test_client().open(path, method=method)
    body = answer.json
    assert body is not None
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert re.search("[一-鿿]", body["message"])
    assert not re.search("[一-鿿]", body["message_en"])


def test_what_nobody_foresaw_says_nothing_about_itself(house: House, sign_in, monkeypatch):
    tablet = sign_in(HE_GUILAN)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("password=demo")

    monkeypatch.setattr(house.services.exchange, "pull", fail)
    answer = tablet.get(f"/sync/{QINGYANLI}/pull")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "password" not in answer.text


def test_a_full_disk_asks_to_come_back_later(house: House, sign_in, monkeypatch):
    tablet = sign_in(HE_GUILAN)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(house.services.exchange, "pull", full)
    answer = tablet.get(f"/sync/{QINGYANLI}/pull")
    assert (answer.status_code, answer.json["code"]) == (503, "storage_full")
    assert answer.headers["Retry-After"] == "30"
    assert "space" not in answer.text


def test_the_catalogue_is_complete():
    for code, words in CATALOGUE.items():
        assert re.search("[一-鿿]", words.chinese), code
        assert words.chinese.endswith("。"), code
        assert re.fullmatch(r"[ -~]+\.", words.english), code
    assert all(400 <= words.status < 600 for words in REQUESTS.values())
    assert all(words.status == 0 for words in PARKED.values())
    assert set(Failure("not_found", {"x": 1}).problem()) == {
        "code",
        "status",
        "message",
        "message_en",
        "detail",
    }


def test_the_whole_api_is_described(house: House):
    document = house.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in house.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith(("docs.", "api-docs."))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served <= described
    push = document["paths"]["/api/v1/sync/{space}/push"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Push"
    }
    schemas = document["components"]["schemas"]
    assert schemas["Push"]["required"][0] == "device"
    names = set(re.findall(r'#/components/schemas/([^"\']+)', str(document)))
    assert names <= schemas.keys()


def test_the_description_that_is_committed_is_the_one_that_is_served(house: House):
    """`make generate` writes it."""
    committed = Path(__file__).parents[2] / "schemas" / "generated" / "openapi.json"
    served = house.app.test_client().get("/api/v1/openapi.json").json
    assert json.loads(committed.read_text(encoding="utf-8")) == served


def test_the_page_of_the_api_names_every_path_and_no_foreign_host(house: House):
    client = house.app.test_client()
    document = client.get("/api/v1/openapi.json").json
    page = client.get("/api/v1/docs")
    assert document is not None
    assert page.mimetype == "text/html"
    assert all(path in page.text for path in document["paths"])
    assert "://" not in page.text
    assert "<script" not in page.text
    assert "style" not in page.text
