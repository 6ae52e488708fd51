"""Signing in and out."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint

from schemas.messages.session import SessionAnswer, SessionRequest
from server.api.bodies import answer, read_message
from server.api.identity import CLIENT_HEADER, COOKIE, current, identify, token_hash
from server.api.limits import (
    GUESSES_BY_ADDRESS,
    GUESSES_BY_NAME_AND_ADDRESS,
    limiter,
    name_and_address,
    take_time,
    was_wrong,
)
from server.api.passwords import is_right
from server.api.services import Services, services
from server.failures import Failure

# A tablet may be offline for weeks; whoever is away for longer signs in again, and nothing on it is lost.
SESSION_DAYS = 180

blueprint = Blueprint("session", __name__, description="Signing in and out")


@blueprint.post("/session")
@blueprint.doc(
    security=[],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SessionRequest"}}},
    },
)
@blueprint.response(200, SessionAnswer)
@limiter.limit(GUESSES_BY_ADDRESS, deduct_when=was_wrong)
@limiter.limit(GUESSES_BY_NAME_AND_ADDRESS, key_func=name_and_address, deduct_when=was_wrong)
def sign_in() -> Response:
    """Sign in on a device. Our own pages get the token as a cookie only, other clients in the answer too."""
    house = services()
    wanted = read_message(SessionRequest)
    begun = time.monotonic()
    account = house.accounts.by_username(wanted["username"])
    fits = is_right(wanted["password"], account.password_hash if account else None)
    if not fits or account is None or account.disabled:
        take_time(begun)
        raise Failure("wrong_credentials")
    device = _register(house, wanted["device"])
    now = house.clock.now()
    token = house.clock.new_secret()
    expires_at = (now + timedelta(days=SESSION_DAYS)).isoformat(timespec="milliseconds")
    house.accounts.open_session(token_hash(token), account.user, device["id"], house.clock.text(), expires_at)
    identity = identify(house, token)
    from_page = bool(request.headers.get(CLIENT_HEADER))
    response = answer(
        {
            "token": "" if from_page else token,
            "user": house.exchange.user(identity),
            "device": device,
            "spaces": house.exchange.readable_spaces(identity),
        }
    )
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_DAYS * 86400,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


@blueprint.delete("/session")
@blueprint.response(204)
def sign_out() -> Response:
    """Forget this session. What is unsent stays on the device."""
    identity = current(quarantined_too=True)
    services().accounts.close_session(identity.token_hash)
    response = Response(status=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def _register(house: Services, wanted: dict[str, Any]) -> dict[str, Any]:
    """Note the device that signs in; a key is set once, and a revoked device stays out."""
    known = house.devices.get(wanted["id"])
    if known is not None and known.state == "lost":
        raise Failure("wipe_now", {"wipe": "now"})
    if known is not None and known.state != "active":
        raise Failure("wipe", {"wipe": True, "of": "device"})
    given = wanted.get("public_key")
    key = orjson.dumps(given, option=orjson.OPT_SORT_KEYS).decode() if given else None
    if known is not None and known.public_key and key and known.public_key != key:
        raise Failure("device_key_fixed")
    device = house.devices.register(wanted["id"], wanted["name"], key, house.clock.text())
    kept = {"public_key": orjson.loads(device.public_key)} if device.public_key else {}
    return {"id": device.id, "name": device.name, **kept}
