"""OpenAPI 3.1 of the whole API, and a page that lists it without anything from a foreign host."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import fields

from schemas.catalogue import KINDS
from schemas.fields import StrictField, object_schema
from schemas.messages.blobs import HaveRequest
from schemas.messages.conflicts import ResolveRequest
from schemas.messages.parked import DiscardRequest
from schemas.messages.people import AccountStateRequest, DeviceStateRequest, PinSetRequest
from schemas.messages.problem import Problem
from schemas.messages.push import Commit, Push
from schemas.messages.session import SessionRequest
from server.api.docs_page import SPEC

SETTINGS = {
    "API_TITLE": "Rounds 巡岗",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}
READ_BY_US = (
    Push, Commit, SessionRequest, DiscardRequest, HaveRequest, PinSetRequest, DeviceStateRequest,
    AccountStateRequest, ResolveRequest,
)  # fmt: skip
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "rounds_session"},
}


class RoundsApi(Api):
    """flask-smorest with our own problems; the answers to errors are made in `errors.py`."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Not smorest's: `errors.py` answers everything."""


def build(app: Flask, blueprints: list[Blueprint]) -> Api:
    """Register every blueprint below /api/v1 and describe it."""
    app.config.update(SETTINGS)
    api = RoundsApi(app)
    api.ma_plugin.converter.add_attribute_function(_own_schema)
    for name, scheme in SECURITY.items():
        api.spec.components.security_scheme(name, scheme)
    api.spec.options["security"] = [{name: []} for name in SECURITY]
    app.extensions[SPEC] = api.spec
    # Read by ourselves, so smorest does not see them.
    for message in READ_BY_US:
        api.spec.components.schema(message.__name__, component=object_schema(message()))
    for kind in KINDS.values():
        api.spec.components.schema(f"kind_{kind.name}", component=kind.create_schema())
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=f"/api/v1{blueprint.url_prefix or ''}")
    return api


def _own_schema(self: Any, field: fields.Field[Any], ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Our fields state their JSON Schema themselves: what is documented is what is checked."""
    if not isinstance(field, StrictField):
        return {}
    ret.clear()
    return field.json_schema()
