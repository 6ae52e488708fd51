"""Bodies in and out: JSON read by us, with limits, and JSON answers."""

from __future__ import annotations

import json
import zlib
from typing import Any

import orjson
from flask import Response, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from server.failures import Failure

MOST_BODY_BYTES = 64 * 1024


def read_body(most: int = MOST_BODY_BYTES) -> bytes:
    """The body, unpacked if it came as gzip.

    Raises:
        Failure: ``too_large`` beyond ``most`` bytes, packed or not; ``unreadable`` if it did not come through
            or cannot be unpacked.
    """
    # Also holds for a chunked body, which announces no length: the stream then ends with an error.
    request.max_content_length = most
    try:
        body = request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise Failure("too_large", {"most": most}) from error
    except HTTPException:
        raise
    except Exception as error:
        # Chunks that make no sense, trailers that are none: each server process has errors of its own for it.
        raise Failure("unreadable", {"why": "the body did not come through"}) from error
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise Failure("wrong_media_type", {"content_encoding": ["gzip"]})
    return _unpack(body, most)


def _unpack(body: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise Failure("unreadable", {"why": "not gzip"}) from error
    if len(unpacked) > most:
        raise Failure("too_large", {"most": most})
    if not unpacker.eof:
        raise Failure("unreadable", {"why": "gzip ends too early"})
    return unpacked


def read_message(schema: type[Schema], most: int = MOST_BODY_BYTES) -> dict[str, Any]:
    """The body as one of our messages.

    Raises:
        Failure: ``unreadable`` if it is no JSON object, ``invalid`` with what is wrong by field.
    """
    try:
        given = orjson.loads(read_body(most))
    except orjson.JSONDecodeError as error:
        raise Failure("unreadable", {"why": str(error)[:200]}) from error
    if not isinstance(given, dict):
        raise Failure("unreadable", {"why": "not an object"})
    try:
        loaded: dict[str, Any] = schema().load(given)
    except ValidationError as error:
        raise Failure("invalid", {"fields": error.normalized_messages()}) from error
    return loaded


def _encode(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a parked commit that was parked for holding half a character
        return json.dumps(body).encode("ascii")


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer; bytes are JSON already."""
    data = body if isinstance(body, bytes) else _encode(body)
    return Response(data, status=status, mimetype="application/json")
