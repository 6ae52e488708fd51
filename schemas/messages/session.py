"""Signing in and out."""

from marshmallow import RAISE, Schema

from schemas.fields import Anything, Id, Many, Struct, Table, Text
from schemas.messages.pull import ScopeSpace, ScopeUser


class SessionDevice(Schema):
    """The device that signs in; without ``public_key`` (a JWK) it cannot sign."""

    class Meta:
        unknown = RAISE

    id = Id(required=True)
    name = Text(required=True, least=1, most=100)
    public_key = Table(Anything())


class SessionRequest(Schema):
    """`POST /session`."""

    class Meta:
        unknown = RAISE

    username = Text(required=True, least=1, most=100)
    password = Text(required=True, least=1, most=200)
    device = Struct(SessionDevice, required=True)


class SessionAnswer(Schema):
    """Who signed in, on which device, and what it follows."""

    token = Text(required=True)
    user = Struct(ScopeUser, required=True)
    device = Struct(SessionDevice, required=True)
    spaces = Many(Struct(ScopeSpace), required=True, most=100_000)
