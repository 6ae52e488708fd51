"""The server of a history: the engine behind a door that knows devices, rights, formats, blobs and accidents.

What is modelled here is what `server.exchange` and the API put around the engine. It keeps nothing between
requests but what a restored server would keep as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sync.change import SERVER, Author
from sync.parking import Outcome, discard, retry
from sync.ports import Context, SpaceTransaction
from sync.pull import Gone, pull
from sync.push import push
from sync.resolve import Refused, Resolution, Stale, resolve
from tests.simulation.backends import Backend
from tests.simulation.cast import FORMAT, SPACES, Formats, Rights, Rules

Answer = dict[str, Any]
LACKS_RIGHTS = ("forbidden", "not_found")
UNREADABLE = ("unknown_format", "unknown_kind", "unknown_field")


class Crash(Exception):
    """The server process was killed, here and now."""


class Server:
    """Answers calls; `crash_at` names the point at which the next write transaction dies."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.rights, self.formats = Rights(), Formats()
        self.shut_out: dict[str, str] = {}
        """Devices that are `revoked` or `lost`."""
        self.blobs: dict[str, set[str]] = {}
        """Verified bytes by hash, with the users who sent them."""
        self.backed_up: dict[str, int] = {}
        self.crash_at: str | None = None
        self.worker = 0
        self.generation = 1
        self.pokes: list[str] = []
        """Spaces that changed: what a socket would say, if it reached anybody."""
        self.held: Callable[[], None] | None = None
        """Called once when the next write transaction has decided and has not committed yet."""
        self.at_door: Callable[[], None] | None = None
        """Called once before the next write transaction asks for its space."""
        self._count = 0

    # what devices call ------------------------------------------------------------------------------------

    def call(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        """One request of a device; the answer has a `status` like HTTP's."""
        if self.shut_out.get(device) == "lost":
            return {"status": 403, "wipe": True, "lost": True}
        call = asked["call"]
        if device in self.shut_out and call in ("pull", "scope"):
            return {"status": 403, "wipe": True, "lost": False}
        answer: Answer = getattr(self, f"_{call}")(user, device, asked)
        return answer

    def _scope(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        spaces = {}
        for space in self.rights.spaces(user):
            with self.backend.snapshot(space, self.rights.reader(user, space)) as snapshot:
                spaces[space] = snapshot.head().epoch
        return {"status": 200, "spaces": spaces}

    def _push(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        space = asked["space"]
        context = self._context(space, Author(user, device), quarantine=device in self.shut_out)
        commits = [self.formats.read(raw, raw.get("format", FORMAT)) for raw in asked["commits"]]
        with self._writing(space) as tx:
            outcome = push(tx, context, commits)
            epoch = self.backend.epoch(outcome.head.epoch, self.rights.reader(user, space))
        self.pokes.append(space)
        return {
            "status": 200,
            "epoch": epoch,
            "head": outcome.head.seq,
            "backed_up_seq": self.backed_up.get(space, 0),
            "results": [result.as_json() for result in outcome.results],
        }

    def _pull(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        space = asked["space"]
        if not self.rights.audiences(user, space):
            return {"status": 404}
        with self.backend.snapshot(space, self.rights.reader(user, space)) as snapshot:
            page = pull(
                snapshot,
                since=asked["since"],
                epoch=asked["epoch"],
                at=asked["at"],
                limit=asked["limit"],
                checksum=asked["checksum"],
            )
        if isinstance(page, Gone):
            return {"status": 410, "reason": page.reason}
        rows = [json.loads(row) if isinstance(row, str) else row for row in page.rows]
        return {
            "status": 200,
            "epoch": page.epoch,
            "since": page.since,
            "to": page.to,
            "head": page.head,
            "at": page.at,
            "more": page.more,
            "records": rows,
            "checksum": page.checksum,
            "backed_up_seq": self.backed_up.get(space, 0),
        }

    def _upload(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        """The bytes are hashed here; the name of a blob is nobody's claim."""
        self.blobs.setdefault(f"sha-{asked['bytes']}", set()).add(user)
        return {"status": 200}

    def _have(self, user: str, device: str, asked: Mapping[str, Any]) -> Answer:
        return {"status": 200, "held": [sha for sha in asked["sha256"] if self._may_ask(user, sha)]}

    def _may_ask(self, user: str, sha: str) -> bool:
        """Only for blobs that this user sent, or that a readable photo shows whose author sent them."""
        senders = self.blobs.get(sha)
        if senders is None or user in senders:
            return senders is not None
        for space in self.rights.spaces(user):
            for record in self.backend.view(space).state[1].values():
                if record.kind == "photo" and record.data.get("sha256") == sha and record.author in senders:
                    return self.rights.may_read(user, space, record.audience)
        return False

    def bring(self, space: str, commit: Mapping[str, Any]) -> None:
        """A commit of the built-in device."""
        with self._writing(space) as tx:
            push(tx, self._context(space, Author("admin", SERVER)), [self.formats.read(commit)])

    # what the office does ---------------------------------------------------------------------------------

    def decide(self, user: str, space: str, resolution: Resolution) -> Outcome | Stale | Refused | None:
        """A reviewer decides; `None`: he may not read the conflict (404)."""
        conflict = self.backend.view(space).state[1].get(resolution.conflict)
        if conflict is None or not self.rights.may_read(user, space, conflict.audience):
            return None
        with self._writing(space) as tx:
            answer = resolve(tx, self._context(space, Author(user, SERVER)), resolution)
        self.pokes.append(space)
        return answer

    def retry(self, space: str, ids: Sequence[str]) -> Outcome:
        """Judge parked commits anew."""
        with self._writing(space) as tx:
            return retry(tx, self._context(space, Author("admin", SERVER)), ids)

    def discard(self, space: str, ident: str) -> Outcome:
        """Give a parked commit up."""
        with self._writing(space) as tx:
            return discard(tx, self._context(space, Author("admin", SERVER)), ident, "given up")

    def second_look(self, codes: Sequence[str], user: str | None = None) -> None:
        """Rights or formats came: what was parked for want of them is judged anew."""
        for space in SPACES:
            parked = [p for p in self.backend.view(space).parked.values() if p.state == "parked"]
            wanted = [p for p in parked if p.reason["code"] in codes and user in (None, p.user)]
            if wanted:
                wanted.sort(key=lambda p: (p.user, p.device, p.n or 0, p.id))
                self.retry(space, [p.id for p in wanted])

    def start(self) -> None:
        """A new process, after a crash or a restore: it looks whether what is parked can be read and judged
        by now, since whoever was to look may have died over it."""
        self.crash_at = None
        self.backend.after_crash()
        self.second_look(LACKS_RIGHTS + (UNREADABLE if self.formats.learned else ()))

    def restore(self, copy: Any) -> None:
        """An older backup; blobs are backed up apart and never rolled back."""
        kept, heads = copy
        self.generation += 1
        self.backend.restore(kept, f"e{self.generation}")
        self.backed_up = dict(heads)
        self.start()

    def backup(self) -> Any:
        """A copy, and how far each space is in it; from now on `backed_up_seq` says so."""
        heads = {space: self.backend.view(space).state[0].seq for space in SPACES}
        self.backed_up = heads
        return self.backend.backup(), dict(heads)

    # transactions -----------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, space: str) -> Iterator[SpaceTransaction]:
        """A write transaction that may be killed before, within or after."""
        point, self.crash_at = self.crash_at, None
        held, self.held = self.held, None
        worker, door, self.at_door = self.worker, self.at_door, None
        if door is not None:
            door()
        with self.backend.transaction(space, worker) as tx:
            if point == "before":
                raise Crash(point)
            yield tx
            if held is not None:
                held()
            if point == "written":
                raise Crash(point)
        if point == "committed":
            raise Crash(point)

    def _context(self, space: str, author: Author, *, quarantine: bool = False) -> Context:
        self._count += 1
        return Context(
            self.formats.catalogue,
            Rules(self.rights, space),
            author,
            f"2026-11-23T09:00:00.{self._count:06}+08:00",
            self._new_id,
            self._new_salt,
            quarantine,
            self.formats.read,
        )

    def _new_id(self) -> str:
        self._count += 1
        return f"made-{self._count:05}"

    def _new_salt(self) -> bytes:
        self._count += 1
        return b"salt" + self._count.to_bytes(8, "big")
