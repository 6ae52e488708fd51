"""Who makes a request: the session behind a bearer token or a cookie."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from flask import Request, g, request

from schemas.record import HEADQUARTERS
from server.api.fairness import admit
from server.api.services import Services, services
from server.exchange import Identity
from server.failures import Failure
from server.rules.acts import Actor

COOKIE = "rounds_session"
CLIENT_HEADER = "X-Rounds-Client"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def token_hash(token: str) -> str:
    """What is kept of a token: whoever reads the database cannot sign in with it."""
    return sha256(token.encode()).hexdigest()


def current(*, quarantined_too: bool = False) -> Identity:
    """Who makes this request.

    Raises:
        Failure: ``signed_out``; ``too_busy_device``; ``wipe_now`` on a lost device; ``wipe`` on a revoked
            device or for a disabled user unless ``quarantined_too`` (they may still hand in what they hold);
            ``client_header`` for a cookie without our header on anything but GET.
    """
    found: Identity | None = g.get("identity")
    if found is None:
        found = g.identity = identify(services(), _token(request))
        admit(found.device)
    if found.quarantined and not quarantined_too:
        raise Failure("wipe", {"wipe": True, "of": found.shut_out})
    return found


def identify(house: Services, token: str | None) -> Identity:
    """The identity behind a token.

    Raises:
        Failure: ``signed_out``, or ``wipe_now`` on a device that was declared lost.
    """
    if not token:
        raise Failure("signed_out")
    return identify_hash(house, token_hash(token))


def identify_hash(house: Services, hashed: str) -> Identity:
    """The identity behind the hash of a token; fails like ``identify``."""
    session = house.accounts.session(hashed)
    if session is None or session.expires_at < house.clock.text():
        raise Failure("signed_out")
    if session.device_state == "lost":
        raise Failure("wipe_now", {"wipe": "now"})
    return Identity(
        user=session.user,
        username=session.username,
        device=session.device,
        standing=house.rights.of(session.user, session.rights),
        shut_out="account" if session.disabled else "" if session.device_state == "active" else "device",
        token_hash=hashed,
    )


def may_read(space: str) -> Identity:
    """The identity, if it may read a space; an unknown space looks the same as an unreadable one.

    Raises:
        Failure: as ``current``; ``not_found``.
    """
    identity = current()
    if not identity.standing.may_read(space):
        raise Failure("not_found")
    return identity


def holder(space: str, roles: Collection[str]) -> Identity:
    """The identity, if it holds one of these roles in a space.

    Raises:
        Failure: as ``may_read``; ``forbidden``.
    """
    identity = may_read(space)
    if identity.roles[space].isdisjoint(roles):
        raise Failure("forbidden")
    return identity


def company_holder(roles: Collection[str]) -> Identity:
    """The identity, if it holds one of these roles in headquarters: for what belongs to no space.

    Raises:
        Failure: as ``current``; ``forbidden``.
    """
    identity = current()
    of_company = [one.id for one in services().exchange.spaces.all() if one.type == HEADQUARTERS]
    if all(identity.roles.get(space, frozenset()).isdisjoint(roles) for space in of_company):
        raise Failure("forbidden")
    return identity


def actor(identity: Identity) -> Actor:
    """Who acts now, as the journal notes it."""
    return Actor(identity.user, identity.device, services().clock.text())


def _token(request: Request) -> str | None:
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    cookie = request.cookies.get(COOKIE)
    # A foreign page can make a browser send our cookie, but not this header.
    if cookie and request.method not in SAFE_METHODS and not request.headers.get(CLIENT_HEADER):
        raise Failure("client_header")
    return cookie
