"""The outermost layer: every failure becomes a ``Problem``."""

from __future__ import annotations

import errno
import logging
import math

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from server.api.bodies import answer
from server.failures import REQUESTS, Failure

log = logging.getLogger("rounds")

_BY_STATUS = {
    400: "unreadable", 401: "signed_out", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 410: "gone", 413: "too_large", 415: "wrong_media_type", 422: "invalid",
    429: "too_many_requests", 503: "busy",
}  # fmt: skip

# A full disk, a used-up quota, a limit on the size of files.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Seconds until it is worth asking again; somebody must make room first.
_COME_BACK = {"storage_full": "30"}


def register(app: Flask) -> None:
    """Turn failures, HTTP errors and everything unforeseen into answers."""
    app.register_error_handler(Failure, _failure)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _failure(failure: Failure) -> Response:
    response = answer(failure.problem(), failure.status)
    response.headers.update(failure.headers)
    if failure.status in (429, 503):
        response.headers.setdefault("Retry-After", _COME_BACK.get(failure.code, "5"))
    return response


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestRedirect):
        return Response(status=error.code, headers={"Location": error.new_url})
    code = _BY_STATUS.get(error.code or 500, "internal" if (error.code or 500) >= 500 else "unreadable")
    failure = Failure(code, getattr(error, "data", {}).get("messages"))
    headers = {}
    if code == "too_many_requests":
        limit = getattr(error, "limit", None)
        headers["Retry-After"] = str(math.ceil(limit.limit.get_expiry()) if limit else 60)
    response = _failure(failure)
    response.status_code = error.code or failure.status
    response.headers.update(headers)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _unforeseen(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        log.error("there is no room left: %s", error)
        return _failure(Failure("storage_full"))
    log.exception("a request failed")
    return _failure(Failure("internal"))


def known_codes() -> list[str]:
    """Every code that an answer may carry."""
    return sorted(REQUESTS)
