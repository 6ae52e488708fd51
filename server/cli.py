"""The commands: ``python -m server.cli serve`` and what keeps the database in order."""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.api import blobs
from server.api.passwords import hash_password
from server.api.services import Services
from server.app import VERSION, bring_up_to_date, build_services, create_app
from server.clock import Clock
from server.config import Settings
from server.demo.load import DemoHouse, keep_demo
from server.evidence.arrival import Arrivals
from server.evidence.seal import read_seal_key
from server.exchange.catalogue import engine_catalogue
from server.failures import Failure
from server.serving import Server
from server.storage.accounts import Accounts
from server.storage.blob_place import open_blobs
from server.storage.database import Database, open_database
from server.storage.devices import Devices
from server.storage.migration_writer import write_migration
from server.storage.pins import Pins
from server.storage.postgres import SCHEMES
from server.storage.schema import drift
from server.storage.spaces import Spaces
from server.storage.verify_reader import VerifyReader
from server.upkeep import command
from server.upkeep.restore import serving
from server.verify import words
from server.verify.problems import Figures
from server.verify.run import verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m server.cli", description="Rounds 巡岗")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="prepare the database and serve")
    commands.add_parser("migrations-check", help="fail if models and migrations disagree")
    write = commands.add_parser("migrations-write", help="write what is missing as the next migration")
    write.add_argument("name")
    described = commands.add_parser("openapi", help="write the description of the API into a file")
    described.add_argument("file", type=Path)
    commands.add_parser("verify", help="prove every chain, record, photo and signature; reads only")
    kept = commands.add_parser("backup", help="back up into a folder, also while the server runs")
    kept.add_argument("folder", type=Path)
    back = commands.add_parser("restore", help="bring back a backup; no server may run")
    back.add_argument("backup", type=Path)
    commands.add_parser("restored", help="after a restore by other means: devices rebuild and send again")
    chosen = parser.parse_args(arguments)
    if chosen.command == "openapi":
        return write_openapi(chosen.file)
    if chosen.command == "migrations-check":
        return migrations_check()
    if chosen.command == "migrations-write":
        print(write_migration(chosen.name) or "Nothing to write: models and migrations agree.")
        return 0
    try:
        if chosen.command == "serve":
            settings = Settings.from_environment()
            return serve(settings, Clock.starting_at(settings.now))
        return upkeep(chosen)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def upkeep(chosen: argparse.Namespace) -> int:
    """Verify, back up or restore: 0; 1 if something is wrong with what is kept; 4 if the machine cannot.

    Raises:
        ValueError: in words, if what was asked for cannot be.
    """
    # Named, so that none is made: verifying writes nothing, and a restored key comes from the backup.
    found = Settings.from_environment({**os.environ, "ROUNDS_SECRET_KEY": "unused"})
    try:
        if chosen.command == "verify":
            return verify_data(found)
        if chosen.command == "backup":
            return back_up(found, chosen.folder)
        if chosen.command == "restored":
            return declare_restored(found)
        return bring_back(found, chosen.backup)
    except (OSError, sqlite3.Error, Failure) as error:
        print(f"未能完成 It could not be done: {error}", file=sys.stderr)
        return 4


