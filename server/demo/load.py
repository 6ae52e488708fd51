"""Loads the demo through the front door: every commit is pushed through the engine as its author, from his
own device and at the time of its arrival, so that receipts, log, projections and contacts are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from schemas.record import HEADQUARTERS, PROJECT
from schemas.version import PROTOCOL_VERSION
from server.demo import tables
from server.demo.accounts import ACCOUNTS, PASSWORD, PIN
from server.demo.generate import SEED, DemoPhoto, DemoPlan, DemoPush, generate
from server.evidence.arrival import Arrivals
from server.evidence.uploads import Upload
from server.exchange import Exchange, Identity
from server.rules.acts import Actor
from server.rules.pins import Secret, secret_of

# Says that a demo lives in a data folder, which one, and whether it was loaded whole.
MARK = "demo.json"
STEPS = 4
# So many people of the demo share a salt that only so many PINs must be derived; a PIN that somebody sets has
# a salt of its own.
SALTS = 4


class SpaceMaker(Protocol):
    """Makes spaces; one that exists stays as it is."""

    def create(
        self, space: str, type: str, name: str, generation: str, *, name_en: str | None, branch: str | None
    ) -> None: ...


class AccountMaker(Protocol):
    """Makes accounts; one that exists gets this password."""

    def add(self, user: str, username: str, password_hash: str, *, demo: bool) -> None: ...


class DeviceMaker(Protocol):
    """Notes devices as a sign-in does."""

    def register(self, device: str, name: str, public_key: str | None, now: str) -> object: ...


class PinMaker(Protocol):
    """Gives people PINs."""

    def give(self, secrets: Iterable[tuple[str, Secret]], actor: Actor) -> None: ...


@dataclass(frozen=True)
class DemoHouse:
    """What the demo is loaded into; storage is handed in. ``say`` is told of the progress."""

    exchange: Exchange
    spaces: SpaceMaker
    accounts: AccountMaker
    devices: DeviceMaker
    arrivals: Arrivals
    hash_password: Callable[[str], str]
    pins: PinMaker
    say: Callable[[str, str], None] = lambda chinese, english: None


@dataclass(frozen=True)
class Loaded:
    """Figures of a load."""

    records: int
    commits: int
    pushes: int
    photos: int


class DemoRefused(Exception):
    """The engine did not take in what the demo sent: the demo is wrong, or the folder holds another one."""


def keep_demo(house: DemoHouse, folder: Path, now: datetime, seed: int = SEED) -> Loaded | None:
    """Load the demo into an empty data folder, or end a load that was broken off; ``None``: nothing to do.

    Everything that is pushed twice counts once, so a load that was killed is simply done again, with the
    moment that it was begun with.
    """
    mark = folder / MARK
    begun: dict[str, Any]
    if not house.exchange.spaces.all():
        begun = {"moment": _text(now), "seed": seed, "done": False}
        _write(mark, begun)
    elif not mark.exists():
        return None
    else:
        begun = json.loads(mark.read_text(encoding="utf-8"))
        if begun["done"]:
            return None
    loaded = load_demo(house, datetime.fromisoformat(begun["moment"]), begun["seed"])
    _write(mark, {**begun, "done": True})
    return loaded


def load_demo(house: DemoHouse, now: datetime, seed: int = SEED) -> Loaded:
    """Make the demo of this moment (aware) and push all of it.

    Raises:
        DemoRefused: if a commit is not applied as it stands.
    """
    house.say(f"演示 1/{STEPS}：生成数据和照片", f"Demo 1/{STEPS}: making data and photos")
    plan = generate(now, seed)
    house.say(f"演示 2/{STEPS}：载入基础资料", f"Demo 2/{STEPS}: loading master data")
    _set_up(house, plan)
    checks = sum(len(push.commits) for push in plan.pushes)
    house.say(f"演示 3/{STEPS}：上传 {checks} 份检查", f"Demo 3/{STEPS}: pushing {checks} checks")
    _push_all(house, plan)
    count = len(plan.photos)
    house.say(f"演示 4/{STEPS}：上传 {count} 张照片", f"Demo 4/{STEPS}: uploading {count} photos")
    for photo in plan.photos:
        _upload(house, plan, photo)
    _give_pins(house, plan)
    # Last, for whoever asks whether there is a demo asks for its accounts.
    password = house.hash_password(PASSWORD)
    for account in ACCOUNTS:
        house.accounts.add(plan.user(account), account.username, password, demo=True)
    return _figures(plan)


def _set_up(house: DemoHouse, plan: DemoPlan) -> None:
    generation = plan.directory.ids.at(plan.directory.set_up_at, "generation")
    house.spaces.create(
        tables.HEADQUARTERS, HEADQUARTERS, "公司总部（演示）", generation,
        name_en="Headquarters (demo)", branch=None,
    )  # fmt: skip
    for space in tables.PROJECTS:
        centre = tables.table(space)["centre"]
        house.spaces.create(
            space, PROJECT, centre["name"], generation, name_en=centre["name_en"], branch=centre["branch"]
        )
    for work in plan.imports:
        _applied(house.exchange.bring(work.space, work.commits, user=work.user, now=_text(work.arrived_at)))
    for device, account in plan.devices.items():
        house.devices.register(device, account.device, None, _text(plan.directory.set_up_at))


def _give_pins(house: DemoHouse, plan: DemoPlan) -> None:
    """Everybody can sign: all with the same PIN, which is why deriving it once per salt is enough."""
    secrets = [secret_of(PIN, house.exchange.clock.new_salt()) for _ in range(SALTS)]
    importer = Actor(plan.directory.importer, "server", _text(plan.directory.set_up_at))
    house.pins.give(((person, secrets[at % SALTS]) for at, person in enumerate(plan.people)), importer)


def _push_all(house: DemoHouse, plan: DemoPlan) -> None:
    for push in plan.pushes:
        user, device = plan.user(push.account), plan.device(push.account)
        identity = Identity(user, push.account.username, device, house.exchange.rights.of(user))
        now = _text(push.arrived_at)
        answer = house.exchange.push(push.space, _envelope(push, user, device), identity, now)
        _applied(answer["results"])


def _envelope(push: DemoPush, user: str, device: str) -> dict[str, Any]:
    return {
        "device": device,
        "user": user,
        "protocol": PROTOCOL_VERSION,
        "device_time": _text(push.device_time),
        "unsent": push.unsent,
        "commits": list(push.commits),
    }


def _applied(results: Sequence[dict[str, Any]]) -> None:
    for result in results:
        if result["status"] != "applied":
            raise DemoRefused(f"commit {result['commit']} is {result['status']}: {result['reason']}")


def _upload(house: DemoHouse, plan: DemoPlan, photo: DemoPhoto) -> None:
    """As a whole tus upload: judged, thumbnail and all, and noted as sent by its author."""
    upload = Upload(
        id=plan.directory.ids.at(photo.arrived_at, "upload", photo.sha256),
        user=plan.user(photo.account),
        sha256=photo.sha256,
        mime=photo.mime,
        length=len(photo.data),
        metadata="",
        created_at=photo.arrived_at,
        expires_at=photo.arrived_at + timedelta(days=7),
    )
    uploads = house.arrivals.uploads
    if uploads.find(upload.user, upload.id) is None:
        uploads.create(upload)
    at = uploads.offset(upload)
    uploads.append(upload, at, photo.data[at:])
    house.arrivals.judge(upload, photo.arrived_at)


def _figures(plan: DemoPlan) -> Loaded:
    commits = [*_commits(plan)]
    created = sum(change["op"] == "create" for commit in commits for change in commit["changes"])
    return Loaded(created, len(commits), len(plan.pushes), len(plan.photos))


def _commits(plan: DemoPlan) -> Iterator[dict[str, Any]]:
    for work in plan.imports:
        yield from work.commits
    for push in plan.pushes:
        yield from push.commits


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _write(mark: Path, content: dict[str, Any]) -> None:
    temporary = mark.with_suffix(".new")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(mark)
