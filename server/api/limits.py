"""How often a password or a PIN may be guessed, and how long a wrong guess takes."""

from __future__ import annotations

import time

import orjson
from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from server.api.bodies import read_body

GUESSES_BY_NAME_AND_ADDRESS = "10 per 15 minutes"
GUESSES_BY_ADDRESS = "100 per 15 minutes"
# Seconds that a wrong guess takes: slow for whoever guesses, bearable for whoever mistypes.
WRONG_TAKES = 0.5

# Where it counts is said by the app: in this process, or in Redis for all processes together.
limiter = Limiter(get_remote_address, strategy="moving-window", headers_enabled=False)


def take_time(begun: float) -> None:
    """A wrong guess takes the same time, whatever was wrong; the number at once is bounded by the limits."""
    time.sleep(max(0.0, WRONG_TAKES - (time.monotonic() - begun)))


def name_and_address() -> str:
    """The user name that is tried, and from where. By name alone, anybody could lock anybody out."""
    try:
        body = orjson.loads(read_body())
    except orjson.JSONDecodeError:
        body = None
    name = body.get("username") if isinstance(body, dict) else None
    return f"{get_remote_address()} {name if isinstance(name, str) else ''}"


def was_unproven(response: Response) -> bool:
    """The same where a wrong proof must not look like a session that has ended."""
    return response.status_code == 403


def person_and_address() -> str:
    """Whose PIN is tried to be set, and from where."""
    return f"{get_remote_address()} {(request.view_args or {}).get('person', '')}"


def was_wrong(response: Response) -> bool:
    """Only failed attempts count."""
    return response.status_code == 401
