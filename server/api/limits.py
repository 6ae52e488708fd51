"""How often a password may be guessed."""

from __future__ import annotations

import orjson
from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from server.api.bodies import read_body

GUESSES_BY_NAME_AND_ADDRESS = "10 per 15 minutes"
GUESSES_BY_ADDRESS = "100 per 15 minutes"

limiter = Limiter(
    get_remote_address, storage_uri="memory://", strategy="moving-window", headers_enabled=False
)


def name_and_address() -> str:
    """The user name that is tried, and from where. By name alone, anybody could lock anybody out."""
    try:
        body = orjson.loads(read_body())
    except orjson.JSONDecodeError:
        body = None
    name = body.get("username") if isinstance(body, dict) else None
    return f"{get_remote_address()} {name if isinstance(name, str) else ''}"


def was_wrong(response: Response) -> bool:
    """Only failed attempts count."""
    return response.status_code == 401