def write_openapi(file: Path) -> int:
    """Write the OpenAPI document that the server answers, for committing and comparing."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder), secret_key="", app=Path(folder)))
        document = app.test_client().get("/api/v1/openapi.json").get_json()
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0


def migrations_check() -> int:
    """0 if a database made by the migrations is what the models say; on PostgreSQL too if one is named."""
    found = drift()
    url = os.environ.get("ROUNDS_DATABASE_URL", "")
    if url.startswith(SCHEMES):
        found += [f"PostgreSQL: {line}" for line in drift(url)]
    for line in found:
        print(line)
    if found:
        print("Models and migrations disagree: python -m server.cli migrations-write <name>")
    return 1 if found else 0


def verify_data(settings: Settings) -> int:
    """0 if what is stored is what was taken in and signed; 1 with a line for each thing that is not."""
    if not settings.database_url and not (settings.data / "rounds.sqlite3").exists():
        _say(f"{settings.data} 里没有数据。", f"There are no data in {settings.data}.")
        return 2
    originals = open_blobs(settings.blobs_url, settings.data)
    database = open_database(settings.database_url, settings.data)
    reader, figures = VerifyReader(database), Figures()

    def look(ident: str) -> Mapping[str, Any]:
        found = reader.records([ident]).get(ident)
        return found.record.data if found is not None and found.record is not None else {}

    try:
        keys = _seal_keys(settings.data)
        for problem in verify(reader, originals, engine_catalogue(), keys, figures):
            _say(words.line(problem, look))
    finally:
        database.close()
    _say(*words.summary(figures))
    return 1 if figures.wrong else 0


def back_up(settings: Settings, folder: Path) -> int:
    """0 if the house is safely in the folder; see `server.upkeep.backup`."""
    database = open_database(settings.database_url, settings.data)
    blobs, now = open_blobs(settings.blobs_url, settings.data), Clock.starting_at(settings.now).now()
    try:
        return command.backup(database, blobs, settings.data, folder, now, VERSION, _say)
    finally:
        database.close()


def bring_back(settings: Settings, place: Path) -> int:
    """0 if the house is that of the backup; see `server.upkeep.restore`."""
    clock = Clock.starting_at(settings.now)
    database = open_database(settings.database_url, settings.data)
    blobs = open_blobs(settings.blobs_url, settings.data)
    try:
        return command.restore(database, blobs, settings.data, place, clock.now(), clock.new_id, _say)
    finally:
        database.close()


def declare_restored(settings: Settings) -> int:
    """0 if devices will see a restored server; see `server.upkeep.restore`."""
    clock = Clock.starting_at(settings.now)
    database = open_database(settings.database_url, settings.data)
    try:
        blobs = open_blobs(settings.blobs_url, settings.data)
        return command.restored(database, blobs, settings.data, clock.new_id, _say)
    finally:
        database.close()


def _seal_keys(data: Path) -> dict[str, Mapping[str, str]]:
    """The public half of the server's key by its id; none where the file is gone or spoilt, and then every
    seal is said to be by another key."""
    try:
        seal = read_seal_key(data)
    except ValueError as error:
        _say(str(error))
        return {}
    return {} if seal is None else {seal.id: seal.public_key}


def serve(settings: Settings, clock: Clock) -> int:
    """Prepare the data folder, then serve until stopped."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    status = prepare_apart(settings, clock)
    if status:
        return status
    database = open_database(settings.database_url, settings.data)
    try:
        demo = Accounts(database).demo_usernames()
    finally:
        # The worker is forked from this process, and a connection must not be.
        database.close()
    if demo and not settings.loopback and not settings.demo_on_network:
        _say(
            f"有演示账号（密码 demo），拒绝监听 {settings.host}；只允许本机访问。",
            f"There are demo accounts (password demo): refusing to listen on {settings.host}.",
            "ROUNDS_ALLOW_DEMO_ON_NETWORK=1",
        )
        return 3
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"

    def ready() -> None:
        _say(f"巡岗已就绪：{address}", f"Rounds is ready: {address}")
        if demo:
            _say(f"演示账号（密码 demo） demo accounts (password demo): {', '.join(demo)}")

    arguments = os.environ.get("GUNICORN_CMD_ARGS", "")
    # Handed on to the worker: nobody restores a backup under a server that runs.
    with serving(settings.data):
        Server(lambda: create_app(settings, clock), f"{host}:{settings.port}", ready, arguments).run()
    return 0


def prepare_apart(settings: Settings, clock: Clock) -> int:
    """Prepare in a process that then ends; its exit status.

    The worker is forked from ours, and a client of a blob store that was used before does not survive that:
    its threads stay behind, and the first photo would wait for them forever.
    """

    def work() -> None:
        database = open_database(settings.database_url, settings.data)
        try:
            prepare(settings, clock, database)
        except ValueError as error:
            print(error, file=sys.stderr)
            sys.exit(2)
        finally:
            database.close()

    child = multiprocessing.get_context("fork").Process(target=work, name="rounds-prepare")
    child.start()
    child.join()
    return child.exitcode or 0


def prepare(settings: Settings, clock: Clock, database: Database) -> Services:
    """Bring the database to the newest schema; load the demo project into an empty one."""
    applied = bring_up_to_date(settings, database)
    if applied:
        _say(f"数据库已更新 database brought up to date: {', '.join(applied)}")
    house = build_services(settings, clock, database)
    open_blobs(settings.blobs_url, settings.data).check()
    if settings.demo:
        # Servers that start at once load it once: the others wait here, and then find it whole.
        with database.dialect.one_process(database.peewee, settings.data):
            _load_demo(house, settings, clock, database)
    return house


def _load_demo(house: Services, settings: Settings, clock: Clock, database: Database) -> None:
    """Load the demo project of today into an empty folder, or end a load that was broken off."""
    arrivals: Arrivals = house.parts[blobs.BLOBS].arrivals
    spaces, accounts, devices = Spaces(database), Accounts(database), Devices(database)
    pins = Pins(database)
    demo = DemoHouse(house.exchange, spaces, accounts, devices, arrivals, hash_password, pins, _say)
    keep_demo(demo, settings.data, clock.now())


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
