"""Puts the house together: settings and a clock in, a WSGI app out."""

from __future__ import annotations

from flask import Flask

from server.api import BLUEPRINTS, app_files, docs_page, errors, headers, openapi
from server.api.limits import limiter
from server.api.services import EXTENSION, Services
from server.clock import Clock
from server.config import Settings
from server.exchange import Exchange, Rights
from server.realtime import Realtime
from server.storage.accounts import Accounts
from server.storage.database import Database, open_database
from server.storage.devices import Devices
from server.storage.parked import ParkedCommits
from server.storage.schema import migrate
from server.storage.spaces import Spaces
from server.storage.store import SqlStore

VERSION = "0.1.0"
REALTIME = "rounds-realtime"


def build_services(settings: Settings, clock: Clock, database: Database) -> Services:
    """Storage, rules and engine, wired."""
    spaces = Spaces(database)
    rights = Rights(spaces, clock.today)
    store = SqlStore(database)
    return Services(
        clock=clock,
        exchange=Exchange(store, spaces, rights, clock),
        rights=rights,
        accounts=Accounts(database),
        devices=Devices(database),
        parked=ParkedCommits(database),
        app_folder=settings.app,
        version=VERSION,
    )


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """A ready app over a database that is brought to the newest schema first."""
    clock = clock or Clock.starting_at(settings.now)
    database = open_database(settings.database_url, settings.data)
    migrate(database, settings.data)
    app = Flask("rounds", static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, JSON_AS_ASCII=False)
    house = build_services(settings, clock, database)
    app.extensions[EXTENSION] = house
    errors.register(app)
    headers.register(app)
    limiter.init_app(app)
    openapi.build(app, BLUEPRINTS)
    app.register_blueprint(docs_page.blueprint)
    app.register_blueprint(app_files.blueprint)
    app.extensions[REALTIME] = Realtime(app, house)
    return app
