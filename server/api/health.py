"""Is the server ready?"""

from __future__ import annotations

from flask_smorest import Blueprint
from marshmallow import Schema

from schemas.fields import Flag, Text, Whole
from schemas.version import PROTOCOL_VERSION
from server.api.services import services

blueprint = Blueprint("health", __name__, description="Whether the server is ready")


class Health(Schema):
    """``demo``: demo accounts exist."""

    status = Text(required=True)
    version = Text(required=True)
    protocol = Whole(required=True)
    demo = Flag(required=True)


@blueprint.get("/health")
@blueprint.response(200, Health)
def health() -> dict[str, object]:
    """Answer once the server is ready."""
    house = services()
    return {
        "status": "ok",
        "version": house.version,
        "protocol": PROTOCOL_VERSION,
        "demo": bool(house.accounts.demo_usernames()),
    }
