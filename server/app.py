"""Puts the house together: settings and a clock in, a WSGI app out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server.api import (
    BLUEPRINTS,
    app_files,
    blobs,
    conflicts,
    coverage,
    docs_page,
    errors,
    fairness,
    headers,
    openapi,
    pins,
    signatures,
    tus,
)
from server.api.blobs import BlobDesk
from server.api.conflict_answers import ConflictDesk
from server.api.coverage_board import CoverageBoard
from server.api.limits import limiter
from server.api.pin_desk import PinDesk
from server.api.services import EXTENSION, Services
from server.api.signature_answers import SignatureDesk
from server.api.unit_history import UnitHistory
from server.clock import Clock
from server.config import Settings
from server.evidence.arrival import Arrivals
from server.evidence.images import Examiner, Limits
from server.evidence.seal import kept_seal_key
from server.evidence.signatures import signed_by
from server.evidence.tus import Tus
from server.evidence.uploads import Uploads
from server.exchange import Exchange, Knowledge, Notice, Rights, SecondLook
from server.realtime import Realtime
from server.storage.accounts import Accounts
from server.storage.blob_place import open_blobs
from server.storage.blobs_projection import PhotoUses
from server.storage.blobs_register import BlobRegister
from server.storage.charges import Charges
from server.storage.conflicts import Conflicts
from server.storage.coverage import CoverageLoader
from server.storage.coverage_checks import CheckReader
from server.storage.coverage_projection import CoverageProjection
from server.storage.coverage_standard import Standards
from server.storage.database import Database, open_database
from server.storage.devices import Devices
from server.storage.judging_tables import JudgingTables
from server.storage.parked import ParkedCommits
from server.storage.people import People
from server.storage.pins import Pins
from server.storage.schema import migrate
from server.storage.seals import Seals, Signatures
from server.storage.spaces import Spaces
from server.storage.store import SqlStore

VERSION = "0.1.0"
# Nobody waits longer for a Redis that does not answer; guesses are then counted by each server for itself.
_REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 1, "socket_timeout": 1}
REALTIME = "rounds-realtime"
SEALS_BEGIN = "0005_seals"
"""The migration before which signatures were taken in without a seal."""


def build_services(settings: Settings, clock: Clock, database: Database) -> Services:
    """Storage, rules and engine, wired."""
    spaces, standards, register = Spaces(database), Standards(database), BlobRegister(database)
    rights = Rights(spaces, clock.today)
    seal = kept_seal_key(settings.data)
    store = SqlStore(database, [CoverageProjection(standards), PhotoUses(), Seals(seal)])
    devices = Devices(database)
    knowledge = Knowledge(Charges(database), JudgingTables(database), devices, signed_by)
    exchange, parked = Exchange(store, spaces, rights, knowledge, clock), ParkedCommits(database)
    second_look = SecondLook(exchange, parked)
    exchange.listeners.append(second_look.hear)
    people = People(database)
    loader = CoverageLoader(database, standards)
    parts: dict[str, Any] = {
        coverage.BOARD: CoverageBoard(loader, clock.now),
        pins.DESK: PinDesk(Pins(database), people, clock),
        coverage.HISTORY: UnitHistory(loader, CheckReader(database), register, clock.now),
        signatures.SIGNATURES: SignatureDesk(Signatures(database), devices, seal.id, seal.public_key),
        conflicts.CONFLICTS: ConflictDesk(Conflicts(database), register, standards.items, clock.now),
    }
    second_look.begin()
    return Services(
        clock=clock,
        exchange=exchange,
        rights=rights,
        accounts=Accounts(database),
        devices=devices,
        parked=parked,
        people=people,
        app_folder=settings.app,
        version=VERSION,
        parts={**parts, **_evidence(settings, clock, register, _photo_arrived(exchange, spaces, register))},
    )


def _evidence(
    settings: Settings, clock: Clock, register: BlobRegister, arrived: Callable[[str], None]
) -> dict[str, Any]:
    uploads, blobs_at = Uploads(settings.data / "uploads"), open_blobs(settings.blobs_url, settings.data)
    arrivals = Arrivals(uploads, blobs_at, register, Examiner(Limits()), arrived)
    return {
        blobs.BLOBS: BlobDesk(arrivals, register),
        tus.TUS: Tus(arrivals, clock.now, clock.new_id),
    }


def _photo_arrived(exchange: Exchange, spaces: Spaces, register: BlobRegister) -> Callable[[str], None]:
    """Open boards show a photo as soon as its bytes are there, which no commit tells them."""

    def tell(sha256: str) -> None:
        for name in sorted({use.space for use in register.uses_among([sha256]).get(sha256, [])}):
            space = spaces.get(name)
            if space is not None:
                exchange.tell(Notice(name, space.head))

    return tell


def bring_up_to_date(settings: Settings, database: Database) -> list[str]:
    """Bring the database to the newest schema, and what it holds along; the names of what was applied.

    Raises:
        ValueError: if the database must not be used, or ``seal.pem`` holds no key.
    """
    applied = migrate(database, settings.data)
    if SEALS_BEGIN in applied:
        with database.write() as tx:
            Seals(kept_seal_key(settings.data)).seal_earlier(tx)
    return applied


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """A ready app over a database that is brought to the newest schema first."""
    clock = clock or Clock.starting_at(settings.now)
    database = open_database(settings.database_url, settings.data)
    bring_up_to_date(settings, database)
    app = Flask("rounds", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        JSON_AS_ASCII=False,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=_REDIS_OPTIONS if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
    )
    if settings.proxies:
        # Otherwise all tablets share one address, and one who guesses passwords shuts out all of them.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
    house = build_services(settings, clock, database)
    app.extensions[EXTENSION] = house
    errors.register(app)
    headers.register(app)
    limiter.init_app(app)
    fairness.register(app, settings.device_limit)
    openapi.build(app, BLUEPRINTS)
    app.register_blueprint(docs_page.blueprint)
    app.register_blueprint(app_files.blueprint)
    app.extensions[REALTIME] = Realtime(app, house, settings.redis_url)
    return app
