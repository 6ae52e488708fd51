"""The demo project for one moment: what was set up, what every tablet sent since, and the photos.

Pure: no clock and no chance is read here. The same moment and seed make the same plan, byte for byte, on one
machine (photos depend on its fonts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from server.demo import master
from server.demo.accounts import BY_PERSON, DemoAccount
from server.demo.checks import Recorder
from server.demo.directory import Directory
from server.demo.rounds import RECENT, Plan, Rounds, Sync, plan_rounds
from server.demo.story import PauseStory
from server.demo.tables import HEADQUARTERS, PROJECTS
from server.rules.business_date import BUSINESS_ZONE

SEED = 20261102
_DAY = timedelta(days=1)
_MOST_OFFSET_MS = 2500
_OPENED_BEFORE, _SENT_AFTER = timedelta(seconds=25), timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Import:
    """Commits of the built-in device ``server``, in the name of ``user``."""

    space: str
    user: str
    arrived_at: datetime
    commits: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DemoPush:
    """What one device sent at one go; without commits it is the heartbeat of an app that was opened.
    ``device_time``: by its own clock; ``unsent``: as protocol section 2 counts it."""

    space: str
    account: DemoAccount
    arrived_at: datetime
    device_time: datetime
    unsent: int
    commits: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DemoPhoto:
    """The bytes of a photo as its author's device uploaded them."""

    sha256: str
    mime: str
    data: bytes
    account: DemoAccount
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Everything that the demo consists of. ``pushes`` and ``photos`` are in the order of their arrival."""

    now: datetime
    seed: int
    directory: Directory
    imports: tuple[Import, ...]
    pushes: tuple[DemoPush, ...]
    photos: tuple[DemoPhoto, ...]

    def user(self, account: DemoAccount) -> str:
        """The user id of an account."""
        return self.directory.person(account.person)

    def device(self, account: DemoAccount) -> str:
        """The id of an account's device."""
        return self.directory.device(account.username)

    @property
    def people(self) -> list[str]:
        """The ids of everybody of the demo, with an account or without."""
        changes = (change for work in self.imports for commit in work.commits for change in commit["changes"])
        return [change["record"] for change in changes if change["kind"] == "person"]

    @property
    def devices(self) -> dict[str, DemoAccount]:
        """The devices that ever sent something, by id."""
        return {self.device(push.account): push.account for push in self.pushes}


def generate(now: datetime, seed: int = SEED) -> DemoPlan:
    """The demo as it stands at ``now`` (aware)."""
    plan = plan_rounds(now, seed)
    directory = Directory(seed, plan.starts_on)
    pushes: list[DemoPush] = []
    photos: list[DemoPhoto] = []
    for space in PROJECTS:
        for rounds in plan.rounds[space]:
            sender = _Sender(plan, directory, rounds)
            pushes += sender.pushes()
            photos += sender.photos
    pushes.sort(key=lambda push: (push.arrived_at, push.account.username))
    photos.sort(key=lambda photo: (photo.arrived_at, photo.sha256))
    return DemoPlan(now, seed, directory, tuple(_imports(directory, plan)), tuple(pushes), tuple(photos))


def _imports(directory: Directory, plan: Plan) -> Iterator[Import]:
    changes = {HEADQUARTERS: master.headquarters(directory)}
    changes |= {space: master.project(directory, space, plan.starts_on.isoformat()) for space in PROJECTS}
    for space, made in changes.items():
        commits = tuple(master.commits(directory, space, made))
        yield Import(space, directory.importer, directory.set_up_at, commits)


class _Sender:
    """One inspector's device: turns his rounds, and the pauses that he approved, into what it sent."""

    def __init__(self, plan: Plan, directory: Directory, rounds: Rounds) -> None:
        self.plan, self.directory, self.rounds = plan, directory, rounds
        self.space = rounds.inspector.space
        self.account = BY_PERSON[self.space, rounds.inspector.name]
        self.photos: list[DemoPhoto] = []
        self.today = plan.now.astimezone(BUSINESS_ZONE).date()
        chance = Random(f"checks {plan.seed} {self.today} {self.account.username}")
        offset = timedelta(milliseconds=chance.randint(-_MOST_OFFSET_MS, _MOST_OFFSET_MS))
        self.recorder = Recorder(directory, rounds.inspector, self.account.username, offset, chance)

    def pushes(self) -> Iterator[DemoPush]:
        """In the order of time; the app says that nothing is unsent when all is sent, and of late when it
        opens."""
        pauses = sorted(self._pauses(), key=lambda pause: pause.starts_on)
        opened_on = arrived_at = None
        for sync in self.rounds.syncs:
            day, begun = sync.visits[0].business_date, sync.visits[0].started_at
            while pauses and _decided_at(pauses[0]) < begun:
                yield self._pause(pauses.pop(0))
            if day != opened_on and self.today - day < RECENT:
                opened_on = day
                yield self._push(begun - _OPENED_BEFORE, ())
            yield self._checks(sync)
            arrived_at = sync.arrived_at
        for pause in pauses:
            yield self._pause(pause)
            arrived_at = _decided_at(pause) + _SENT_AFTER
        if arrived_at is not None:
            yield self._push(min(arrived_at + _SENT_AFTER, self.plan.now), ())

    def _checks(self, sync: Sync) -> DemoPush:
        commits = []
        for visit in sync.visits:
            commit, taken = self.recorder.check(visit)
            commits.append(commit)
            for photo in taken:
                sent = (photo.fields["sha256"], photo.fields["mime"], photo.data)
                self.photos.append(DemoPhoto(*sent, self.account, sync.arrived_at))
        return self._push(sync.arrived_at, tuple(commits))

    def _pauses(self) -> Iterator[PauseStory]:
        story = self.plan.stories[self.space]
        return (pause for pause in story.pauses if pause.approved_by == self.rounds.inspector.name)

    def _pause(self, pause: PauseStory) -> DemoPush:
        made_at = _decided_at(pause)
        fields = {
            "unit": self.directory.unit(self.space, pause.unit),
            "with_areas": False,
            "cause": pause.cause,
            "reason": pause.reason,
            "starts_on": pause.starts_on.isoformat(),
            "ends_on": pause.ends_on.isoformat(),
            "approved_by": self.recorder.user,
        }
        change = master.create(self.directory, "pause", made_at, (self.space, pause.unit), fields)
        commit = self.recorder.commit(made_at, f"pause {pause.unit}", [change])
        return self._push(made_at + _SENT_AFTER, (commit,))

    def _push(self, arrived_at: datetime, commits: tuple[dict[str, Any], ...]) -> DemoPush:
        device_time = arrived_at + self.recorder.offset
        return DemoPush(self.space, self.account, arrived_at, device_time, len(commits), commits)


def _decided_at(pause: PauseStory) -> datetime:
    """Late in the afternoon before it begins."""
    return datetime.combine(pause.starts_on - _DAY, time(16, 40), BUSINESS_ZONE)
